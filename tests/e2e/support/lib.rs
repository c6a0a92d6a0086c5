//! What the promises in `promises/` stand on: the real window under WebKitWebDriver, things found by role and name,
//! axe, pictures. It asserts nothing about Rootward itself.

mod app;
mod axe;
mod notary;
mod page;

pub use app::{App, rootwardctl};
pub use axe::violations;
pub use notary::trust_on_notary;
pub use page::{Key, Leave, Theme};
