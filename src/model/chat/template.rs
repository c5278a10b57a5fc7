//! Renders a model's own Jinja template around marks that stand for the contents, and takes the result apart again.
//!
//! Templates come from files of strangers and were written for Python's jinja2 with the additions of the transformers
//! library. Whatever goes wrong in one is a value (`Problem`), and the caller has another form.

use std::io;
use std::ops::Range;

use minijinja::syntax::SyntaxConfig;
use minijinja::value::Value;
use minijinja::{Environment, ErrorKind, Template, context};

use super::{Chat, Form, Message, Piece, Rendered, joined, python};
use crate::domain::generation::Role;
use crate::domain::limits::{
    CHAT_COMPLAINT_CHARS_MAX, CHAT_MARKUP_BYTES_MAX, CHAT_TEMPLATE_BYTES_MAX, CHAT_TEMPLATE_DEPTH_MAX,
    CHAT_TEMPLATE_FUEL, CHAT_TEMPLATE_RANGE_MAX,
};

/// Private-use characters around the number of a content. Contents are cleared of them.
pub(super) const MARKS: [char; 2] = ['\u{E000}', '\u{E001}'];

/// Why a template cannot be used.
#[derive(Debug, thiserror::Error)]
pub(super) enum Problem {
    #[error("The model's chat template is longer than {CHAT_TEMPLATE_BYTES_MAX} bytes")]
    Long,
    #[error("The model's chat template writes more than {CHAT_MARKUP_BYTES_MAX} bytes")]
    Flood,
    #[error("The model's chat template fails: {0}")]
    Fails(String),
    #[error("The model's chat template leaves out or alters a message")]
    Alters,
}

/// The prompt that `source` makes of `chat`.
///
/// Some templates refuse or drop a system message; then its text goes in front of the first user's. Those of models
/// that also see pictures may want contents as lists.
pub(super) fn render(form: &Form, source: &str, chat: &Chat, prefill: &str) -> Result<Rendered, Problem> {
    if source.len() > CHAT_TEMPLATE_BYTES_MAX {
        return Err(Problem::Long);
    }
    let source = with_plain_blocks(source);
    let environment = environment();
    let template = environment.template_from_str(&source).map_err(|error| told(&error))?;
    let text = Asked { template: &template, form, contents: Contents::Text };
    let list = Asked { contents: Contents::List, ..text };
    // One that knows nothing of lists would write them out in Python's notation.
    let lists = ["'text'", "\"text\"", ".text"].iter().any(|word| source.contains(word));
    let folded = without_system(chat);
    let tries = [
        (text, Some(&chat.messages)),
        (text, folded.as_ref()),
        (list, Some(&chat.messages).filter(|_| lists)),
        (list, folded.as_ref().filter(|_| lists)),
    ];
    let mut tries = tries.into_iter().filter_map(|(asked, messages)| {
        messages.map(|messages| Ok((asked.slots(messages, chat.texts.len(), Ends::Opened)?, asked)))
    });
    // Where all fail, the first complaint is the one about the chat as it is.
    let first = tries.next().unwrap_or(Err(Problem::Alters));
    let (slots, asked) = first.or_else(|problem| tries.find_map(Result::ok).ok_or(problem))?;

    let add_bos = form.bos.is_empty()
        || !matches!(slots.first(), Some(Slot::Markup(text)) if text.starts_with(&form.bos));
    let cut = end_of_fixed(&slots, chat.system_texts());
    let piece = |slot: &Slot| match slot {
        Slot::Markup(text) => Piece::markup(text),
        Slot::Content(number) => Piece::content(&chat.texts[*number]),
    };
    let mut rest: Vec<Piece> = slots[cut..].iter().map(piece).collect();
    rest.push(Piece::content(prefill));
    let fixed = slots[..cut].iter().map(piece).collect();
    Ok(Rendered { fixed, rest, stops: asked.stops(), add_bos, plain_because: None })
}

/// A part of the rendered text.
#[derive(Debug, PartialEq)]
enum Slot {
    Markup(String),
    Content(usize),
}

/// How a rendering ends: with the assistant's opening, or after the last message.
#[derive(Clone, Copy, PartialEq)]
enum Ends {
    Opened,
    Closed,
}

/// How contents are handed to a template.
#[derive(Clone, Copy)]
enum Contents {
    Text,
    List,
}

#[derive(Clone, Copy)]
struct Asked<'a> {
    template: &'a Template<'a, 'a>,
    form: &'a Form,
    contents: Contents,
}

impl Asked<'_> {
    /// Renders messages and checks that each of the `count` texts is there.
    fn slots(&self, messages: &[Message], count: usize, ends: Ends) -> Result<Vec<Slot>, Problem> {
        let messages: Vec<Value> = messages.iter().map(|message| value(message, self.contents)).collect();
        let known = context! {
            messages,
            add_generation_prompt => ends == Ends::Opened,
            bos_token => &self.form.bos,
            eos_token => &self.form.eos,
            tools => (),
            documents => (),
            enable_thinking => false,
        };
        let mut written = Bounded(Vec::new());
        self.template.render_captured_to(known, &mut written).map_err(|error| told(&error))?;
        let text = String::from_utf8(written.0).map_err(|_| Problem::Alters)?;
        let slots = split(&text).ok_or(Problem::Alters)?;
        let whole = slots.iter().all(|slot| !matches!(slot, Slot::Content(number) if *number >= count))
            && (0..count).all(|number| slots.contains(&Slot::Content(number)));
        if whole { Ok(slots) } else { Err(Problem::Alters) }
    }

    /// The texts that end an answer: what the template writes after one, and the token that ends texts.
    fn stops(&self) -> Vec<String> {
        let roles = [Role::User, Role::Assistant, Role::User];
        let chat: Vec<Message> = roles
            .into_iter()
            .enumerate()
            .map(|(number, role)| Message { role, texts: vec![number] })
            .collect();
        let slots = self.slots(&chat, 3, Ends::Closed).unwrap_or_default();
        let answer = slots.iter().position(|slot| *slot == Slot::Content(1));
        let after = answer.and_then(|answer| match slots.get(answer + 1) {
            Some(Slot::Markup(text)) => first_mark(text),
            _ => None,
        });
        let mut stops: Vec<String> = after.into_iter().chain([self.form.eos.clone()]).collect();
        stops.retain(|stop| stop.chars().count() > 1);
        stops.dedup();
        stops
    }
}

/// A message as templates know it.
fn value(message: &Message, contents: Contents) -> Value {
    let [open, close] = MARKS;
    let marks: Vec<String> = message.texts.iter().map(|number| format!("{open}{number}{close}")).collect();
    let role = match message.role {
        Role::System => "system",
        Role::User => "user",
        Role::Assistant => "assistant",
    };
    let text = marks.join("\n\n");
    match contents {
        Contents::Text => context! { role, content => text },
        Contents::List => context! { role, content => [context! { type => "text", text }] },
    }
}

/// The messages with the system's text as a user's; nothing where there is none.
fn without_system(chat: &Chat) -> Option<Vec<Message>> {
    chat.messages.iter().any(|message| message.role == Role::System).then(|| {
        let messages = chat.messages.iter().map(|message| Message {
            role: if message.role == Role::System { Role::User } else { message.role },
            texts: message.texts.clone(),
        });
        joined(messages.collect())
    })
}

/// Takes the rendered text apart at the marks; nothing where one is damaged.
fn split(text: &str) -> Option<Vec<Slot>> {
    let [open, close] = MARKS;
    let mut slots = Vec::new();
    let mut rest = text;
    while let Some((markup, after)) = rest.split_once(open) {
        let (number, after) = after.split_once(close)?;
        if !markup.is_empty() {
            slots.push(Slot::Markup(markup.to_owned()));
        }
        slots.push(Slot::Content(number.parse().ok()?));
        rest = after;
    }
    if !rest.is_empty() {
        slots.push(Slot::Markup(rest.to_owned()));
    }
    Some(slots)
}

/// How many slots depend on the system's text only: up to its end, or up to the first content where it comes later.
fn end_of_fixed(slots: &[Slot], system_texts: usize) -> usize {
    let changes = |slot: &Slot| matches!(slot, Slot::Content(number) if *number >= system_texts);
    let first = slots.iter().position(changes).unwrap_or(slots.len());
    let system = slots[..first].iter().rposition(|slot| matches!(slot, Slot::Content(_)));
    system.map_or(first, |last| last + 1)
}

/// The first `<...>` or `[...]` of the markup after an answer, or its first line.
fn first_mark(markup: &str) -> Option<String> {
    let markup = markup.trim();
    let end = match markup.chars().next()? {
        '<' => markup.find('>').map(|at| at + 1),
        '[' => markup.find(']').map(|at| at + 1),
        _ => None,
    };
    let mark = end.map_or_else(|| markup.lines().next(), |end| markup.get(..end))?;
    Some(mark.trim().to_owned())
}

/// `{% generation %}` of transformers only marks what to train on.
fn with_plain_blocks(source: &str) -> String {
    if !source.contains("endgeneration") {
        return source.to_owned();
    }
    let mut source = source.to_owned();
    for (word, same) in [("generation", "if true"), ("endgeneration", "endif")] {
        for (open, close) in [("{%", "%}"), ("{%-", "%}"), ("{%", "-%}"), ("{%-", "-%}")] {
            source = source.replace(&format!("{open} {word} {close}"), &format!("{open} {same} {close}"));
        }
    }
    source
}

/// The Jinja that transformers sets up, with bounds.
fn environment() -> Environment<'static> {
    let mut environment = Environment::new();
    if let Ok(syntax) = SyntaxConfig::builder().trim_blocks(true).lstrip_blocks(true).build() {
        environment.set_syntax(syntax);
    }
    environment.set_recursion_limit(CHAT_TEMPLATE_DEPTH_MAX);
    environment.set_fuel(Some(CHAT_TEMPLATE_FUEL));
    environment.set_unknown_method_callback(python::method);
    environment.add_filter("tojson", python::tojson);
    environment.add_function("strftime_now", python::strftime_now);
    environment.add_function("raise_exception", raise_exception);
    environment.add_function("range", range);
    environment.add_test("iterable", python::is_iterable);
    environment.add_test("sequence", python::is_sequence);
    environment
}

fn raise_exception(message: String) -> Result<Value, minijinja::Error> {
    Err(minijinja::Error::new(ErrorKind::InvalidOperation, message))
}

/// Python's `range`, short.
fn range(first: i64, second: Option<i64>, step: Option<i64>) -> Result<Vec<i64>, minijinja::Error> {
    let bad = |why: &'static str| Err(minijinja::Error::new(ErrorKind::InvalidOperation, why));
    let Range { start, end } = second.map_or(0..first, |second| first..second);
    let step = step.unwrap_or(1);
    if step == 0 {
        return bad("a range needs a step");
    }
    let mut numbers = Vec::new();
    let mut number = start;
    while (step > 0 && number < end) || (step < 0 && number > end) {
        if numbers.len() == CHAT_TEMPLATE_RANGE_MAX {
            return bad("too long a range");
        }
        numbers.push(number);
        number = number.saturating_add(step);
    }
    Ok(numbers)
}

fn told(error: &minijinja::Error) -> Problem {
    if error.kind() == ErrorKind::WriteFailure {
        return Problem::Flood;
    }
    let what = error.detail().map_or_else(|| error.kind().to_string(), str::to_owned);
    let what: String = what.chars().take(CHAT_COMPLAINT_CHARS_MAX).collect();
    Problem::Fails(error.line().map_or_else(|| what.clone(), |line| format!("{what} (line {line})")))
}

/// Takes so much and no more.
struct Bounded(Vec<u8>);

impl io::Write for &mut Bounded {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if self.0.len() + bytes.len() > CHAT_MARKUP_BYTES_MAX {
            return Err(io::Error::from(io::ErrorKind::StorageFull));
        }
        self.0.extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
