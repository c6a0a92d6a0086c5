//! The border as TypeScript: every type in one file, so that the screens compile against what Rust sends.
//!
//! Writes no file itself; a test compares the committed one and rewrites it on request.

use std::collections::BTreeMap;

use ts_rs::{Config, TS, TypeVisitor};

use super::{Action, CODES, Failure, Notice, Outcome, Query, TreeFilter, View};

/// The text of `ui/src/border/types.ts`: all border types, sorted by name, and the failure codes.
pub fn typescript() -> String {
    let mut types = Types::default();
    types.visit::<Query>();
    types.visit::<TreeFilter>();
    types.visit::<View>();
    types.visit::<Action>();
    types.visit::<Outcome>();
    types.visit::<Notice>();
    types.visit::<Failure>();
    let mut text = String::from("// Generated from crates/rootward-core/src/border by ./dev types. Do not edit.\n\n");
    for declaration in types.declarations.values() {
        for line in declaration.lines() {
            text.push_str(line.trim_end());
            text.push('\n');
        }
        text.push('\n');
    }
    text.push_str("/** Every failure code a person can meet. */\nexport const FAILURE_CODES = [\n");
    for code in CODES {
        text.push_str(&format!("  \"{code}\",\n"));
    }
    text.push_str("] as const;\n");
    text
}

/// Declarations by name, gathered along the dependencies of the types visited.
#[derive(Default)]
struct Types {
    declarations: BTreeMap<String, String>,
}

impl TypeVisitor for Types {
    fn visit<T: TS + 'static + ?Sized>(&mut self) {
        let config = Config::new().with_large_int("number");
        // Types without a file of their own are built in: numbers, strings, lists.
        if T::output_path().is_none() {
            T::visit_dependencies(self);
            return;
        }
        let name = T::ident(&config);
        if self.declarations.contains_key(&name) {
            return;
        }
        let mut text = String::new();
        if let Some(docs) = T::docs() {
            text.push_str(&docs);
            if !docs.ends_with('\n') {
                text.push('\n');
            }
        }
        text.push_str("export ");
        text.push_str(&T::decl(&config));
        self.declarations.insert(name, text);
        T::visit_dependencies(self);
    }
}
