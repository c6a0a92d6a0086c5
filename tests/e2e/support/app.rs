//! The real window, started by WebKitWebDriver on a data folder that is thrown away.
//!
//! `ROOTWARD_BIN` names the program, built with the features `custom-protocol` and `e2e`; a display must be there.

use std::{
    fs::File,
    net::TcpListener,
    path::{Path, PathBuf},
    process::Stdio,
    sync::Arc,
    time::Duration,
};

use fantoccini::{Client, ClientBuilder, wd::WindowHandle};
use hyper_util::client::legacy::connect::HttpConnector;
use rootward_tests::traces::started_with;
use rustix::process::{Pid, Signal, kill_process_group};
use serde_json::json;
use tempfile::TempDir;
use tokio::{
    process::{Child, Command},
    time::{Instant, sleep},
};

/// How long anything on a screen may take.
pub(crate) const PATIENCE: Duration = Duration::from_secs(30);

/// A running window and the driver that drives it.
pub struct App {
    pub(crate) client: Client,
    main: WindowHandle,
    driver: Child,
    data: Arc<TempDir>,
    _display: Option<File>,
}

impl App {
    /// Starts the window on a fresh data folder, with more arguments if given.
    pub async fn start(arguments: &[&str]) -> Self {
        Self::start_among(arguments, &[]).await
    }

    /// The same with variables in the window's environment, such as those that lead to the cards of a rig.
    pub async fn start_among(arguments: &[&str], environment: &[(&str, PathBuf)]) -> Self {
        let data = tempfile::tempdir().expect("a temporary folder can be made");
        Self::start_on(data, arguments, environment).await
    }

    /// The same on a folder in which somebody has a desk already, as `desk`.
    pub async fn start_on(data: TempDir, arguments: &[&str], environment: &[(&str, PathBuf)]) -> Self {
        Self::open(Arc::new(data), Some(alone()), arguments, environment).await
    }

    /// Starts a second window on the data folder of this one.
    pub async fn start_beside(&self) -> Self {
        Self::open(self.data.clone(), None, &[], &[]).await
    }

    /// Starts a window on a fresh folder of its own while this one stays open: another officer's machine.
    pub async fn start_elsewhere(&self, arguments: &[&str]) -> Self {
        let data = tempfile::tempdir().expect("a temporary folder can be made");
        Self::open(Arc::new(data), None, arguments, &[]).await
    }

    async fn open(
        data: Arc<TempDir>,
        display: Option<File>,
        arguments: &[&str],
        environment: &[(&str, PathBuf)],
    ) -> Self {
        let port = free_port();
        let driver = Command::new("WebKitWebDriver")
            .arg(format!("--port={port}"))
            // The variable by which Tauri hands its windows to the driver; only a build with `e2e` looks at it.
            .env("TAURI_WEBVIEW_AUTOMATION", "true")
            .env("WEBKIT_DISABLE_DMABUF_RENDERER", "1")
            .env("HOME", data.path())
            // No test may ever reach a real token; a rig's cards come with a variable of their own.
            .env("PCSCLITE_CSOCK_NAME", "/nonexistent")
            .envs(environment.iter().map(|(name, value)| (name, value)))
            .stdout(Stdio::null())
            .process_group(0)
            .spawn()
            .expect("WebKitWebDriver is there (Debian: webkit2gtk-driver)");
        answers(port).await;
        let desk = data.path().join("desk");
        let mut all = vec!["--data", desk.to_str().expect("paths of tests are UTF-8")];
        all.extend(arguments);
        let options = json!({ "webkitgtk:browserOptions": { "binary": binary(), "args": all } });
        let client = ClientBuilder::new(HttpConnector::new())
            .capabilities(options.as_object().expect("it is one").clone())
            .connect(&format!("http://127.0.0.1:{port}"))
            .await
            .expect("the driver opens the window");
        let main = client.window().await.expect("the driver names its window");
        Self {
            client,
            main,
            driver,
            data,
            _display: display,
        }
    }

    /// The folder that is thrown away; the desk's own is `desk` in it.
    pub fn folder(&self) -> &Path {
        self.data.path()
    }

    /// What the driver, the window and WebKit's processes were started with.
    pub fn started_with(&self) -> Vec<Vec<u8>> {
        self.driver.id().map(started_with).unwrap_or_default()
    }

    /// Where the window that is looked at has gone.
    pub async fn address(&self) -> String {
        self.client
            .current_url()
            .await
            .expect("a page has an address")
            .to_string()
    }

    /// How many windows are open.
    pub async fn windows(&self) -> usize {
        self.handles().await.len()
    }

    /// Waits for a prompt window and looks at it from now on.
    pub async fn to_prompt(&self) {
        let until = Instant::now() + PATIENCE;
        loop {
            let prompt = |handle: &WindowHandle| *handle != self.main;
            if let Some(prompt) = self.handles().await.into_iter().find(prompt) {
                let looked = self.client.switch_to_window(prompt).await;
                looked.expect("a listed window can be looked at");
                return;
            }
            assert!(Instant::now() < until, "no prompt window opened within {PATIENCE:?}");
            sleep(Duration::from_millis(50)).await;
        }
    }

    /// Looks at the main window from now on, whatever else is open.
    pub async fn to_main(&self) {
        let looked = self.client.switch_to_window(self.main.clone()).await;
        looked.expect("the main window is there");
    }

    /// Waits until a window is gone, and looks at the main window from now on.
    pub async fn until_gone(&self, window: &WindowHandle) {
        let until = Instant::now() + PATIENCE;
        while self.handles().await.contains(window) {
            assert!(Instant::now() < until, "a window was still there after {PATIENCE:?}");
            sleep(Duration::from_millis(50)).await;
        }
        self.to_main().await;
    }

    /// The window that is looked at.
    pub async fn window(&self) -> WindowHandle {
        self.client.window().await.expect("the driver names its window")
    }

    async fn handles(&self) -> Vec<WindowHandle> {
        self.client.windows().await.expect("the driver lists the windows")
    }

    /// Ends the session, and with it the program.
    pub async fn stop(mut self) {
        let _ = self.client.clone().close().await;
        self.end_driver();
        let _ = self.driver.wait().await;
    }

    fn end_driver(&mut self) {
        // The driver leads a group of its own; the window and WebKit's processes are in it.
        if let Some(id) = self.driver.id().and_then(|id| Pid::from_raw(id as i32)) {
            let _ = kill_process_group(id, Signal::KILL);
        }
    }
}

impl Drop for App {
    fn drop(&mut self) {
        self.end_driver();
    }
}

/// rootwardctl as it was built with the window.
pub fn rootwardctl() -> PathBuf {
    binary().with_file_name("rootwardctl-under-test")
}

/// The program under test.
fn binary() -> PathBuf {
    let given = std::env::var_os("ROOTWARD_BIN").map(PathBuf::from);
    given.expect("ROOTWARD_BIN names the window, built with the features custom-protocol and e2e")
}

/// One window at a time, in all processes: two would fight over the focus of one display.
fn alone() -> File {
    let path = std::env::temp_dir().join("rootward-e2e.lock");
    let file = File::create(path).expect("a lock file can be made");
    file.lock().expect("a local lock file can be locked");
    file
}

fn free_port() -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").expect("loopback has a free port");
    listener.local_addr().expect("a listener knows its port").port()
}

async fn answers(port: u16) {
    for _ in 0..200 {
        if tokio::net::TcpStream::connect(("127.0.0.1", port)).await.is_ok() {
            return;
        }
        sleep(Duration::from_millis(50)).await;
    }
    panic!("WebKitWebDriver does not listen on {port}");
}
