//! Telling every window that a token waits for a touch, and for how long. The door itself says what is signed.

use std::sync::Arc;

use tokio::sync::broadcast;

use crate::{
    border::{Notice, visible},
    ports::{Clock, Failure, Prompt, PromptRequest, Secret, TouchRequest, Touching, Wanted},
    practice::drill::{Drills, TurnKind},
};

/// The door of a desk, with its windows told of every touch that is awaited.
pub struct Telling {
    door: Arc<dyn Prompt>,
    notices: broadcast::Sender<Notice>,
    /// Where it is noted that a secret was a wrong one, while a drill is under way.
    drills: Option<(Drills, Arc<dyn Clock>)>,
}

impl Telling {
    /// Everything asked of `door` is asked of it as before.
    pub fn of(door: Arc<dyn Prompt>, notices: broadcast::Sender<Notice>) -> Self {
        Telling {
            door,
            notices,
            drills: None,
        }
    }

    /// The same, where wrong secrets count as wrong turns of the drill that is under way.
    pub fn noting(self, drills: Drills, clock: Arc<dyn Clock>) -> Self {
        Telling {
            drills: Some((drills, clock)),
            ..self
        }
    }
}

impl Prompt for Telling {
    fn ask(&self, request: &PromptRequest) -> Result<Secret, Failure> {
        let is_again = request.notice.is_some() && matches!(request.wants, Wanted::Passphrase | Wanted::Pin { .. });
        if let Some((drills, clock)) = self.drills.as_ref().filter(|_| is_again) {
            drills.turned(TurnKind::WrongSecret, &request.key, clock.now());
        }
        self.door.ask(request)
    }

    fn agree(&self, request: &PromptRequest, proposed: &Secret) -> Result<Secret, Failure> {
        self.door.agree(request, proposed)
    }

    fn touch(&self, request: &TouchRequest) -> Result<Box<dyn Touching>, Failure> {
        let shown = self.door.touch(request)?;
        // Nobody listening is fine: the terminal has no window.
        let _ = self.notices.send(Notice::TouchAwaited {
            device: visible(&request.device),
            signs: visible(&request.signs),
            seconds: request.seconds,
            types_pin: request.types_pin,
        });
        Ok(Box::new(Awaited {
            _shown: shown,
            notices: self.notices.clone(),
        }))
    }
}

struct Awaited {
    _shown: Box<dyn Touching>,
    notices: broadcast::Sender<Notice>,
}

impl Touching for Awaited {}

impl Drop for Awaited {
    fn drop(&mut self) {
        let _ = self.notices.send(Notice::TouchOver);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Silent;

    impl Prompt for Silent {
        fn ask(&self, _: &PromptRequest) -> Result<Secret, Failure> {
            Err(Failure::interruption("prompt-closed", "nobody is there"))
        }

        fn touch(&self, request: &TouchRequest) -> Result<Box<dyn Touching>, Failure> {
            if request.device.is_empty() {
                return Err(Failure::interruption("prompt-closed", "nobody could be told"));
            }
            Ok(Box::new(()))
        }
    }

    #[test]
    fn windows_hear_of_a_touch_while_it_is_awaited_and_of_its_end() {
        let (notices, mut heard) = broadcast::channel(8);
        let door = Telling::of(Arc::new(Silent), notices);
        let request = TouchRequest {
            device: "YubiKey 19 402 271, slot 9c".into(),
            signs: "root v2".into(),
            seconds: 15,
            ..TouchRequest::default()
        };
        let awaited = door.touch(&request).expect("a person was told");
        assert!(matches!(heard.try_recv(), Ok(Notice::TouchAwaited { seconds: 15, .. })));
        assert!(heard.try_recv().is_err(), "it is still awaited");
        drop(awaited);
        assert_eq!(heard.try_recv(), Ok(Notice::TouchOver));
    }

    #[test]
    fn no_window_hears_of_a_touch_that_nobody_was_told_of() {
        let (notices, mut heard) = broadcast::channel(8);
        let door = Telling::of(Arc::new(Silent), notices);
        assert!(door.touch(&TouchRequest::default()).is_err());
        assert!(heard.try_recv().is_err());
    }
}
