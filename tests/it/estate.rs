//! The practice estate shows, offline and within seconds, everything a tree can show.

use std::{collections::BTreeSet, time::Instant};

use rootward_core::border::{NodeKind, Query, Standing, TreeFilter, TreeRequest, TreeRow, TreeWindow, View};
use rootward_tests::desk::{ask, practised};

#[test]
fn the_practice_estate_keeps_its_promises() {
    let folder = tempfile::tempdir().unwrap();
    let begun = Instant::now();
    let desk = practised(folder.path());
    println!("the practice estate took {:?}", begun.elapsed());
    let all = rows(&desk, everything(&desk));
    assert!(all.total >= 60, "{} nodes", all.total);
    assert!(all.rows.iter().all(|row| row.practice));
    let standings: BTreeSet<_> = repositories(&all).map(|row| row.standing).collect();
    for standing in [
        Standing::Expiring,
        Standing::Expired,
        Standing::UnderThreshold,
        Standing::Sound,
    ] {
        assert!(standings.contains(&Some(standing)), "{standing:?} among {standings:?}");
    }
    let deepest = all
        .rows
        .iter()
        .filter(|row| row.node == NodeKind::Delegation)
        .map(|row| row.level)
        .max();
    // Estate, source, repository, targets, then three levels of delegations.
    assert!(deepest >= Some(7), "{deepest:?}");
    let View::Attention(attention) = ask(&desk, Query::Attention) else {
        panic!("another view")
    };
    assert!(attention.items.len() >= 3);
    assert!(attention.items.is_sorted_by_key(|item| item.standing));
}

#[test]
fn every_repository_of_the_estate_opens_with_history_and_picture() {
    let folder = tempfile::tempdir().unwrap();
    let desk = practised(folder.path());
    for row in repositories(&rows(&desk, TreeRequest::default())) {
        let id = row.repository.clone().unwrap();
        let View::Repository(view) = ask(&desk, Query::Repository { repository: id.clone() }) else {
            panic!("another view")
        };
        assert!(view.anchor.is_some(), "{}", view.name);
        assert!(
            view.walked.is_some() || view.standing == Standing::Expired,
            "{}",
            view.name
        );
        assert!(view.chain.boxes.len() >= 4 && view.chain.edges.len() >= 4);
        assert!(view.roles.iter().all(|role| !role.keys.is_empty()), "{}", view.name);
        let View::History(history) = ask(&desk, Query::History { repository: id.clone() }) else {
            panic!("another view")
        };
        assert_eq!(history.versions.len() as u32, view.root_versions);
        assert_eq!(history.steps.len() + 1, history.versions.len());
        assert!(
            history
                .lifelines
                .iter()
                .all(|line| line.points.len() == history.versions.len())
        );
    }
}

#[test]
fn a_window_of_rows_is_a_part_of_all_rows() {
    let folder = tempfile::tempdir().unwrap();
    let desk = practised(folder.path());
    let tree = everything(&desk);
    let all = rows(&desk, tree.clone());
    let View::TreeRows(window) = ask(
        &desk,
        Query::TreeRows {
            tree,
            from: 10,
            count: 5,
        },
    ) else {
        panic!("another view")
    };
    assert_eq!(window.rows, all.rows[10..15]);
    for row in &all.rows {
        let parent = row.parent_index.map(|parent| &all.rows[parent as usize]);
        assert_eq!(parent.map_or(0, |parent| parent.level) + 1, row.level);
        assert!(row.pos_in_set <= row.set_size);
    }
}

#[test]
fn search_and_filters_leave_matches_and_what_leads_to_them() {
    let folder = tempfile::tempdir().unwrap();
    let desk = practised(folder.path());
    let search = |text: &str| {
        rows(
            &desk,
            TreeRequest {
                search: text.into(),
                ..TreeRequest::default()
            },
        )
    };
    let found = search("officer 1");
    assert!(found.matched > 0 && found.rows.iter().any(|row| row.matched && row.node == NodeKind::Key));
    assert!(
        found
            .rows
            .iter()
            .any(|row| !row.matched && row.node == NodeKind::Repository)
    );
    assert_eq!(search("no such thing anywhere").total, 0);
    let filter = |filter| {
        rows(
            &desk,
            TreeRequest {
                filters: vec![filter],
                ..TreeRequest::default()
            },
        )
    };
    let ending = filter(TreeFilter::ExpiresWithin { days: 30 });
    assert!(
        ending
            .rows
            .iter()
            .filter(|row| row.matched)
            .all(|row| row.days_left <= Some(30))
    );
    assert!(ending.matched > 0);
    let single = filter(TreeFilter::ThresholdOne);
    assert!(
        single
            .rows
            .iter()
            .filter(|row| row.matched)
            .all(|row| row.threshold == Some(1))
    );
    let needs = filter(TreeFilter::NeedsPerson);
    assert!(
        needs
            .rows
            .iter()
            .filter(|row| row.matched)
            .all(|row| row.standing != Some(Standing::Sound))
    );
}

#[test]
fn a_node_far_down_is_revealed_and_found_by_its_first_letters() {
    let folder = tempfile::tempdir().unwrap();
    let desk = practised(folder.path());
    let all = rows(&desk, everything(&desk));
    let far = all.rows.iter().max_by_key(|row| row.level).unwrap();
    let View::TreeReveal(place) = ask(
        &desk,
        Query::TreeReveal {
            tree: TreeRequest::default(),
            node: far.id.clone(),
        },
    ) else {
        panic!("another view")
    };
    assert!(!place.open.is_empty());
    let opened = rows(
        &desk,
        TreeRequest {
            toggled: place.open,
            ..TreeRequest::default()
        },
    );
    assert_eq!(opened.rows[place.index.unwrap() as usize].id, far.id);
    let prefix: String = far.name.chars().take(3).collect();
    let View::TreeTypeahead(place) = ask(
        &desk,
        Query::TreeTypeahead {
            tree: everything(&desk),
            from: 0,
            prefix: prefix.clone(),
        },
    ) else {
        panic!("another view")
    };
    let found = &all.rows[place.index.unwrap() as usize];
    assert!(found.name.to_lowercase().starts_with(&prefix.to_lowercase()));
}

#[test]
fn a_desk_opened_again_shows_the_same_and_makes_no_second_estate() {
    let folder = tempfile::tempdir().unwrap();
    let before = {
        let desk = practised(folder.path());
        rows(&desk, everything(&desk))
    };
    let desk = practised(folder.path());
    assert_eq!(rows(&desk, everything(&desk)), before);
}

fn repositories(window: &TreeWindow) -> impl Iterator<Item = &TreeRow> {
    window.rows.iter().filter(|row| row.node == NodeKind::Repository)
}

fn rows(desk: &rootward_core::Rootward, tree: TreeRequest) -> TreeWindow {
    let query = Query::TreeRows {
        tree,
        from: 0,
        count: 1_000,
    };
    let View::TreeRows(window) = ask(desk, query) else {
        panic!("another view")
    };
    window
}

/// The request that opens everything.
fn everything(desk: &rootward_core::Rootward) -> TreeRequest {
    let tree = TreeRequest::default();
    let mut toggled = Vec::new();
    for row in rows(desk, tree.clone()).rows.iter().filter(|row| row.level == 1) {
        let below = Query::TreeBelow {
            tree: tree.clone(),
            node: row.id.clone(),
        };
        let View::TreeBelow(nodes) = ask(desk, below) else {
            panic!("another view")
        };
        toggled.extend(nodes.nodes);
    }
    TreeRequest { toggled, ..tree }
}
