//! A copy of the repository in which one package has all its mutants.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs, io,
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

use serde_json::Value;

use crate::{
    mutant::Mutant,
    switch::{Number, Switches},
};

/// What asks which mutant is on; put at the end of the package's root.
const SWITCH: &str = r#"
mod mutant {
    pub(crate) fn on(number: u32) -> bool {
        static ON: std::sync::LazyLock<u32> = std::sync::LazyLock::new(|| {
            std::env::var("ABIDE_MUTANT").ok().and_then(|on| on.parse().ok()).unwrap_or(0)
        });
        *ON == number
    }
}
"#;

/// How a switch begins in the source, before its number.
const CALL: &str = "crate::mutant::on(";

/// The copy.
pub(crate) struct Program<'a> {
    place: PathBuf,
    package: &'a str,
    mutants: &'a [Mutant],
    sources: BTreeMap<&'a str, String>,
    /// The package's root without the switch.
    library: String,
}

impl<'a> Program<'a> {
    /// Copies the last commit to `place`.
    pub(crate) fn copy(
        package: &'a str,
        mutants: &'a [Mutant],
        place: PathBuf,
    ) -> io::Result<Self> {
        if place.exists() {
            fs::remove_dir_all(&place)?;
        }
        fs::create_dir_all(&place)?;
        let mut archive =
            Command::new("git").args(["archive", "HEAD"]).stdout(Stdio::piped()).spawn()?;
        let tar = archive.stdout.take().expect("it is piped");
        let unpacked = Command::new("tar").arg("x").current_dir(&place).stdin(tar).status()?;
        if !archive.wait()?.success() || !unpacked.success() {
            return Err(io::Error::other("git archive HEAD | tar x has failed"));
        }
        let mut sources = BTreeMap::new();
        for mutant in mutants {
            let path = mutant.file.as_str();
            sources.insert(path, fs::read_to_string(place.join(path))?);
        }
        let library = fs::read_to_string(root(&place, package))?;
        Ok(Program { place, package, mutants, sources, library })
    }

    /// Puts in as many mutants as compile, and says which. What does not compile here need not be
    /// wrong: a `const fn` cannot ask which mutant is on.
    pub(crate) fn switch(&self) -> io::Result<BTreeSet<Number>> {
        let root = root(&self.place, self.package);
        let mut left_out = BTreeSet::new();
        loop {
            fs::write(&root, &self.library)?;
            let placed = self.write(&left_out)?;
            let written = fs::read_to_string(&root)?;
            fs::write(&root, format!("#![allow(warnings)]\n{written}{SWITCH}"))?;
            let refused = self.refused()?;
            eprintln!("  {} switches, {} do not compile", placed.len(), refused.len());
            if refused.is_empty() {
                return Ok(placed);
            }
            left_out.extend(refused);
        }
    }

    /// Puts in one mutant without a switch, and says whether it compiles.
    pub(crate) fn alone(&self, number: Number) -> io::Result<bool> {
        fs::write(root(&self.place, self.package), &self.library)?;
        for (path, source) in &self.sources {
            fs::write(self.place.join(path), source)?;
        }
        let mutant = &self.mutants[number as usize - 1];
        let source = mutant.alone(&self.sources[mutant.file.as_str()]);
        fs::write(self.place.join(&mutant.file), source)?;
        let output = self.command(&["check", "--tests"]).stderr(Stdio::null()).output()?;
        Ok(is_built(&String::from_utf8_lossy(&output.stdout)))
    }

    fn write(&self, left_out: &BTreeSet<Number>) -> io::Result<BTreeSet<Number>> {
        let mut all = BTreeSet::new();
        for (path, source) in &self.sources {
            let numbered = (1..).zip(self.mutants);
            let own = numbered.filter(|(n, mutant)| mutant.file == *path && !left_out.contains(n));
            let (source, placed) = Switches::new(own).put(source).map_err(io::Error::other)?;
            fs::write(self.place.join(path), source)?;
            all.extend(placed);
        }
        Ok(all)
    }

    /// Whose switches the compiler complains about: an error is that of the last switch before it.
    fn refused(&self) -> io::Result<BTreeSet<Number>> {
        let output = self.cargo(&["check", "--tests"])?;
        let mut refused = BTreeSet::new();
        for message in messages(&output) {
            let message = &message["message"];
            if message["level"] != "error" {
                continue;
            }
            for span in message["spans"].as_array().into_iter().flatten() {
                let (Some(file), Some(line)) =
                    (span["file_name"].as_str(), span["line_end"].as_u64())
                else {
                    continue;
                };
                if span["is_primary"] == true {
                    refused.extend(self.last_switch(file, line as usize)?);
                }
            }
        }
        if refused.is_empty() && !is_built(&output) {
            let texts = messages(&output)
                .filter_map(|m| Some(m["message"]["rendered"].as_str()?.to_owned()));
            return Err(io::Error::other(texts.collect::<String>()));
        }
        Ok(refused)
    }

    fn last_switch(&self, file: &str, line: usize) -> io::Result<Option<Number>> {
        let source = fs::read_to_string(self.place.join(file))?;
        let before: String = source.lines().take(line).flat_map(|line| [line, "\n"]).collect();
        let switch = before.rfind(CALL).map(|at| &before[at + CALL.len()..]);
        let number = switch.and_then(|rest| rest.split_once("u32)")).map(|(number, _)| number);
        Ok(number.and_then(|number| number.parse().ok()))
    }

    /// Builds the tests: their programs.
    pub(crate) fn tests(&self) -> io::Result<Vec<PathBuf>> {
        let output = self.cargo(&["test", "--no-run", "--lib", "--tests"])?;
        let programs =
            messages(&output).filter_map(|m| m["executable"].as_str().map(PathBuf::from));
        Ok(programs.collect())
    }

    /// Where the tests are run.
    pub(crate) fn directory(&self) -> PathBuf {
        home(&self.place, self.package)
    }

    fn cargo(&self, arguments: &[&str]) -> io::Result<String> {
        let output = self.command(arguments).stderr(Stdio::inherit()).output()?;
        String::from_utf8(output.stdout).map_err(io::Error::other)
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let mut cargo = Command::new("cargo");
        cargo
            .args(arguments)
            .args(["-q", "-p", self.package, "--message-format", "json"])
            .current_dir(&self.place)
            .env("CARGO_TARGET_DIR", target(&self.place))
            .env("CARGO_PROFILE_DEV_DEBUG", "0")
            .env("CARGO_PROFILE_TEST_DEBUG", "0")
            .env("CARGO_PROFILE_DEV_OPT_LEVEL", "1")
            .env("CARGO_PROFILE_TEST_OPT_LEVEL", "1");
        cargo
    }
}

/// Where the package is in a copy.
fn home(place: &Path, package: &str) -> PathBuf {
    place.join("crates").join(package.trim_start_matches("abide-"))
}

fn root(place: &Path, package: &str) -> PathBuf {
    home(place, package).join("src/lib.rs")
}

fn is_built(output: &str) -> bool {
    messages(output).any(|m| m["reason"] == "build-finished" && m["success"] == true)
}

/// One directory for all copies: what they depend on is built once.
fn target(place: &Path) -> PathBuf {
    place.with_file_name("target")
}

fn messages(output: &str) -> impl Iterator<Item = Value> + '_ {
    output.lines().filter_map(|line| serde_json::from_str(line).ok())
}
