//! A second base in a prompt: put on the first, cut out of it, or a body of its own beside it. A thing that is on, with or in the first is joined
//! to it; a lid, a screw or what is called separate is not.

use super::clauses::{Open, Splitter};
use super::instance::{Context, Role};
use super::pieces::{Piece, What};
use super::quantities::whole;
use crate::catalog::table::{Kind, Type};
use crate::catalog::words::Sense;
use crate::domain::plan::Join;

/// More of one part are no drawing but an order.
const COPIES_MAX: u32 = 20;

/// What a second base is to the first.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Second {
    Joined(Join),
    Apart,
    /// "a plate for a 20 mm motor": the user must say.
    Unclear,
}

impl Splitter<'_, '_> {
    fn piece(&self, at: usize) -> &Piece {
        &self.ctx.pieces[at]
    }

    /// What the base named at `piece` is, whose words begin at `start`; none when it has no size, so that it is no body at all.
    pub(super) fn second(&self, start: usize, piece: usize, numbers: bool) -> Option<Second> {
        // "with a conical recess": the name says that it is cut.
        if self.piece(piece).has(&Sense::Taken) {
            return Some(Second::Joined(Join::Cut));
        }
        let before = self.lead(start, piece);
        let until = self.end_of(piece);
        let sized =
            |i: usize| matches!(self.piece(i).what, What::Numbers(_) | What::Size(_) | What::Relative(_));
        let sized_behind = (piece + 1..until.min(piece + 6)).any(sized);
        let near = before..until;
        let apart_here = near.clone().any(|i| self.piece(i).has(&Sense::Apart));
        let apart = apart_here
            || self
                .ctx
                .pieces
                .iter()
                .any(|p| p.has(&Sense::Apart) && p.words.contains("as ") || p.words.contains("assembly"));
        let beside =
            near.clone().any(|i| self.piece(i).senses().iter().any(|s| matches!(s, Sense::Beside(_))));
        if !(numbers || (sized_behind && (apart || beside || self.is_indefinite(start, piece)))) {
            return None;
        }
        let taken = (before..=piece)
            .any(|i| self.piece(i).has(&Sense::Taken) || self.piece(i).words == "cut")
            || (piece + 1..until).any(|i| self.piece(i).has(&Sense::Taken));
        let noun = &self.piece(piece).words;
        let last = noun.split(' ').next_back().unwrap_or_default();
        let loose = self.ctx.catalog.words.is_loose(noun) || self.ctx.catalog.words.is_loose(last);
        let is_for = (before..start).any(|i| self.piece(i).words == "for");
        if is_for {
            Some(Second::Unclear)
        } else if apart_here {
            Some(Second::Apart)
        } else if taken {
            Some(Second::Joined(Join::Cut))
        } else if apart || loose && !self.hung(start) || self.standing(until, piece) {
            Some(Second::Apart)
        } else if beside || self.hung(start) || near.clone().any(|i| self.says_where(i)) {
            Some(Second::Joined(Join::Add))
        } else {
            Some(Second::Unclear)
        }
    }

    /// A face or a place: "on the front face", "in the corners".
    fn says_where(&self, at: usize) -> bool {
        self.piece(at).senses().iter().any(|sense| match sense {
            Sense::Face(_) | Sense::Faces { .. } => true,
            Sense::Step { step, .. } => matches!(self.ctx.spec(*step).kind, Kind::Placement | Kind::Pattern),
            Sense::Argument(naming) => self.ctx.spec(naming.step).kind == Kind::Placement,
            _ => false,
        }) || matches!(self.piece(at).what, What::Point(_))
    }

    /// A number behind the noun has a word that the base knows and the feature it could become does not: "a disc 5 mm thick on top".
    pub(super) fn says_more(&self, base: usize, feature: usize, piece: usize) -> bool {
        (piece + 1..self.end_of(piece)).any(|i| {
            let knows = |step: usize| self.ctx.namings(i).any(|naming| naming.step == step);
            knows(base) && !knows(feature)
        })
    }

    /// Where the words begin that lead up to `start`: behind the last stop, and at most a few.
    fn lead(&self, start: usize, piece: usize) -> usize {
        const WORDS_MAX: usize = 4;
        let mut at = start.min(piece);
        while at > 0 && start - at < WORDS_MAX {
            let words = &self.piece(at - 1);
            let names = words
                .senses()
                .iter()
                .any(|s| matches!(s, Sense::Step { step, .. } if self.ctx.spec(*step).kind == Kind::Base));
            if matches!(words.what, What::Stop) || names {
                break;
            }
            at -= 1;
        }
        at
    }

    /// Where the clause ends that describes it.
    fn end_of(&self, piece: usize) -> usize {
        let ends = |i: &usize| {
            let other = self.piece(*i);
            let feature = other.senses().iter().any(|s| matches!(s, Sense::Step { step, .. } if matches!(self.ctx.spec(*step).kind, Kind::Base | Kind::Feature)))
                && !self.ctx.pieces[*i].definite;
            matches!(other.what, What::Stop) || feature
        };
        (piece + 1..self.ctx.pieces.len()).find(ends).unwrap_or(self.ctx.pieces.len())
    }

    fn is_indefinite(&self, start: usize, piece: usize) -> bool {
        (start..piece).chain(start.checked_sub(1)).any(|i| matches!(self.piece(i).words.as_str(), "a" | "an"))
    }

    /// "with a 5 mm pin": part of the body, whatever it is called.
    fn hung(&self, start: usize) -> bool {
        let link = (0..start).rev().map(|i| self.piece(i)).find(|p| p.has(&Sense::Link));
        link.is_some_and(|link| matches!(link.words.as_str(), "with" | "having" | "has"))
    }

    /// "a plate and a tube standing on it": things that stand on another are not grown together.
    fn standing(&self, until: usize, piece: usize) -> bool {
        let gap = (piece + 1..until).any(|i| {
            self.piece(i).has(&Sense::Gap) && i > 0 && matches!(self.piece(i - 1).what, What::Numbers(_))
        });
        let stands = (piece + 1..until).any(|i| self.piece(i).words.starts_with("standing"));
        gap || stands
    }

    pub(super) fn begin_body(&mut self, candidates: Vec<(usize, Option<usize>)>, start: usize, piece: usize) {
        self.body = self.bodies;
        self.bodies += 1;
        self.begin(candidates, start, piece);
    }

    pub(super) fn begin_joined(
        &mut self,
        candidates: Vec<(usize, Option<usize>)>,
        start: usize,
        piece: usize,
        join: Join,
    ) {
        self.begin(candidates, start, piece);
        if let Some(open) = self.open.last_mut() {
            open.role = Role::Joined(join);
        }
    }

    /// It is the first base of a body.
    pub(super) fn is_body(&self, open: usize) -> bool {
        let open = &self.open[open];
        open.role == Role::Body && self.ctx.spec(open.candidates[0].0).kind == Kind::Base
    }

    /// "two such plates": the noun of what is copied.
    pub(super) fn is_again(&self, piece: usize) -> bool {
        let near = |copies: &(u32, Vec<usize>)| {
            copies.1.iter().any(|copy| piece.abs_diff(*copy) <= 2 && *copy < piece)
        };
        self.copies.as_ref().is_some_and(near)
    }

    /// Of several bodies the one with this noun: "the tube".
    pub(super) fn named_base(&self, piece: usize) -> Option<usize> {
        let noun = self.piece(piece).words.split(' ').next_back().unwrap_or_default();
        let same =
            (0..self.open.len()).filter(|open| self.is_body(*open) || self.open[*open].role != Role::Body);
        same.into_iter().find(|open| self.open[*open].noun == noun)
    }

    /// The body that is described has letters of its own, and none are given to it yet: a nameplate.
    pub(super) fn base_says(&self) -> bool {
        let says =
            |step: usize| self.ctx.spec(step).arguments.iter().any(|argument| argument.type_ == Type::Text);
        let base = self.open.iter().rev().find(|open| self.ctx.spec(open.candidates[0].0).kind == Kind::Base);
        base.is_some_and(|open| {
            let given = open.region.iter().any(|piece| matches!(self.piece(*piece).what, What::Text(_)));
            !given && open.candidates.iter().any(|(step, _)| says(*step))
        })
    }

    /// "with the words HELLO": a step that is only said by its text.
    pub(super) fn written(&self, piece: usize) -> Option<Vec<(usize, Option<usize>)>> {
        if self.open.is_empty() || self.base_says() {
            return None;
        }
        let steps: Vec<(usize, Option<usize>)> = self
            .piece(piece)
            .senses()
            .iter()
            .filter_map(|sense| match sense {
                Sense::Says { step, .. } if self.ctx.spec(*step).kind == Kind::Feature => Some((*step, None)),
                _ => None,
            })
            .collect();
        let same = |open: &Open| {
            open.candidates.iter().any(|(other, _)| steps.iter().any(|(step, _)| step == other))
        };
        let open = self.open.iter().any(same);
        (!steps.is_empty() && !open).then_some(steps)
    }
}

/// "make 3 of them", "two such plates", "two copies".
pub(super) fn copies(ctx: &Context<'_>) -> Option<(u32, Vec<usize>)> {
    let such = ctx.pieces.iter().position(|piece| piece.has(&Sense::Such))?;
    let before =
        (0..such).rev().find(|i| !ctx.pieces[*i].is_idle() || matches!(ctx.pieces[*i].what, What::Stop));
    let count = before.and_then(|before| match &ctx.pieces[before].what {
        What::Count(count) => Some(*count),
        What::Numbers(numbers) => numbers.first().filter(|_| numbers.len() == 1).and_then(whole),
        _ => None,
    });
    // "and a copy of it" makes two.
    let Some((count, before)) = count.zip(before) else {
        let one = !ctx.pieces[such].plural && ctx.pieces[such].words.starts_with("copy");
        return one.then(|| (2, vec![such]));
    };
    ((1..=COPIES_MAX).contains(&count)).then(|| (count, vec![before, such]))
}

/// "without a lid", "no lid": what a switch or a choice would do is not wanted.
pub(super) fn denied_choices(ctx: &Context<'_>) -> Vec<usize> {
    let mut denied = Vec::new();
    for at in 0..ctx.pieces.len() {
        if !ctx.pieces[at].has(&Sense::Negation) {
            continue;
        }
        let next = (at + 1..ctx.pieces.len()).find(|i| !ctx.pieces[*i].is_idle() || ctx.pieces[*i].parts());
        let switch = |sense: &Sense| match sense {
            Sense::Choice { step, argument, .. } => {
                ctx.spec(*step).arguments[*argument].type_ == Type::Switch
            }
            _ => false,
        };
        if let Some(next) = next.filter(|next| ctx.pieces[*next].senses().iter().any(switch)) {
            denied.extend(at..=next);
        }
    }
    denied
}
