//! A module is a program of somebody else's: whatever it does ends in a fault with a name, nothing else is harmed, and the
//! next request finds it well again if it is.

use crate::pkcs11::PROGRAM;
use rootward_core::adapters::Patience;
use rootward_core::ports::{Failure, ModuleName, Modules, PinState};
use rootward_tests::module_bench::{Bench, PATIENCE, sign};
use rootward_tests::rigs::softhsm::{MoodyModule, PIN, SoftHsm};
use rootward_tuf::Dialect;
use std::fs;
use std::io::Write as _;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;

/// A module that behaves so far, with a key behind it.
struct Moody {
    module: MoodyModule,
    _hsm: SoftHsm,
    bench: Bench,
}

/// With which no module that hangs is waited for long.
const SHORT: Patience = Patience {
    listing: Duration::from_secs(2),
    signing: Duration::from_secs(2),
    making: Duration::from_secs(2),
    looking: Duration::from_millis(50),
};

fn moody(patience: Patience) -> Moody {
    let hsm = SoftHsm::with_token("rootward");
    hsm.generate("rootward", "EC:prime256v1", "root", "01");
    hsm.generate("rootward", "EC:edwards25519", "edwards", "02");
    let module = MoodyModule::build();
    let bench = Bench::patient(PROGRAM, &module.path(), module.env(&hsm), patience);
    Moody {
        module,
        _hsm: hsm,
        bench,
    }
}

impl Moody {
    /// Opens the key and signs.
    fn signs(&self, label: &str) -> Result<String, Failure> {
        let mut signer = self.bench.open(&format!("rootward/{label}"), &[PIN])?;
        sign(&mut *signer, Dialect::Tuf1, None)
    }

    /// Lists what it has just now, whatever went wrong before.
    fn lists(&self) -> Result<usize, Failure> {
        // What is not allowed does not run; allowed anew, it starts afresh.
        self.bench.tokens.allow(&[]);
        self.bench.tokens.allow(std::slice::from_ref(&self.bench.module));
        Ok(self.bench.told()?.iter().map(|token| token.keys.len()).sum())
    }
}

#[test]
fn a_module_that_crashes_hangs_or_lies_while_it_lists_is_a_fault_and_the_next_request_finds_it_well() {
    let moody = moody(SHORT);
    for (mood, code) in [
        ("abort-at-start", "module-crashed"),
        ("hang-at-start", "module-hung"),
        ("fail-at-start", "module-unusable"),
        ("crash-listing", "module-crashed"),
        ("hang-listing", "module-hung"),
        ("end-listing", "module-crashed"),
        ("countless-slots", "module-lied"),
        ("long-attributes", "module-lied"),
        ("endless-objects", "module-lied"),
        ("writes-everywhere", "module-lied"),
    ] {
        moody.module.is(mood);
        let failure = moody.lists().expect_err(mood);
        let is_named = failure.code == code || code == "module-lied" && failure.code == "module-crashed";
        assert!(is_named, "{mood}: {failure:?}");
        if mood == "crash-listing" {
            assert!(failure.message.contains("SIGSEGV"), "{failure:?}");
        }
        assert!(
            !failure.message.contains("HTTP"),
            "what it wrote is not repeated: {failure:?}"
        );
        moody.module.is("well");
        assert_eq!(moody.lists().expect(mood), 2, "{mood}");
    }
    assert!(moody.signs("root").is_ok() && moody.signs("edwards").is_ok());
}

#[test]
fn a_screen_is_not_held_up_again_and_again_by_a_module_that_hangs() {
    let moody = moody(SHORT);
    moody.module.is("hang-listing");
    assert_eq!(moody.lists().expect_err("it hangs").code, "module-hung");
    moody.module.is("well");
    assert_eq!(
        moody.bench.told().expect_err("as it was told before").code,
        "module-hung"
    );
    moody.signs("root").expect("whoever means it is served at once");
}

#[test]
fn a_module_that_crashes_or_hangs_with_the_pin_in_its_hands_signs_nothing_and_harms_nothing() {
    let moody = moody(SHORT);
    for (mood, code) in [
        ("crash-at-login", "module-crashed"),
        ("hang-at-login", "module-hung"),
        ("crash-signing", "module-crashed"),
        ("hang-signing", "module-hung"),
    ] {
        moody.module.is("well");
        // A PIN is proven when the key is opened, a signature comes later.
        let mut opened = moody.bench.open("rootward/root", &[PIN]).expect(mood);
        moody.module.is(mood);
        let failure = match mood.ends_with("login") {
            true => moody.signs("root").expect_err(mood),
            false => sign(&mut *opened, Dialect::Tuf1, None).expect_err(mood),
        };
        assert_eq!(failure.code, code, "{mood}");
        moody.module.is("well");
        sign(&mut *opened, Dialect::Tuf1, None).expect("the signer lives on, and its module with it");
    }
}

#[test]
fn no_signature_comes_out_that_does_not_hold() {
    let moody = moody(PATIENCE);
    for mood in ["garbage-signature", "one-bit-off", "long-signature"] {
        for label in ["root", "edwards"] {
            moody.module.is("well");
            let mut opened = moody.bench.open(&format!("rootward/{label}"), &[PIN]).expect(mood);
            moody.module.is(mood);
            assert_eq!(
                sign(&mut *opened, Dialect::Tuf1, None).expect_err(mood).code,
                "token-failed",
                "{mood}"
            );
            moody.module.is("well");
            sign(&mut *opened, Dialect::Tuf1, None).expect("the good case");
        }
    }
}

#[test]
fn what_a_module_prints_gets_nowhere_and_what_it_is_called_obeys_no_screen() {
    let moody = moody(PATIENCE);
    moody.module.is("noisy");
    assert_eq!(moody.lists().expect("it only talks"), 2);
    moody.module.is("tells-pins");
    moody.signs("root").expect("it only talks");
    moody.module.is("control-characters");
    moody.bench.tokens.allow(std::slice::from_ref(&moody.bench.module));
    for token in moody.bench.told().expect("a list") {
        assert!(!token.token.label.chars().any(char::is_control), "{token:?}");
        assert!(!token.token.to_string().contains(char::is_control));
        let read = moody
            .bench
            .token(token.token.to_string().split_once(':').expect("written").1);
        assert_eq!(read, token.token, "it is named as it is shown");
    }
    for mood in ["no-text", "garbage-attributes"] {
        moody.module.is(mood);
        // Garbage is no key, or a fault; it is never a panic.
        match moody.lists() {
            Ok(_) => {}
            Err(failure) => assert!(
                failure.code.starts_with("module-") || failure.code.starts_with("token-"),
                "{failure:?}"
            ),
        }
    }
}

#[test]
fn a_token_that_warns_of_its_last_try_or_has_none_is_believed() {
    let moody = moody(PATIENCE);
    moody.module.is("last-try");
    let declined = moody.bench.open("rootward/root", &[]).err().expect("nobody meant it");
    assert_eq!(declined.code, "last-try-declined");
    moody.bench.open("rootward/root", &[PIN]).expect("somebody did");
    let asked = moody.bench.asked();
    assert!(
        asked
            .iter()
            .all(|wanted| format!("{wanted:?}").contains("last_try: true")),
        "{asked:?}"
    );
    moody.module.is("locked");
    let blocked = moody.bench.open("rootward/root", &[PIN]).err().expect("locked");
    assert_eq!((blocked.code.as_str(), moody.bench.asked().len()), ("pin-blocked", 0));
    let told = moody.bench.told().expect("a list");
    assert!(told.iter().any(|token| token.pin == PinState::Locked));
}

#[test]
fn a_token_with_keys_of_its_own_is_given_no_pin_and_a_person_reads_that_it_is_typed_there() {
    let moody = moody(PATIENCE);
    moody.module.is("pin-pad");
    moody.lists().expect("a list");
    let told = moody.bench.told().expect("a list");
    let token = told.iter().find(|token| token.is_initialised).expect("a token");
    assert!(token.has_pin_pad && token.trouble.is_none(), "{token:?}");
    for (mood, code) in [("pin-pad-wrong", "wrong-pin"), ("pin-pad-nobody", "prompt-closed")] {
        let mut opened = moody.bench.open("rootward/root", &[]).expect("nobody types here");
        moody.module.is(mood);
        assert_eq!(sign(&mut *opened, Dialect::Tuf1, None).expect_err(mood).code, code);
        moody.module.is("pin-pad");
        sign(&mut *opened, Dialect::Tuf1, None).expect("typed at the device");
    }
    assert_eq!(moody.bench.asked(), [], "no PIN comes through here");
    let shown = moody.bench.touches();
    assert_eq!(shown.len(), 4, "{shown:?}");
    assert!(
        shown
            .iter()
            .all(|shown| shown.types_pin && shown.seconds > 0 && !shown.digest.is_empty())
    );
    // A device that never answers is given up on, as any module is.
    let hanging = self::moody(SHORT);
    hanging.module.is("pin-pad");
    let mut opened = hanging.bench.open("rootward/root", &[]).expect("nobody types here");
    hanging.module.is("hang-at-login");
    assert_eq!(
        sign(&mut *opened, Dialect::Tuf1, None).expect_err("it hangs").code,
        "module-hung"
    );
}

#[test]
fn tokens_that_come_and_go_are_told_of_and_a_module_that_nobody_asked_or_that_hangs_is_left_alone() {
    let moody = moody(Patience {
        listing: Duration::from_secs(10),
        ..SHORT
    });
    let (tell, heard) = std::sync::mpsc::channel();
    moody.bench.tokens.watch(Box::new(move || {
        let _ = tell.send(());
    }));
    let patience = Duration::from_secs(60);
    let quiet = || heard.recv_timeout(Duration::from_millis(500)).is_err();
    moody.module.is("crash-listing");
    assert!(quiet(), "what nobody asked for is not loaded");
    moody.module.is("well");
    assert_eq!(moody.lists().expect("a list"), 2);
    assert!(quiet(), "nothing came or went");
    moody.module.is("empty-slots");
    heard.recv_timeout(patience).expect("they went");
    assert!(moody.bench.told().expect("a list").is_empty());
    moody.module.is("well");
    heard.recv_timeout(patience).expect("they came");
    assert!(!moody.bench.told().expect("a list").is_empty());
    moody.module.is("hang-listing");
    heard.recv_timeout(patience).expect("whoever asks now is told why");
    assert!(quiet(), "it is not asked again and again");
    moody.module.is("well");
    moody.signs("root").expect("whoever means it is served");
}

#[test]
fn a_file_that_is_no_module_is_called_one() {
    let folder = tempfile::tempdir().unwrap();
    let text = folder.path().join("text.so");
    fs::write(&text, "not a library").unwrap();
    let empty = folder.path().join("empty.so");
    fs::write(&empty, "").unwrap();
    let libc = ["/lib/x86_64-linux-gnu/libm.so.6", "/lib/aarch64-linux-gnu/libm.so.6"];
    let library = libc.iter().map(Path::new).find(|path| path.exists());
    let absent = folder.path().join("absent.so");
    for path in [
        Some(text.as_path()),
        Some(&empty),
        library,
        Some(&absent),
        Some(folder.path()),
    ]
    .into_iter()
    .flatten()
    {
        let bench = Bench::new(PROGRAM, path, Vec::new());
        let failure = bench.told().expect_err("no module");
        assert_eq!(failure.code, "module-unusable", "{}: {failure:?}", path.display());
    }
    let bench = Bench::new(PROGRAM, &text, Vec::new());
    bench.tokens.allow(&[ModuleName::new("nonesuch").expect("a name")]);
    assert_eq!(bench.told().expect_err("nobody knows it").code, "module-unusable");
}

#[test]
fn nothing_of_a_module_is_left_running_when_nobody_asks_it_any_more() {
    let moody = moody(SHORT);
    assert_eq!(moody.lists().expect("a list"), 2);
    let library = moody.module.path();
    assert_eq!(kept(&library), 1, "at most one process a module");
    moody.module.is("hang-listing");
    assert!(moody.lists().is_err());
    assert_eq!(kept(&library), 0, "what hangs is ended");
    moody.module.is("well");
    assert_eq!(moody.lists().expect("a list"), 2);
    drop(moody.bench);
    for _ in 0..200 {
        if kept(&library) == 0 {
            return;
        }
        std::thread::sleep(Duration::from_millis(50));
    }
    panic!("a module outlives its desk");
}

#[test]
fn a_keeper_that_is_asked_nonsense_ends_without_a_word_and_loads_nothing() {
    let module = MoodyModule::build();
    module.is("abort-at-start");
    for (said, code) in [
        (&b""[..], 0),
        (b"GET / HTTP/1.1\r\n\r\n", 2),
        (&[0xff; 64], 2),
        (&[0, 0, 0, 2, 0, 0, 0, 0, 0, 0, 0, 0, b'{', b'}'], 2),
        (&[0, 0, 0, 9, 0, 0, 0, 0, 0, 0, 0, 0, b'{'], 2),
    ] {
        let mut keeper = Command::new(PROGRAM)
            .arg("pkcs11-module")
            .arg(module.path())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("it starts");
        let mut to = keeper.stdin.take().expect("a pipe");
        to.write_all(said).expect("it listens");
        drop(to);
        let ended = keeper.wait_with_output().expect("it ends");
        assert_eq!((ended.status.code(), ended.stdout.len()), (Some(code), 0), "{said:?}");
    }
}

/// How many processes keep a library.
fn kept(library: &Path) -> usize {
    let processes = fs::read_dir("/proc").unwrap().flatten();
    let lines = processes.filter_map(|entry| fs::read(entry.path().join("cmdline")).ok());
    let keeps = |line: &Vec<u8>| {
        let words: Vec<&[u8]> = line.split(|&byte| byte == 0).collect();
        words.contains(&&b"pkcs11-module"[..]) && words.contains(&library.as_os_str().as_encoded_bytes())
    };
    lines.filter(keeps).count()
}
