use std::fmt::Write;

use abide_faults::Layer;

use super::{CHECKERS, Caught, Report};

/// The page, as seen from the root of the repository.
pub const PAGE: &str = "docs/faults.md";

const HEAD: &str = "\
# Bugs of our own

A checker that has never caught anything proves nothing. So Abide carries bugs of its own, planted one
at a time: each is one line `fault!(Name)` at the place where somebody could make the mistake, and the
literal `false` in every program ([0017](adr/0017-faults.md)). One command switches them on, one after
the other, and gives each to the checkers until one of them objects:

```
cargo run --profile proof -p abide-sim --features faults -- faults
```

It fails if a bug survives, and if anybody objects to the control, which is no bug. `--only NAME` tries
one, `--verbose` prints what was said to it, and `--write` writes this page anew, and what has caught
each bug (`crates/sim/src/faults/known.txt`). With every change `--known` lets that catch them again,
and hunts for those only that it no longer catches.

";

impl Report {
    /// The page about bugs of our own, with who has caught each.
    pub fn page(&self) -> String {
        let mut page = HEAD.to_owned();
        let _ = writeln!(
            page,
            "{} bugs, each given to the cheapest checker first:\n",
            self.caught(None)
        );
        page += "| checker | what it checks | has caught |\n|---|---|---|\n";
        for checker in CHECKERS {
            let (name, count) = (checker.name, self.caught(Some(checker.name)));
            let _ = writeln!(page, "| {name} | {} | {count} |", checker.about);
        }
        let layers = [
            (Layer::Machine, "In the protocol machine"),
            (Layer::Engine, "In the shard"),
            (Layer::Store, "In what is stored and how"),
            (Layer::Node, "In the shell around the shard"),
        ];
        for (layer, title) in layers {
            let _ = writeln!(
                page,
                "\n## {title}\n\n| bug | what goes wrong | caught by |\n|---|---|---|"
            );
            for finding in self.findings.iter().filter(|it| it.fault.layer() == layer) {
                let caught = finding.caught.as_ref().map(Caught::by).unwrap_or_default();
                let fault = finding.fault;
                let _ = writeln!(page, "| `{}` | {} | {caught} |", fault.name(), fault.sentence());
            }
        }
        page
    }
}

impl Report {
    /// How many bugs this checker has caught, or any.
    fn caught(&self, checker: Option<&str>) -> usize {
        let caught = self.findings.iter().filter_map(|finding| finding.caught.as_ref());
        caught.filter(|caught| checker.is_none_or(|name| caught.checker == name)).count()
    }
}

impl Caught {
    fn by(&self) -> String {
        let rule = self.rule().replace('|', "\\|");
        format!("{}: {rule}", self.checker)
    }
}
