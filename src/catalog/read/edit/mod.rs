//! Follow-up sentences: the plan of the part as it is, and a sentence, become the plan after the change. The reader's own lexer, vocabulary
//! and binding do the reading; this folder decides which step is meant and what is to be done with it. Honest like the reader: a target that
//! is not clear becomes a question, and nothing changes but what was asked for and what follows by a rule that is told.

mod add;
mod amend;
mod choose;
mod convert;
mod decide;
mod draft;
mod fresh;
mod relative;
mod remove;
mod reshape;
mod segments;
mod set;
mod shift;
mod sizes;
mod whole;

use std::collections::BTreeSet;
use std::ops::Range;

use super::account;
use super::clauses::{Found, Parsed};
use super::instance::{Context, Instance};
use super::pieces::{self, Piece, What};
use super::{PIECES_MAX, PROMPT_CHARS_MAX, bare_unit, is_heard, note_materials, spoken_of, tell_unit};
use crate::catalog::Catalog;
use crate::catalog::deeds::{Deed, Verb};
use crate::catalog::words::Sense;
use crate::domain::edit::Change;
use crate::domain::plan::Plan;
use crate::domain::quantity::Unit;
use crate::domain::reading::{Assumed, Reading};
use draft::{Draft, Id};
use segments::{Segment, deeds, is_number, segments, verb_of};

pub(in crate::catalog) fn edit(catalog: &Catalog, plan: &Plan, prompt: &str) -> Reading {
    let prompt: String = prompt.chars().take(PROMPT_CHARS_MAX).collect();
    let all = pieces::cut_metric(&catalog.edit_words, &prompt, &|_| true).pieces;
    if let Some(reading) = fresh::new_part(catalog, &all, &prompt) {
        return reading;
    }
    let there =
        plan.bodies.iter().flat_map(|body| &body.steps).filter_map(|step| catalog.index_of(&step.do_));
    let spoken_of = spoken_of(catalog, there, &all);
    let cut = pieces::cut_metric(&catalog.edit_words, &prompt, &|sense| is_heard(&spoken_of, sense));
    let mut pieces = cut.pieces;
    pieces.truncate(PIECES_MAX);
    if let Some(reading) = fresh::undo(catalog, &pieces, &prompt) {
        return reading;
    }
    if let Some(question) = super::not_english(catalog, &prompt) {
        return Reading { question: Some(question), ..Reading::default() };
    }
    let (bare, stated) = bare_unit(&pieces);
    let ctx = Context { catalog, pieces: &pieces, bare };
    let mut editor = Editor::new(&ctx, plan);
    let outcome = editor.run();
    let mut reading = editor.finish(plan, outcome, &prompt);
    reading.notes.extend(cut.notes);
    reading.assumed.extend(cut.assumed);
    let length = |change: &Change| change.to.as_ref().is_some_and(|to| to.ends_with(" mm"));
    if pieces.iter().any(is_bare) && reading.changes.iter().any(length) {
        tell_unit(&ctx, &mut reading, stated);
    }
    note_materials(&pieces, &mut reading);
    reading
}

struct Editor<'a, 'c> {
    ctx: &'a Context<'c>,
    draft: Draft,
    /// The body that is spoken of.
    body: usize,
    /// The steps that the sentence spoke of last: "it", "them".
    last: Vec<Id>,
    /// What became of words that no step took.
    heard: Instance,
    /// What was read for each step.
    found: Vec<Found>,
    assumed: Vec<Assumed>,
    notes: Vec<String>,
    /// Something was asked for that was understood.
    acted: bool,
}

impl<'a, 'c> Editor<'a, 'c> {
    fn new(ctx: &'a Context<'c>, plan: &Plan) -> Self {
        Editor {
            ctx,
            draft: Draft::of(plan),
            body: 0,
            last: Vec::new(),
            heard: Instance::default(),
            found: Vec::new(),
            assumed: Vec::new(),
            notes: Vec::new(),
            acted: false,
        }
    }

    fn run(&mut self) -> Result<(), String> {
        if self.draft.plan.bodies.is_empty() {
            return Err("There is no part yet that could be changed. Say what to make.".to_owned());
        }
        for segment in segments(self.ctx) {
            self.dress(&segment);
            if self.has_content(&segment) {
                self.act(&segment)?;
            }
        }
        if self.acted {
            return Ok(());
        }
        Err("I could not find a change in this that I understand. Say what should change, for example `make it 80 mm long` or `add a 5 mm hole in the centre`.".to_owned())
    }

    fn act(&mut self, segment: &Segment) -> Result<(), String> {
        match segment.verb {
            Some(Verb::Rename) => self.rename(segment),
            Some(Verb::Swap) => self.swap(segment),
            Some(Verb::Mirror) => self.mirror(segment),
            Some(Verb::Copy) => self.copy(segment),
            Some(Verb::Scale) => self.scale_said(segment),
            Some(Verb::Rotate) => self.rotate(segment),
            Some(Verb::Move) => self.shift(segment),
            Some(Verb::Remove) if self.verb_compares(segment).is_none() => self.remove(segment),
            Some(Verb::Replace) => self.replace(segment),
            _ => self.decide(segment),
        }
    }

    /// A colour is the whole body's, wherever it stands.
    fn dress(&mut self, segment: &Segment) {
        for i in segment.pieces.clone() {
            let colour = self.ctx.pieces[i].senses().iter().find_map(super::colour_of);
            if let Some(colour) = colour {
                self.heard.note(i, "the colour");
                self.draft.plan.bodies[self.body].colour = Some(colour);
                self.acted = true;
            }
            if self.ctx.pieces[i].has(&Sense::Material) {
                self.acted = true;
            }
        }
    }

    /// There is more in it than polite words and what was heard already.
    fn has_content(&self, segment: &Segment) -> bool {
        segment.pieces.clone().any(|i| {
            let piece = &self.ctx.pieces[i];
            let acts = deeds(piece).any(|deed| {
                !matches!(
                    deed,
                    Deed::Idle | Deed::Noun(_) | Deed::Verb(Verb::Change | Verb::Add | Verb::Round)
                )
            });
            !self.heard.fates.contains_key(&i) && (is_content(piece) || acts || piece.has(&Sense::Negation))
        })
    }

    /// The pieces as the reader shall see them: only this segment's, without the words that are edits, and without those of `mask`.
    fn view(&self, range: &Range<usize>, mask: &BTreeSet<usize>) -> Vec<Piece> {
        let seen = |(i, piece): (usize, &Piece)| {
            let mut piece = piece.clone();
            let idle = |piece: &mut Piece| piece.what = What::Phrase(vec![Sense::Ignored]);
            if !range.contains(&i) {
                piece.what = What::Stop;
            } else if mask.contains(&i) {
                idle(&mut piece);
            } else if let What::Phrase(senses) = &mut piece.what {
                let before = senses.len();
                let verb = senses.iter().any(|s| matches!(s, Sense::Deed(Deed::Verb(Verb::Add))));
                // "the second hole" has been heard when its words are bound.
                let chooses = |deed: &Deed| matches!(deed, Deed::Order(_) | Deed::Other | Deed::All);
                let done = verb_of(&self.ctx.pieces[i]).is_some_and(|verb| verb != Verb::Round)
                    || deeds(&self.ctx.pieces[i]).any(chooses);
                let names = senses.iter().any(|s| matches!(s, Sense::Step { .. }));
                senses.retain(|sense| !matches!(sense, Sense::Deed(_)));
                let acted = senses.len() < before;
                if verb {
                    *senses = vec![Sense::Link];
                } else if senses.is_empty()
                    || (done && !names)
                    || (acted && senses.iter().all(|s| *s == Sense::Link))
                {
                    idle(&mut piece);
                }
            }
            piece
        };
        self.ctx.pieces.iter().enumerate().map(seen).collect()
    }

    fn note(&mut self, piece: usize, said: &str) {
        self.heard.note(piece, said);
    }

    fn assume(&mut self, what: impl Into<String>, why: impl Into<String>) {
        self.assumed.push(Assumed { what: what.into(), why: why.into() });
    }

    /// Keeps what was read of a step for the account of words.
    fn keep(&mut self, instance: Instance) {
        self.found.push(Found {
            instance,
            noun: String::new(),
            host: None,
            standing_host: None,
            references: Vec::new(),
        });
    }

    fn finish(mut self, before: &Plan, outcome: Result<(), String>, prompt: &str) -> Reading {
        let mut reading = Reading { question: outcome.err(), ..Reading::default() };
        let catalog = self.ctx.catalog;
        if reading.question.is_none() {
            let plan = &self.draft.plan;
            if let Some(problem) = catalog.validate(plan).into_iter().next() {
                reading.question = Some(format!("{}. {}.", problem.message, problem.hint));
            } else {
                reading.changes = catalog.diff(before, plan);
                if reading.changes.is_empty() {
                    self.notes.push("Nothing changes: the part is like that already".to_owned());
                }
                reading.expectations = catalog.expectations(plan);
                reading.plan = Some(plan.clone());
            }
        }
        let mut told = BTreeSet::new();
        self.assumed.retain(|assumed| told.insert(assumed.what.clone()));
        let heard = std::mem::take(&mut self.heard);
        self.keep(heard);
        reading.assumed = self.assumed;
        reading.notes = self.notes;
        let parsed = Parsed {
            instances: self.found,
            second_body: None,
            implied: None,
            denied: Vec::new(),
            standing: Vec::new(),
        };
        let pieces = quiet(self.ctx.pieces);
        let ctx = Context { pieces: &pieces, ..*self.ctx };
        account::account(&ctx, &parsed, prompt, None, &mut reading);
        super::refuse_guesses(&mut reading);
        if reading.plan.is_none() {
            reading.changes.clear();
        }
        reading
    }
}

/// A number without a unit, which may be a size.
fn is_bare(piece: &Piece) -> bool {
    match &piece.what {
        What::Numbers(numbers) => numbers.iter().any(|number| number.quantity.unit == Unit::None),
        What::Point(point) => point.iter().any(|quantity| quantity.unit == Unit::None),
        _ => false,
    }
}

/// It may say something about the part.
fn is_content(piece: &Piece) -> bool {
    if deeds(piece).any(|deed| matches!(deed, Deed::Noun(_))) {
        return false;
    }
    match &piece.what {
        What::Phrase(senses) => {
            senses.iter().any(|sense| !sense.is_idle() && !matches!(sense, Sense::Deed(_)))
        }
        What::Unknown | What::Text(_) => true,
        _ => is_number(piece),
    }
}

/// Words that only hold the sentence together are ignored, not unread.
fn quiet(pieces: &[Piece]) -> Vec<Piece> {
    let idle = |deed: &Deed| {
        matches!(
            deed,
            Deed::Idle
                | Deed::Noun(_)
                | Deed::As
                | Deed::SamePlace
                | Deed::Vague
                | Deed::All
                | Deed::Times
                | Deed::Other
                | Deed::Order(_)
                | Deed::Verb(Verb::Change | Verb::Add)
        )
    };
    let hushed = |piece: &Piece| {
        let mut piece = piece.clone();
        if let What::Phrase(senses) = &mut piece.what
            && senses.iter().any(|sense| matches!(sense, Sense::Deed(deed) if idle(deed)))
        {
            senses.push(Sense::Ignored);
        }
        piece
    };
    pieces.iter().map(hushed).collect()
}
