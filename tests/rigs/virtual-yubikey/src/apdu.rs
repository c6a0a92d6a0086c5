//! Commands and answers as bytes: ISO 7816-4 short and extended lengths, command chaining, answers in pieces.

/// Status words that the card answers (ISO 7816-4 and SP 800-73-4).
pub mod status {
    pub const OK: u16 = 0x9000;
    pub const WRONG_LENGTH: u16 = 0x6700;
    pub const SECURITY: u16 = 0x6982;
    pub const BLOCKED: u16 = 0x6983;
    pub const CONDITIONS: u16 = 0x6985;
    pub const WRONG_DATA: u16 = 0x6a80;
    pub const NOT_FOUND: u16 = 0x6a82;
    pub const NO_SPACE: u16 = 0x6a84;
    pub const NO_REFERENCE: u16 = 0x6a88;
    pub const WRONG_PLACE: u16 = 0x6b00;
    pub const UNKNOWN_COMMAND: u16 = 0x6d00;
    /// A wrong PIN, with this many tries left.
    pub fn tries(left: u8) -> u16 {
        0x63c0 | u16::from(left.min(15))
    }
}

/// What a command gives: bytes, or a status word that is not 9000.
pub type Answered = Result<Vec<u8>, u16>;

/// The largest object of a card, and with it the longest chain of commands.
pub const LONGEST_OBJECT: usize = 3063;
const LONGEST_COMMAND: usize = LONGEST_OBJECT + 32;

/// One command, before chaining.
pub struct Apdu<'a> {
    pub class: u8,
    pub ins: u8,
    pub p1: u8,
    pub p2: u8,
    pub data: &'a [u8],
    /// How many bytes the host takes at once (Le).
    most: usize,
}

impl<'a> Apdu<'a> {
    /// Reads a command; `None` when its length is wrong.
    pub fn read(bytes: &'a [u8]) -> Option<Self> {
        let [class, ins, p1, p2, body @ ..] = bytes else {
            return None;
        };
        let short = |le: Option<&u8>| match le {
            None | Some(0) => 256,
            Some(le) => usize::from(*le),
        };
        let (data, most): (&[u8], usize) = match body {
            [] => (&[], 256),
            [le] => (&[], short(Some(le))),
            [0, _, _] => (&[], usize::MAX),
            [0, high, low, rest @ ..] => (rest.get(..usize::from(u16::from_be_bytes([*high, *low])))?, usize::MAX),
            [length, rest @ ..] => {
                let (data, le) = rest.split_at_checked(usize::from(*length))?;
                (data, short(le.first()))
            }
        };
        Some(Self {
            class: *class,
            ins: *ins,
            p1: *p1,
            p2: *p2,
            data,
            most,
        })
    }
}

/// Puts chained commands together and hands long answers out in pieces.
#[derive(Default)]
pub struct Line {
    chained: Vec<u8>,
    waiting: Vec<u8>,
}

impl Line {
    /// Forgets what was half sent and half received.
    pub fn clear(&mut self) {
        *self = Self::default();
    }

    /// Takes one command. `Ok` is the whole data of a finished command; `Err` is the answer to give at once.
    pub fn receive(&mut self, apdu: &Apdu) -> Result<Vec<u8>, Vec<u8>> {
        if apdu.ins == 0xc0 {
            return Err(self.piece(apdu.most));
        }
        self.waiting.clear();
        self.chained.extend_from_slice(apdu.data);
        if self.chained.len() > LONGEST_COMMAND {
            self.chained.clear();
            return Err(ended(status::WRONG_LENGTH));
        }
        if apdu.class & 0x10 != 0 {
            return Err(ended(status::OK));
        }
        Ok(std::mem::take(&mut self.chained))
    }

    /// The answer's bytes, or its first piece.
    pub fn answer(&mut self, apdu: &Apdu, answered: Answered) -> Vec<u8> {
        match answered {
            Err(word) => ended(word),
            Ok(bytes) => {
                self.waiting = bytes;
                self.piece(apdu.most)
            }
        }
    }

    fn piece(&mut self, most: usize) -> Vec<u8> {
        let length = self.waiting.len().min(most);
        let mut piece: Vec<u8> = self.waiting.drain(..length).collect();
        let left = self.waiting.len();
        piece.extend(if left == 0 {
            [0x90, 0]
        } else {
            // 00 stands for 256 and more.
            [0x61, left.min(256) as u8]
        });
        piece
    }
}

/// An answer that is a status word alone.
pub fn ended(word: u16) -> Vec<u8> {
    word.to_be_bytes().to_vec()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lengths_are_short_or_extended() {
        let data = |bytes: &[u8]| Apdu::read(bytes).map(|apdu| (apdu.data.to_vec(), apdu.most));
        assert_eq!(data(&[0, 1, 2, 3]), Some((vec![], 256)));
        assert_eq!(data(&[0, 1, 2, 3, 0]), Some((vec![], 256)));
        assert_eq!(data(&[0, 1, 2, 3, 9]), Some((vec![], 9)));
        assert_eq!(data(&[0, 1, 2, 3, 2, 8, 9]), Some((vec![8, 9], 256)));
        assert_eq!(data(&[0, 1, 2, 3, 2, 8, 9, 7]), Some((vec![8, 9], 7)));
        assert_eq!(data(&[0, 1, 2, 3, 0, 0, 0]), Some((vec![], usize::MAX)));
        assert_eq!(data(&[0, 1, 2, 3, 0, 0, 2, 8, 9, 0, 0]), Some((vec![8, 9], usize::MAX)));
        for wrong in [&[0, 1, 2][..], &[0, 1, 2, 3, 2, 8], &[0, 1, 2, 3, 0, 0, 2, 8]] {
            assert_eq!(data(wrong), None, "{wrong:?}");
        }
    }

    #[test]
    fn a_chain_longer_than_any_object_is_refused_and_forgotten() {
        let mut line = Line::default();
        let part = [&[0x10, 0xdb, 0x3f, 0xff, 255][..], &[1; 255]].concat();
        let answers: Vec<_> = (0..13)
            .map(|_| line.receive(&Apdu::read(&part).unwrap()).unwrap_err())
            .collect();
        assert_eq!(answers[11], ended(status::OK));
        assert_eq!(answers[12], ended(status::WRONG_LENGTH));
        assert_eq!(line.receive(&Apdu::read(&[0, 0xfd, 0, 0]).unwrap()).unwrap(), b"");
    }

    #[test]
    fn a_long_answer_comes_in_pieces_unless_the_command_was_extended() {
        let mut line = Line::default();
        let (short, extended) = ([0, 0xcb, 0x3f, 0xff, 0], [0, 0xcb, 0x3f, 0xff, 0, 0, 0]);
        let first = line.answer(&Apdu::read(&short).unwrap(), Ok(vec![5; 600]));
        assert_eq!((first.len(), &first[256..]), (258, &[0x61, 0][..]));
        let more = [0, 0xc0, 0, 0, 0];
        let second = line.receive(&Apdu::read(&more).unwrap()).unwrap_err();
        assert_eq!(&second[256..], [0x61, 88]);
        let third = line.receive(&Apdu::read(&more).unwrap()).unwrap_err();
        assert_eq!(&third[88..], [0x90, 0]);
        line.answer(&Apdu::read(&short).unwrap(), Ok(vec![5; 600]));
        let asked = line.receive(&Apdu::read(&[0, 0xc0, 0, 0, 10]).unwrap()).unwrap_err();
        assert_eq!(&asked[10..], [0x61, 0]);
        let whole = line.answer(&Apdu::read(&extended).unwrap(), Ok(vec![5; 600]));
        assert_eq!(&whole[600..], [0x90, 0]);
    }
}
