//! The HTTP server: API, message delivery and metrics over a node.
