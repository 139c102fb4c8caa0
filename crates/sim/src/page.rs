use std::fmt::Write;

use abide_machine::testing::{Area, Subject, catalogue};

const ABOUT: &str = "\
# Properties

What must hold of Abide, whatever happens: the protocol's invariants, each as a predicate that a
program decides. They are in `crates/machine/src/testing/properties`, and this page is made from
them: `cargo run -p abide-sim -- properties --page > docs/properties.md` (a test compares the two).

Each looks at a *state*, at a *step* (a state, what the step has read, what it came to, and the next
state), or at an *answer*. They are evaluated after every step of every simulated or explored
history, after every step of the shard in its tests, on what a store holds, and, where *outside* says
so, on what `debug.snap` tells of the real server after every request.

A property that never had a chance to fail proves nothing. `cargo run --profile proof -p abide-sim --
properties` counts for each the cases in which it could have failed, and fails if there is none; and
for each a test holds a changed step, state or answer against it that it refuses.
";

/// The page of the documentation that lists every property.
pub fn page() -> String {
    let mut page = ABOUT.to_owned();
    let count = catalogue().count();
    writeln!(page, "\nThere are {count} of them.").expect("a string takes all");
    for area in Area::ALL {
        let about = area.about();
        let name = area.as_str();
        writeln!(page, "\n## {}{}: {about}\n", name[..1].to_uppercase(), &name[1..])
            .expect("a string takes all");
        page.push_str("| what holds | looks at | outside |\n|---|---|---|\n");
        for property in catalogue().filter(|property| property.area == area) {
            let subject = match property.subject() {
                Subject::State => "state",
                Subject::Step => "step",
                Subject::Answer => "answer",
            };
            let told = property.is_told() && property.subject() != Subject::Step;
            let outside = if told { "yes" } else { "" };
            writeln!(page, "| {} | {subject} | {outside} |", property.name)
                .expect("a string takes all");
        }
    }
    page
}

#[cfg(test)]
mod tests {
    use std::{collections::BTreeSet, fs, path::Path};

    use abide_machine::testing::catalogue;

    #[test]
    fn the_page_is_what_there_is() {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/properties.md");
        let there = fs::read_to_string(path).expect("the page is there");
        assert!(
            there == super::page(),
            "write it anew: cargo run -p abide-sim -- properties --page > docs/properties.md"
        );
    }

    #[test]
    fn no_two_have_one_name() {
        let mut names = BTreeSet::new();
        for property in catalogue() {
            assert!(names.insert(property.name), "{}", property.name);
        }
    }
}
