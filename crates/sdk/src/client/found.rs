//! What a search finds, page by page.

use std::{
    fmt,
    future::Future,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll},
    vec,
};

use futures_util::{Stream, StreamExt, stream};

use crate::error::Result;

/// What a search finds, in the order of the ids: a stream that asks for the next page when the
/// last one is used up. What is created or settled meanwhile may or may not be found.
///
/// ```
/// # use abide::prelude::*;
/// # #[tokio::main(flavor = "current_thread")] async fn main() -> Result<()> {
/// # let abide = Abide::memory().await?;
/// let mut found = abide.promises().search().tag("customer", "ada").stream();
/// while let Some(promise) = found.next().await {
///     println!("{:?}", promise?);
/// }
/// # Ok(()) }
/// ```
#[must_use = "a search asks for nothing until it is polled"]
pub struct Found<R>(Pin<Box<dyn Stream<Item = Result<R>> + Send>>);

/// One page, and where the next one begins.
pub(super) type Page<R> = (Vec<R>, Option<String>);

/// How far a search is.
enum Next {
    /// The page after this.
    Page(Option<String>),
    /// There is none.
    Nothing,
}

impl<R: Send + 'static> Found<R> {
    /// What the pages hold that `page` gives.
    pub(super) fn pages<F, Fut>(page: F) -> Self
    where
        F: Fn(Option<String>) -> Fut + Send + Sync + 'static,
        Fut: Future<Output = Result<Page<R>>> + Send,
    {
        let page = Arc::new(page);
        let begin = (Vec::new().into_iter(), Next::Page(None));
        let records = stream::try_unfold(begin, move |(mut records, mut next)| {
            let page = page.clone();
            async move {
                loop {
                    let records: &mut vec::IntoIter<R> = &mut records;
                    if let Some(record) = records.next() {
                        let rest = std::mem::take(records);
                        return Ok(Some((record, (rest, next))));
                    }
                    let Next::Page(cursor) = next else { return Ok(None) };
                    let (found, cursor) = page(cursor).await?;
                    *records = found.into_iter();
                    next = cursor.map_or(Next::Nothing, |cursor| Next::Page(Some(cursor)));
                }
            }
        });
        Self(Box::pin(records))
    }

    /// The next one, if there is one more.
    pub async fn next(&mut self) -> Option<Result<R>> {
        self.0.next().await
    }

    /// All of them. There may be many: this holds them in memory.
    ///
    /// # Errors
    /// When the engine cannot be reached.
    pub async fn all(mut self) -> Result<Vec<R>> {
        let mut all = Vec::new();
        while let Some(record) = self.next().await {
            all.push(record?);
        }
        Ok(all)
    }
}

impl<R> Stream for Found<R> {
    type Item = Result<R>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        self.0.as_mut().poll_next(cx)
    }
}

impl<R> fmt::Debug for Found<R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Found")
    }
}
