//! The reader: a prompt becomes a plan by the catalog's table alone. Deterministic and honest: what it did not understand it says, and what
//! it assumed it names. Tokens -> pieces -> clauses -> instances -> plan.

mod account;
mod bind;
mod clauses;
mod counts;
mod edit;
mod exchange;
mod finish;
mod instance;
pub(super) mod lexer;
mod pieces;
mod place;
mod quantities;

use std::collections::BTreeSet;

pub(super) use edit::edit;

use super::Catalog;
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
    let mut pieces = pieces::pieces(&catalog.words, &prompt);
    pieces.truncate(PIECES_MAX);
    let (bare, stated) = bare_unit(&pieces);
    let ctx = Context { catalog, pieces: &pieces, bare };
    let mut parsed = clauses::parse(&ctx);
    let colour = pieces
        .iter()
        .enumerate()
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
    account::account(&ctx, &parsed, &prompt, colour.map(|(piece, _)| piece), &mut reading);
    assume_unit(&ctx, &mut reading, stated);
    note_materials(&pieces, &mut reading);
    refuse_guesses(&mut reading);
    reading
}

fn not_english(catalog: &Catalog, prompt: &str) -> Option<String> {
    foreign(catalog, prompt).map(|language| {
        format!("This looks like {language}. I read English only so far, for example {EXAMPLE}.")
    })
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
