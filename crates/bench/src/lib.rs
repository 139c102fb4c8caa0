//! What every system of the bench is measured with: see [`driver`].

/// All drivers allocate alike, those of the peers included: see decision 25.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

pub mod driver;
