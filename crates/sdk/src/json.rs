//! JSON that is put together by hand: each step writes some, and formatting takes longer.

/// Adds a text in quotes.
pub(crate) fn push_text(json: &mut String, text: &str) {
    // Every byte is looked at, since that is done for many at once.
    let escaped = |byte: u8| byte < b' ' || byte == b'"' || byte == b'\\';
    if !text.bytes().fold(false, |found, byte| found | escaped(byte)) {
        json.push('"');
        json.push_str(text);
        json.push('"');
    } else {
        json.push_str(&serde_json::Value::from(text).to_string());
    }
}

/// Adds a number.
pub(crate) fn push_number(json: &mut String, number: u64) {
    json.push_str(itoa::Buffer::new().format(number));
}

/// Adds a number as sixteen digits.
pub(crate) fn push_hex(json: &mut String, number: u64) {
    let mut digits = [0; 16];
    for (place, digit) in digits.iter_mut().rev().enumerate() {
        *digit = b"0123456789abcdef"[(number >> (4 * place) & 0xf) as usize];
    }
    json.push_str(str::from_utf8(&digits).expect("digits are text"));
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn it_is_what_a_serializer_writes(text in "(?s).*", number: u64) {
            let mut json = String::new();
            super::push_text(&mut json, &text);
            prop_assert_eq!(&json, &serde_json::to_string(&text).unwrap());
            json.clear();
            super::push_number(&mut json, number);
            prop_assert_eq!(&json, &serde_json::to_string(&number).unwrap());
            json.clear();
            super::push_hex(&mut json, number);
            prop_assert_eq!(json, format!("{number:016x}"));
        }
    }
}
