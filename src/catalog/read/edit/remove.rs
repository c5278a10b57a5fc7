//! Taking something away: a step, one of its numbers that need not be there, or some of its pieces.

use std::collections::BTreeSet;

use super::choose::Mention;
use super::draft::Id;
use super::segments::{Segment, deeds, is_number};
use super::{Editor, is_content};
use crate::catalog::deeds::{Deed, Verb};
use crate::catalog::read::instance::{Context, Instance};
use crate::catalog::read::pieces::What;
use crate::catalog::stand::{counted, whole};
use crate::catalog::table::{Combine, Kind};
use crate::catalog::words::Sense;

impl Editor<'_, '_> {
    pub(super) fn remove(&mut self, segment: &Segment) -> Result<(), String> {
        let mentions = self.mentions(segment);
        let first = mentions.iter().find(|mention| !mention.aside).or(mentions.first()).cloned();
        self.mark_removal(segment);
        let Some(first) = first else { return self.remove_unnamed(segment) };
        if self.matching(&first).is_empty() {
            return self.remove_size(segment, &first);
        }
        if let Some(count) = self.partly(segment, &first) {
            return self.fewer(segment, &first, count);
        }
        let mut eaten = BTreeSet::new();
        let ids = self.select(segment, &first, &mut eaten)?;
        if let Some(base) = ids.iter().find(|id| self.draft.is_base(**id)) {
            return self.remove_body(*base);
        }
        self.drop_steps(&ids);
        self.numbers_of_removed(segment, &eaten);
        Ok(())
    }

    fn mark_removal(&mut self, segment: &Segment) {
        for i in segment.pieces.clone() {
            let piece = &self.ctx.pieces[i];
            if piece.has(&Sense::Negation)
                || deeds(piece).any(|deed| *deed == Deed::Verb(Verb::Remove) || *deed == Deed::Undo)
            {
                self.heard.note(i, "removed");
            }
        }
    }

    /// "it", "the last feature", "everything on top", or edges that are named without their step.
    fn remove_unnamed(&mut self, segment: &Segment) -> Result<(), String> {
        if let Some(ids) = self.pronoun(segment) {
            if let Some(base) = ids.iter().find(|id| self.draft.is_base(**id)) {
                return self.remove_body(*base);
            }
            self.drop_steps(&ids);
            return Ok(());
        }
        // "no rounded corners" of a step that knows them as a number.
        let optional = self.optional(segment);
        if let Some((piece, id, names)) = optional {
            return self.without(segment, piece, id, names);
        }
        let words: Vec<&str> = segment
            .pieces
            .clone()
            .filter(|i| is_content(&self.ctx.pieces[*i]))
            .map(|i| self.ctx.pieces[i].words.as_str())
            .collect();
        Err(format!("I don't see what to remove{}. The part has {}.", quoted(&words), self.contents()))
    }

    /// Steps, and what stands on them.
    pub(super) fn drop_steps(&mut self, ids: &[Id]) {
        let mut gone: Vec<Id> = ids.to_vec();
        let mut at = 0;
        while at < gone.len() {
            let Some((body, _)) = self.draft.find(gone[at]) else {
                at += 1;
                continue;
            };
            let Some(step) = self.draft.step(gone[at]).cloned() else { break };
            let leaves = self.ctx.catalog.step(&step.do_).is_some_and(|spec| spec.surface.is_some());
            let of_body = self.draft.of_body(body);
            // Another one of the same name carries what is left.
            let others = of_body.iter().any(|other| {
                !gone.contains(other) && self.draft.step(*other).is_some_and(|other| other.do_ == step.do_)
            });
            if leaves && !others {
                for other in of_body {
                    let on = self.draft.step(other).is_some_and(|other| other.on.as_ref() == Some(&step.do_));
                    if on && !gone.contains(&other) {
                        let what = self.name(other);
                        self.assume(format!("{what} goes too"), format!("it was on the {}", step.do_));
                        gone.push(other);
                    }
                }
            }
            at += 1;
        }
        for id in gone {
            self.draft.remove(id);
        }
        self.last.clear();
        self.acted = true;
    }

    fn remove_body(&mut self, base: Id) -> Result<(), String> {
        let Some((body, _)) = self.draft.find(base) else { return Ok(()) };
        let name = self.draft.plan.bodies[body].name.clone();
        if self.draft.plan.bodies.len() == 1 {
            return Err(format!(
                "The {name} is the part itself. Say what should be there instead, or start a new part."
            ));
        }
        let rests = self
            .draft
            .plan
            .bodies
            .iter()
            .find(|other| other.place.as_ref().is_some_and(|seat| seat.to == name));
        if let Some(other) = rests {
            return Err(format!(
                "The {} is placed by the {name}. Remove the {} first.",
                other.name, other.name
            ));
        }
        self.draft.remove_body(body);
        self.body = 0;
        self.last.clear();
        self.acted = true;
        Ok(())
    }

    /// "remove the corner radius of the pocket": a number that need not be there.
    fn remove_size(&mut self, segment: &Segment, mention: &Mention) -> Result<(), String> {
        match self.optional(segment) {
            Some((piece, id, names)) => self.without(segment, piece, id, names),
            None => Err(self.no_such(mention)),
        }
    }

    fn optional(&self, segment: &Segment) -> Option<(usize, Id, Vec<String>)> {
        segment.pieces.clone().find_map(|i| {
            self.draft.all().into_iter().find_map(|id| {
                let named = self.named(id, self.ctx.pieces[i].senses()).filter(|named| !named.placed)?;
                let may_go = |name: &String| {
                    self.current(id, name, false).is_some()
                        && self
                            .argument(id, name, false)
                            .is_some_and(|argument| argument.optional || argument.absent.is_some())
                };
                named.names.iter().all(may_go).then_some((i, id, named.names))
            })
        })
    }

    fn without(&mut self, segment: &Segment, piece: usize, id: Id, names: Vec<String>) -> Result<(), String> {
        let said = format!("no {}", self.ctx.pieces[piece].words);
        self.note(piece, &said);
        let step = self.draft.step(id).and_then(|step| self.ctx.catalog.index_of(&step.do_)).unwrap_or(0);
        let fresh = Instance { step, absent: names.into_iter().collect(), ..Instance::default() };
        for mention in self.mentions(segment) {
            if self.matching(&mention).contains(&id) {
                let name = self.name(id);
                self.note(mention.piece, &name);
            }
        }
        let ctx = Context { ..*self.ctx };
        self.amend(&ctx, id, &fresh)
    }

    /// "remove two of the holes": how many, when that is not all of them.
    fn partly(&self, segment: &Segment, mention: &Mention) -> Option<(usize, u32)> {
        let counted = segment.pieces.clone().find_map(|i| match &self.ctx.pieces[i].what {
            What::Count(count) => Some((i, *count)),
            What::Numbers(numbers) if numbers.len() == 1 => {
                crate::catalog::read::quantities::whole(&numbers[0]).map(|count| (i, count))
            }
            _ => None,
        })?;
        let ids = self.matching(mention);
        let all = ids.iter().any(|id| (self.pieces_of(*id) - f64::from(counted.1)).abs() < 0.5);
        let sized = ids.iter().any(|id| self.shows(*id, counted.0));
        (!all && !sized && counted.0 < mention.piece).then_some(counted)
    }

    fn fewer(
        &mut self,
        segment: &Segment,
        mention: &Mention,
        (piece, by): (usize, u32),
    ) -> Result<(), String> {
        let mut eaten: BTreeSet<usize> = [piece].into();
        let plain = Mention { definite: false, ..mention.clone() };
        let ids = self.select(segment, &plain, &mut eaten)?;
        let [id] = ids.as_slice() else { return Err(self.which(&ids)) };
        let stand = self.draft.stand(self.ctx.catalog, *id)?;
        let after = stand.pieces - f64::from(by);
        if after < 0.5 {
            let have = counted(stand.spec, stand.pieces);
            return Err(format!("There are only {have}."));
        }
        let step = self.ctx.catalog.index_of(&stand.spec.name).unwrap_or(0);
        let count = whole(after);
        self.note(piece, &format!("{count} are left"));
        let fresh = Instance {
            step,
            count: Some((count, format!("{by} fewer"))),
            plural: true,
            ..Instance::default()
        };
        let ctx = Context { ..*self.ctx };
        self.amend(&ctx, *id, &fresh)
    }

    /// Numbers that only described what is gone.
    fn numbers_of_removed(&mut self, segment: &Segment, eaten: &BTreeSet<usize>) {
        for i in segment.pieces.clone() {
            let piece = &self.ctx.pieces[i];
            let where_ = piece.senses().iter().any(|sense| match sense {
                Sense::Step { step, .. } => {
                    matches!(self.ctx.spec(*step).kind, Kind::Placement | Kind::Pattern)
                }
                Sense::Choice { step, .. } => self.ctx.spec(*step).combine == Some(Combine::Edges),
                Sense::Face(_) => true,
                _ => false,
            });
            if !eaten.contains(&i) && !self.heard.fates.contains_key(&i) && where_ && !is_number(piece) {
                self.heard.note(i, "what is removed");
            }
        }
    }
}

fn quoted(words: &[&str]) -> String {
    if words.is_empty() { String::new() } else { format!(" in `{}`", words.join(" ")) }
}
