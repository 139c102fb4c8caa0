use std::{
    env, fs,
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

use crate::Fault;

/// The systems that are in this program.
const OWN: [&str; 4] = ["limit", "embedded", "server", "plain"];

/// The peers whose drivers are known; others that are found are taken too.
const PEERS: [&str; 3] = ["restate", "dbos", "duroxide"];

/// How the program of a peer's driver begins.
const PREFIX: &str = "peer-";

/// A system to be compared, and how its driver is started.
#[derive(Clone, Debug)]
pub(crate) struct Candidate {
    pub(crate) name: String,
    pub(crate) program: Result<PathBuf, String>,
    pub(crate) arguments: Vec<String>,
}

/// What is asked for.
pub(crate) struct Wanted<'a> {
    /// The names, or all that there are.
    pub(crate) systems: &'a [String],
    /// Where the drivers of peers are; they are built if nobody says.
    pub(crate) peers: Option<&'a Path>,
    /// A server of the plain protocol to be compared as well.
    pub(crate) url: Option<&'a str>,
    /// The binary of Abide's server.
    pub(crate) server: Option<&'a Path>,
}

/// Finds the drivers of what is wanted.
pub(crate) fn find(wanted: &Wanted) -> Result<Vec<Candidate>, Fault> {
    let asked = |name: &str| {
        let all = wanted.systems.is_empty();
        all || wanted.systems.iter().any(|system| system == name)
    };
    let own = env::current_exe()?;
    let driver = |name: &str, system: &str, more: Vec<String>| {
        let arguments = [vec!["driver".to_owned(), system.to_owned()], more].concat();
        Candidate { name: name.to_owned(), program: Ok(own.clone()), arguments }
    };
    let mut found = Vec::new();
    for name in OWN.into_iter().filter(|name| asked(name)) {
        let more = match wanted.server.filter(|_| ["server", "plain"].contains(&name)) {
            Some(path) => vec!["--server".to_owned(), path.display().to_string()],
            None => Vec::new(),
        };
        found.push(driver(name, name, more));
    }
    if let Some(url) = wanted.url {
        found.push(driver("url", "plain", vec!["--url".to_owned(), url.to_owned()]));
    }
    let mut peers: Vec<String> = PEERS.iter().map(ToString::to_string).collect();
    peers.retain(|name| asked(name));
    let unknown = |name: &&String| !OWN.contains(&&***name) && !PEERS.contains(&&***name);
    peers.extend(wanted.systems.iter().filter(unknown).cloned());
    if peers.is_empty() {
        return Ok(found);
    }
    let place = match wanted.peers {
        Some(place) => Ok(place.to_owned()),
        None => build(),
    };
    if wanted.systems.is_empty()
        && let Ok(place) = &place
    {
        peers.extend(others(place));
    }
    found.extend(peers.into_iter().map(|name| peer(name, place.as_deref())));
    Ok(found)
}

fn peer(name: String, place: Result<&Path, &String>) -> Candidate {
    let program = place.map_err(Clone::clone).map(|place| place.join(format!("{PREFIX}{name}")));
    let program = program.and_then(|path| match path.exists() {
        true => Ok(path),
        false => Err(format!("there is no driver {}", path.display())),
    });
    Candidate { name, program, arguments: Vec::new() }
}

/// The drivers in a directory that are not among the known ones.
fn others(place: &Path) -> Vec<String> {
    let entries = fs::read_dir(place).into_iter().flatten().flatten();
    let names = entries.filter_map(|entry| entry.file_name().into_string().ok());
    let peers = names.filter_map(|name| name.strip_prefix(PREFIX).map(str::to_owned));
    let mut others: Vec<String> =
        peers.filter(|name| !name.contains('.') && !PEERS.contains(&&**name)).collect();
    others.sort();
    others
}

/// Builds the drivers of peers, and says where they are.
fn build() -> Result<PathBuf, String> {
    let manifest = Path::new("benches/peers/Cargo.toml");
    if !manifest.exists() {
        let text = "benches/peers is not here: run this at the root of the repository, or name the directory of the built drivers by --peers";
        return Err(text.to_owned());
    }
    eprintln!("building the drivers of peers in benches/peers");
    let status = Command::new("cargo")
        .args(["build", "--release", "--locked", "--keep-going", "--manifest-path"])
        .arg(manifest)
        .stdout(Stdio::null())
        .status()
        .map_err(|error| format!("cargo cannot be started: {error}"))?;
    // Some may have been built all the same: those that were not are told one by one.
    if !status.success() {
        eprintln!("not all drivers of peers could be built");
    }
    let target = env::var_os("CARGO_TARGET_DIR").map(PathBuf::from);
    Ok(target.unwrap_or_else(|| "benches/peers/target".into()).join("release"))
}
