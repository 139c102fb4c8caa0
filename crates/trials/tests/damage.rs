//! Some damage in the ordinary tests. Campaigns are `abide-trials damage`.
#![cfg(target_os = "linux")]

use std::process::Command;

#[test]
fn damage_is_told_or_harmless() {
    let output = Command::new(env!("CARGO_BIN_EXE_abide-trials"))
        .args(["damage", "--images", "120", "--threads", "2"])
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{said}");
    assert!(String::from_utf8_lossy(&output.stdout).contains("damage told or harmless: 12"));
}
