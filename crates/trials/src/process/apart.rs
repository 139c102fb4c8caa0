use super::model::Entries;

/// Somebody who writes to the store beside the ledger's connections.
pub(crate) trait Apart {
    /// Takes its entries out of what was found, and says what is wrong with them.
    fn take(&mut self, found: &mut Entries) -> Vec<String>;
}

/// Several of them.
pub(crate) type Others<'a> = &'a mut [&'a mut dyn Apart];
