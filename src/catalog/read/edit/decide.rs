//! What a segment without a telling verb asks for: a change of what is there, something new, or one thing instead of another.

use std::collections::BTreeSet;

use super::Editor;
use super::choose::Mention;
use super::draft::Id;
use super::segments::{Segment, is_pronoun};
use super::set::is_unknown;
use crate::catalog::deeds::{Deed, Verb};
use crate::catalog::read::bind::bind;
use crate::catalog::read::clauses::Found;
use crate::catalog::read::instance::{Context, Instance, names_step};
use crate::catalog::read::pieces::What;
use crate::catalog::table::{Combine, Kind};
use crate::catalog::words::Sense;
use crate::domain::plan::Value;

/// By this word the table knows the step that rounds edges.
const ROUNDED: &str = "rounded";

impl Editor<'_, '_> {
    /// A segment without a verb that says it all: a change of what is there, or something new.
    pub(super) fn decide(&mut self, segment: &Segment) -> Result<(), String> {
        if self.has(segment, &Deed::InsteadOf) {
            return self.instead(segment);
        }
        let mentions = self.mentions(segment);
        let counted = self.has(segment, &Deed::More) || self.has(segment, &Deed::Fewer);
        let first = mentions.iter().find(|mention| !mention.aside).or(mentions.first()).cloned();
        let Some(first) = first else {
            if self.only_count(segment) {
                return self.copy(segment);
            }
            if segment.verb == Some(Verb::Add)
                && segment.pieces.clone().any(|i| is_unknown(&self.ctx.pieces[i]))
            {
                return self.add(segment);
            }
            if segment.verb == Some(Verb::Round) && segment.pieces.clone().any(|i| self.chooses_edges(i)) {
                return self.round(segment);
            }
            if counted {
                return self.more(segment, None);
            }
            return self.shape(segment).unwrap_or_else(|| self.set(segment, None));
        };
        let adds = segment.verb == Some(Verb::Add);
        let there = !self.matching(&first).is_empty();
        self.refuse_inner_edges(&first, &mentions)?;
        let base = first.steps.iter().all(|(step, _)| self.ctx.spec(*step).kind == Kind::Base);
        if self.names_size(&first, segment) {
            return self.set(segment, None);
        }
        if counted && there && !base {
            return self.more(segment, Some(&first));
        }
        if base && !adds {
            return self.base_said(segment, &first);
        }
        // "make the hole a slot", "make them slots"
        let second =
            mentions.iter().find(|other| other.piece > first.piece && other.indefinite && !other.aside);
        if let Some(second) = second.filter(|_| first.definite && there && segment.verb == Some(Verb::Change))
        {
            return self.convert_to(segment, &first, &second.clone());
        }
        // "make the holes countersunk": the noun says what is there, and what it becomes.
        if first.definite && !there && self.begins_with_what_is_there(&first) {
            return self.convert_family(segment, &first);
        }
        if first.definite && !adds {
            return self.set(segment, Some(&first));
        }
        if there && first.definite && self.says_all(segment, &first) {
            return self.set(segment, Some(&first));
        }
        if adds {
            return self.add(segment);
        }
        let instead = segment.pieces.clone().any(|i| self.ctx.pieces[i].words.contains("instead"));
        if !there {
            let family = self.pronoun_targets(segment, &first);
            return match family {
                Some(ids) => self.convert(segment, &ids, &first),
                None if instead => self.convert_family(segment, &first),
                None => self.add(segment),
            };
        }
        if (first.indefinite && !instead) || self.says_elsewhere(segment, &first) {
            return self.add(segment);
        }
        self.set(segment, Some(&first))
    }

    /// "chamfer the holes": edges of features can't be worked on, and all edges of the part are not what was meant.
    fn refuse_inner_edges(&self, first: &Mention, mentions: &[Mention]) -> Result<(), String> {
        let edges = first.steps.iter().all(|(step, _)| self.ctx.spec(*step).combine == Some(Combine::Edges));
        let feature = mentions.iter().find(|other| {
            other.piece > first.piece && other.definite && {
                let ids = self.matching(other);
                !ids.is_empty()
                    && ids.iter().all(|id| self.draft.step(*id).is_some_and(|step| step.at.is_some()))
            }
        });
        match feature.filter(|_| edges) {
            Some(other) => Err(format!(
                "I can round or chamfer the outer edges of the part, but not those of the {}. Which edges of the part: top, bottom, vertical or all?",
                self.ctx.pieces[other.piece].words
            )),
            None => Ok(()),
        }
    }

    fn chooses_edges(&self, piece: usize) -> bool {
        self.ctx.pieces[piece].senses().iter().any(|sense| {
            matches!(sense, Sense::Choice { step, .. } if self.ctx.spec(*step).combine == Some(Combine::Edges))
        })
    }

    /// "round only the top edges": the step that a word of the table for it names.
    fn round(&mut self, segment: &Segment) -> Result<(), String> {
        let verb = segment.pieces.clone().find(|i| super::verb_of(&self.ctx.pieces[*i]) == Some(Verb::Round));
        let rounds = self.ctx.catalog.words.senses(ROUNDED).unwrap_or_default();
        let step =
            rounds.iter().find_map(|s| if let Sense::Step { step, .. } = s { Some(*step) } else { None });
        let (Some(piece), Some(step)) = (verb, step) else { return self.set(segment, None) };
        let mention = Mention {
            piece,
            steps: vec![(step, None)],
            definite: false,
            plural: false,
            indefinite: false,
            aside: false,
        };
        if !self.matching(&mention).is_empty() && !self.says_elsewhere(segment, &mention) {
            return self.set(segment, Some(&mention));
        }
        let view = self.view(&segment.pieces, &BTreeSet::new());
        let ctx = Context { pieces: &view, ..*self.ctx };
        let mut instance = Instance::named(&ctx, (step, None), Some(piece), false);
        let region: Vec<usize> = segment.pieces.clone().filter(|i| *i != piece).collect();
        bind(&ctx, &mut instance, &region);
        let mut found =
            Found { instance, noun: String::new(), host: None, standing_host: None, references: Vec::new() };
        let made = self.make(&ctx, self.body, None, &mut found, None)?;
        let id = self.draft.push(self.body, made);
        self.found.push(found);
        self.last = vec![id];
        self.acted = true;
        Ok(())
    }

    fn begins_with_what_is_there(&self, mention: &Mention) -> bool {
        let word = self.ctx.pieces[mention.piece].words.split(' ').next().unwrap_or_default();
        let steps = self.draft.all();
        steps.iter().filter_map(|id| self.draft.step(*id)).any(|step| step.do_ == word)
    }

    /// The noun is a size of the part here: the bore of a tube, the corner radius of a rounded box.
    fn names_size(&self, mention: &Mention, segment: &Segment) -> bool {
        if !self.matching(mention).is_empty() || mention.indefinite || segment.verb == Some(Verb::Add) {
            return false;
        }
        let senses = self.ctx.pieces[mention.piece].senses();
        let given = |id: &Id| {
            self.named(*id, senses).is_some_and(|named| {
                named.names.iter().any(|name| self.current(*id, name, named.placed).is_some())
            })
        };
        self.draft.all().iter().any(given)
    }

    /// With an adding verb, a noun with "the" is one that is there, when the rest fits it: "put the hole at (10, 5)".
    fn says_all(&self, segment: &Segment, mention: &Mention) -> bool {
        self.mentions(segment).len() == 1 && !self.ctx.pieces[mention.piece].words.is_empty()
    }

    /// The words put it at another place, or on other edges, than what is there: then it is a new one.
    fn says_elsewhere(&self, segment: &Segment, mention: &Mention) -> bool {
        let ids = self.matching(mention);
        let sizes = segment
            .pieces
            .clone()
            .any(|i| matches!(self.ctx.pieces[i].what, What::Numbers(_) | What::Size(_)));
        let known = |sense: &Sense| {
            ids.iter().filter_map(|id| self.draft.step(*id)).any(|step| match sense {
                Sense::Step { step: place, .. } => {
                    step.at.as_ref().is_some_and(|at| at.name == self.ctx.spec(*place).name)
                }
                Sense::Choice { argument, step: of, value } => {
                    let argument = &self.ctx.spec(*of).arguments[*argument];
                    step.arguments.get(&argument.name).and_then(Value::text) == Some(value)
                }
                _ => false,
            })
        };
        let elsewhere = |sense: &Sense| match sense {
            Sense::Step { step, .. } => {
                matches!(self.ctx.spec(*step).kind, Kind::Placement | Kind::Pattern) && !known(sense)
            }
            Sense::Choice { step, .. } => {
                let edges = self.ctx.spec(*step).combine == Some(Combine::Edges);
                edges && mention.steps.iter().any(|(of, _)| of == step) && !known(sense)
            }
            _ => false,
        };
        let point = segment.pieces.clone().any(|i| matches!(self.ctx.pieces[i].what, What::Point(_)));
        let explicit = segment.verb != Some(Verb::Change);
        let variant = !ids.iter().any(|id| self.fits(*id, mention));
        let other = segment.pieces.clone().any(|i| {
            let senses = self.ctx.pieces[i].senses();
            !names_step(self.ctx, i) && senses.iter().any(elsewhere) && !senses.iter().any(known)
        });
        // "chamfer the bottom edges **too**"
        let too = segment
            .pieces
            .clone()
            .any(|i| matches!(self.ctx.pieces[i].words.as_str(), "too" | "also" | "as well"));
        explicit && (sizes || too) && (point || variant || other)
    }

    fn fits(&self, id: Id, mention: &Mention) -> bool {
        let one = Mention { ..mention.clone() };
        self.matching(&one).contains(&id)
    }

    /// "make **it** a slot": what the pronoun means, when it is no base and another step than the noun.
    fn pronoun_targets(&mut self, segment: &Segment, mention: &Mention) -> Option<Vec<Id>> {
        let pronoun = segment.pieces.clone().any(|i| is_pronoun(&self.ctx.pieces[i]) && i < mention.piece);
        if !pronoun || segment.verb != Some(Verb::Change) {
            return None;
        }
        let ids = self.pronoun(segment)?;
        ids.iter().all(|id| !self.draft.is_base(*id)).then_some(ids)
    }

    /// A base's noun: the body that it names, or another shape for it.
    fn base_said(&mut self, segment: &Segment, mention: &Mention) -> Result<(), String> {
        let word = &self.ctx.pieces[mention.piece].words;
        let named = |name: &str| word.split(' ').next_back() == Some(name) || word == name;
        let body = self.draft.plan.bodies.iter().position(|body| named(&body.name));
        let matching = self.matching(mention);
        let target = match body {
            Some(body) => self.draft.base(body),
            None if matching.len() == 1 => matching.first().copied(),
            None => None,
        };
        if let Some(id) = target.filter(|_| !mention.indefinite || body.is_some()) {
            if let Some((body, _)) = self.draft.find(id) {
                self.body = body;
            }
            let said = self.name(id);
            self.note(mention.piece, &said);
            return self.set_ids(segment, &[id], Some(mention), BTreeSet::new());
        }
        if mention.definite {
            let base = self.draft.base(self.body).filter(|_| self.draft.plan.bodies.len() == 1);
            let Some(id) = base else { return Err(self.no_such(mention)) };
            let said = self.name(id);
            self.note(mention.piece, &said);
            return self.set_ids(segment, &[id], Some(mention), BTreeSet::new());
        }
        self.reshape(segment, mention)
    }
}
