//! Sizes, counts, faces and places of what is there: "make it 80 long", "six holes", "the holes 10 mm from the edges", "on the bottom face".

use std::collections::BTreeSet;

use super::amend::says_place;
use super::choose::Mention;
use super::draft::Id;
use super::relative::Grown;
use super::segments::{Segment, deeds, is_pronoun};
use super::{Editor, is_content};
use crate::catalog::deeds::Deed;
use crate::catalog::read::bind::bind;
use crate::catalog::read::instance::{Context, Instance, Left};
use crate::catalog::read::pieces::{Piece, What};
use crate::catalog::read::place::explains;
use crate::catalog::words::Sense;

impl Editor<'_, '_> {
    pub(super) fn has(&self, segment: &Segment, wanted: &Deed) -> bool {
        segment.pieces.clone().any(|i| deeds(&self.ctx.pieces[i]).any(|deed| deed == wanted))
    }

    pub(super) fn grows(&self, segment: &Segment) -> bool {
        segment.pieces.clone().any(|i| {
            deeds(&self.ctx.pieces[i])
                .any(|deed| matches!(deed, Deed::Compare { .. } | Deed::Factor(_) | Deed::Times))
        }) || self.verb_compares(segment).is_some()
    }

    /// Changes the step that a mention names; without one, the step that the numbers and words fit.
    pub(super) fn set(&mut self, segment: &Segment, mention: Option<&Mention>) -> Result<(), String> {
        let mut eaten = BTreeSet::new();
        let ids = match mention {
            Some(mention) => self.select(segment, mention, &mut eaten)?,
            None => self.pick(segment)?,
        };
        self.set_ids(segment, &ids, mention, eaten)
    }

    pub(super) fn set_ids(
        &mut self,
        segment: &Segment,
        ids: &[Id],
        mention: Option<&Mention>,
        mut eaten: BTreeSet<usize>,
    ) -> Result<(), String> {
        if let Some(mention) = mention {
            eaten.insert(mention.piece);
            let said = ids.iter().map(|id| self.name(*id)).collect::<Vec<_>>().join(" and ");
            self.note(mention.piece, &said);
        }
        eaten.extend(self.old_value(segment, ids));
        let mut acted = false;
        for id in ids {
            let mut masked = eaten.clone();
            let grown = match self.grow(segment, *id, &mut masked)? {
                Grown::Nothing => None,
                Grown::Sizes(sizes) => Some(sizes),
                Grown::Whole => {
                    acted = true;
                    None
                }
            };
            let view = self.view(&segment.pieces, &masked);
            let ctx = Context { pieces: &view, ..*self.ctx };
            let mut fresh = self.bound(&ctx, segment, *id, mention);
            if let Some(grown) = &grown {
                fresh.own.extend(grown.own.clone());
                fresh.place_given.extend(grown.place_given.clone());
                for (piece, said) in &grown.fates {
                    fresh.note(*piece, said);
                }
            }
            self.complain(&fresh, *id)?;
            // "sharp edges": half of it not understood, and the other half no more than a word.
            let unknown = segment.pieces.clone().find(|i| is_unknown(&self.ctx.pieces[*i]));
            if let Some(unknown) = unknown.filter(|_| mention.is_none() && only_chosen(&fresh)) {
                return Err(format!(
                    "I don't know what `{}` means here. What should change about {}? It has {}.",
                    self.ctx.pieces[unknown].words,
                    self.name(*id),
                    self.sizes_of(*id)
                ));
            }
            let took = takes(&fresh);
            acted |= took;
            if took {
                self.amend(&ctx, *id, &fresh)?;
            } else {
                self.keep(fresh);
            }
        }
        self.last = ids.iter().copied().filter(|id| !self.draft.is_base(*id)).collect();
        let colour = segment.pieces.clone().any(|i| {
            self.ctx.pieces[i].senses().iter().any(|s| matches!(s, Sense::Colour(_) | Sense::Material))
        });
        if acted || colour {
            return Ok(());
        }
        let name = ids.first().map_or_else(String::new, |id| self.name(*id));
        let sizes = ids.first().map_or_else(String::new, |id| self.sizes_of(*id));
        Err(format!("What should change about {name}? It has {sizes}."))
    }

    /// What the words of a segment say of a step.
    pub(super) fn bound(
        &self,
        ctx: &Context<'_>,
        segment: &Segment,
        id: Id,
        mention: Option<&Mention>,
    ) -> Instance {
        let step = self.draft.step(id).and_then(|step| self.ctx.catalog.index_of(&step.do_)).unwrap_or(0);
        let variant = mention
            .and_then(|mention| mention.steps.iter().find(|(named, _)| *named == step))
            .and_then(|(_, variant)| *variant);
        let anchor = mention.map(|mention| mention.piece);
        let plural = mention.map_or(self.pieces_of(id) > 1.5, |mention| mention.plural);
        let mut fresh = Instance { step, variant, anchor, plural, ..Instance::default() };
        let region: Vec<usize> = segment.pieces.clone().collect();
        bind(ctx, &mut fresh, &region);
        // The variant only lends its way to bind numbers.
        fresh
    }

    /// A number that went nowhere is asked about, because half a change is no change.
    fn complain(&self, fresh: &Instance, id: Id) -> Result<(), String> {
        let number = fresh.left.iter().map(|left| match left {
            Left::Number(span) | Left::Pair { number: span, .. } => span,
        });
        let Some(span) = number.into_iter().next() else {
            // "add two ribs", where nobody knows a rib: a part has no count and no place.
            return if self.draft.is_base(id) && says_place(fresh) {
                Err(format!(
                    "I don't see what of {} should change. It has {}.",
                    self.name(id),
                    self.contents()
                ))
            } else {
                Ok(())
            };
        };
        let text: Vec<String> = self.ctx.numbers(*span).iter().map(|n| n.quantity.text.clone()).collect();
        Err(format!(
            "What is {} for {}? It has {}. Say which of them it should be.",
            text.join(" x "),
            self.name(id),
            self.sizes_of(id)
        ))
    }

    /// `length 60 mm, width 40 mm, height 10 mm`
    pub(super) fn sizes_of(&self, id: Id) -> String {
        let Some(step) = self.draft.step(id) else { return String::new() };
        let Some(spec) = self.ctx.catalog.step(&step.do_) else { return String::new() };
        let mut told: Vec<String> = spec
            .arguments
            .iter()
            .filter_map(|argument| {
                let value = step.arguments.get(&argument.name)?;
                Some(format!(
                    "{} {}",
                    argument.title.to_lowercase(),
                    crate::catalog::stand::told(argument, value)
                ))
            })
            .collect();
        if let Some(placement) = &step.at
            && let Some(place) = self.ctx.catalog.step(&placement.name)
        {
            let given = crate::catalog::scene::arguments_of(place, &placement.detail);
            told.extend(place.arguments.iter().filter_map(|argument| {
                let value = given.get(&argument.name)?;
                Some(format!(
                    "{} {}",
                    argument.title.to_lowercase(),
                    crate::catalog::stand::told(argument, value)
                ))
            }));
        }
        if told.is_empty() { "no sizes of its own".to_owned() } else { told.join(", ") }
    }

    /// "change the length **from 60** to 80": the old value only has to be right.
    fn old_value(&mut self, segment: &Segment, ids: &[Id]) -> Vec<usize> {
        let mut eaten = Vec::new();
        for i in segment.pieces.clone() {
            let from = i > segment.pieces.start && self.ctx.pieces[i - 1].words == "from";
            let to = self.ctx.pieces.get(i + 1).is_some_and(|next| next.words == "to");
            let number = matches!(self.ctx.pieces[i].what, What::Numbers(_) | What::Size(_) | What::Count(_));
            if number && from && to {
                if !ids.iter().any(|id| self.shows(*id, i)) {
                    self.notes.push("It was not what you said before the change".to_owned());
                }
                self.note(i, "as it was");
                eaten.extend([i - 1, i]);
            }
        }
        eaten
    }

    /// The step that a segment without a noun speaks of: the one that the words fit.
    fn pick(&mut self, segment: &Segment) -> Result<Vec<Id>, String> {
        let pronoun = self.pronoun(segment);
        let mut order: Vec<Vec<Id>> = Vec::new();
        order.extend(pronoun.clone());
        if pronoun.is_none() && !self.last.is_empty() {
            order.push(self.last.clone());
        }
        order.extend(self.draft.base(self.body).map(|id| vec![id]));
        for ids in &order {
            if ids.iter().all(|id| self.score(segment, *id).is_some()) {
                return Ok(ids.clone());
            }
        }
        if let Some(first) = order.first().filter(|_| self.only_numbers(segment) && !self.grows(segment)) {
            return Ok(first.clone());
        }
        let scored: Vec<(u32, Id)> =
            self.draft.all().into_iter().filter_map(|id| Some((self.score(segment, id)?, id))).collect();
        let best = scored.iter().map(|(score, _)| *score).max();
        let ids: Vec<Id> =
            scored.iter().filter(|(score, _)| Some(*score) == best).map(|(_, id)| *id).collect();
        match ids.len() {
            0 => Ok(pronoun.or_else(|| self.draft.base(self.body).map(|id| vec![id])).unwrap_or_default()),
            1 => Ok(ids),
            _ => Err(self.which(&ids)),
        }
    }

    /// "twice as big": a factor, and no word of any one size.
    fn scales(&self, segment: &Segment) -> bool {
        let named = |i: usize| {
            let piece = &self.ctx.pieces[i];
            let of = deeds(piece).any(|deed| matches!(deed, Deed::Compare { of, .. } if !of.is_empty()));
            of || self.is_size(i)
        };
        !segment.pieces.clone().any(named)
    }

    /// Nothing but numbers is said: no word that tells what they are.
    fn only_numbers(&self, segment: &Segment) -> bool {
        let content = |i: &usize| is_content(&self.ctx.pieces[*i]);
        segment.pieces.clone().filter(content).all(|i| matches!(self.ctx.pieces[i].what, What::Numbers(_)))
    }

    /// "make two of them"
    pub(super) fn only_count(&self, segment: &Segment) -> bool {
        let pronoun = segment.pieces.clone().any(|i| is_pronoun(&self.ctx.pieces[i]));
        let content = |i: &usize| is_content(&self.ctx.pieces[*i]);
        let mut rest = segment.pieces.clone().filter(content);
        let counted = rest.next().is_some_and(|i| matches!(self.ctx.pieces[i].what, What::Count(_)));
        pronoun && counted && rest.next().is_none() && self.last.is_empty()
    }

    /// How well the words fit a step; none when something is left over or nothing is said.
    fn score(&self, segment: &Segment, id: Id) -> Option<u32> {
        if self.grows(segment) {
            let mut masked = BTreeSet::new();
            let sized = self.growth(segment, id, &mut masked).is_some();
            return (sized || (self.draft.is_base(id) && self.scales(segment))).then_some(1);
        }
        let view = self.view(&segment.pieces, &BTreeSet::new());
        let ctx = Context { pieces: &view, ..*self.ctx };
        let fresh = self.bound(&ctx, segment, id, None);
        let used = |i: &usize| {
            fresh.fates.contains_key(i)
                || self.heard.fates.contains_key(i)
                || fresh.place_pairs.iter().any(|pair| pair.word == *i || pair.number.piece == *i)
        };
        let content = |i: &usize| is_content(&view[*i]) && !is_unknown(&view[*i]);
        if !takes(&fresh)
            || !fresh.left.is_empty()
            || segment.pieces.clone().any(|i| content(&i) && !used(&i))
        {
            return None;
        }
        let step = self.draft.step(id)?;
        let place = step.at.as_ref().and_then(|at| self.ctx.catalog.index_of(&at.name));
        // A base has no count of its own, and numbers of a place want that place.
        if self.draft.is_base(id) && says_place(&fresh) {
            return None;
        }
        let at_home = place.is_some_and(|place| {
            !fresh.place_pairs.is_empty()
                && fresh.place_pairs.iter().all(|pair| explains(&ctx, &fresh, place, pair))
        });
        let counted = fresh.count.is_some() && self.pieces_of(id) > 1.5;
        Some(1 + 2 * u32::from(at_home) + 2 * u32::from(counted))
    }
}

pub(super) fn is_unknown(piece: &Piece) -> bool {
    matches!(piece.what, What::Unknown)
}

/// Nothing was said of it but a choice.
fn only_chosen(fresh: &Instance) -> bool {
    fresh.own.is_empty() && fresh.absent.is_empty() && fresh.size.is_none() && !says_place(fresh)
}

/// Something was said of the step.
pub(super) fn takes(fresh: &Instance) -> bool {
    !fresh.own.is_empty()
        || !fresh.choices.is_empty()
        || !fresh.absent.is_empty()
        || fresh.size.is_some()
        || fresh.on.is_some()
        || says_place(fresh)
}
