//! Which PKCS#11 modules this desk may load: a file in its data folder, one module a line, that only a person's wish changes.

use std::path::Path;

use crate::border::visible;
use crate::ports::{Disk, Failure, ModuleName, Ports};

const FILE: &str = "pkcs11-modules";
const LONGEST: u64 = 64 << 10;
const HEAD: &str = "# PKCS#11 modules that this desk may load, one a line. Each is a program of its vendor's.\n";

/// Reads the name or path of a module as a person types it; anything else is the fault `bad-usage`.
pub fn parse_module(text: &str) -> Result<ModuleName, Failure> {
    ModuleName::new(text).ok_or_else(|| {
        let message = format!(
            "expected a PKCS#11 module as its absolute path or a short name such as softhsm, got {}",
            visible(text)
        );
        Failure::fault("bad-usage", message)
    })
}

/// The modules that may be loaded, as the data folder says. A line that is no module's name is passed over.
///
/// Fails with `disk-failed`.
pub fn allowed_modules(disk: &dyn Disk, data: &Path) -> Result<Vec<ModuleName>, Failure> {
    let path = data.join(FILE);
    let text = match disk.read(&path, LONGEST) {
        Ok(text) => text,
        Err(why) if why.kind() == std::io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(why) => return Err(failed(&path, &why)),
    };
    let text = String::from_utf8_lossy(&text);
    let mut modules: Vec<ModuleName> = Vec::new();
    for line in text.lines().map(str::trim) {
        match ModuleName::new(line) {
            Some(module) if !modules.contains(&module) => modules.push(module),
            Some(_) => {}
            None if line.is_empty() || line.starts_with('#') => {}
            None => tracing::warn!(file = FILE, "a line names no PKCS#11 module"),
        }
    }
    Ok(modules)
}

/// Lets a module be loaded from now on, or no more.
///
/// Fails with `disk-failed`.
pub fn set_module(disk: &dyn Disk, data: &Path, module: &ModuleName, may: bool) -> Result<Vec<ModuleName>, Failure> {
    let mut modules = allowed_modules(disk, data)?;
    modules.retain(|other| other != module);
    if may {
        modules.push(module.clone());
    }
    let lines: String = modules.iter().map(|module| format!("{}\n", module.as_str())).collect();
    let path = data.join(FILE);
    disk.write(&path, format!("{HEAD}{lines}").as_bytes(), true)
        .map_err(|why| failed(&path, &why))?;
    Ok(modules)
}

/// Allows what the data folder says, and `more`, which is meant for this run alone.
///
/// Fails with `disk-failed`.
pub fn plug_in_modules(ports: &Ports, more: &[ModuleName]) -> Result<(), Failure> {
    let mut modules = allowed_modules(&*ports.disk, &ports.data)?;
    for module in more {
        if !modules.contains(module) {
            modules.push(module.clone());
        }
    }
    ports.modules.allow(&modules);
    Ok(())
}

fn failed(path: &Path, why: &std::io::Error) -> Failure {
    let message = format!("the list of PKCS#11 modules {} cannot be used: {why}", path.display());
    Failure::fault("disk-failed", message).with("file", path.display().to_string())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::adapters::SystemDisk;

    #[test]
    fn a_module_is_allowed_until_it_is_not_and_nothing_else_is() {
        let folder = tempfile::tempdir().expect("a folder");
        let disk = SystemDisk::new();
        let (one, two) = (
            parse_module("softhsm").expect("a name"),
            parse_module("/opt/x.so").expect("a path"),
        );
        assert_eq!(allowed_modules(&disk, folder.path()).expect("none"), []);
        set_module(&disk, folder.path(), &one, true).expect("written");
        set_module(&disk, folder.path(), &one, true).expect("once is enough");
        set_module(&disk, folder.path(), &two, true).expect("written");
        assert_eq!(
            allowed_modules(&disk, folder.path()).expect("both"),
            [one.clone(), two.clone()]
        );
        set_module(&disk, folder.path(), &one, false).expect("written");
        assert_eq!(allowed_modules(&disk, folder.path()).expect("one"), [two]);
        std::fs::write(folder.path().join(FILE), "\n# softhsm\n../x.so\n  softhsm  \n\u{7f}\n").expect("written");
        assert_eq!(allowed_modules(&disk, folder.path()).expect("one"), [one]);
        for text in ["", "x.so", "./x.so", "Soft HSM"] {
            assert_eq!(parse_module(text).expect_err(text).code, "bad-usage");
        }
    }
}
