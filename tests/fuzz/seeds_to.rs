//! Writes the seeds of a target into a folder: `fuzz-seeds TARGET FOLDER`.

use std::fs;
use std::path::Path;

use rootward_fuzz::{TARGETS, seeds};

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [target, folder] = arguments.as_slice() else {
        eprintln!("fuzz-seeds TARGET FOLDER");
        std::process::exit(2);
    };
    assert!(
        TARGETS.iter().any(|(name, _)| name == target),
        "no target is called {target}"
    );
    fs::create_dir_all(folder).expect("a folder for the seeds");
    for (number, seed) in seeds(target).iter().enumerate() {
        fs::write(Path::new(folder).join(format!("seed-{number:03}")), seed).expect("a seed written");
    }
}
