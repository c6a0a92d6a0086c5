//! Rows of the tree: which nodes a request shows, in order, and how to find one among them.

use std::{
    collections::{HashMap, HashSet, VecDeque},
    sync::Arc,
};

use rootward_tuf::time::Instant;

use super::{
    index::{Index, IndexNode, Kind, Place},
    search::Search,
    standing::{DAY, Standing},
};

/// What a request asks for.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Wanted {
    /// Nodes that differ from the default: estates and sources open, all else closed.
    pub toggled: Vec<String>,
    pub search: String,
    pub filters: Vec<Filter>,
}

/// A filter: a node passes when it is what the filter names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Filter {
    ExpiresWithin { days: u32 },
    ThresholdOne,
    NeedsPerson,
}

/// One row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row {
    pub place: Place,
    pub parent: Option<u32>,
    /// 1 is the outermost.
    pub level: u32,
    pub set_size: u32,
    pub pos_in_set: u32,
    pub expandable: bool,
    pub expanded: bool,
    pub matched: bool,
}

/// All rows of a request.
#[derive(Debug, Clone, Default)]
pub struct Rows {
    pub rows: Vec<Row>,
    /// Nodes that match search and filters themselves; all nodes when there is neither.
    pub matched: u32,
}

/// Rows of the latest requests, kept until the index changes.
#[derive(Debug, Default)]
pub struct RowCache(VecDeque<(Wanted, Arc<Rows>)>);

/// Two windows, each with a tree or two, need no more.
const KEPT_REQUESTS: usize = 8;

impl RowCache {
    /// The rows of a request, made only when they are not here yet.
    pub fn rows(&mut self, index: &Index, wanted: &Wanted, now: Instant) -> Arc<Rows> {
        if let Some((_, rows)) = self.0.iter().find(|(kept, _)| kept == wanted) {
            return rows.clone();
        }
        let rows = Arc::new(Rows::of(index, wanted, now));
        self.0.truncate(KEPT_REQUESTS - 1);
        self.0.push_front((wanted.clone(), rows.clone()));
        rows
    }

    /// Forgets all rows: the index has changed.
    pub fn clear(&mut self) {
        self.0.clear();
    }
}

impl Rows {
    /// Flattens the index for a request.
    pub fn of(index: &Index, wanted: &Wanted, now: Instant) -> Rows {
        let toggled: HashSet<&str> = wanted.toggled.iter().map(String::as_str).collect();
        let shown =
            (!wanted.search.trim().is_empty() || !wanted.filters.is_empty()).then(|| Shown::of(index, wanted, now));
        let mut flattener = Flattener {
            index,
            toggled,
            shown: shown.as_ref(),
            rows: Vec::new(),
        };
        flattener.push_all(&index.tops(), None, 1);
        let all = || index.groups.len() + index.segments.iter().map(|segment| segment.nodes.len()).sum::<usize>();
        let matched = shown.as_ref().map_or_else(all, |shown| shown.matched.len());
        Rows {
            rows: flattener.rows,
            matched: matched.try_into().unwrap_or(u32::MAX),
        }
    }

    /// The row of a node.
    pub fn position(&self, place: Place) -> Option<u32> {
        self.rows
            .iter()
            .position(|row| row.place == place)
            .map(|row| row as u32)
    }

    /// The next row after `from` whose name begins with `prefix`, whatever its case; the search goes round.
    pub fn typeahead(&self, index: &Index, from: u32, prefix: &str) -> Option<u32> {
        let prefix = prefix.to_lowercase();
        let count = self.rows.len();
        let begins = |row: &usize| {
            let name = &index.node(self.rows[*row].place).name;
            name.to_lowercase().starts_with(&prefix)
        };
        (1..=count)
            .map(|step| (from as usize + step) % count)
            .find(begins)
            .map(|row| row as u32)
    }
}

/// The nodes above `place` that are closed now.
pub fn closed_above(index: &Index, wanted: &Wanted, place: Place) -> Vec<String> {
    let toggled: HashSet<&str> = wanted.toggled.iter().map(String::as_str).collect();
    let mut closed = Vec::new();
    let mut at = place;
    while let Some(above) = index.above(at) {
        let node = index.node(above);
        if !is_open(node, &toggled) {
            closed.push(node.id.clone());
        }
        at = above;
    }
    closed.reverse();
    closed
}

/// Every node at and below `place` that has children and is closed now.
pub fn closed_below(index: &Index, wanted: &Wanted, place: Place) -> Vec<String> {
    let toggled: HashSet<&str> = wanted.toggled.iter().map(String::as_str).collect();
    let mut closed = Vec::new();
    let mut waiting = vec![place];
    while let Some(at) = waiting.pop() {
        let below = index.below(at);
        let node = index.node(at);
        if !below.is_empty() && !is_open(node, &toggled) {
            closed.push(node.id.clone());
        }
        waiting.extend(below.into_iter().rev());
    }
    closed
}

fn is_open(node: &IndexNode, toggled: &HashSet<&str>) -> bool {
    let by_default = matches!(
        node.kind,
        Kind::Estate | Kind::PracticeEstate | Kind::NotaryServer | Kind::WebSource | Kind::FolderSource
    );
    by_default != toggled.contains(node.id.as_str())
}

struct Flattener<'a> {
    index: &'a Index,
    toggled: HashSet<&'a str>,
    shown: Option<&'a Shown>,
    rows: Vec<Row>,
}

impl Flattener<'_> {
    fn push_all(&mut self, places: &[Place], parent: Option<u32>, level: u32) {
        let shown: Vec<Place> = match self.shown {
            None => places.to_vec(),
            Some(shown) => places.iter().copied().filter(|place| shown.holds(*place)).collect(),
        };
        for (position, &place) in shown.iter().enumerate() {
            let below = self.index.below(place);
            let below: Vec<Place> = match self.shown {
                None => below,
                Some(shown) => below.into_iter().filter(|place| shown.holds(*place)).collect(),
            };
            let node = self.index.node(place);
            let expanded = !below.is_empty()
                && match self.shown {
                    None => is_open(node, &self.toggled),
                    // What leads to a match is open until somebody closes it.
                    Some(_) => !self.toggled.contains(node.id.as_str()),
                };
            let here = self.rows.len() as u32;
            self.rows.push(Row {
                place,
                parent,
                level,
                set_size: shown.len() as u32,
                pos_in_set: position as u32 + 1,
                expandable: !below.is_empty(),
                expanded,
                matched: self.shown.is_none_or(|shown| shown.matched.contains(&place)),
            });
            if expanded {
                self.push_all(&below, Some(here), level + 1);
            }
        }
    }
}

/// What search and filters leave: the nodes that match, and those above them.
struct Shown {
    matched: HashSet<Place>,
    above: HashSet<Place>,
}

impl Shown {
    fn of(index: &Index, wanted: &Wanted, now: Instant) -> Shown {
        let mut search = Search::of(&wanted.search);
        let mut shown = Shown {
            matched: HashSet::new(),
            above: HashSet::new(),
        };
        let groups = (0..index.groups.len()).map(Place::Group);
        let segments = index.segments.iter().enumerate();
        let nodes =
            segments.flat_map(|(segment, nodes)| (0..nodes.nodes.len() as u32).map(move |node| (segment, node)));
        let nodes = nodes.map(|(segment, node)| Place::Node(segment, node));
        let mut sources: HashMap<usize, Option<Place>> = HashMap::new();
        for place in groups.chain(nodes) {
            let node = index.node(place);
            let passes = wanted.filters.iter().all(|filter| filter.passes(node, now));
            if !passes || !search.finds(&node.name, node.known_as.iter().map(String::as_str)) {
                continue;
            }
            shown.matched.insert(place);
            let mut at = place;
            loop {
                let above = match at {
                    Place::Node(segment, 0) => *sources.entry(segment).or_insert_with(|| index.above(at)),
                    _ => index.above(at),
                };
                let Some(above) = above else { break };
                if !shown.above.insert(above) {
                    break;
                }
                at = above;
            }
        }
        shown
    }

    fn holds(&self, place: Place) -> bool {
        self.matched.contains(&place) || self.above.contains(&place)
    }
}

impl Filter {
    fn passes(&self, node: &IndexNode, now: Instant) -> bool {
        match self {
            Filter::ExpiresWithin { days } => {
                let end = now.plus_seconds(i64::from(*days) * DAY);
                node.kind == Kind::Role && node.expires.as_ref().is_some_and(|expires| expires.at <= end)
            }
            Filter::ThresholdOne => node.kind == Kind::Role && node.threshold == Some(1),
            Filter::NeedsPerson => {
                let is_thing = matches!(node.kind, Kind::Role | Kind::Repository);
                let quiet = [Some(Standing::Sound), None].contains(&node.own);
                is_thing && !quiet && !(node.kind == Kind::Repository && node.children.len() > 1)
            }
        }
    }
}
