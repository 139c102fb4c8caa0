//! The program of `docs/guide/03-retry.md`.

use std::{
    sync::atomic::{AtomicU32, Ordering},
    time::Duration,
};

use abide::prelude::*;

/// A service that is down for the first two requests.
static REQUESTS: AtomicU32 = AtomicU32::new(0);

#[durable]
async fn report() -> Result<String> {
    let forecast = forecast("Vienna".to_owned()).await?;
    // An error that nobody can repair is an ordinary `Err`, at once.
    let nowhere = match locate("Atlantis".to_owned()).await {
        Ok(place) => place,
        Err(error) => format!("no place ({})", error.message()),
    };
    Ok(format!("{forecast}; Atlantis is {nowhere}"))
}

#[durable(retry = Retry::exponential(Duration::from_millis(100), Duration::from_secs(5)))]
async fn forecast(city: String) -> Result<String> {
    let request = REQUESTS.fetch_add(1, Ordering::Relaxed) + 1;
    println!("request {request}");
    if request < 3 {
        return Err(Error::application("the service is down"));
    }
    Ok(format!("sun in {city}"))
}

#[durable]
async fn locate(city: String) -> Result<String> {
    println!("looking for {city}");
    Err(Error::permanent("never heard of it"))
}

#[tokio::main]
async fn main() -> Result<()> {
    let abide = Abide::open("retry.abide").await?;
    println!("{}", abide.run("report/1", report()).await?);
    Ok(())
}
