//! What a test does to a card from outside: a finger, a hand that unplugs, slowness, planted faults, and a count of commands.
//! The trace holds command headers only, so that no PIN can end up in it.

use std::collections::HashMap;
use std::net::{Shutdown, TcpStream};
use std::sync::{Condvar, Mutex, MutexGuard};
use std::time::{Duration, Instant};

/// How long hardware blinks for a touch before it gives up.
const PATIENCE: Duration = Duration::from_secs(15);
/// How long a card that lost its connection stays away: pcscd looks every 400 ms, and has to see it gone.
const AWAY: Duration = Duration::from_millis(1000);
/// The trace forgets its oldest headers beyond this.
const TRACED: usize = 20_000;

/// What the finger does when the card asks for a touch.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Touch {
    Given {
        after: Duration,
    },
    /// Never: the card says so after a while (hardware after 15 s).
    Denied {
        after: Duration,
    },
    /// When the test presses; missed after 15 s.
    WhenPressed,
}

/// What goes wrong with one command.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// It is not carried out; this is the answer (6982, 6F00).
    Status(u16),
    /// It is not carried out; the answer is noise.
    Garbage,
    /// It is carried out, but the last bit of the answer is another: a signature that looks like one and does not hold.
    LastBit,
    /// It is not carried out; the card loses power and is back after a second.
    Dropped,
    /// It is carried out, but the answer is lost with the power; the card is back after a second.
    AnswerLost,
    /// It is not carried out; the card is gone until it is plugged in again.
    Unplugged,
}

/// Which commands are counted for a fault.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum When {
    Any,
    Ins(u8),
}

/// One command as the trace shows it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Header {
    pub class: u8,
    pub ins: u8,
    pub p1: u8,
    pub p2: u8,
    /// How many bytes followed the header.
    pub length: usize,
}

impl When {
    fn counts(self, header: &Header) -> bool {
        match self {
            Self::Any => true,
            Self::Ins(ins) => header.ins == ins,
        }
    }
}

struct Armed {
    left: usize,
    when: When,
    fault: Fault,
}

struct State {
    touch: Touch,
    waits_for_touch: bool,
    pressed: bool,
    touches: usize,
    slow: Duration,
    armed: Vec<Armed>,
    count: usize,
    count_by_ins: HashMap<u8, usize>,
    trace: Vec<Header>,
    plugged: bool,
    away_until: Option<Instant>,
    connection: Option<TcpStream>,
    ended: bool,
}

/// The controls of one card. Setting one never waits for the card.
pub struct Controls {
    state: Mutex<State>,
    changed: Condvar,
}

impl Default for Controls {
    fn default() -> Self {
        Self {
            state: Mutex::new(State {
                touch: Touch::Given { after: Duration::ZERO },
                waits_for_touch: false,
                pressed: false,
                touches: 0,
                slow: Duration::ZERO,
                armed: Vec::new(),
                count: 0,
                count_by_ins: HashMap::new(),
                trace: Vec::new(),
                plugged: true,
                away_until: None,
                connection: None,
                ended: false,
            }),
            changed: Condvar::new(),
        }
    }
}

/// The test's side.
impl Controls {
    pub fn set_touch(&self, touch: Touch) {
        self.set(|state| state.touch = touch);
    }

    /// Touches the card. When it is not asking, nothing happens.
    pub fn press(&self) {
        self.set(|state| state.pressed = state.waits_for_touch);
    }

    pub fn waits_for_touch(&self) -> bool {
        self.state().waits_for_touch
    }

    pub fn touches(&self) -> usize {
        self.state().touches
    }

    pub fn set_slow(&self, each: Duration) {
        self.set(|state| state.slow = each);
    }

    /// Plants a fault at the `nth` command from now that `when` counts; 1 is the next.
    pub fn arm(&self, nth: usize, when: When, fault: Fault) {
        self.set(|state| state.armed.push(Armed { left: nth, when, fault }));
    }

    pub fn disarm(&self) {
        self.set(|state| state.armed.clear());
    }

    pub fn is_armed(&self) -> bool {
        !self.state().armed.is_empty()
    }

    pub fn count(&self, when: When) -> usize {
        let state = self.state();
        match when {
            When::Any => state.count,
            When::Ins(ins) => state.count_by_ins.get(&ins).copied().unwrap_or(0),
        }
    }

    pub fn trace(&self) -> Vec<Header> {
        self.state().trace.clone()
    }

    pub fn reset_counters(&self) {
        self.set(|state| {
            state.count = 0;
            state.touches = 0;
            state.count_by_ins.clear();
            state.trace.clear();
        });
    }

    pub fn unplug(&self) {
        self.set(|state| {
            state.plugged = false;
            state.hang_up();
        });
    }

    pub fn replug(&self) {
        self.set(|state| {
            state.plugged = true;
            state.away_until = None;
        });
    }

    pub fn is_plugged(&self) -> bool {
        self.state().plugged
    }
}

/// The card's side.
impl Controls {
    /// Counts a command, and gives what is to go wrong with it.
    pub fn saw(&self, header: Header) -> Option<Fault> {
        let mut state = self.state();
        state.count += 1;
        *state.count_by_ins.entry(header.ins).or_default() += 1;
        if state.trace.len() == TRACED {
            state.trace.remove(0);
        }
        state.trace.push(header);
        for armed in &mut state.armed {
            armed.left = armed.left.saturating_sub(usize::from(armed.when.counts(&header)));
        }
        let due = state.armed.iter().position(|armed| armed.left == 0)?;
        Some(state.armed.remove(due).fault)
    }

    /// Takes as long as a slow card would.
    pub fn dawdle(&self) {
        let slow = self.state().slow;
        drop(self.wait(slow, |state| !state.plugged || state.ended));
    }

    /// Blinks, and says whether a finger came.
    pub fn asks_for_touch(&self) -> bool {
        let touch = {
            let mut state = self.state();
            (state.waits_for_touch, state.pressed) = (true, false);
            state.touch
        };
        let over = |state: &State| state.pressed || !state.plugged || state.ended;
        let came = match touch {
            Touch::Given { after } => {
                let state = self.wait(after, over);
                state.plugged && !state.ended
            }
            Touch::Denied { after } => {
                drop(self.wait(after, |state| !state.plugged || state.ended));
                false
            }
            Touch::WhenPressed => self.wait(PATIENCE, over).pressed,
        };
        let mut state = self.state();
        state.waits_for_touch = false;
        state.touches += usize::from(came);
        came
    }

    /// The card loses power and is back after a moment.
    pub fn drop_connection(&self) {
        self.set(|state| {
            state.away_until = Some(Instant::now() + AWAY);
            state.hang_up();
        });
    }

    /// Waits until the card may connect. `false` when it never will again.
    pub fn until_plugged(&self) -> bool {
        let mut state = self.state();
        loop {
            if state.ended {
                return false;
            }
            let left = state
                .away_until
                .and_then(|end| end.checked_duration_since(Instant::now()));
            state = match (state.plugged, left) {
                (true, None) => return true,
                (true, Some(left)) => self.changed.wait_timeout(state, left).expect("no holder panics").0,
                (false, _) => self.changed.wait(state).expect("no holder panics"),
            };
        }
    }

    /// Keeps a handle on the connection, so that the card can be pulled out of it. `false` when it was meanwhile.
    pub fn connected(&self, connection: TcpStream) -> bool {
        let mut state = self.state();
        let stays = state.plugged && !state.ended;
        state.connection = stays.then_some(connection);
        stays
    }

    /// Ends the card's thread.
    pub fn end(&self) {
        self.set(|state| {
            state.ended = true;
            state.hang_up();
        });
    }

    pub fn has_ended(&self) -> bool {
        self.state().ended
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().expect("no holder panics")
    }

    fn set(&self, change: impl FnOnce(&mut State)) {
        change(&mut self.state());
        self.changed.notify_all();
    }

    fn wait(&self, most: Duration, over: impl Fn(&State) -> bool) -> MutexGuard<'_, State> {
        let waited = self
            .changed
            .wait_timeout_while(self.state(), most, |state| !over(state));
        waited.expect("no holder panics").0
    }
}

impl State {
    fn hang_up(&mut self) {
        if let Some(connection) = self.connection.take() {
            // It may have been closed from the other side already.
            let _ = connection.shutdown(Shutdown::Both);
        }
    }
}
