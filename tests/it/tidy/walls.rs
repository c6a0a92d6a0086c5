//! The walls inside packages, which Cargo cannot hold: who may name whom (ARCHITECTURE.md, "Packages, one direction").
//! Each wall is a row of a table and is broken once on purpose below.

use rootward_tests::sources::{self, Named, Source};

/// Files whose path begins with `place` may not name a path that begins with one of `never`.
struct Wall {
    place: &'static str,
    never: &'static [&'static str],
    why: &'static str,
}

const RUST_WALLS: [Wall; 15] = [
    Wall {
        place: "crates/rootward-tuf/src/",
        never: &[
            "std::fs",
            "std::net",
            "std::env",
            "std::process",
            "std::thread",
            "std::io",
            "std::time::SystemTime",
            "std::time::Instant",
            "tokio",
            "reqwest",
            "jiff::Timestamp::now",
            "jiff::Zoned::now",
            "Timestamp::now",
            "Zoned::now",
            "SystemTime::now",
        ],
        why: "the rules do no I/O and read no clock",
    },
    Wall {
        place: "crates/rootward-core/src/repositories",
        never: OUTSIDE,
        why: "a use case knows ports, no adapter",
    },
    Wall {
        place: "crates/rootward-core/src/keyring",
        never: OUTSIDE,
        why: "a use case knows ports, no adapter",
    },
    Wall {
        place: "crates/rootward-core/src/backup",
        never: OUTSIDE,
        why: "a use case knows ports, no adapter",
    },
    Wall {
        place: "crates/rootward-core/src/ceremony",
        never: OUTSIDE,
        why: "a use case knows ports, no adapter",
    },
    Wall {
        place: "crates/rootward-core/src/ledger",
        never: &[
            "crate::adapters",
            "crate::ceremony",
            "crate::keyring",
            "crate::repositories",
            "tauri",
            "rusqlite",
            "reqwest",
            "std::fs",
            "std::net",
            "std::process",
            "tokio::fs",
            "tokio::net",
        ],
        why: "the ledger knows what keys did, not what for",
    },
    Wall {
        place: "crates/rootward-core/src/audit",
        never: OUTSIDE,
        why: "a use case knows ports, no adapter",
    },
    Wall {
        place: "crates/rootward-core/src/images",
        never: OUTSIDE,
        why: "a use case knows ports, no adapter",
    },
    Wall {
        place: "crates/rootward-core/src/desk",
        never: &["crate::adapters", "tauri", "rusqlite", "reqwest", "std::fs", "std::net"],
        why: "the desk is handed its adapters",
    },
    Wall {
        place: "crates/rootward-core/src/practice",
        never: &[
            "crate::adapters",
            "crate::border",
            "tauri",
            "rusqlite",
            "reqwest",
            "std::fs",
            "std::net",
        ],
        why: "practice repositories are made through the ports that all are made through",
    },
    Wall {
        place: "crates/rootward-core/src/ports",
        never: &[
            "crate::adapters",
            "crate::repositories",
            "crate::keyring",
            "crate::ceremony",
            "crate::audit",
            "crate::images",
            "tauri",
            "rusqlite",
            "reqwest",
        ],
        why: "ports know no implementation",
    },
    Wall {
        place: "crates/rootward-core/src/adapters/",
        never: &[
            "crate::repositories",
            "crate::keyring",
            "crate::ceremony",
            "crate::audit",
            "crate::images",
            "crate::border",
            "tauri",
        ],
        why: "adapters know ports and the outside world",
    },
    Wall {
        place: "crates/rootward-core/src/border",
        never: &["crate::adapters", "tauri", "std::fs", "std::net"],
        why: "the border turns results into plain data",
    },
    Wall {
        place: "src-tauri/",
        never: &["rootward_tuf"],
        why: "the shell holds no rule",
    },
    Wall {
        place: "crates/rootward-cli/src/",
        never: &["rootward_tuf", "tauri"],
        why: "the terminal holds no rule",
    },
];

const OUTSIDE: &[&str] = &[
    "crate::adapters",
    "tauri",
    "rusqlite",
    "reqwest",
    "std::fs",
    "std::net",
    "std::process",
    "tokio::fs",
    "tokio::net",
];

#[test]
fn rust_folders_name_only_whom_they_may() {
    let files: Vec<Source> = ["crates", "src-tauri"]
        .into_iter()
        .flat_map(|folder| sources::below(folder, &[".rs"]))
        .collect();
    assert_eq!(rust_breaches(&files), Vec::<String>::new());
}

#[test]
fn every_folder_of_the_core_has_a_wall() {
    for file in sources::below("crates/rootward-core/src", &[".rs"]) {
        let inside = file.path.trim_start_matches("crates/rootward-core/src/");
        let walled = RUST_WALLS.iter().any(|wall| file.path.starts_with(wall.place));
        // What only tests are made of plugs ports and adapters together.
        let of_tests = [
            "change_tests/",
            "notary_support/",
            "rotation_support/",
            "rotation_tests/",
        ];
        let is_test = of_tests.iter().any(|folder| inside.starts_with(folder));
        assert!(
            walled || is_test || !inside.contains('/'),
            "{} stands behind no wall",
            file.path
        );
    }
}

#[test]
fn screens_name_only_whom_they_may() {
    assert_eq!(
        script_breaches(&sources::below("ui/src", &[".ts", ".tsx"])),
        Vec::<String>::new()
    );
}

#[test]
fn headless_packages_never_link_tauri() {
    let lock = sources::below("", &["Cargo.lock"])
        .into_iter()
        .find(|file| file.path == "Cargo.lock");
    let lock = lock.expect("the workspace has a lock file").text;
    for package in ["rootward-tuf", "rootward-core", "rootward-cli", "rootward-tests"] {
        for unwanted in ["tauri", "gtk", "webkit2gtk"] {
            assert!(!links(&lock, package, unwanted), "{package} links {unwanted}");
        }
    }
    assert!(!links(&lock, "rootward-tuf", "tokio"), "the rules are not async");
}

#[test]
fn every_breach_of_a_rust_wall_is_found() {
    for wall in &RUST_WALLS {
        let place = format!("{}/planted.rs", wall.place.trim_end_matches('/'));
        for never in wall.never {
            let planted = Source {
                path: place.clone(),
                text: format!("use {never}::Thing;\n"),
            };
            assert_eq!(rust_breaches(&[planted]).len(), 1, "{place} naming {never}");
        }
        let good = Source {
            path: place,
            text: "use std::fmt;\nuse crate::time::Instant;\n".into(),
        };
        assert_eq!(rust_breaches(&[good]), Vec::<String>::new());
    }
    let core = "crates/rootward-core/src";
    let breaches = [
        (
            format!("{core}/ceremony/plan.rs"),
            "use crate::{ports, adapters::{self, disk}};",
        ),
        (
            format!("{core}/ceremony/plan.rs"),
            "fn now() -> u64 { crate::adapters::clock::now() }",
        ),
        (
            format!("{core}/ceremony/plan.rs"),
            "use super::super::adapters::disk::Disk;",
        ),
        (format!("{core}/adapters/folder.rs"), "use super::http::Client;"),
        (
            format!("{core}/adapters/folder/layout.rs"),
            "use crate::adapters::http::Client;",
        ),
    ];
    for (path, text) in breaches {
        assert!(
            !rust_breaches(&[Source {
                path,
                text: text.into()
            }])
            .is_empty(),
            "{text}"
        );
    }
    let fine = [
        (
            format!("{core}/adapters/folder/layout.rs"),
            "use super::names::Names;\nuse crate::adapters::folder::Folder;",
        ),
        (
            format!("{core}/adapters/notary/server.rs"),
            "use crate::adapters::web::Web;",
        ),
        (
            format!("{core}/adapters/folder/tests.rs"),
            "use crate::adapters::ForgettingDisk;",
        ),
        (
            format!("{core}/adapters/folder.rs"),
            "use self::layout::Layout; // never crate::adapters::http",
        ),
        (
            format!("{core}/adapters/folder.rs"),
            "const WHY: &str = \"crate::adapters::http is another\";",
        ),
        (
            format!("{core}/adapters/mod.rs"),
            "pub use self::http::Http;\npub use folder::Folder;",
        ),
    ];
    for (path, text) in fine {
        assert_eq!(
            rust_breaches(&[Source {
                path,
                text: text.into()
            }]),
            Vec::<String>::new(),
            "{text}"
        );
    }
}

#[test]
fn every_breach_of_a_screens_wall_is_found() {
    let file = |path: &str, text: &str| Source {
        path: path.into(),
        text: text.into(),
    };
    let breaches = [
        file(
            "ui/src/features/tree/Tree.tsx",
            "import { Row } from \"../wizard/Row\";",
        ),
        file(
            "ui/src/features/tree/Tree.tsx",
            "import {\n  Row,\n} from \"../wizard/Row\";",
        ),
        file("ui/src/features/tree/Tree.tsx", "const row = import('../wizard/Row');"),
        file(
            "ui/src/features/tree/Tree.tsx",
            "import { invoke } from \"@tauri-apps/api/core\";",
        ),
        file(
            "ui/src/app/App.tsx",
            "import type { Event } from '@tauri-apps/api/event';",
        ),
        file("ui/src/parts/Button.tsx", "import { query } from \"../border\";"),
        file(
            "ui/src/parts/Button.tsx",
            "import { Tree } from \"../features/tree/Tree\";",
        ),
        file(
            "ui/src/border/live.ts",
            "import { Tree } from \"../features/tree/Tree\";",
        ),
    ];
    for planted in breaches {
        let shown = format!("{}: {}", planted.path, planted.text);
        assert_eq!(script_breaches(&[planted]).len(), 1, "{shown}");
    }
    let fine = [
        file(
            "ui/src/features/tree/Tree.tsx",
            "import { Row } from \"./Row\";\nimport { query } from \"../../border\";",
        ),
        file(
            "ui/src/border/live.ts",
            "import { invoke } from \"@tauri-apps/api/core\";",
        ),
        file(
            "ui/src/parts/Button.tsx",
            "import { Button } from \"react-aria-components\";",
        ),
        file("ui/src/app/App.tsx", "import { Tree } from \"../features/tree/Tree\";"),
    ];
    for good in fine {
        assert_eq!(script_breaches(&[good]), Vec::<String>::new());
    }
}

#[test]
fn a_link_to_tauri_is_found_through_others() {
    let lock = "[[package]]\nname = \"a\"\ndependencies = [\n \"b 1.0.0\",\n]\n\n[[package]]\nname = \"b\"\ndependencies = [\n \"tauri\",\n]\n\n[[package]]\nname = \"c\"\n";
    assert!(links(lock, "a", "tauri") && links(lock, "b", "tauri") && !links(lock, "c", "tauri"));
}

fn rust_breaches(files: &[Source]) -> Vec<String> {
    let mut breaches = Vec::new();
    for file in files.iter().filter(|file| !sources::is_test_file(&file.path)) {
        let named = sources::rust_paths(&file.path, sources::without_inline_tests(&file.text));
        for wall in RUST_WALLS.iter().filter(|wall| file.path.starts_with(wall.place)) {
            let behind = named
                .iter()
                .filter(|named| wall.never.iter().any(|never| starts(&named.path, never)));
            breaches.extend(behind.map(|named| breach(file, named, wall.why)));
        }
        if let Some(adapter) = adapter_of(&file.path) {
            let others = named.iter().filter(|named| {
                named
                    .path
                    .strip_prefix("crate::adapters::")
                    .and_then(|inside| inside.split("::").next())
                    .is_some_and(|other| other != adapter && !COMMON_GROUND.contains(&other))
            });
            breaches.extend(others.map(|named| breach(file, named, "adapters do not know each other")));
        }
    }
    breaches
}

/// `a::b` starts `a::b` and `a::b::c`, not `a::bc`.
fn starts(path: &str, beginning: &str) -> bool {
    path.strip_prefix(beginning)
        .is_some_and(|rest| rest.is_empty() || rest.starts_with("::"))
}

/// What several adapters stand on: those that speak HTTP, where limits and redirects are decided once, those that sign, whose
/// signatures are guarded in one way, and whose devices certify in one way; PIV tokens, real and practice, whose secrets are
/// asked for in one way; and private keys in memory.
const COMMON_GROUND: [&str; 5] = ["web", "certifying", "signing", "piv", "private_key"];

/// The adapter that a file belongs to. `adapters/mod.rs` plugs them together and a `tests.rs` tries them together: these
/// belong to none and may name all.
fn adapter_of(path: &str) -> Option<&str> {
    let inside = path.strip_prefix("crates/rootward-core/src/adapters/")?;
    if inside.ends_with("/tests.rs") {
        return None;
    }
    let first = inside.split('/').next()?.trim_end_matches(".rs");
    (first != "mod").then_some(first)
}

fn script_breaches(files: &[Source]) -> Vec<String> {
    let mut breaches = Vec::new();
    for file in files {
        let is_test = sources::is_test_file(&file.path);
        for named in sources::script_imports(&file.path, &file.text) {
            let import = named.path.trim_start_matches("type ");
            let why = if import.starts_with("@tauri-apps/") && !file.path.starts_with("ui/src/border/") {
                "only border/ talks to the host"
            } else if let (Some(here), Some(there)) = (feature_of(&file.path), feature_of(import))
                && here != there
            {
                "features do not import each other"
            } else if file.path.starts_with("ui/src/parts/") && !is_test && under(import, "ui/src/border") {
                "a part knows nothing of the domain"
            } else if ["ui/src/parts/", "ui/src/border/", "ui/src/words/"]
                .iter()
                .any(|place| file.path.starts_with(place))
                && under(import, "ui/src/features")
            {
                "features stand above"
            } else {
                continue;
            };
            breaches.push(breach(file, &named, why));
        }
    }
    breaches
}

fn under(path: &str, folder: &str) -> bool {
    path.strip_prefix(folder)
        .is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

fn feature_of(path: &str) -> Option<&str> {
    path.strip_prefix("ui/src/features/")?.split('/').next()
}

fn breach(file: &Source, named: &Named, why: &str) -> String {
    format!("{}:{}: {} ({why})", file.path, named.line, named.path)
}

/// Whether `package` reaches `unwanted` in a Cargo lock file.
fn links(lock: &str, package: &str, unwanted: &str) -> bool {
    let needs = |package: &str| -> Vec<String> {
        let blocks = lock
            .split("[[package]]")
            .filter(|block| block.contains(&format!("name = \"{package}\"\n")));
        let lists = blocks
            .filter_map(|block| block.split_once("dependencies = ["))
            .map(|(_, list)| list);
        lists
            .flat_map(|list| list.split(']').next().unwrap_or_default().lines())
            .filter_map(|line| {
                line.trim()
                    .strip_prefix('"')?
                    .split(['"', ' '])
                    .next()
                    .map(str::to_owned)
            })
            .collect()
    };
    let (mut seen, mut waiting) = (Vec::new(), vec![package.to_owned()]);
    while let Some(package) = waiting.pop() {
        if package == unwanted {
            return true;
        }
        if !seen.contains(&package) {
            waiting.extend(needs(&package));
            seen.push(package);
        }
    }
    false
}
