//! What a suspended execution costs in memory, as far as that can be known.

use std::mem::size_of;

use super::{
    calls::Call, children::Child, children::Scope, execution::Execution, record::Recorded,
};

impl Execution {
    /// Bytes that it holds, roughly: the futures themselves, the calls that are alive, the
    /// children and the records. What futures have put on the heap cannot be seen from here.
    pub(crate) fn weight(&self) -> usize {
        size_of::<Self>() + self.scopes.iter().map(|(_, scope)| scope.weight()).sum::<usize>()
    }
}

impl Scope {
    fn weight(&self) -> usize {
        let future = self.future.as_ref().map_or(0, |future| size_of_val(&**future));
        let calls = self.shared.lock().calls.len() * size_of::<Call>();
        let children = self.children.len() * size_of::<Child>();
        let records = self.records.count() * size_of::<Recorded>();
        size_of::<Self>() + future + self.ask.args.len() + calls + children + records
    }
}
