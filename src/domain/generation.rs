//! What a language model is asked and what its answer cost. The same words for the local and the remote engine.

use serde::{Deserialize, Serialize};

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Role {
    System,
    User,
    Assistant,
}

/// One message of a chat.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Turn {
    pub role: Role,
    pub content: String,
}

impl Turn {
    pub fn system(content: impl Into<String>) -> Self {
        Self { role: Role::System, content: content.into() }
    }

    pub fn user(content: impl Into<String>) -> Self {
        Self { role: Role::User, content: content.into() }
    }

    pub fn assistant(content: impl Into<String>) -> Self {
        Self { role: Role::Assistant, content: content.into() }
    }
}

/// What the drafts of one job cost, over all rounds and candidates.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Usage {
    /// File name of the model, or the name under which a server offers it.
    pub model: String,
    /// Tokens of the prompts, and how many of them were in the cache already.
    pub prompt_tokens: u64,
    pub cached_tokens: u64,
    /// Tokens that were written, and how many of them were copied from a draft (prompt lookup) instead of decoded one by one.
    pub tokens: u64,
    pub copied_tokens: u64,
    /// Reading the prompt, and writing.
    pub prompt_seconds: f64,
    pub seconds: f64,
    /// How often it was asked, and how many candidates it wrote in all.
    pub rounds: u32,
    pub candidates: u32,
}

impl Usage {
    /// Adds one more round.
    pub fn add(&mut self, other: &Usage) {
        self.model.clone_from(&other.model);
        self.prompt_tokens += other.prompt_tokens;
        self.cached_tokens += other.cached_tokens;
        self.tokens += other.tokens;
        self.copied_tokens += other.copied_tokens;
        self.prompt_seconds += other.prompt_seconds;
        self.seconds += other.seconds;
        self.rounds += other.rounds;
        self.candidates += other.candidates;
    }
}
