//! `abide tree`.

use std::{collections::BTreeMap, time::Duration};

use abide_protocol::Id;
use clap::Args;

use super::Ask;
use crate::{
    clock,
    exit::Exit,
    fault::Fault,
    output::{Output, note},
    server::Server,
    tree::{draw, fetch, forest::Node, screen},
};

/// Show the call tree of an execution, with states and durations
///
/// A promise in the middle of a tree shows the part below it.
#[derive(Args, Debug)]
#[command(after_help = "\
Examples:
  abide tree order-7
  abide tree order-7 --watch
  abide tree order-7 --json | jq -r 'select(.promise.state == \"pending\") | .promise.id'")]
pub(crate) struct Tree {
    /// The execution, or a call within one
    id: String,
    /// Show it live until it is settled
    #[arg(long)]
    watch: bool,
    /// How often to look
    #[arg(long, value_name = "SPAN", default_value = "500ms", value_parser = clock::span,
          requires = "watch")]
    interval: Duration,
}

impl Ask for Tree {
    async fn ask(self, server: &Server, output: &mut Output) -> Result<Exit, Fault> {
        if !self.watch {
            let nodes = fetch::tree(server, &self.id).await?;
            print(&nodes, output)?;
            return Ok(Exit::Done);
        }
        let mut view = View::default();
        let mut said = false;
        loop {
            match fetch::tree(server, &self.id).await {
                Ok(nodes) => {
                    said = false;
                    view.show(&nodes, output)?;
                    if nodes.first().is_none_or(|root| !root.promise.is_pending()) {
                        return Ok(Exit::Done);
                    }
                }
                Err(fault) if fault.exit == Exit::Unavailable && view.shown() => {
                    if !said {
                        note(&format!("{}; still watching", fault.message));
                    }
                    said = true;
                }
                Err(fault) => return Err(fault),
            }
            tokio::time::sleep(self.interval).await;
        }
    }
}

fn print(nodes: &[Node], output: &mut Output) -> Result<(), Fault> {
    if output.is_json() {
        return nodes.iter().try_for_each(|node| output.line(&draw::json(node)));
    }
    draw::lines(nodes, clock::now()).iter().try_for_each(|line| output.line(line))
}

/// What was shown last.
#[derive(Default)]
struct View {
    seen: BTreeMap<Id, Node>,
}

impl View {
    fn shown(&self) -> bool {
        !self.seen.is_empty()
    }

    /// Shows the tree: drawn over on a terminal; the nodes that changed for a program; the whole
    /// tree when something changed, for a pipe.
    fn show(&mut self, nodes: &[Node], output: &mut Output) -> Result<(), Fault> {
        let changed: Vec<&Node> =
            nodes.iter().filter(|node| self.seen.get(&node.promise.id) != Some(node)).collect();
        if output.is_live() {
            output.raw(&screen::frame(&draw::lines(nodes, clock::now()), self.shown()))?;
        } else if output.is_json() {
            changed.iter().try_for_each(|node| output.line(&draw::json(node)))?;
        } else if !changed.is_empty() {
            if self.shown() {
                output.line("")?;
            }
            print(nodes, output)?;
        }
        self.seen = nodes.iter().map(|node| (node.promise.id.clone(), node.clone())).collect();
        Ok(())
    }
}
