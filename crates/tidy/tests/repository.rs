//! All checks, on this repository.

use std::sync::OnceLock;

use abide_tidy::{
    Problems, arrows,
    commands::{self, Known},
    faults, links,
    metadata::Metadata,
    paths, purity,
    repository::{self, File},
    root, sources, words,
};

fn files() -> &'static [File] {
    static FILES: OnceLock<Vec<File>> = OnceLock::new();
    FILES.get_or_init(|| repository::files(&repository::root()).expect("the files can be read"))
}

fn metadata() -> &'static Metadata {
    static METADATA: OnceLock<Metadata> = OnceLock::new();
    METADATA.get_or_init(|| Metadata::read(&repository::root()).expect("cargo answers"))
}

#[track_caller]
fn none(problems: Problems) {
    assert!(problems.is_empty(), "\n  {}\n", problems.join("\n  "));
}

#[test]
fn there_is_something_to_check() {
    assert!(files().iter().any(|file| file.path == "crates/machine/src/lib.rs"));
    assert!(metadata().closure("abide-cli").contains("abide-machine"));
}

#[test]
fn dependencies_point_one_way() {
    none(arrows::check(metadata()));
}

#[test]
fn pure_crates_are_built_on_nothing_impure() {
    none(purity::dependencies(metadata()));
}

#[test]
fn the_core_reaches_nowhere() {
    none(purity::sources(files()));
}

#[test]
fn backends_know_no_protocol() {
    none(words::check(files()));
}

#[test]
fn sources_are_short_and_finished() {
    none(sources::check(files()));
}

#[test]
fn no_file_names_a_machine() {
    none(paths::check(files()));
}

#[test]
fn links_lead_somewhere() {
    none(links::check(files()));
}

#[test]
fn documented_commands_exist() {
    let known = Known::new(files(), metadata(), abide_cli::grammar());
    none(commands::markdown(files(), &known));
    none(commands::help(&known));
}

#[test]
fn bugs_of_our_own_stay_out_of_programs() {
    none(faults::features(metadata()));
}

#[test]
fn bugs_of_our_own_are_at_one_place_each() {
    none(faults::places(files()));
}

#[test]
fn the_page_tells_who_catches_each_bug_of_our_own() {
    none(faults::page(files()));
}

#[test]
fn the_root_holds_no_litter() {
    none(root::check(files()));
}
