//! Traces of a secret: every form it might be written in, looked for in files, in text, and in what processes were started with.

use std::fs;
use std::path::Path;

/// A secret, as somebody careless might have written it.
pub struct Traces(Vec<(String, Vec<u8>)>);

impl Traces {
    /// Plain, UTF-16 of both byte orders, hexadecimal, base64 at each of its three alignments in both alphabets, percent-encoded
    /// and as a list of numbers. At least six bytes, or chance alone would find it.
    pub fn of(secret: &str) -> Self {
        assert!(secret.len() >= 6, "a short secret is found everywhere");
        let encodings: [(&str, Vec<u8>); 3] = [
            ("UTF-8", secret.as_bytes().to_vec()),
            ("UTF-16LE", secret.encode_utf16().flat_map(u16::to_le_bytes).collect()),
            ("UTF-16BE", secret.encode_utf16().flat_map(u16::to_be_bytes).collect()),
        ];
        let mut forms = Vec::new();
        for (encoding, bytes) in encodings {
            let mut add = |form: &str, text: Vec<u8>| forms.push((format!("{encoding}, {form}"), text));
            let each = |write: &dyn Fn(&u8) -> String, between: &str| {
                bytes.iter().map(write).collect::<Vec<_>>().join(between).into_bytes()
            };
            add("plain", bytes.clone());
            add("hexadecimal", each(&|byte| format!("{byte:02x}"), ""));
            add("hexadecimal in capitals", each(&|byte| format!("{byte:02X}"), ""));
            add("numbers", each(&u8::to_string, ","));
            add("numbers with blanks", each(&u8::to_string, ", "));
            add("percent-encoded", percent(&bytes));
            for alignment in 0..3 {
                let text = base64(&bytes, alignment);
                add(&format!("base64 at {alignment}"), text.clone());
                let url = text.iter().map(|&byte| match byte {
                    b'+' => b'-',
                    b'/' => b'_',
                    byte => byte,
                });
                add(&format!("base64 for URLs at {alignment}"), url.collect());
            }
        }
        Traces(forms)
    }

    /// The forms found in some bytes.
    pub fn within(&self, bytes: &[u8]) -> Vec<&str> {
        let holds = |form: &[u8]| bytes.windows(form.len()).any(|window| window == form);
        self.0
            .iter()
            .filter(|(_, form)| holds(form))
            .map(|(name, _)| name.as_str())
            .collect()
    }

    /// `FILE: FORM` for each form found in each file below a folder and in the names there. Panics when there is no file.
    pub fn below(&self, folder: &Path) -> Vec<String> {
        let mut found = Vec::new();
        let mut files = 0;
        let mut waiting = vec![folder.to_owned()];
        while let Some(folder) = waiting.pop() {
            for entry in fs::read_dir(&folder).unwrap_or_else(|why| panic!("{}: {why}", folder.display())) {
                let path = entry.expect("a folder can be listed").path();
                let shown = path.display().to_string();
                let mut say = |bytes: &[u8]| {
                    found.extend(self.within(bytes).into_iter().map(|form| format!("{shown}: {form}")));
                };
                say(shown.as_bytes());
                let kind = path.symlink_metadata().expect("what is listed is there").file_type();
                if kind.is_dir() {
                    waiting.push(path);
                } else if kind.is_file() {
                    say(&fs::read(&path).unwrap_or_default());
                    files += 1;
                }
            }
        }
        assert!(files > 0, "there is nothing to search in {}", folder.display());
        found
    }
}

/// What a process and all below it were started with, as far as this user may see it: arguments and environments.
pub fn started_with(process: u32) -> Vec<Vec<u8>> {
    let mut family = vec![process];
    let mut place = 0;
    while let Some(parent) = family.get(place).copied() {
        place += 1;
        let tasks = fs::read_dir(format!("/proc/{parent}/task"))
            .into_iter()
            .flatten()
            .flatten();
        for task in tasks {
            let children = fs::read_to_string(task.path().join("children")).unwrap_or_default();
            family.extend(
                children
                    .split_whitespace()
                    .filter_map(|child| child.parse::<u32>().ok()),
            );
        }
    }
    let facts = family
        .iter()
        .flat_map(|process| [format!("/proc/{process}/cmdline"), format!("/proc/{process}/environ")]);
    facts
        .filter_map(|fact| fs::read(fact).ok())
        .filter(|bytes| !bytes.is_empty())
        .collect()
}

/// The characters of base64 that the bytes alone decide when `alignment` others stand before them and more behind.
fn base64(bytes: &[u8], alignment: usize) -> Vec<u8> {
    const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let padded: Vec<u8> = std::iter::repeat_n(0, alignment).chain(bytes.iter().copied()).collect();
    let bit = |at: usize| padded[at / 8] >> (7 - at % 8) & 1;
    let first = (alignment * 8).div_ceil(6);
    let behind = padded.len() * 8 / 6;
    let digit = |at: usize| (at * 6..at * 6 + 6).fold(0, |digit, at| digit << 1 | bit(at));
    (first..behind).map(|at| ALPHABET[usize::from(digit(at))]).collect()
}

fn percent(bytes: &[u8]) -> Vec<u8> {
    let written = bytes.iter().map(|byte| match byte {
        b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' => char::from(*byte).to_string(),
        byte => format!("%{byte:02X}"),
    });
    written.collect::<String>().into_bytes()
}
