//! The signing ledger: what keys on this desk sign, on record before any signature leaves.
//!
//! One append-only chain in the data folder, `ledger.jsonl`. It knows this desk only: what a key signs on another desk, or
//! with another program, it cannot know.

mod deed;
mod fold;

use std::io;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};

pub use deed::{Certifies, Deed, Ended, LineCut, Proved, Signs, Subject, Testified, Trouble};
pub use fold::{Deeds, Signing, Went};

use crate::chain::{Chain, Ending};
use crate::ports::{Clock, Disk, Failure, Ports};

/// The ledger of one desk. Its clones write the same file; two of one process never write at once.
#[derive(Clone)]
pub struct Ledger {
    disk: Arc<dyn Disk>,
    clock: Arc<dyn Clock>,
    path: PathBuf,
    /// Who holds the desk: the actor of every deed.
    holder: Arc<str>,
    kept: Arc<Mutex<Kept>>,
}

/// What was read last, by the bytes it was read from.
#[derive(Default)]
struct Kept {
    bytes: Vec<u8>,
    deeds: Arc<Deeds>,
}

/// A deed that is on record and has not ended.
#[must_use = "how it ended is to be put on record"]
pub struct Intent(u32);

/// The file's name in the data folder.
const FILE: &str = "ledger.jsonl";
const LARGEST: u64 = 256 << 20;

impl Ledger {
    /// Opens nothing yet: an absent file is an empty ledger.
    pub fn new(ports: &Ports, holder: &str) -> Self {
        Ledger {
            disk: ports.disk.clone(),
            clock: ports.clock.clone(),
            path: ports.data.join(FILE),
            holder: holder.into(),
            kept: Arc::default(),
        }
    }

    /// Everything on record. Of a ledger whose chain is broken, what its lines claim besides: reason enough to be careful.
    ///
    /// Fails as the disk does.
    pub fn deeds(&self) -> Result<Arc<Deeds>, Failure> {
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        let bytes = self.read()?;
        if bytes != kept.bytes {
            let (chain, ending) = Chain::read(&bytes);
            kept.deeds = Arc::new(Deeds::of(&chain, &ending));
            kept.bytes = bytes;
        }
        Ok(kept.deeds.clone())
    }

    /// Puts on record that a key is about to sign. Once this returns it is durable.
    ///
    /// Refuses with `ledger-broken` while the chain does not hold; fails as the disk does.
    pub fn begin(&self, deed: Deed) -> Result<Intent, Failure> {
        self.append(deed).map(Intent)
    }

    /// Puts on record how a deed ended. An intent without an end counts as a signature: nobody knows better.
    pub fn end(&self, intent: Intent, problem: Option<&Failure>) -> Result<(), Failure> {
        let ended = Ended {
            intent: intent.0,
            problem: problem.map(Trouble::from),
        };
        self.append(Deed::Ended(ended)).map(drop)
    }

    /// Puts a proof on record that was verified.
    pub fn keep(&self, proved: Proved) -> Result<(), Failure> {
        self.append(Deed::Proved(Box::new(proved))).map(drop)
    }

    /// Puts a testimony on record that was verified.
    pub fn keep_testimony(&self, testified: Testified) -> Result<(), Failure> {
        self.append(Deed::Testified(Box::new(testified))).map(drop)
    }

    /// Refuses with `ledger-broken` while the chain does not hold: what could not be put on record is not asked for.
    pub fn must_hold(&self) -> Result<(), Failure> {
        match &self.deeds()?.broken {
            None => Ok(()),
            Some((line, why)) => Err(self.broken(*line, why)),
        }
    }

    fn broken(&self, line: u32, why: &str) -> Failure {
        let message = format!(
            "the signing ledger does not hold from line {line} on, so nothing is signed: {}",
            crate::border::visible(why)
        );
        Failure::refusal("ledger-broken", message).with("file", self.path.display().to_string())
    }

    fn append(&self, deed: Deed) -> Result<u32, Failure> {
        // Held from reading to writing, so that the chain goes on from its end.
        let _kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        let (mut chain, ending) = Chain::<Deed>::read(&self.read()?);
        match ending {
            Ending::Whole => {}
            Ending::Torn { bytes } => {
                self.disk
                    .truncate(&self.path, chain.length())
                    .map_err(|error| self.failed("cut", &error))?;
                self.write(&mut chain, Deed::LineCut(LineCut { bytes }))?;
            }
            Ending::Broken { line, why, .. } => return Err(self.broken(line, &why)),
        }
        self.write(&mut chain, deed)
    }

    fn write(&self, chain: &mut Chain<Deed>, deed: Deed) -> Result<u32, Failure> {
        let (event, line) = chain.next(self.clock.now(), &self.holder, deed);
        self.disk
            .append(&self.path, &line)
            .map_err(|error| self.failed("write", &error))?;
        let number = event.number;
        chain.take(event, &line);
        Ok(number)
    }

    fn read(&self) -> Result<Vec<u8>, Failure> {
        match self.disk.read(&self.path, LARGEST) {
            Ok(bytes) => Ok(bytes),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(Vec::new()),
            Err(error) => Err(self.failed("read", &error)),
        }
    }

    fn failed(&self, what: &str, error: &io::Error) -> Failure {
        let message = format!("could not {what} the signing ledger {}: {error}", self.path.display());
        Failure::fault("disk-failed", message).with("path", self.path.display().to_string())
    }
}
