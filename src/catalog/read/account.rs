//! The account of a prompt: every word is used, ignored on purpose, or unread.

use super::clauses::Parsed;
use super::instance::Context;
use super::pieces::What;
use crate::catalog::words::Sense;
use crate::domain::quantity::Span;
use crate::domain::reading::{Fate, Mark, Reading, Used, Word};

/// Fills `used`, `ignored`, `unread` and `spans`.
pub(super) fn account(
    ctx: &Context<'_>,
    parsed: &Parsed,
    prompt: &str,
    colour: Option<usize>,
    reading: &mut Reading,
) {
    let chars: Vec<char> = prompt.chars().collect();
    let text = |span: Span| chars[span.start..span.end].iter().collect::<String>();
    for (index, piece) in ctx.pieces.iter().enumerate() {
        let span = Span { start: piece.start, end: piece.end };
        if matches!(piece.what, What::Comma | What::Stop | What::Equals | What::Bracket) {
            // A cross between sizes is a letter, and all letters have a fate.
            if text(span).contains(char::is_alphanumeric) {
                reading.ignored.push(Word { text: text(span), span });
                mark(reading, span, Fate::Ignored, &chars);
            }
            continue;
        }
        let fates = parsed.instances.iter().filter_map(|found| {
            let referred = found.references.contains(&index).then(|| format!("the {}", found.noun));
            found.instance.fates.get(&index).cloned().or(referred)
        });
        let mut became: Vec<String> = fates.collect();
        if parsed.denied.contains(&index) {
            became.push("not wanted".to_owned());
        }
        if colour == Some(index) {
            became.push("the colour".to_owned());
        }
        // A group that was used in part is not read.
        let left = parsed.instances.iter().any(|found| found.instance.left_piece(index));
        let kind = if !became.is_empty() && !left {
            use_words(reading, text(span), became.join(", "), span, prompt);
            Fate::Used
        } else if !left && carries_nothing(piece.senses()) {
            reading.ignored.push(Word { text: text(span), span });
            Fate::Ignored
        } else {
            reading.unread.push(Word { text: text(span), span });
            Fate::Unread
        };
        mark(reading, span, kind, &chars);
    }
}

fn carries_nothing(senses: &[Sense]) -> bool {
    let idle = |sense: &Sense| sense.is_idle() || matches!(sense, Sense::Called | Sense::Tolerance);
    senses.iter().any(idle)
}

/// A number and the words beside it that became the same thing are one entry.
fn use_words(reading: &mut Reading, text: String, as_: String, span: Span, prompt: &str) {
    if let Some(last) = reading.used.last_mut()
        && last.as_ == as_
        && span.start <= last.span.end + 1
    {
        last.span.end = span.end;
        last.text = prompt.chars().skip(last.span.start).take(last.span.end - last.span.start).collect();
        return;
    }
    reading.used.push(Used { text, as_, span });
}

/// Neighbours of one kind with only spaces between them are one stretch.
fn mark(reading: &mut Reading, span: Span, kind: Fate, chars: &[char]) {
    if let Some(last) = reading.spans.last_mut()
        && last.kind == kind
        && chars[last.end..span.start].iter().all(|c| c.is_whitespace())
    {
        last.end = span.end;
        return;
    }
    reading.spans.push(Mark { start: span.start, end: span.end, kind });
}
