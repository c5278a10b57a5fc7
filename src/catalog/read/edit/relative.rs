//! Sizes by comparison: "10 mm longer", "20 % wider", "double the thickness", "half as wide". Without an amount there is a question.

use std::collections::BTreeSet;

use super::Editor;
use super::draft::Id;
use super::segments::{Segment, deeds, divides, verb_of};
use super::sizes::{Named, mapped};
use crate::catalog::deeds::{Deed, Verb};
use crate::catalog::read::instance::{Given, Instance};
use crate::catalog::read::pieces::What;
use crate::catalog::stand::told;
use crate::catalog::table::Kind;
use crate::catalog::words::Sense;
use crate::domain::plan::{self, Value};
use crate::domain::quantity::Unit;

/// By how much.
#[derive(Debug, Clone, Copy)]
enum Amount {
    By(f64),
    Times(f64),
    /// "thicker, 12 mm"
    To(f64),
    /// "twice the width"
    Equals(f64),
}

/// A comparison as it was read for one step.
#[derive(Debug, Clone)]
pub(super) struct Growth {
    named: Named,
    amount: Option<Amount>,
    grows: bool,
    /// Every piece that says it.
    pieces: Vec<usize>,
    /// The word of it: "longer".
    word: usize,
}

/// What a comparison came to.
pub(super) enum Grown {
    Nothing,
    Sizes(Box<Instance>),
    /// The whole part was scaled.
    Whole,
}

impl Editor<'_, '_> {
    /// The new numbers of a step, if the segment compares. `masked` gets the pieces that said so.
    pub(super) fn grow(
        &mut self,
        segment: &Segment,
        id: Id,
        masked: &mut BTreeSet<usize>,
    ) -> Result<Grown, String> {
        if !self.grows(segment) {
            return Ok(Grown::Nothing);
        }
        let Some(growth) = self.growth(segment, id, masked) else {
            return self.grow_whole(segment, id, masked).map(|()| Grown::Whole);
        };
        let mut fresh = Instance::default();
        for name in &growth.named.names {
            let Some(argument) = self.argument(id, name, growth.named.placed).cloned() else { continue };
            let title = argument.title.to_lowercase();
            let Some(now) = self.current(id, name, growth.named.placed) else {
                return Err(format!("What should the {title} of {} be? It has none so far.", self.name(id)));
            };
            let said = told(&argument, &now);
            let Some(amount) = growth.amount else {
                let word = &self.ctx.pieces[growth.word].words;
                for piece in &growth.pieces {
                    self.heard.note(*piece, &title);
                }
                let (what, example) =
                    (self.name(id), mapped(&now, &|n| if growth.grows { n * 1.2 } else { n * 0.8 }));
                let example = told(&argument, &example);
                return Err(format!(
                    "How much {word} should {what} be? The {title} is {said} now. Give an amount or the new {title}, for example {example}."
                ));
            };
            let sign = if growth.grows { 1.0 } else { -1.0 };
            let factor = growth.named.factor;
            let value = mapped(&now, &|number| match amount {
                Amount::By(by) => number + sign * by * factor,
                Amount::Times(times) => number * times,
                Amount::To(to) => to * factor,
                Amount::Equals(to) => to,
            });
            self.check_direction(&growth, amount, &now, &value, &title, &said)?;
            let text = self.text(&growth.pieces);
            let became = format!("{title} {}", told(&argument, &value));
            for piece in &growth.pieces {
                fresh.note(*piece, &became);
            }
            let given = Given { value, text };
            if growth.named.placed {
                fresh.place_given.insert(name.clone(), given);
            } else {
                fresh.own.insert(name.clone(), given);
            }
        }
        masked.extend(growth.pieces.iter().copied());
        Ok(Grown::Sizes(Box::new(fresh)))
    }

    /// "twice as big" of a whole part scales it; "5 mm bigger" of one that has no single size is asked.
    fn grow_whole(&mut self, segment: &Segment, id: Id, masked: &mut BTreeSet<usize>) -> Result<(), String> {
        let (amount, grows, pieces) = self.amount(segment, masked);
        let factor = match amount {
            Some(Amount::Times(factor)) if self.draft.is_base(id) => factor,
            Some(_) => {
                return Err(format!(
                    "Which size of {} is meant? It has {}.",
                    self.name(id),
                    self.sizes_of(id)
                ));
            }
            None => {
                let word = if grows { "bigger" } else { "smaller" };
                return Err(format!(
                    "How much {word}, and in which direction? It has {}. For example `10 mm longer` or `scale by 1.5`.",
                    self.sizes_of(id)
                ));
            }
        };
        for piece in &pieces {
            self.note(*piece, &format!("times {factor}"));
        }
        masked.extend(pieces);
        self.scale(factor);
        Ok(())
    }

    fn check_direction(
        &self,
        growth: &Growth,
        amount: Amount,
        now: &Value,
        value: &Value,
        title: &str,
        said: &str,
    ) -> Result<(), String> {
        let (Some(old), Some(new)) = (now.pair(), value.pair()) else { return Ok(()) };
        let against = (growth.grows && new[0] < old[0]) || (!growth.grows && new[0] > old[0]);
        if against && matches!(amount, Amount::To(_)) {
            let word = &self.ctx.pieces[growth.word].words;
            return Err(format!(
                "The {title} is {said} now, so {value} would not be {word}. Which {title} should it be?"
            ));
        }
        if new.iter().any(|number| *number < 0.0) || (new[0] == 0.0 && old[0] > 0.0 && !growth.named.placed) {
            return Err(format!(
                "The {title} is {said} now; that would leave nothing of it. What should it be?"
            ));
        }
        Ok(())
    }

    fn text(&self, pieces: &[usize]) -> String {
        let mut sorted: Vec<&usize> = pieces.iter().collect();
        sorted.sort();
        let words: Vec<String> = sorted
            .into_iter()
            .map(|i| match &self.ctx.pieces[*i].what {
                What::Numbers(numbers) => {
                    numbers.iter().map(|n| n.quantity.text.clone()).collect::<Vec<_>>().join(" x ")
                }
                _ => self.ctx.pieces[*i].words.clone(),
            })
            .collect();
        words.join(" ")
    }

    /// Which number of the step is compared, and by how much.
    pub(super) fn growth(&self, segment: &Segment, id: Id, masked: &mut BTreeSet<usize>) -> Option<Growth> {
        let (amount, grows, mut pieces) = self.amount(segment, masked);
        let ctx = self.ctx;
        let compared = segment.pieces.clone().find_map(|i| {
            deeds(&ctx.pieces[i]).find_map(|deed| match deed {
                Deed::Compare { of, .. } => Some((i, of.clone())),
                _ => None,
            })
        });
        let word = compared
            .as_ref()
            .map(|(i, _)| *i)
            .or_else(|| pieces.iter().copied().find(|i| deeds(&ctx.pieces[*i]).next().is_some()))?;
        // Only in the clause of the comparison: "10 mm shorter with an outer diameter of 40".
        let from = (segment.pieces.start..word)
            .rev()
            .find(|i| divides(&ctx.pieces[*i]))
            .unwrap_or(segment.pieces.start);
        let to =
            (word + 1..segment.pieces.end).find(|i| divides(&ctx.pieces[*i])).unwrap_or(segment.pieces.end);
        let by_word = (from..to)
            .filter(|i| !masked.contains(i) && !pieces.contains(i))
            .find_map(|i| Some((i, self.named(id, ctx.pieces[i].senses())?)));
        let by_comparison = compared
            .filter(|(_, of)| !of.is_empty())
            .map(|(_, of)| ctx.catalog.words.senses(&of).and_then(|senses| self.named(id, senses)));
        let named = match (by_word, by_comparison) {
            (Some((piece, named)), _) => {
                pieces.push(piece);
                named
            }
            // "longer" of something that has no length.
            (None, Some(named)) => named?,
            // A size or a pattern is named that this step does not have.
            (None, None) if (from..to).any(|i| !masked.contains(&i) && self.is_size(i)) => return None,
            (None, None) => self.main_size_of(id)?,
        };
        // "the length twice the width"
        let amount = match (
            amount,
            pieces
                .iter()
                .copied()
                .find(|i| deeds(&ctx.pieces[*i]).any(|deed| matches!(deed, Deed::Factor(_)))),
        ) {
            (Some(Amount::Times(factor)), Some(at)) => {
                let other = (at + 1..to).find_map(|i| {
                    let other =
                        self.named(id, ctx.pieces[i].senses()).filter(|other| other.names != named.names)?;
                    Some((i, self.current(id, other.names.first()?, other.placed)?.number()?))
                });
                if let Some((piece, value)) = other {
                    pieces.push(piece);
                    Some(Amount::Equals(factor * value))
                } else {
                    amount
                }
            }
            _ => amount,
        };
        let given = |name: &String| {
            self.current(id, name, named.placed).is_some()
                || self.argument(id, name, named.placed).is_some_and(|argument| argument.absent.is_some())
        };
        if !named.names.iter().any(given) {
            return None;
        }
        Some(Growth { named, amount, grows, pieces, word })
    }

    pub(super) fn is_size(&self, piece: usize) -> bool {
        self.ctx.pieces[piece].senses().iter().any(|sense| match sense {
            Sense::Argument(naming) => self.speaks_of(naming.step),
            Sense::Step { step, .. } => self.ctx.spec(*step).kind == Kind::Pattern,
            _ => false,
        })
    }

    /// The part has this step, or places something by it.
    fn speaks_of(&self, step: usize) -> bool {
        let name = &self.ctx.spec(step).name;
        let has =
            |step: &plan::Step| step.do_ == *name || step.at.as_ref().is_some_and(|at| at.name == *name);
        self.draft.plan.bodies.iter().flat_map(|body| &body.steps).any(has)
    }

    /// "add 10 mm **to the length**", "take 5 mm **off** the width": the verb compares. Returns it with the number, and whether it adds.
    pub(super) fn verb_compares(&self, segment: &Segment) -> Option<(usize, usize, bool)> {
        let verb = segment
            .pieces
            .clone()
            .find(|i| matches!(verb_of(&self.ctx.pieces[*i]), Some(Verb::Add | Verb::Remove)))?;
        let number = (verb + 1..segment.pieces.end)
            .find(|i| matches!(&self.ctx.pieces[*i].what, What::Numbers(numbers) if numbers.len() == 1))?;
        let word = |i: usize| self.ctx.pieces[i].words.as_str();
        let tie = (number + 1..segment.pieces.end).find(|i| matches!(word(*i), "to" | "off" | "from"))?;
        let sized = (tie + 1..segment.pieces.end).any(|i| self.is_size(i));
        let adds = verb_of(&self.ctx.pieces[verb]) == Some(Verb::Add) && word(tie) == "to";
        (sized && self.mentions(segment).is_empty()).then_some((verb, number, adds))
    }

    /// By how much, which way, and the pieces that say it.
    fn amount(&self, segment: &Segment, masked: &BTreeSet<usize>) -> (Option<Amount>, bool, Vec<usize>) {
        let ctx = self.ctx;
        let range = || segment.pieces.clone().filter(|i| !masked.contains(i));
        let mut pieces = Vec::new();
        let mut grows = true;
        let mut factor = None;
        let (mut compare, mut times) = (None, None);
        for i in range() {
            for deed in deeds(&ctx.pieces[i]) {
                match deed {
                    Deed::Compare { grows: up, .. } if compare.is_none() => {
                        (compare, grows) = (Some(i), *up);
                        pieces.push(i);
                    }
                    Deed::Factor(by) if factor.is_none() => {
                        factor = Some(*by);
                        pieces.push(i);
                    }
                    Deed::Times => times = Some(i),
                    Deed::As | Deed::Vague => pieces.push(i),
                    _ => {}
                }
            }
        }
        if let Some(factor) = factor {
            return (
                Some(Amount::Times(if compare.is_some() && !grows && factor > 1.0 {
                    1.0 / factor
                } else {
                    factor
                })),
                factor >= 1.0,
                pieces,
            );
        }
        let numbers: Vec<usize> = range()
            .filter(|i| matches!(&ctx.pieces[*i].what, What::Numbers(numbers) if numbers.len() == 1))
            .collect();
        // "3 times", "1.5 times"
        let counted = times.and_then(|times| {
            let is_number = |i: &usize| matches!(ctx.pieces[*i].what, What::Count(_) | What::Numbers(_));
            let before = times
                .checked_sub(1)
                .filter(is_number)
                .or(Some(times + 1))
                .filter(|i| segment.pieces.contains(i))?;
            match &ctx.pieces[before].what {
                What::Count(count) => Some((before, f64::from(*count))),
                What::Numbers(numbers) => Some((before, numbers.first()?.quantity.value)),
                _ => None,
            }
        });
        if let (Some((number, factor)), Some(times)) = (counted, times) {
            pieces.extend([number, times]);
            let factor = if grows { factor } else { 1.0 / factor };
            return (Some(Amount::Times(factor)), grows, pieces);
        }
        if let (None, Some((verb, number, adds))) = (compare, self.verb_compares(segment))
            && let What::Numbers(all) = &ctx.pieces[number].what
            && let Some(first) = all.first()
        {
            pieces.extend([verb, number]);
            return (Some(Amount::By(ctx.plan_value(&first.quantity))), adds, pieces);
        }
        let Some(compare) = compare else { return (None, grows, pieces) };
        let before = numbers.iter().rev().find(|i| **i < compare && self.near(**i, compare));
        let after = numbers.iter().find(|i| **i > compare);
        let Some(number) = before.or(after).copied() else { return (None, grows, pieces) };
        let What::Numbers(all) = &ctx.pieces[number].what else { return (None, grows, pieces) };
        let Some(quantity) = all.first().map(|number| &number.quantity) else { return (None, grows, pieces) };
        pieces.push(number);
        let to = number > compare && self.says_new(compare, number);
        let amount = match quantity.unit {
            Unit::Percent if to => Amount::Times(quantity.value / 100.0),
            Unit::Percent => {
                let share = quantity.value / 100.0;
                Amount::Times(if grows { 1.0 + share } else { 1.0 - share })
            }
            _ if to => Amount::To(ctx.plan_value(quantity)),
            _ => Amount::By(ctx.plan_value(quantity)),
        };
        (Some(amount), grows, pieces)
    }

    /// Nothing but idle words, and words of sizes, between the amount and its comparison.
    fn near(&self, number: usize, compare: usize) -> bool {
        (number + 1..compare).all(|i| {
            let piece = &self.ctx.pieces[i];
            !matches!(piece.what, What::Comma | What::Stop | What::Numbers(_)) && !piece.has(&Sense::Link)
        })
    }

    /// "to 20", ", 12 mm", ": 12" after the comparison give the new size; "by 5" and a plain "5 mm" the difference.
    fn says_new(&self, compare: usize, number: usize) -> bool {
        let between = &self.ctx.pieces[compare + 1..number];
        if between.iter().any(|piece| piece.words == "by") {
            return false;
        }
        between.iter().any(|piece| {
            matches!(piece.what, What::Comma | What::Stop | What::Equals | What::Bracket)
                || (piece.has(&Sense::Tie) && piece.words != "of")
                || piece.has(&Sense::Link)
        })
    }
}
