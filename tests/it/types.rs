//! The screens compile against the types that Rust sends: the committed TypeScript is never stale.

use rootward_tests::committed;

#[test]
fn the_typescript_of_the_border_is_fresh() {
    committed::is_fresh("ui/src/border/types.ts", &rootward_core::border::typescript());
}
