//! Sizes that other sizes give: "twice as wide as long", "half the height", "5 mm less than the width", "50 % of the length", "1.5D". They are
//! cut out as one piece; once the rest of the prompt is read, the number they stand for is put in their place and the prompt is read again.

use super::clauses::Parsed;
use super::instance::{Context, Instance};
use super::lexer::Token;
use super::pieces::{Cutter, Number, Piece, What};
use crate::catalog::table::Kind;
use crate::catalog::words::{Naming, Sense};
use crate::domain::quantity::{Quantity, Span, Unit, round};

#[derive(Debug, Clone)]
pub(super) struct Relative {
    factor: f64,
    /// Added after the factor, in its own unit.
    plus: Option<Quantity>,
    /// What it is a part of, by the words that name it.
    of: Vec<Naming>,
    /// The words, for the message.
    named: String,
    /// The step that it must belong to: "as deep as the plate is thick".
    noun: Vec<usize>,
    /// What it is the size of, when that stands in the next piece: the "wide" of "twice as wide as long".
    own: Vec<Naming>,
}

/// What a relation refers to.
struct Reference {
    factor: f64,
    noun: Vec<usize>,
    of: Vec<Naming>,
    named: String,
    end: usize,
}

/// How a relation begins.
struct Head {
    factor: f64,
    plus: Option<Quantity>,
    end: usize,
    /// "as" stands next: a word for the size itself follows.
    compares: bool,
}

impl Cutter<'_> {
    /// A relation that begins here, and the token after it. "twice as | wide | as long" leaves the word between for the table.
    pub(super) fn relative(&mut self, first: usize) -> Option<(Relative, usize)> {
        let head = self.head(first)?;
        if head.compares {
            // "as wide as long": the relation is the first part; the second is passed over when it is reached.
            let (own, tail) = self.longest_argument(head.end)?;
            let found = self.reference(tail + 1).filter(|_| self.said(tail) == Some("as"))?;
            return Some((found.relative(&head, own), head.end));
        }
        let found = self.reference(head.end)?;
        Some((found.relative(&head, Vec::new()), found.end))
    }

    /// The second half of a comparison whose first half was cut: "as long", "as the plate is thick".
    pub(super) fn comparison_tail(&self, first: usize) -> Option<usize> {
        let compared = self.pieces.iter().rev().take(2).any(|piece| matches!(piece.what, What::Relative(_)));
        (compared && self.said(first) == Some("as"))
            .then(|| self.reference(first + 1))?
            .map(|found| found.end)
    }

    fn said(&self, at: usize) -> Option<&str> {
        self.token(at).and_then(Token::word)
    }

    fn head(&self, first: usize) -> Option<Head> {
        let plain = |factor: f64, end: usize| Head { factor, plus: None, end, compares: false };
        let mut head = match self.said(first) {
            Some("twice" | "double") => plain(2.0, first + 1),
            Some("thrice" | "triple") => plain(3.0, first + 1),
            Some("half") => plain(0.5, first + 1),
            Some("third") => plain(1.0 / 3.0, first + 1),
            Some("same") => {
                let as_ = usize::from(matches!(self.said(first + 1), Some("as")));
                let own = self.longest_argument(first + 1).filter(|_| as_ == 0);
                match own {
                    // "the same width as the height" names its own size first.
                    Some((_, end)) if self.said(end) == Some("as") => {
                        return Some(Head { compares: true, ..plain(1.0, first + 1) });
                    }
                    _ if as_ == 1 => plain(1.0, first + 2),
                    _ => return None,
                }
            }
            Some("equal") if self.said(first + 1) == Some("to") => plain(1.0, first + 2),
            Some("as") => plain(1.0, first),
            _ if self.times(first).is_some() => {
                let (count, end) = self.times(first)?;
                plain(f64::from(count), end)
            }
            _ => {
                let (quantity, end) = self.quantity(first)?;
                if quantity.unit == Unit::Percent {
                    plain(quantity.value / 100.0, end)
                } else if quantity.unit == Unit::None && self.said(end) == Some("time") {
                    plain(quantity.value, end + 1)
                } else if let Some(sign) = self.more_or_less(end) {
                    let plus = Quantity { value: quantity.value * sign, ..quantity };
                    return Some(Head { factor: 1.0, plus: Some(plus), end: end + 2, compares: false });
                } else {
                    return None;
                }
            }
        };
        if self.said(head.end) == Some("as") && self.said(first) != Some("same") {
            head.end += 1;
            head.compares = true;
        } else if self.said(first) == Some("as") {
            return None;
        }
        Some(head)
    }

    /// "three times"
    fn times(&self, first: usize) -> Option<(u32, usize)> {
        let found = self.longest(first).filter(|found| self.said(found.end) == Some("time"))?;
        found.senses.iter().find_map(|sense| {
            if let Sense::Count(count) = sense { Some((*count, found.end + 1)) } else { None }
        })
    }

    fn more_or_less(&self, at: usize) -> Option<f64> {
        if self.said(at + 1) != Some("than") {
            return None;
        }
        match self.said(at)? {
            "more" | "longer" | "wider" | "taller" | "higher" | "larger" | "bigger" | "deeper"
            | "thicker" => Some(1.0),
            "less" | "shorter" | "narrower" | "lower" | "smaller" | "shallower" | "thinner" => Some(-1.0),
            _ => None,
        }
    }

    fn longest_argument(&self, at: usize) -> Option<(Vec<Naming>, usize)> {
        let found = self.longest(at)?;
        let namings: Vec<Naming> = found
            .senses
            .iter()
            .filter_map(|sense| if let Sense::Argument(naming) = sense { Some(naming.clone()) } else { None })
            .collect();
        (!namings.is_empty()).then_some((namings, found.end))
    }

    /// "the width", "it is long", "the plate is thick", "the height of the plate".
    fn reference(&self, first: usize) -> Option<Reference> {
        const WORDS_MAX: usize = 5;
        let mut at = first;
        let mut factor = 1.0;
        if self.said(first) == Some("half") {
            (factor, at) = (0.5, first + 1);
        } else if self.said(first) == Some("twice") {
            (factor, at) = (2.0, first + 1);
        }
        let mut noun = Vec::new();
        while at < first + WORDS_MAX {
            let word = self.said(at)?;
            if let Some((of, end)) = self.longest_argument(at) {
                let named = self.tokens[at..end].iter().filter_map(Token::word).collect::<Vec<_>>().join(" ");
                let mut end = end;
                // "the thickness of the plate"
                if self.said(end) == Some("of")
                    && let Some((steps, after)) = self.noun(end + 2)
                {
                    noun = steps;
                    end = after;
                }
                return Some(Reference { factor, noun, of, named, end });
            }
            if let Some((steps, end)) = self.noun(at) {
                noun = steps;
                at = end;
            } else if matches!(word, "the" | "it" | "its" | "is" | "of" | "that" | "overall" | "are") {
                at += 1;
            } else {
                return None;
            }
        }
        None
    }

    fn noun(&self, at: usize) -> Option<(Vec<usize>, usize)> {
        let found = self.longest(at)?;
        let steps: Vec<usize> = found
            .senses
            .iter()
            .filter_map(|sense| if let Sense::Step { step, .. } = sense { Some(*step) } else { None })
            .collect();
        (!steps.is_empty()).then_some((steps, found.end))
    }

    /// "1.5D": so many times the diameter.
    pub(super) fn diameters(&self, first: usize) -> Option<(Relative, usize)> {
        let token = self.token(first)?;
        let (factor, end) = if let Some(value) = token.number() {
            let sign = self.token(first + 1)?;
            let alone = self.token(first + 2).is_none_or(|next| !next.glued || next.word().is_none());
            (Some(value).filter(|_| sign.glued && sign.word() == Some("d") && alone)?, first + 2)
        } else {
            // "3D printed" is another thing.
            let value: f64 = token.word()?.strip_suffix('d')?.parse().ok()?;
            let goes_on = matches!(self.said(first + 1), Some("from" | "deep" | "apart" | "long" | "in"));
            (Some(value).filter(|_| goes_on)?, first + 1)
        };
        let senses = self.vocabulary.senses("diameter")?.iter();
        let of =
            senses.filter_map(|sense| if let Sense::Argument(n) = sense { Some(n.clone()) } else { None });
        let named = "diameter".to_owned();
        let relative =
            Relative { factor, plus: None, of: of.collect(), named, noun: Vec::new(), own: Vec::new() };
        Some((relative, end))
    }
}

impl Reference {
    fn relative(&self, head: &Head, own: Vec<Naming>) -> Relative {
        Relative {
            factor: head.factor * self.factor,
            plus: head.plus.clone(),
            of: self.of.clone(),
            named: self.named.clone(),
            noun: self.noun.clone(),
            own,
        }
    }
}

/// Puts numbers in the place of relations, as far as what they refer to is known. True when any was found.
pub(super) fn resolve(ctx: &Context<'_>, parsed: &Parsed, pieces: &mut [Piece]) -> bool {
    let mut any = false;
    for at in 0..pieces.len() {
        let What::Relative(relative) = &pieces[at].what else { continue };
        let relative = relative.clone();
        let plus = relative.plus.as_ref().map_or(0.0, |plus| ctx.plan_value(plus));
        let forward = value_of(ctx, parsed, &relative, at).map(|value| value * relative.factor + plus);
        // "80 long, twice as long as wide": the known size gives the other one.
        let inverse = Relative { of: relative.own.clone(), named: String::new(), ..*relative.clone() };
        let backward = forward.is_none().then(|| value_of(ctx, parsed, &inverse, at)).flatten();
        let Some(value) = forward.or(backward.map(|value| (value - plus) / relative.factor)) else {
            continue;
        };
        let value = round(value);
        let span = Span { start: pieces[at].start, end: pieces[at].end };
        let quantity = Quantity { value, unit: Unit::Mm, text: format!("{value} mm"), span };
        pieces[at].what = What::Numbers(vec![Number { quantity, prefix: None, whole_and_bare: false }]);
        if backward.is_some()
            && let Some(next) = pieces.get_mut(at + 1)
        {
            next.what = What::Phrase(relative.of.iter().cloned().map(Sense::Argument).collect());
        }
        any = true;
    }
    any
}

fn value_of(ctx: &Context<'_>, parsed: &Parsed, relative: &Relative, at: usize) -> Option<f64> {
    let given = |instance: &Instance, naming: &Naming| {
        let names = naming.targets.iter().map(|target| &ctx.spec(naming.step).arguments[*target].name);
        let mut numbers =
            names.filter_map(|name| instance.own.get(name)).filter_map(|given| given.value.number());
        numbers.next().map(|number| number / naming.factor)
    };
    let mut order: Vec<&Instance> = parsed.instances.iter().map(|found| &found.instance).collect();
    let round = relative.named == "diameter";
    // The base first; a diameter is that of the step which is being described.
    order.sort_by_key(|instance| {
        let base = instance.spec(ctx).kind == Kind::Base;
        (
            base == round,
            if round { instance.anchor.map_or(usize::MAX, |anchor| anchor.abs_diff(at)) } else { 0 },
        )
    });
    order
        .into_iter()
        .filter(|instance| relative.noun.is_empty() || relative.noun.contains(&instance.step))
        .find_map(|instance| {
            relative
                .of
                .iter()
                .filter(|naming| naming.step == instance.step)
                .find_map(|naming| given(instance, naming))
        })
}
