//! How often a system syncs, counted by a library that is preloaded into it.

use std::{
    collections::BTreeSet,
    env,
    fs::{self, File, OpenOptions, Permissions},
    io,
    os::unix::fs::{FileExt, PermissionsExt},
    path::{Path, PathBuf},
    process::Command,
};

const SOURCE: &str = include_str!("syncs.c");

/// How many words of 64 bits the file has: one for each kind of call.
const WORDS: usize = 5;

/// The compiled library.
pub(crate) struct Syncs {
    library: PathBuf,
}

impl Syncs {
    /// Compiles it, by `cc` or what the environment variable `CC` names.
    pub(crate) fn build(scratch: &Path) -> io::Result<Self> {
        let (source, library) = (scratch.join("syncs.c"), scratch.join("syncs.so"));
        fs::write(&source, SOURCE)?;
        let compiler = env::var_os("CC").unwrap_or_else(|| "cc".into());
        let mut command = Command::new(&compiler);
        command.args(["-O2", "-shared", "-fPIC", "-o"]).arg(&library).arg(&source).arg("-ldl");
        let output = command.output()?;
        if !output.status.success() {
            return Err(io::Error::other(String::from_utf8_lossy(&output.stderr).into_owned()));
        }
        Ok(Syncs { library })
    }

    /// A counter of its own for a system that is about to be started.
    pub(crate) fn counter(&self, path: PathBuf) -> io::Result<Counter> {
        let file = OpenOptions::new().create_new(true).read(true).write(true).open(&path)?;
        file.set_len(WORDS as u64 * 8)?;
        // Some systems run as another user.
        file.set_permissions(Permissions::from_mode(0o666))?;
        Ok(Counter { file, path, library: self.library.clone() })
    }
}

/// What one system has synced so far.
pub(crate) struct Counter {
    file: File,
    path: PathBuf,
    library: PathBuf,
}

impl Counter {
    /// The environment that a system is started in.
    pub(crate) fn env(&self) -> [(&'static str, &Path); 2] {
        [("LD_PRELOAD", &self.library), ("ABIDE_BENCH_SYNCS", &self.path)]
    }

    pub(crate) fn read(&self) -> io::Result<u64> {
        let mut bytes = [0; WORDS * 8];
        self.file.read_exact_at(&mut bytes, 0)?;
        let words = bytes.chunks_exact(8).map(|word| word.iter().rev());
        Ok(words.map(|word| word.fold(0, |sum, byte| sum << 8 | u64::from(*byte))).sum())
    }

    /// Whether all these processes are counted: one that is linked statically is not, nor one that
    /// was started without the environment.
    pub(crate) fn sees(&self, pids: &BTreeSet<u32>) -> bool {
        let library = self.library.to_string_lossy();
        let sees = |pid: &u32| match fs::read_to_string(format!("/proc/{pid}/maps")) {
            Ok(maps) => maps.contains(&*library),
            // It has ended.
            Err(_) => true,
        };
        pids.iter().all(sees)
    }
}

#[cfg(test)]
mod tests {
    use std::process::Stdio;

    use super::*;

    #[test]
    fn syncs_of_a_process_and_its_children_are_counted() {
        let scratch = tempfile::tempdir().unwrap();
        let syncs = Syncs::build(scratch.path()).unwrap();
        let counter = syncs.counter(scratch.path().join("words")).unwrap();
        assert_eq!(counter.read().unwrap(), 0);
        let (one, other) = (scratch.path().join("one"), scratch.path().join("other"));
        let script = r#"dd if=/dev/zero of="$0" bs=1 count=3 oflag=dsync
            (dd if=/dev/zero of="$1" bs=1 count=3 conv=fdatasync; dd if=/dev/zero of="$1" conv=fsync count=0)
            dd if=/dev/zero of="$1" bs=1 count=3"#;
        let done = Command::new("sh")
            .arg("-c")
            .arg(script)
            .args([&one, &other])
            .envs(counter.env())
            .stderr(Stdio::null())
            .status();
        assert!(done.unwrap().success());
        assert_eq!(counter.read().unwrap(), 3 + 1 + 1);
        assert!(!counter.sees(&[std::process::id()].into()));
    }
}
