//! Officers who hold their keys in different ways: one in a YubiKey, one in an HSM behind PKCS#11, the others in files.

use crate::ctl::{Ctl, Told};
use crate::rigs::softhsm::{PIN as HSM_PIN, SoftHsm};
use crate::rigs::yubikey::{FIRMWARE_5_7_1, YubiKeys};
use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};

/// What officer 1's card was made with.
pub const PIN: &str = "123456";
/// Where officer 2's key is.
pub const IN_THE_HSM: &str = "pkcs11:softhsm:rootward/root";

/// The devices of officers 1 and 2.
pub struct Officers {
    pub cards: YubiKeys,
    hsm: SoftHsm,
}

/// A repository with a root of 2 of 3 keys, and the folder of key files `officer_1.pem` to `officer_5.pem`, of which the first
/// three are the root's.
pub struct Files<'a> {
    pub source: &'a str,
    pub root: &'a str,
    pub keys: &'a Path,
    pub passphrase: &'a str,
}

impl Officers {
    /// With empty devices. None where this machine cannot run the cards' rig, which it has said then.
    pub fn with_devices() -> Option<Self> {
        let cards = YubiKeys::one(FIRMWARE_5_7_1)?;
        cards.changing("true").expect("every card in sight is the rig's");
        let hsm = SoftHsm::with_token("rootward");
        Some(Officers { cards, hsm })
    }

    /// What leads a program to their devices and to no others.
    pub fn variables(&self) -> Vec<(&'static str, PathBuf)> {
        let [card] = self.cards.env();
        vec![card, ("SOFTHSM2_CONF", self.hsm.folder().join("softhsm2.conf"))]
    }

    /// Where officer 1's key is.
    pub fn in_the_yubikey(&self) -> String {
        format!("yubikey:{}/9c", self.cards.card(0).serial())
    }

    /// rootwardctl at the desk where their devices are, with their PINs.
    pub fn at(&self, program: impl Into<PathBuf>) -> Ctl {
        let desk = Ctl::new(program)
            .with_secret(self.in_the_yubikey(), PIN)
            .with_secret("pkcs11:softhsm:rootward", HSM_PIN);
        let variables = self.variables().into_iter();
        variables.fold(desk, |desk, (name, value)| {
            desk.with_variable(name, OsString::from(value))
        })
    }

    /// Has their keys be born in the devices, and named after them. `more` goes with every command.
    pub fn have_keys(&self, desk: &Ctl, more: &[&str]) {
        does(desk, &["tokens", "allow", "softhsm"], more);
        let in_the_yubikey = self.in_the_yubikey();
        for (at, officer) in [(in_the_yubikey.as_str(), "officer_1"), (IN_THE_HSM, "officer_2")] {
            does(desk, &["tokens", "generate", at], more);
            does(desk, &["keys", "name", at, officer], more);
        }
    }

    /// Makes the root one of five keys, three of which must sign: those in the devices, and those of officers 3 to 5 in files. Then
    /// officers 3 and 5 go `away`, each with a file, and officer 4 loses the last. Gives a copy of that root.
    pub fn three_of_five(&self, desk: &mut Ctl, files: &Files<'_>, away: &Path, more: &[&str]) -> PathBuf {
        let file = |number: usize| files.keys.join(format!("officer_{number}.pem"));
        let key = |number: usize| format!("file:{}", file(number).display());
        for number in 1..=5 {
            desk.learn(key(number), files.passphrase);
        }
        let (one, two, four, five, in_the_yubikey) = (key(1), key(2), key(4), key(5), self.in_the_yubikey());
        let mut words = vec!["rotate", "root", files.source, "--root", files.root];
        words.extend(["--remove", &one, "--remove", &two, "--threshold", "3", "--yes"]);
        for key in [&in_the_yubikey, IN_THE_HSM, &four, &five] {
            words.extend(["--add", key]);
        }
        does(desk, &words, more);
        for number in [3, 4, 5] {
            does(
                desk,
                &["keys", "name", &key(number), &format!("officer_{number}")],
                more,
            );
        }
        desk.forget_secrets_of("file:");
        for number in 1..=5 {
            let from = file(number);
            fs::rename(&from, away.join(from.file_name().expect("a file has a name"))).expect("a file can be moved");
        }
        fs::remove_file(away.join("officer_4.pem")).expect("a file can be lost");
        let root = away.join("2.root.json");
        fs::copy(Path::new(files.source).join("2.root.json"), &root).expect("the root was published");
        root
    }
}

/// Runs a command that must be done.
fn does(desk: &Ctl, words: &[&str], more: &[&str]) -> Told {
    let told = desk.run(words.iter().chain(more));
    assert_eq!(told.code, 0, "{words:?}: {told:?}");
    told
}

/// Panics when a text holds so many hexadecimal digits in a row that it names a key.
pub fn no_keyid(text: &str) {
    let mut run = 0;
    for byte in text.bytes() {
        run = if byte.is_ascii_hexdigit() { run + 1 } else { 0 };
        assert!(run < 40, "a keyid is typed: {text}");
    }
}
