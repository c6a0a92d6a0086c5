//! The checklist of a kit: a page to be printed, for an officer who signs on a machine of their own.
//!
//! It holds no digest of what is signed: that one is heard from a person, or the stick would vouch for itself.

use crate::border::page::Page;
use crate::border::{RequestWritten, practice_prefix};

/// The page. `program` is the program's file and its SHA-256.
pub fn checklist(
    request: &RequestWritten,
    repository: &str,
    practice: bool,
    program: (&str, &str),
    made_at: &str,
) -> String {
    let (file, sum) = program;
    let ceremony = &request.ceremony;
    let mut page = Page::new(&format!(
        "{}Signing kit of ceremony {ceremony}",
        practice_prefix(practice)
    ));
    if practice {
        page.open("p", "practice")
            .text("Practice. Nothing here protects anything.")
            .close("p");
    }
    page.element("h1", &format!("Signing kit of ceremony {ceremony}"));
    page.facts(&[
        ("Repository", repository),
        ("Asks for signatures over", &request.asks_for.join(" and ")),
        ("Made", made_at),
        ("SHA-256 of the program", sum),
    ]);
    page.element(
        "p",
        "Everything on this stick is a claim until you have checked it. Nothing on it is secret. Your key and its PIN stay with you.",
    );
    page.table(&["", "Step", "Done"]);
    let sign =
        format!("./{file} sign requests/{ceremony}.request --key KEY --root ROOT --out responses/officer.response");
    let steps = [
        "DO: have the SHA-256 of the program read to you by somebody you trust, or take it from where the program was published, and          compare it with: sha256sum -b rootwardctl. If it differs, stop: use a rootwardctl of your own.".replace("rootwardctl. If", &format!("{file}. If")),
        "DO: compare the other files: sha256sum -c SHA256SUMS".into(),
        format!("DO: where the stick takes no programs, copy it: cp {file} ~ && chmod +x ~/{file}, and call it from there."),
        "DO: find the root file that you were handed before, by another way than this stick. That is ROOT. A machine that trusts the          repository already needs no --root."
            .into(),
        "DO: plug your token in, or have your key file at hand. That is KEY: yubikey:SERIAL/SLOT, file:PATH or          pkcs11:MODULE:TOKEN/KEY."
            .into(),
        format!("DO: in the folder of this kit: {sign}"),
        "DO: read what changes. If it is not what you were told, stop.".into(),
        "DO: have the digest read to you over a line you trust by whoever leads the ceremony; write its first 8 digits here:          ____ ____, and type what you heard."
            .into(),
        "DO: enter your PIN, and touch the token when it asks.".into(),
        "DO: see that responses/ holds one more file, and give the stick back.".into(),
    ];
    for (place, step) in steps.iter().enumerate() {
        page.row(&[&(place + 1).to_string(), step, ""]);
    }
    page.close("tbody").close("table");
    page.element("h2", "Deviations")
        .element("p", "By hand: ______________________________________________");
    page.element("h2", "Signed by")
        .table(&["Role", "Name", "Date", "Signature"])
        .row(&["Officer", "", "", ""])
        .row(&["Witness", "", "", ""])
        .close("tbody")
        .close("table");
    page.element(
        "p",
        &format!("Whoever leads the ceremony takes it all back at once: rootwardctl kit take FOLDER, or the page Signatures of ceremony {ceremony}."),
    );
    page.finish()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_planted_name_stays_text_on_the_checklist() {
        let request = RequestWritten {
            ceremony: "2026-014".into(),
            path: "requests/2026-014.request".into(),
            sha256: "0".repeat(64),
            digest: "1".repeat(64),
            words: "babab".into(),
            asks_for: vec!["root<script>".into()],
        };
        let name = "\"><img src=x onerror=alert(1)>\u{202e}";
        let page = checklist(&request, name, true, ("rootwardctl", "sum"), "<b>now</b>");
        assert!(
            !page.contains("<script") && !page.contains("<img") && !page.contains("<b>") && !page.contains('\u{202e}')
        );
        assert!(page.contains("Practice") && page.contains("&lt;img"));
        assert!(
            !page.contains(&request.digest) && !page.contains(&request.words),
            "they are heard"
        );
    }
}
