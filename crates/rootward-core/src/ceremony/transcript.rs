//! The transcript: a ceremony as one file that anybody can check on a machine of their own.
//!
//! It holds the lines of the journal and every document they name. A reader computes all of it again and believes nothing it
//! says of itself; that nothing is missing at the end is proven only by the head of the chain, read from another copy.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};

use rootward_tuf::dialect::Dialect;
use rootward_tuf::encoding::{base64, from_base64};
use rootward_tuf::metadata::{self, Root};
use serde::{Deserialize, Serialize};

use super::archive::{frozen_name, predecessor_name};
use super::ceremonies::{Ceremonies, Record, State};
use super::descent::{Astray, Descent};
use super::digest::Digest;
use super::event::{Event, Fact};
use super::handoff::LARGEST;
use super::journal::{Ending, Journal};
use super::own_files::{Kind, written};
use super::state::{Ceremony, Files};
use crate::border::visible;
use crate::ports::Failure;

/// A transcript that was computed again from its bytes, and holds.
pub struct Checked {
    /// The ceremony, as the desk that led it has it.
    pub record: Record,
    /// Of the file.
    pub sha256: Digest,
    pub end: End,
    /// Root files, ascending; context, until they lead from a root the reader trusts.
    roots: Vec<Vec<u8>>,
}

/// What is known of the transcript's end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum End {
    /// Every event hangs together; whether later ones are missing, nobody can say without the head.
    NotProven,
    /// The last event has the head that was read elsewhere.
    Proven,
}

impl Checked {
    /// Computes a transcript again: the chain, the fold of its events, every digest and every signature.
    ///
    /// `head` is what another copy says: a printed report, a request, whoever was there. Refuses with
    /// `transcript-unreadable` and `transcript-newer` what cannot be read, with `transcript-broken` what does not hold, and
    /// with `transcript-cut-off` what does not end with that head.
    pub fn of(bytes: &[u8], head: Option<Digest>) -> Result<Self, Failure> {
        let (text, elsewhere) = (read(bytes)?, head);
        let lines: Vec<u8> = text
            .journal
            .iter()
            .flat_map(|line| line.bytes().chain([b'\n']))
            .collect();
        let (journal, ending) = Journal::read(&lines);
        if let Ending::Broken { line, why, .. } = ending {
            return Err(broken(line, &why));
        }
        let (events, head) = (journal.events(), journal.head());
        if events.len() != text.journal.len() {
            return Err(unreadable("expected one event a line"));
        }
        if head != text.head {
            let message = format!(
                "the last of its {} events has the head {head}, and the transcript says it ends with {}",
                events.len(),
                text.head
            );
            return Err(Failure::refusal("transcript-cut-off", message));
        }
        let files = Held::of(&text)?;
        let ceremony = Ceremony::fold(&text.ceremony, events, &files).map_err(|(event, why)| broken(event, &why))?;
        if let Some(name) = files.unread() {
            let message = format!("it holds {}, which no event names", visible(&name));
            return Err(Failure::refusal("transcript-broken", message));
        }
        let end = ends_with(events, head, elsewhere)?;
        let decoded = |text: &String| from_base64(text).ok_or_else(|| unreadable("expected bytes in base64"));
        let roots = text.roots.iter().map(decoded).collect::<Result<_, _>>()?;
        Ok(Checked {
            record: Record {
                id: text.ceremony,
                events: events.to_vec(),
                head,
                state: State::Sound(Box::new(ceremony)),
            },
            sha256: Digest::of(bytes),
            end,
            roots,
        })
    }

    /// The ceremony that was computed again.
    pub fn ceremony(&self) -> Result<&Ceremony, Failure> {
        self.record.sound()
    }

    /// The version of `root`, a root file that the reader trusts, from which the transcript's roots lead to the one it builds
    /// on.
    ///
    /// Refuses with `root-refused` what is no root, and with `transcript-unproven` when they do not lead there.
    pub fn descends_from(&self, root: Vec<u8>) -> Result<u64, Failure> {
        let ceremony = self.ceremony()?;
        let dialect: Dialect = ceremony.grounds.dialect();
        let unproven = |why: String| Failure::refusal("transcript-unproven", why);
        let Some(predecessor) = ceremony.grounds.root() else {
            // It follows from nothing: whoever trusts the root it made trusts this ceremony's.
            let read = metadata::read::<Root>(&root, dialect);
            read.map_err(|error| Failure::refusal("root-refused", format!("the trusted root: {error}")))?;
            let first = ceremony.stage.assembled().and_then(|assembled| assembled.root());
            return match first {
                Some(first) if first.file_bytes() == root => Ok(first.version()),
                _ => Err(unproven(
                    "the transcript tells how a repository was begun, and the trusted root is not the one it was begun with".into(),
                )),
            };
        };
        let descent = Descent {
            of: "the transcript",
            dialect,
            gun: ceremony.begun.gun.as_deref(),
            roots: &self.roots,
        };
        // The moment decides nothing but whether the last root had ended; a transcript is read for years.
        let led = descent.from(root, ceremony.begun_at);
        let (built_on, from) = led.map_err(|astray| match astray {
            Astray::Unreadable(why) => unreadable(why),
            Astray::NoRoot(why) => Failure::refusal("root-refused", why),
            Astray::Unproven(why) => unproven(why),
        })?;
        if built_on.file_bytes() != predecessor.file_bytes() {
            let message = "the roots in the transcript lead to another root than the one its ceremony builds on";
            return Err(unproven(message.into()));
        }
        Ok(from)
    }
}

impl Ceremonies {
    /// The transcript of a ceremony as a file; refuses with `journal-broken` when its journal does not hold.
    pub fn transcript(&self, id: &str) -> Result<Vec<u8>, Failure> {
        let (record, lines) = self.with_lines(id)?;
        let ceremony = record.sound()?;
        let mut documents = Vec::new();
        for (name, sha256) in named(&record.events) {
            let bytes = self.archive().read(id, &name, sha256).map_err(|why| {
                let message = format!("the ceremony changed while it was read: {why}");
                Failure::fault("journal-broken", message)
            })?;
            documents.push(DocumentText {
                name,
                bytes: base64(&bytes),
            });
        }
        let roots = self.roots_up_to(&ceremony.begun.repository.id, ceremony)?;
        let text = Text {
            kind: KIND.name.into(),
            format: KIND.format,
            ceremony: record.id.clone(),
            head: record.head,
            journal: lines,
            documents,
            roots: roots.iter().map(|file| base64(file)).collect(),
        };
        Ok(written(&text))
    }
}

/// Every document that the events name, by the name it has beside the journal.
fn named(events: &[Event]) -> BTreeMap<String, Digest> {
    let mut named = BTreeMap::new();
    for event in events {
        match &event.fact {
            Fact::Begun(begun) => {
                let built_on = begun.builds_on.iter();
                named.extend(built_on.map(|document| (predecessor_name(&document.role), document.sha256)));
            }
            Fact::Frozen(frozen) => drop(named.insert(frozen_name(&frozen.role), frozen.sha256)),
            _ => {}
        }
    }
    named
}

/// The documents of a transcript, in the place of the files beside a journal.
struct Held {
    files: BTreeMap<String, Vec<u8>>,
    read: RefCell<BTreeSet<String>>,
}

impl Held {
    fn of(text: &Text) -> Result<Self, Failure> {
        let mut files = BTreeMap::new();
        for document in &text.documents {
            let bytes = from_base64(&document.bytes).ok_or_else(|| unreadable("expected bytes in base64"))?;
            if files.insert(document.name.clone(), bytes).is_some() {
                return Err(unreadable(format!("it holds {} twice", visible(&document.name))));
            }
        }
        Ok(Held {
            files,
            read: RefCell::default(),
        })
    }

    fn unread(&self) -> Option<String> {
        let read = self.read.borrow();
        self.files.keys().find(|name| !read.contains(*name)).cloned()
    }
}

impl Files for Held {
    fn read(&self, name: &str, expected: Digest) -> Result<Vec<u8>, String> {
        let bytes = self.files.get(name).ok_or_else(|| format!("{name} is missing"))?;
        let found = Digest::of(bytes);
        if found != expected {
            return Err(format!(
                "{name} was altered: expected SHA-256 {expected}, found {found}"
            ));
        }
        self.read.borrow_mut().insert(name.to_owned());
        Ok(bytes.clone())
    }
}

/// Whether the events end with the head that was read elsewhere.
fn ends_with(events: &[Event], head: Digest, given: Option<Digest>) -> Result<End, Failure> {
    let Some(given) = given else {
        return Ok(End::NotProven);
    };
    if given == head {
        return Ok(End::Proven);
    }
    let message = match events.iter().find(|event| event.hash == given) {
        Some(event) => format!(
            "the head given is that of event {}, and the transcript goes on to event {}",
            event.number,
            events.len()
        ),
        None => format!(
            "none of its {} events has the head {given}: it was cut off at the end, or is another ceremony's",
            events.len()
        ),
    };
    Err(Failure::refusal("transcript-cut-off", message).with("head", head.to_string()))
}

fn read(bytes: &[u8]) -> Result<Text, Failure> {
    if bytes.len() as u64 > LARGEST {
        return Err(unreadable(format!("expected {LARGEST} bytes at most")));
    }
    KIND.read(bytes)
}

fn unreadable(why: impl Into<String>) -> Failure {
    Failure::refusal("transcript-unreadable", why)
}

fn broken(event: u32, why: &str) -> Failure {
    let message = format!("the transcript does not hold from event {event} on: {}", visible(why));
    Failure::refusal("transcript-broken", message).with("event", event.to_string())
}

const KIND: Kind = Kind {
    name: "rootward-transcript",
    format: 1,
    unreadable: "transcript-unreadable",
    newer: "transcript-newer",
};

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Text {
    #[serde(rename = "type")]
    kind: String,
    format: u32,
    ceremony: String,
    /// Of the last line. A claim like all else: a reader compares it with the head from another copy.
    head: Digest,
    /// The lines of the journal as they were written.
    journal: Vec<String>,
    /// What the lines name by digest.
    documents: Vec<DocumentText>,
    /// Root files, ascending; the last is the one built on.
    roots: Vec<String>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct DocumentText {
    name: String,
    bytes: String,
}
