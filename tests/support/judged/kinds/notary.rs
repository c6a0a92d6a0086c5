//! What is changed in a Notary repository, by name.

use crate::judged::json::{Json, Style};
use crate::judged::notary::{GUN, Repository, as_bare, as_root_key, tags};
use crate::judged::plan::Doc;

pub type Change = (&'static str, fn(&mut Repository));

const EARLIER: &str = "2016-01-31T12:00:00Z";

/// Every change, nothing first.
pub const CHANGES: &[Change] = &[
    ("nothing", |_| ()),
    ("root expired", |repository| {
        repository.root.signed.set("expires", EARLIER)
    }),
    ("timestamp expired", |repository| {
        repository.timestamp.signed.set("expires", EARLIER)
    }),
    ("snapshot expired", |repository| {
        repository.snapshot.signed.set("expires", EARLIER)
    }),
    ("targets expired", |repository| {
        repository.targets.signed.set("expires", EARLIER)
    }),
    ("delegation expired", |repository| {
        repository.releases.signed.set("expires", EARLIER)
    }),
    ("expires without a fraction", |repository| {
        repository.targets.signed.set("expires", "2046-01-31T12:00:00Z")
    }),
    ("expires with an offset", |repository| {
        repository.targets.signed.set("expires", "2046-01-31T12:00:00-05:00")
    }),
    ("root signature broken", |repository| {
        break_signature(&mut repository.root)
    }),
    ("timestamp signature broken", |repository| {
        break_signature(&mut repository.timestamp)
    }),
    ("snapshot signature broken", |repository| {
        break_signature(&mut repository.snapshot)
    }),
    ("targets signature broken", |repository| {
        break_signature(&mut repository.targets)
    }),
    ("delegation signature broken", |repository| {
        break_signature(&mut repository.releases)
    }),
    ("targets without signatures", |repository| {
        repository.targets.on_signatures(Vec::clear)
    }),
    ("targets signature empty", |repository| {
        repository
            .targets
            .on_signatures(|signatures| signatures[0].set("sig", ""));
    }),
    ("targets signature repeated", |repository| {
        repository
            .targets
            .on_signatures(|signatures| signatures.push(signatures[0].clone()));
    }),
    ("targets signature without a method", |repository| {
        repository
            .targets
            .on_signatures(|signatures| signatures[0].remove("method"));
    }),
    ("targets signature of an unknown method", |repository| {
        repository
            .targets
            .on_signatures(|signatures| signatures[0].set("method", "dilithium9"));
    }),
    ("targets signature with the method in capitals", |repository| {
        repository
            .targets
            .on_signatures(|signatures| signatures[0].set("method", "ECDSA"));
    }),
    ("targets signed by a stranger too", |repository| {
        let stranger = as_bare(&repository.spare[0]);
        repository.targets.signers.push(stranger);
    }),
    ("targets signed by a stranger only", |repository| {
        repository.targets.signers = vec![as_bare(&repository.spare[0])];
    }),
    ("threshold 2 with one key", |repository| {
        repository
            .root
            .signed
            .at(&["roles", "targets"])
            .set("threshold", 2_usize)
    }),
    ("threshold 2 with two keys", |repository| two_keys(repository, true)),
    ("threshold 2 with two keys, one of which signed", |repository| {
        two_keys(repository, false)
    }),
    ("threshold 0", |repository| {
        repository
            .root
            .signed
            .at(&["roles", "targets"])
            .set("threshold", 0_usize)
    }),
    ("delegation of threshold 0", |repository| {
        repository.delegation().set("threshold", 0_usize)
    }),
    ("delegation without keys", |repository| {
        repository.delegation().set("keyids", Json::bare("null"))
    }),
    ("delegation of no paths", |repository| {
        repository.delegation().remove("paths")
    }),
    ("delegation of other paths", |repository| {
        repository.delegation().set("paths", vec!["x".to_owned()])
    }),
    ("delegation of fitting paths", |repository| {
        repository.delegation().set("paths", vec!["r".to_owned()])
    }),
    ("delegation outside of targets", |repository| {
        repository.delegation().set("name", "other/releases")
    }),
    ("tag in both roles", |repository| {
        repository.releases.signed.set("targets", tags(&["r1", "v1"]))
    }),
    ("keyid of targets that is no hash", |repository| {
        let mut key = repository.targets.signers[0].clone();
        let old = std::mem::replace(&mut key.id, "00".repeat(32));
        repository.root.signed.at(&["keys"]).remove(&old);
        repository.root.signed.at(&["keys"]).set(&key.id, key.object.clone());
        repository
            .root
            .signed
            .at(&["roles", "targets"])
            .set("keyids", vec![key.id.clone()]);
        repository.targets.signers = vec![key];
    }),
    ("root certificate for another repository", |repository| {
        root_key(repository, "reg.test/lab/other", LONG)
    }),
    ("root certificate for repositories below", |repository| {
        root_key(repository, "reg.test/lab/*", LONG)
    }),
    ("root certificate expired", |repository| {
        root_key(repository, GUN, "2021-01-01T00:00:00Z")
    }),
    ("root key without a certificate", |repository| {
        let key = as_bare(&repository.spare[0]);
        set_root_key(repository, key);
    }),
    ("_type in small letters", |repository| {
        repository.targets.signed.set("_type", "targets")
    }),
    ("_type of another role", |repository| {
        repository.targets.signed.set("_type", "Snapshot")
    }),
    ("version 0", |repository| {
        repository.targets.signed.set("version", Json::bare("0"))
    }),
    ("version below 0", |repository| {
        repository.targets.signed.set("version", Json::bare("-1"))
    }),
    ("version as text", |repository| {
        repository.targets.signed.set("version", "1")
    }),
    ("number with a fraction", |repository| {
        repository.targets.signed.set("x-odd", Json::bare("1.5"))
    }),
    ("member nobody knows", |repository| {
        repository.targets.signed.set("x-more", vec!["a".to_owned()])
    }),
    ("blanks and order of members", |repository| {
        repository.targets.style = Style::Reversed
    }),
    ("one member a line", |repository| {
        repository.root.style = Style::Indented
    }),
    ("member repeated in signed", |repository| {
        let version = Json::bare("1");
        repository.targets.on_envelope(|envelope| {
            envelope.at(&["signed"]).members().push(("version".to_owned(), version));
        });
    }),
    ("targets cut short", |repository| {
        repository.targets.on_file(|file| file.truncate(file.len() / 2))
    }),
    ("targets changed behind its signature", |repository| {
        repository.targets.on_served(|file| file.push(b'\n'))
    }),
    ("entry of targets with another hash", |repository| {
        repository
            .targets
            .on_meta(|meta| meta.at(&["hashes"]).set("sha256", "A".repeat(43) + "="));
    }),
    ("entry of targets with SHA-256 alone", |repository| {
        repository.targets.on_meta(|meta| meta.at(&["hashes"]).remove("sha512"));
    }),
    ("entry of targets with an unknown hash too", |repository| {
        repository
            .targets
            .on_meta(|meta| meta.at(&["hashes"]).set("md6", "AAAA"));
    }),
    ("entry of targets without hashes", |repository| {
        repository
            .targets
            .on_meta(|meta| meta.set("hashes", Json::Map(Vec::new())));
    }),
    ("entry of targets with another length", |repository| {
        repository.targets.on_meta(|meta| meta.set("length", 7_usize));
    }),
    ("snapshot and targets signed for each other", |repository| {
        std::mem::swap(&mut repository.snapshot.signers, &mut repository.targets.signers);
    }),
];

const LONG: &str = "2046-01-01T00:00:00Z";

fn break_signature(doc: &mut Doc) {
    doc.on_signatures(|signatures| {
        let sig = signatures[0].get("sig").expect("a signature has one").text().to_owned();
        let first = if sig.starts_with('A') { "B" } else { "A" };
        signatures[0].set("sig", first.to_owned() + &sig[1..]);
    });
}

fn two_keys(repository: &mut Repository, both_sign: bool) {
    let second = as_bare(&repository.spare[0]);
    let first = repository.targets.signers[0].id.clone();
    let root = &mut repository.root.signed;
    root.at(&["keys"]).set(&second.id, second.object.clone());
    root.at(&["roles", "targets"])
        .set("keyids", vec![first, second.id.clone()]);
    root.at(&["roles", "targets"]).set("threshold", 2_usize);
    if both_sign {
        repository.targets.signers.push(second);
    }
}

fn root_key(repository: &mut Repository, gun: &str, until: &str) {
    let key = as_root_key(&repository.spare[0], gun, until);
    set_root_key(repository, key);
}

fn set_root_key(repository: &mut Repository, key: crate::judged::keys::Key) {
    let root = &mut repository.root.signed;
    root.at(&["keys"]).set(&key.id, key.object.clone());
    root.at(&["roles", "root"]).set("keyids", vec![key.id.clone()]);
    repository.root.signers = vec![key];
}
