//! What a process gives to the functions that it executes: pools, clients, configuration.

use std::{
    any::{Any, TypeId, type_name},
    collections::HashMap,
    fmt,
    future::Future,
    sync::Arc,
};

use crate::{
    engine::Abide,
    error::{Error, Result},
    function::Function,
};

tokio::task_local! {
    /// The state of the process whose execution is being polled.
    static GIVEN: State;
}

/// Values by their types. It is cheap to clone.
#[derive(Clone, Default)]
pub struct State(Arc<HashMap<TypeId, Entry>>);

#[derive(Clone)]
struct Entry {
    value: Arc<dyn Any + Send + Sync>,
    name: &'static str,
}

/// A piece of state that a function asks for by `#[state]`.
#[derive(Clone, Copy, Debug)]
pub struct Need {
    parameter: &'static str,
    id: fn() -> TypeId,
    name: fn() -> &'static str,
}

/// A parameter of a function that is filled from the state.
#[derive(Debug)]
pub struct Injected<T> {
    need: Need,
    take: fn(&State) -> Option<T>,
}

/// What can be state: `()` for each type that can. (A trait of the type itself would have the
/// compiler propose a reference, which is always `Clone`.)
#[diagnostic::on_unimplemented(
    message = "`{T}` cannot be `#[state]` of a durable function",
    label = "`{T}` is cloned into each run, on any thread",
    note = "it must be `Clone + Send + Sync + 'static`: derive `Clone` for it, or share it in an \
            `Arc`, with a `Mutex` around it if it is not `Sync`"
)]
pub trait Stateful<T> {
    /// The value, if it is there.
    #[doc(hidden)]
    fn take(state: &State) -> Option<T>;
}

#[diagnostic::do_not_recommend]
impl<T: Clone + Send + Sync + 'static> Stateful<T> for () {
    fn take(state: &State) -> Option<T> {
        state.get()
    }
}

/// A parameter of a function that is filled from the state.
pub const fn state<T: 'static>(parameter: &'static str) -> Injected<T>
where
    (): Stateful<T>,
{
    let need = Need { parameter, id: TypeId::of::<T>, name: type_name::<T> };
    Injected { need, take: <() as Stateful<T>>::take }
}

impl<T> Injected<T> {
    /// What is needed.
    pub const fn need(&self) -> Need {
        self.need
    }

    /// The value, for the function that begins right now.
    pub(crate) fn given(&self) -> Result<T> {
        let given = GIVEN.try_with(|state| (self.take)(state)).ok().flatten();
        given.ok_or_else(|| {
            let text =
                format!("this process has no {}: give it by `.state(value)`", (self.need.name)());
            Error::misuse("no_state", text)
        })
    }
}

impl Abide {
    /// Gives a value to the functions that run in this process, for their parameters with
    /// `#[state]` of this type: a pool of connections, a client, an `Arc` of anything. It is cloned
    /// for each run, and never recorded. A second value of a type replaces the first.
    ///
    /// What a function of this program needs and was not given is an error when this process
    /// becomes a worker: at [`serve`](Self::serve), and at [`run`](Self::run) and
    /// [`start`](Self::start) of what is executed here. A process that only calls what others
    /// execute is no worker; it needs no state, and gets no work. Functions that belong to another
    /// group (`on = "..."`) need their state only there, and [`memory`](Self::memory), which is for
    /// tests, asks for state when a function begins that needs it.
    ///
    /// ```
    /// use abide::prelude::*;
    ///
    /// #[derive(Clone)]
    /// struct Prices(u64);
    ///
    /// #[durable]
    /// async fn quote(#[state] prices: Prices, pieces: u64) -> Result<u64> {
    ///     Ok(prices.0 * pieces)
    /// }
    ///
    /// # #[tokio::main]
    /// # async fn main() -> Result<()> {
    /// let abide = Abide::memory().await?.state(Prices(3));
    /// assert_eq!(abide.run("quote/1", quote(14)).await?, 42);
    /// # Ok(()) }
    /// ```
    #[must_use]
    pub fn state<T: Clone + Send + Sync + 'static>(self, value: T) -> Self {
        self.with(|settings| settings.state.insert(value))
    }
}

impl State {
    /// Adds a value; one of the same type gives way.
    pub(crate) fn insert<T: Clone + Send + Sync + 'static>(&mut self, value: T) {
        let entry = Entry { value: Arc::new(value), name: type_name::<T>() };
        Arc::make_mut(&mut self.0).insert(TypeId::of::<T>(), entry);
    }

    /// The value of a type.
    pub(crate) fn get<T: Clone + 'static>(&self) -> Option<T> {
        self.0.get(&TypeId::of::<T>())?.value.downcast_ref().cloned()
    }

    /// Whether everything is here that a function needs.
    pub(crate) fn check(&self, function: &Function) -> Result<()> {
        match function.state.iter().find(|need| !self.0.contains_key(&(need.id)())) {
            None => Ok(()),
            Some(need) => Err(Error::misuse(
                "no_state",
                format!(
                    "the durable function {:?} needs {} for its parameter `{}`: give it by \
                     `.state(value)` where this process opens or connects to the engine{}",
                    function.name,
                    (need.name)(),
                    need.parameter,
                    self.similar((need.name)()),
                ),
            )),
        }
    }

    /// A hint where something of the same last name is here: an `Arc` too many or too few.
    fn similar(&self, wanted: &str) -> String {
        let bare = |name: &str| -> String {
            let inner = name.trim_end_matches('>').rsplit('<').next().unwrap_or_default();
            inner.rsplit("::").next().unwrap_or_default().to_owned()
        };
        let found = self.0.values().find(|entry| bare(entry.name) == bare(wanted));
        found.map_or_else(String::new, |entry| format!(" (what was given is {})", entry.name))
    }
}

impl fmt::Debug for State {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.0.values().map(|entry| entry.name)).finish()
    }
}

/// The state that is at hand.
pub(crate) fn current() -> State {
    GIVEN.try_with(State::clone).unwrap_or_default()
}

/// Polls a future, and all bodies that begin within it, with this state at hand.
pub(crate) fn within<F: Future>(state: State, future: F) -> impl Future<Output = F::Output> {
    GIVEN.scope(state, future)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        function::{Function, Running},
        inputs::Inputs,
    };

    fn never(_: Inputs) -> Running {
        unreachable!("it is not executed")
    }

    #[test]
    fn what_is_missing_is_named() {
        let function =
            Function::new("charge", never).state(const { &[state::<Arc<String>>("pool").need()] });
        let mut given = State::default();
        given.insert("postgres".to_owned());
        let error = given.check(&function).unwrap_err();
        assert_eq!(error.code(), "no_state");
        for part in ["\"charge\"", "Arc<", "`pool`", ".state(value)", "alloc::string::String)"] {
            assert!(error.message().contains(part), "{error}");
        }
        given.insert(Arc::new("postgres".to_owned()));
        assert!(given.check(&function).is_ok());
    }

    #[tokio::test]
    async fn each_future_sees_its_own_state() {
        let mut one = State::default();
        one.insert(1_u32);
        let mut two = one.clone();
        two.insert(2_u32);
        let see = |given| within(given, async { state::<u32>("n").given().unwrap() });
        assert_eq!(tokio::join!(see(one), see(two)), (1, 2));
        assert_eq!(state::<u32>("n").given().unwrap_err().code(), "no_state");
    }
}
