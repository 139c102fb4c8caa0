use std::{
    fmt, fs,
    io::{self, Read, Seek, SeekFrom, Write},
    path::{Path, PathBuf},
};

use fastrand::Rng;

use super::base::forget_closing;

/// What was done to one file.
#[derive(Clone, Debug)]
pub(super) struct Fault {
    file: PathBuf,
    what: String,
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.file.display(), self.what)
    }
}

/// Names that people and programs put anywhere.
const FOREIGN: [&str; 10] = [
    "notes.txt",
    "7000",
    "99.jnl",
    "x.jnl",
    "v77",
    "current.bak",
    ".DS_Store",
    "core",
    "1",
    "lost+found",
];

impl Fault {
    /// Damages one file below a directory. A store that was not closed cannot miss the end of its
    /// journal, so that there only bytes change in it.
    pub(super) fn strike(directory: &Path, closed: bool, rng: &mut Rng) -> io::Result<Fault> {
        if !closed {
            forget_closing(directory)?;
        }
        let mut files = Vec::new();
        let mut directories = vec![directory.to_owned()];
        let mut at = 0;
        while at < directories.len() {
            for entry in fs::read_dir(&directories[at])? {
                let path = entry?.path();
                if path.is_dir() { directories.push(path) } else { files.push(path) }
            }
            at += 1;
        }
        files.sort();
        directories.sort();
        let file = files[rng.usize(..files.len())].clone();
        let may_end = closed || file.extension().is_none_or(|end| end != "jnl");
        let what = match rng.u8(..10) {
            0..=2 => bit(&file, rng)?,
            3 => byte(&file, rng)?,
            4 | 5 if may_end => sector(&file, rng)?,
            6 | 7 if may_end => length(&file, rng)?,
            8 if may_end => {
                fs::remove_file(&file)?;
                "is removed".into()
            }
            9 if closed => return foreign(&directories, rng),
            _ => bit(&file, rng)?,
        };
        Ok(Fault { file, what })
    }

    /// Whether a text speaks of the file, or of one that stands for it.
    pub(super) fn is_named_in(&self, text: &str) -> bool {
        let Some(name) = self.file.file_name().and_then(|name| name.to_str()) else { return false };
        let directory = self.file.parent().and_then(|parent| parent.to_str()).unwrap_or_default();
        let within = |name: &str| text.contains(&format!("{directory}/{name}"));
        // `current` and the list that it names are each other's witnesses; a journal may be missed
        // as one of all.
        text.contains(&self.file.display().to_string())
            || name == "FORMAT" && text.contains("FORMAT")
            || name == "current" && within("v")
            || name.starts_with('v') && within("current")
            || name.ends_with(".jnl") && within("*.jnl")
            || name == "CLOSED" && text.contains("journal/")
    }
}

/// A place in the file, seldom in the room that a journal has after what was written.
fn place(file: &mut fs::File, rng: &mut Rng) -> io::Result<Option<u64>> {
    let mut bytes = Vec::new();
    file.read_to_end(&mut bytes)?;
    let written = bytes.iter().rposition(|&byte| byte != 0).map_or(0, |last| last + 1) as u64;
    let end = if rng.u8(..50) == 0 { bytes.len() as u64 } else { written };
    Ok((end > 0).then(|| rng.u64(..end)))
}

fn change(
    path: &Path,
    rng: &mut Rng,
    change: impl FnOnce(u8, &mut Rng) -> u8,
) -> io::Result<String> {
    let mut file = fs::OpenOptions::new().read(true).write(true).open(path)?;
    let Some(at) = place(&mut file, rng)? else { return Ok("is empty, and left alone".into()) };
    let mut byte = [0];
    file.seek(SeekFrom::Start(at))?;
    file.read_exact(&mut byte)?;
    let changed = change(byte[0], rng);
    file.seek(SeekFrom::Start(at))?;
    file.write_all(&[changed])?;
    Ok(format!("has {changed:#04x} for {:#04x} at {at}", byte[0]))
}

fn bit(path: &Path, rng: &mut Rng) -> io::Result<String> {
    change(path, rng, |byte, rng| match byte ^ 1 << rng.u8(..8) {
        // What has become zero could be what was never written.
        0 => byte ^ 0x81,
        flipped => flipped,
    })
}

fn byte(path: &Path, rng: &mut Rng) -> io::Result<String> {
    change(path, rng, |byte, rng| byte.wrapping_add(rng.u8(1..)).max(1))
}

fn sector(path: &Path, rng: &mut Rng) -> io::Result<String> {
    let mut file = fs::OpenOptions::new().read(true).write(true).open(path)?;
    let Some(at) = place(&mut file, rng)? else { return Ok("is empty, and left alone".into()) };
    let size = [512, 4096][rng.usize(..2)];
    let at = at / size * size;
    let mut bytes = vec![0; size.min(file.metadata()?.len() - at) as usize];
    let zeros = rng.bool();
    if !zeros {
        rng.fill(&mut bytes);
    }
    file.seek(SeekFrom::Start(at))?;
    file.write_all(&bytes)?;
    let what = if zeros { "zeros" } else { "garbage" };
    Ok(format!("has {} bytes of {what} at {at}", bytes.len()))
}

fn length(path: &Path, rng: &mut Rng) -> io::Result<String> {
    let mut file = fs::OpenOptions::new().read(true).write(true).open(path)?;
    if rng.u8(..4) == 0 {
        let mut garbage = vec![0; rng.usize(1..5_000)];
        rng.fill(&mut garbage);
        file.seek(SeekFrom::End(0))?;
        file.write_all(&garbage)?;
        return Ok(format!("has {} bytes of garbage at its end", garbage.len()));
    }
    let length = place(&mut file, rng)?.unwrap_or(0);
    file.set_len(length)?;
    Ok(format!("is cut to {length} bytes"))
}

fn foreign(directories: &[PathBuf], rng: &mut Rng) -> io::Result<Fault> {
    let directory = &directories[rng.usize(..directories.len())];
    let file = directory.join(FOREIGN[rng.usize(..FOREIGN.len())]);
    if file.exists() {
        return Ok(Fault { file, what: "was there, and is left alone".into() });
    }
    if rng.bool() {
        fs::create_dir(&file)?;
        return Ok(Fault { file, what: "is a new directory".into() });
    }
    let mut bytes = vec![0; rng.usize(..200)];
    rng.fill(&mut bytes);
    fs::write(&file, bytes)?;
    Ok(Fault { file, what: "is a new file".into() })
}
