//! The #[durable] attribute.
