//! An address, as text.

use abide_protocol::{Address, RegisterListener, Request, limit};

/// Reads an address as the node does when it delivers, and as a request's validation does.
///
/// # Panics
/// When what must hold of any address does not hold.
pub fn check(bytes: &[u8]) {
    let Ok(text) = str::from_utf8(bytes) else { return };
    let read = Address::parse(text);
    match &read {
        Ok(address) => assert_eq!(write(address), text, "what was read is not what is written"),
        Err(why) => assert!(why.to_string().contains("address"), "{why}"),
    }
    // What validation lets through can be delivered, and only that.
    let request = RegisterListener { awaited: "a".into(), address: text.into() };
    let taken = Request::PromiseRegisterListener(request).validate();
    let key = !text.contains('\0') && text.len() <= limit::TEXT_BYTES;
    assert_eq!(taken.is_ok(), read.is_ok() && key, "{taken:?}");
}

fn write(address: &Address<'_>) -> String {
    match *address {
        Address::Any { group, id: None } => format!("poll://any@{group}"),
        Address::Any { group, id: Some(id) } => format!("poll://any@{group}/{id}"),
        Address::Uni { group, id } => format!("poll://uni@{group}/{id}"),
        Address::Http(url) => {
            assert!(url.starts_with("http://") || url.starts_with("https://"), "{url:?}");
            url.to_owned()
        }
    }
}
