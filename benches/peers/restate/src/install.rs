//! The server, as published on npm.

use std::{
    path::{Path, PathBuf},
    process::Command,
};

use anyhow::{Context as _, Result, ensure};

/// The directory with the lock file that pins the server's version.
const PACKAGE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/..");

/// The server's program, installed if it is not there yet.
pub(crate) fn server() -> Result<PathBuf> {
    let platform = match (std::env::consts::OS, std::env::consts::ARCH) {
        ("linux", "x86_64") => "linux-x64",
        ("linux", "aarch64") => "linux-arm64",
        ("macos", "x86_64") => "darwin-x64",
        ("macos", "aarch64") => "darwin-arm64",
        (os, arch) => anyhow::bail!("Restate publishes no server for {os} on {arch}"),
    };
    let program = Path::new(PACKAGE)
        .join("node_modules/@restatedev")
        .join(format!("restate-server-{platform}"))
        .join("bin/restate-server");
    if !program.exists() {
        install()?;
    }
    ensure!(program.exists(), "npm has installed no {}", program.display());
    Ok(program)
}

fn install() -> Result<()> {
    eprintln!("npm ci: installing Restate's server");
    let output = Command::new("npm")
        // The only script of the packages reports the installation to a third party.
        .args(["ci", "--ignore-scripts", "--no-audit", "--no-fund"])
        .current_dir(PACKAGE)
        .output()
        .context("run npm: install Node.js, or name a server with --server")?;
    ensure!(output.status.success(), "npm ci: {}", String::from_utf8_lossy(&output.stderr));
    Ok(())
}

/// The version that a server says it has.
pub(crate) fn version(server: &Path) -> Result<String> {
    let output = Command::new(server)
        .arg("--version")
        .output()
        .with_context(|| format!("run {}", server.display()))?;
    let text = String::from_utf8_lossy(&output.stdout);
    let version = text.split_whitespace().nth(1).context("the server tells no version")?;
    Ok(version.to_owned())
}
