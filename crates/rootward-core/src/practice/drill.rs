//! Drills: a repository in trouble, keys to mend it with, and what must be true of it in the end.
//!
//! Sets one up on any Notary server through the ports, and keeps on disk what it will be judged by. How it is judged is in
//! `aims`; nothing here looks at what a ceremony says of itself.

mod aims;
mod plots;
mod record;

pub use aims::{Aim, Checked, look};
pub use plots::{Plot, set_up};
pub use record::{Drills, Ended, Fact, InHand, Run, Turn, TurnKind};

use crate::ports::{Failure, TokenSlot};

/// The scenarios of day 2: what people who run a Notary server must be able to do under stress.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Drill {
    /// An image was altered before it was signed.
    TamperedImage,
    /// A delegate's key was stolen, and used.
    StolenDelegateKey,
    /// The root key was stolen, and used; the old one is still in hand.
    StolenRootKey,
}

impl Drill {
    pub const ALL: [Drill; 3] = [Drill::TamperedImage, Drill::StolenDelegateKey, Drill::StolenRootKey];

    /// What it is called on a command line.
    pub fn name(self) -> &'static str {
        match self {
            Drill::TamperedImage => "tampered-image",
            Drill::StolenDelegateKey => "stolen-delegate-key",
            Drill::StolenRootKey => "stolen-root-key",
        }
    }

    /// Fails with `bad-usage` for any other name.
    pub fn parse(name: &str) -> Result<Self, Failure> {
        let found = Drill::ALL.into_iter().find(|drill| drill.name() == name);
        found.ok_or_else(|| {
            let names = Drill::ALL.map(Drill::name).join(", ");
            Failure::fault("bad-usage", format!("expected a drill: {names}"))
        })
    }

    pub fn title(self) -> &'static str {
        match self {
            Drill::TamperedImage => "An image was altered",
            Drill::StolenDelegateKey => "A delegate's key was stolen",
            Drill::StolenRootKey => "The root key was stolen",
        }
    }

    /// What happened and what is wanted, in plain words.
    pub fn task(self) -> &'static [&'static str] {
        match self {
            Drill::TamperedImage => &[
                "Somebody altered the image 1.4.1 before it was signed, so its signatures are good and its content is not. \
                 The builder has made it again from clean sources; its digest and size are among the facts.",
                "Make everybody who asks for 1.4.1 get the clean image, whichever role their client asks first. \
                 Nothing else may change.",
            ],
            Drill::StolenDelegateKey => &[
                "The laptop of officer_2 was stolen with the key that signs this repository's releases. The thief has \
                 published an image of theirs as 1.4.1, and one more as 1.4.2.",
                "Take the stolen key out of every role, let your token sign the releases from now on, and give clients the \
                 images back that officer_2 had signed.",
            ],
            Drill::StolenRootKey => &[
                "Somebody has a copy of the root key. With it they gave themselves the keys of targets and snapshot, and \
                 published an image of theirs as 1.4.1. They have not replaced the root key: your copy still counts.",
                "Take the repository back before they do: a new root key in your token, a new targets key, snapshot and \
                 timestamp signed by the server, and the image as it was. Every client must follow.",
            ],
        }
    }

    /// What helps somebody who is stuck; the first gives away least.
    pub fn hints(self) -> &'static [&'static str] {
        match self {
            Drill::TamperedImage => &[
                "Notary's own client asks targets first, Docker asks targets/releases first. Both name the image.",
                "One change can hold several edits. Removing the name is not enough: clients want the clean image.",
                "Either key of targets/releases may sign it: the builder's file, or your token.",
            ],
            Drill::StolenDelegateKey => &[
                "Ask what a stolen key opens before anything else: it may stand in more roles than one.",
                "A new key alone cleans nothing. Signed again as it is, the thief's document is good again, with their images.",
                "Revoke the key and put your token in its place, sign again what is left without signatures, and in the same \
                 change put 1.4.1 back and remove 1.4.2.",
            ],
            Drill::StolenRootKey => &[
                "The next root is signed by the old key and by the new one: you need both, this once.",
                "All of it fits into one change, and a thief has no time to answer one publication.",
                "Root: the old key leaves, your token joins. Targets: the thief's key leaves, a new file joins, and 1.4.1 is put \
                 back. Snapshot and timestamp: new keys of the server's.",
            ],
        }
    }
}

/// Where a drill is held.
#[derive(Debug, Clone)]
pub struct Stage {
    /// Of a Notary server, where nobody has a repository of the drill's name yet.
    pub url: String,
    pub ca_file: Option<String>,
    /// The officer's token; a key is born in this slot.
    pub token: TokenSlot,
}
