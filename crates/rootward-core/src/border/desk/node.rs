//! What the inspector says of any node of the tree.

use rootward_tuf::{encoding::hex, time::Instant};

use super::{
    days_to, kind,
    repository::{allowed, key_view},
    tree::is_top,
    version,
};
use crate::{
    border::{FactView, FindingView, NodeView, counted, visible},
    repositories::{
        index::{Index, Kind, Place, role_node},
        known::Known,
        place_of,
        roles::RoleNode,
    },
};

impl NodeView {
    /// A node in words.
    pub fn of(index: &Index, place: Place, now: Instant) -> Self {
        let node = index.node(place);
        let known = index.repository(place);
        let mut view = NodeView {
            id: node.id.clone(),
            node: kind(node.kind, &node.name, is_top(index, place)),
            name: visible(&node.name),
            version: version(node.version),
            explanation: String::new(),
            standing: node.standing,
            practice: index.is_practice(place),
            repository: known.map(|known| known.record.id.clone()),
            facts: Vec::new(),
            digest: None,
            digest_label: None,
            keys: Vec::new(),
            findings: Vec::new(),
            allowed: known.map(|known| allowed(known)).unwrap_or_default(),
        };
        match (known, node.role) {
            (None, _) => group(&mut view, index, place, now),
            (Some(known), None) => repository(&mut view, known, now),
            (Some(known), Some((role, None))) => role_node_view(&mut view, known, role, now),
            (Some(known), Some((role, Some(listed)))) => key(&mut view, known, role, listed),
        }
        view
    }
}

fn fact(name: &str, value: impl AsRef<str>) -> FactView {
    FactView {
        name: name.to_owned(),
        value: visible(value.as_ref()),
        evidence: true,
    }
}

fn said(name: &str, value: impl AsRef<str>) -> FactView {
    FactView {
        evidence: false,
        ..fact(name, value)
    }
}

fn group(view: &mut NodeView, index: &Index, place: Place, now: Instant) {
    let node = index.node(place);
    view.explanation = match node.kind {
        Kind::PracticeEstate => "A tree to practise on: made on this machine, with keys that protect nothing.",
        Kind::Estate => "Every repository that this desk watches.",
        Kind::NotaryServer => "A Notary server; each repository on it is named by its GUN.",
        Kind::WebSource => "A server that hands out TUF metadata.",
        _ => "A folder with repositories.",
    }
    .to_owned();
    let below = index.below(place).len() as u64;
    let what = if matches!(node.kind, Kind::Estate | Kind::PracticeEstate) {
        "source"
    } else {
        "repositories"
    };
    let count = if what == "source" {
        counted(below, what)
    } else {
        format!("{below}")
    };
    view.facts
        .push(said(if what == "source" { "Sources" } else { "Repositories" }, count));
    if let Some(days) = days_to(node.soonest, now) {
        view.facts.push(fact("Next end, in days", days.to_string()));
    }
}

fn repository(view: &mut NodeView, known: &Known, now: Instant) {
    view.explanation = match (&known.anchor, &known.walked) {
        (None, _) => {
            "Nobody vouches for a root of this repository yet: it is shown as it is, and nothing of it is proven."
        }
        (Some(_), None) => "It is anchored, and no walk from that root has succeeded yet.",
        (Some(_), Some(_)) => "Walked on this machine from the root this desk trusts to every role below it.",
    }
    .to_owned();
    view.facts.push(fact("Source", place_of(&known.record.source)));
    if let Some(gun) = &known.gun {
        view.facts.push(fact("GUN", gun.as_str()));
    }
    if let Some((at, from, to)) = known.walked {
        view.facts.push(fact("Walked", format!("root v{from} to v{to}")));
        view.facts.push(fact("Walked at", at.to_string()));
    }
    if let Some(failure) = &known.failure {
        view.facts.push(said("Last visit", &failure.message));
    }
    view.facts.push(fact("Roles", known.tree.nodes.len().to_string()));
    view.facts
        .push(fact("Root versions", known.root_versions.len().to_string()));
    if let Some(anchor) = &known.anchor {
        view.digest = Some(hex(&anchor.digest));
        view.digest_label = Some(format!("SHA-256 of root v{}, where trust began", anchor.version));
    }
    view.findings = known.tree.findings().map(FindingView::of).collect();
    let _ = now;
}

fn role_node_view(view: &mut NodeView, known: &Known, place: usize, now: Instant) {
    let role: &RoleNode = &known.tree.nodes[place];
    view.explanation = explanation(role, place).to_owned();
    if let Some(document) = &role.document {
        view.facts.push(fact("Expires", &document.expires.text));
        if let Some(days) = super::days(Some(&document.expires), now) {
            view.facts.push(fact("Days left", days.to_string()));
        }
        view.facts.push(fact("Bytes", document.bytes.to_string()));
        if let Some(targets) = document.targets {
            view.facts.push(fact("Targets", targets.to_string()));
        }
        view.facts.push(fact("Read from", &document.origin));
        view.digest = Some(hex(&document.digest));
        view.digest_label = Some(format!(
            "SHA-256 of {} v{}",
            visible(role.role.as_str()),
            document.version
        ));
    }
    let signatures = role.tally.as_ref().map_or(0, |tally| tally.ours);
    view.facts
        .insert(0, fact("Signatures", format!("{signatures}, needs {}", role.threshold)));
    let spare = role.keys.len() as u64;
    view.facts
        .push(fact("Spare keys", spare.saturating_sub(role.threshold).to_string()));
    if let Some(paths) = &role.paths {
        view.facts.push(fact("For paths", paths.texts().join(", ")));
        view.facts.push(said(
            "Terminating",
            if role.terminating {
                "Yes, a search ends here."
            } else {
                "No."
            },
        ));
    }
    let node = role_node(known, place);
    view.keys = role.keys.iter().map(|key| key_view(&node, key)).collect();
    view.findings = role.findings.iter().map(FindingView::of).collect();
}

fn explanation(role: &RoleNode, place: usize) -> &'static str {
    match (place, role.role.as_str()) {
        (0, _) => {
            "Every other role is trusted because this document names its keys. When it expires, clients stop trusting the repository."
        }
        (1, _) => "Says which snapshot is the newest, so that nobody can hold clients on an old one.",
        (2, _) => "Says which version of every targets document belongs together.",
        (3, _) => "Vouches for files, and says who else may vouch for which.",
        _ => "Vouches for the files that its parent lets it vouch for.",
    }
}

fn key(view: &mut NodeView, known: &Known, place: usize, key: usize) {
    let role = &known.tree.nodes[place];
    let listed = &role.keys[key];
    view.explanation = format!("A key that may sign {}.", visible(role.role.as_str()));
    view.facts
        .push(said("Signed this version", if listed.signed { "Yes." } else { "No." }));
    view.facts.push(fact("Scheme", &listed.scheme));
    view.facts.push(fact("Keyid", &listed.keyid));
    if let Some(canonical) = &listed.canonical_keyid {
        view.facts.push(fact("Id of the bare key", canonical));
    }
    if let Some(problem) = &listed.problem {
        view.facts.push(said("Problem", problem));
    }
    // The same key may sit in other roles of the repository.
    let elsewhere = known.tree.nodes.iter().enumerate().filter(|(other, node)| {
        *other != place
            && node
                .keys
                .iter()
                .any(|key| key.physical.is_some() && key.physical == listed.physical)
    });
    let roles: Vec<String> = elsewhere.map(|(_, node)| visible(node.role.as_str())).collect();
    if !roles.is_empty() {
        view.facts.push(said("Also in", roles.join(", ")));
    }
    if let Some(physical) = listed.physical {
        view.digest = Some(hex(physical.bytes()));
        view.digest_label = Some("SHA-256 of the public key".to_owned());
    }
    view.keys = vec![key_view(&role_node(known, place), listed)];
}
