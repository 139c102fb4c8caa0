use crate::support::run;

#[test]
fn every_shell_completes_every_command() {
    for shell in ["bash", "elvish", "fish", "powershell", "zsh"] {
        let script = run(&["completions", shell]).exits(0);
        for word in ["invoke", "resolve", "schedule", "retry-interval"] {
            assert!(script.stdout.contains(word), "{shell}: {word}");
        }
    }
}

#[test]
fn bash_takes_the_script() {
    let script = run(&["completions", "bash"]).exits(0).stdout;
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("abide.bash");
    std::fs::write(&path, script).unwrap();
    let Ok(output) = std::process::Command::new("bash").arg("-n").arg(&path).output() else {
        eprintln!("skipped: there is no bash here");
        return;
    };
    assert!(output.status.success(), "{output:?}");
}

#[test]
fn an_unknown_shell_is_told_the_known_ones() {
    run(&["completions", "tcsh"]).exits(2).says("possible values: bash");
}
