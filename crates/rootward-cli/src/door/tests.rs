use rootward_core::ports::TokenSlot;

use super::*;

fn asked(key: &str, notice: Option<&str>) -> PromptRequest {
    PromptRequest {
        repository: "demo".into(),
        role: "root".into(),
        version: 2,
        change: "Replace officer-3 by officer-4 in root of demo".into(),
        key: key.into(),
        digest: "4f1c 9a20".into(),
        notice: notice.map(str::to_owned),
        practice: false,
        ..PromptRequest::default()
    }
}

#[test]
fn the_pin_of_a_modules_token_is_found_by_the_token_or_a_key_of_it_and_the_so_pin_by_its_mark() {
    let listed = Listed::read(
        b"pkcs11:softhsm:one\t1111\npkcs11:softhsm:two words/root\t2222\npkcs11:softhsm:one;so\t3333\n\
          pkcs11:softhsm:twins;serial=0a\t4444\n",
    )
    .expect("lines");
    let asked = |token: &str, wants| PromptRequest {
        wants,
        module_token: ModuleToken::parse(token),
        ..asked("a token", None)
    };
    let pin = Wanted::Pin {
        tries_left: None,
        last_try: false,
    };
    let new = |of| Wanted::NewTokenPin { of, again: true };
    for (token, wants, secret) in [
        ("softhsm:one", pin, "1111"),
        ("softhsm:two%20words", pin, "2222"),
        ("softhsm:one", new(PinOf::Officer), "1111"),
        ("softhsm:one", new(PinOf::SecurityOfficer), "3333"),
        ("softhsm:twins;serial=0a", pin, "4444"),
    ] {
        let found = listed.ask(&asked(token, wants)).expect(token);
        assert_eq!(found.expose(), secret.as_bytes(), "{token}");
    }
    for (token, wants) in [
        ("ykcs11:one", pin),
        ("softhsm:two%20words", new(PinOf::SecurityOfficer)),
        ("softhsm:twins;serial=0b", pin),
        ("softhsm:twins", pin),
    ] {
        let refused = listed.ask(&asked(token, wants)).err().expect(token);
        assert_eq!(refused.code, "prompt-closed", "{token}");
    }
}

#[test]
fn a_tokens_pin_is_found_by_its_serial_or_slot_and_its_last_try_is_never_used_unseen() {
    let listed = Listed::read(b"yubikey:7\t123456\nyubikey:8/9c\t654321\nyubikey:7/9b\t0102\n").expect("lines");
    let pin = |at: &str, tries_left, last_try| PromptRequest {
        wants: Wanted::Pin { tries_left, last_try },
        token: TokenSlot::parse(at),
        ..asked("YubiKey", None)
    };
    for (at, secret) in [("7/9a", "123456"), ("7/9c", "123456"), ("8/9c", "654321")] {
        let found = listed.ask(&pin(at, Some(3), false)).expect("a PIN");
        assert_eq!(found.expose(), secret.as_bytes(), "{at}");
    }
    let refused = |request: PromptRequest| listed.ask(&request).err().expect("refused").code;
    assert_eq!(refused(pin("8/9a", None, false)), "prompt-closed");
    assert_eq!(refused(pin("7/9c", Some(1), true)), "last-try-declined");
    let again = PromptRequest {
        notice: Some("wrong".into()),
        ..pin("7/9c", Some(2), false)
    };
    assert_eq!(refused(again), "wrong-pin");
    let management = PromptRequest {
        wants: Wanted::ManagementKey,
        ..pin("7/9c", None, false)
    };
    assert_eq!(listed.ask(&management).expect("a key").expose(), b"0102");
}

#[test]
fn what_is_typed_and_touched_for_is_said_first() {
    let request = PromptRequest {
        wants: Wanted::Pin {
            tries_left: Some(2),
            last_try: false,
        },
        announces: vec!["a touch for root v2".into()],
        ..asked("YubiKey 7, slot 9c", None)
    };
    let text = question(&request);
    assert!(
        text.ends_with("then: a touch for root v2\n2 tries left\nPIN of YubiKey 7, slot 9c: "),
        "{text}"
    );
    let touch = TouchRequest {
        device: "YubiKey 7, slot 9c".into(),
        signs: "root v2".into(),
        digest: "4f1c 9a20".into(),
        seconds: 15,
        ..TouchRequest::default()
    };
    let text = awaited(&touch);
    assert!(
        text.ends_with("Touch YubiKey 7, slot 9c now, within 15 s: it signs root v2, digest begins 4f1c 9a20\n"),
        "{text}"
    );
}

#[test]
fn a_secret_is_found_by_the_keys_name_or_path_and_asked_for_once() {
    let listed = Listed::read(b"file:keys/officer-1.pem\tone two\tthree\r\nofficer-2.pem\tzwei\n\n").expect("lines");
    for (key, secret) in [
        ("officer-1.pem", "one two\tthree"),
        ("file:keys/officer-1.pem", "one two\tthree"),
        ("officer-2.pem", "zwei"),
    ] {
        assert_eq!(
            listed.ask(&asked(key, None)).expect("a secret").expose(),
            secret.as_bytes(),
            "{key}"
        );
    }
    assert_eq!(
        listed.ask(&asked("officer-3.pem", None)).err().expect("none").code,
        "prompt-closed"
    );
    assert_eq!(
        listed
            .ask(&asked("officer-1.pem", Some("wrong")))
            .err()
            .expect("again")
            .code,
        "wrong-passphrase"
    );
}

#[test]
fn more_secrets_than_anybody_has_are_refused_instead_of_cut_off() {
    let exactly = read_all(io::repeat(b'x').take(LONGEST as u64)).expect("as much as fits");
    assert_eq!((exactly.len(), exactly.capacity()), (LONGEST, LONGEST + 1));
    let refused = read_all(io::repeat(b'x')).expect_err("too much");
    assert_eq!(refused.kind(), io::ErrorKind::FileTooLarge);
}

#[test]
fn a_line_without_a_tab_is_refused_without_showing_it() {
    let failure = Listed::read(b"hunter2\n").err().expect("refused");
    assert!(!failure.message.contains("hunter2"));
}
