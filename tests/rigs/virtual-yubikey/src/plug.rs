//! The card in its reader: the vpcd protocol over TCP, on a thread that ends with the value.
//! A message is a length (two bytes, big-endian) and so many bytes, both ways; one byte alone is a control code.

use crate::VirtualYubiKey;
use crate::card::ATR;
use std::io::{self, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::os::linux::net::TcpStreamExt;
use std::thread::{self, JoinHandle};
use std::time::Duration;

const POWER_OFF: u8 = 0;
const POWER_ON: u8 = 1;
const RESET: u8 = 2;
const GET_ATR: u8 = 4;

/// Keeps a card in the reader at an address. Dropping it pulls the card out for good.
pub struct Plug {
    card: VirtualYubiKey,
    thread: Option<JoinHandle<()>>,
}

impl Plug {
    /// Plugs the card in as soon as the reader listens, and again after each time it was pulled out and put back.
    pub fn into(reader: SocketAddr, card: VirtualYubiKey) -> Self {
        let plugged = card.clone();
        let thread = thread::Builder::new().name(format!("card {}", card.serial()));
        let thread = thread.spawn(move || keep_plugged(reader, &plugged));
        Self {
            card,
            thread: Some(thread.expect("a thread can be started")),
        }
    }

    pub fn card(&self) -> &VirtualYubiKey {
        &self.card
    }

    /// Waits until the card is pulled out for good.
    pub fn wait(mut self) {
        self.join();
    }

    fn join(&mut self) {
        if let Some(thread) = self.thread.take() {
            // A card that panicked has said so on standard error.
            let _ = thread.join();
        }
    }
}

impl Drop for Plug {
    fn drop(&mut self) {
        self.card.controls().end();
        self.join();
    }
}

fn keep_plugged(reader: SocketAddr, card: &VirtualYubiKey) {
    while card.controls().until_plugged() {
        // Any error means the same: out of the reader, and back in if it is there again.
        let _ = TcpStream::connect(reader).and_then(|stream| serve(stream, card));
        card.power_cycle();
        if !card.controls().has_ended() {
            thread::sleep(Duration::from_millis(20));
        }
    }
}

fn serve(mut stream: TcpStream, card: &VirtualYubiKey) -> io::Result<()> {
    stream.set_nodelay(true)?;
    if !card.controls().connected(stream.try_clone()?) {
        return Ok(());
    }
    loop {
        let message = receive(&mut stream)?;
        let answer = match message.as_slice() {
            [POWER_OFF | POWER_ON | RESET] => {
                card.power_cycle();
                continue;
            }
            [GET_ATR] => ATR.to_vec(),
            command => match card.transmit(command) {
                Some(answer) => answer,
                None => return Ok(()),
            },
        };
        let length = u16::try_from(answer.len()).expect("no answer is longer than an object");
        stream.write_all(&[&length.to_be_bytes()[..], &answer].concat())?;
    }
}

/// vpcd writes length and bytes in two segments: without quick acknowledgements each command costs 40 ms. The kernel
/// forgets the wish, so it is renewed before each read.
fn receive(stream: &mut TcpStream) -> io::Result<Vec<u8>> {
    let mut length = [0; 2];
    stream.set_quickack(true)?;
    stream.read_exact(&mut length)?;
    let mut message = vec![0; usize::from(u16::from_be_bytes(length))];
    stream.set_quickack(true)?;
    stream.read_exact(&mut message)?;
    Ok(message)
}
