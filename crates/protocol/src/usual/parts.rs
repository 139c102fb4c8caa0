use crate::{
    Response, VERSION,
    json::{Reader, Unfit, Write, text},
};

/// Reads an envelope in one go, as everybody writes it: `data`, whose shape the others tell, after
/// them.
///
/// # Errors
/// When it is in another order too, which is not wrong.
pub(crate) fn read_parts<'de, H, T>(
    reader: &mut Reader<'de>,
    read_head: impl Fn(&mut Reader<'de>) -> Result<H, Unfit>,
    read_data: impl FnOnce(Option<&'de str>, Option<H>, &mut Reader<'de>) -> Result<T, Unfit>,
) -> Result<T, Unfit> {
    let (mut kind, mut head) = (None, None);
    reader.open(b'{')?;
    // The usual order.
    if reader.takes_key(b"\"kind\":") {
        kind = Some(reader.plain_string()?);
    }
    if reader.takes_key(b"\"head\":") {
        head = Some(read_head(reader)?);
    }
    while !reader.takes_key(b"\"data\":") {
        match reader.key()? {
            Some("kind") if kind.is_none() => kind = Some(reader.plain_string()?),
            Some("head") if head.is_none() => head = Some(read_head(reader)?),
            Some("data") => break,
            None | Some("kind" | "head") => return Err(Unfit),
            Some(_) => reader.skip()?,
        }
    }
    let data = read_data(kind, head, reader)?;
    while let Some(key) = reader.key()? {
        match key {
            "kind" | "head" | "data" => return Err(Unfit),
            _ => reader.skip()?,
        }
    }
    Ok(data)
}

/// Begins an envelope: all of it up to what its head says of its own.
pub(crate) fn begin(kind: &str, corr_id: &str, out: &mut Vec<u8>) {
    out.extend_from_slice(b"{\"kind\":");
    text(kind, out);
    out.extend_from_slice(b",\"head\":{\"corrId\":");
    text(corr_id, out);
}

/// Writes the version, which ends an ordinary head, what else is in the head, and all before the
/// data.
#[inline]
pub(crate) fn end_head(out: &mut Vec<u8>, more: impl FnOnce(&mut Vec<u8>)) {
    out.extend_from_slice(b",\"version\":\"");
    out.extend_from_slice(VERSION.as_bytes());
    out.push(b'"');
    more(out);
    out.extend_from_slice(b"},\"data\":");
}

/// Writes an envelope of a request within another.
pub(super) fn write_inner(kind: &str, corr_id: &str, data: &impl Write, out: &mut Vec<u8>) {
    begin(kind, corr_id, out);
    end_head(out, |_| {});
    data.write(out);
    out.push(b'}');
}

/// Writes an envelope of a response.
pub(crate) fn write_answer(kind: &str, corr_id: &str, response: &Response, out: &mut Vec<u8>) {
    begin(kind, corr_id, out);
    out.extend_from_slice(b",\"status\":");
    u64::from(response.status.code()).write(out);
    end_head(out, |_| {});
    response.body.write(out);
    out.push(b'}');
}
