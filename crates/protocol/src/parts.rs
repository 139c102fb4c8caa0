use serde::{
    Deserialize,
    de::{Error, IgnoredAny, MapAccess},
};

/// The fields of an envelope.
#[derive(Deserialize)]
#[serde(field_identifier, rename_all = "lowercase")]
enum Field {
    Kind,
    Head,
    Data,
    #[serde(other)]
    Other,
}

/// Reads an envelope in one go, as everybody writes it: `data`, whose shape the others tell, after
/// them.
///
/// # Errors
/// When it is in another order too, which is not wrong.
pub(crate) fn read<'de, A: MapAccess<'de>, H: Deserialize<'de>, T>(
    mut map: A,
    data: impl FnOnce(Option<&'de str>, Option<H>, &mut A) -> Result<T, A::Error>,
) -> Result<T, A::Error> {
    let (mut kind, mut head) = (None, None);
    loop {
        match map.next_key()? {
            Some(Field::Kind) if kind.is_none() => kind = Some(map.next_value()?),
            Some(Field::Head) if head.is_none() => head = Some(map.next_value()?),
            Some(Field::Other) => drop(map.next_value::<IgnoredAny>()?),
            Some(Field::Data) => break,
            _ => return Err(A::Error::missing_field("data")),
        }
    }
    let data = data(kind, head, &mut map)?;
    while let Some(field) = map.next_key()? {
        match field {
            Field::Other => drop(map.next_value::<IgnoredAny>()?),
            _ => return Err(A::Error::custom("the data are not the last part")),
        }
    }
    Ok(data)
}
