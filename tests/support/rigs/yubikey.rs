//! Virtual YubiKeys behind a pcscd of their own. Nothing here can reach a real key: the daemon lives in a mount namespace
//! where there is no USB driver, its socket is in a temporary folder, and whatever changes a card first looks whose it is.

use super::{Process, clean};
use std::ffi::OsStr;
use std::fs;
use std::io;
use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::thread;
use std::time::{Duration, Instant};
use virtual_yubikey::{AttestationRoot, Plug, VirtualYubiKey, certificate_in, vouches_for};

pub use virtual_yubikey::{
    CardSpec, FIRMWARE_5_4_3, FIRMWARE_5_7_1, Fault, Header, RIG_SERIALS, Touch, VirtualYubiKey as Card, When,
};

const PCSCD: &str = "/usr/sbin/pcscd";
const DRIVERS: &str = "/usr/lib/pcsc/drivers";
const VPCD: &str = "/usr/lib/pcsc/drivers/serial/libifdvpcd.so";
/// ykman, yubico-piv-tool and ykcs11 look for a reader of this name.
const READER: &str = "Yubico YubiKey CCID";
/// Debian's vpcd is built with as many slots to a reader.
const SLOTS: usize = 2;

/// Runs pcscd where `/run/pcscd` is our folder and the folder of USB drivers is empty.
const IN_A_NAMESPACE: &str = r#"
cd "$1"
mount -t tmpfs none /run && mkdir /run/pcscd && mount --bind . /run/pcscd && mount -t tmpfs none "$2" || exit 1
exec setpriv --pdeathsig KILL -- "$3" -f -i -c /run/pcscd/readers
"#;

/// Cards in readers, until it is dropped. Keep it in the thread that started it: pcscd ends with that thread.
pub struct YubiKeys {
    // Ends after the cards: fields are dropped in this order.
    plugs: Vec<Plug>,
    pcscd: Process,
    folder: tempfile::TempDir,
}

/// What a reader holds, as a client sees it.
#[derive(Clone, Debug)]
pub struct Seen {
    pub reader: String,
    pub serial: u32,
    /// Whether its attestation key is certified by the rig's root, and its serial number is one of the rig's.
    pub is_ours: bool,
}

impl YubiKeys {
    /// Plugs one fresh card per spec into readers of its own; about a second. `None`, and a line that says so, where pcscd
    /// or vpcd is not installed or a mount namespace cannot be had.
    pub fn start(specs: &[CardSpec]) -> Option<Self> {
        let needed = [PCSCD, VPCD, "/usr/bin/opensc-tool"];
        if let Some(absent) = needed.iter().find(|path| !Path::new(path).exists()) {
            println!("skipped: {absent} is absent (Debian packages: pcscd vsmartcard-vpcd opensc)");
            return None;
        }
        if let Err(why) = namespace() {
            println!("skipped: no mount namespace for pcscd, and none is started without: {why}");
            return None;
        }
        // Another program may take a port between our looking and vpcd's binding: look again then.
        let mut failures = Vec::new();
        while failures.len() < 5 {
            match Self::try_start(specs) {
                Ok(rig) => return Some(rig),
                Err(error) => failures.push(error.to_string()),
            }
        }
        panic!("pcscd did not start: {failures:#?}")
    }

    /// One card of the rig's with this firmware.
    pub fn one(firmware: [u8; 3]) -> Option<Self> {
        Self::start(&[CardSpec::new(*RIG_SERIALS.start(), firmware)])
    }

    fn try_start(specs: &[CardSpec]) -> io::Result<Self> {
        let folder = tempfile::tempdir()?;
        fs::create_dir(folder.path().join("readers"))?;
        fs::copy(VPCD, folder.path().join("libifdvpcd.so"))?;
        fs::write(folder.path().join("root.der"), AttestationRoot::Rig.certificate())?;
        let ports = free_ports(specs.len().div_ceil(SLOTS));
        for port in &ports {
            let entry = format!(
                "FRIENDLYNAME \"{READER}\"\nDEVICENAME /dev/null:{port}\nLIBPATH /run/pcscd/libifdvpcd.so\nCHANNELID {port}\n"
            );
            fs::write(folder.path().join(format!("readers/{port}")), entry)?;
        }
        let mut pcscd = pcscd(folder.path());
        let sockets: Vec<u16> = ports.iter().flat_map(|port| [*port, port + 1]).collect();
        settled(&mut pcscd, &sockets)?;
        let cards = specs.iter().cloned().map(VirtualYubiKey::new);
        let plug = |(card, port): (_, &u16)| Plug::into(SocketAddr::from((Ipv4Addr::LOCALHOST, *port)), card);
        let rig = Self {
            plugs: cards.zip(&sockets).map(plug).collect(),
            pcscd,
            folder,
        };
        if rig.comes_to_see(specs.len()) {
            Ok(rig)
        } else {
            Err(io::Error::other(format!("its cards are not to be seen: {}", rig.log())))
        }
    }

    /// The variables that lead a PC/SC client to these cards and to no others.
    pub fn env(&self) -> [(&'static str, PathBuf); 1] {
        [("PCSCLITE_CSOCK_NAME", self.folder.path().join("pcscd.comm"))]
    }

    /// The nth card's controls.
    pub fn card(&self, nth: usize) -> &Card {
        self.plugs[nth].card()
    }

    /// The certificate of the attestation root in DER, and the file it is in.
    pub fn root(&self) -> (Vec<u8>, PathBuf) {
        (AttestationRoot::Rig.certificate(), self.folder.path().join("root.der"))
    }

    /// A folder that lives as long as the rig.
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// What pcscd has said. It never logs what passes between client and card.
    pub fn log(&self) -> String {
        self.pcscd.log()
    }

    /// A program that only reads cards: it reaches these, runs in the rig's folder, and knows nothing of our environment.
    pub fn reading(&self, program: impl AsRef<OsStr>) -> Command {
        let mut command = clean(program, self.folder.path());
        command.envs(self.env()).current_dir(self.folder.path());
        command
    }

    /// A program that may change any card it finds. Refused, with the reason, unless every card in sight is the rig's.
    pub fn changing(&self, program: impl AsRef<OsStr>) -> Result<Command, String> {
        let strangers: Vec<_> = self.seen()?.into_iter().filter(|seen| !seen.is_ours).collect();
        match &strangers[..] {
            [] => Ok(self.reading(program)),
            _ => Err(format!("not a card of the rig's, so it is left alone: {strangers:?}")),
        }
    }

    /// Looks at every card on the road that other programs take. Changes nothing.
    pub fn seen(&self) -> Result<Vec<Seen>, String> {
        let listed = said(self.reading("opensc-tool").arg("-l"))?;
        let readers = listed.lines().filter_map(|line| {
            let mut words = line.split_whitespace();
            let (_number, inserted) = (words.next()?.parse::<u32>().ok()?, words.next()? == "Yes");
            inserted.then(|| line.find(READER).map(|at| line[at..].trim().to_owned()))?
        });
        readers.map(|reader| self.look(reader)).collect()
    }

    /// Waits until the readers show so many cards; at most ten seconds. Plugging takes pcscd half a second to notice.
    pub fn until_seen(&self, cards: usize) {
        assert!(
            self.comes_to_see(cards),
            "{cards} cards are not to be seen: {}",
            self.log()
        );
    }

    fn comes_to_see(&self, cards: usize) -> bool {
        let end = Instant::now() + Duration::from_secs(10);
        while self.inserted() != cards && Instant::now() < end {
            thread::sleep(Duration::from_millis(50));
        }
        self.inserted() == cards
    }

    fn inserted(&self) -> usize {
        let log = self.log();
        let lines: Vec<_> = log.lines().collect();
        // A card that is there when its reader's thread begins was never put in, and is only told of by its ATR. Later, when
        // there are clients, a reset tells of an ATR too.
        let before_clients = lines.iter().position(|line| line.contains("winscard"));
        let begun = &lines[..before_clients.unwrap_or(lines.len())];
        let found = begun
            .windows(2)
            .filter(|pair| pair[1].contains("Card ATR") && !pair[0].contains("Card inserted into"));
        found.count() + log.matches("Card inserted into").count() - log.matches("Card Removed From").count()
    }

    fn look(&self, reader: String) -> Result<Seen, String> {
        const SELECT: &str = "00A4040005A000000308";
        const SERIAL: &str = "00F8000000";
        const F9_CERTIFICATE: &str = "00CB3FFF055C035FFF0100";
        let mut command = self.reading("opensc-tool");
        command.args(["--card-driver", "default", "-r", &reader]);
        for apdu in [SELECT, SERIAL, F9_CERTIFICATE] {
            command.args(["-s", apdu]);
        }
        let answers = received(&said(&mut command)?);
        let [_, serial, certificate] = &answers[..] else {
            return Err(format!("{reader} answered {} of 3 commands", answers.len()));
        };
        let serial = serial.as_slice().try_into().map(u32::from_be_bytes);
        let serial = serial.map_err(|_| format!("{reader} tells no serial number"))?;
        let is_vouched_for = certificate_in(certificate).is_some_and(|certificate| {
            let ours = [AttestationRoot::Rig, AttestationRoot::Newer];
            ours.iter().any(|root| vouches_for(*root, certificate))
        });
        let is_ours = RIG_SERIALS.contains(&serial) && is_vouched_for;
        Ok(Seen {
            reader,
            serial,
            is_ours,
        })
    }
}

/// Whether a mount namespace can be had; if not, why.
fn namespace() -> Result<(), String> {
    said(
        clean("unshare", Path::new("/"))
            .args(unshare())
            .args(["mount", "-t", "tmpfs", "none", "/run"]),
    )
    .map(drop)
}

fn unshare() -> &'static [&'static str] {
    let is_root = fs::metadata("/proc/self").is_ok_and(|us| us.uid() == 0);
    let alone: &[&str] = &["--mount", "--propagation", "private", "--"];
    let as_root_of_our_own: &[&str] = &["--map-root-user", "--mount", "--propagation", "private", "--"];
    if is_root { alone } else { as_root_of_our_own }
}

fn pcscd(folder: &Path) -> Process {
    let mut args: Vec<&OsStr> = unshare().iter().map(OsStr::new).collect();
    args.extend(["sh", "-c", IN_A_NAMESPACE, "sh"].map(OsStr::new));
    args.extend([folder.as_os_str(), OsStr::new(DRIVERS), OsStr::new(PCSCD)]);
    Process::start("unshare", &args, folder, &[], folder.join("pcscd.log"))
}

/// Waits until pcscd is ready, has every one of the ports to itself, and has said that it will see no USB device.
fn settled(pcscd: &mut Process, ports: &[u16]) -> io::Result<()> {
    let mut lines = vec!["daemon ready".to_owned(), "Disabling USB support".to_owned()];
    lines.extend(
        ports
            .iter()
            .map(|port| format!("Waiting for virtual ICC on port {port}")),
    );
    pcscd.says(&lines)
}

/// First ports of readers: each has another free one behind it. Below those that outgoing connections are given.
fn free_ports(readers: usize) -> Vec<u16> {
    let is_free = |port: u16| TcpListener::bind((Ipv4Addr::UNSPECIFIED, port)).is_ok();
    let mut ports = Vec::new();
    while ports.len() < readers {
        let mut random = [0; 2];
        getrandom::fill(&mut random).expect("the system has random numbers");
        let port = 20_000 + u16::from_ne_bytes(random) % 6_000 * 2;
        if !ports.contains(&port) && is_free(port) && is_free(port + 1) {
            ports.push(port);
        }
    }
    ports
}

fn said(command: &mut Command) -> Result<String, String> {
    let output = command
        .output()
        .map_err(|error| format!("cannot run {command:?}: {error}"))?;
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    if !output.status.success() {
        return Err(format!("{}{}", text(&output.stdout), text(&output.stderr))
            .trim()
            .to_owned());
    }
    Ok(text(&output.stdout))
}

/// Reads opensc-tool's account of what it sent and received: the answers that ended well, without the status word.
fn received(account: &str) -> Vec<Vec<u8>> {
    let mut answers: Vec<Vec<u8>> = Vec::new();
    let mut is_good = false;
    for line in account.lines() {
        if line.starts_with("Sending:") {
            is_good = false;
        } else if line.starts_with("Received") {
            is_good = line.contains("SW1=0x90, SW2=0x00");
            answers.extend(is_good.then(Vec::new));
        } else if let (true, Some(answer)) = (is_good, answers.last_mut()) {
            // Sixteen bytes in hexadecimal, then the same as text.
            let bytes = line.get(..48.min(line.len())).unwrap_or_default().split(' ').take(16);
            answer.extend(bytes.map_while(|byte| u8::from_str_radix(byte, 16).ok().filter(|_| byte.len() == 2)));
        }
    }
    answers
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_account_of_opensc_tool_is_read_without_its_text_column() {
        let account = "Sending: 00 A4 04 00 \nReceived (SW1=0x90, SW2=0x00):\n\
            61 11 4F 06 00 00 10 00 01 00 79 07 4F 05 A0 00 ab cd ef\n00 03 08                                        ...\n\
            Sending: 00 F8 00 00 \nReceived (SW1=0x6A, SW2=0x82)\nSending: 00 F8 00 00 \nReceived (SW1=0x90, SW2=0x00):\n3B 02 33 80 ;.3.\n";
        let answers = received(account);
        assert_eq!(answers.len(), 2);
        assert_eq!(answers[0][14..], [0xa0, 0, 0, 3, 8]);
        assert_eq!(answers[1], [0x3b, 2, 0x33, 0x80]);
    }
}
