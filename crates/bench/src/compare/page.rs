//! Where the results are kept: `performance.md`, and plots and raw data beside it.

use std::{fs, io, path::Path};

use super::{plot, results::Results};

const PAGE: &str = "performance.md";
const DIRECTORY: &str = "performance";

/// What is between these two lines of the page is written anew by each run.
const BEGIN: &str = "<!-- results: begin -->";
const END: &str = "<!-- results: end -->";

/// Writes the page, the plots and the raw data into a directory.
pub(crate) fn write(directory: &Path, results: &Results, table: &str) -> io::Result<()> {
    let place = directory.join(DIRECTORY);
    fs::create_dir_all(&place)?;
    let mut text = String::new();
    for (name, title, svg) in plot::all(results) {
        fs::write(place.join(name), svg)?;
        text.push_str(&format!("![{title}]({DIRECTORY}/{name})\n\n"));
    }
    let raw = serde_json::to_string_pretty(&results.raw())?;
    fs::write(place.join("raw.json"), raw + "\n")?;
    text.push_str(table);
    text.push_str(&format!("The figures of each round: [raw.json]({DIRECTORY}/raw.json).\n"));
    let page = directory.join(PAGE);
    let old = match fs::read_to_string(&page) {
        Ok(old) => old,
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            format!("# Performance\n\n{BEGIN}\n{END}\n")
        }
        Err(error) => return Err(error),
    };
    fs::write(&page, replace(&old, &text)?)
}

fn replace(page: &str, text: &str) -> io::Result<String> {
    let parts = page.split_once(BEGIN).and_then(|(before, rest)| {
        let (_, after) = rest.split_once(END)?;
        Some((before, after))
    });
    let missing = || io::Error::other(format!("{PAGE} lacks the line {BEGIN} or {END}"));
    let (before, after) = parts.ok_or_else(missing)?;
    Ok(format!("{before}{BEGIN}\n\n{text}\n{END}{after}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_is_between_the_markers_is_replaced() {
        let page = format!("# A\n\n{BEGIN}\nold\n{END}\n\nB\n");
        let once = replace(&page, "new\n").unwrap();
        assert_eq!(once, format!("# A\n\n{BEGIN}\n\nnew\n\n{END}\n\nB\n"));
        assert_eq!(replace(&once, "new\n").unwrap(), once);
        assert!(replace("# A\n", "new").is_err());
    }
}
