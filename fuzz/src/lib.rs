//! What must hold of any input. The fuzz targets call these, and so do the ordinary tests.

pub mod conversation;
pub mod envelope;
pub mod payload;
