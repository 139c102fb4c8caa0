//! Errors, as a program sees them.

use std::{any::Any, error::Error as StdError, fmt, ops::Deref};

use serde::{Deserialize, Serialize, de::DeserializeOwned};
use serde_json::Value as Json;

use crate::core::{fault::Fault, operation::Misplaced};

/// The result of a durable function. Its error type may be your own, if it is
/// `Serialize + DeserializeOwned + From<abide::Error>`.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// What went wrong, in terms that a program can act on.
///
/// Every `std::error::Error` converts into it by `?`, as an [`ErrorKind::Application`] error with
/// the error's text and its causes. As with other errors of this kind, it therefore does not
/// implement that trait itself; it derefs to one that does.
///
/// ```
/// use abide::prelude::*;
///
/// #[durable]
/// async fn read(number: String) -> Result<u32> {
///     if number.is_empty() {
///         return Err(Error::permanent("there is nothing to read"));    // not tried again
///     }
///     Ok(number.parse()?)
/// }
///
/// # #[tokio::main(flavor = "current_thread")] async fn main() {
/// # let abide = Abide::memory().await.unwrap();
/// let error = abide.run("read/1", read(String::new())).await.unwrap_err();
/// assert_eq!((error.kind(), error.code()), (ErrorKind::Application, "application"));
/// assert_eq!(error.message(), "there is nothing to read");
/// assert_eq!((error.id(), error.name()), (Some("read/1"), None));
/// assert!(error.is_permanent());
/// # }
/// ```
#[derive(Clone, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Error(Box<Report>);

/// The kinds of errors.
///
/// ```
/// # use abide::prelude::*;
/// /// What a web server answers.
/// fn status(error: &Error) -> u16 {
///     match error.kind() {
///         ErrorKind::Timeout => 504,
///         ErrorKind::Unavailable => 503,
///         ErrorKind::Canceled => 410,
///         _ => 500,
///     }
/// }
/// # assert_eq!(status(&Error::application("no")), 500);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum ErrorKind {
    /// A function failed by its own account.
    Application,
    /// The deadline passed.
    Timeout,
    /// Somebody canceled it.
    Canceled,
    /// The code asks for something else than what is recorded. The execution is halted, nothing is
    /// overwritten, and after a fix it can be continued.
    Diverged,
    /// The engine could not be reached, or could not commit.
    Unavailable,
    /// A value could not be encoded or decoded.
    Payload,
    /// A durable call was made in a way that cannot be durable. The message says what to do
    /// instead.
    Misuse,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
struct Report {
    /// The name tells it from an error of any other type.
    #[serde(rename = "abide")]
    kind: ErrorKind,
    code: String,
    message: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    name: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    stack: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    id: Option<String>,
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    permanent: bool,
    /// The error of another type that it stands for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    data: Option<Json>,
}

impl Error {
    pub(crate) fn new(kind: ErrorKind, code: &str, message: impl Into<String>) -> Self {
        Self(Box::new(Report {
            kind,
            code: code.to_owned(),
            message: message.into(),
            name: None,
            stack: None,
            id: None,
            permanent: false,
            data: None,
        }))
    }

    /// A failure of the function itself. A function without durable calls is tried again.
    ///
    /// ```
    /// # use abide::prelude::*;
    /// let error = Error::application("the shelf is empty");
    /// assert!(!error.is_permanent());
    /// assert!(error.into_permanent().is_permanent());
    /// ```
    pub fn application(message: impl fmt::Display) -> Self {
        Self::new(ErrorKind::Application, "application", message.to_string())
    }

    /// A failure that trying again cannot help.
    pub fn permanent(message: impl fmt::Display) -> Self {
        Self::application(message).into_permanent()
    }

    /// The same error, but trying again cannot help.
    #[must_use]
    pub fn into_permanent(mut self) -> Self {
        self.0.permanent = true;
        self
    }

    /// A value that could not be encoded or decoded.
    pub(crate) fn payload(what: &str, error: impl fmt::Display) -> Self {
        Self::new(ErrorKind::Payload, "payload", format!("{what}: {error}")).into_permanent()
    }

    /// The engine could not be reached.
    pub(crate) fn unavailable(error: impl fmt::Display) -> Self {
        Self::new(ErrorKind::Unavailable, "unavailable", error.to_string())
    }

    /// A durable call in the wrong way or place.
    pub(crate) fn misuse(code: &str, message: impl Into<String>) -> Self {
        Self::new(ErrorKind::Misuse, code, message).into_permanent()
    }

    /// A panic of a body.
    pub(crate) fn panicked(panic: &(dyn Any + Send)) -> Self {
        let text = panic
            .downcast_ref::<&str>()
            .copied()
            .or_else(|| panic.downcast_ref::<String>().map(String::as_str))
            .unwrap_or("it panicked");
        Self::new(ErrorKind::Application, "panicked", text).named("panic")
    }

    /// The error as another runtime described it.
    pub(crate) fn foreign(message: &str, name: Option<&str>, stack: Option<&str>) -> Self {
        let mut error = Self::application(message);
        error.0.name = name.map(str::to_owned);
        error.0.stack = stack.map(str::to_owned);
        error
    }

    /// It stands for an error of another type.
    pub(crate) fn with_data(mut self, data: Option<Json>) -> Self {
        self.0.data = data;
        self
    }

    pub(crate) fn named(mut self, name: &str) -> Self {
        self.0.name = Some(name.to_owned());
        self
    }

    /// The error of the promise `id`.
    #[must_use]
    pub(crate) fn of(mut self, id: &str) -> Self {
        self.0.id.get_or_insert_with(|| id.to_owned());
        self
    }

    /// What kind of error it is.
    pub fn kind(&self) -> ErrorKind {
        self.0.kind
    }

    /// A stable code, finer than the kind.
    pub fn code(&self) -> &str {
        &self.0.code
    }

    /// The text.
    pub fn message(&self) -> &str {
        &self.0.message
    }

    /// The name of an error that came from another language, such as `TypeError`, or that stands for
    /// one of another type; `panic` of a panic.
    ///
    /// ```
    /// # use abide::prelude::*;
    /// # #[tokio::main(flavor = "current_thread")] async fn main() -> Result<()> {
    /// # let abide = Abide::memory().await?;
    /// // As a program in another language would reject a promise:
    /// let missing = serde_json::json!({ "name": "KeyError", "message": "there is no ada" });
    /// abide.promises().create::<u64>("lookup/1").await?;
    /// abide.promises().reject("lookup/1", &missing).await?;
    /// let error = abide.get::<u64>("lookup/1").await.unwrap_err();
    /// assert_eq!((error.name(), error.message()), (Some("KeyError"), "there is no ada"));
    /// # Ok(()) }
    /// ```
    pub fn name(&self) -> Option<&str> {
        self.0.name.as_deref()
    }

    /// The stack trace, if the error came from a language that sends one.
    pub fn stack(&self) -> Option<&str> {
        self.0.stack.as_deref()
    }

    /// The id of the promise that ended this way.
    pub fn id(&self) -> Option<&str> {
        self.0.id.as_deref()
    }

    /// The error of a type of one's own that a function failed with, where that arrived as this
    /// type: in a predicate of [`Retry::when`](crate::Retry::when), or where a result is read
    /// without naming the error type.
    ///
    /// ```
    /// # use abide::prelude::*;
    /// #[derive(serde::Serialize, serde::Deserialize)]
    /// enum Refusal { Declined { cents: u64 }, Abide(Error) }
    /// # impl From<Error> for Refusal { fn from(error: Error) -> Self { Self::Abide(error) } }
    ///
    /// #[durable(retry = Retry::never())]
    /// async fn debit(cents: u64) -> Result<(), Refusal> {
    ///     Err(Refusal::Declined { cents })
    /// }
    ///
    /// # #[tokio::main]
    /// # async fn main() -> Result<()> {
    /// # let abide = Abide::memory().await?;
    /// let declined = abide.run("debit/1", debit(5)).await;
    /// # drop(declined);
    /// let error = abide.get::<()>("debit/1").await.unwrap_err();
    /// assert!(matches!(error.data(), Some(Refusal::Declined { cents: 5 })));
    /// # Ok(()) }
    /// ```
    pub fn data<E: DeserializeOwned>(&self) -> Option<E> {
        serde_json::from_value(self.0.data.clone()?).ok()
    }

    /// Whether trying again cannot help.
    pub fn is_permanent(&self) -> bool {
        self.0.permanent
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)?;
        match &self.id {
            Some(id) => write!(f, " ({id})"),
            None => Ok(()),
        }
    }
}

impl StdError for Report {}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?}: {self}", self.0.kind)
    }
}

impl Deref for Error {
    type Target = dyn StdError + Send + Sync + 'static;

    fn deref(&self) -> &Self::Target {
        &*self.0
    }
}

impl<E: StdError + Send + Sync + 'static> From<E> for Error {
    fn from(error: E) -> Self {
        let mut message = error.to_string();
        let mut cause = error.source();
        while let Some(error) = cause {
            message.push_str(": ");
            message.push_str(&error.to_string());
            cause = error.source();
        }
        Self::application(message)
    }
}

impl From<Misplaced> for Error {
    fn from(misplaced: Misplaced) -> Self {
        match misplaced {
            Misplaced::Outside => Self::misuse(
                "outside",
                "a durable call was awaited outside an execution: call it from a durable function, \
                 or start it with `abide.run(id, call)`; in a task that a durable function spawned, \
                 use `.spawn()` instead of `tokio::spawn`",
            ),
            Misplaced::Elsewhere => Self::misuse(
                "elsewhere",
                "a durable call was awaited in another function than the one that made it: await \
                 it there, or pass its id on",
            ),
        }
    }
}

impl From<Fault> for Error {
    fn from(fault: Fault) -> Self {
        let message = fault.to_string();
        match fault {
            Fault::Unreadable { why, .. } => {
                Self::new(ErrorKind::Payload, why.code(), message).into_permanent()
            }
            Fault::Diverged { .. } => {
                Self::new(ErrorKind::Diverged, "diverged", message).into_permanent()
            }
            Fault::ForeignWake { .. } => Self::misuse("foreign_wake", message),
            Fault::SameName { .. } => Self::misuse("same_name", message),
            Fault::NeverTaken { .. } => Self::misuse("never_taken", message),
            Fault::Refused { .. } => Self::misuse("refused", message),
            Fault::SaveAmongOthers { .. } => Self::misuse("save_among_others", message),
            Fault::LateRestore { .. } => Self::misuse("late_restore", message),
            Fault::SavedState { .. } => {
                Self::new(ErrorKind::Payload, "saved_state", message).into_permanent()
            }
            Fault::Spinning { .. } => Self::misuse("spinning", message),
        }
    }
}
