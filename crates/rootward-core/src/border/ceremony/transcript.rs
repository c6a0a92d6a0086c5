//! The transcript: one self-contained HTML page without script that prints well, for witnesses and for the file.
//!
//! Everything in it is computed from the journal and the bytes, and everything is escaped. It says what its head hash proves
//! and what it does not.

use rootward_tuf::encoding::hex;

use super::{event_text, practice_prefix};
use crate::border::page::Page;
use crate::border::{
    CeremonyState, CeremonyView, DocumentView, MeterView, RehearsalRow, Sentence, SignerRow, short, visible,
};
use crate::ceremony::{Digest, Event, Fact, Insight};

/// The page.
pub fn transcript(insight: &Insight, program: &str, saved_at: &str) -> String {
    let view = CeremonyView::of(insight);
    let mut page = Page::new(&format!("{}Ceremony {}", practice_prefix(view.practice), view.id));
    head(&mut page, &view, program, saved_at);
    sentences(
        &mut page,
        "Consequences, computed before anything was signed",
        &view.consequences,
    );
    for document in &view.documents {
        review(&mut page, document);
    }
    signatures(&mut page, &view);
    rehearsal(&mut page, &view.rehearsal, &view.assumptions);
    sentences(&mut page, "Publication", &view.publication);
    journal(&mut page, insight, &view);
    runbook(&mut page, &view, &insight.record.events);
    signature_lines(&mut page, &view);
    page.finish()
}

fn head(page: &mut Page, view: &CeremonyView, program: &str, saved_at: &str) {
    if view.practice {
        page.open("p", "practice")
            .text("Practice. Nothing here protects anything.")
            .close("p");
    }
    page.element("h1", &view.title);
    let reason = if view.reason.is_empty() {
        "not given"
    } else {
        &view.reason
    };
    page.facts(&[
        ("Ceremony", &view.id),
        ("Repository", &view.repository_name),
        ("Reason", reason),
        ("State", state(view.state)),
        (
            "Role and version",
            &format!("{} v{}", view.review.role, view.review.version),
        ),
        (
            "Builds on",
            &format!(
                "v{}, SHA-256 {}",
                view.review.builds_on_version,
                groups(&view.review.builds_on_digest)
            ),
        ),
        ("Journal saved", &view.journal_saved_at),
        ("Written by", &format!("{program} at {saved_at}")),
    ]);
    for blocker in &view.blockers {
        page.element("p", blocker);
    }
}

fn sentences(page: &mut Page, title: &str, said: &[Sentence]) {
    if said.is_empty() {
        return;
    }
    page.element("h2", title).open("ul", "said");
    for sentence in said {
        page.open("li", mark(sentence)).parts(sentence).close("li");
    }
    page.close("ul");
}

fn review(page: &mut Page, document: &DocumentView) {
    let review = &document.review;
    let name = format!("What is signed: {} v{}", document.role, document.version);
    sentences(page, &name, &review.sentences);
    if review.digest.is_empty() {
        return;
    }
    page.facts(&[
        ("SHA-256 of the bytes", &groups(&review.digest)),
        ("Length", &format!("{} bytes, {}", review.bytes, review.encoding)),
        ("Fixed", if review.frozen { "yes" } else { "not yet" }),
        (
            "Builds on",
            &format!(
                "v{}, SHA-256 {}",
                review.builds_on_version,
                groups(&review.builds_on_digest)
            ),
        ),
    ]);
}

fn signatures(page: &mut Page, view: &CeremonyView) {
    if view.signers.is_empty() {
        return;
    }
    page.element("h2", "Signatures");
    for meter in view.documents.iter().flat_map(|document| &document.meters) {
        page.element("p", &told(meter));
    }
    page.table(&[
        "Key that counts",
        "Keyid",
        "Canonical id",
        "Physical key",
        "Signs",
        "State",
    ]);
    for row in &view.signers {
        let signs = row
            .documents
            .iter()
            .map(|document| format!("{} v{}", document.role, document.version));
        page.row(&[
            &row.label,
            &short(&row.keyid),
            &row.canonical_keyid.as_deref().map_or_else(|| "–".to_owned(), short),
            &row.physical_key,
            &signs.collect::<Vec<_>>().join(", "),
            &signer_state(row),
        ]);
    }
    page.close("tbody").close("table");
}

fn told(meter: &MeterView) -> String {
    let met = if meter.met { "met" } else { "not met" };
    format!(
        "{}: {} given, {} needed, {met}; {} keys count.",
        meter.label, meter.have, meter.need, meter.keys
    )
}

fn signer_state(row: &SignerRow) -> String {
    match &row.signed_at {
        Some(at) => format!("{}, {at}", row.state),
        None => row.state.clone(),
    }
}

fn rehearsal(page: &mut Page, rows: &[RehearsalRow], assumptions: &[Sentence]) {
    if rows.is_empty() {
        return;
    }
    page.element("h2", "Rehearsal")
        .table(&["Simulated client", "Verdict", "Account"]);
    for row in rows {
        page.row(&[
            &row.client,
            if row.accepted { "accepts" } else { "refuses" },
            &row.account,
        ]);
    }
    page.close("tbody").close("table");
    sentences(page, "Assumed, and looked at by the fresh walk", assumptions);
}

fn journal(page: &mut Page, insight: &Insight, view: &CeremonyView) {
    page.element("h2", "Journal");
    page.element(
        "p",
        "Each hash is SHA-256 over the hash before it and the canonical form of its own line. A changed, removed or moved \
         line breaks every hash below it. That no line is missing at the end is only proven by the head of the chain, read \
         from another copy.",
    );
    page.table(&["", "UTC", "Who", "What", "Chain"]);
    for (event, row) in insight.record.events.iter().zip(&view.events) {
        let actor = visible(&event.actor);
        let what = row.text.strip_prefix(&actor).map_or(row.text.as_str(), str::trim_start);
        page.row(&[&row.number.to_string(), &row.at, &actor, what, &row.hash]);
    }
    page.close("tbody").close("table");
    page.facts(&[("Head of the chain", &groups(&view.journal_head))]);
    for event in &insight.record.events {
        if let Fact::Signed(signed) = &event.fact {
            let what = format!(
                "Signature of event {}: {} v{}, keyid {}",
                event.number,
                visible(&signed.role),
                signed.version,
                visible(&signed.keyid)
            );
            page.open("details", "")
                .element("summary", &what)
                .element("code", &visible(&signed.signature))
                .close("details");
        }
        if let Fact::Certified(certified) = &event.fact {
            let what = format!("Certificate of event {}, SHA-256 {}", event.number, certified.sha256);
            page.open("details", "")
                .element("summary", &what)
                .element("code", &visible(&certified.certificate))
                .close("details");
        }
    }
}

/// What was to be done, what was, and a place for each to be ticked.
fn runbook(page: &mut Page, view: &CeremonyView, events: &[Event]) {
    let done = |wanted: fn(&Fact) -> bool| {
        let event = events.iter().find(|event| wanted(&event.fact));
        event.map_or_else(String::new, |event| format!("event {}, {}", event.number, event.at))
    };
    let steps: [(&str, String); 7] = [
        (
            "DO: read the consequences aloud.",
            done(|fact| matches!(fact, Fact::Begun(_))),
        ),
        (
            "DO: read every sentence of the review, and the first and last group of the digest, aloud.",
            String::new(),
        ),
        ("DO: fix the bytes.", done(|fact| matches!(fact, Fact::Frozen(_)))),
        (
            "DO: collect the signatures; compare the digest in each prompt.",
            done(|fact| matches!(fact, Fact::Signed(_))),
        ),
        ("DO: rehearse.", done(|fact| matches!(fact, Fact::Rehearsed(_)))),
        ("DO: publish.", done(|fact| matches!(fact, Fact::PublishingBegun(_)))),
        (
            "DO: see that a fresh walk met it; write the head of the chain down.",
            done(|fact| matches!(fact, Fact::Seen(_))),
        ),
    ];
    page.element("h2", "Runbook")
        .table(&["", "Step", "On record", "Initials"]);
    for (place, (step, record)) in steps.iter().enumerate() {
        page.row(&[&(place + 1).to_string(), step, record, ""]);
    }
    page.close("tbody").close("table");
    let deviations = events.iter().filter(|event| is_deviation(&event.fact));
    let label = |physical: &str| {
        let row = view.signers.iter().find(|row| row.physical_key == physical);
        row.map_or_else(|| short(physical), |row| row.label.clone())
    };
    page.element("h2", "Deviations").open("ul", "said");
    let mut any = false;
    for event in deviations {
        any = true;
        page.element(
            "li",
            &format!(
                "Event {}: {} {}",
                event.number,
                visible(&event.actor),
                event_text(&event.fact, &label)
            ),
        );
    }
    if !any {
        page.element("li", "None on record.");
    }
    page.element("li", "By hand: ______________________________________________")
        .close("ul");
}

fn is_deviation(fact: &Fact) -> bool {
    match fact {
        Fact::SigningFailed(_)
        | Fact::CertifyingFailed(_)
        | Fact::ServerKeyRefused(_)
        | Fact::PublishingFailed(_)
        | Fact::NotSeen(_)
        | Fact::Superseded(_)
        | Fact::Abandoned(_)
        | Fact::Reopened(_)
        | Fact::Resumed
        | Fact::LineCut(_) => true,
        Fact::Rehearsed(rehearsed) => !rehearsed.accepted(),
        Fact::SigningBegun(asked) => asked.again_because.is_some(),
        Fact::Begun(_)
        | Fact::CertifyingBegun(_)
        | Fact::Certified(_)
        | Fact::CertificateStored(_)
        | Fact::ServerKeyAsked(_)
        | Fact::ServerKeyGiven(_)
        | Fact::Frozen(_)
        | Fact::HandedOut(_)
        | Fact::Signed(_)
        | Fact::PublishingBegun(_)
        | Fact::Written
        | Fact::Seen(_) => false,
    }
}

fn signature_lines(page: &mut Page, view: &CeremonyView) {
    page.element("h2", "Signed by those present");
    page.table(&["Role", "Name", "Date", "Signature"]);
    let signed = view.signers.iter().filter(|row| row.signed_at.is_some());
    for row in signed {
        page.row(&[&format!("Officer of {}", row.label), "", "", ""]);
    }
    for role in ["Ceremony leader", "Witness", "Witness"] {
        page.row(&[role, "", "", ""]);
    }
    page.close("tbody").close("table");
}

fn state(state: CeremonyState) -> &'static str {
    match state {
        CeremonyState::Drafting => "drafting: nothing is signed",
        CeremonyState::Collecting => "collecting signatures",
        CeremonyState::Ready => "complete, not rehearsed",
        CeremonyState::Rehearsed => "rehearsed, not published",
        CeremonyState::Publishing => "publishing: not seen from outside yet",
        CeremonyState::Published => "published and seen from outside",
        CeremonyState::Superseded => "superseded by another root",
        CeremonyState::Abandoned => "abandoned",
        CeremonyState::Broken => "the journal is broken",
    }
}

fn mark(sentence: &Sentence) -> &'static str {
    use crate::border::Mark;
    match sentence.mark {
        Mark::Removed => "removed",
        Mark::Added => "added",
        Mark::Changed => "changed",
        Mark::Same => "same",
        Mark::Note => "note",
        Mark::Warning => "warning",
    }
}

/// Groups of four digits, as they are read aloud.
fn groups(digits: &str) -> String {
    match rootward_tuf::encoding::from_hex(digits).and_then(|bytes| bytes.try_into().ok()) {
        Some(bytes) => Digest(bytes).groups(),
        None => hex(&[]),
    }
}
