//! Evidence packs as an auditor has them: unpacked, checked by the script inside, and altered by whoever knows the chain.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// An evidence pack, unpacked as an auditor would.
pub struct Unpacked {
    _folder: tempfile::TempDir,
    pub folder: PathBuf,
}

impl Unpacked {
    pub fn of(pack: &Path, ceremony: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        python(&[
            "-m",
            "zipfile",
            "-e",
            pack.to_str().unwrap(),
            folder.path().to_str().unwrap(),
        ]);
        Unpacked {
            folder: folder.path().join(format!("ceremony-{ceremony}")),
            _folder: folder,
        }
    }

    /// Whether the script in it finds that everything holds, and what it said.
    pub fn check(&self, more: &[&str]) -> (bool, String) {
        let mut script = Command::new("python3");
        script.arg("-I").arg(self.folder.join("check.py")).args(more);
        let told = script.output().expect("python3 runs");
        let said = format!(
            "{}{}",
            String::from_utf8_lossy(&told.stdout),
            String::from_utf8_lossy(&told.stderr)
        );
        assert!(matches!(told.status.code(), Some(0 | 1)), "{said}");
        (told.status.success(), said)
    }

    /// Writes the sums anew, as whoever alters a file would.
    pub fn mend_sums(&self) {
        let sums = fs::read_to_string(self.folder.join("SHA256SUMS")).unwrap();
        let mended = sums.lines().map(|line| {
            let (_, name) = line.split_once("  ").unwrap();
            let bytes = fs::read(self.folder.join(name)).unwrap();
            let digest = rootward_tuf::encoding::hex(&rootward_tuf::encoding::sha256(&bytes));
            format!("{digest}  {name}\n")
        });
        fs::write(self.folder.join("SHA256SUMS"), mended.collect::<String>()).unwrap();
    }

    /// Alters the events and computes the chain anew, in Python and without any code of the script's or ours.
    pub fn chain_anew(&self, edit: &str) {
        let program = format!(
            "import json, hashlib\n\
             def canonical(v):\n\
             \x20   if isinstance(v, dict): return '{{' + ','.join(canonical(k) + ':' + canonical(v[k]) for k in sorted(v)) + '}}'\n\
             \x20   if isinstance(v, list): return '[' + ','.join(map(canonical, v)) + ']'\n\
             \x20   if isinstance(v, str): return '\"' + v.replace('\\\\', '\\\\\\\\').replace('\"', '\\\\\"') + '\"'\n\
             \x20   return json.dumps(v)\n\
             path = {path:?}\n\
             t = json.load(open(path))\n\
             events = [json.loads(line) for line in t['journal']]\n\
             {edit}\n\
             head, lines = bytes(32), []\n\
             for number, e in enumerate(events, 1):\n\
             \x20   e.pop('hash'); e['number'] = number\n\
             \x20   head = hashlib.sha256(head + canonical(e).encode()).digest()\n\
             \x20   e['hash'] = head.hex()\n\
             \x20   lines.append(json.dumps(e, separators=(',', ':'), ensure_ascii=False))\n\
             t['journal'], t['head'] = lines, head.hex()\n\
             json.dump(t, open(path, 'w'))\n",
            path = self.folder.join("ceremony.transcript").to_str().unwrap(),
        );
        python(&["-c", &program]);
    }
}

fn python(words: &[&str]) {
    let told = Command::new("python3").args(words).output().expect("python3 runs");
    assert!(told.status.success(), "{}", String::from_utf8_lossy(&told.stderr));
}
