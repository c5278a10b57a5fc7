//! Finds the JSON in what a model wrote: chatter before it, code fences around it, anything behind it.

use serde_json::{Map, Value as Json};

use crate::domain::limits::{ANSWER_BYTES_MAX, ANSWER_STARTS_MAX};
use crate::domain::plan::Problem;

/// The first object that has one of these members. Once an object broke off or could not be read, only the first member will do: the others also
/// stand inside a plan, and a part of it is not what was meant.
pub(super) fn object(text: &str, members: &[&str]) -> Result<Map<String, Json>, Problem> {
    let mut reason = None;
    let mut members = members;
    let text = cut(text);
    let mut from = 0;
    for _ in 0..ANSWER_STARTS_MAX {
        let Some(start) = text[from..].find('{').map(|at| from + at) else { break };
        let mut stream = serde_json::Deserializer::from_str(&text[start..]).into_iter::<Json>();
        match stream.next() {
            Some(Ok(Json::Object(object))) => {
                if members.iter().any(|member| object.contains_key(*member)) {
                    return Ok(object);
                }
                from = start + stream.byte_offset().max(1);
            }
            Some(Err(error)) => {
                if text[start + 1..].trim_start().starts_with('"') {
                    members = &members[..1];
                    reason.get_or_insert_with(|| error.to_string());
                }
                from = start + 1;
            }
            _ => from = start + 1,
        }
    }
    let what = members.first().copied().unwrap_or("plan");
    Err(match reason {
        Some(reason) => whole(
            format!("The answer is no JSON: {reason}"),
            "Write one complete JSON object and nothing else",
        ),
        None => whole(
            format!("There is no JSON object with `{what}` in the answer"),
            "Write one JSON object and nothing else",
        ),
    })
}

fn cut(text: &str) -> &str {
    let mut end = text.len().min(ANSWER_BYTES_MAX);
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    &text[..end]
}

/// A problem of the answer as a whole.
pub(super) fn whole(message: impl Into<String>, hint: impl Into<String>) -> Problem {
    Problem { body: None, step: None, argument: None, message: message.into(), hint: hint.into() }
}
