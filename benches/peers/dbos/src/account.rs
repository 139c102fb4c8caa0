//! Who runs PostgreSQL, which refuses to be run by root.

use std::{
    fs::Permissions,
    os::unix::{
        fs::{PermissionsExt as _, chown},
        process::CommandExt as _,
    },
    path::Path,
    process::Command,
};

use anyhow::{Context as _, Result, ensure};

/// The permission of others to get through a directory.
const THROUGH: u32 = 0o001;

/// Who runs the server: whoever runs the driver, unless that is root.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Account(Option<(u32, u32)>);

impl Account {
    /// Finds it. `name` is the account that is used in the place of root.
    pub(crate) fn find(name: &str) -> Result<Self> {
        if !rustix::process::getuid().is_root() {
            return Ok(Account(None));
        }
        Ok(Account(Some((id("-u", name)?, id("-g", name)?))))
    }

    /// A command of this account.
    pub(crate) fn command(self, program: &Path) -> Command {
        let mut command = Command::new(program);
        if let Account(Some((user, group))) = self {
            command.uid(user).gid(group);
        }
        command
    }

    /// Makes a directory that belongs to this account, and lets it get there.
    pub(crate) fn directory(self, path: &Path) -> Result<()> {
        std::fs::create_dir(path).with_context(|| format!("create {}", path.display()))?;
        let Account(Some((user, group))) = self else { return Ok(()) };
        chown(path, Some(user), Some(group))?;
        for above in path.ancestors().skip(1) {
            let mode = std::fs::metadata(above)?.permissions().mode();
            if mode & THROUGH == THROUGH {
                continue;
            }
            // Temporary directories are made for their owner alone; others are not for us to open.
            ensure!(
                above.starts_with(std::env::temp_dir()),
                "PostgreSQL, which root cannot run, does not get through {}: take another --dir",
                above.display()
            );
            std::fs::set_permissions(above, Permissions::from_mode(mode | THROUGH))?;
        }
        Ok(())
    }
}

fn id(which: &str, name: &str) -> Result<u32> {
    let output = Command::new("id").args([which, name]).output().context("run id")?;
    ensure!(
        output.status.success(),
        "there is no account {name:?} to run PostgreSQL, which root cannot: name one by --user"
    );
    Ok(String::from_utf8_lossy(&output.stdout).trim().parse()?)
}
