//! Identifiers: newtypes over time-ordered UUIDs, so that no two kinds are ever confused.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// Names one job for ever. Ordered by creation time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct JobId(Uuid);

impl JobId {
    pub fn new() -> Self {
        Self(Uuid::now_v7())
    }
}

impl Default for JobId {
    fn default() -> Self {
        Self::new()
    }
}

impl fmt::Display for JobId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.hyphenated().fmt(f)
    }
}

/// The text is not a UUID.
#[derive(Debug, thiserror::Error)]
#[error("`{0}` is not a job id")]
pub struct BadId(String);

impl FromStr for JobId {
    type Err = BadId;

    fn from_str(text: &str) -> Result<Self, BadId> {
        Uuid::try_parse(text).map(Self).map_err(|_| BadId(text.chars().take(64).collect()))
    }
}

/// Names one conversation: the versions of one part. It is named after the job that started it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct ConversationId(Uuid);

impl ConversationId {
    pub fn started_by(job: JobId) -> Self {
        Self(job.0)
    }

    /// Records of an earlier version name no conversation.
    pub fn is_none(self) -> bool {
        self.0.is_nil()
    }
}

impl fmt::Display for ConversationId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.hyphenated().fmt(f)
    }
}

/// The text is not a UUID.
#[derive(Debug, thiserror::Error)]
#[error("`{0}` is not a conversation id")]
pub struct BadConversationId(String);

impl FromStr for ConversationId {
    type Err = BadConversationId;

    fn from_str(text: &str) -> Result<Self, BadConversationId> {
        Uuid::try_parse(text).map(Self).map_err(|_| BadConversationId(text.chars().take(64).collect()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_print_and_parse_and_sort_by_time() {
        let (first, second) = (JobId::new(), JobId::new());
        assert_eq!(first.to_string().parse::<JobId>().unwrap(), first);
        assert!(first < second);
        assert!("../../etc/passwd".parse::<JobId>().is_err());
    }
}
