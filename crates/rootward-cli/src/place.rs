//! The grammar of SOURCE, and how a place of a key is told from its name.

use std::path::Path;

use rootward_core::border::{Failure, SourceSpec};

use crate::arguments::SourceArguments;

/// Whether a text says where a key is, rather than which one it is.
pub fn is_of_a_key(text: &str) -> bool {
    ["file:", "yubikey:", "pkcs11:", "keychain:"]
        .iter()
        .any(|kind| text.starts_with(kind))
}

/// Reads SOURCE, `--ca`, `--gun` and `--user`.
///
/// Fails with `bad-source` when they make no sense together.
pub fn source(arguments: &SourceArguments) -> Result<SourceSpec, Failure> {
    let text = arguments.source.as_str();
    let bad = |why: &str| Failure::fault("bad-source", why).with("source", text);
    let ca_file = arguments
        .ca
        .as_deref()
        .map(|path| path_text(path, "--ca"))
        .transpose()?;
    let gun = arguments.gun.clone();
    if gun.as_deref().is_some_and(str::is_empty) {
        return Err(bad("expected the name of a repository after --gun"));
    }
    let user = arguments.user.clone();
    if user
        .as_deref()
        .is_some_and(|name| name.is_empty() || name.contains(':'))
    {
        return Err(bad("expected a name without a colon after --user"));
    }
    if let Some(address) = text.strip_prefix("notary+") {
        let (scheme, rest) = address
            .split_once("://")
            .ok_or_else(|| bad("expected notary+https://host/GUN"))?;
        if !matches!(scheme, "https" | "http" | "practice") {
            return Err(bad("expected notary+https:// or notary+http://"));
        }
        let (host, named) = rest.split_once('/').unwrap_or((rest, ""));
        let named = named.trim_end_matches('/');
        return match (host, named, gun) {
            ("", ..) => Err(bad("expected a host in notary+https://host/GUN")),
            (_, "", None) => Err(bad("expected the name of a repository in notary+https://host/GUN")),
            (host, "", Some(gun)) => Ok(notary(scheme, host, &gun, ca_file, user)),
            (host, named, None) => Ok(notary(scheme, host, named, ca_file, user)),
            (host, named, Some(gun)) if named == gun => Ok(notary(scheme, host, named, ca_file, user)),
            (_, _, Some(_)) => Err(bad("--gun names another repository than the address")),
        };
    }
    if user.is_some() {
        return Err(bad("--user is for a Notary server; write notary+https://host/GUN"));
    }
    if text.starts_with("https://") || text.starts_with("http://") {
        if gun.is_some() {
            return Err(bad(
                "--gun is for a Notary folder; write notary+https://host/GUN for a server",
            ));
        }
        return Ok(SourceSpec::Http {
            url: text.to_owned(),
            ca_file,
        });
    }
    if text.contains("://") {
        return Err(bad(
            "expected a folder, https://…/, http://…/ or notary+https://host/GUN",
        ));
    }
    if ca_file.is_some() {
        return Err(bad("--ca is for HTTPS sources"));
    }
    Ok(SourceSpec::Folder {
        path: text.to_owned(),
        gun,
    })
}

fn notary(scheme: &str, host: &str, gun: &str, ca_file: Option<String>, user: Option<String>) -> SourceSpec {
    SourceSpec::Notary {
        url: format!("{scheme}://{host}"),
        gun: gun.to_owned(),
        ca_file,
        user,
    }
}

pub fn path_text(path: &Path, option: &str) -> Result<String, Failure> {
    let text = path
        .to_str()
        .ok_or_else(|| Failure::fault("bad-usage", format!("the path after {option} is no text")))?;
    Ok(text.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(source: &str, gun: Option<&str>) -> Result<SourceSpec, Failure> {
        super::source(&SourceArguments {
            source: source.into(),
            ca: None,
            gun: gun.map(str::to_owned),
            user: None,
        })
    }

    #[test]
    fn every_form_of_a_source_is_read() {
        let folder = |path: &str, gun: Option<&str>| SourceSpec::Folder {
            path: path.into(),
            gun: gun.map(str::to_owned),
        };
        let notary = |url: &str, gun: &str| SourceSpec::Notary {
            url: url.into(),
            gun: gun.into(),
            ca_file: None,
            user: None,
        };
        let http = |url: &str| SourceSpec::Http {
            url: url.into(),
            ca_file: None,
        };
        let cases = [
            ("metadata", None, folder("metadata", None)),
            ("./a b", Some("reg.test/x"), folder("./a b", Some("reg.test/x"))),
            ("https://tuf.test/metadata/", None, http("https://tuf.test/metadata/")),
            ("http://tuf.test/", None, http("http://tuf.test/")),
            (
                "notary+https://n.test:4443/reg.test/a/b",
                None,
                notary("https://n.test:4443", "reg.test/a/b"),
            ),
            (
                "notary+https://n.test/127.0.0.1:5000/x/",
                None,
                notary("https://n.test", "127.0.0.1:5000/x"),
            ),
            (
                "notary+practice://stolen-root-key/registry.practice/drills/stolen-root-key",
                None,
                notary("practice://stolen-root-key", "registry.practice/drills/stolen-root-key"),
            ),
            (
                "notary+http://127.0.0.1:1",
                Some("g"),
                notary("http://127.0.0.1:1", "g"),
            ),
        ];
        for (source, gun, spec) in cases {
            assert_eq!(read(source, gun), Ok(spec), "{source}");
        }
    }

    #[test]
    fn a_source_that_makes_no_sense_is_refused() {
        let cases = [
            ("ftp://x/", None),
            ("notary+https://", None),
            ("notary+https://host", None),
            ("notary+ftp://host/gun", None),
            ("notary+https://host/a", Some("b")),
            ("https://x/", Some("gun")),
            ("folder", Some("")),
        ];
        for (source, gun) in cases {
            assert_eq!(read(source, gun).unwrap_err().code, "bad-source", "{source}");
        }
    }
}
