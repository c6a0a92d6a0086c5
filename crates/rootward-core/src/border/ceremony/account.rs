//! The events of a journal as lines for people.

use crate::border::{EventRow, counted, short, visible};
use crate::ceremony::{Begun, Edit, Event, Fact};

impl EventRow {
    /// One event; `label` names a physical key.
    pub(super) fn of(event: &Event, label: &dyn Fn(&str) -> String) -> Self {
        EventRow {
            number: event.number,
            at: event.at.to_string(),
            text: format!("{} {}", visible(&event.actor), event_text(&event.fact, label)),
            hash: event.hash.to_string(),
        }
    }
}

/// What happened, as the rest of a sentence that begins with the actor.
pub fn event_text(fact: &Fact, label: &dyn Fn(&str) -> String) -> String {
    let text = match fact {
        Fact::Begun(begun) => began(begun),
        Fact::CertifyingBegun(asked) => format!(
            "asked {} to sign its certificate ({})",
            label(&asked.physical_key),
            asked.key
        ),
        Fact::Certified(certified) => format!(
            "had {} sign its certificate, SHA-256 {}",
            label(&certified.physical_key),
            certified.sha256.first_group()
        ),
        Fact::CertifyingFailed(failed) => format!(
            "got no certificate of {}: {}",
            label(&failed.physical_key),
            failed.problem.message
        ),
        Fact::CertificateStored(stored) => match &stored.problem {
            None => format!("wrote the certificate into the empty slot {}", stored.key),
            Some(problem) => format!(
                "could not write the certificate into {}: {}",
                stored.key, problem.message
            ),
        },
        Fact::ServerKeyAsked(asked) => format!("asked the server for a new key of {}", asked.role),
        Fact::ServerKeyGiven(given) => {
            format!(
                "was given a key of {} by the server, keyid {}",
                given.role,
                short(&given.keyid)
            )
        }
        Fact::ServerKeyRefused(problem) => format!("was given no key by the server: {}", problem.message),
        Fact::Frozen(frozen) => {
            format!(
                "froze {} v{}, {} bytes, SHA-256 {}",
                frozen.role,
                frozen.version,
                frozen.length,
                frozen.sha256.first_group()
            )
        }
        Fact::SigningBegun(asked) => {
            let again = asked.again_because.as_ref().map_or_else(String::new, |because| {
                format!(", although it has signed another document of this version, because: {because}")
            });
            let key = label(&asked.physical_key);
            format!("asked {key} to sign {} ({}){again}", asked.role, asked.key)
        }
        Fact::Signed(signed) if signed.response.is_some() => format!(
            "took a signature of {} over {} v{} from a response file, verified in software",
            label(&signed.physical_key),
            signed.role,
            signed.version
        ),
        Fact::HandedOut(handed) => {
            let to: Vec<String> = handed.to.iter().map(|key| label(key)).collect();
            let whom = match to.as_slice() {
                [] => String::new(),
                to => format!(" for {}", to.join(" and ")),
            };
            format!(
                "made a request for signatures over {}{whom} as a file, SHA-256 {}",
                handed.roles.join(" and "),
                handed.sha256
            )
        }
        Fact::Signed(signed) => {
            format!(
                "signed {} v{} with {} ({}), verified in software",
                signed.role,
                signed.version,
                label(&signed.physical_key),
                signed.key
            )
        }
        Fact::SigningFailed(failed) => {
            format!(
                "got no signature of {} over {}: {}",
                label(&failed.physical_key),
                failed.role,
                failed.problem.message
            )
        }
        Fact::Rehearsed(rehearsed) => {
            let accepted = rehearsed.clients.iter().filter(|client| client.accepted).count();
            format!(
                "rehearsed: {accepted} of {} accept",
                counted(rehearsed.clients.len() as u64, "simulated client")
            )
        }
        Fact::PublishingBegun(publishing) => {
            format!(
                "began to publish what was rehearsed, SHA-256 {}",
                publishing.document.first_group()
            )
        }
        Fact::Written => "wrote everything to the source".into(),
        Fact::PublishingFailed(problem) => format!("could not write it to the source: {}", problem.message),
        Fact::NotSeen(problem) => format!("walked the source, and it did not hold: {}", problem.message),
        Fact::Seen(seen) => {
            let (first, last) = (seen.root_versions.first(), seen.root_versions.last());
            match (first, last) {
                (Some(first), Some(last)) => format!("walked the source from root v{first} to v{last} and met it"),
                _ => "walked the source and met it".into(),
            }
        }
        Fact::Superseded(by) => format!("found {} at the source, published by somebody else", by.what()),
        Fact::Abandoned(abandoned) => {
            let loose = match abandoned.loose {
                0 => String::new(),
                loose => format!("; {} stay on record as loose", counted(u64::from(loose), "signature")),
            };
            format!("abandoned the ceremony: {}{loose}", abandoned.reason)
        }
        Fact::Reopened(reopened) => format!(
            "took the ceremony up again, since anybody could publish what was signed: {}",
            reopened.reason
        ),
        Fact::Resumed => "took the ceremony up again".into(),
        Fact::LineCut(cut) => format!(
            "cut off half a line of {} bytes that an interruption had left",
            cut.bytes
        ),
    };
    visible(&text)
}

/// `Practice: ` in front of everything that is.
pub fn practice_prefix(practice: bool) -> &'static str {
    if practice { "Practice: " } else { "" }
}

fn began(begun: &Begun) -> String {
    let change = &begun.change;
    let mut parts = Vec::new();
    for at in change.of_keys() {
        let mut part = Vec::new();
        if change.by_server().contains(&at.role.as_str()) && at.by == "root" {
            part.push("a key that the server makes".to_owned());
        }
        match change.leaving(&at).len() as u64 {
            0 => {}
            count => part.push(format!("{} leaving", counted(count, "key"))),
        }
        match change.joining(&at).count() as u64 {
            0 => {}
            count => part.push(format!("{} joining", counted(count, "key"))),
        }
        part.extend(change.threshold(&at).map(|threshold| format!("threshold {threshold}")));
        parts.push(format!("{}: {}", at.role, part.join(", ")));
    }
    let is_told = |edit: &Edit| matches!(edit, Edit::Begins { .. } | Edit::Ends { chosen: false, .. });
    let other = |edit: &&Edit| edit.of_keys().is_none() && !is_told(edit);
    match change.edits.iter().filter(other).count() as u64 {
        0 => {}
        count if parts.is_empty() => parts.push(counted(count, "change")),
        count => parts.push(counted(count, "other change")),
    }
    if let Some(despite) = &change.despite {
        parts.push(format!("although a role is left that nobody can sign, since {despite}"));
    }
    if let Some(although) = &change.although_loose {
        parts.push(format!(
            "beside a version that was given up and that clients refuse, since {although}"
        ));
    }
    let asked = if parts.is_empty() {
        "a new end".to_owned()
    } else {
        parts.join("; ")
    };
    let reason = if change.reason.is_empty() {
        String::new()
    } else {
        format!("; {}", change.reason)
    };
    if change.begins() {
        return format!("began a repository: {asked}{reason}");
    }
    format!(
        "began the ceremony on root v{} ({}): {asked}{reason}",
        begun.root_version(),
        short(
            &begun
                .builds_on
                .first()
                .map(|root| root.sha256.to_string())
                .unwrap_or_default()
        )
    )
}
