//! The link to an engine: over HTTP, or straight into a node.
