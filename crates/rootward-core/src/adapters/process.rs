//! What a program does about itself before it handles secrets: no core dumps, and nothing secret in its environment.

use rustix::process::{DumpableBehavior, Resource, Rlimit, getrlimit, set_dumpable_behavior, setrlimit};
use zeroize::Zeroizing;

/// Keeps a crash from writing this process's memory to disk. Children inherit the limit.
///
/// Best effort: a system that refuses keeps its own settings.
pub fn disable_core_dumps() {
    let none = Rlimit {
        current: Some(0),
        maximum: getrlimit(Resource::Core).maximum.map(|_| 0).or(Some(0)),
    };
    let _ = setrlimit(Resource::Core, none);
    let _ = set_dumpable_behavior(DumpableBehavior::NotDumpable);
}

/// Takes a secret out of the environment, so that no child inherits it.
///
/// Must be called while this process has one thread only. The kernel's record of how the process was started keeps it, for
/// this user to read.
pub fn take_from_environment(name: &str) -> Option<Zeroizing<Vec<u8>>> {
    use std::os::unix::ffi::OsStringExt;
    let value = std::env::var_os(name)?;
    #[expect(
        unsafe_code,
        reason = "the standard library has no safe way to change the environment"
    )]
    // SAFETY: programs call this first thing in main, before any thread exists that could read the environment meanwhile.
    unsafe {
        std::env::remove_var(name);
    }
    Some(Zeroizing::new(value.into_vec()))
}
