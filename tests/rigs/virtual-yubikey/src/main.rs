//! Plugs one virtual YubiKey into a vpcd reader and takes orders, a line each, from standard input.

use clap::Parser;
use std::fs;
use std::io::{self, BufRead};
use std::net::SocketAddr;
use std::path::PathBuf;
use virtual_yubikey::{AttestationRoot, CardSpec, Order, Plug, RIG_SERIALS, VirtualYubiKey};

/// A YubiKey in software, for tests: its keys are worth nothing.
#[derive(Parser)]
struct Arguments {
    /// Where vpcd listens; a reader's second slot is one port further.
    #[arg(long, default_value = "127.0.0.1:35963")]
    reader: SocketAddr,
    #[arg(long, default_value_t = *RIG_SERIALS.start())]
    serial: u32,
    /// `5.4.3` or `5.7.1`, or another the applets have never been compared with.
    #[arg(long, value_parser = firmware, default_value = "5.7.1")]
    firmware: Firmware,
    /// Where the random numbers begin.
    #[arg(long, default_value_t = 0)]
    seed: u64,
    /// Attests with RSA-2048, as hardware before 5.7 does.
    #[arg(long)]
    attest_with_rsa: bool,
    /// Writes the attestation root's certificate there (DER), before the card is plugged in.
    #[arg(long)]
    root: Option<PathBuf>,
}

#[derive(Clone, Copy)]
struct Firmware([u8; 3]);

fn firmware(text: &str) -> Result<Firmware, String> {
    let parts: Result<Vec<u8>, _> = text.split('.').map(str::parse).collect();
    let parts = parts.ok().and_then(|parts| parts.try_into().ok());
    parts
        .map(Firmware)
        .ok_or_else(|| "expected three numbers with dots between".to_owned())
}

fn main() -> io::Result<()> {
    let arguments = Arguments::parse();
    if let Some(path) = arguments.root {
        fs::write(path, AttestationRoot::Rig.certificate())?;
    }
    let mut spec = CardSpec::new(arguments.serial, arguments.firmware.0).seeded(arguments.seed);
    if arguments.attest_with_rsa {
        spec = spec.attesting_with_rsa();
    }
    let plug = Plug::into(arguments.reader, VirtualYubiKey::new(spec));
    for line in io::stdin().lock().lines() {
        match line?.parse::<Order>() {
            Ok(Order::Quit) => return Ok(()),
            Ok(order) => println!("{}", order.obey(plug.card())),
            Err(help) => println!("{help}"),
        }
    }
    // Started without anybody to give orders: stays in its reader until it is killed.
    plug.wait();
    Ok(())
}
