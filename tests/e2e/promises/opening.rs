//! The first start: the practice estate is there, and its tree can be walked without a mouse.

use rootward_e2e::{App, Key};

use crate::practice;

#[tokio::test(flavor = "multi_thread")]
async fn the_window_opens_on_the_practice_estate_and_its_tree_is_walked_by_keyboard() {
    // The clock stands still: a row says how many days it has, and must say the same at the end.
    let app = App::start(&["--at", "2030-06-01T10:00:00Z"]).await;
    app.find("heading", "Attention").await;
    app.find("treeitem", "Practice*").await;

    app.chord(&[Key::Control], '2').await;
    let first = app.focus_on("treeitem Practice estate").await;

    app.key('*').await;
    // The rows below come from the desk: until they stand, the last row is another one.
    app.find("treeitem", "timestamp*").await;
    app.key(Key::End).await;
    let last = app.focus_moves_from(&first).await;
    app.key(Key::Home).await;
    assert_eq!(app.focus_moves_from(&last).await, first);
    app.key(Key::Down).await;
    let second = app.focus_moves_from(&first).await;
    app.key(Key::Left).await;
    app.key(Key::Left).await;
    assert_eq!(
        app.focus_moves_from(&second).await,
        first,
        "Left closes, then goes to the parent"
    );

    app.key('*').await;
    app.find("treeitem", "timestamp*").await;
    for letter in "timestamp".chars() {
        app.key(letter).await;
    }
    let typed = app.focus_moves_from(&first).await;
    assert!(typed.starts_with("treeitem timestamp"), "{typed}");
    app.key(Key::Enter).await;
    app.find("tab", "Roles and keys").await;
    app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_practice_estate_is_large_enough_to_practise_on() {
    let app = App::start(&[]).await;
    app.find("treeitem", "Practice*").await;
    let rows = practice(&app).await;
    assert!(rows.len() >= 60, "{} rows", rows.len());
    for standing in ["sound", "expiring", "expired", "under-threshold"] {
        assert!(
            rows.iter().any(|row| row["standing"] == standing),
            "no row is {standing}"
        );
    }
    assert!(
        rows.iter()
            .all(|row| row["practice"] == true || row["node"] == "estate"),
        "practice is written on all of it"
    );
    app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_second_window_on_the_same_data_folder_says_who_holds_it() {
    let app = App::start(&[]).await;
    app.find("heading", "Attention").await;
    let second = app.start_beside().await;
    second.says("Another program works on this data folder.").await;
    second.stop().await;
    app.stop().await;
}
