//! The system's file dialogs, opened from Rust alone: the page gets a path that a person chose, and no file.

use std::path::PathBuf;

use gtk::prelude::{FileChooserExt, NativeDialogExt};
use rootward_core::border::{Chosen, Failure, Outcome};
use tauri::{AppHandle, Manager};
use tokio::sync::oneshot;

/// Asks for a folder or file. A closed dialog is an answer too: no path.
pub async fn choose(app: &AppHandle, what: Chosen) -> Result<Outcome, Failure> {
    #[cfg(feature = "e2e")]
    if let Some(path) = app.state::<crate::Arguments>().choose.clone() {
        return chose(Some(path));
    }
    let (answer, answered) = oneshot::channel();
    let owner = app.clone();
    let opened = app.run_on_main_thread(move || open(&owner, what, answer));
    opened.map_err(|error| unusable(&error.to_string()))?;
    chose(answered.await.unwrap_or_default())
}

fn chose(path: Option<PathBuf>) -> Result<Outcome, Failure> {
    let path = path.map(|path| path.into_os_string().into_string()).transpose();
    let path = path.map_err(|name| unusable(&format!("{} is not UTF-8", name.display())))?;
    Ok(Outcome::Chose { path })
}

fn unusable(why: &str) -> Failure {
    Failure::fault("bad-usage", format!("The file dialog gave no usable path: {why}."))
}

/// Shows the dialog over the main window and returns at once; `answer` hears the rest. GTK wants its own thread for this.
fn open(app: &AppHandle, what: Chosen, answer: oneshot::Sender<Option<PathBuf>>) {
    let (title, action, accept) = match what {
        Chosen::RepositoryFolder => ("Open a repository folder", gtk::FileChooserAction::SelectFolder, "Open"),
        Chosen::NewRepositoryFolder => (
            "Choose a folder for the repository",
            gtk::FileChooserAction::SelectFolder,
            "Choose",
        ),
        Chosen::RootFile => ("Choose a root file", gtk::FileChooserAction::Open, "Choose"),
        Chosen::KeyFile => ("Choose a key file", gtk::FileChooserAction::Open, "Choose"),
        Chosen::TargetFile => (
            "Choose a file to be vouched for",
            gtk::FileChooserAction::Open,
            "Choose",
        ),
        Chosen::MapFile => ("Choose a map file", gtk::FileChooserAction::Open, "Choose"),
        Chosen::CertificateFile => ("Choose a certificate", gtk::FileChooserAction::Open, "Choose"),
        Chosen::KeyFolder => (
            "Choose a folder of keys",
            gtk::FileChooserAction::SelectFolder,
            "Choose",
        ),
        Chosen::NewNotaryKeyFile => ("Save the key for Notary", gtk::FileChooserAction::Save, "Save"),
        Chosen::CaFile => ("Choose a CA file", gtk::FileChooserAction::Open, "Choose"),
        Chosen::BackupFile => ("Choose a backup", gtk::FileChooserAction::Open, "Choose"),
        Chosen::NewBackupFile => ("Save the backup", gtk::FileChooserAction::Save, "Save"),
        Chosen::LabelFile => ("Save the label", gtk::FileChooserAction::Save, "Save"),
        Chosen::TranscriptFile => ("Save the transcript", gtk::FileChooserAction::Save, "Save"),
        Chosen::RequestFile => ("Choose a signing request", gtk::FileChooserAction::Open, "Choose"),
        Chosen::NewRequestFile => ("Save the signing request", gtk::FileChooserAction::Save, "Save"),
        Chosen::ResponseFile => ("Choose a response", gtk::FileChooserAction::Open, "Choose"),
        Chosen::NewResponseFile => ("Save the response", gtk::FileChooserAction::Save, "Save"),
        Chosen::KitFolder => (
            "Choose the folder of a kit",
            gtk::FileChooserAction::SelectFolder,
            "Choose",
        ),
    };
    let new_name = match what {
        Chosen::TranscriptFile => Some("transcript.html"),
        Chosen::LabelFile => Some("token-label.html"),
        Chosen::NewNotaryKeyFile => Some("notary.key"),
        Chosen::NewRequestFile => Some("rootward.request"),
        Chosen::NewResponseFile => Some("rootward.response"),
        _ => None,
    };
    let owner = app
        .get_webview_window(crate::windows::MAIN)
        .and_then(|main| main.gtk_window().ok());
    let dialog = gtk::FileChooserNative::new(Some(title), owner.as_ref(), action, Some(accept), Some("Cancel"));
    dialog.set_modal(true);
    dialog.set_local_only(true);
    dialog.set_current_folder(gtk::glib::home_dir());
    if let Some(name) = new_name {
        dialog.set_do_overwrite_confirmation(true);
        dialog.set_current_name(name);
    }
    let answer = std::cell::Cell::new(Some(answer));
    // The handler owns the dialog, which would otherwise be gone before anybody saw it; answering drops both.
    let kept = std::cell::RefCell::new(Some(dialog.clone()));
    dialog.connect_response(move |dialog, response| {
        let path = (response == gtk::ResponseType::Accept)
            .then(|| dialog.filename())
            .flatten();
        if let Some(answer) = answer.take() {
            // Nobody waits any more when the request was dropped.
            let _ = answer.send(path);
        }
        kept.borrow_mut().take();
    });
    dialog.show();
}
