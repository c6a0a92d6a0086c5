//! Whether this machine can be worked on: clock, randomness, the program itself, smart card service, keychain, desk.
//!
//! Each check can fail, and says then what to do. What `rootwardctl selftest` asks; needs no desk and changes none.

use std::{
    path::{Path, PathBuf},
    sync::Arc,
};

use rootward_tuf::{
    Instant,
    encoding::{hex, sha256},
};

use crate::{
    adapters::{DataLock, Keychain, SqliteVault, SystemClock, SystemDisk, SystemRandom, YubiKeys, data_folder},
    border::{CheckReport, CheckState, SelftestReport},
    ports::{Attached, Clock, Disk, Failure, Prompt, PromptRequest, Random, Secret, Tokens, TouchRequest, Touching},
};

/// What is asked of a self-test.
#[derive(Debug, Clone, Default)]
pub struct Selftest {
    pub data: Option<PathBuf>,
    /// What SHA-256 of the program should be, in hexadecimal digits.
    pub digest: Option<String>,
    /// Names of checks that are not made.
    pub skip: Vec<String>,
}

/// The checks there are, in their order.
pub const CHECKS: [&str; 7] = [
    "clock",
    "randomness",
    "cryptography",
    "program",
    "tokens",
    "keychain",
    "desk",
];

/// No clock is right before this program was written, nor long after.
const NOT_BEFORE: &str = "2026-11-01T00:00:00Z";
const NOT_AFTER: &str = "2076-01-01T00:00:00Z";
const NO_SERVICE: &str = "Install and start the smart card service (pcscd), or leave this out with --skip tokens.";
const LONGEST_PROGRAM: u64 = 1 << 30;

/// Makes every check.
///
/// Fails with `bad-usage` when a check to be skipped does not exist.
pub fn selftest(wish: &Selftest) -> Result<SelftestReport, Failure> {
    if let Some(unknown) = wish.skip.iter().find(|name| !CHECKS.contains(&name.as_str())) {
        let message = format!("there is no check {unknown}: expected one of {}", CHECKS.join(", "));
        return Err(Failure::fault("bad-usage", message));
    }
    let (disk, random): (Arc<dyn Disk>, Arc<dyn Random>) = (Arc::new(SystemDisk::new()), Arc::new(SystemRandom));
    let data = data_folder(wish.data.clone());
    // Where there is no desk yet, an absent list of keys is an empty one.
    let list = data.as_deref().unwrap_or(Path::new("/nonexistent"));
    let keychain = Keychain::of_system(disk.clone(), random.clone(), list);
    let tokens = YubiKeys::new(Arc::new(Nobody));
    let machine = Machine {
        now: SystemClock.now(),
        random: &*random,
        disk: &*disk,
        program: std::env::current_exe().ok(),
        tokens: &|| tokens.attached(),
        keychain: &|| keychain.answers(),
        data: data.ok(),
    };
    Ok(machine.report(wish))
}

/// What is checked.
struct Machine<'a> {
    now: Instant,
    random: &'a dyn Random,
    disk: &'a dyn Disk,
    program: Option<PathBuf>,
    tokens: &'a dyn Fn() -> Result<Vec<Attached>, Failure>,
    keychain: &'a dyn Fn() -> Result<(), Failure>,
    data: Option<PathBuf>,
}

/// What a check found: that all is well, that it is not and what to do, or why nothing was found out.
enum Found {
    Well(String),
    Wrong(String, &'static str),
    Nothing(String),
}

impl Machine<'_> {
    fn report(&self, wish: &Selftest) -> SelftestReport {
        let checks = CHECKS.map(|name| {
            let found = match name {
                _ if wish.skip.iter().any(|skipped| skipped == name) => Found::Nothing("left out as wished".into()),
                "clock" => self.clock(),
                "randomness" => self.randomness(),
                "cryptography" => cryptography(sha256),
                "program" => self.program(wish.digest.as_deref()),
                "tokens" => self.tokens(),
                "keychain" => self.keychain(),
                _ => self.desk(),
            };
            let (state, message, next) = match found {
                Found::Well(message) => (CheckState::Ok, message, None),
                Found::Wrong(message, next) => (CheckState::Failed, message, Some(next.to_owned())),
                Found::Nothing(message) => (CheckState::NotChecked, message, None),
            };
            CheckReport {
                check: name.into(),
                state,
                message,
                next,
            }
        });
        SelftestReport {
            passed: checks.iter().all(|check| check.state != CheckState::Failed),
            version: env!("CARGO_PKG_VERSION").into(),
            system: format!("{} {}", std::env::consts::OS, std::env::consts::ARCH),
            at: self.now.to_seconds_text(),
            checks: checks.into(),
        }
    }

    fn clock(&self) -> Found {
        let todo = "Set the clock, by hand where there is no network: expiry is judged by it.";
        let bound = |text| Instant::parse(text).ok();
        let now = self.now.to_seconds_text();
        if bound(NOT_BEFORE).is_some_and(|floor| self.now < floor) {
            return Found::Wrong(format!("it says {now}, which is before this program was written"), todo);
        }
        if bound(NOT_AFTER).is_some_and(|ceiling| self.now > ceiling) {
            return Found::Wrong(format!("it says {now}, which nobody here will see"), todo);
        }
        // A file of the desk that is from the future was written before the clock was set back.
        match self.last_written() {
            Some(written) if written > self.now => Found::Wrong(
                format!(
                    "it says {now}, but the desk was written to after {}",
                    written.to_seconds_text()
                ),
                todo,
            ),
            _ => Found::Well(now),
        }
    }

    /// When the desk was written to last, a day's leeway taken off.
    fn last_written(&self) -> Option<Instant> {
        let file = self.data.as_ref()?.join("desk.sqlite");
        let modified = file.metadata().ok()?.modified().ok()?;
        let seconds = modified.duration_since(std::time::UNIX_EPOCH).ok()?.as_secs();
        let day = 24 * 60 * 60;
        Instant::from_unix_seconds(i64::try_from(seconds.saturating_sub(day)).ok()?)
    }

    fn randomness(&self) -> Found {
        let draws = [[0_u8; 32]; 4].map(|mut draw| {
            self.random.fill(&mut draw);
            draw
        });
        let varied = |draw: &[u8; 32]| draw.iter().any(|byte| *byte != draw[0]);
        let differ = (1..draws.len()).all(|place| !draws[..place].contains(&draws[place]));
        if draws.iter().all(varied) && differ {
            Found::Well("four draws of 32 bytes differ".into())
        } else {
            Found::Wrong(
                "what the system gives as random repeats itself".into(),
                "Make no key on this machine. Boot it from an image that somebody trusts.",
            )
        }
    }

    fn program(&self, expected: Option<&str>) -> Found {
        let bytes = match &self.program {
            Some(program) => self.disk.read(program, LONGEST_PROGRAM).map_err(|why| why.to_string()),
            None => Err("the system does not say where it lies".into()),
        };
        let bytes = match bytes {
            Ok(bytes) => bytes,
            Err(why) => {
                let todo = "Start it from a folder that this account may read.";
                return Found::Wrong(format!("this program cannot read itself: {why}"), todo);
            }
        };
        let found = hex(&sha256(&bytes));
        match expected.map(|text| text.trim().to_ascii_lowercase()) {
            Some(expected) if expected != found => Found::Wrong(
                format!("its SHA-256 is {found}, expected {expected}"),
                "Do not use it. Take the program from the release again and compare the digest before it runs.",
            ),
            Some(_) => Found::Well(format!("its SHA-256 is {found}, as expected")),
            None => Found::Well(format!(
                "its SHA-256 is {found}; compare it with the release's, from another machine"
            )),
        }
    }

    fn tokens(&self) -> Found {
        match (self.tokens)() {
            Err(failure) => Found::Wrong(failure.message, NO_SERVICE),
            Ok(tokens) => {
                let unseen = tokens.iter().find_map(|token| match token {
                    Attached::Unseen(why) => Some(why.message.clone()),
                    Attached::Ready(_) | Attached::Troubled { .. } => None,
                });
                if let Some(why) = unseen {
                    return Found::Wrong(why, NO_SERVICE);
                }
                let ready = tokens
                    .iter()
                    .filter(|token| matches!(token, Attached::Ready(_)))
                    .count();
                match tokens.len() - ready {
                    0 => Found::Well(match ready {
                        0 => "the smart card service answers; no token is plugged in".into(),
                        ready => format!(
                            "the smart card service answers; {}",
                            crate::border::counted(ready as u64, "token")
                        ),
                    }),
                    troubled => Found::Wrong(
                        format!(
                            "{} cannot be used now",
                            crate::border::counted(troubled as u64, "token")
                        ),
                        "See rootwardctl tokens: it says of each what is wrong.",
                    ),
                }
            }
        }
    }

    fn keychain(&self) -> Found {
        match (self.keychain)() {
            Ok(()) => Found::Well("it answers".into()),
            Err(failure) if failure.code == "keychain-missing" => Found::Nothing(failure.message),
            Err(failure) => Found::Wrong(
                failure.message,
                "Unlock it in the desktop's own program, or turn it off with ROOTWARD_KEYCHAIN=none.",
            ),
        }
    }

    fn desk(&self) -> Found {
        let Some(data) = self.data.as_ref().filter(|data| data.join("desk.sqlite").exists()) else {
            return Found::Nothing("there is none yet".into());
        };
        let opened = DataLock::take(data, "rootwardctl selftest", self.now)
            .and_then(|lock| SqliteVault::open(&data.join("desk.sqlite")).map(|vault| vault.holding(lock)));
        match opened {
            Ok(_) => Found::Well(format!("{} opens", data.display())),
            Err(failure) if failure.code == "data-folder-locked" => Found::Nothing(failure.message),
            Err(failure) => Found::Wrong(
                failure.message,
                "Use the program that wrote it, or restore a backup into another folder (--data DIR).",
            ),
        }
    }
}

/// A digest everybody knows, computed by the code that computes all others.
fn cryptography(digest: fn(&[u8]) -> [u8; 32]) -> Found {
    const ABC: &str = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
    match hex(&digest(b"abc")) == ABC {
        true => Found::Well("SHA-256 of a known text is what it must be".into()),
        false => Found::Wrong(
            "SHA-256 of a known text is wrong".into(),
            "Do not use this machine: its processor or this program is broken.",
        ),
    }
}

/// Nothing here wants a secret.
struct Nobody;

impl Prompt for Nobody {
    fn ask(&self, _: &PromptRequest) -> Result<Secret, Failure> {
        Err(Failure::interruption("prompt-closed", "a self-test asks nobody"))
    }

    fn touch(&self, _: &TouchRequest) -> Result<Box<dyn Touching>, Failure> {
        Err(Failure::interruption("prompt-closed", "a self-test asks nobody"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Same;

    impl Random for Same {
        fn fill(&self, bytes: &mut [u8]) {
            for (place, byte) in bytes.iter_mut().enumerate() {
                *byte = place as u8;
            }
        }
    }

    fn states(machine: &Machine<'_>, wish: &Selftest) -> Vec<(String, CheckState)> {
        let report = machine.report(wish);
        for check in &report.checks {
            assert_eq!(
                check.next.is_some(),
                check.state == CheckState::Failed,
                "{}",
                check.check
            );
        }
        assert_eq!(
            report.passed,
            report.checks.iter().all(|check| check.state != CheckState::Failed)
        );
        report
            .checks
            .into_iter()
            .map(|check| (check.check, check.state))
            .collect()
    }

    #[test]
    fn every_check_can_pass_and_can_fail() {
        let place = tempfile::tempdir().unwrap();
        let program = place.path().join("program");
        std::fs::write(&program, "abc").unwrap();
        let good = place.path().join("good");
        std::fs::create_dir(&good).unwrap();
        SqliteVault::open(&good.join("desk.sqlite")).unwrap();
        let broken = place.path().join("broken");
        std::fs::create_dir(&broken).unwrap();
        std::fs::write(broken.join("desk.sqlite"), "no database".repeat(100)).unwrap();
        let disk = SystemDisk::new();
        let now = SystemClock.now();
        let well = Machine {
            now,
            random: &SystemRandom,
            disk: &disk,
            program: Some(program.clone()),
            tokens: &|| Ok(Vec::new()),
            keychain: &|| Ok(()),
            data: Some(good.clone()),
        };
        let digest = |text: &str| Selftest {
            digest: Some(text.into()),
            ..Selftest::default()
        };
        let abc = "BA7816BF8F01CFEA414140DE5DAE2223B00361A396177A9CB410FF61F20015AD";
        assert!(
            states(&well, &digest(abc))
                .iter()
                .all(|(_, state)| *state == CheckState::Ok)
        );
        let ill = Machine {
            now: Instant::parse("2026-10-31T00:00:00Z").unwrap(),
            random: &Same,
            disk: &disk,
            program: Some(program),
            tokens: &|| Err(Failure::fault("token-service-missing", "no smart card service runs")),
            keychain: &|| {
                Err(Failure::fault(
                    "keychain-silent",
                    "the keychain did not answer within 30 s",
                ))
            },
            data: Some(broken),
        };
        let found = states(&ill, &digest(&"0".repeat(64)));
        let failed: Vec<&str> = found
            .iter()
            .filter(|(_, state)| *state == CheckState::Failed)
            .map(|(name, _)| name.as_str())
            .collect();
        assert_eq!(failed, ["clock", "randomness", "program", "tokens", "keychain", "desk"]);
        assert!(matches!(cryptography(|_| [0; 32]), Found::Wrong(..)));
        // A clock that was set back behind what the desk has seen, and one far ahead.
        for moment in ["2026-11-02T00:00:00Z", "2099-01-01T00:00:00Z"] {
            let file = std::fs::File::open(good.join("desk.sqlite")).unwrap();
            let written = std::time::UNIX_EPOCH + std::time::Duration::from_secs(1_900_000_000);
            file.set_modified(written).unwrap();
            let machine = Machine {
                now: Instant::parse(moment).unwrap(),
                ..well_again(&well)
            };
            assert!(matches!(machine.clock(), Found::Wrong(..)), "{moment}");
        }
        let skipped = Selftest {
            skip: CHECKS.map(str::to_owned).into(),
            ..Selftest::default()
        };
        assert!(
            states(&ill, &skipped)
                .iter()
                .all(|(_, state)| *state == CheckState::NotChecked)
        );
    }

    fn well_again<'a>(machine: &Machine<'a>) -> Machine<'a> {
        Machine {
            now: machine.now,
            random: machine.random,
            disk: machine.disk,
            program: machine.program.clone(),
            tokens: machine.tokens,
            keychain: machine.keychain,
            data: machine.data.clone(),
        }
    }

    #[test]
    fn a_check_that_does_not_exist_cannot_be_left_out() {
        let wish = Selftest {
            skip: vec!["weather".into()],
            ..Selftest::default()
        };
        assert_eq!(selftest(&wish).unwrap_err().code, "bad-usage");
    }
}
