//! What looks after modules unasked, on threads of its own: which tokens came or went, and which processes have no work.

use std::{
    sync::{Arc, Weak},
    thread,
    time::Duration,
};

use super::{
    Ring,
    cage::Cage,
    known,
    wire::{Answer, Place, Request, Told},
};

/// Calls `changed` whenever a look shows other tokens than before, until the ring is gone. A system that gives no thread has
/// tokens looked at when somebody asks.
pub(super) fn watch(ring: Weak<Ring>, looking: Duration, changed: Box<dyn Fn() + Send>) {
    let look = move || {
        loop {
            thread::sleep(looking);
            let Some(ring) = ring.upgrade() else { return };
            if ring.shows_others() {
                changed();
            }
        }
    };
    let _ = thread::Builder::new().name("module-watch".into()).spawn(look);
}

impl Ring {
    /// Looks whether modules show other tokens than they told of, and forgets what those told. One that nobody has asked, that
    /// failed, or that is at work is left alone.
    fn shows_others(self: &Arc<Self>) -> bool {
        let mut differs = false;
        // Not in the loop's head, where the lock would be held all along.
        let allowed = self.state().allowed.clone();
        for module in allowed {
            let told = match self.state().told.get(&module) {
                Some((_, Ok(told))) if !known::is_of_cards(&module) => told.iter().map(Told::place).collect::<Vec<_>>(),
                _ => continue,
            };
            let Ok(cage) = self.cage(&module) else { continue };
            if cage.is_busy() {
                continue;
            }
            let is_same = match cage.ask(&Request::Present, &[], &[], self.patience.listing, None) {
                Ok((Answer::Present(present), _)) => is_same(told, present),
                // Whoever asks next is told what is wrong with it.
                _ => false,
            };
            if !is_same {
                self.forget(&module);
                differs = true;
            }
        }
        differs
    }
}

/// Whether two lists name the same tokens, in whatever order.
fn is_same(mut one: Vec<Place>, mut other: Vec<Place>) -> bool {
    let order = |place: &Place| (place.label.clone(), place.serial.clone());
    one.sort_by_key(order);
    other.sort_by_key(order);
    one == other
}

/// Ends processes without work, on a thread of its own, until the ring is gone; `false` when the system gives no thread.
pub(super) fn tidy(ring: Weak<Ring>) -> bool {
    let end_idle = move || {
        while let Some(ring) = ring.upgrade() {
            let cages: Vec<Arc<Cage>> = ring.state().cages.values().cloned().collect();
            drop(ring);
            cages.iter().for_each(|cage| cage.end_if_idle());
            drop(cages);
            thread::sleep(Duration::from_secs(1));
        }
    };
    thread::Builder::new().name("modules".into()).spawn(end_idle).is_ok()
}
