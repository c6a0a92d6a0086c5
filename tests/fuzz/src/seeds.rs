//! First inputs for every target, made by the workshop: what a corpus grows from.

use rootward_tuf::Dialect;

use crate::reference::{Json, plain};
use crate::workshop::{Papers, with_officers};

/// The seeds of a target, and the first halves of two.
pub fn seeds(target: &str) -> Vec<Vec<u8>> {
    let mut seeds = sound(target);
    let halves: Vec<Vec<u8>> = seeds
        .iter()
        .take(2)
        .map(|seed| seed[..seed.len() / 2].to_vec())
        .collect();
    seeds.extend(halves);
    seeds
}

fn sound(target: &str) -> Vec<Vec<u8>> {
    match target {
        "envelope" | "drafts" => documents(),
        "canonical" => CANONICAL.iter().map(|text| text.as_bytes().to_vec()).collect(),
        "walk_tuf" | "walk_notary" => walks(),
        "keys" => keys(),
        "certificates" => certificates(),
        "key_files" => key_files(),
        "paths" => PATHS
            .iter()
            .map(|(pattern, path)| [&[pattern.len() as u8], pattern.as_bytes(), path.as_bytes()].concat())
            .collect(),
        "request" => crate::handoff::requests(),
        "response" => crate::handoff::responses(),
        "transcript" => crate::transcript::seeds(),
        _ => Vec::new(),
    }
}

const CANONICAL: [&str; 8] = [
    "{\"b\": [1, -2, 9007199254740993, true, false, null], \"a\": {\"\": \"\"}}",
    "\"\\\"\\\\\\/\\b\\f\\n\\r\\t\\u00e9\\ud83d\\ude00 é\u{1f600}\"",
    "{\"a\":1,\"\\u0061\":2}",
    "[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[0]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]",
    "[-0, 01, 1.5, 1e9]",
    "\"\n\"",
    "{\"\u{ffee}\":0,\"\u{1f600}\":1,\"z\":2,\"Z\":3,\"\u{7f}\":4}",
    "{\"n0\":0,\"n1\":0,\"n2\":0,\"n3\":0,\"n4\":0,\"n5\":0,\"n6\":0,\"n7\":0,\"n8\":0,\"n9\":0,\"na\":0,\"nb\":0,\"nc\":0,\"nd\":0,\"ne\":0,\"nf\":0,\"ng\":0,\"n7\":0}",
];

const PATHS: [(&str, &str); 8] = [
    ("*", "file"),
    ("a/*.txt", "a/b.txt"),
    ("?/?", "é/ü"),
    ("*a*b*c", "xaxbxxc"),
    ("", ""),
    ("targets/releases", "targets%2Freleases"),
    ("..", "../../etc/passwd"),
    ("f", "a//b"),
];

/// Every document of both sound repositories behind its choice.
fn documents() -> Vec<Vec<u8>> {
    let mut seeds = Vec::new();
    for (dialect, choice) in [(Dialect::Tuf1, 0), (Dialect::Notary, 1)] {
        let (_, sealed) = Papers::sound(dialect);
        for (name, file) in &sealed.files {
            let Some((_, role)) = name
                .split_once('.')
                .filter(|(version, _)| version.bytes().all(|byte| byte.is_ascii_digit()))
            else {
                continue;
            };
            let kind: u8 = match role {
                "root" => 0,
                "snapshot" => 2,
                "timestamp" => 3,
                _ => 1,
            };
            seeds.push([&[choice | kind << 1], file.as_slice()].concat());
        }
    }
    seeds
}

/// Walks from each root, with and without floors, past honest servers and each kind of other.
fn walks() -> Vec<Vec<u8>> {
    let mut seeds = vec![Vec::new()];
    for anchor in 0..4 {
        for (floors, choices) in [(0, 0), (15, 2), (15, 1), (3, 4)] {
            let settings = [anchor, 0, floors, choices, 0, 0];
            seeds.push([&[settings.len() as u8], &settings[..], &[0]].concat());
        }
    }
    for choice in 8..16 {
        for place in 0..6 {
            let mut seed = vec![0, 0];
            seed.extend(vec![0; place]);
            seed.extend([choice, 3, 1, 2, 3, 4]);
            seeds.push(seed);
        }
    }
    for spoilt in 0..12 {
        for paper in [0, 2, 3, 4, 8, 10, 11] {
            let edits = [1, paper, spoilt, 1, 1, 2, 1, 3];
            seeds.push([&[0, edits.len() as u8], &edits[..]].concat());
        }
    }
    seeds
}

fn keys() -> Vec<Vec<u8>> {
    let mut seeds = Vec::new();
    let rsa = rsa_pkcs1();
    seeds.push([&[5], rsa.as_slice()].concat());
    for (dialect, form) in [(Dialect::Tuf1, 6), (Dialect::Notary, 7)] {
        with_officers(dialect, |officers| {
            for officer in officers {
                let keyid = officer.keyid.as_bytes();
                let object = plain(&officer.listed);
                seeds.push([&[form, keyid.len() as u8], keyid, object.as_bytes()].concat());
                seeds.push([&[0], officer.public.spki_der()].concat());
                seeds.push([&[1], officer.public.spki_pem().as_bytes()].concat());
                seeds.push([&[8], officer.public.physical().to_string().as_bytes()].concat());
                if let Some(bytes) = officer.public.ed25519_bytes() {
                    seeds.push([&[2], &bytes[..]].concat());
                } else {
                    seeds.push([&[3], &officer.public.spki_der()[26..]].concat());
                    let compressed = 2 + (officer.public.spki_der()[90] & 1);
                    seeds.push([&[3, compressed], &officer.public.spki_der()[27..59]].concat());
                }
            }
        });
    }
    let generator = "aa87ca22be8b05378eb1c71ef320ad746e1d3b628ba79b9859f741e082542a385502f25dbf55296c3a545e3872760ab7";
    let x = rootward_tuf::encoding::from_hex(generator).expect("hexadecimal");
    seeds.push([&[4, 3], x.as_slice()].concat());
    let public = rootward_tuf::PublicKey::from_rsa_pkcs1(&rsa).expect("a modulus of 2048 bits");
    for (dialect, form) in [(Dialect::Tuf1, 6u8), (Dialect::Notary, 7)] {
        let key = match dialect {
            Dialect::Tuf1 => rootward_tuf::Key::new_tuf1(&public),
            Dialect::Notary => rootward_tuf::Key::new_notary_bare(&public),
        };
        let object = rootward_tuf::json::compact(key.raw());
        let keyid = key.keyid().as_str().as_bytes();
        seeds.push([&[form, keyid.len() as u8], keyid, object.as_bytes()].concat());
    }
    seeds.push([&[0], public.spki_der()].concat());
    seeds
}

/// A public key of RSA that nobody has the private half of: any odd modulus will do.
fn rsa_pkcs1() -> Vec<u8> {
    let mut der = vec![0x30, 0x82, 1, 0x0a, 2, 0x82, 1, 1, 0];
    der.extend([0xc5; 256]);
    der.extend([2, 3, 1, 0, 1]);
    der
}

fn certificates() -> Vec<Vec<u8>> {
    with_officers(Dialect::Notary, |officers| {
        let pems = officers[..3].iter().filter_map(|officer| {
            let Some(Json::Text(text)) = officer.listed.get("keyval").and_then(|keyval| keyval.get("public")) else {
                return None;
            };
            rootward_tuf::encoding::from_base64(text)
        });
        let mut seeds = Vec::new();
        for pem in pems {
            let key = rootward_tuf::Key::read_certificate(&pem).expect("the workshop's own");
            let der = key.certificate().expect("a certificate").der().to_vec();
            seeds.push([&[1], pem.as_slice()].concat());
            seeds.push([&[0], der.as_slice()].concat());
        }
        seeds
    })
}

/// Keys of throw-away seeds in PKCS#8, SEC 1 and PEM's older encryption, and their public halves.
fn key_files() -> Vec<Vec<u8>> {
    let pem = |label: &str, der: &[u8]| {
        let body = rootward_tuf::encoding::base64(der);
        let lines: Vec<&str> = body
            .as_bytes()
            .chunks(64)
            .filter_map(|line| std::str::from_utf8(line).ok())
            .collect();
        format!("-----BEGIN {label}-----\n{}\n-----END {label}-----\n", lines.join("\n"))
    };
    let ed25519 = [
        &[0x30, 0x2e, 2, 1, 0, 0x30, 5, 6, 3, 0x2b, 0x65, 0x70, 4, 0x22, 4, 0x20],
        &[4; 32][..],
    ]
    .concat();
    let sec1 = [
        &[0x30, 0x31, 2, 1, 1, 4, 0x20],
        &[1; 32][..],
        &[0xa0, 10, 6, 8, 0x2a, 0x86, 0x48, 0xce, 0x3d, 3, 1, 7],
    ]
    .concat();
    let (ed25519_half, p256_half) = with_officers(Dialect::Notary, |officers| {
        (officers[3].public.spki_pem(), officers[0].public.spki_pem())
    });
    let plain = pem("PRIVATE KEY", &ed25519);
    let notary = plain.replace("KEY-----\n", "KEY-----\nrole: root\ngun: registry.test/lab/app\n\n");
    let older = pem("EC PRIVATE KEY", &[7; 64]).replace(
        "KEY-----\n",
        "KEY-----\nProc-Type: 4,ENCRYPTED\nDEK-Info: AES-256-CBC,00112233445566778899AABBCCDDEEFF\n\n",
    );
    let texts = [
        plain.clone(),
        notary,
        older,
        pem("EC PRIVATE KEY", &sec1),
        p256_half,
        ed25519_half.clone(),
    ];
    let mut seeds: Vec<Vec<u8>> = texts.iter().map(|text| [&[0], text.as_bytes()].concat()).collect();
    seeds.push([&[1], plain.as_bytes(), &[0], ed25519_half.as_bytes()].concat());
    seeds
}
