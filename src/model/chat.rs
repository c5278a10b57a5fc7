//! Turns of a chat to the pieces of text that a model is given: by the template in its file, by the plain form, or by
//! the form of our own plan model (`models/README.md`).
//!
//! What people and programs wrote never passes through a template: the template sees a mark in its place. So each
//! content is a piece of its own that is tokenised without special tokens, and a user who types `<|im_end|>` ends
//! nothing.

mod python;
mod template;

#[cfg(test)]
mod tests;

use serde::{Deserialize, Serialize};

use super::gguf::{self, Header};
pub use super::wire::Piece;
use crate::domain::generation::{Role, Turn};
use crate::domain::limits::CHAT_PROMPT_BYTES_MAX;

/// What a model's file says about how it is asked.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Form {
    /// The Jinja template of its chats.
    pub template: Option<String>,
    /// Texts of the tokens that begin and end a text; empty where it has none.
    pub bos: String,
    pub eos: String,
    /// Version of the form of our own plan model, which is asked without a template.
    pub plan_form: Option<u32>,
}

impl Piece {
    fn content(text: impl Into<String>) -> Self {
        Self { text: text.into(), special: false }
    }

    fn markup(text: impl Into<String>) -> Self {
        Self { text: text.into(), special: true }
    }
}

impl Form {
    /// How the file with this header is asked.
    pub fn of(header: &Header) -> Self {
        let text =
            |token: &Option<gguf::Token>| token.as_ref().map(|token| token.text.clone()).unwrap_or_default();
        let plan_form = match header.form {
            gguf::Form::NaturalcadPlan { version } => Some(version),
            gguf::Form::Chat | gguf::Form::Plain => None,
        };
        Self {
            template: header.chat_template.clone(),
            bos: text(&header.bos),
            eos: text(&header.eos),
            plan_form,
        }
    }
}

/// A prompt, ready to be tokenised piece by piece.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Rendered {
    /// Up to the end of the system text: the same for all requests with that text, so its state can be kept.
    pub fixed: Vec<Piece>,
    /// The remainder, up to the assistant's opening and the beginning of its answer.
    pub rest: Vec<Piece>,
    /// An answer ends before any of these texts. Tokens that end a text by the model's own word come on top.
    pub stops: Vec<String>,
    /// The text does not begin with the token that begins texts: add it where the vocabulary asks for one.
    pub add_bos: bool,
    /// Why the plain form was taken, where it was. Worth telling: models answer worse in it.
    pub plain_because: Option<String>,
}

/// The chat cannot be put to the model.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    #[error("The chat holds nothing that a user said")]
    NoQuestion,
    #[error("The prompt for the model is longer than {CHAT_PROMPT_BYTES_MAX} bytes")]
    TooLong,
    #[error("The model wants prompts of the form `plan-{0}`, which this version does not know")]
    PlanForm(u32),
}

impl Error {
    pub fn hint(&self) -> &'static str {
        match self {
            Self::NoQuestion => "this is a mistake in NaturalCAD; please report it",
            Self::TooLong => "shorten the prompt or the program that is to be changed",
            Self::PlanForm(_) => "use the model that came with this version, or a newer NaturalCAD",
        }
    }
}

/// Renders `turns` and the assistant's opening; the model goes on after `prefill`.
///
/// Contents lose white space around them, as templates would trim it. Neighbours of one role become one message,
/// because many templates insist on alternating roles. A template that fails is answered by the plain form. The plan
/// form takes the last user's text and, if there is one, the plan in the assistant's turn before it.
pub fn render(form: &Form, turns: &[Turn], prefill: &str) -> Result<Rendered, Error> {
    if let Some(version) = form.plan_form {
        return plan_turns(version, turns, prefill).and_then(bounded);
    }
    if !turns.iter().any(|turn| turn.role == Role::User) {
        return Err(Error::NoQuestion);
    }
    let chat = Chat::of(turns);
    let why = match &form.template {
        None => "The model's file holds no chat template".to_owned(),
        Some(source) => match template::render(form, source, &chat, prefill) {
            Ok(rendered) => return bounded(rendered),
            Err(problem) => problem.to_string(),
        },
    };
    bounded(plain(&chat, prefill, why))
}

/// Asks the plan model for a new part. It answers with the plan as JSON.
pub fn render_plan(text: &str) -> Rendered {
    plan_form(vec![Piece::markup("<|prompt|>"), Piece::content(text.trim()), Piece::markup("<|plan|>")])
}

/// Asks the plan model to change the part whose steps are listed as `text` says. It answers with a patch as JSON.
pub fn render_patch(listing: &str, text: &str) -> Rendered {
    plan_form(vec![
        Piece::markup("<|plan_before|>"),
        Piece::content(listing.trim()),
        Piece::markup("<|prompt|>"),
        Piece::content(text.trim()),
        Piece::markup("<|patch|>"),
    ])
}

fn plan_form(rest: Vec<Piece>) -> Rendered {
    Rendered {
        fixed: Vec::new(),
        rest,
        stops: vec!["<|end|>".to_owned()],
        add_bos: true,
        plain_because: None,
    }
}

fn plan_turns(version: u32, turns: &[Turn], prefill: &str) -> Result<Rendered, Error> {
    if version != 1 {
        return Err(Error::PlanForm(version));
    }
    let asked = turns.iter().rposition(|turn| turn.role == Role::User).ok_or(Error::NoQuestion)?;
    let before = turns[..asked].iter().rfind(|turn| turn.role == Role::Assistant);
    let text = &turns[asked].content;
    let mut rendered = before.map_or_else(|| render_plan(text), |plan| render_patch(&plan.content, text));
    rendered.rest.push(Piece::content(prefill));
    Ok(rendered)
}

/// Leaves out empty pieces and refuses a prompt that is too long.
fn bounded(mut rendered: Rendered) -> Result<Rendered, Error> {
    rendered.fixed.retain(|piece| !piece.text.is_empty());
    rendered.rest.retain(|piece| !piece.text.is_empty());
    let bytes: usize = rendered.fixed.iter().chain(&rendered.rest).map(|piece| piece.text.len()).sum();
    if bytes > CHAT_PROMPT_BYTES_MAX { Err(Error::TooLong) } else { Ok(rendered) }
}

/// A chat whose contents are known by number, without two neighbours of one role.
struct Chat {
    texts: Vec<String>,
    messages: Vec<Message>,
}

struct Message {
    role: Role,
    /// Numbers of its texts; a blank line parts them.
    texts: Vec<usize>,
}

impl Chat {
    fn of(turns: &[Turn]) -> Self {
        let texts =
            turns.iter().map(|turn| turn.content.replace(template::MARKS, "").trim().to_owned()).collect();
        let messages = turns.iter().enumerate();
        let messages =
            messages.map(|(number, turn)| Message { role: turn.role, texts: vec![number] }).collect();
        Self { texts, messages: joined(messages) }
    }

    /// Numbers below this one are the system's text at the beginning.
    fn system_texts(&self) -> usize {
        self.messages.first().filter(|first| first.role == Role::System).map_or(0, |first| first.texts.len())
    }
}

/// The same messages, with neighbours of one role as one message.
fn joined(messages: Vec<Message>) -> Vec<Message> {
    let mut joined: Vec<Message> = Vec::new();
    for message in messages {
        match joined.last_mut() {
            Some(last) if last.role == message.role => last.texts.extend(message.texts),
            _ => joined.push(message),
        }
    }
    joined
}

/// Headings of the plain form: our own layout for a model of which nothing is known.
const HEADINGS: [&str; 3] = ["### System", "### User", "### Assistant"];

/// The plain form: each message under a heading, a blank line between them, the assistant's heading at the end.
fn plain(chat: &Chat, prefill: &str, why: String) -> Rendered {
    let system = chat.system_texts();
    let mut fixed = Vec::new();
    let mut rest = Vec::new();
    for message in &chat.messages {
        let (pieces, gap) = if message.texts[0] < system { (&mut fixed, "") } else { (&mut rest, "\n\n") };
        let gap = if message.texts[0] == 0 { "" } else { gap };
        pieces.push(Piece::markup(format!("{gap}{}\n", heading(message.role))));
        for (place, number) in message.texts.iter().enumerate() {
            if place > 0 {
                pieces.push(Piece::markup("\n\n"));
            }
            pieces.push(Piece::content(without_headings(&chat.texts[*number])));
        }
    }
    rest.push(Piece::markup(format!("\n\n{}\n", heading(Role::Assistant))));
    rest.push(Piece::content(prefill));
    let stops = HEADINGS.map(|heading| format!("\n{heading}")).to_vec();
    Rendered { fixed, rest, stops, add_bos: true, plain_because: Some(why) }
}

fn heading(role: Role) -> &'static str {
    let [system, user, assistant] = HEADINGS;
    match role {
        Role::System => system,
        Role::User => user,
        Role::Assistant => assistant,
    }
}

/// No token keeps contents apart from the plain form's headings; a space before a line that looks like one does.
fn without_headings(text: &str) -> String {
    let told = |line: &str| HEADINGS.iter().any(|heading| line.starts_with(heading));
    let lines: Vec<String> =
        text.split('\n').map(|line| if told(line) { format!(" {line}") } else { line.to_owned() }).collect();
    lines.join("\n")
}
