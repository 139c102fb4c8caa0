use std::fmt;

/// Where a message can be delivered.
///
/// ```
/// use abide_protocol::Address;
/// assert_eq!(
///     Address::parse("poll://any@workers/w1"),
///     Ok(Address::Any { group: "workers", id: Some("w1") }),
/// );
/// assert!(Address::parse("poll://uni@workers").is_err());
/// assert!(Address::parse("smtp://somebody").is_err());
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Address<'a> {
    /// `poll://any@group[/id]`: any member of the group, that member first if it is connected.
    Any {
        /// The group.
        group: &'a str,
        /// The member to prefer.
        id: Option<&'a str>,
    },
    /// `poll://uni@group/id`: exactly that member.
    Uni {
        /// The group.
        group: &'a str,
        /// The member.
        id: &'a str,
    },
    /// `http://…` or `https://…`: the message is posted there, and a 2xx answer means taken.
    Http(&'a str),
}

/// Why an address cannot be routed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AddressError(String);

impl fmt::Display for AddressError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for AddressError {}

impl<'a> Address<'a> {
    /// Reads an address.
    ///
    /// # Errors
    /// When no transport serves it; the text says which forms are served.
    pub fn parse(text: &'a str) -> Result<Self, AddressError> {
        if let Some(rest) = text.strip_prefix("poll://") {
            return Self::parse_poll(rest).ok_or_else(|| {
                AddressError(format!(
                    "the address {text:?} is malformed: use poll://any@group, \
                     poll://any@group/id or poll://uni@group/id"
                ))
            });
        }
        let host = text.strip_prefix("http://").or_else(|| text.strip_prefix("https://"));
        match host {
            Some(host) if !host.is_empty() && !host.starts_with(['/', '?', '#']) => {
                if text.contains(|c: char| c.is_whitespace() || c.is_control()) {
                    return Err(AddressError(format!("the address {text:?} holds white space")));
                }
                Ok(Address::Http(text))
            }
            Some(_) => Err(AddressError(format!("the address {text:?} names no host"))),
            None => Err(AddressError(format!(
                "no transport serves the address {text:?}: use poll://any@group[/id], \
                 poll://uni@group/id, http:// or https://"
            ))),
        }
    }

    fn parse_poll(rest: &'a str) -> Option<Self> {
        let (cast, member) = rest.split_once('@')?;
        let (group, id) = match member.split_once('/') {
            Some((group, id)) => (group, Some(id)),
            None => (member, None),
        };
        if group.is_empty() || id.is_some_and(str::is_empty) {
            return None;
        }
        match cast {
            "any" => Some(Address::Any { group, id }),
            "uni" => Some(Address::Uni { group, id: id? }),
            _ => None,
        }
    }
}
