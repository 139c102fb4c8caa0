//! Values from outside that are recorded once and are the same ever after.

use std::{panic::Location, sync::Arc, time::SystemTime};

use serde::{Serialize, de::DeserializeOwned};

use crate::{
    call::Call,
    clock,
    core::{
        ask::{Ask, Kind, Options, Running},
        fingerprint,
        site::Site,
    },
    error::Result,
    function::ended,
};

/// The time, as it was when this was first asked.
///
/// ```
/// # use std::time::SystemTime;
/// # use abide::prelude::*;
/// # async fn example() -> Result<SystemTime> {
/// let ordered_at = now().await?;    // the same after every crash
/// # Ok(ordered_at)
/// # }
/// ```
#[track_caller]
pub fn now() -> Call<SystemTime> {
    value("now", Location::caller(), clock::system)
}

/// A random number, drawn once. Not for secrets.
///
/// ```
/// # use abide::prelude::*;
/// # async fn example() -> Result<u64> {
/// let die = random().await? % 6 + 1;    // thrown once
/// # Ok(die)
/// # }
/// ```
#[track_caller]
pub fn random() -> Call<u64> {
    value("random", Location::caller(), || fastrand::u64(..))
}

/// A random id (a UUID of version 4), drawn once. Not for secrets.
///
/// ```
/// # use abide::prelude::*;
/// # async fn example() -> Result<String> {
/// let voucher = format!("voucher/{}", uuid().await?);
/// # Ok(voucher)
/// # }
/// ```
#[track_caller]
pub fn uuid() -> Call<String> {
    value("uuid", Location::caller(), || uuid_of(fastrand::u128(..)))
}

fn value<T>(func: &str, caller: &Location<'static>, draw: fn() -> T) -> Call<T>
where
    T: Serialize + DeserializeOwned + Send + 'static,
{
    Call::from_ask(Ok(Ask {
        kind: Kind::Call,
        func: func.into(),
        args: "[]".into(),
        fingerprint: fingerprint::of(&serde_json::Value::Array(Vec::new())),
        site: Site::at(caller),
        options: Options::default(),
        body: Some(Arc::new(move || {
            Box::pin(ended(async move { Result::<T>::Ok(draw()) })) as Running
        })),
    }))
}

fn uuid_of(bits: u128) -> String {
    let version = 0x4 << 76;
    let variant = 0x2 << 62;
    let bits = (bits & !(0xf << 76) & !(0x3 << 62)) | version | variant;
    let hex = format!("{bits:032x}");
    format!("{}-{}-{}-{}-{}", &hex[..8], &hex[8..12], &hex[12..16], &hex[16..20], &hex[20..])
}

#[cfg(test)]
mod tests {
    use super::uuid_of;

    #[test]
    fn a_uuid_says_its_version_and_variant() {
        assert_eq!(uuid_of(0), "00000000-0000-4000-8000-000000000000");
        assert_eq!(uuid_of(u128::MAX), "ffffffff-ffff-4fff-bfff-ffffffffffff");
    }
}
