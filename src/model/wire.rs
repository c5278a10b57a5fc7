//! What host and worker say to each other: JSON behind a length of four bytes (little endian), over the worker's stdin and stdout. Version 1.

use serde::{Deserialize, Serialize};

/// Raised with each change; both ends are the same binary, so it only catches a stale copy.
pub(super) const VERSION: u32 = 1;

/// A stretch of a prompt. Markup may become the model's control tokens, what a person wrote never does.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Piece {
    pub text: String,
    pub special: bool,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(tag = "say", rename_all = "snake_case")]
pub(super) enum ToWorker {
    Load(Load),
    Generate(Box<Generate>),
    /// Ends the answer with this number, at once.
    Cancel {
        id: u64,
    },
    Ping {
        n: u64,
    },
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Load {
    pub(super) path: String,
    /// Tokens of context; the model's own maximum is an upper bound.
    pub(super) context: u32,
    pub(super) threads: u32,
    /// Map the file instead of reading it: saves memory, but a stick that is pulled out kills the worker.
    pub(super) mmap: bool,
    /// Names the model in the names of state files; no state is kept on disk without it.
    pub(super) sha256: Option<String>,
    /// Folder of the state files.
    pub(super) states: Option<String>,
}

/// One question to the model.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Generate {
    pub id: u64,
    /// The part of the prompt that is the same each time; its state is kept.
    pub fixed: Vec<Piece>,
    pub rest: Vec<Piece>,
    /// The vocabulary's own first token is wanted in front.
    pub add_bos: bool,
    /// Lark grammar (llguidance's dialect) that the answer has to follow.
    pub grammar: Option<String>,
    /// The first is greedy, the others are sampled.
    pub candidates: u32,
    pub temperature: f32,
    pub seed: u64,
    pub max_tokens: u32,
    pub stops: Vec<String>,
    /// A text that the answer will largely repeat, such as the program that is changed.
    pub copy_from: Option<String>,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(tag = "say", rename_all = "snake_case")]
pub(super) enum FromWorker {
    Hello {
        version: u32,
        devices: Vec<super::Device>,
    },
    Loaded(Facts),
    Progress {
        what: String,
        done: u64,
        total: u64,
    },
    Delta {
        id: u64,
        text: String,
    },
    Done {
        id: u64,
        answer: Answer,
    },
    /// The worker is well, but this could not be done.
    Refused {
        id: u64,
        problem: Problem,
    },
    Pong {
        n: u64,
    },
}

/// What llama.cpp says of a model that it has loaded.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Facts {
    pub parameters: u64,
    pub bytes: u64,
    pub vocabulary: u32,
    /// Tokens of the context as it was made.
    pub context: u32,
    pub threads: u32,
    pub load_ms: u64,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Problem {
    #[error("llama.cpp cannot load the model: {reason}")]
    Load { reason: String },
    #[error("The question has {tokens} tokens, and the model's context holds {context}")]
    TooLong { tokens: u64, context: u64 },
    #[error("The grammar cannot be used: {reason}")]
    Grammar { reason: String },
    #[error("llama.cpp failed: {reason}")]
    Decode { reason: String },
    #[error("Cancelled")]
    Cancelled,
}

/// What came of a question.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Answer {
    pub candidates: Vec<Candidate>,
    pub timings: Timings,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Candidate {
    pub text: String,
    pub tokens: u64,
    pub end: End,
}

/// Why a candidate ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum End {
    /// The model ended it, or the grammar is complete.
    Finished,
    /// One of the stop texts came; it is not part of the text.
    Stopped,
    /// The bound on tokens, or the end of the context.
    Length,
    Cancelled,
}

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Timings {
    pub prompt_tokens: u64,
    /// Of those, how many were there already.
    pub cached_tokens: u64,
    pub cached_from: CachedFrom,
    pub prompt_ms: f64,
    /// Tokens of all candidates.
    pub tokens: u64,
    pub decode_ms: f64,
    /// Tokens proposed by looking up the text that is copied, and how many of them the model agreed with.
    pub drafted_tokens: u64,
    pub accepted_tokens: u64,
    /// The prompt and the first token.
    pub first_token_ms: f64,
}

/// Where the tokens that were there already came from.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CachedFrom {
    #[default]
    Nowhere,
    Context,
    Memory,
    Disk,
}
