//! Bugs of our own: each is at one place, none can be in a program, and the page about them is
//! complete.

use std::collections::BTreeMap;

use abide_faults::{Fault, Layer};

use crate::{
    Problems,
    metadata::Metadata,
    repository::File,
    tokens::{self, Kind},
};

/// The crate that the bugs are switched on in, and the feature that makes that possible.
const SWITCH: (&str, &str) = ("abide-faults", "armed");

/// The only package that may ask for it, by a feature of its own that is not a default.
const HUNTER: &str = "abide-sim";

/// The page.
const PAGE: &str = "docs/faults.md";

/// Where the bugs of a layer are.
fn directories(layer: Layer) -> &'static [&'static str] {
    match layer {
        Layer::Nowhere => &[],
        Layer::Machine => &["crates/machine/src/"],
        Layer::Engine => &["crates/engine/src/"],
        Layer::Store => &["crates/store/src/", "crates/sim/src/store/"],
        Layer::Node => &["crates/node/src/"],
    }
}

/// Finds packages by which a bug could come into a program.
pub fn features(metadata: &Metadata) -> Problems {
    let (switch, armed) = SWITCH;
    let wanted = format!("{switch}/{armed}");
    let mut problems = Problems::new();
    for package in metadata.members() {
        let name = &package.name;
        let asks =
            package.dependencies.iter().any(|it| it.name == switch && !it.features.is_empty());
        let feature = package.features.values().flatten().any(|it| *it == wanted);
        if asks || feature && name != HUNTER {
            problems.push(format!("{name} must not ask for {wanted}: only {HUNTER} may"));
        }
    }
    let id = metadata.packages.iter().find(|package| package.name == switch).map(|it| &it.id);
    let node = metadata.resolve.nodes.iter().find(|node| Some(&node.id) == id);
    if node.is_some_and(|node| node.features.iter().any(|feature| feature == armed)) {
        problems.push(format!("{wanted} is on although nobody has asked for it"));
    }
    problems
}

/// Finds bugs that are at no place, at several, or where their layer is not.
pub fn places(files: &[File]) -> Problems {
    let mut places: BTreeMap<String, Vec<&str>> = BTreeMap::new();
    for file in
        files.iter().filter(|file| file.is("rs") && !file.path.starts_with("crates/faults/"))
    {
        for name in planted(file) {
            places.entry(name).or_default().push(&file.path);
        }
    }
    let mut problems = Problems::new();
    for fault in Fault::ALL {
        let found = places.remove(fault.name()).unwrap_or_default();
        let within = |path: &&str| directories(fault.layer()).iter().any(|it| path.starts_with(it));
        let expected = usize::from(fault.layer() != Layer::Nowhere);
        if found.len() != expected || !found.iter().all(within) {
            let (name, layer) = (fault.name(), fault.layer());
            problems.push(format!("the bug {name} of the layer {layer:?} is at {found:?}"));
        }
    }
    problems
}

/// The names in `fault!(Name)`.
fn planted(file: &File) -> Vec<String> {
    let tokens = tokens::read(&file.text).unwrap_or_default();
    let named = tokens.windows(4).filter_map(|four| {
        let [fault, mark, open, name] = four else { return None };
        let texts = (&*fault.text, &*mark.text, &*open.text);
        (texts == ("fault", "!", "(") && name.kind == Kind::Ident).then(|| name.text.clone())
    });
    named.collect()
}

/// Finds bugs that the page does not tell of, or not as the catalogue does, or without saying who
/// catches them; and rows about no bug.
pub fn page(files: &[File]) -> Problems {
    let Some(page) = files.iter().find(|file| file.path == PAGE) else {
        return vec![format!("{PAGE} is missing")];
    };
    let rows = page.text.lines().filter_map(|line| line.strip_prefix("| `"));
    let mut rows: BTreeMap<&str, &str> = rows.filter_map(|row| row.split_once("` | ")).collect();
    let mut problems = Problems::new();
    for fault in Fault::ALL.iter().filter(|fault| fault.layer() != Layer::Nowhere) {
        let (name, sentence) = (fault.name(), fault.sentence());
        let row = rows.remove(name).and_then(|row| row.strip_prefix(sentence));
        let caught = row.and_then(|row| row.strip_prefix(" | ")).unwrap_or_default();
        if caught.trim_end_matches([' ', '|']).is_empty() {
            problems.push(format!("{PAGE} does not say who catches {name}: write it anew"));
        }
    }
    problems.extend(rows.keys().map(|name| format!("{PAGE} tells of {name}, which is no bug")));
    problems
}

#[cfg(test)]
mod tests {
    use super::{features, page, places, planted};
    use crate::{metadata::tests::workspace, repository::File};

    #[test]
    fn a_package_that_asks_for_bugs_is_found() {
        let mut metadata = workspace(&[("abide-sim", &[]), ("abide-server", &["abide-faults"])]);
        assert!(features(&metadata).is_empty());
        metadata.packages[1].dependencies[0].features = vec!["armed".into()];
        assert_eq!(features(&metadata).len(), 1);
        metadata.packages[1].dependencies[0].features.clear();
        let asked = vec!["abide-faults/armed".to_owned()];
        metadata.packages[0].features.insert("faults".into(), asked.clone());
        assert!(features(&metadata).is_empty());
        metadata.packages[1].features.insert("default".into(), asked);
        assert_eq!(features(&metadata).len(), 1);
    }

    #[test]
    fn bugs_that_are_always_on_are_found() {
        let mut metadata = workspace(&[("abide-faults", &[])]);
        metadata.resolve.nodes[0].features = vec!["armed".into()];
        assert_eq!(
            features(&metadata),
            ["abide-faults/armed is on although nobody has asked for it"]
        );
    }

    #[test]
    fn both_forms_are_found_and_comments_are_not() {
        let text = "fn f() { if fault!(A) {} fault!(B => g()); } // fault!(C)";
        assert_eq!(planted(&File::new("x.rs", text)), ["A", "B"]);
    }

    #[test]
    fn a_bug_at_two_places_is_found() {
        let line = "fn f() { fault!(MissingFence); }";
        let file = |path| File::new(path, line);
        let about = |files: &[File]| {
            places(files).iter().filter(|problem| problem.contains("MissingFence")).count()
        };
        assert_eq!(about(&[file("crates/machine/src/a.rs")]), 0);
        assert_eq!(about(&[file("crates/machine/src/a.rs"), file("crates/machine/src/b.rs")]), 1);
        assert_eq!(about(&[file("crates/node/src/a.rs")]), 1);
        assert_eq!(about(&[]), 1);
    }

    #[test]
    fn rows_about_nothing_and_bugs_without_a_row_are_found() {
        let text = "| `NoSuchBug` | It is none. | nobody |\n";
        let problems = page(&[File::new("docs/faults.md", text)]);
        assert!(problems.iter().any(|it| it.contains("MissingFence")));
        assert!(problems.iter().any(|it| it.ends_with("tells of NoSuchBug, which is no bug")));
    }
}
