//! The tree of the whole desk as one flat index: estates, sources, repositories, roles and keys.
//!
//! Each repository is a segment that is made once when it changes; a request flattens segments into rows and the rows are
//! kept until something changes. A window of rows then costs the same for fifty nodes as for a hundred thousand.

use std::{collections::BTreeMap, sync::Arc};

use rootward_tuf::{
    role::RoleName,
    time::{Expiry, Instant},
};

use super::{
    known::Known,
    roles::{RoleKey, RoleNode},
    standing::Standing,
};
use crate::ports::SourceSpec;

/// What a node is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Kind {
    Estate,
    PracticeEstate,
    NotaryServer,
    WebSource,
    FolderSource,
    Repository,
    /// Any role; its name tells which.
    Role,
    Key,
}

/// A node below an estate. Children have higher places than their parents.
#[derive(Debug, Clone)]
pub struct IndexNode {
    pub id: String,
    pub kind: Kind,
    pub name: String,
    pub children: Vec<u32>,
    pub parent: Option<u32>,
    /// The worst of this node and all below; none for a key.
    pub standing: Option<Standing>,
    /// Of this node alone.
    pub own: Option<Standing>,
    /// The soonest end of this node and all below.
    pub soonest: Option<Instant>,
    /// Its own end.
    pub expires: Option<Expiry>,
    pub version: Option<u64>,
    pub valid: Option<u32>,
    pub threshold: Option<u64>,
    /// Names and ids by which it is found besides its name.
    pub known_as: Vec<String>,
    /// For a role: its place in the repository's role tree. For a key: its role's place and its own place there.
    pub role: Option<(usize, Option<usize>)>,
}

/// One repository's nodes; the first is the repository itself.
#[derive(Debug, Clone)]
pub struct Segment {
    pub known: Arc<Known>,
    pub nodes: Vec<IndexNode>,
}

/// Estates and sources, and the segments below them.
#[derive(Debug, Clone, Default)]
pub struct Index {
    pub groups: Vec<Group>,
    pub segments: Vec<Arc<Segment>>,
}

/// An estate or a source.
#[derive(Debug, Clone)]
pub struct Group {
    pub node: IndexNode,
    pub practice: bool,
    /// Places in `groups` or in `segments`.
    pub below: Below,
    pub parent: Option<usize>,
}

/// What stands below a group.
#[derive(Debug, Clone)]
pub enum Below {
    Groups(Vec<usize>),
    Segments(Vec<usize>),
}

impl Segment {
    /// Makes the nodes of a repository.
    pub fn of(known: Arc<Known>) -> Segment {
        let id = repository_node(&known.record.id);
        let mut nodes = vec![IndexNode {
            id: id.clone(),
            kind: Kind::Repository,
            name: known.record.name.clone(),
            children: Vec::new(),
            parent: None,
            standing: Some(known.standing()),
            own: Some(known.standing()),
            soonest: None,
            expires: None,
            version: None,
            valid: None,
            threshold: None,
            known_as: known.gun.iter().map(|gun| gun.as_str().to_owned()).collect(),
            role: None,
        }];
        // Root and targets are what people sign; snapshot and timestamp follow.
        for place in [0, 3, 2, 1] {
            if known.tree.shows_anything() {
                push_role(&known, place, 0, &id, &mut nodes);
            }
        }
        for place in (1..nodes.len()).rev() {
            let soonest = nodes[place].soonest;
            let parent = nodes[place].parent.map_or(0, |parent| parent as usize);
            let held = nodes[parent].soonest;
            nodes[parent].soonest = [held, soonest].into_iter().flatten().min();
        }
        Segment { known, nodes }
    }
}

impl Index {
    /// Puts segments below their sources, and sources below their estates.
    pub fn of(segments: Vec<Arc<Segment>>) -> Index {
        let mut estates: BTreeMap<bool, BTreeMap<(String, &'static str), Vec<usize>>> = BTreeMap::new();
        for (place, segment) in segments.iter().enumerate() {
            let record = &segment.known.record;
            let sources = estates.entry(record.practice).or_default();
            sources.entry(source_group(&record.source)).or_default().push(place);
        }
        let mut groups: Vec<Group> = Vec::new();
        for (practice, sources) in estates {
            let estate = groups.len();
            let (id, kind, name) = match practice {
                false => ("estate", Kind::Estate, "Estate"),
                true => ("practice", Kind::PracticeEstate, "Practice estate"),
            };
            groups.push(Group {
                node: plain(id.to_owned(), kind, name.to_owned()),
                practice,
                below: Below::Groups(Vec::new()),
                parent: None,
            });
            let mut below = Vec::new();
            for ((name, word), mut places) in sources {
                places.sort_by(|&a, &b| segments[a].nodes[0].name.cmp(&segments[b].nodes[0].name));
                let kind = match word {
                    "notary" => Kind::NotaryServer,
                    "web" => Kind::WebSource,
                    _ => Kind::FolderSource,
                };
                let mut node = plain(format!("{id}/{word}:{}", escaped(&name)), kind, name);
                let tops = || places.iter().map(|&place| &segments[place].nodes[0]);
                node.standing = tops().filter_map(|top| top.standing).min();
                node.soonest = tops().filter_map(|top| top.soonest).min();
                below.push(groups.len());
                groups.push(Group {
                    node,
                    practice,
                    below: Below::Segments(places),
                    parent: Some(estate),
                });
            }
            let sources = || below.iter().map(|&place| &groups[place].node);
            let standing = sources().filter_map(|node| node.standing).min();
            let soonest = sources().filter_map(|node| node.soonest).min();
            (groups[estate].node.standing, groups[estate].node.soonest) = (standing, soonest);
            groups[estate].below = Below::Groups(below);
        }
        Index { groups, segments }
    }

    /// Finds a node by its id.
    pub fn find(&self, id: &str) -> Option<Place> {
        if let Some(group) = self.groups.iter().position(|group| group.node.id == id) {
            return Some(Place::Group(group));
        }
        let repository = id.split('/').next()?;
        let segment = self
            .segments
            .iter()
            .position(|segment| segment.nodes[0].id == repository)?;
        let node = self.segments[segment].nodes.iter().position(|node| node.id == id)?;
        Some(Place::Node(segment, node as u32))
    }

    /// The node at a place.
    pub fn node(&self, place: Place) -> &IndexNode {
        match place {
            Place::Group(group) => &self.groups[group].node,
            Place::Node(segment, node) => &self.segments[segment].nodes[node as usize],
        }
    }

    /// The place above; `None` for an estate.
    pub fn above(&self, place: Place) -> Option<Place> {
        match place {
            Place::Group(group) => self.groups[group].parent.map(Place::Group),
            Place::Node(segment, node) => match self.segments[segment].nodes[node as usize].parent {
                Some(parent) => Some(Place::Node(segment, parent)),
                None => self.source_of(segment).map(Place::Group),
            },
        }
    }

    /// The places right below.
    pub fn below(&self, place: Place) -> Vec<Place> {
        match place {
            Place::Group(group) => match &self.groups[group].below {
                Below::Groups(groups) => groups.iter().copied().map(Place::Group).collect(),
                Below::Segments(segments) => segments.iter().map(|&segment| Place::Node(segment, 0)).collect(),
            },
            Place::Node(segment, node) => {
                let children = &self.segments[segment].nodes[node as usize].children;
                children.iter().map(|&child| Place::Node(segment, child)).collect()
            }
        }
    }

    /// The estates.
    pub fn tops(&self) -> Vec<Place> {
        let places = 0..self.groups.len();
        places
            .filter(|&place| self.groups[place].parent.is_none())
            .map(Place::Group)
            .collect()
    }

    /// The repository a place belongs to.
    pub fn repository(&self, place: Place) -> Option<&Arc<Known>> {
        match place {
            Place::Group(_) => None,
            Place::Node(segment, _) => Some(&self.segments[segment].known),
        }
    }

    /// Whether a place belongs to the practice estate.
    pub fn is_practice(&self, place: Place) -> bool {
        match place {
            Place::Group(group) => self.groups[group].practice,
            Place::Node(segment, _) => self.segments[segment].known.record.practice,
        }
    }

    fn source_of(&self, segment: usize) -> Option<usize> {
        self.groups.iter().position(|group| match &group.below {
            Below::Segments(segments) => segments.contains(&segment),
            Below::Groups(_) => false,
        })
    }
}

/// A node of the index.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Place {
    Group(usize),
    Node(usize, u32),
}

/// The id of a repository's node.
pub fn repository_node(id: &str) -> String {
    format!("r:{id}")
}

/// The id of a role's node: the path of role names from the top.
pub fn role_node(known: &Known, mut place: usize) -> String {
    let mut names = vec![known.tree.nodes[place].role.as_str()];
    while let Some(parent) = known.tree.nodes[place].parent {
        place = parent;
        names.push(known.tree.nodes[place].role.as_str());
    }
    let names: Vec<String> = names.iter().rev().map(|name| escaped(name)).collect();
    format!("{}/{}", repository_node(&known.record.id), names.join("/"))
}

/// The id of a key's node below a role's.
pub fn key_node(role: &str, keyid: &str) -> String {
    format!("{role}/key:{}", escaped(keyid))
}

fn push_role(known: &Known, place: usize, parent: u32, above: &str, nodes: &mut Vec<IndexNode>) {
    let role: &RoleNode = &known.tree.nodes[place];
    let id = format!("{above}/{}", escaped(role.role.as_str()));
    let expires = role.document.as_ref().map(|document| document.expires.clone());
    let here = nodes.len() as u32;
    nodes[parent as usize].children.push(here);
    nodes.push(IndexNode {
        id: id.clone(),
        kind: Kind::Role,
        name: role.role.as_str().to_owned(),
        children: Vec::new(),
        parent: Some(parent),
        standing: Some(role.standing),
        own: Some(role.own),
        soonest: expires.as_ref().map(|expires| expires.at),
        expires,
        version: role.document.as_ref().map(|document| document.version),
        valid: Some(role.tally.as_ref().map_or(0, |tally| tally.ours)),
        threshold: Some(role.threshold),
        known_as: Vec::new(),
        role: Some((place, None)),
    });
    for &child in &role.children {
        push_role(known, child, here, &id, nodes);
    }
    for (number, key) in role.keys.iter().enumerate() {
        let place_of_key = nodes.len() as u32;
        nodes[here as usize].children.push(place_of_key);
        nodes.push(key_index(key, &id, here, (place, number)));
    }
}

fn key_index(key: &RoleKey, role: &str, parent: u32, (place, number): (usize, usize)) -> IndexNode {
    let physical = key.physical.map(|physical| physical.to_string());
    let ids = [Some(key.keyid.clone()), key.canonical_keyid.clone(), physical];
    let mut node = plain(key_node(role, &key.keyid), Kind::Key, key.label());
    node.parent = Some(parent);
    node.known_as = ids.into_iter().flatten().collect();
    node.role = Some((place, Some(number)));
    node
}

fn plain(id: String, kind: Kind, name: String) -> IndexNode {
    IndexNode {
        id,
        kind,
        name,
        children: Vec::new(),
        parent: None,
        standing: None,
        own: None,
        soonest: None,
        expires: None,
        version: None,
        valid: None,
        threshold: None,
        known_as: Vec::new(),
        role: None,
    }
}

/// Which source a repository stands below: a server, a host, or the folder its folder lies in.
fn source_group(spec: &SourceSpec) -> (String, &'static str) {
    match spec {
        SourceSpec::Notary { url, .. } => (url.trim_end_matches('/').to_owned(), "notary"),
        SourceSpec::Http { url, .. } => {
            let scheme = url.find("://").map_or(0, |end| end + 3);
            let host = url[scheme..].find('/').map_or(url.len(), |end| scheme + end);
            (url[..host].to_owned(), "web")
        }
        SourceSpec::Folder { path, .. } => {
            let parent = std::path::Path::new(path).parent();
            let name = parent
                .map(|parent| parent.display().to_string())
                .filter(|name| !name.is_empty());
            (name.unwrap_or_else(|| path.clone()), "folder")
        }
    }
}

/// A name as part of an id: everything but letters, digits, `_`, `-` and `.` is percent-encoded.
fn escaped(name: &str) -> String {
    let mut escaped = String::with_capacity(name.len());
    for byte in name.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'_' | b'-' | b'.' => escaped.push(char::from(byte)),
            other => escaped.push_str(&format!("%{other:02X}")),
        }
    }
    escaped
}

impl IndexNode {
    /// Whether this is the role of that name.
    pub fn is_role(&self, role: &RoleName) -> bool {
        self.kind == Kind::Role && self.name == role.as_str()
    }
}
