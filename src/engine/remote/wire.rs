//! What an OpenAI-compatible server is sent and what it answers. Servers differ, so nearly all of an answer is optional.

use serde::de::IgnoredAny;
use serde::{Deserialize, Serialize};

use crate::domain::generation::{Role, Turn};
use crate::domain::limits::REMOTE_COMPLAINT_CHARS_MAX;

/// Servers whose additions to the interface are used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Maker {
    LlamaServer,
    Vllm,
    Other,
}

#[derive(Serialize)]
pub(super) struct Question<'a> {
    pub(super) model: &'a str,
    pub(super) messages: Vec<Message<'a>>,
    pub(super) max_tokens: u32,
    pub(super) temperature: f32,
    pub(super) seed: u32,
    #[serde(skip_serializing_if = "<[String]>::is_empty")]
    pub(super) stop: &'a [String],
    pub(super) stream: bool,
    pub(super) stream_options: StreamOptions,
    #[serde(flatten)]
    pub(super) more: Additions<'a>,
}

#[derive(Serialize)]
pub(super) struct Message<'a> {
    role: Role,
    content: &'a str,
}

#[derive(Serialize)]
pub(super) struct StreamOptions {
    pub(super) include_usage: bool,
}

/// Parts of a question that not every server takes.
#[derive(Default, Serialize)]
pub(super) struct Additions<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    grammar: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    chat_template_kwargs: Option<TemplateArguments>,
    #[serde(skip_serializing_if = "Option::is_none")]
    add_generation_prompt: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    continue_final_message: Option<bool>,
}

#[derive(Serialize)]
struct TemplateArguments {
    enable_thinking: bool,
}

/// The turns, and the beginning of the answer as the assistant's own: servers go on after it.
pub(super) fn messages<'a>(turns: &'a [Turn], prefill: Option<&'a str>) -> Vec<Message<'a>> {
    let told = turns.iter().map(|turn| Message { role: turn.role, content: &turn.content });
    told.chain(prefill.map(|content| Message { role: Role::Assistant, content })).collect()
}

impl<'a> Additions<'a> {
    pub(super) fn of(maker: Maker, grammar: Option<&'a str>, prefill: Option<&'a str>) -> Self {
        // llama-server refuses to go on after a prefill while its template lets the model think.
        let silent = Some(TemplateArguments { enable_thinking: false });
        match maker {
            Maker::LlamaServer => Self { grammar, chat_template_kwargs: silent, ..Self::default() },
            Maker::Vllm => Self {
                chat_template_kwargs: silent,
                add_generation_prompt: prefill.map(|_| false),
                continue_final_message: prefill.map(|_| true),
                ..Self::default()
            },
            Maker::Other => Self::default(),
        }
    }
}

#[derive(Deserialize)]
pub(super) struct ModelList {
    pub(super) data: Vec<Listed>,
}

#[derive(Deserialize)]
pub(super) struct Listed {
    pub(super) id: String,
    #[serde(default)]
    pub(super) owned_by: Option<String>,
}

impl ModelList {
    pub(super) fn maker(&self) -> Maker {
        let by = |name: &str| self.data.iter().any(|listed| listed.owned_by.as_deref() == Some(name));
        if by("llamacpp") {
            Maker::LlamaServer
        } else if by("vllm") {
            Maker::Vllm
        } else {
            Maker::Other
        }
    }
}

/// One event of an answer.
#[derive(Deserialize)]
pub(super) struct Chunk {
    #[serde(default)]
    pub(super) choices: Option<Vec<Choice>>,
    #[serde(default)]
    pub(super) usage: Option<Counted>,
    #[serde(default)]
    pub(super) timings: Option<Timings>,
    #[serde(flatten)]
    pub(super) complaint: Complaint,
}

#[derive(Deserialize)]
pub(super) struct Choice {
    #[serde(default)]
    pub(super) delta: Option<Delta>,
    #[serde(default)]
    pub(super) finish_reason: Option<String>,
}

#[derive(Deserialize)]
pub(super) struct Delta {
    #[serde(default)]
    pub(super) content: Option<String>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
pub(super) struct Counted {
    pub(super) prompt_tokens: u64,
    pub(super) completion_tokens: u64,
    pub(super) prompt_tokens_details: Option<TokenDetails>,
}

#[derive(Deserialize)]
pub(super) struct TokenDetails {
    #[serde(default)]
    pub(super) cached_tokens: Option<u64>,
}

/// llama-server's own clock.
#[derive(Default, Deserialize)]
#[serde(default)]
pub(super) struct Timings {
    pub(super) cache_n: Option<u64>,
    pub(super) prompt_ms: Option<f64>,
    pub(super) predicted_ms: Option<f64>,
}

/// The ways in which servers word an error.
#[derive(Default, Deserialize)]
#[serde(default)]
pub(super) struct Complaint {
    error: Option<Worded>,
    message: Option<Worded>,
    detail: Option<Worded>,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Worded {
    Text(String),
    Object { message: String },
    Other(IgnoredAny),
}

impl Complaint {
    /// What the server says, if this is an error.
    pub(super) fn text(self) -> Option<String> {
        let worded = self.error.or(self.message).or(self.detail)?;
        Some(match worded {
            Worded::Text(text) | Worded::Object { message: text } => clipped(&text),
            Worded::Other(_) => "an error without a text".to_owned(),
        })
    }

    /// The message in the body of a refusal, be it JSON or text.
    pub(super) fn of_body(body: &[u8]) -> String {
        let worded = serde_json::from_slice::<Complaint>(body).ok().and_then(Complaint::text);
        worded.unwrap_or_else(|| clipped(&String::from_utf8_lossy(body)))
    }
}

/// A stranger's text, fit to be shown on one line.
pub(super) fn clipped(text: &str) -> String {
    let words = text.split(|c: char| c.is_whitespace() || c.is_control()).filter(|word| !word.is_empty());
    let line = words.collect::<Vec<_>>().join(" ");
    match line.char_indices().nth(REMOTE_COMPLAINT_CHARS_MAX) {
        Some((end, _)) => format!("{}…", &line[..end]),
        None => line,
    }
}
