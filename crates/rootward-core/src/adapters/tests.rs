//! The desk's ports on this machine: the data folder is private, and one program's at a time.

use std::{
    fs::{self, Permissions},
    os::unix::fs::PermissionsExt,
};

use super::*;
use crate::ports::{PromptRequest, Secret, TouchRequest, Touching};

struct Nobody;

impl Prompt for Nobody {
    fn ask(&self, _request: &PromptRequest) -> Result<Secret, Failure> {
        Err(Failure::interruption("prompt-closed", "nobody is there"))
    }

    fn touch(&self, _: &TouchRequest) -> Result<Box<dyn Touching>, Failure> {
        Ok(Box::new(()))
    }
}

fn desk(data: &Path) -> Result<Ports, Failure> {
    desk_ports(DeskConfig {
        key_folders: Vec::new(),
        data: data.to_owned(),
        prompt: Arc::new(Nobody),
        at: Instant::parse("2026-08-21T00:00:00Z").ok(),
        holder: "rootwardctl".into(),
    })
}

#[test]
fn a_desk_has_its_data_folder_for_itself() {
    let place = tempfile::tempdir().unwrap();
    let data = place.path().join("a/desk");
    let ports = desk(&data).unwrap();
    assert_eq!(ports.clock.now().to_string(), "2026-08-21T00:00:00Z");
    for name in ["", "lock", "desk.sqlite"] {
        let mode = data.join(name).metadata().unwrap().permissions().mode();
        assert_eq!(mode & 0o077, 0, "{name}");
    }
    let refused = desk(&data).err().unwrap();
    assert_eq!(
        (refused.code.as_str(), refused.details["program"].as_str()),
        ("data-folder-locked", "rootwardctl")
    );
    drop(ports);
    desk(&data).unwrap();
}

#[test]
fn a_data_folder_others_can_look_into_is_refused() {
    let place = tempfile::tempdir().unwrap();
    fs::write(place.path().join("something"), "").unwrap();
    for mode in [0o755, 0o770, 0o701] {
        fs::set_permissions(place.path(), Permissions::from_mode(mode)).unwrap();
        assert_eq!(desk(place.path()).err().unwrap().code, "data-folder-unusable");
    }
    fs::set_permissions(place.path(), Permissions::from_mode(0o700)).unwrap();
    drop(desk(place.path()).unwrap());
    // An empty one is made private instead.
    let empty = tempfile::tempdir().unwrap();
    fs::set_permissions(empty.path(), Permissions::from_mode(0o755)).unwrap();
    desk(empty.path()).unwrap();
    assert_eq!(empty.path().metadata().unwrap().permissions().mode() & 0o777, 0o700);
}

#[test]
fn folders_and_notary_servers_can_be_published_to() {
    let connections = Connections::new(Arc::new(SystemDisk::new()));
    let limits = LimitsView::default();
    let notary = SourceSpec::Notary {
        url: "https://host".into(),
        gun: "a/b".into(),
        ca_file: None,
        user: None,
    };
    let http = SourceSpec::Http {
        url: "http://host/metadata".into(),
        ca_file: None,
    };
    assert!(connections.publisher(&notary, &limits).is_ok());
    assert_eq!(
        connections.publisher(&http, &limits).err().unwrap().code,
        "not-publishable-there"
    );
    let codes = |spec: &SourceSpec| -> Vec<_> {
        let source = connections.source(spec, &limits).unwrap();
        source.findings().iter().map(|finding| finding.code.as_str()).collect()
    };
    assert_eq!(codes(&http), ["plain-http"]);
    assert_eq!(codes(&notary), [""; 0]);
    let absent = SourceSpec::Http {
        url: "https://host/".into(),
        ca_file: Some("/absent/ca.pem".into()),
    };
    assert_eq!(connections.source(&absent, &limits).err().unwrap().code, "bad-source");
}
