//! The shell: windows and bridge around the desk. It decides nothing; what it refuses, it refuses by its walls.

mod arguments;
mod bridge;
mod files;
mod page;
#[cfg(feature = "e2e")]
mod planted;
pub mod process;
mod prompt;
mod random;
mod windows;

use std::{process::ExitCode, sync::Arc};

pub use arguments::Arguments;
pub use rootward_core::adapters::keep_module;
use rootward_core::{
    Rootward,
    adapters::{DeskConfig, data_folder, desk_ports, folders_of_keys, logging},
    border::Failure,
};
use tauri::{Manager, WindowEvent};

use crate::{
    bridge::{Desk, Opened},
    prompt::Door,
};

/// Who holds the data folder, for whoever finds it locked, and who acts in its ceremonies.
const HOLDER: &str = "the window";

/// Opens the console and returns when its window is closed: 0, or 2 when the desk could not be opened.
pub fn run(arguments: Arguments) -> ExitCode {
    let door = Arc::new(Door::default());
    let desk = Desk::opening(open(arguments.clone(), door.clone()));
    let context = tauri::generate_context!();
    #[cfg(feature = "e2e")]
    let context = planted::in_context(&arguments.plant, context);

    let built = tauri::Builder::default()
        .manage(arguments)
        .manage(desk.clone())
        .manage(door.clone())
        .invoke_handler(tauri::generate_handler![bridge::query, bridge::act, prompt::answer])
        .register_uri_scheme_protocol(windows::PROMPT_SCHEME, prompt::serve)
        .on_window_event(|window, event| {
            if window.label() == windows::PROMPT && matches!(event, WindowEvent::Destroyed) {
                window.state::<Arc<Door>>().window_gone();
            }
        })
        .setup(move |app| {
            #[cfg(feature = "e2e")]
            planted::in_app(&app.state::<Arguments>().plant, app.handle())?;
            door.hang(app.handle().clone());
            windows::open_main(app.handle())?;
            let desk = app.state::<Desk>().inner().clone();
            tauri::async_runtime::spawn(bridge::forward_notices(app.handle().clone(), desk));
            Ok(())
        })
        .build(context);
    let app = match built {
        Ok(app) => app,
        Err(error) => {
            eprintln!("rootward: the window cannot be opened: {error}");
            return ExitCode::from(2);
        }
    };
    app.run_return(|_, _| {});
    if desk.failure().is_some() {
        ExitCode::from(2)
    } else {
        ExitCode::SUCCESS
    }
}

/// Opens the desk with the practice estate on it, and says on the terminal why if it cannot: the window says it too.
async fn open(arguments: Arguments, door: Arc<Door>) -> Result<Opened, Failure> {
    let anew = arguments.practice_reset;
    let opened: Result<Opened, Failure> = async {
        let opened = plug_in(arguments, door).await?;
        if anew {
            opened.rootward.reset_practice().await?;
        } else {
            opened.rootward.ensure_practice().await?;
        }
        Ok(opened)
    }
    .await;
    opened.inspect_err(|failure| eprintln!("rootward: {failure}"))
}

/// Plugs the desk into this machine, on a thread that may block.
async fn plug_in(arguments: Arguments, door: Arc<Door>) -> Result<Opened, Failure> {
    let plugged_in = tauri::async_runtime::spawn_blocking(move || {
        let ports = desk_ports(DeskConfig {
            key_folders: folders_of_keys(),
            data: data_folder(arguments.data.clone())?,
            prompt: door,
            at: arguments.clock()?,
            holder: HOLDER.into(),
        })?;
        let log = Arc::new(logging::start(&ports.data, ports.clock.clone())?);
        let rootward = Rootward::open_as(ports, HOLDER)?;
        rootward.watch_tokens();
        Ok(Opened { rootward, log })
    });
    let plugged_in = plugged_in.await;
    plugged_in.unwrap_or_else(|panic| Err(bridge::panicked("open", &panic.to_string())))
}
