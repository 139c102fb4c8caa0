use abide_node::Node;
use abide_protocol::Request;

use crate::{Link, LinkFuture, Messages};

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

    fn connect(&self, group: &str, id: &str) -> Messages {
        Messages::from_node(self.node.connect(group, id))
    }
}
