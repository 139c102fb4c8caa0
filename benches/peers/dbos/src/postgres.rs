//! A PostgreSQL server of the driver's own.

use std::{
    path::{Path, PathBuf},
    process::Command,
};

use anyhow::{Context as _, Result, ensure};
use peer::Server;

use crate::account::Account;

/// The account within the database.
const ROLE: &str = "bench";

/// Where distributions put the programs, one directory a version.
const PACKAGED: &str = "/usr/lib/postgresql";

/// A running server.
pub(crate) struct Postgres {
    server: Server,
    programs: PathBuf,
    port: u16,
}

impl Postgres {
    /// Creates a cluster in this directory and starts it with its default settings.
    pub(crate) async fn start(
        programs: PathBuf,
        directory: &Path,
        account: Account,
    ) -> Result<Self> {
        let data = directory.join("postgres");
        account.directory(&data)?;
        let output = account
            .command(&programs.join("initdb"))
            .current_dir(&data)
            .args(["--auth=trust", "--encoding=UTF8", "--no-locale", "--username", ROLE])
            .arg("--pgdata")
            .arg(&data)
            .output()
            .context("run initdb")?;
        ensure!(output.status.success(), "initdb: {}", String::from_utf8_lossy(&output.stderr));

        let [port] = peer::free()?;
        let mut command = account.command(&programs.join("postgres"));
        command.current_dir(&data).arg("-D").arg(&data);
        for setting in [
            format!("port={port}"),
            "listen_addresses=127.0.0.1".to_owned(),
            "unix_socket_directories=".to_owned(),
            "fsync=on".to_owned(),
            "synchronous_commit=on".to_owned(),
        ] {
            command.args(["-c", &setting]);
        }
        let server = Server::start(&mut command, &directory.join("postgres.log"))?;
        let mut postgres = Postgres { server, programs, port };
        let check = postgres.programs.join("pg_isready");
        postgres
            .server
            .ready(async || {
                let mut check = Command::new(&check);
                check.args(["-q", "-h", "127.0.0.1", "-p", &port.to_string()]);
                check.status().is_ok_and(|status| status.success())
            })
            .await?;
        Ok(postgres)
    }

    /// The id of its first process, which is the parent of all others.
    pub(crate) fn pid(&self) -> u32 {
        self.server.pid()
    }

    /// Where its database is.
    pub(crate) fn url(&self) -> String {
        format!("postgres://{ROLE}@127.0.0.1:{}/postgres", self.port)
    }

    /// What a setting is, as the server tells.
    pub(crate) fn setting(&self, name: &str) -> Result<String> {
        let output = Command::new(self.programs.join("psql"))
            .args(["--no-psqlrc", "-At", "-d", &self.url(), "-c", &format!("SHOW {name}")])
            .output()
            .context("run psql")?;
        ensure!(output.status.success(), "psql: {}", String::from_utf8_lossy(&output.stderr));
        Ok(String::from_utf8_lossy(&output.stdout).trim().to_owned())
    }
}

/// The directory of the newest installed programs.
pub(crate) fn installed() -> Result<PathBuf> {
    let versions = std::fs::read_dir(PACKAGED).into_iter().flatten().flatten();
    let packaged = versions
        .map(|entry| entry.path().join("bin"))
        .filter(|programs| programs.join("initdb").exists())
        .max_by_key(|programs| version(programs));
    if let Some(programs) = packaged {
        return Ok(programs);
    }
    let output = Command::new("pg_config").arg("--bindir").output();
    let output = output.context("find PostgreSQL: install it, or name its programs by --bin")?;
    let programs = PathBuf::from(String::from_utf8_lossy(&output.stdout).trim());
    ensure!(programs.join("initdb").exists(), "there is no initdb in {}", programs.display());
    Ok(programs)
}

/// The version in a path such as `15/bin`.
fn version(programs: &Path) -> Option<u32> {
    programs.parent()?.file_name()?.to_str()?.parse().ok()
}
