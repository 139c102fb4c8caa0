//! The functions of this program.

use std::{
    collections::{BTreeMap, HashMap},
    sync::OnceLock,
};

use crate::{error::Result, function::Function, state::State};

/// A function that registered itself.
#[derive(Debug)]
pub struct Registered(pub &'static Function);

inventory::collect!(Registered);

/// All functions, by name and version.
#[derive(Debug)]
pub(crate) struct Registry {
    functions: HashMap<&'static str, BTreeMap<u32, &'static Function>>,
    twice: Option<&'static Function>,
    /// Those that need state.
    needy: Vec<&'static Function>,
}

impl Registry {
    /// The functions that were linked into this program.
    pub(crate) fn global() -> &'static Self {
        static REGISTRY: OnceLock<Registry> = OnceLock::new();
        REGISTRY.get_or_init(|| {
            Self::of(inventory::iter::<Registered>.into_iter().map(|Registered(f)| *f))
        })
    }

    fn of(all: impl Iterator<Item = &'static Function>) -> Self {
        let mut functions: HashMap<_, BTreeMap<_, _>> = HashMap::new();
        let mut twice = None;
        for function in all {
            let versions = functions.entry(function.name).or_default();
            if versions.insert(function.version, function).is_some() {
                twice = Some(function);
            }
        }
        let all = functions.values().flat_map(BTreeMap::values).copied();
        let mut needy: Vec<_> = all.filter(|function| !function.state.is_empty()).collect();
        needy.sort_unstable_by_key(|function| (function.name, function.version));
        Self { functions, twice, needy }
    }

    /// A function that shares its name and version with another one, if there is such.
    pub(crate) fn ambiguous(&self) -> Option<&'static Function> {
        self.twice
    }

    /// Whether everything is given that the functions need which a member of the group executes:
    /// all but those that belong to another group.
    pub(crate) fn check(&self, state: &State, group: &str) -> Result<()> {
        let ours = |function: &&&Function| function.on.is_none_or(|on| on == group);
        self.needy.iter().filter(ours).try_for_each(|function| state.check(function))
    }

    /// The function of a name: of that version, or the newest if none or a version that other
    /// SDKs write by default is asked for.
    pub(crate) fn get(&self, name: &str, version: Option<u32>) -> Option<&'static Function> {
        let versions = self.functions.get(name)?;
        match version {
            Some(version) if version > 0 => {
                let exact = versions.get(&version).copied();
                exact.or_else(|| (version == 1).then(|| self.newest(versions)).flatten())
            }
            _ => self.newest(versions),
        }
    }

    fn newest(&self, versions: &BTreeMap<u32, &'static Function>) -> Option<&'static Function> {
        versions.last_key_value().map(|(_, function)| *function)
    }
}
