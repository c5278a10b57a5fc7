//! Sentences that change nothing in the part: those that take the last change back, and those that describe a whole new part.

use super::is_content;
use super::segments::{deeds, divides, is_number, verb_of};
use crate::catalog::Catalog;
use crate::catalog::deeds::{Deed, Noun, Verb};
use crate::catalog::read::pieces::{Piece, What};
use crate::catalog::table::Kind;
use crate::catalog::words::Sense;
use crate::domain::quantity::Span;
use crate::domain::reading::{Fate, Mark, Reading, Used, Word};

/// "undo that": nothing else may be said.
pub(super) fn undo(catalog: &Catalog, pieces: &[Piece], prompt: &str) -> Option<Reading> {
    let is_undo = |piece: &Piece| deeds(piece).any(|deed| *deed == Deed::Undo);
    let first = pieces.iter().position(is_undo)?;
    let says_more = pieces.iter().any(|piece| {
        let names = piece.senses().iter().any(
            |sense| matches!(sense, Sense::Step { step, .. } if matches!(catalog.steps[*step].kind, Kind::Base | Kind::Feature)),
        );
        !is_undo(piece) && (names || is_number(piece) || matches!(piece.what, What::Unknown) && is_content(piece))
    });
    if says_more {
        return None;
    }
    let mut reading = Reading { undo: true, ..Reading::default() };
    let chars: Vec<char> = prompt.chars().collect();
    for (i, piece) in pieces.iter().enumerate() {
        let span = Span { start: piece.start, end: piece.end };
        let text: String = chars[span.start..span.end].iter().collect();
        if is_undo(piece) {
            reading.used.push(Used { text, as_: "the part as it was before".to_owned(), span });
            reading.spans.push(Mark { start: span.start, end: span.end, kind: Fate::Used });
        } else if i != first && text.contains(char::is_alphanumeric) {
            reading.ignored.push(Word { text, span });
            reading.spans.push(Mark { start: span.start, end: span.end, kind: Fate::Ignored });
        }
    }
    reading.notes.push("This takes the last change back".to_owned());
    Some(reading)
}

/// "a 40 mm cube", "now make me a tube 30x20x100", "start over: a plate 60x40x5"
pub(super) fn new_part(catalog: &Catalog, pieces: &[Piece], prompt: &str) -> Option<Reading> {
    let said = pieces.iter().any(|piece| deeds(piece).any(|deed| *deed == Deed::Fresh));
    let described = describes(catalog, pieces);
    if !said && !described {
        return None;
    }
    // The reader does not know the words of edits, so those that only lead up are taken out of its sight, and accounted for here.
    let leads = |piece: &&Piece| {
        let fresh = deeds(piece).any(|deed| matches!(deed, Deed::Fresh | Deed::Idle));
        fresh && !piece.senses().iter().any(|sense| matches!(sense, Sense::Step { .. } | Sense::Argument(_)))
    };
    let mut chars: Vec<char> = prompt.chars().collect();
    let mut heard = Vec::new();
    for piece in pieces.iter().filter(leads) {
        let span = Span { start: piece.start, end: piece.end };
        let text: String = chars[span.start..span.end].iter().collect();
        chars[span.start..span.end].fill(' ');
        heard.push((span, text));
    }
    let mut reading = catalog.read(&chars.iter().collect::<String>());
    if !said && reading.plan.is_none() && reading.question.is_some() && reading.used.len() < 2 {
        return None;
    }
    for (span, text) in heard {
        reading.spans.push(Mark { start: span.start, end: span.end, kind: Fate::Used });
        reading.used.push(Used { text, as_: "a new part".to_owned(), span });
    }
    reading.used.sort_by_key(|used| used.span.start);
    reading.spans.sort_by_key(|mark| mark.start);
    reading.notes.push("This starts a new part".to_owned());
    Some(reading)
}

/// A base's noun with sizes, and no word that speaks of a part that is there.
fn describes(catalog: &Catalog, pieces: &[Piece]) -> bool {
    let base = |piece: &Piece| {
        let steps = piece.senses().iter().filter_map(|sense| match sense {
            Sense::Step { step, .. } => Some(catalog.steps[*step].kind),
            _ => None,
        });
        let kinds: Vec<Kind> = steps.collect();
        kinds.contains(&Kind::Base) && !kinds.contains(&Kind::Feature)
    };
    let Some(noun) = pieces.iter().position(base) else { return false };
    let definite = pieces[noun].definite || catalog.words.is_definite(&pieces[noun].words);
    let start = (0..noun).rev().find(|i| divides(&pieces[*i])).map_or(0, |i| i + 1);
    let sized = pieces.iter().any(|piece| matches!(piece.what, What::Numbers(_) | What::Size(_)));
    let edits = pieces[..noun].iter().any(|piece| {
        deeds(piece).any(|deed| match deed {
            Deed::Noun(Noun::One | Noun::Many | Noun::Part)
            | Deed::InsteadOf
            | Deed::More
            | Deed::Fewer
            | Deed::Compare { .. }
            | Deed::Factor(_)
            | Deed::Other => true,
            Deed::Verb(verb) => !matches!(verb, Verb::Change),
            _ => false,
        })
    });
    let instead = pieces
        .iter()
        .any(|piece| piece.words.contains("instead") || deeds(piece).any(|deed| *deed == Deed::InsteadOf));
    // "the plate 80 long", "make it a cube", "plate 12 mm thick" speak of the part; so does a first clause without a noun.
    let definite_before = pieces[start..noun].iter().any(|piece| piece.has(&Sense::Definite));
    let changes = pieces[..noun].iter().any(|piece| {
        verb_of(piece) == Some(Verb::Change) && !matches!(piece.words.as_str(), "make" | "give")
    });
    let features_before = pieces[..noun].iter().any(|piece| {
        piece.senses().iter().any(
            |sense| matches!(sense, Sense::Step { step, .. } if catalog.steps[*step].kind == Kind::Feature),
        )
    });
    let sizes_here =
        pieces[start..].iter().any(|piece| matches!(piece.what, What::Numbers(_) | What::Size(_)));
    sized && sizes_here && !definite && !definite_before && !edits && !instead && !changes && !features_before
}
