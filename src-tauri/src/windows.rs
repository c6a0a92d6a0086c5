//! The two windows. Neither may go elsewhere, open another, or fetch a file.

use tauri::{
    AppHandle, Manager, Url, WebviewUrl, WebviewWindow, WebviewWindowBuilder, Wry, webview::NewWindowResponse,
};

/// The console.
pub const MAIN: &str = "main";
/// The one door of a secret.
pub const PROMPT: &str = "prompt";
/// The scheme that only the prompt window is served.
pub const PROMPT_SCHEME: &str = "prompt";

const PROMPT_PAGE: &str = "prompt://localhost/";

/// Opens the console.
pub fn open_main(app: &AppHandle) -> tauri::Result<WebviewWindow> {
    let mut windows = app.config().app.windows.iter();
    let config = windows
        .find(|window| window.label == MAIN)
        .ok_or(tauri::Error::WindowNotFound)?;
    let home = |url: &Url| url.scheme() == "tauri" || (cfg!(dev) && url.domain() == Some("localhost"));
    walled(WebviewWindowBuilder::from_config(app, config)?, home).build()
}

/// Opens the prompt over the console, in front of everything.
///
/// Both windows share one WebKit context. A private one would be a context of its own each time, and Tauri registers
/// schemes once for all contexts of a profile, so that a second private window could load nothing.
pub fn open_prompt(app: &AppHandle, title: &str) -> tauri::Result<WebviewWindow> {
    let page = WebviewUrl::CustomProtocol(PROMPT_PAGE.parse().expect("the page's address is one"));
    let mut builder = WebviewWindowBuilder::new(app, PROMPT, page)
        .title(title)
        .inner_size(520.0, 460.0)
        .min_inner_size(400.0, 360.0)
        .center()
        .always_on_top(true)
        .focused(true)
        .disable_drag_drop_handler();
    if let Some(main) = app.get_webview_window(MAIN) {
        builder = builder.parent(&main)?;
    }
    let window = walled(builder, |url| url.as_str() == PROMPT_PAGE).build()?;
    hold_the_rest(&window);
    Ok(window)
}

/// Lets no click reach the console while it is being asked for a secret.
fn hold_the_rest(prompt: &WebviewWindow) {
    #[cfg(target_os = "linux")]
    {
        use gtk::prelude::GtkWindowExt;
        let asked = prompt.clone();
        let held = prompt.run_on_main_thread(move || {
            if let Ok(window) = asked.gtk_window() {
                window.set_modal(true);
            }
        });
        if let Err(error) = held {
            tracing::warn!(%error, "the prompt window is not modal");
        }
    }
}

/// Keeps a window at home.
fn walled<'a>(
    builder: WebviewWindowBuilder<'a, Wry, AppHandle>,
    home: impl Fn(&Url) -> bool + Send + 'static,
) -> WebviewWindowBuilder<'a, Wry, AppHandle> {
    #[cfg(feature = "e2e")]
    let builder = builder.initialization_script(crate::planted::COLLECT_BREACHES);
    builder
        .on_navigation(home)
        .on_new_window(|_, _| NewWindowResponse::Deny)
        .on_download(|_, _| false)
}
