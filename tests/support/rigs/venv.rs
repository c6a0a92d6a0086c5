//! Python programs in virtual environments, made once a machine.

use super::{alone, cache};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// Finds the environment `name`, or makes it from a file of pinned requirements; gives its folder of programs.
/// Fails with what Python or pip said.
pub fn ready(name: &str, requirements: &Path) -> Result<PathBuf, String> {
    let wanted = fs::read_to_string(requirements).expect("the rig lists what it needs");
    let folder = cache().join(name);
    let (programs, made_for) = (folder.join("bin"), folder.join("made-for.txt"));
    let _held = alone(name);
    if fs::read_to_string(&made_for).ok().as_ref() != Some(&wanted) || !programs.join("python").exists() {
        run(Command::new("python3").args(["-m", "venv", "--clear"]).arg(&folder))?;
        let mut install = Command::new(programs.join("python"));
        run(install
            .args(["-m", "pip", "install", "--quiet", "-r"])
            .arg(requirements))?;
        fs::write(&made_for, wanted).expect("the environment just made can be written to");
    }
    Ok(programs)
}

fn run(command: &mut Command) -> Result<(), String> {
    let output = command
        .output()
        .map_err(|error| format!("cannot run {command:?}: {error}"))?;
    let said = || String::from_utf8_lossy(&output.stderr).trim().to_owned();
    if output.status.success() {
        Ok(())
    } else {
        Err(format!("{command:?} failed: {}", said()))
    }
}
