//! Names nobody can guess.

use std::fmt::Write;

/// Draws `N` bytes from the system and writes them in hex.
pub fn hex<const N: usize>() -> String {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes).expect("the system gives randomness, or no key is safe on it");
    bytes.iter().fold(String::with_capacity(2 * N), |mut text, byte| {
        write!(text, "{byte:02x}").expect("a string takes every write");
        text
    })
}
