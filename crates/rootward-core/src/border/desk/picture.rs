//! The chain of trust as boxes on a grid: root first, what it names right of it, delegations right of their parents.

use rootward_tuf::time::Instant;

use super::{days, kind, small, version};
use crate::{
    border::{ChainBox, ChainEdge, ChainView, visible},
    repositories::{
        index::{Kind, role_node},
        known::Known,
    },
};

/// More boxes than these are no picture any more.
const MOST_BOXES: usize = 40;

/// Places of the four top-level roles in a role tree.
const ROOT: usize = 0;
const TIMESTAMP: usize = 1;
const SNAPSHOT: usize = 2;
const TARGETS: usize = 3;

impl ChainView {
    /// Draws a repository.
    pub fn of(known: &Known, now: Instant) -> Self {
        let mut drawing = Drawing {
            known,
            now,
            boxes: Vec::new(),
            edges: Vec::new(),
            left: MOST_BOXES - 4,
            next_row: 0,
        };
        let targets_row = drawing.targets(TARGETS, 1);
        let snapshot_row = drawing.next_row;
        let timestamp_row = snapshot_row + 2;
        drawing.next_row = timestamp_row + 2;
        let root_row = (targets_row + timestamp_row) / 2;
        for (place, column, half_row) in [
            (ROOT, 0, root_row),
            (TARGETS, 1, targets_row),
            (SNAPSHOT, 1, snapshot_row),
            (TIMESTAMP, 1, timestamp_row),
        ] {
            drawing.put(place, column, half_row);
        }
        for place in [TARGETS, SNAPSHOT, TIMESTAMP] {
            drawing.grant(ROOT, place);
        }
        drawing.listing(SNAPSHOT, TARGETS);
        drawing.listing(TIMESTAMP, SNAPSHOT);
        let columns = drawing.boxes.iter().map(|drawn| drawn.column + 1).max().unwrap_or(1);
        let rows = drawing.next_row.div_ceil(2).max(1);
        let more = known.tree.nodes.len().saturating_sub(drawing.boxes.len());
        ChainView {
            columns,
            rows,
            boxes: drawing.boxes,
            edges: drawing.edges,
            more: more as u32,
        }
    }
}

struct Drawing<'a> {
    known: &'a Known,
    now: Instant,
    boxes: Vec<ChainBox>,
    edges: Vec<ChainEdge>,
    /// Delegations that may still be drawn.
    left: usize,
    /// The next free row, in half steps.
    next_row: u32,
}

impl Drawing<'_> {
    /// Draws what a role delegates to, and says in which row the role itself belongs: between its first and last child.
    fn targets(&mut self, place: usize, column: u32) -> u32 {
        let mut rows = Vec::new();
        for &child in &self.known.tree.nodes[place].children {
            if self.left == 0 {
                break;
            }
            self.left -= 1;
            let row = self.targets(child, column + 1);
            self.put(child, column + 1, row);
            self.grant(place, child);
            rows.push(row);
        }
        match (rows.first(), rows.last()) {
            (Some(first), Some(last)) => (first + last) / 2,
            _ => {
                let row = self.next_row;
                self.next_row += 2;
                row
            }
        }
    }

    fn put(&mut self, place: usize, column: u32, half_row: u32) {
        let role = &self.known.tree.nodes[place];
        self.boxes.push(ChainBox {
            node: role_node(self.known, place),
            role: visible(role.role.as_str()),
            kind: kind(Kind::Role, role.role.as_str(), place < 4),
            version: version(role.document.as_ref().map(|document| document.version)),
            standing: role.own,
            days_left: days(role.document.as_ref().map(|document| &document.expires), self.now),
            pips: role.keys.iter().map(|key| key.signed).collect(),
            valid: role.tally.as_ref().map_or(0, |tally| tally.ours),
            threshold: small(role.threshold),
            column,
            half_row,
        });
    }

    /// The edge of a parent that grants keys.
    fn grant(&mut self, from: usize, to: usize) {
        let role = &self.known.tree.nodes[to];
        self.edges.push(ChainEdge {
            from: role_node(self.known, from),
            to: role_node(self.known, to),
            label: format!("{} of {}", role.threshold, role.keys.len()),
            listing: false,
            terminating: role.terminating,
        });
    }

    /// The edge of a document that names another by version.
    fn listing(&mut self, from: usize, to: usize) {
        let nodes = &self.known.tree.nodes;
        let Some(document) = &nodes[from].document else { return };
        let name = &nodes[to].role;
        let label = match document.names.get(name) {
            Some(Some(version)) => format!("names {name} v{version}"),
            Some(None) => format!("names {name}"),
            None => return,
        };
        self.edges.push(ChainEdge {
            from: role_node(self.known, from),
            to: role_node(self.known, to),
            label,
            listing: true,
            terminating: false,
        });
    }
}
