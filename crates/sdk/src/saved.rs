//! Save points: where a function begins anew, instead of replaying all it ever did.

use std::{
    fmt,
    future::{Future, pending},
    ops::{Deref, DerefMut},
    panic::Location,
    sync::Arc,
};

use serde::{Serialize, de::DeserializeOwned};

use crate::{
    codec,
    core::{
        ambient,
        ask::{Ask, Deadline, Kind, Options},
        fault::Fault,
        operation::{Misplaced, Operation},
        outcome::Outcome,
        site::Site,
    },
    error::{Error, Result},
    plain,
};

/// The state of a function at its last save point, or this one if it has made none.
///
/// It is the first thing that the function awaits. After a crash the function runs again from the
/// top, gets here what it saved last, and goes on with that; what it did before the save point is
/// not replayed and may be deleted. So a loop of a million iterations is recovered as fast as one
/// of ten.
///
/// ```
/// # use abide::prelude::*;
/// # #[durable] async fn archive(page: u64) -> Result<u64> { Ok(page) }
/// #[durable]
/// async fn archive_all(pages: u64) -> Result<u64> {
///     let mut next = saved(0).await?;
///     while *next < pages {
///         archive(*next).await?;
///         *next += 1;
///         next.save().await?;
///     }
///     Ok(*next)
/// }
/// # #[tokio::main(flavor = "current_thread")] async fn main() -> Result<()> {
/// # let abide = Abide::memory().await?;
/// # assert_eq!(abide.run("archive/1", archive_all(3)).await?, 3); Ok(()) }
/// ```
///
/// A function that is [retried](crate::Call::retry) goes on with its last saved state too: what was
/// saved is not done again.
///
/// If a recorded state cannot be read as an `S`, or this is not the first thing that the function
/// awaits, the execution is halted: nothing is overwritten, and it goes on after a fix.
///
/// # Errors
/// Outside an execution.
pub async fn saved<S>(initial: S) -> Result<Saved<S>>
where
    S: Serialize + DeserializeOwned + Send,
{
    let Some(scope) = ambient::current() else {
        // What runs plainly begins at its beginning.
        let plain = plain::current().ok_or(Misplaced::Outside)?;
        return Ok(Saved { state: initial, scope: plain.id.clone() });
    };
    let id = scope.id.clone();
    // Whoever cannot go on waits here until the execution is dropped.
    let state: Result<S> = match scope.restore() {
        Ok(None) => return Ok(Saved { state: initial, scope: id }),
        Ok(Some(state)) => codec::decode_outcome(&Outcome::Resolved(Some(state)), &id),
        Err(_) => pending().await,
    };
    match state {
        Ok(state) => Ok(Saved { state, scope: id }),
        Err(error) => {
            let why = error.message().to_owned();
            scope.halt(Fault::SavedState { at: id.to_string(), why });
            drop(scope);
            pending().await
        }
    }
}

/// The state of a function, which [`saved`] gives and [`save`](Saved::save) records. It derefs to
/// the state itself.
///
/// ```
/// # use abide::prelude::*;
/// # #[durable] async fn count(page: u64) -> Result<u64> { Ok(10 * page) }
/// #[durable]
/// async fn count_all(pages: u64) -> Result<u64> {
///     let mut state = saved((0, 0)).await?;    // the next page, and the words before it
///     while state.0 < pages {
///         let words = count(state.0).await?;
///         *state = (state.0 + 1, state.1 + words);
///         state.save().await?;
///     }
///     Ok(state.into_inner().1)
/// }
/// # #[tokio::main(flavor = "current_thread")] async fn main() -> Result<()> {
/// # let abide = Abide::memory().await?;
/// # assert_eq!(abide.run("count/1", count_all(4)).await?, 60); Ok(()) }
/// ```
pub struct Saved<S> {
    state: S,
    /// The id of the function that it belongs to.
    scope: Arc<str>,
}

impl<S> Saved<S> {
    /// The state itself.
    pub fn into_inner(self) -> S {
        self.state
    }
}

impl<S: Serialize> Saved<S> {
    /// Makes a save point: records the state as it is now. From here on, recovery begins with it.
    ///
    /// Nothing else may be open then: no call that is kept to be awaited later, and nothing that
    /// was [spawned](crate::Call::spawn) and not awaited, since a function that begins here would
    /// know nothing of it. Otherwise the execution is halted with an error that says so.
    ///
    /// ```
    /// # use abide::prelude::*;
    /// # fn post(letter: String) -> Call<()> { rpc("post", (letter,)) }
    /// # async fn example(letters: Vec<String>) -> Result<()> {
    /// let mut letters = saved(letters).await?;
    /// while let Some(letter) = letters.pop() {
    ///     post(letter).await?;
    ///     letters.save().await?;    // these are left
    /// }
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    /// When the state cannot be encoded, or in another function than the one that asked for it.
    #[track_caller]
    pub fn save(&self) -> impl Future<Output = Result<()>> + Send + use<S> {
        let asked = self.ask(Location::caller()).map(|ask| Operation::new(ask.into()));
        let scope = self.scope.clone();
        async move {
            let operation = asked?;
            if ambient::current().is_some_and(|current| current.id != scope) {
                return Err(Misplaced::Elsewhere.into());
            }
            let outcome = operation.await.map_err(Error::from)?;
            codec::decode_outcome(&outcome, &scope)
        }
    }

    fn ask(&self, caller: &Location<'static>) -> Result<Ask> {
        let state = codec::encode(&self.state)?;
        Ok(Ask {
            kind: Kind::Save,
            func: "save".into(),
            args: state.unwrap_or_else(|| "null".into()),
            fingerprint: 0,
            site: Site::at(caller),
            // A timer whose time has come: one request, and nothing is left to be settled.
            options: Options { deadline: Some(Deadline::At(0)), ..Options::default() },
            body: None,
        })
    }
}

impl<S> Deref for Saved<S> {
    type Target = S;

    fn deref(&self) -> &S {
        &self.state
    }
}

impl<S> DerefMut for Saved<S> {
    fn deref_mut(&mut self) -> &mut S {
        &mut self.state
    }
}

impl<S: fmt::Debug> fmt::Debug for Saved<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.state.fmt(f)
    }
}
