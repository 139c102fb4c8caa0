#![no_main]

use std::sync::OnceLock;

use abide_fuzz::targets::{self, Check};

static CHECK: OnceLock<Check> = OnceLock::new();

libfuzzer_sys::fuzz_target!(
    init: {
        let name = std::env::var("FUZZ_TARGET").unwrap_or_default();
        let target = targets::TARGETS.iter().find(|(known, _)| *known == name);
        let (_, check) = target.unwrap_or_else(|| {
            let names: Vec<_> = targets::TARGETS.iter().map(|(name, _)| *name).collect();
            eprintln!("set FUZZ_TARGET to one of: {}", names.join(" "));
            std::process::exit(2);
        });
        CHECK.get_or_init(|| *check);
    },
    |bytes: &[u8]| CHECK.get().expect("it is set at the beginning")(bytes)
);
