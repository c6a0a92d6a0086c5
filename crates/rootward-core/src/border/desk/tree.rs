//! Windows of the tree.

use std::collections::BTreeSet;
use std::ops::Deref;
use std::sync::Arc;

use rootward_tuf::time::Instant;

use super::{custody::common, days_to, kind, small, version};
use crate::{
    border::{Custody, TreeFilter, TreeRequest, TreeRow, TreeWindow, visible},
    keyring::Keyring,
    repositories::{
        index::{Index, Kind, Place},
        rows::{Filter, Row, Rows, Wanted},
    },
};

/// No window asks for more rows at once.
const MOST_ROWS: u32 = 1_000;

impl From<&TreeRequest> for Wanted {
    fn from(request: &TreeRequest) -> Self {
        Wanted {
            toggled: request.toggled.clone(),
            search: request.search.clone(),
            filters: request.filters.iter().map(Filter::from).collect(),
        }
    }
}

impl From<&TreeFilter> for Filter {
    fn from(filter: &TreeFilter) -> Self {
        match filter {
            TreeFilter::ExpiresWithin { days } => Filter::ExpiresWithin { days: *days },
            TreeFilter::ThresholdOne => Filter::ThresholdOne,
            TreeFilter::NeedsPerson => Filter::NeedsPerson,
        }
    }
}

impl TreeWindow {
    /// The rows `from` to `from + count`. `ring` is asked for only when one of them shows where keys live.
    pub fn of(
        index: &Index,
        rows: &Rows,
        (from, count): (u32, u32),
        busy: &BTreeSet<String>,
        ring: &impl Deref<Target = Arc<Keyring>>,
        now: Instant,
    ) -> Self {
        let total = rows.rows.len() as u32;
        let from = from.min(total);
        let until = from.saturating_add(count.min(MOST_ROWS)).min(total);
        let numbered = (from..until).zip(&rows.rows[from as usize..until as usize]);
        TreeWindow {
            total,
            from,
            rows: numbered
                .map(|(number, row)| row_view(index, number, row, busy, ring, now))
                .collect(),
            matched: rows.matched,
        }
    }
}

fn row_view(
    index: &Index,
    number: u32,
    row: &Row,
    busy: &BTreeSet<String>,
    ring: &impl Deref<Target = Arc<Keyring>>,
    now: Instant,
) -> TreeRow {
    let node = index.node(row.place);
    let known = index.repository(row.place);
    let is_repository = node.kind == Kind::Repository;
    TreeRow {
        id: node.id.clone(),
        index: number,
        parent_index: row.parent,
        level: row.level,
        set_size: row.set_size,
        pos_in_set: row.pos_in_set,
        expandable: row.expandable,
        expanded: row.expanded,
        node: kind(node.kind, &node.name, is_top(index, row.place)),
        name: visible(&node.name),
        version: version(node.version),
        custody: custody_at(index, row.place, ring),
        valid: node.valid,
        threshold: node.threshold.map(small),
        days_left: days_to(node.soonest, now),
        standing: node.standing,
        practice: index.is_practice(row.place),
        first_use: is_repository && known.is_some_and(|known| known.is_first_use()),
        busy: is_repository && known.is_some_and(|known| busy.contains(&known.record.id)),
        matched: row.matched,
        repository: known.map(|known| known.record.id.clone()),
    }
}

/// Whether a role is one of the four of its repository.
pub fn is_top(index: &Index, place: Place) -> bool {
    match place {
        Place::Group(_) => false,
        Place::Node(..) => index.node(place).role.is_some_and(|(role, _)| role < 4),
    }
}

fn custody_at(index: &Index, place: Place, ring: &impl Deref<Target = Arc<Keyring>>) -> Option<Custody> {
    let known = index.repository(place)?;
    let (role, key) = index.node(place).role?;
    let keys = &known.tree.nodes[role].keys;
    match key {
        Some(key) => Some(Custody::in_role(&keys[key], ring)),
        None => common(keys.iter().map(|key| Custody::in_role(key, ring))),
    }
}
