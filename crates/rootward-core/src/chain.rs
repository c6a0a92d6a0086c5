//! Append-only records: lines of JSON, each with a hash over the hash before it and its own canonical form.
//!
//! Reads and extends bytes; who writes them to disk is elsewhere. An altered, removed or moved line breaks the chain from
//! there on; a missing end is only found by comparing the head.

use rootward_tuf::canonical::canonical;
use rootward_tuf::json::{self, Limits, Object, Value};
use rootward_tuf::time::Instant;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use crate::digest::Digest;

/// One line: when what happened, by whose hand.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Event<F> {
    /// 1 is the first.
    pub number: u32,
    pub at: Instant,
    /// The holder of the desk when it happened.
    pub actor: String,
    pub fact: F,
    /// Covers this event and, through the hash before it, every earlier one.
    pub hash: Digest,
}

/// Events that hang together.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Chain<F> {
    events: Vec<Event<F>>,
    /// Bytes of the lines read.
    length: u64,
}

/// How reading ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Ending<F> {
    Whole,
    /// Half a line at the end: writing it was interrupted.
    Torn {
        bytes: u64,
    },
    /// A line that does not continue the chain. `beyond` is what it and those after it claim: nothing to build on, but reason
    /// enough to be careful.
    Broken {
        line: u32,
        why: String,
        beyond: Vec<F>,
    },
}

/// What stands before the first event in place of a hash.
const GENESIS: Digest = Digest([0; 32]);

#[derive(Serialize, Deserialize)]
struct Line<F> {
    number: u32,
    at: String,
    actor: String,
    #[serde(flatten)]
    fact: F,
    hash: Digest,
}

impl<F> Default for Chain<F> {
    fn default() -> Self {
        Chain {
            events: Vec::new(),
            length: 0,
        }
    }
}

impl<F: Serialize + DeserializeOwned> Chain<F> {
    /// Reads as far as the chain holds.
    pub fn read(bytes: &[u8]) -> (Self, Ending<F>) {
        let mut journal = Chain::default();
        let mut rest = bytes;
        while let Some(end) = rest.iter().position(|&byte| byte == b'\n') {
            let (line, after) = (&rest[..end], &rest[end + 1..]);
            match journal.check(line) {
                Ok(event) => journal.push(event, end + 1),
                Err(why) => {
                    let line = journal.next_number();
                    return (
                        journal,
                        Ending::Broken {
                            line,
                            why,
                            beyond: claims(rest),
                        },
                    );
                }
            }
            rest = after;
        }
        let ending = if rest.is_empty() {
            Ending::Whole
        } else {
            Ending::Torn {
                bytes: rest.len() as u64,
            }
        };
        (journal, ending)
    }

    /// Makes the next event and the line to append for it. The chain itself stays as it is until [`Chain::take`].
    pub fn next(&self, at: Instant, actor: &str, fact: F) -> (Event<F>, Vec<u8>) {
        let mut line = Line {
            number: self.next_number(),
            at: at.to_string(),
            actor: actor.into(),
            fact,
            hash: GENESIS,
        };
        let value = serde_json::to_vec(&line)
            .ok()
            .and_then(|text| json::parse(&text, LIMITS).ok());
        let Some(Value::Object(object)) = value else {
            unreachable!("an event is a JSON object with unlike members and whole numbers")
        };
        line.hash = self.hash_of(&object);
        let mut object = object;
        object.set("hash", Value::text(line.hash.to_string()));
        let mut text = json::compact(&Value::Object(object)).into_bytes();
        text.push(b'\n');
        let event = Event {
            number: line.number,
            at,
            actor: line.actor,
            fact: line.fact,
            hash: line.hash,
        };
        (event, text)
    }

    /// Takes an event that was made by [`Chain::next`] and is on disk now.
    pub fn take(&mut self, event: Event<F>, line: &[u8]) {
        self.push(event, line.len());
    }

    pub fn events(&self) -> &[Event<F>] {
        &self.events
    }

    /// The hash of the last event.
    pub fn head(&self) -> Digest {
        self.events.last().map_or(GENESIS, |event| event.hash)
    }

    /// Bytes of all whole lines.
    pub fn length(&self) -> u64 {
        self.length
    }

    fn next_number(&self) -> u32 {
        self.events.len() as u32 + 1
    }

    fn push(&mut self, event: Event<F>, length: usize) {
        self.events.push(event);
        self.length += length as u64;
    }

    /// Checks that `line` continues the chain.
    fn check(&self, line: &[u8]) -> Result<Event<F>, String> {
        let value = json::parse(line, LIMITS).map_err(|error| error.to_string())?;
        if json::compact(&value).as_bytes() != line {
            return Err("expected the line as it was written, found another spelling of it".into());
        }
        let Value::Object(object) = value else {
            return Err("expected an object".into());
        };
        let read: Line<F> = serde_json::from_slice(line).map_err(|error| format!("expected an event: {error}"))?;
        if read.number != self.next_number() {
            return Err(format!(
                "expected event {}, found event {}",
                self.next_number(),
                read.number
            ));
        }
        let expected = self.hash_of(&object);
        if read.hash != expected {
            return Err(format!("expected the hash {expected}, found {}", read.hash));
        }
        let at = Instant::parse(&read.at).map_err(|error| error.to_string())?;
        Ok(Event {
            number: read.number,
            at,
            actor: read.actor,
            fact: read.fact,
            hash: read.hash,
        })
    }

    /// SHA-256 over the hash before and the canonical event without its own hash.
    fn hash_of(&self, event: &Object) -> Digest {
        let mut bare = Object::new();
        for (name, value) in event.iter().filter(|(name, _)| *name != "hash") {
            bare.set(name, value.clone());
        }
        let mut bytes = self.head().0.to_vec();
        bytes.extend(canonical(&Value::Object(bare)));
        Digest::of(&bytes)
    }
}

/// Whatever lines say, chain or no chain.
fn claims<F: DeserializeOwned>(bytes: &[u8]) -> Vec<F> {
    let lines = bytes.split(|&byte| byte == b'\n');
    lines
        .filter_map(|line| serde_json::from_slice::<Line<F>>(line).ok())
        .map(|line| line.fact)
        .collect()
}

const LIMITS: Limits = Limits {
    depth: 32,
    bytes: 4 << 20,
};

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ceremony::Fact;
    use crate::ceremony::event::{Abandoned, LineCut};

    type Journal = Chain<Fact>;

    fn written(facts: Vec<Fact>) -> Vec<u8> {
        let mut journal = Journal::default();
        let mut bytes = Vec::new();
        for (second, fact) in facts.into_iter().enumerate() {
            let at = Instant::from_unix_seconds(1_790_000_000 + second as i64).expect("a moment");
            let (event, line) = journal.next(at, "officer_1", fact);
            bytes.extend(&line);
            journal.take(event, &line);
        }
        bytes
    }

    fn sample() -> Vec<u8> {
        let reason = "line one\nline \"two\" \u{202e}".to_owned();
        let abandoned = Abandoned { reason, loose: 1 };
        written(vec![
            Fact::Resumed,
            Fact::LineCut(LineCut { bytes: 7 }),
            Fact::Written,
            Fact::Abandoned(abandoned),
        ])
    }

    #[test]
    fn a_journal_reads_back_as_it_was_written() {
        let bytes = sample();
        let (journal, ending) = Journal::read(&bytes);
        assert_eq!(ending, Ending::Whole);
        assert_eq!(journal.events().len(), 4);
        assert_eq!(journal.length(), bytes.len() as u64);
        assert_eq!(journal.events()[1].fact, Fact::LineCut(LineCut { bytes: 7 }));
    }

    #[test]
    fn a_changed_byte_breaks_the_chain_wherever_it_is() {
        let bytes = sample();
        for place in 0..bytes.len() {
            let mut changed = bytes.clone();
            changed[place] ^= 1;
            let (journal, ending) = Journal::read(&changed);
            assert_ne!((journal.events().len(), ending), (4, Ending::Whole), "byte {place}");
        }
    }

    #[test]
    fn a_removed_repeated_or_moved_line_breaks_the_chain() {
        let bytes = sample();
        let lines: Vec<&[u8]> = bytes.split_inclusive(|&byte| byte == b'\n').collect();
        for order in [
            vec![1, 2, 3],
            vec![0, 2, 3],
            vec![0, 1, 3],
            vec![0, 2, 1, 3],
            vec![0, 1, 1, 2, 3],
        ] {
            let changed: Vec<u8> = order.iter().flat_map(|&place: &usize| lines[place].to_vec()).collect();
            assert!(matches!(Journal::read(&changed).1, Ending::Broken { .. }), "{order:?}");
        }
    }

    #[test]
    fn every_cut_inside_a_line_is_torn_and_keeps_the_whole_lines() {
        let bytes = sample();
        for length in 0..bytes.len() {
            let (journal, ending) = Journal::read(&bytes[..length]);
            let torn = length as u64 - journal.length();
            assert_eq!(
                ending,
                if torn == 0 {
                    Ending::Whole
                } else {
                    Ending::Torn { bytes: torn }
                }
            );
        }
    }
}
