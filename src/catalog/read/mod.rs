//! The reader: a prompt becomes a plan by the catalog's table alone. Deterministic and honest: what it did not understand it says, and what
//! it assumed it names. Tokens -> pieces -> clauses -> instances -> plan.

mod account;
mod bare;
mod bind;
mod bodies;
mod clauses;
mod counts;
mod edit;
mod exchange;
mod finish;
mod instance;
mod leads;
pub(super) mod lexer;
mod marks;
mod pieces;
mod place;
mod quantities;
mod relative;
mod seats;
mod spots;
mod stated;
mod take;
mod typos;

use std::collections::BTreeSet;

pub(super) use edit::edit;
pub(super) use pieces::quantity;
pub(super) use stated::stated;
pub(super) use typos::corrected_words;

use super::Catalog;
use super::table::Kind;
use super::words::Sense;
use crate::domain::quantity::Unit;
use crate::domain::reading::{Assumed, Reading};
use instance::{Context, Instance, Left};
use pieces::{Piece, What};

/// Longer prompts are cut here; the host refuses them before.
const PROMPT_CHARS_MAX: usize = 5_000;
/// A prompt with more pieces than a part has is no part; the work per piece is bounded by this.
const PIECES_MAX: usize = 1_200;

const EXAMPLE: &str = "`60x40x10 mm plate with four 5 mm holes 6 mm from the edges`";

pub(super) fn read(catalog: &Catalog, prompt: &str) -> Reading {
    let prompt: String = prompt.chars().take(PROMPT_CHARS_MAX).collect();
    let mut reading = Reading::default();
    if let Some(question) = not_english(catalog, &prompt) {
        reading.question = Some(question);
        return reading;
    }
    // First the nouns alone, then the words of the steps that they name: "pipe OD" of another step must not hide the pipe.
    let nouns = pieces::cut(&catalog.words, &prompt, &|sense| is_heard(&BTreeSet::new(), sense)).pieces;
    let implied = catalog.steps.iter().position(|step| step.implied.is_some());
    let spoken_of = spoken_of(catalog, implied, &nouns);
    let cut = pieces::cut(&catalog.words, &prompt, &|sense| is_heard(&spoken_of, sense));
    let mut pieces = cut.pieces;
    pieces.truncate(PIECES_MAX);
    let (bare, stated) = bare_unit(&pieces);
    resolve_relations(catalog, &mut pieces, bare);
    let ctx = Context { catalog, pieces: &pieces, bare };
    let mut parsed = clauses::parse(&ctx);
    let said = parsed.instances.iter().any(|found| found.instance.colour.is_some());
    let colour = pieces
        .iter()
        .enumerate()
        .filter(|_| !said)
        .find_map(|(i, piece)| piece.senses().iter().find_map(|s| colour_of(s).map(|c| (i, c))));
    if parsed.instances.is_empty() {
        reading.question = Some(format!(
            "I could not find a part that I know in this. Say what it is and its sizes, for example {EXAMPLE}."
        ));
    } else {
        let finished = finish::finish(&ctx, &mut parsed, colour.as_ref().map(|(_, colour)| colour.clone()));
        reading.plan = finished.plan;
        reading.assumed = finished.assumed;
        reading.notes = finished.notes;
        reading.question = finished.question;
        reading.expectations = finished.expectations;
    }
    reading.assumed.splice(0..0, cut.assumed);
    reading.notes.splice(0..0, cut.notes);
    account::account(&ctx, &parsed, &prompt, colour.map(|(piece, _)| piece), &mut reading);
    assume_unit(&ctx, &mut reading, stated);
    note_materials(&pieces, &mut reading);
    refuse_guesses(&mut reading);
    reading
}

/// The steps that a sentence names, those that are there already, and all placements.
fn spoken_of(catalog: &Catalog, there: impl IntoIterator<Item = usize>, pieces: &[Piece]) -> BTreeSet<usize> {
    let named = pieces.iter().flat_map(Piece::senses).filter_map(|sense| match sense {
        Sense::Step { step, .. } | Sense::Says { step, .. } => Some(*step),
        _ => None,
    });
    let places = (0..catalog.steps.len())
        .filter(|step| matches!(catalog.steps[*step].kind, Kind::Placement | Kind::Pattern));
    there.into_iter().chain(named).chain(places).collect()
}

/// Whether a sense is one of a step that is spoken of.
fn is_heard(spoken_of: &BTreeSet<usize>, sense: &Sense) -> bool {
    match sense {
        Sense::Argument(naming) => spoken_of.contains(&naming.step),
        Sense::Choice { step, .. }
        | Sense::Absent { step, .. }
        | Sense::Fit { step, .. }
        | Sense::Faces { step, .. } => spoken_of.contains(step),
        _ => true,
    }
}

fn not_english(catalog: &Catalog, prompt: &str) -> Option<String> {
    foreign(catalog, prompt).map(|language| {
        format!("This looks like {language}. I read English only so far, for example {EXAMPLE}.")
    })
}

/// "half the width" becomes a number as soon as the width is known; one such size may need another.
fn resolve_relations(catalog: &Catalog, pieces: &mut [Piece], bare: Unit) {
    const ROUNDS_MAX: usize = 3;
    for _ in 0..ROUNDS_MAX {
        if !pieces.iter().any(|piece| matches!(piece.what, What::Relative(_))) {
            return;
        }
        let before = pieces.to_vec();
        let ctx = Context { catalog, pieces: &before, bare };
        if !relative::resolve(&ctx, &clauses::parse(&ctx), pieces) {
            return;
        }
    }
}

fn colour_of(sense: &Sense) -> Option<String> {
    if let Sense::Colour(colour) = sense { Some(colour.clone()) } else { None }
}

fn foreign<'a>(catalog: &'a Catalog, prompt: &str) -> Option<&'a str> {
    let lower = prompt.to_lowercase();
    let words: Vec<&str> =
        lower.split(|c: char| !c.is_alphabetic()).filter(|word| !word.is_empty()).collect();
    catalog.words.foreign(&words)
}

/// What a number without a unit is in: the one unit that the prompt uses, else millimetres.
fn bare_unit(pieces: &[Piece]) -> (Unit, bool) {
    let numbers = pieces
        .iter()
        .filter_map(|piece| if let What::Numbers(numbers) = &piece.what { Some(numbers) } else { None });
    let units: BTreeSet<&str> = numbers
        .flatten()
        .map(|number| number.quantity.unit)
        .filter(|unit| unit.is_length() && *unit != Unit::None)
        .map(Unit::symbol)
        .collect();
    match units.first().filter(|_| units.len() == 1).and_then(|symbol| Unit::named(symbol)) {
        Some(unit) => (unit, true),
        None => (Unit::Mm, false),
    }
}

/// Says once what numbers without a unit were taken for.
fn assume_unit(ctx: &Context<'_>, reading: &mut Reading, stated: bool) {
    let bare = reading.expectations.iter().any(|e| {
        e.unit == Unit::Mm && e.text.ends_with(|c: char| c.is_ascii_digit()) && !e.text.starts_with('M')
    });
    if bare {
        tell_unit(ctx, reading, stated);
    }
}

fn tell_unit(ctx: &Context<'_>, reading: &mut Reading, stated: bool) {
    if stated && ctx.bare == Unit::Mm {
        return;
    }
    let why = if stated { "the other sizes are" } else { "no unit was given" };
    reading.assumed.push(Assumed {
        what: format!("numbers without a unit are in {}", ctx.bare.symbol()),
        why: why.to_owned(),
    });
}

fn note_materials(pieces: &[Piece], reading: &mut Reading) {
    if let Some(piece) = pieces.iter().find(|piece| piece.has(&Sense::Material)) {
        reading.notes.push(format!("The material ({}) does not change the shape", piece.words));
    }
}

/// More words unread than used is no understanding: then nothing is built.
fn refuse_guesses(reading: &mut Reading) {
    if reading.unread.len() > reading.used.len() && reading.plan.is_some() {
        let words: Vec<&str> = reading.unread.iter().take(8).map(|word| word.text.as_str()).collect();
        reading.question = Some(format!(
            "I understood too little of this to build it. I could not read: {}.",
            words.join(", ")
        ));
        reading.plan = None;
        reading.expectations.clear();
    }
}

impl Instance {
    /// A number of this piece, or its word, was bound nowhere.
    fn left_piece(&self, piece: usize) -> bool {
        self.left.iter().any(|left| match left {
            Left::Number(span) => span.piece == piece,
            Left::Pair { word, number } => number.piece == piece || *word == piece,
        })
    }
}

#[cfg(test)]
mod tests;
