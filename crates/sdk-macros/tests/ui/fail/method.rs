use abide::{Result, durable};

struct Shop;

impl Shop {
    #[durable]
    async fn order(&self, id: u64) -> Result<u64> {
        Ok(id)
    }

    #[durable]
    async fn close(self) -> Result<()> {
        Ok(())
    }
}

fn main() {}
