//! Files between desks: requests and responses, which strangers write.

use std::sync::OnceLock;

use rootward_core::ceremony::{Answered, Digest, Received, SigningRequest, SigningResponse, Trusted};
use rootward_tuf::encoding::{base64, hex, sha256};
use rootward_tuf::{Dialect, KeyId, RoleName, Root, RootDraft, Signature};

use crate::envelope::dialect;
use crate::reference::{canonical, read};
use crate::tape::Tape;
use crate::workshop::{LATER, NOW, Papers, moment};

/// A request. `true` if it can be read; whatever a reader comes to trust by it, the repository itself has signed.
pub fn request(data: &[u8]) -> bool {
    let request = match SigningRequest::read(data) {
        Ok(request) => request,
        Err(failure) => {
            assert!(failure.code.starts_with("handoff-") && !failure.message.is_empty());
            return false;
        }
    };
    let written = request.to_bytes();
    assert_eq!(
        SigningRequest::read(&written).as_ref(),
        Ok(&request),
        "it reads back as it was"
    );
    let first = &roots(request.dialect)[0];
    match Received::judge(request, &Trusted::RootFile(first.clone()), moment(NOW)) {
        Ok(received) => {
            let built_on = received.grounds.root().map(|root| root.signed_bytes());
            let genuine = roots(received.request.dialect).iter().map(|file| signed(file));
            assert!(
                genuine.into_iter().any(|root| Some(&*root) == built_on),
                "a root that nobody signed is built on"
            );
            for (frozen, _) in received.documents() {
                let before = received
                    .grounds
                    .version(frozen.role())
                    .expect("it follows from something");
                assert_eq!(frozen.version(), before + 1);
            }
            assert!(received.documents().any(|(_, open)| open), "it asks for something");
        }
        Err(failure) => assert!(!failure.message.is_empty()),
    }
    true
}

/// A response behind a byte for the dialect. `true` if it can be read.
pub fn response(data: &[u8]) -> bool {
    let mut tape = Tape::new(data);
    let dialect = dialect(tape.byte());
    let bytes = tape.rest();
    match SigningResponse::read(bytes, dialect) {
        Ok(response) => {
            assert_eq!(SigningResponse::ceremony_of(bytes).as_ref(), Some(&response.ceremony));
            let again = SigningResponse::read(&response.to_bytes(), dialect);
            assert_eq!(again.as_ref(), Ok(&response), "it reads back as it was");
            true
        }
        Err(failure) => {
            assert!(failure.code.starts_with("handoff-") && !failure.message.is_empty());
            false
        }
    }
}

/// A request for the next root of each workshop's repository, and one whose roots begin later.
pub fn requests() -> Vec<Vec<u8>> {
    let mut seeds = Vec::new();
    for dialect in [Dialect::Tuf1, Dialect::Notary] {
        let text = sound(dialect);
        let request = SigningRequest::read(text.as_bytes()).expect("a request");
        let mut later = request.clone();
        later.roots.remove(0);
        seeds.push(later.to_bytes());
        seeds.push(text.replace("\"open\":true", "\"open\":false").into_bytes());
        seeds.push(text.into_bytes());
    }
    seeds
}

/// A response with a signature, one with none, and one of a later format.
pub fn responses() -> Vec<Vec<u8>> {
    let mut seeds = Vec::new();
    for (choice, dialect) in [(0, Dialect::Tuf1), (1, Dialect::Notary)] {
        let keyid = KeyId::new("4f1c9a20");
        let mut response = SigningResponse {
            ceremony: "2026-014".into(),
            head: Digest([7; 32]),
            signatures: vec![Answered {
                role: "root".into(),
                sha256: Digest([9; 32]),
                signature: Signature::from_parts(keyid, None, vec![1; 64], dialect),
            }],
        };
        let behind = |bytes: Vec<u8>| [&[choice], bytes.as_slice()].concat();
        let text = String::from_utf8(response.to_bytes()).expect("JSON is text");
        seeds.push(behind(text.clone().into_bytes()));
        seeds.push(behind(text.replace("\"format\": 1", "\"format\": 2").into_bytes()));
        response.signatures.clear();
        seeds.push(behind(response.to_bytes()));
    }
    seeds
}

fn sound(dialect: Dialect) -> String {
    let roots = roots(dialect).clone();
    let newest = rootward_tuf::read::<Root>(roots.last().expect("a root"), dialect).expect("the workshop's own");
    let mut draft = RootDraft::next(&newest);
    draft.set_expires(moment(LATER));
    let frozen = draft.freeze().expect("a root");
    let request = SigningRequest {
        ceremony: "2026-014".into(),
        head: Digest([7; 32]),
        repository: "lab".into(),
        gun: (dialect == Dialect::Notary).then(|| crate::workshop::GUN.into()),
        dialect,
        practice: false,
        reason: "a longer life".into(),
        written_at: NOW.into(),
        roots,
        others: Vec::new(),
        documents: Vec::new(),
    };
    let (digest, bytes) = (hex(&sha256(frozen.bytes())), base64(frozen.bytes()));
    let document = format!(
        "[{{\"role\":\"{}\",\"sha256\":\"{digest}\",\"bytes\":\"{bytes}\",\"open\":true}}]",
        RoleName::root()
    );
    let text = String::from_utf8(request.to_bytes()).expect("JSON is text");
    text.replace("\"documents\": []", &format!("\"documents\": {document}"))
}

/// Every root that the workshop's repository ever had, ascending.
fn roots(dialect: Dialect) -> &'static Vec<Vec<u8>> {
    static ROOTS: [OnceLock<Vec<Vec<u8>>>; 2] = [OnceLock::new(), OnceLock::new()];
    ROOTS[usize::from(dialect == Dialect::Notary)].get_or_init(|| {
        let (_, sealed) = Papers::sound(dialect);
        let version = |name: &str| name.strip_suffix(".root")?.parse::<u64>().ok();
        let roots = sealed
            .files
            .iter()
            .filter_map(|(name, file)| Some((version(name)?, file.clone())));
        let mut roots: Vec<(u64, Vec<u8>)> = roots.collect();
        roots.sort();
        roots.into_iter().map(|(_, file)| file).collect()
    })
}

fn signed(file: &[u8]) -> Vec<u8> {
    let json = read(file, 64, false).expect("the workshop writes JSON");
    let signed = canonical(json.get("signed").expect("a signed part"));
    assert_ne!(sha256(&signed), [0; 32]);
    signed
}
