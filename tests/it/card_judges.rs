//! Independent programs judge the virtual card, so that it cannot drift towards what our own client would like.
//! What each of them can do with a firmware is what it does with hardware of that firmware; Debian's know no AES management key.

use rootward_tests::rigs::ykman;
use rootward_tests::rigs::yubikey::{CardSpec, FIRMWARE_5_4_3, FIRMWARE_5_7_1, RIG_SERIALS, YubiKeys};
use std::fs;
use std::path::Path;
use std::process::Command;

const SERIAL: u32 = *RIG_SERIALS.start();
const READER: &str = "Yubico YubiKey CCID 00 00";
const PIN: &str = "123456";
const MANAGEMENT_KEY: &str = "010203040506070801020304050607080102030405060708";
const YKCS11: &str = "libykcs11.so.2";

/// One card, and programs that are asked about it in the rig's folder.
struct Bench(YubiKeys);

/// A bench with a card of each firmware. ykman is slow to give up on an empty slot, and a vpcd reader has two.
fn full_bench() -> Option<Bench> {
    YubiKeys::start(&[spec(SERIAL, FIRMWARE_5_4_3), spec(SERIAL + 1, FIRMWARE_5_7_1)]).map(Bench)
}

/// A bench with a card of this firmware.
fn bench(firmware: [u8; 3]) -> Option<Bench> {
    YubiKeys::start(&[spec(SERIAL, firmware)]).map(Bench)
}

/// Before 5.7, hardware attests with RSA.
fn spec(serial: u32, firmware: [u8; 3]) -> CardSpec {
    let spec = CardSpec::new(serial, firmware);
    if firmware < FIRMWARE_5_7_1 {
        spec.attesting_with_rsa()
    } else {
        spec
    }
}

impl Bench {
    /// Runs a program that may change the card, which must be the rig's; gives all it printed.
    fn run(&self, program: impl AsRef<Path>, args: &[&str]) -> String {
        let command = self.0.changing(program.as_ref()).expect("the card is ours");
        said(command, args)
    }

    fn run_default_key(&self, args: &[&str]) -> String {
        let key = format!("--key={MANAGEMENT_KEY}");
        let reader = ["-r", READER, &key];
        self.run("yubico-piv-tool", &[&reader, args].concat())
    }

    fn openssl(&self, args: &[&str]) -> String {
        said(self.0.reading("openssl"), args)
    }

    /// OpenSSL finds a path from the attestation through the card's certificate in F9 to the rig's root.
    fn is_attested(&self, attestation: &str, f9: &str) {
        let (_, root) = self.0.root();
        self.openssl(&[
            "x509",
            "-inform",
            "DER",
            "-in",
            root.to_str().unwrap(),
            "-out",
            "root.pem",
        ]);
        let verdict = self.openssl(&["verify", "-CAfile", "root.pem", "-untrusted", f9, attestation]);
        assert_eq!(verdict.trim(), format!("{attestation}: OK"));
    }

    /// OpenSSL verifies a signature of `digest` with a public key in DER.
    fn is_signed(&self, key: &str, signature: &str) {
        let args = ["-keyform", "DER", "-inkey", key, "-in", "digest", "-sigfile", signature];
        let verdict = self.openssl(&[&["pkeyutl", "-verify", "-pubin"][..], &args].concat());
        assert_eq!(verdict.trim(), "Signature Verified Successfully");
    }

    fn write_digest(&self) {
        fs::write(self.0.folder().join("digest"), [0x5a; 32]).unwrap();
    }
}

fn said(mut command: Command, args: &[&str]) -> String {
    let output = command.args(args).output();
    let output = output.unwrap_or_else(|error| panic!("cannot run {command:?}: {error}"));
    let text = [output.stdout, output.stderr].concat();
    let text = String::from_utf8_lossy(&text).into_owned();
    assert!(output.status.success(), "{command:?} failed: {text}");
    text
}

/// What both versions of ykman do, on the nth card of a full bench.
fn ykman_administers(bench: &Bench, ykman: &Path, nth: usize) {
    let listed = bench.run(ykman, &["list"]);
    for (nth, text) in ["5.4.3", "5.7.1"].iter().enumerate() {
        assert!(
            listed.contains(&format!("({text}) [CCID] Serial: {}", SERIAL + nth as u32)),
            "{listed}"
        );
    }
    let serial = (SERIAL + nth as u32).to_string();
    let run = |args: &[&str]| bench.run(ykman, &[&["--device", &serial], args].concat());
    assert!(run(&["info"]).contains(&serial));
    let authority = ["-m", MANAGEMENT_KEY, "-P", PIN];
    let policies = ["--pin-policy", "ALWAYS", "--touch-policy", "ALWAYS"];
    for (slot, algorithm) in [("9a", "ECCP384"), ("9c", "ECCP256")] {
        let generate = ["piv", "keys", "generate", "-a", algorithm, slot, "public.pem"];
        run(&[&generate, &authority[..], &policies].concat());
        let certify = [
            "piv",
            "certificates",
            "generate",
            "-s",
            "CN=build-07",
            slot,
            "public.pem",
        ];
        run(&[&certify, &authority[..]].concat());
    }
    assert_eq!(bench.0.card(nth).touches(), 2, "one for each certificate");
    assert!(run(&["piv", "info"]).contains("build-07"));
    run(&["piv", "certificates", "export", "9c", "certificate.pem"]);
    bench.openssl(&["verify", "-CAfile", "certificate.pem", "certificate.pem"]);
    run(&["piv", "keys", "attest", "9c", "attestation.pem"]);
    run(&["piv", "certificates", "export", "f9", "f9.pem"]);
    bench.is_attested("attestation.pem", "f9.pem");
    run(&["piv", "access", "change-pin", "-P", PIN, "-n", "654321"]);
    run(&["piv", "access", "unblock-pin", "-p", "12345678", "-n", PIN]);
    let protect = ["piv", "access", "change-management-key", "--protect", "--generate"];
    run(&[&protect, &authority[..]].concat());
    run(&["piv", "keys", "generate", "-P", PIN, "9e", "public.pem"]);
    run(&["piv", "reset", "--force"]);
    assert!(!run(&["piv", "info"]).contains("build-07"));
}

#[test]
fn debians_ykman_administers_a_card_with_a_3des_key() {
    let Some(bench) = full_bench() else { return };
    ykman_administers(&bench, Path::new("ykman"), 0);
}

#[test]
fn the_newest_ykman_administers_a_card_with_an_aes_key() {
    let (Some(ykman), Some(bench)) = (ykman::ready(), full_bench()) else {
        return;
    };
    ykman_administers(&bench, &ykman, 1);
}

#[test]
fn the_newest_ykman_uses_what_only_new_firmware_has() {
    let (Some(ykman), Some(bench)) = (ykman::ready(), full_bench()) else {
        return;
    };
    let serial = (SERIAL + 1).to_string();
    let run = |args: &[&str]| bench.run(&ykman, &[&["--device", &serial], args].concat());
    let authority = ["-m", MANAGEMENT_KEY, "-P", PIN];
    run(&[
        &["piv", "keys", "generate", "-a", "ED25519", "9a", "public.pem"],
        &authority[..],
    ]
    .concat());
    run(&[
        &[
            "piv",
            "certificates",
            "generate",
            "-s",
            "CN=build-07",
            "9a",
            "public.pem",
        ],
        &authority[..],
    ]
    .concat());
    run(&["piv", "certificates", "export", "9a", "certificate.pem"]);
    bench.openssl(&["verify", "-CAfile", "certificate.pem", "certificate.pem"]);
    run(&["piv", "keys", "move", "-m", MANAGEMENT_KEY, "9a", "82"]);
    let moved = run(&["piv", "keys", "info", "82"]);
    assert!(moved.contains("ED25519") && moved.contains("GENERATED"), "{moved}");
    run(&["piv", "keys", "delete", "-m", MANAGEMENT_KEY, "82"]);
    bench.openssl(&[
        "genpkey",
        "-algorithm",
        "EC",
        "-pkeyopt",
        "ec_paramgen_curve:P-256",
        "-out",
        "import.pem",
    ]);
    run(&[&["piv", "keys", "import", "9d", "import.pem"], &authority[..]].concat());
    assert!(run(&["piv", "keys", "info", "9d"]).contains("IMPORTED"));
}

#[test]
fn yubico_piv_tool_administers_a_card_with_a_3des_key() {
    let Some(bench) = bench(FIRMWARE_5_4_3) else { return };
    let run = |args: &[&str]| bench.run_default_key(args);
    run(&["-a", "generate", "-s", "9d", "-A", "RSA2048", "-o", "public.pem"]);
    run(&["-a", "generate", "-s", "9a", "-A", "ECCP256", "-o", "public.pem"]);
    run(&["-a", "attest", "-s", "9a", "-o", "attestation.pem"]);
    run(&["-a", "read-certificate", "-s", "f9", "-o", "f9.pem"]);
    bench.is_attested("attestation.pem", "f9.pem");
    run(&["-a", "import-certificate", "-s", "9a", "-i", "attestation.pem"]);
    let tested = run(&[
        "-a",
        "verify-pin",
        "-a",
        "test-signature",
        "-s",
        "9a",
        "-P",
        PIN,
        "-i",
        "attestation.pem",
    ]);
    assert!(tested.contains("Successful ECDSA verification"), "{tested}");
    run(&["-a", "set-chuid", "-a", "set-ccc"]);
    let status = run(&["-a", "status"]);
    assert!(
        status.contains(&SERIAL.to_string()) && status.contains("PIN tries left:\t3"),
        "{status}"
    );
    run(&["-a", "set-mgm-key", "-n", &MANAGEMENT_KEY.replace("0102", "0b0d")]);
}

#[test]
fn yubico_piv_tool_reads_a_card_with_an_aes_key() {
    let Some(bench) = bench(FIRMWARE_5_7_1) else { return };
    let run = |args: &[&str]| bench.run("yubico-piv-tool", args);
    assert!(run(&["-a", "version"]).contains("5.7.1"));
    assert!(run(&["-a", "status"]).contains(&SERIAL.to_string()));
    assert!(run(&["-a", "verify-pin", "-P", PIN]).contains("Successfully verified PIN"));
}

#[test]
fn ykcs11_makes_a_key_and_signs_with_it() {
    let Some(bench) = bench(FIRMWARE_5_4_3) else { return };
    bench.write_digest();
    let run = |args: &[&str]| bench.run("pkcs11-tool", &[&["--module", YKCS11], args].concat());
    assert!(run(&["--list-slots"]).contains(&format!("YubiKey PIV #{SERIAL}")));
    let administrator = ["--login", "--login-type", "so", "--so-pin", MANAGEMENT_KEY];
    for slot in ["1", "2"] {
        run(&[
            &administrator[..],
            &["--keypairgen", "--id", slot, "--key-type", "EC:prime256v1"],
        ]
        .concat());
        run(&["--read-object", "--type", "pubkey", "--id", slot, "-o", "public.der"]);
        run(&[
            &["--login", "--pin", PIN, "--sign", "-m", "ECDSA", "--id", slot],
            &SIGNATURE[..],
        ]
        .concat());
        bench.is_signed("public.der", "signature");
    }
}

#[test]
fn opensc_knows_the_card_and_signs_with_it() {
    let Some(bench) = bench(FIRMWARE_5_4_3) else { return };
    bench.write_digest();
    let named = bench.run("piv-tool", &["--reader", READER, "--name"]);
    assert!(named.contains("Personal Identity Verification Card"), "{named}");
    // OpenSC shows keys only where there is a certificate.
    bench.run_default_key(&["-a", "generate", "-s", "9c", "-A", "ECCP256", "-o", "public.pem"]);
    bench.run_default_key(&["-a", "attest", "-s", "9c", "-o", "certificate.pem"]);
    bench.run_default_key(&["-a", "import-certificate", "-s", "9c", "-i", "certificate.pem"]);
    let run = |args: &[&str]| bench.run("pkcs11-tool", args);
    assert!(run(&["--list-objects"]).contains("Certificate for Digital Signature"));
    run(&["--read-object", "--type", "pubkey", "--id", "02", "-o", "public.der"]);
    run(&[
        &["--login", "--pin", PIN, "--sign", "-m", "ECDSA", "--id", "02"],
        &SIGNATURE[..],
    ]
    .concat());
    bench.is_signed("public.der", "signature");
}

/// How pkcs11-tool is told what to sign, and where to.
const SIGNATURE: [&str; 6] = ["-i", "digest", "-o", "signature", "--signature-format", "openssl"];
