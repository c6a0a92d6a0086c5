//! What is said over the pipes between us and the process a module is kept in, and how it is framed.
//!
//! A frame is three lengths (u32, big-endian) and three parts: a head in JSON, a secret, other bytes. Secrets are never in
//! the head, so no text is ever made of one. Neither end trusts the other: each length is bounded before a byte is kept.

use std::io::{self, Read, Write};

use serde::{Deserialize, Serialize, de::DeserializeOwned};
use zeroize::Zeroizing;

/// Longest parts of a request, and of an answer.
pub(super) const REQUEST: Limits = Limits {
    head: 64 << 10,
    secret: 8 << 10,
    bytes: 64 << 20,
};
pub(super) const ANSWER: Limits = Limits {
    head: 4 << 20,
    secret: 0,
    bytes: 64 << 10,
};

/// How long each part of a frame may be.
#[derive(Debug, Clone, Copy)]
pub(super) struct Limits {
    head: usize,
    secret: usize,
    bytes: usize,
}

/// Longest text taken from a module: a label, a serial, a reader's name.
const LONGEST_TEXT: usize = 512;

/// Most keys and tokens one answer tells of.
pub(super) const MOST: usize = 1000;

/// A head with its number: an answer bears that of its request.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Numbered<T> {
    pub(super) number: u64,
    pub(super) said: T,
}

/// A frame that was read.
pub(super) struct Frame<T> {
    pub(super) head: T,
    pub(super) secret: Zeroizing<Vec<u8>>,
    pub(super) bytes: Vec<u8>,
}

/// What a module is asked for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(super) enum Request {
    /// Every token and what it tells without a secret.
    List,
    /// Which tokens are there, and nothing of what they hold.
    Present,
    /// Tries the PIN (the secret) and forgets it.
    Unlock { token: Place },
    /// Signs the bytes; the secret is the PIN, empty when there is none.
    Sign { token: Place, key: Wanted, how: How },
    /// Makes a key; the secret is the PIN.
    Generate {
        token: Place,
        label: String,
        id: Vec<u8>,
        kind: Kind,
        /// Its private half asks for the PIN before each signature.
        always_asks: bool,
    },
    /// Gives an initialised token its first PIN. The secret is the SO PIN and then the PIN.
    SetPin {
        token: Place,
        /// How many bytes of the secret are the SO PIN.
        so_pin: usize,
    },
    /// Initialises the empty token with this serial, if one is named. The secret is the SO PIN and then the PIN.
    Initialise {
        serial: Option<String>,
        label: String,
        /// How many bytes of the secret are the SO PIN.
        so_pin: usize,
    },
}

/// A token of the module.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Place {
    pub(super) label: String,
    pub(super) serial: Option<String>,
}

/// The key that is to sign: this public half's.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Wanted {
    /// SubjectPublicKeyInfo.
    pub(super) spki: Vec<u8>,
}

/// Kinds of signatures.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum How {
    Ed25519,
    EcdsaSha256,
    EcdsaSha384,
    /// With a salt of 32 bytes.
    PssSha256,
}

/// Kinds of keys that are made.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum Kind {
    Ed25519,
    P256,
    P384,
    Rsa3072,
}

/// What a module answered.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(super) enum Answer {
    Tokens(Vec<Told>),
    Present(Vec<Place>),
    Unlocked,
    /// The bytes are the signature: 64 for Ed25519, DER for ECDSA, a block for RSA.
    Signed,
    /// The bytes are the SubjectPublicKeyInfo.
    Made,
    Initialised(Box<Told>),
    Failed(Trouble),
}

/// A token, as its module tells of it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Told {
    pub(super) label: String,
    pub(super) serial: String,
    pub(super) manufacturer: String,
    pub(super) model: String,
    pub(super) firmware: String,
    pub(super) reader: String,
    pub(super) is_device: bool,
    pub(super) asks_for_pin: bool,
    /// Its PIN is typed at the device.
    pub(super) has_pin_pad: bool,
    pub(super) is_initialised: bool,
    pub(super) is_pin_set: bool,
    pub(super) pin: Pin,
    pub(super) shortest_pin: usize,
    pub(super) longest_pin: usize,
    pub(super) can: Vec<Can>,
    pub(super) keys: Vec<Key>,
    /// Why its keys could not be read.
    pub(super) trouble: Option<String>,
}

/// What a token says of its PIN.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum Pin {
    #[default]
    Fine,
    WasWrong,
    LastTry,
    Locked,
}

/// Mechanisms of a token that matter to us.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum Can {
    Ecdsa,
    EcdsaSha256,
    EcdsaSha384,
    Eddsa,
    Pss,
    PssSha256,
    MakeEc,
    MakeEdwards,
    MakeRsa,
}

/// A key, as its objects tell of it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Key {
    /// Of the public half, the certificate and the private half, in this order; never empty texts.
    pub(super) labels: Vec<String>,
    /// `CKA_ID`, of the same.
    pub(super) ids: Vec<Vec<u8>>,
    /// SubjectPublicKeyInfo.
    pub(super) spki: Option<Vec<u8>>,
    /// Such as `rsa-2048`; what the public half itself says counts more.
    pub(super) algorithm: String,
    pub(super) always_asks: Option<bool>,
    /// Whether it was made in the token.
    pub(super) is_local: Option<bool>,
    pub(super) subject: Option<String>,
}

/// Why a module did not do what it was asked for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(super) enum Trouble {
    /// It is no module, or it does not start.
    Unusable(String),
    Absent,
    Ambiguous,
    /// No private key fits the public half.
    NoPrivateHalf,
    /// Private keys were there, and what they signed is not this key's.
    OtherKey,
    WrongPin(Pin),
    PinLocked,
    /// The device has none yet.
    PinNotSet,
    /// It was too short, too long or of the wrong characters; it cost no try.
    PinRefused,
    /// It was to be typed at the device, and nobody did.
    NotEntered,
    Lacks(String),
    Occupied,
    /// No token waits to be initialised, or more than one does.
    NoneEmpty,
    SeveralEmpty,
    /// The function and its return value.
    Refused(String),
    /// It answered what cannot be.
    Nonsense(String),
}

impl Told {
    /// Whether its PIN is asked for, and typed at the device.
    pub(super) fn types_pin(&self) -> bool {
        self.asks_for_pin && self.has_pin_pad
    }
}

/// Why a frame could not be read.
#[derive(Debug, thiserror::Error)]
pub(super) enum ReadError {
    /// The other end is gone; nothing of a frame was read.
    #[error("nothing was said")]
    Ended,
    #[error("{0}")]
    Io(#[from] io::Error),
    #[error("{0}")]
    Nonsense(String),
}

/// Writes a frame. The secret is written from where it lies.
pub(super) fn write<T: Serialize>(
    to: &mut impl Write,
    head: &Numbered<T>,
    secret: &[u8],
    bytes: &[u8],
) -> io::Result<()> {
    let head = serde_json::to_vec(head).map_err(io::Error::other)?;
    let mut lengths = [0; 12];
    for (place, part) in [&head, secret, bytes].into_iter().enumerate() {
        let length = u32::try_from(part.len()).map_err(io::Error::other)?;
        lengths[place * 4..place * 4 + 4].copy_from_slice(&length.to_be_bytes());
    }
    for part in [&lengths[..], &head, secret, bytes] {
        to.write_all(part)?;
    }
    to.flush()
}

/// Reads a frame.
pub(super) fn read<T: DeserializeOwned>(from: &mut impl Read, limits: Limits) -> Result<Frame<T>, ReadError> {
    let mut lengths = [0; 12];
    let first = from.read(&mut lengths)?;
    if first == 0 {
        return Err(ReadError::Ended);
    }
    from.read_exact(&mut lengths[first..])?;
    let [head, secret, bytes] = [0, 4, 8].map(|at| {
        let length: [u8; 4] = lengths[at..at + 4].try_into().unwrap_or_default();
        u32::from_be_bytes(length) as usize
    });
    if head > limits.head || secret > limits.secret || bytes > limits.bytes {
        let why = format!("a frame of {head}, {secret} and {bytes} bytes is longer than any");
        return Err(ReadError::Nonsense(why));
    }
    let mut text = vec![0; head];
    from.read_exact(&mut text)?;
    // One allocation of its final size, so that no copy is left behind.
    let mut taken = Zeroizing::new(vec![0; secret]);
    from.read_exact(&mut taken)?;
    let mut rest = vec![0; bytes];
    from.read_exact(&mut rest)?;
    let head =
        serde_json::from_slice(&text).map_err(|why| ReadError::Nonsense(format!("its head cannot be read: {why}")))?;
    Ok(Frame {
        head,
        secret: taken,
        bytes: rest,
    })
}

/// A text of a module's as we keep it: not too long, and nothing in it that a screen would obey.
pub(super) fn plain(text: &str) -> String {
    let kept = text.chars().take(LONGEST_TEXT);
    kept.map(|letter| if letter.is_control() { '\u{fffd}' } else { letter })
        .collect()
}

impl Answer {
    /// The same with every text made plain and every list of a length that can be; `None` when one is longer.
    pub(super) fn tamed(self) -> Option<Self> {
        Some(match self {
            Answer::Tokens(tokens) if tokens.len() <= MOST => {
                Answer::Tokens(tokens.into_iter().map(Told::tamed).collect::<Option<_>>()?)
            }
            Answer::Tokens(_) => return None,
            Answer::Present(places) if places.len() <= MOST => {
                Answer::Present(places.into_iter().map(Place::tamed).collect())
            }
            Answer::Present(_) => return None,
            Answer::Initialised(token) => Answer::Initialised(Box::new(token.tamed()?)),
            Answer::Failed(Trouble::Unusable(why)) => Answer::Failed(Trouble::Unusable(plain(&why))),
            Answer::Failed(Trouble::Lacks(what)) => Answer::Failed(Trouble::Lacks(plain(&what))),
            Answer::Failed(Trouble::Refused(why)) => Answer::Failed(Trouble::Refused(plain(&why))),
            Answer::Failed(Trouble::Nonsense(why)) => Answer::Failed(Trouble::Nonsense(plain(&why))),
            other @ (Answer::Unlocked | Answer::Signed | Answer::Made | Answer::Failed(_)) => other,
        })
    }
}

impl Place {
    fn tamed(self) -> Self {
        Place {
            label: plain(&self.label),
            serial: self.serial.as_deref().map(plain),
        }
    }
}

impl Told {
    /// Which token it is.
    pub(super) fn place(&self) -> Place {
        Place {
            label: self.label.clone(),
            serial: Some(self.serial.clone()),
        }
    }

    fn tamed(self) -> Option<Self> {
        if self.keys.len() > MOST {
            return None;
        }
        Some(Told {
            label: plain(&self.label),
            serial: plain(&self.serial),
            manufacturer: plain(&self.manufacturer),
            model: plain(&self.model),
            firmware: plain(&self.firmware),
            reader: plain(&self.reader),
            keys: self.keys.into_iter().map(Key::tamed).collect::<Option<_>>()?,
            trouble: self.trouble.as_deref().map(plain),
            ..self
        })
    }
}

impl Key {
    fn tamed(self) -> Option<Self> {
        let is_fine =
            self.labels.len() <= MOST && self.ids.len() <= MOST && self.ids.iter().all(|id| id.len() <= LONGEST_TEXT);
        is_fine.then(|| Key {
            labels: self.labels.iter().map(|label| plain(label)).collect(),
            algorithm: plain(&self.algorithm),
            subject: self.subject.as_deref().map(plain),
            ..self
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(secret: &[u8], bytes: &[u8]) -> Vec<u8> {
        let mut text = Vec::new();
        let head = Numbered {
            number: 7,
            said: Request::List,
        };
        write(&mut text, &head, secret, bytes).expect("a vector takes everything");
        text
    }

    fn taken(text: &[u8]) -> Result<Frame<Numbered<Request>>, ReadError> {
        read(&mut &text[..], REQUEST)
    }

    #[test]
    fn a_frame_is_read_as_it_was_written_and_the_secret_is_in_no_head() {
        let text = written(b"246810", b"a message");
        let frame = taken(&text).expect("a frame");
        assert_eq!((frame.head.number, frame.head.said), (7, Request::List));
        assert_eq!(
            (&frame.secret[..], &frame.bytes[..]),
            (&b"246810"[..], &b"a message"[..])
        );
        let head = u32::from_be_bytes(text[..4].try_into().expect("four bytes")) as usize;
        assert!(!text[12..12 + head].windows(6).any(|six| six == b"246810"));
    }

    #[test]
    fn whatever_else_comes_is_refused_before_it_is_kept() {
        assert!(matches!(taken(b""), Err(ReadError::Ended)));
        let whole = written(b"246810", b"a message");
        for cut in 1..whole.len() {
            assert!(matches!(taken(&whole[..cut]), Err(ReadError::Io(_))), "cut at {cut}");
        }
        for place in [0, 4, 8] {
            let mut long = whole.clone();
            long[place..place + 4].copy_from_slice(&[0xff; 4]);
            assert!(matches!(taken(&long), Err(ReadError::Nonsense(_))), "length at {place}");
        }
        let mut answer = whole.clone();
        answer[12] = b'?';
        assert!(matches!(taken(&answer), Err(ReadError::Nonsense(_))));
        assert!(matches!(taken(b"warning: something\n"), Err(ReadError::Nonsense(_))));
        // An answer never holds a secret.
        assert!(matches!(
            read::<Numbered<Request>>(&mut &whole[..], ANSWER),
            Err(ReadError::Nonsense(_))
        ));
    }

    #[test]
    fn a_modules_texts_are_made_plain_and_its_lists_are_bounded() {
        let told = Told {
            label: "a\u{1b}[2J\nb".repeat(400),
            keys: vec![Key {
                labels: vec!["tab\there".into()],
                ..Key::default()
            }],
            ..Told::default()
        };
        let Some(Answer::Tokens(tame)) = Answer::Tokens(vec![told.clone()]).tamed() else {
            panic!("it is not too long");
        };
        assert_eq!(tame[0].label.chars().count(), LONGEST_TEXT);
        assert!(!tame[0].label.chars().any(char::is_control));
        assert_eq!(tame[0].keys[0].labels, ["tab\u{fffd}here"]);
        assert_eq!(Answer::Tokens(vec![told.clone(); MOST + 1]).tamed(), None);
        let many = Told {
            keys: vec![Key::default(); MOST + 1],
            ..told
        };
        assert_eq!(Answer::Tokens(vec![many]).tamed(), None);
    }
}
