//! The journal of a ceremony: its facts in a chain. Who writes them to disk is in `archive`.

use super::event::Fact;
use crate::chain;

pub type Journal = chain::Chain<Fact>;
pub type Ending = chain::Ending<Fact>;
