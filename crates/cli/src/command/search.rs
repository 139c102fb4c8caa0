//! What all searches share.

use clap::Args;

use crate::{
    fault::Fault,
    output::{Output, note},
    render::Row,
};
use abide_protocol::limit;

/// Which part of what is found.
#[derive(Args, Clone, Debug)]
pub(crate) struct Paging {
    /// The size of a page
    #[arg(long, value_name = "N", default_value_t = limit::DEFAULT_PAGE,
          value_parser = clap::value_parser!(i64).range(1..=limit::PAGE))]
    limit: i64,
    /// Begin after this id
    #[arg(long, value_name = "ID")]
    after: Option<String>,
    /// Print everything, page after page
    #[arg(long)]
    all: bool,
}

/// A page, and where the next one begins if there may be one.
pub(crate) type Page<R> = (Vec<R>, Option<String>);

impl Paging {
    /// Fetches and shows pages; `fetch` gets the limit and the cursor.
    pub(crate) async fn show<R: Row>(
        self,
        output: &mut Output,
        fetch: impl AsyncFn(i64, Option<String>) -> Result<Page<R>, Fault>,
    ) -> Result<(), Fault> {
        let mut cursor = self.after;
        let mut found = 0;
        loop {
            let (page, next) = fetch(self.limit, cursor).await?;
            found += page.len();
            output.page(&page)?;
            match (next, page.last()) {
                (None, _) if found == 0 => note("nothing found"),
                (None, _) => {}
                (next, _) if self.all => {
                    cursor = next;
                    continue;
                }
                (Some(_), Some(last)) => {
                    note(&format!("there may be more: --after {:?}, or --all", last.id()));
                }
                (Some(next), None) => note(&format!("there may be more: --after {next:?}")),
            }
            return Ok(());
        }
    }
}
