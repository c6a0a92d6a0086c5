//! Promises about the real window, kept under WebKitWebDriver. Pictures of what was seen go to `$E2E_SHOTS`.

mod door;
mod walls;
