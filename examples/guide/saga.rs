//! The program of `docs/guide/08-saga.md`.

use abide::prelude::*;

#[durable]
async fn trip(to: String) -> Result<String> {
    let flight = book("flight".to_owned(), to.clone()).await?;
    match book("hotel".to_owned(), to.clone()).await {
        Ok(hotel) => Ok(format!("{flight} and {hotel} to {to}")),
        Err(error) => {
            // A compensation is a durable call like any other: it will happen.
            cancel(flight).await?;
            Err(error)
        }
    }
}

#[durable(retry = Retry::never())]
async fn book(what: String, to: String) -> Result<String> {
    if what == "hotel" && to == "Atlantis" {
        return Err(Error::application("all hotels are under water"));
    }
    println!("booked a {what} to {to}");
    Ok(what)
}

#[durable]
async fn cancel(what: String) -> Result<()> {
    println!("canceled the {what}");
    Ok(())
}

#[tokio::main]
async fn main() -> Result<()> {
    let abide = Abide::open("saga.abide").await?;
    for city in ["Vienna", "Atlantis"] {
        match abide.run(&format!("trip/{city}"), trip(city.to_owned())).await {
            Ok(trip) => println!("{trip}"),
            Err(error) => println!("no trip to {city}: {}", error.message()),
        }
    }
    Ok(())
}
