//! Durable functions of another crate.

pub mod greetings {
    //! Greetings.

    use abide::{Result, durable};

    /// Greets somebody.
    #[durable]
    pub async fn greet(name: String) -> Result<String> {
        Ok(format!("hello {name}, {}", age(36).await?))
    }

    /// Nobody but this crate, and whoever knows its name, can call it.
    #[durable(name = "elsewhere/age")]
    async fn age(years: u32) -> Result<u32> {
        Ok(years + 1)
    }
}
