//! What the main window cannot do, and that the same probe sees it done when a wall is taken down on purpose.

use rootward_e2e::App;
use serde_json::{Value, json};

/// What a hostile script in the main window came to.
#[derive(Debug, PartialEq, Eq)]
struct Probe {
    eval_ran: bool,
    fetch_arrived: bool,
    inline_script_ran: bool,
    prompt_page_read: bool,
    title_changed: bool,
    prompt_answerable: bool,
    prototype_changed: bool,
}

const NOTHING: Probe = Probe {
    eval_ran: false,
    fetch_arrived: false,
    inline_script_ran: false,
    prompt_page_read: false,
    title_changed: false,
    prompt_answerable: false,
    prototype_changed: false,
};

#[tokio::test(flavor = "multi_thread")]
async fn a_script_in_the_main_window_breaks_out_of_nothing() {
    let app = App::start(&[]).await;
    assert_eq!(probe(&app).await, NOTHING);
    let breaches = app.breaches().await;
    assert!(
        breaches.iter().any(|breach| breach["directive"] == "connect-src"),
        "{breaches:?}"
    );
    app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_probe_sees_a_window_without_a_policy() {
    let app = App::start(&["--plant", "no-policy"]).await;
    let planted = Probe {
        eval_ran: true,
        fetch_arrived: true,
        inline_script_ran: true,
        ..NOTHING
    };
    assert_eq!(probe(&app).await, planted);
    app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_probe_sees_a_window_that_was_granted_too_much() {
    let app = App::start(&["--plant", "wide-capability"]).await;
    let planted = Probe {
        title_changed: true,
        prompt_answerable: true,
        ..NOTHING
    };
    assert_eq!(probe(&app).await, planted);
    app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_window_stays_at_home() {
    let app = App::start(&[]).await;
    let home = app.address().await;
    app.run("location.href = 'https://example.org/'", &[]).await;
    app.run("window.open('https://example.org/')", &[]).await;
    tokio::time::sleep(std::time::Duration::from_millis(500)).await;
    assert_eq!(app.address().await, home);
    assert_eq!(app.windows().await, 1);
    app.stop().await;
}

/// Does what a hostile script in the page would try. The driver's own scripts stand outside the policy, so whatever
/// the policy is to stop is done by the page: an inserted element, `eval`, `fetch`.
async fn probe(app: &App) -> Probe {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("loopback has a free port");
    listener
        .set_nonblocking(true)
        .expect("a socket can be asked without waiting");
    let url = format!(
        "http://{}/",
        listener.local_addr().expect("a listener knows its address")
    );
    let said = app
        .run_async(
            "const [url, done] = arguments;
             const found = {};
             try { found.eval = (0, eval)('1 + 1') === 2; } catch { found.eval = false; }
             const script = document.createElement('script');
             script.textContent = 'window.inlineRan = true';
             document.head.append(script);
             found.inline = window.inlineRan === true;
             try { Object.prototype.planted = true; } catch {}
             found.prototype = {}.planted === true;
             fetch('prompt://localhost/').then((page) => page.text()).then((text) => text.includes('<form'), () => false)
               .then((read) => { found.prompt = read; return fetch(url, { mode: 'no-cors' }); })
               .then(() => done(found), () => done(found));
             setTimeout(() => done(found), 2000);",
            &[json!(url)],
        )
        .await;
    let title = app
        .invoke("plugin:window|set_title", json!({ "label": "main", "value": "Mine" }))
        .await;
    let answer = app.invoke("answer", json!({})).await;
    Probe {
        eval_ran: said["eval"] == true,
        fetch_arrived: listener.accept().is_ok(),
        inline_script_ran: said["inline"] == true,
        prompt_page_read: said["prompt"] == true,
        title_changed: title.get("ok").is_some(),
        prompt_answerable: !refused_by_the_wall(&answer),
        prototype_changed: said["prototype"] == true,
    }
}

/// Whether Tauri itself refused the command. An answer of ours, such as a prompt that is over, means it let it pass.
fn refused_by_the_wall(answer: &Value) -> bool {
    answer["refused"]
        .as_str()
        .is_some_and(|why| why.contains("not allowed"))
}
