//! The evidence pack: transcript, report and testimonies in one file, with a short script that checks it without this program.

use std::io::{Cursor, Write as _};

use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, DateTime, ZipWriter};

use super::ceremonies::Ceremonies;
use super::digest::Digest;
use super::insight::PROGRAM;
use crate::border::transcript as report;
use crate::ports::Failure;

/// A file that goes into the pack besides those it always has.
pub struct Enclosed {
    /// As it is called in the pack: letters, digits, `.`, `-` and `_`.
    pub name: String,
    pub bytes: Vec<u8>,
}

const CHECK: &str = include_str!("evidence/check.py");
const README: &str = include_str!("evidence/README.txt");

impl Ceremonies {
    /// The pack of a ceremony with these testimonies, each of which was found to be about its transcript.
    ///
    /// The same ceremony, testimonies and moment give the same bytes. Refuses with `journal-broken`.
    pub fn evidence(&self, id: &str, testimonies: Vec<Enclosed>) -> Result<Vec<u8>, Failure> {
        let transcript = self.transcript(id)?;
        let page = report(&self.insight(id)?, PROGRAM, &self.ports.clock.now().to_string());
        let mut files = vec![
            ("README.txt".to_owned(), README.as_bytes().to_vec()),
            ("ceremony.transcript".to_owned(), transcript),
            ("check.py".to_owned(), CHECK.as_bytes().to_vec()),
            ("report.html".to_owned(), page.into_bytes()),
        ];
        let enclosed = testimonies.into_iter().enumerate();
        files.extend(enclosed.map(|(place, enclosed)| {
            let name = format!("testimonies/{:02}-{}", place + 1, plain(&enclosed.name));
            (name, enclosed.bytes)
        }));
        let sums: String = files
            .iter()
            .map(|(name, bytes)| format!("{}  {name}\n", Digest::of(bytes)))
            .collect();
        files.push(("SHA256SUMS".into(), sums.into_bytes()));
        packed(&format!("ceremony-{id}"), &files)
            .map_err(|error| Failure::fault("disk-failed", format!("the evidence could not be packed: {error}")))
    }
}

/// A file name with nothing in it that any system reads as more than a name.
fn plain(name: &str) -> String {
    let harmless = |character: char| character.is_ascii_alphanumeric() || matches!(character, '.' | '-' | '_');
    let name: String = name
        .chars()
        .map(|character| if harmless(character) { character } else { '_' })
        .take(64)
        .collect();
    if name.trim_matches('.').is_empty() {
        "testimony".into()
    } else {
        name
    }
}

fn packed(folder: &str, files: &[(String, Vec<u8>)]) -> zip::result::ZipResult<Vec<u8>> {
    // Stored as it is and dated as zip's first day, so that the same files make the same pack.
    let options = SimpleFileOptions::default()
        .compression_method(CompressionMethod::Stored)
        .last_modified_time(DateTime::DEFAULT)
        .unix_permissions(0o644);
    let mut pack = ZipWriter::new(Cursor::new(Vec::new()));
    for (name, bytes) in files {
        pack.start_file(format!("{folder}/{name}"), options)?;
        pack.write_all(bytes)?;
    }
    Ok(pack.finish()?.into_inner())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_from_outside_becomes_a_harmless_one() {
        for (name, expected) in [
            ("witness.json", "witness.json"),
            ("../../etc/passwd", ".._.._etc_passwd"),
            ("=cmd|' /C calc'!A0", "_cmd____C_calc__A0"),
            ("..", "testimony"),
            ("", "testimony"),
        ] {
            assert_eq!(plain(name), expected);
        }
    }

    #[test]
    fn the_same_files_make_the_same_pack() {
        let files = [("a".to_owned(), b"a".to_vec()), ("b/c".to_owned(), b"c".to_vec())];
        let pack = packed("folder", &files).unwrap();
        assert_eq!(pack, packed("folder", &files).unwrap());
        assert!(pack.starts_with(b"PK\x03\x04"));
    }
}
