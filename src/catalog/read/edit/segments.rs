//! Cuts a follow-up sentence into segments, each with one thing to do: a verb with what belongs to it. "make it 80 long and 12 thick, and add
//! a chamfer" is a change of two sizes, and an addition.

use std::ops::Range;

use crate::catalog::deeds::{Deed, Noun, Verb};
use crate::catalog::read::instance::{Context, names_step};
use crate::catalog::read::pieces::{Piece, What};
use crate::catalog::words::Sense;

#[derive(Debug, Clone)]
pub(super) struct Segment {
    pub verb: Option<Verb>,
    pub pieces: Range<usize>,
}

pub(super) fn deeds(piece: &Piece) -> impl Iterator<Item = &Deed> {
    piece.senses().iter().filter_map(|sense| if let Sense::Deed(deed) = sense { Some(deed) } else { None })
}

pub(super) fn verb_of(piece: &Piece) -> Option<Verb> {
    deeds(piece).find_map(|deed| if let Deed::Verb(verb) = deed { Some(*verb) } else { None })
}

/// It changes a size by some amount, or stands for what is replaced.
pub(super) fn compares(piece: &Piece) -> bool {
    deeds(piece).any(|deed| {
        matches!(
            deed,
            Deed::Compare { .. } | Deed::Factor(_) | Deed::InsteadOf | Deed::More | Deed::Fewer | Deed::Times
        )
    })
}

pub(super) fn is_number(piece: &Piece) -> bool {
    matches!(piece.what, What::Numbers(_) | What::Size(_) | What::Count(_) | What::Point(_))
}

pub(super) fn is_pronoun(piece: &Piece) -> bool {
    deeds(piece).any(|deed| matches!(deed, Deed::Noun(Noun::One | Noun::Many)))
}

/// "the hole", "this boss", "all holes"
pub(super) fn is_definite(ctx: &Context<'_>, start: usize, piece: usize) -> bool {
    // Another noun, or "in" and "to", begin a phrase of their own: "the corners be | rounded".
    let leads_up = |i: &usize| {
        let other = &ctx.pieces[*i];
        let noun = other.senses().iter().any(|s| matches!(s, Sense::Step { .. } | Sense::Argument(_)));
        *i == piece
            || !(divides(other)
                || noun
                || other.has(&Sense::Aside)
                || (other.has(&Sense::Tie) && other.words != "of"))
    };
    (start..=piece).rev().take_while(leads_up).any(|i| {
        ctx.pieces[i].definite
            || ctx.catalog.words.is_definite(&ctx.pieces[i].words)
            || deeds(&ctx.pieces[i]).any(|deed| matches!(deed, Deed::All | Deed::Other | Deed::Order(_)))
    })
}

/// Sentences and clauses end here. A link that is a verb of its own ("and **add**") begins the next one by that.
pub(super) fn divides(piece: &Piece) -> bool {
    let acts = deeds(piece).any(|deed| !matches!(deed, Deed::Idle));
    matches!(piece.what, What::Comma | What::Stop) || (piece.has(&Sense::Link) && !acts)
}

pub(super) fn segments(ctx: &Context<'_>) -> Vec<Segment> {
    let mut segments: Vec<Segment> = Vec::new();
    for atom in atoms(ctx) {
        let own = strongest_verb(&ctx.pieces[atom.clone()]);
        let mention = atom.clone().find(|i| names_step(ctx, *i));
        let compares = atom.clone().any(|i| compares(&ctx.pieces[i]));
        let pronoun = atom.clone().any(|i| is_pronoun(&ctx.pieces[i]));
        let numbers = atom.clone().any(|i| is_number(&ctx.pieces[i]));
        let definite = mention.is_some_and(|mention| is_definite(ctx, atom.start, mention));
        let stopped = matches!(ctx.pieces[atom.start].what, What::Stop);
        let before = segments.last().and_then(|segment| segment.verb);
        // "replace the holes **with** slots"
        let with = ctx.pieces[atom.start].words == "with";
        let goes_on = own.is_none()
            && !compares
            && !pronoun
            && match before {
                Some(Verb::Replace) if with => true,
                Some(Verb::Add) => !definite,
                Some(Verb::Remove) => false,
                Some(Verb::Copy | Verb::Rename | Verb::Mirror | Verb::Swap | Verb::Scale) => {
                    mention.is_none()
                }
                _ => mention.is_none() && (numbers || !stopped),
            };
        if let Some(last) = segments.last_mut().filter(|_| goes_on) {
            last.pieces.end = atom.end;
            continue;
        }
        // "remove the holes and the boss", "make the holes 6 mm and the boss 20"
        let verb = own.or(match before {
            Some(Verb::Remove) if mention.is_some() && !numbers => before,
            Some(Verb::Change | Verb::Move) if definite || pronoun => before,
            _ => None,
        });
        segments.push(Segment { verb, pieces: atom });
    }
    segments
}

/// "make" gives way to any other verb: "make a copy".
fn strongest_verb(pieces: &[Piece]) -> Option<Verb> {
    let negated = pieces.iter().any(|piece| piece.has(&Sense::Negation));
    let first_content =
        pieces.iter().find(|piece| !piece.is_idle() && !deeds(piece).any(|deed| *deed == Deed::Idle));
    let leads = |piece: &Piece| first_content.is_some_and(|first| first.start == piece.start);
    let verbs = || {
        pieces
            .iter()
            .filter_map(|piece| Some((piece, verb_of(piece)?)))
            // "make it round", "6 mm down": words that are verbs only in front.
            .filter(|(piece, verb)| *verb != Verb::Round || leads(piece))
            .map(|(_, verb)| verb)
    };
    if negated {
        return Some(Verb::Remove);
    }
    verbs().find(|verb| *verb != Verb::Change).or_else(|| verbs().next())
}

fn atoms(ctx: &Context<'_>) -> Vec<Range<usize>> {
    let mut atoms = Vec::new();
    let mut start = 0;
    for i in 0..ctx.pieces.len() {
        let before = &ctx.pieces[start..i];
        let filled = before
            .iter()
            .any(|piece| is_number(piece) || piece.senses().iter().any(|s| matches!(s, Sense::Step { .. })));
        let verb = verb_of(&ctx.pieces[i]).is_some_and(|verb| {
            matches!(verb, Verb::Add | Verb::Remove | Verb::Change | Verb::Move | Verb::Rotate)
        });
        if (divides(&ctx.pieces[i]) && i > start) || (verb && filled) {
            atoms.push(start..i);
            start = i;
        }
    }
    if start < ctx.pieces.len() {
        atoms.push(start..ctx.pieces.len());
    }
    atoms
}
