//! The files of the repository.

use std::{
    fs, io,
    path::{Path, PathBuf},
    process::Command,
};

/// A file: its path from the root, with slashes, and its text.
#[derive(Clone, Debug)]
pub struct File {
    /// The path from the root.
    pub path: String,
    /// The text; empty for what is no text.
    pub text: String,
}

impl File {
    /// A file that exists nowhere but in a test.
    pub fn new(path: &str, text: &str) -> Self {
        File { path: path.to_owned(), text: text.to_owned() }
    }

    /// Whether the path ends so.
    pub fn is(&self, extension: &str) -> bool {
        Path::new(&self.path).extension().is_some_and(|found| found == extension)
    }
}

/// The root of this repository.
pub fn root() -> PathBuf {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    here.ancestors().nth(2).expect("the crate is two levels below the root").to_owned()
}

/// All files under version control, or all files where there is no version control, as in an
/// unpacked archive.
///
/// # Errors
/// When the files cannot be read.
pub fn files(root: &Path) -> io::Result<Vec<File>> {
    let mut paths = match tracked(root) {
        Some(paths) => paths,
        None => {
            let mut paths = Vec::new();
            walk(root, "", &mut paths)?;
            paths
        }
    };
    paths.sort();
    let files = paths.into_iter().filter(|path| root.join(path).is_file()).map(|path| {
        let text = String::from_utf8(fs::read(root.join(&path))?).unwrap_or_default();
        Ok(File { path, text })
    });
    files.collect()
}

fn tracked(root: &Path) -> Option<Vec<String>> {
    let output = Command::new("git").arg("-C").arg(root).args(["ls-files", "-z"]).output().ok()?;
    let text = String::from_utf8(output.stdout).ok().filter(|_| output.status.success())?;
    Some(text.split('\0').filter(|path| !path.is_empty()).map(str::to_owned).collect())
}

fn walk(root: &Path, under: &str, paths: &mut Vec<String>) -> io::Result<()> {
    for entry in fs::read_dir(root.join(under))? {
        let entry = entry?;
        let name = entry.file_name().to_string_lossy().into_owned();
        if matches!(name.as_str(), ".git" | "target" | "node_modules") {
            continue;
        }
        let path = if under.is_empty() { name } else { format!("{under}/{name}") };
        if entry.file_type()?.is_dir() {
            walk(root, &path, paths)?;
        } else {
            paths.push(path);
        }
    }
    Ok(())
}
