//! A few power cuts in the ordinary tests. Campaigns are `abide-trials power`.
#![cfg(target_os = "linux")]

use std::process::Command;

#[test]
fn power_cuts_lose_nothing_acknowledged() {
    let output = Command::new(env!("CARGO_BIN_EXE_abide-trials"))
        .args(["power", "--images", "120", "--recordings", "4", "--threads", "2"])
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{said}");
    assert!(String::from_utf8_lossy(&output.stdout).contains("power cuts survived: 12"));
}
