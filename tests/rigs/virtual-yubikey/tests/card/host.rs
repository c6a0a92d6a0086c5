//! The host's side of PIV: chaining, GET RESPONSE, and the proof of the management key.

use aes::cipher::{Block, BlockCipherDecrypt, BlockCipherEncrypt, KeyInit};
use virtual_yubikey::{CardSpec, RIG_SERIALS, VirtualYubiKey};

pub const PIN: &[u8; 8] = b"123456\xff\xff";
pub const PUK: &[u8; 8] = b"12345678";
pub const MANAGEMENT_KEY: [u8; 24] = [1, 2, 3, 4, 5, 6, 7, 8, 1, 2, 3, 4, 5, 6, 7, 8, 1, 2, 3, 4, 5, 6, 7, 8];

pub struct Host {
    pub card: VirtualYubiKey,
}

impl Host {
    /// A new card with PIV selected.
    pub fn new(firmware: [u8; 3]) -> Self {
        Self::with(CardSpec::new(*RIG_SERIALS.start(), firmware))
    }

    pub fn with(spec: CardSpec) -> Self {
        let host = Self {
            card: VirtualYubiKey::new(spec),
        };
        host.select();
        host
    }

    pub fn select(&self) {
        self.good(0xa4, 4, 0, &[0xa0, 0, 0, 3, 8]);
    }

    /// Sends a command in as many parts as it needs, and collects the answer's.
    pub fn send(&self, ins: u8, p1: u8, p2: u8, data: &[u8]) -> Result<Vec<u8>, u16> {
        let mut parts = data.chunks(255).peekable();
        let mut answer = match parts.peek() {
            None => self.one(&[0, ins, p1, p2, 0]),
            Some(_) => Vec::new(),
        };
        while let Some(part) = parts.next() {
            let class = if parts.peek().is_some() { 0x10 } else { 0 };
            answer = self.one(&[&[class, ins, p1, p2, part.len() as u8], part].concat());
        }
        let mut bytes = Vec::new();
        loop {
            let word = answer.split_off(answer.len() - 2);
            bytes.append(&mut answer);
            match word[..] {
                [0x90, 0] => return Ok(bytes),
                [0x61, _] => answer = self.one(&[0, 0xc0, 0, 0, 0]),
                _ => return Err(u16::from_be_bytes([word[0], word[1]])),
            }
        }
    }

    fn one(&self, bytes: &[u8]) -> Vec<u8> {
        self.card.transmit(bytes).expect("the card answers")
    }

    pub fn good(&self, ins: u8, p1: u8, p2: u8, data: &[u8]) -> Vec<u8> {
        let answered = self.send(ins, p1, p2, data);
        answered.unwrap_or_else(|word| panic!("{ins:02x} {p1:02x} {p2:02x}: {word:04x}"))
    }

    pub fn verify(&self, pin: &[u8; 8]) -> Result<Vec<u8>, u16> {
        self.send(0x20, 0, 0x80, pin)
    }

    /// Proves the management key; the algorithm follows from the firmware.
    pub fn authenticate(&self, key: &[u8]) -> Result<(), u16> {
        let algorithm = if self.card.firmware() >= [5, 7, 0] { 0x0a } else { 3 };
        let hidden = self.send(0x87, algorithm, 0x9b, &[0x7c, 2, 0x80, 0])?;
        let witness = decrypt(algorithm, key, &hidden[4..]);
        let challenge = vec![7; witness.len()];
        let length = witness.len() as u8;
        let inner = [&[0x80, length], &witness[..], &[0x81, length], &challenge].concat();
        let proof = self.send(
            0x87,
            algorithm,
            0x9b,
            &[&[0x7c, inner.len() as u8], &inner[..]].concat(),
        )?;
        assert_eq!(
            proof[4..],
            encrypt(algorithm, key, &challenge),
            "the card has the key too"
        );
        Ok(())
    }

    pub fn administrate(&self) {
        self.authenticate(&MANAGEMENT_KEY).unwrap();
    }

    /// Generates a key, and gives its public point or modulus and exponent as the card puts them.
    pub fn generate(&self, slot: u8, algorithm: u8, pin: u8, touch: u8) -> Result<Vec<u8>, u16> {
        let wish = [0xac, 9, 0x80, 1, algorithm, 0xaa, 1, pin, 0xab, 1, touch];
        self.send(0x47, 0, slot, &wish)
    }

    pub fn sign(&self, slot: u8, algorithm: u8, data: &[u8]) -> Result<Vec<u8>, u16> {
        let inner = [&[0x82, 0][..], &element(0x81, data)].concat();
        self.send(0x87, algorithm, slot, &element(0x7c, &inner)).map(|answer| {
            let inner = value(&answer, 0x7c);
            value(inner, 0x82).to_vec()
        })
    }
}

/// An element with a tag of one byte.
pub fn element(tag: u8, value: &[u8]) -> Vec<u8> {
    let length = value.len() as u16;
    let head = match length {
        0..0x80 => vec![tag, length as u8],
        0x80..0x100 => vec![tag, 0x81, length as u8],
        _ => [&[tag, 0x82][..], &length.to_be_bytes()].concat(),
    };
    [&head[..], value].concat()
}

/// The value of the element that begins here.
pub fn value(bytes: &[u8], tag: u8) -> &[u8] {
    assert_eq!(bytes[0], tag, "{bytes:02x?}");
    match bytes[1] {
        0x81 => &bytes[3..3 + usize::from(bytes[2])],
        0x82 => &bytes[4..4 + usize::from(u16::from_be_bytes([bytes[2], bytes[3]]))],
        length => &bytes[2..2 + usize::from(length)],
    }
}

fn decrypt(algorithm: u8, key: &[u8], block: &[u8]) -> Vec<u8> {
    fn with<C: KeyInit + BlockCipherDecrypt>(key: &[u8], block: &[u8]) -> Vec<u8> {
        let mut block = Block::<C>::try_from(block).unwrap();
        C::new_from_slice(key).unwrap().decrypt_block(&mut block);
        block.to_vec()
    }
    if algorithm == 3 {
        with::<des::TdesEde3>(key, block)
    } else {
        with::<aes::Aes192>(key, block)
    }
}

pub fn encrypt(algorithm: u8, key: &[u8], block: &[u8]) -> Vec<u8> {
    fn with<C: KeyInit + BlockCipherEncrypt>(key: &[u8], block: &[u8]) -> Vec<u8> {
        let mut block = Block::<C>::try_from(block).unwrap();
        C::new_from_slice(key).unwrap().encrypt_block(&mut block);
        block.to_vec()
    }
    if algorithm == 3 {
        with::<des::TdesEde3>(key, block)
    } else {
        with::<aes::Aes192>(key, block)
    }
}
