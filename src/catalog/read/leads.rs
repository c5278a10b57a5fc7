//! Where the words of a noun begin: "with | four 5 mm | holes", and whether a noun begins a step at all.

use super::clauses::{Splitter, bound};
use super::pieces::What;
use crate::catalog::table::Kind;
use crate::catalog::words::Sense;

/// Links that hang what follows on what stands directly before.
const HANGING: &[&str] =
    &["with", "having", "has", "have", "that has", "which has", "containing", "featuring", "including"];

impl Splitter<'_, '_> {
    /// The article that stands before a noun.
    pub(super) fn article_before(&self, piece: usize) -> usize {
        let article = piece.checked_sub(1).filter(|i| *i >= self.cursor);
        article.filter(|i| self.ctx.catalog.words.is_definite(&self.ctx.pieces[*i].words)).unwrap_or(piece)
    }

    /// "a boss **with** a bore"
    pub(super) fn hangs(&self, start: usize) -> bool {
        let before =
            (0..start).rev().map(|i| &self.ctx.pieces[i]).find(|piece| !piece.is_idle() || piece.parts());
        before.is_some_and(|piece| HANGING.contains(&piece.words.as_str()))
    }

    /// Whether a noun only names a number of the step that is being described: the bore of a tube, the corner radius of a pocket.
    pub(super) fn names_argument(&self, piece: usize, start: usize) -> bool {
        let Some(current) = self.current else { return false };
        let ctx = self.ctx;
        if ctx.namings(piece).next().is_none() {
            return false;
        }
        let open = &self.open[current];
        let added = start > 0 && ctx.pieces[start - 1].words == "and";
        let counted = (start..piece).any(|i| matches!(ctx.pieces[i].what, What::Count(count) if count > 1));
        let number = |i: usize| matches!(ctx.pieces[i].what, What::Numbers(_));
        let near = (start..piece).any(number) || (piece + 1..(piece + 4).min(ctx.pieces.len())).any(number);
        if counted || !near {
            return false;
        }
        let trial = bound(ctx, open, open.candidates[0]);
        let wanted = ctx.namings(piece).any(|naming| {
            let optional = naming.targets.iter().any(|t| ctx.spec(naming.step).arguments[*t].optional);
            open.candidates.iter().any(|(step, _)| *step == naming.step)
                && (trial.step != naming.step || trial.wants(ctx, naming))
                && !(optional && added)
        });
        wanted && trial.size.is_none()
    }

    /// Whether a noun only names a standard size for the step that is being described: "a wing nut for an M5 bolt", "with an M4 grub screw".
    pub(super) fn names_size(&self, piece: usize, start: usize) -> bool {
        let ctx = self.ctx;
        // "a counterbored M6 | hole" goes on with its own noun.
        let Some(current) = self.current.filter(|_| !self.completes(piece)) else { return false };
        let lead = start..piece;
        let counted = lead.clone().any(|i| matches!(ctx.pieces[i].what, What::Count(_)));
        let number = lead.clone().any(|i| matches!(ctx.pieces[i].what, What::Numbers(_)));
        let Some(What::Size(size)) =
            lead.rev().map(|i| &ctx.pieces[i].what).find(|what| matches!(what, What::Size(_)))
        else {
            return false;
        };
        let open = &self.open[current];
        if number || (counted && ctx.spec(open.candidates[0].0).kind == Kind::Base) {
            return false;
        }
        let is_base =
            |sense: &Sense| matches!(sense, Sense::Step { step, .. } if ctx.spec(*step).kind == Kind::Base);
        let base = ctx.pieces[piece].senses().iter().any(is_base);
        open.candidates.iter().any(|candidate| {
            let trial = bound(ctx, open, *candidate);
            let table = trial.sizes(ctx).map(|sizes| &ctx.catalog.sizes[&sizes.table].sizes);
            let own_word = ctx.namings(piece).any(|naming| naming.step == candidate.0);
            trial.size.is_none() && (base || own_word) && table.is_some_and(|table| table.contains_key(size))
        })
    }

    /// Where the words that lead up to a noun begin: "with | four 5 mm | holes".
    pub(super) fn start_of(&self, piece: usize) -> usize {
        let ctx = self.ctx;
        let mut start = piece;
        while start > self.cursor {
            if let Some(pattern) = self.pattern_of(start) {
                start = pattern;
                continue;
            }
            let other = &ctx.pieces[start - 1];
            let article = matches!(other.words.as_str(), "a" | "an");
            if !self.leads_up(start - 1) {
                return start;
            }
            start -= 1;
            if (article || matches!(other.what, What::Count(_))) && self.pattern_of(start).is_none() {
                return start;
            }
        }
        // No border in sight: the last number and what directly precedes it.
        if self.current.is_some() { self.shortest(piece) } else { start }
    }

    fn leads_up(&self, piece: usize) -> bool {
        let other = &self.ctx.pieces[piece];
        if other.parts() || other.has(&Sense::Tie) || other.has(&Sense::Aside) {
            return false;
        }
        match &other.what {
            What::Numbers(_)
            | What::Size(_)
            | What::Count(_)
            | What::Unknown
            | What::Relative(_)
            | What::Name(_)
            | What::Text(_)
            | What::Bracket => true,
            What::Phrase(senses) => senses.iter().any(|sense| match sense {
                Sense::Step { step, .. } => {
                    self.ctx.spec(*step).kind == Kind::Placement && self.ctx.spec(*step).arguments.is_empty()
                }
                Sense::Face(_) => false,
                _ => true,
            }),
            What::Point(_) | What::Comma | What::Stop | What::Equals => false,
        }
    }

    /// The pattern that hangs before `start`: "a row of | five holes".
    fn pattern_of(&self, start: usize) -> Option<usize> {
        let is_pattern = |i: usize| {
            let senses = self.ctx.pieces[i].senses();
            senses
                .iter()
                .any(|s| matches!(s, Sense::Step { step, .. } if self.ctx.spec(*step).kind == Kind::Pattern))
        };
        let before = start.checked_sub(1).filter(|before| *before >= self.cursor)?;
        let words = &self.ctx.pieces[before].words;
        if is_pattern(before) && words.ends_with(" of") {
            return Some(before);
        }
        before
            .checked_sub(1)
            .filter(|pattern| words == "of" && *pattern >= self.cursor && is_pattern(*pattern))
    }

    fn shortest(&self, piece: usize) -> usize {
        let number = |i: usize| matches!(self.ctx.pieces[i].what, What::Numbers(_) | What::Size(_));
        let Some(last) = (self.cursor..piece).rev().find(|i| number(*i)) else { return piece };
        // "4 5 mm holes"
        let counted = last > self.cursor && number(last - 1) && self.ctx.pieces[piece].plural;
        if counted { last - 1 } else { last }
    }

    /// "a counterbored M8 | hole": the noun of what the step before it is.
    pub(super) fn completes(&self, piece: usize) -> bool {
        let ctx = self.ctx;
        let Some(open) =
            self.current.filter(|current| *current == self.open.len() - 1).map(|current| &self.open[current])
        else {
            return false;
        };
        let between = open.anchor.map_or(piece, |anchor| anchor + 1)..piece;
        let only_sizes = between.clone().all(|i| match ctx.pieces[i].what {
            What::Numbers(_) | What::Size(_) => true,
            _ => ctx.pieces[i].is_idle() && !ctx.pieces[i].parts(),
        });
        only_sizes && ctx.namings(piece).any(|naming| naming.step == open.candidates[0].0)
    }
}
