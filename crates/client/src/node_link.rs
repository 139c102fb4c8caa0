use abide_node::Node;
use abide_protocol::{Extensions, Request};

use crate::{BatchFuture, Link, LinkFuture, Messages};

/// A link straight into a node of this process: no socket, no JSON.
#[derive(Clone)]
pub struct NodeLink {
    node: Node,
}

impl NodeLink {
    /// A link into that node.
    pub fn new(node: Node) -> Self {
        NodeLink { node }
    }
}

impl Link for NodeLink {
    fn call(&self, request: Request) -> LinkFuture<'_> {
        Box::pin(async move { Ok(self.node.call(request).await) })
    }

    fn extensions(&self) -> Extensions {
        self.node.extensions()
    }

    fn batch<'a>(&'a self, requests: &'a [Request]) -> BatchFuture<'a> {
        let requests = requests.iter().map(|request| (request.clone(), None)).collect();
        Box::pin(async move { Ok(self.node.call_all(requests).await) })
    }

    fn connect(&self, group: &str, id: &str) -> Messages {
        Messages::from_node(self.node.connect(group, id))
    }
}
