//! Bugs of our own, each at one place in the code, so that it can be seen who catches it.
//!
//! A place reads `fault!(MissingFence)`. That is the literal `false`, and no trace of it is left in a
//! program, unless this crate is built with its feature `armed`, which only the command
//! `abide-sim faults` asks for. There one bug at a time is switched on, for the thread that tests it.

mod catalogue;
#[cfg(feature = "armed")]
mod switch;

pub use catalogue::{Fault, Layer};
#[cfg(feature = "armed")]
pub use switch::{active, is_on, with};

#[cfg(all(feature = "armed", not(debug_assertions)))]
compile_error!("bugs of our own have no place in a release: build with debug assertions");

/// `fault!(Name)`: whether this bug is switched on, which it never is in a program.
/// `fault!(Name => statement)`: what is done then.
#[cfg(not(feature = "armed"))]
#[macro_export]
macro_rules! fault {
    ($name:ident) => {{
        const _: $crate::Fault = $crate::Fault::$name;
        false
    }};
    ($name:ident => $statement:expr) => {
        if $crate::fault!($name) {
            $statement;
        }
    };
}

/// `fault!(Name)`: whether this bug is switched on.
/// `fault!(Name => statement)`: what is done then.
#[cfg(feature = "armed")]
#[macro_export]
macro_rules! fault {
    ($name:ident) => {
        $crate::is_on($crate::Fault::$name)
    };
    ($name:ident => $statement:expr) => {
        if $crate::fault!($name) {
            $statement;
        }
    };
}

#[cfg(all(test, not(feature = "armed")))]
mod tests {
    /// It can be used where only a literal can be.
    const NEVER: bool = fault!(MissingFence);

    #[test]
    fn a_fault_is_the_literal_false() {
        const { assert!(!NEVER) };
    }
}
