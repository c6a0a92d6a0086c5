//! A person who knows every secret, in memory.

use std::path::Path;
use std::sync::Mutex;

use zeroize::Zeroizing;

use super::number_in;
use crate::ports::{Failure, Prompt, PromptRequest, Secret, TouchRequest, Touching};

/// Knows every secret, unless told to close the window; remembers what was shown.
#[derive(Default)]
pub struct ScriptedPrompt {
    pub closed: Mutex<bool>,
    pub shown: Mutex<Vec<PromptRequest>>,
    /// Happens once, while somebody is asked.
    pub meanwhile: Mutex<Option<Box<dyn FnOnce() + Send>>>,
}

impl Prompt for ScriptedPrompt {
    fn ask(&self, request: &PromptRequest) -> Result<Secret, Failure> {
        self.shown.lock().expect("a lock").push(request.clone());
        let meanwhile = self.meanwhile.lock().expect("a lock").take();
        if let Some(meanwhile) = meanwhile {
            meanwhile();
        }
        if *self.closed.lock().expect("a lock") {
            return Err(Failure::interruption("prompt-closed", "the window was closed"));
        }
        let number = number_in(Path::new(&request.key)).unwrap_or(0);
        Ok(Secret::new(Zeroizing::new(format!("secret {number}").into_bytes())))
    }

    fn touch(&self, _: &TouchRequest) -> Result<Box<dyn Touching>, Failure> {
        Ok(Box::new(()))
    }
}
