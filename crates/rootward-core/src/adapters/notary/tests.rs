//! Names are asked for as Notary writes them, and lead nowhere else.

use super::*;
use crate::adapters::SystemDisk;

fn server(url: &str) -> Result<Notary, Failure> {
    Notary::open(&Arc::default(), &SystemDisk::new(), url, None, &LimitsView::default())
}

#[test]
fn documents_are_asked_for_as_notary_names_them() {
    let role = |name| RoleName::new(name).unwrap();
    let digest = [0xab; 32];
    let names = [
        (name(&role("root"), Select::Current), Some("root.json".to_owned())),
        (name(&role("root"), Select::Version(4)), Some("4.root.json".into())),
        (
            name(&role("targets/releases"), Select::Sha256(digest)),
            Some(format!("targets/releases.{}.json", "ab".repeat(32))),
        ),
        (name(&role("targets/../../x"), Select::Current), None),
        (
            name(&role("targets/%2e%2e/x"), Select::Current),
            Some("targets/%252e%252e/x.json".into()),
        ),
        (name(&role("a//b"), Select::Current), None),
        (name(&role("a?b#c"), Select::Current), Some("a%3Fb%23c.json".into())),
    ];
    for (found, expected) in names {
        assert_eq!(found, expected);
    }
}

#[test]
fn a_gun_is_part_of_the_path_as_it_is() {
    for gun in ["reg.test/lab/hello", "127.0.0.1:5005/lab/x", "docker.io/library/a_b"] {
        let repository = server("https://host/prefix").unwrap().repository(gun).unwrap();
        assert_eq!(
            repository.metadata.as_str(),
            format!("https://host/prefix/v2/{gun}/_trust/tuf/")
        );
    }
    for gun in [
        "", "/a", "a/", "a//b", "../a", "a/../b", "a?b", "a#b", "a%2e", "a\\b", "a b", "é", ".hidden",
    ] {
        let refused = server("https://host/").unwrap().repository(gun).err().unwrap();
        assert_eq!(refused.code, "bad-source", "{gun}");
    }
    assert_eq!(server("http://host/").err().unwrap().code, "bad-source");
    assert!(server("http://127.0.0.1:4443").is_ok());
}
