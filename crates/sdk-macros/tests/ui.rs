//! What the compiler says about functions that cannot be durable, and that all others can be.

#[test]
fn mistakes_are_explained_and_the_rest_compiles() {
    let cases = trybuild::TestCases::new();
    cases.compile_fail("tests/ui/fail/*.rs");
    cases.pass("tests/ui/pass/*.rs");
}
