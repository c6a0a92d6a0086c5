//! Keys that the server holds: what it would sign a role with, and what it shall sign with from the next root on.

use async_trait::async_trait;
use rootward_tuf::{Key, RoleName, json};

use super::{NotaryRepository, answers};
use crate::{
    adapters::web::{Wish, answered},
    ports::{Failure, ServerKeys},
};

/// Longer than any key.
const LONGEST: u64 = 1 << 16;

#[async_trait]
impl ServerKeys for NotaryRepository {
    async fn current(&self, role: &RoleName) -> Result<Key, Failure> {
        self.server_key(Wish::ReadFresh, role).await
    }

    async fn rotate(&self, role: &RoleName) -> Result<Key, Failure> {
        self.server_key(Wish::Do, role).await
    }
}

impl NotaryRepository {
    async fn server_key(&self, wish: Wish<'_>, role: &RoleName) -> Result<Key, Failure> {
        if *role != RoleName::snapshot() && *role != RoleName::timestamp() {
            let message = format!("no server holds the key of {role}: expected snapshot or timestamp");
            return Err(Failure::refusal("rules-refused", message).with("role", role.as_str()));
        }
        let url = self.url(&format!("{role}.key"))?;
        let answer = self.server.ask(wish, &url, LONGEST).await?;
        if answer.status != 200 {
            return Err(answers::failure(&answer));
        }
        let unusable = |why: String| {
            answered(
                &answer,
                &format!("expected the key of {role}, got something else ({why})"),
            )
        };
        let object = json::parse(&answer.body, json::Limits::default()).map_err(|error| unusable(error.to_string()))?;
        Key::read_notary(&object).map_err(|problem| unusable(problem.to_string()))
    }
}
