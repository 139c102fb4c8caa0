//! Has the sources of the node take their primitives from the checker.

fn main() {
    println!("cargo::rustc-cfg=shuttle");
}
