use std::ops::Range;

/// Reads `N` (the seeds 0 to N - 1) or `A..B`.
pub(crate) fn parse(text: &str) -> Result<Range<u64>, String> {
    let number = |text: &str| {
        let digits: String = text.chars().filter(|it| *it != '_').collect();
        digits.parse::<u64>().map_err(|_| format!("{text:?} is no number: give N or A..B"))
    };
    let range = match text.split_once("..") {
        Some((from, to)) => number(from)?..number(to)?,
        None => 0..number(text)?,
    };
    if range.is_empty() {
        return Err(format!("there is no seed in {text:?}: give N or A..B"));
    }
    Ok(range)
}

#[cfg(test)]
mod tests {
    use super::parse;

    #[test]
    fn a_number_or_a_range() {
        assert_eq!(parse("100_000"), Ok(0..100_000));
        assert_eq!(parse("5..9"), Ok(5..9));
        for wrong in ["", "x", "9..5", "0", "-1"] {
            assert!(parse(wrong).is_err(), "{wrong}");
        }
    }
}
