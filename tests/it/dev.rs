//! `./dev` names what a machine lacks in one line, before it does anything.

use rootward_tests::sources;
use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::process::{Command, Output};

#[test]
fn a_missing_or_old_tool_is_named_in_one_line() {
    let cases: [(&[(&str, &str)], &str); 4] = [
        (&[], "Rust is missing"),
        (
            &[
                ("cargo", ""),
                ("rustc", "rustc 1.90.3 (abc 2025-10-01)"),
                ("node", "v22.0.0"),
                ("npm", "11.0.0"),
            ],
            "Rust 1.90.3 is too old",
        ),
        (
            &[("cargo", ""), ("rustc", "rustc 1.91.0 (abc 2025-10-30)")],
            "Node is missing",
        ),
        (
            &[
                ("cargo", ""),
                ("rustc", "rustc 2.0.0 (abc 2030-01-01)"),
                ("node", "v20.9.0"),
                ("npm", "10.1.0"),
            ],
            "Node 20.9.0 is too old",
        ),
    ];
    for (programs, said) in cases {
        for command in ["test", "run", "bundle"] {
            let output = dev(command, programs);
            let text = String::from_utf8(output.stderr).unwrap();
            assert_eq!(
                (output.status.code(), text.lines().count()),
                (Some(2), 1),
                "{command}: {text}"
            );
            assert!(text.starts_with(&format!("dev: {said}")), "{command}: {text}");
            assert!(output.stdout.is_empty(), "{command} did something first");
        }
    }
}

#[test]
fn tools_that_are_new_enough_are_used() {
    let programs = [
        ("cargo", "cargo was called"),
        ("rustc", "rustc 1.91.0 (abc 2025-10-30)"),
        ("node", "v20.19.0"),
        ("npm", "10.8.2"),
    ];
    let output = dev("types", &programs);
    assert!(output.status.success(), "{output:?}");
    assert_eq!(String::from_utf8(output.stdout).unwrap(), "cargo was called\n");
}

#[test]
fn an_unknown_command_is_answered_with_the_known_ones() {
    let output = dev("tset", &[]);
    assert_eq!(output.status.code(), Some(2));
    assert!(String::from_utf8(output.stderr).unwrap().contains("./dev test"));
    assert!(dev("help", &[]).status.success());
}

/// Runs `./dev` on a machine with nothing but a shell's company and `programs`, each of which prints its line.
fn dev(command: &str, programs: &[(&str, &str)]) -> Output {
    let machine = tempfile::tempdir().unwrap();
    for tool in ["cat", "cut", "date", "dirname", "head", "sed", "sort", "tr"] {
        let found = ["/usr/bin", "/bin"]
            .iter()
            .map(|folder| format!("{folder}/{tool}"))
            .find(|path| fs::metadata(path).is_ok());
        symlink(
            found.unwrap_or_else(|| panic!("no {tool} here")),
            machine.path().join(tool),
        )
        .unwrap();
    }
    for (program, says) in programs {
        let path = machine.path().join(program);
        fs::write(&path, format!("#!/bin/sh\necho '{says}'\n")).unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).unwrap();
    }
    let script = sources::root().join("dev");
    Command::new("/bin/sh")
        .arg(script)
        .arg(command)
        .env_clear()
        .env("PATH", machine.path())
        .output()
        .unwrap()
}
