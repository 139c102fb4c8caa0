//! What must hold of any input. The fuzz targets call these, and so do the ordinary tests.

pub mod address;
pub mod answer;
pub mod batch;
pub mod conversation;
pub mod cron;
pub mod envelope;
pub mod id;
pub mod journal;
pub mod message;
pub mod payload;
pub mod record;
pub mod targets;
