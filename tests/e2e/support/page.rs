//! Looking at the window and acting on it as a person does: by role and name, by key, by eye.

use std::{fmt::Display, path::PathBuf};

use fantoccini::{
    actions::{InputSource, KeyAction, KeyActions},
    elements::Element,
    error::CmdError,
};
use serde_json::{Value, json};
use tokio::time::{Duration, Instant, sleep};

pub use fantoccini::key::Key;

use crate::{App, app::PATIENCE};

/// Finds things by ARIA role and accessible name, near enough to what a screen reader says.
const FIND: &str = include_str!("find.js");

/// The key under which WebDriver names an element (W3C WebDriver, 12.1).
const ELEMENT: &str = "element-6066-11e4-a52e-4f735466cecf";

/// More stops than a screen has.
const MOST_TABS: usize = 120;

/// Light or dark, as the page is told by `data-theme`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Theme {
    Light,
    Dark,
}

impl Theme {
    pub const BOTH: [Theme; 2] = [Theme::Light, Theme::Dark];

    /// As `data-theme` says it.
    pub fn name(self) -> &'static str {
        match self {
            Theme::Light => "light",
            Theme::Dark => "dark",
        }
    }
}

/// How a window is left.
#[derive(Debug, Clone, Copy)]
pub enum Leave<'a> {
    Key(Key),
    Button(&'a str),
}

fn chord(held: &[Key], key: char) -> KeyActions {
    let held: Vec<char> = held.iter().map(|key| (*key).into()).collect();
    let mut actions = KeyActions::new("keyboard".into());
    for value in held.iter().copied().chain([key]) {
        actions = actions.then(KeyAction::Down { value });
    }
    for value in [key].into_iter().chain(held.iter().rev().copied()) {
        actions = actions.then(KeyAction::Up { value });
    }
    actions
}

impl App {
    /// Runs a script in the page, outside its policy.
    pub async fn run(&self, script: &str, arguments: &[Value]) -> Value {
        let ran = self.client.execute(script, arguments.to_vec()).await;
        ran.unwrap_or_else(|error| panic!("the page's script failed: {error}"))
    }

    /// Runs a script that answers later, by calling its last argument.
    pub async fn run_async(&self, script: &str, arguments: &[Value]) -> Value {
        let ran = self.client.execute_async(script, arguments.to_vec()).await;
        ran.unwrap_or_else(|error| panic!("the page's script failed: {error}"))
    }

    /// Waits for a thing that is there to be seen. A `*` in its name stands for anything.
    pub async fn find(&self, role: &str, name: &str) -> Element {
        let until = Instant::now() + PATIENCE;
        loop {
            if let Some(found) = self.look_for(role, name).await {
                return found;
            }
            if Instant::now() > until {
                let seen = self.run("return document.body.innerText", &[]).await;
                panic!(
                    "no {role} {name:?} within {PATIENCE:?} on a page that says: {}",
                    seen.as_str().unwrap_or_default()
                );
            }
            sleep(Duration::from_millis(50)).await;
        }
    }

    /// Whether such a thing is there now.
    pub async fn sees(&self, role: &str, name: &str) -> bool {
        self.look_for(role, name).await.is_some()
    }

    /// Waits until such a thing is gone.
    pub async fn no_longer(&self, role: &str, name: &str) {
        let until = Instant::now() + PATIENCE;
        while self.sees(role, name).await {
            assert!(
                Instant::now() < until,
                "{role} {name:?} was still there after {PATIENCE:?}"
            );
            sleep(Duration::from_millis(50)).await;
        }
    }

    async fn look_for(&self, role: &str, name: &str) -> Option<Element> {
        // A page that is just being replaced has nothing to be found yet.
        let found = self.client.execute(FIND, vec![json!(role), json!(name)]).await.ok()?;
        let id = found.get(ELEMENT)?.as_str()?.to_owned();
        Some(Element::from_element_id(self.client.clone(), id.into()))
    }

    /// Presses a button, tab, link or the like, as soon as it can be pressed.
    pub async fn press(&self, role: &str, name: &str) {
        let until = Instant::now() + PATIENCE;
        loop {
            let thing = self.find(role, name).await;
            self.scroll_to(&thing).await;
            // It may be drawn anew in between.
            let pressed = match thing.is_enabled().await {
                Ok(true) => thing.click().await.map_err(|error| error.to_string()),
                Ok(false) => Err("it is disabled".into()),
                Err(error) => Err(error.to_string()),
            };
            let Err(why) = pressed else { return };
            assert!(Instant::now() < until, "{role} {name:?} cannot be pressed: {why}");
            sleep(Duration::from_millis(50)).await;
        }
    }

    /// Types text into a field, in place of what it held, as soon as it takes any.
    pub async fn fill(&self, role: &str, name: &str, text: &str) {
        let until = Instant::now() + PATIENCE;
        loop {
            let field = self.find(role, name).await;
            self.scroll_to(&field).await;
            // The page may move under it while something is computed.
            let filled = match field.clear().await {
                Ok(()) => field.send_keys(text).await,
                Err(why) => Err(why),
            };
            let Err(why) = filled else { return };
            assert!(Instant::now() < until, "{role} {name:?} takes no text: {why}");
            sleep(Duration::from_millis(50)).await;
        }
    }

    /// A person scrolls to what is half hidden.
    async fn scroll_to(&self, thing: &Element) {
        const SCROLL: &str = "arguments[0].scrollIntoView({ block: 'nearest' })";
        // It may be drawn anew in between.
        let _ = self
            .client
            .execute(SCROLL, vec![json!({ ELEMENT: &*thing.element_id() })])
            .await;
    }

    /// Presses a key or button that makes the window go away, and waits until it is gone.
    pub async fn leave_by(&self, way: Leave<'_>) {
        let this = self.window().await;
        // The window may be gone before the driver has said that it was pressed.
        let _ = match way {
            Leave::Key(key) => self.type_into_focus(key).await,
            Leave::Button(name) => self.find("button", name).await.click().await,
        };
        self.until_gone(&this).await;
    }

    async fn type_into_focus(&self, key: Key) -> Result<(), CmdError> {
        let focused = self.client.active_element().await?;
        focused.send_keys(&char::from(key).to_string()).await
    }

    /// Presses one key, wherever the focus is.
    pub async fn key(&self, key: impl Into<char>) {
        self.chord(&[], key).await;
    }

    /// Presses one key while others are held.
    pub async fn chord(&self, held: &[Key], key: impl Into<char>) {
        let pressed = self.client.perform_actions(chord(held, key.into())).await;
        pressed.unwrap_or_else(|error| panic!("a key cannot be pressed: {error}"));
    }

    /// Role and name of what has the focus, such as `treeitem Practice estate`.
    pub async fn focus(&self) -> String {
        let script = format!("const tell = true; {FIND}");
        self.run(&script, &[]).await.as_str().unwrap_or_default().to_owned()
    }

    /// Waits until something has the focus whose role and name begin so, and says what.
    pub async fn focus_on(&self, beginning: &str) -> String {
        let until = Instant::now() + PATIENCE;
        loop {
            let now = self.focus().await;
            if now.starts_with(beginning) {
                return now;
            }
            assert!(
                Instant::now() < until,
                "the focus is not on {beginning:?} but on {now:?}"
            );
            sleep(Duration::from_millis(50)).await;
        }
    }

    /// Waits until the focus is somewhere else than `before`, and says where.
    pub async fn focus_moves_from(&self, before: &str) -> String {
        let until = Instant::now() + PATIENCE;
        loop {
            let now = self.focus().await;
            if now != before {
                return now;
            }
            assert!(Instant::now() < until, "the focus stayed at {before:?}");
            sleep(Duration::from_millis(50)).await;
        }
    }

    /// Presses Tab until the focus is on what begins so: a role and a name.
    pub async fn tab_to(&self, beginning: &str) {
        for _ in 0..MOST_TABS {
            let before = self.focus().await;
            if before.starts_with(beginning) {
                return;
            }
            self.key(Key::Tab).await;
            self.focus_moves_from(&before).await;
        }
        panic!("Tab does not lead to {beginning:?}");
    }

    /// Types into whatever has the focus.
    pub async fn types(&self, text: &str) {
        let focused = self.client.active_element().await;
        let typed = focused.expect("something has the focus").send_keys(text).await;
        typed.unwrap_or_else(|error| panic!("what has the focus takes no text: {error}"));
    }

    /// Everything that can be read now.
    pub async fn text(&self) -> String {
        let text = self.run("return document.body.innerText", &[]).await;
        text.as_str().unwrap_or_default().to_owned()
    }

    /// Waits until the page says so.
    pub async fn says(&self, text: &str) {
        let until = Instant::now() + PATIENCE;
        loop {
            let said = self.text().await;
            if said.contains(text) {
                return;
            }
            assert!(Instant::now() < until, "the page did not say {text:?} but: {said}");
            sleep(Duration::from_millis(50)).await;
        }
    }

    /// Shows the page light or dark.
    pub async fn show(&self, theme: Theme) {
        self.run(
            "document.documentElement.dataset.theme = arguments[0]",
            &[json!(theme.name())],
        )
        .await;
        // Colours may fade into each other; axe and pictures want them still.
        sleep(Duration::from_millis(300)).await;
    }

    /// What the page's policy stopped since it was loaded.
    pub async fn breaches(&self) -> Vec<Value> {
        let breaches = self.run("return window.breachesOfPolicy ?? null", &[]).await;
        breaches
            .as_array()
            .cloned()
            .expect("a build with `e2e` collects breaches")
    }

    /// Sends one message over the bridge, as any script in the page could; the answer is `{ok}` or `{refused}`.
    pub async fn invoke(&self, command: &str, arguments: Value) -> Value {
        const INVOKE: &str = "const [command, sent, done] = arguments;
            window.__TAURI_INTERNALS__.invoke(command, sent).then((ok) => done({ ok }), (refused) => done({ refused }));";
        self.run_async(INVOKE, &[json!(command), arguments]).await
    }

    /// Asks the desk as the page does.
    pub async fn asked(&self, query: Value) -> Value {
        let answer = self.invoke("query", json!({ "query": query })).await;
        answer
            .get("ok")
            .cloned()
            .unwrap_or_else(|| panic!("{query} was answered by {answer}"))
    }

    /// Has the desk do something as the page does.
    pub async fn done(&self, action: Value) -> Value {
        let answer = self.invoke("act", json!({ "action": action })).await;
        answer
            .get("ok")
            .cloned()
            .unwrap_or_else(|| panic!("{action} was answered by {answer}"))
    }

    /// A PNG of the window as it is.
    ///
    /// WebKit takes it when it paints next, and a page at rest does not paint: one pixel in the corner keeps it at it.
    pub async fn picture(&self) -> Vec<u8> {
        const STIR: &str = "const pixel = document.body.appendChild(document.createElement('i'));
            Object.assign(pixel.style, { position: 'fixed', right: 0, bottom: 0, width: '1px', height: '1px', zIndex: 9 });
            let on = false;
            const stirring = setInterval(() => { on = !on; pixel.style.background = on ? '#8888' : '#7777'; }, 20);
            window.rest = () => { clearInterval(stirring); pixel.remove(); };";
        self.run(STIR, &[]).await;
        let picture = self.client.screenshot().await;
        self.run("window.rest()", &[]).await;
        picture.expect("the driver takes pictures")
    }

    /// Keeps a picture in `$E2E_SHOTS`, when that is set, for people to look at.
    pub async fn keep_picture(&self, name: impl Display) {
        if let Some(folder) = std::env::var_os("E2E_SHOTS").map(PathBuf::from) {
            std::fs::create_dir_all(&folder).expect("E2E_SHOTS can be a folder");
            let path = folder.join(format!("{name}.png"));
            std::fs::write(&path, self.picture().await).expect("a picture can be written");
        }
    }
}
