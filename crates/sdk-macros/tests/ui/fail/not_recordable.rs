use abide::{Result, durable};

struct Card;

#[derive(serde::Serialize)]
struct Receipt;

#[durable]
async fn charge(id: u32, card: Card, cards: Vec<Card>) -> Result<()> {
    let _ = (id, card, cards);
    Ok(())
}

#[durable]
async fn receipt() -> Result<Receipt> {
    Ok(Receipt)
}

#[durable]
async fn receipts() -> abide::Result<Vec<Receipt>> {
    Ok(vec![])
}

fn main() {}
