//! The handle that tests hold: a card together with its controls. Clones are the same card.

use crate::CardSpec;
use crate::apdu::ended;
use crate::card::Card;
use crate::controls::{Controls, Fault, Header, Touch, When};
use sha2::{Digest, Sha256};
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;

/// A virtual YubiKey. All its controls act at once, also while the card waits for a touch.
#[derive(Clone)]
pub struct VirtualYubiKey(Arc<Inner>);

struct Inner {
    spec: CardSpec,
    card: Mutex<Card>,
    controls: Controls,
}

impl VirtualYubiKey {
    /// A card fresh from the factory: PIN `123456`, PUK `12345678`, the well-known management key, no keys.
    pub fn new(spec: CardSpec) -> Self {
        Self(Arc::new(Inner {
            card: Mutex::new(Card::new(&spec)),
            controls: Controls::default(),
            spec,
        }))
    }

    pub fn serial(&self) -> u32 {
        self.0.spec.serial
    }

    pub fn firmware(&self) -> [u8; 3] {
        self.0.spec.firmware
    }

    /// Sets what the finger does from now on. At first every touch is given at once.
    pub fn touch(&self, touch: Touch) {
        self.0.controls.set_touch(touch);
    }

    /// Every touch is given after this long.
    pub fn touch_delay(&self, after: Duration) {
        self.touch(Touch::Given { after });
    }

    /// Touches the card, if it is asking to be touched.
    pub fn press(&self) {
        self.0.controls.press();
    }

    /// Whether the card blinks.
    pub fn waits_for_touch(&self) -> bool {
        self.0.controls.waits_for_touch()
    }

    /// How many touches were asked for and given since the counters were reset.
    pub fn touches(&self) -> usize {
        self.0.controls.touches()
    }

    /// Pulls the card out, whatever it is doing. It forgets who is logged in.
    pub fn unplug(&self) {
        self.0.controls.unplug();
    }

    /// Puts it back into the same reader.
    pub fn replug(&self) {
        self.0.controls.replug();
    }

    pub fn is_plugged(&self) -> bool {
        self.0.controls.is_plugged()
    }

    /// Sets how many tries the PIN has left, as if the others had been used up. 0 blocks it.
    pub fn retries(&self, left: u8) {
        self.card().piv().pin().leave(left);
    }

    /// How many tries the PIN has left.
    pub fn retries_left(&self) -> u8 {
        self.card().piv().pin().tries_left()
    }

    /// Plants a fault at the `nth` command from now that `when` counts; 1 is the next. Several may be planted.
    pub fn fault_at(&self, nth: usize, when: When, fault: Fault) {
        self.0.controls.arm(nth, when, fault);
    }

    /// Takes all planted faults back.
    pub fn no_faults(&self) {
        self.0.controls.disarm();
    }

    /// Whether a planted fault has not come up yet.
    pub fn fault_is_pending(&self) -> bool {
        self.0.controls.is_armed()
    }

    /// Makes every command take this much longer.
    pub fn slow(&self, each: Duration) {
        self.0.controls.set_slow(each);
    }

    /// How many commands came since the counters were reset, each part of a chain and each GET RESPONSE for itself.
    pub fn apdu_count(&self) -> usize {
        self.0.controls.count(When::Any)
    }

    /// The same for one instruction.
    pub fn apdu_count_of(&self, ins: u8) -> usize {
        self.0.controls.count(When::Ins(ins))
    }

    /// The headers of the commands since the counters were reset, without their data.
    pub fn trace(&self) -> Vec<Header> {
        self.0.controls.trace()
    }

    /// Starts counting commands and touches at zero, and empties the trace.
    pub fn reset_counters(&self) {
        self.0.controls.reset_counters();
    }

    /// A digest over everything that outlives the power: keys, objects, PINs and their counters.
    pub fn state_digest(&self) -> [u8; 32] {
        Sha256::digest(self.card().piv().state()).into()
    }

    /// Answers one command as the reader would pass it on; `None` when the card is gone without an answer.
    pub fn transmit(&self, command: &[u8]) -> Option<Vec<u8>> {
        let byte = |at: usize| command.get(at).copied().unwrap_or(0);
        let header = Header {
            class: byte(0),
            ins: byte(1),
            p1: byte(2),
            p2: byte(3),
            length: command.len().saturating_sub(4),
        };
        let controls = &self.0.controls;
        let fault = controls.saw(header);
        controls.dawdle();
        let mut card = self.card();
        match fault {
            None => Some(card.answer(command, controls)),
            Some(Fault::Status(word)) => {
                card.disturbed();
                Some(ended(word))
            }
            Some(Fault::Garbage) => {
                card.disturbed();
                Some(noise())
            }
            Some(Fault::LastBit) => {
                let mut answer = card.answer(command, controls);
                // The status word comes after it.
                if let Some(last) = answer.len().checked_sub(3) {
                    answer[last] ^= 1;
                }
                Some(answer)
            }
            Some(Fault::Dropped) => {
                controls.drop_connection();
                None
            }
            Some(Fault::AnswerLost) => {
                card.answer(command, controls);
                controls.drop_connection();
                None
            }
            Some(Fault::Unplugged) => {
                controls.unplug();
                None
            }
        }
    }

    /// The reader took the power away, or gave it.
    pub fn power_cycle(&self) {
        self.card().power_cycle();
    }

    pub(crate) fn controls(&self) -> &Controls {
        &self.0.controls
    }

    fn card(&self) -> MutexGuard<'_, Card> {
        self.0.card.lock().expect("a card does not panic")
    }
}

/// An answer that is no TLV and ends in no status word.
fn noise() -> Vec<u8> {
    (0..37u8).map(|n| n.wrapping_mul(73) ^ 0xa5).collect()
}
