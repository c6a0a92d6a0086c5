//! The page of the prompt window: three hand-written files, into which Rust writes what a person must see.

use rootward_core::{
    border::visible,
    ports::{PinOf, PromptRequest, Secret, TouchRequest, Wanted},
};
use zeroize::Zeroizing;

/// What the page may do: run its one script, look like its one sheet, and answer.
pub const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; font-src 'self'; \
    connect-src ipc: http://ipc.localhost; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

const HTML: &str = include_str!("../../ui/prompt/prompt.html");
const STYLE: &[u8] = include_bytes!("../../ui/prompt/prompt.css");
const SCRIPT: &[u8] = include_bytes!("../../ui/prompt/prompt.js");
const SANS: &[u8] = include_bytes!("../../ui/src/look/fonts/ibm-plex-sans-latin-400-normal.woff2");
const SANS_STRONG: &[u8] = include_bytes!("../../ui/src/look/fonts/ibm-plex-sans-latin-600-normal.woff2");
const MONO_STRONG: &[u8] = include_bytes!("../../ui/src/look/fonts/ibm-plex-mono-latin-600-normal.woff2");
const MONO: &[u8] = include_bytes!("../../ui/src/look/fonts/ibm-plex-mono-latin-400-normal.woff2");

/// Names the prompt in its title bar and in the list of windows.
pub fn title(request: &PromptRequest) -> String {
    let kind = kind(request.wants);
    match purpose(request) {
        "sign" => format!("{kind} to sign {} v{}", request.role, request.version),
        "prove" => format!("{kind} to prove that {} works", request.key),
        "read" => format!("{kind} to read {}", request.key),
        _ if request.wants == Wanted::NewPuk => format!("Write down the PUK of {}", request.key),
        _ => format!("{kind} of {}", request.key),
    }
}

/// Names the page that waits for a touch.
pub fn touch_title(request: &TouchRequest) -> String {
    if request.types_pin {
        return format!("Enter the PIN on {}", request.device);
    }
    format!("Touch {} now", request.device)
}

/// Whether a key proves that it works, bytes are waiting to be signed, a key file is opened only for its public half, or anything else is done.
fn purpose(request: &PromptRequest) -> &'static str {
    match request.wants {
        _ if request.proves => "prove",
        _ if !request.digest.is_empty() => "sign",
        Wanted::Passphrase => "read",
        Wanted::Pin { .. }
        | Wanted::ManagementKey
        | Wanted::SoPin
        | Wanted::Password
        | Wanted::NewPassphrase { .. }
        | Wanted::NewTokenPin { .. }
        | Wanted::NewPuk => "do",
    }
}

fn kind(wants: Wanted) -> &'static str {
    match wants {
        Wanted::Passphrase => "Passphrase",
        Wanted::Pin { .. } => "PIN",
        Wanted::ManagementKey => "Management key",
        Wanted::SoPin => "SO PIN",
        Wanted::Password => "Password",
        Wanted::NewPassphrase { again: false } => "New passphrase",
        Wanted::NewPassphrase { again: true } => "New passphrase, once more",
        Wanted::NewTokenPin { of, again: false } => match of {
            PinOf::Officer => "New PIN",
            PinOf::SecurityOfficer => "New SO PIN",
        },
        Wanted::NewTokenPin { of, again: true } => match of {
            PinOf::Officer => "New PIN again",
            PinOf::SecurityOfficer => "New SO PIN again",
        },
        Wanted::NewPuk => "Typed back, the PUK",
    }
}

/// Where the secret goes, and how many tries there are.
fn fate(request: &PromptRequest) -> String {
    match request.wants {
        Wanted::Passphrase => "It opens this key file on this machine and goes nowhere else.".to_owned(),
        Wanted::Password => "It goes to this server and nowhere else.".to_owned(),
        Wanted::NewPassphrase { .. } => {
            "It guards the new key file. Nobody can open that file without it, and nobody can tell it to you."
                .to_owned()
        }
        Wanted::ManagementKey | Wanted::SoPin => "It goes to this device and nowhere else.".to_owned(),
        Wanted::NewTokenPin { of: PinOf::Officer, .. } => {
            "Whoever signs with this token types it from now on.".to_owned()
        }
        Wanted::NewTokenPin {
            of: PinOf::SecurityOfficer,
            ..
        } => "It sets a lost PIN anew. Keep it apart from the token.".to_owned(),
        Wanted::NewPuk => {
            "It is shown this once, and unblocks the PIN: keep it on paper, away from the device.".to_owned()
        }
        Wanted::Pin { tries_left, .. } => {
            let tries = match tries_left {
                None => String::new(),
                Some(1) => " One try is left.".to_owned(),
                Some(left) => format!(" {left} tries are left."),
            };
            format!("It goes to this device and nowhere else.{tries}")
        }
    }
}

/// What the device asks for after the secret, so that nobody is surprised by its light.
fn then(request: &PromptRequest) -> String {
    match &request.announces[..] {
        [] => String::new(),
        [one] => format!("Then the device asks for {one}."),
        all => format!(
            "Then the device asks {} times: for {}.",
            all.len(),
            all.join(", then for ")
        ),
    }
}

/// Writes the facts of a prompt into the page.
pub fn filled(request: &PromptRequest, id: &str) -> Vec<u8> {
    fill(HTML, |name| match name {
        "id" => id.to_owned(),
        "title" => title(request),
        "repository" => request.repository.clone(),
        "role" => request.role.clone(),
        "version" => request.version.to_string(),
        "change" => request.change.clone(),
        "key" => request.key.clone(),
        "digest" => request.digest.clone(),
        "notice" => request.notice.clone().unwrap_or_default(),
        "practice" => request.practice.to_string(),
        "purpose" => purpose(request).to_owned(),
        "kind" => kind(request.wants).to_owned(),
        "fate" => fate(request),
        "then" => then(request),
        // A person must tick that they mean to use the last try.
        "sure" => matches!(request.wants, Wanted::Pin { last_try: true, .. }).to_string(),
        "seconds" => String::new(),
        other => unreachable!("prompt.html asks for {other}; a test fills every place"),
    })
    .into_bytes()
}

/// Where the page shows a secret that was made up.
const SHOWN: &str = "<p id=\"shown\" class=\"to-do\"><code><bdi>";

/// The same, with a secret that was made up and is shown this once. It is no markup, and stands in no other copy of ours.
///
/// Fails when it holds anything but letters and digits.
pub fn showing(request: &PromptRequest, id: &str, secret: &Secret) -> Option<Zeroizing<Vec<u8>>> {
    let page = filled(request, id);
    let place = page
        .windows(SHOWN.len())
        .position(|window| window == SHOWN.as_bytes())?
        + SHOWN.len();
    let secret = secret.expose();
    if !secret.iter().all(u8::is_ascii_alphanumeric) {
        return None;
    }
    let mut whole = Zeroizing::new(Vec::with_capacity(page.len() + secret.len()));
    whole.extend_from_slice(&page[..place]);
    whole.extend_from_slice(secret);
    whole.extend_from_slice(&page[place..]);
    Some(whole)
}

/// Writes into the same page that a token waits for a touch; there is nothing to type.
pub fn awaiting(request: &TouchRequest) -> Vec<u8> {
    fill(HTML, |name| match name {
        "title" => touch_title(request),
        "repository" => request.repository.clone(),
        "role" => request.signs.clone(),
        "key" => request.device.clone(),
        "digest" => request.digest.clone(),
        "practice" => request.practice.to_string(),
        "purpose" => "touch".to_owned(),
        "sure" => false.to_string(),
        "seconds" => request.seconds.to_string(),
        "kind" => if request.types_pin { "PIN" } else { "touch" }.to_owned(),
        // The sentence is that of the request which opened the key; this touch may sign something else.
        "id" | "version" | "change" | "notice" | "fate" | "then" => String::new(),
        other => unreachable!("prompt.html asks for {other}; a test fills every place"),
    })
    .into_bytes()
}

/// The part of the page at a path, with its type.
pub fn part(path: &str, page: &[u8]) -> Option<(&'static str, Vec<u8>)> {
    let (kind, bytes) = match path {
        "/" => ("text/html; charset=utf-8", page),
        "/prompt.css" => ("text/css; charset=utf-8", STYLE),
        "/prompt.js" => ("text/javascript; charset=utf-8", SCRIPT),
        "/sans-400.woff2" => ("font/woff2", SANS),
        "/sans-600.woff2" => ("font/woff2", SANS_STRONG),
        "/mono-400.woff2" => ("font/woff2", MONO),
        "/mono-600.woff2" => ("font/woff2", MONO_STRONG),
        _ => return None,
    };
    Some((kind, bytes.to_vec()))
}

/// Replaces every `{{name}}` of a template by its value, escaped; a value is never looked into for more of them.
fn fill(template: &str, value: impl Fn(&str) -> String) -> String {
    let mut pieces = template.split("{{");
    let mut filled = pieces.next().unwrap_or_default().to_owned();
    for piece in pieces {
        let (name, rest) = piece.split_once("}}").expect("every place in the template is closed");
        filled.push_str(&escaped(&value(name)));
        filled.push_str(rest);
    }
    filled
}

/// Makes text safe between tags and in quoted attributes, and characters that hide or reorder text visible.
fn escaped(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for character in visible(text).chars() {
        match character {
            '&' => safe.push_str("&amp;"),
            '<' => safe.push_str("&lt;"),
            '>' => safe.push_str("&gt;"),
            '"' => safe.push_str("&quot;"),
            '\'' => safe.push_str("&#39;"),
            _ => safe.push(character),
        }
    }
    safe
}

#[cfg(test)]
mod tests {
    use super::*;

    fn request() -> PromptRequest {
        PromptRequest {
            repository: "<img src=x onerror=alert(1)>".into(),
            role: "root".into(),
            version: 10,
            change: "Officer 3's key leaves \"root\" & {{digest}} joins.".into(),
            key: "officer-2.pem".into(),
            digest: "4f1c 9a20".into(),
            notice: None,
            practice: true,
            ..PromptRequest::default()
        }
    }

    #[test]
    fn every_place_is_filled_and_no_value_becomes_markup() {
        let page = String::from_utf8(filled(&request(), "0123")).expect("the page is text");
        assert!(page.contains("&lt;img src=x onerror=alert(1)&gt;") && !page.contains("<img"));
        assert!(page.contains("Officer 3&#39;s key leaves &quot;root&quot; &amp; {{digest}} joins."));
        assert!(page.contains("data-prompt=\"0123\"") && page.contains("data-practice=\"true\""));
        assert_eq!(page.matches("{{").count(), 1, "only the one that a value brought");
    }

    #[test]
    fn a_proof_is_called_one_and_never_the_signing_of_a_document() {
        let request = PromptRequest {
            proves: true,
            ..request()
        };
        let page = String::from_utf8(filled(&request, "0123")).expect("the page is text");
        assert!(page.contains("data-purpose=\"prove\"") && !page.contains("data-purpose=\"sign\""));
        assert_eq!(title(&request), "Passphrase to prove that officer-2.pem works");
    }

    #[test]
    fn a_prompt_without_a_digest_speaks_of_reading_a_key_and_not_of_signing() {
        let signs = |request| {
            String::from_utf8(filled(&request, "0123")).is_ok_and(|page| page.contains("data-purpose=\"sign\""))
        };
        assert!(signs(request()) && title(&request()).contains("sign"));
        let reads = PromptRequest {
            digest: String::new(),
            ..request()
        };
        assert!(!signs(reads.clone()) && !title(&reads).contains("sign"));
    }

    #[test]
    fn only_the_last_try_must_be_meant() {
        let page = |tries_left, last_try| {
            let request = PromptRequest {
                wants: Wanted::Pin { tries_left, last_try },
                announces: vec!["a touch for the certificate".into(), "a touch for root v2".into()],
                ..request()
            };
            String::from_utf8(filled(&request, "0123")).expect("the page is text")
        };
        let usual = page(Some(3), false);
        assert!(usual.contains("data-sure=\"false\"") && usual.contains("3 tries are left."));
        assert!(usual.contains("asks 2 times: for a touch for the certificate, then for a touch for root v2."));
        let last = page(Some(1), true);
        assert!(last.contains("data-sure=\"true\"") && last.contains("One try is left."));
    }

    #[test]
    fn a_secret_that_was_made_up_is_shown_where_nothing_else_stands() {
        let request = PromptRequest {
            wants: Wanted::NewPuk,
            digest: String::new(),
            ..request()
        };
        let secret = |text: &str| Secret::new(Zeroizing::new(text.into()));
        let page = showing(&request, "0123", &secret("90210734")).expect("digits");
        let page = String::from_utf8(page.to_vec()).expect("the page is text");
        assert_eq!(page.matches("90210734").count(), 1);
        assert!(page.contains("Write down the PUK of officer-2.pem") && page.contains("shown this once"));
        assert!(showing(&request, "0123", &secret("<b>90210</b>")).is_none());
        let usual = String::from_utf8(filled(&request, "0123")).expect("the page is text");
        assert!(usual.contains(&format!("{SHOWN}</bdi>")));
    }

    #[test]
    fn a_page_that_waits_for_a_touch_says_what_for_and_takes_no_secret() {
        let touch = TouchRequest {
            change: "Sign the certificate".into(),
            device: "YubiKey 19 402 271, slot 9c".into(),
            signs: "root v10".into(),
            digest: "4f1c 9a20".into(),
            seconds: 15,
            ..TouchRequest::default()
        };
        let page = String::from_utf8(awaiting(&touch)).expect("the page is text");
        assert!(page.contains("data-purpose=\"touch\"") && page.contains("data-prompt=\"\""));
        assert!(page.contains("Touch YubiKey 19 402 271, slot 9c now") && page.contains("4f1c 9a20"));
        assert!(page.contains("The touch signs"));
        let typed = TouchRequest {
            types_pin: true,
            ..touch
        };
        let typed = String::from_utf8(awaiting(&typed)).expect("the page is text");
        assert!(typed.contains("Enter the PIN on YubiKey 19 402 271, slot 9c") && typed.contains("The PIN signs"));
        assert!(
            !page.contains("Sign the certificate"),
            "a key that stayed open signs more than it was opened for"
        );
    }

    #[test]
    fn the_page_is_short_and_brings_nobody_else() {
        let texts = [HTML.as_bytes(), STYLE, SCRIPT].map(|bytes| std::str::from_utf8(bytes).expect("text"));
        assert!(texts.iter().map(|text| text.lines().count()).sum::<usize>() <= 150);
        for text in texts {
            for other in [
                "import ",
                "@import",
                "require(",
                "://",
                "<style",
                "style=",
                "onclick",
                "innerHTML",
                "eval(",
            ] {
                assert!(!text.contains(other), "{other}");
            }
        }
    }
}
