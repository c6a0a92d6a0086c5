//! What the process gives up before it holds a secret: core dumps, and whatever would let others drive its windows.

use std::io;

use rustix::process::{DumpableBehavior, Resource, Rlimit, set_dumpable_behavior, setrlimit};

/// Variables by which another program drives or inspects a WebKit window, or has code of its own loaded into it.
pub const REMOTE_CONTROL: [&str; 6] = [
    "TAURI_WEBVIEW_AUTOMATION",
    "WEBKIT_INSPECTOR_SERVER",
    "WEBKIT_INSPECTOR_HTTP_SERVER",
    "GTK_DEBUG",
    "GTK_MODULES",
    "GTK3_MODULES",
];

/// Keeps memory out of core files, and other processes of the same user away from it.
///
/// The limit is inherited by WebKit's processes, which see a passphrase while it is typed.
pub fn leave_no_core_dump() -> io::Result<()> {
    let none = Rlimit {
        current: Some(0),
        maximum: Some(0),
    };
    setrlimit(Resource::Core, none)?;
    set_dumpable_behavior(DumpableBehavior::NotDumpable)?;
    Ok(())
}

/// Takes those variables away from this process and its children; only a build that is driven by tests keeps them.
///
/// To be called first thing in `main`.
pub fn forget_remote_control() {
    if cfg!(feature = "e2e") {
        return;
    }
    for name in REMOTE_CONTROL {
        #[expect(unsafe_code, reason = "the standard library has no other way; see below")]
        // SAFETY: `main` calls this before it starts a thread, so nobody reads the environment meanwhile.
        unsafe {
            std::env::remove_var(name);
        }
    }
}
