use std::fmt;

use super::{Area, Property};

/// A property that does not hold.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Broken {
    /// What it says.
    pub name: &'static str,
    /// What it is about.
    pub area: Area,
    /// Why it does not hold.
    pub why: String,
}

impl Broken {
    pub(super) fn new(property: &Property, why: String) -> Self {
        Broken { name: property.name, area: property.area, why }
    }
}

impl fmt::Display for Broken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "broken ({}): {}\nbecause: {}", self.area, self.name, self.why)
    }
}

impl std::error::Error for Broken {}
