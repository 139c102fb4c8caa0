//! What every system of the bench is measured with: see [`driver`].

pub mod driver;
