//! Which step of the part a word means: "the holes", "the 5 mm hole", "the last one", "it". What could mean two things is asked.

use std::collections::BTreeSet;

use super::Editor;
use super::draft::Id;
use super::segments::{Segment, deeds, is_definite};
use crate::catalog::deeds::{Deed, Noun, Verb};
use crate::catalog::read::instance::names_step;
use crate::catalog::read::pieces::What;
use crate::catalog::read::quantities::whole;
use crate::catalog::stand::{counted, described, plural, told, whereabouts};
use crate::catalog::table::{Kind, Variant};
use crate::catalog::words::Sense;
use crate::domain::plan::{self, Value};
use crate::domain::reading::MeasureRef;

#[expect(
    clippy::struct_excessive_bools,
    reason = "each is a fact of the words around the noun, and none excludes another"
)]
/// A noun of a step in the sentence.
#[derive(Debug, Clone)]
pub(super) struct Mention {
    pub piece: usize,
    /// The steps it may name, and the variant.
    pub steps: Vec<(usize, Option<usize>)>,
    pub definite: bool,
    pub plural: bool,
    /// "a", "an", "another" stands before it.
    pub indefinite: bool,
    /// It only says where: "in **the boss**".
    pub aside: bool,
}

/// Numbers closer than this are the same size.
const SAME_MM: f64 = 1e-6;

impl Editor<'_, '_> {
    pub(super) fn mentions(&self, segment: &Segment) -> Vec<Mention> {
        let ctx = self.ctx;
        let named = segment.pieces.clone().filter(|i| names_step(ctx, *i));
        let mut from = segment.pieces.start;
        let mut mentions = Vec::new();
        for piece in named {
            let steps = ctx.pieces[piece].senses().iter().filter_map(|sense| match sense {
                Sense::Step { step, variant }
                    if matches!(ctx.spec(*step).kind, Kind::Base | Kind::Feature) =>
                {
                    Some((*step, *variant))
                }
                _ => None,
            });
            let before = || (from..piece).rev().map(|i| &ctx.pieces[i]);
            let article = before().any(|other| matches!(other.words.as_str(), "a" | "an"));
            let aside = before()
                .find(|other| !other.has(&Sense::Definite) && !other.has(&Sense::Ignored))
                .is_some_and(|other| {
                    other.has(&Sense::Aside) || other.has(&Sense::Tie) && other.words != "of"
                });
            mentions.push(Mention {
                piece,
                steps: steps.collect(),
                definite: is_definite(ctx, from, piece),
                plural: ctx.pieces[piece].plural,
                indefinite: article,
                aside,
            });
            from = piece + 1;
        }
        mentions
    }

    /// The steps of the part that a noun can mean.
    pub(super) fn matching(&self, mention: &Mention) -> Vec<Id> {
        let ids = self.draft.all();
        let of_step = |id: &Id| {
            let name = self.draft.step(*id).map(|step| step.do_.as_str());
            mention.steps.iter().any(|(step, _)| Some(self.ctx.spec(*step).name.as_str()) == name)
        };
        let same: Vec<Id> = ids.iter().copied().filter(of_step).collect();
        let fitting: Vec<Id> = same.iter().copied().filter(|id| self.fits_variant(*id, mention)).collect();
        if !fitting.is_empty() {
            return fitting;
        }
        let plain = mention.steps.iter().any(|(_, variant)| variant.is_none());
        if !same.is_empty() && plain {
            return same;
        }
        // "the hole" may be a counterbored one.
        let makes_holes = |step: usize| {
            let mut arguments = self.ctx.spec(step).arguments.iter();
            arguments.any(|argument| argument.measure == Some(MeasureRef::HoleDiameter))
                && self.ctx.spec(step).kind == Kind::Feature
        };
        if !mention.steps.iter().any(|(step, _)| self.ctx.spec(*step).unnamed) {
            return Vec::new();
        }
        let holes = |id: &Id| {
            let step = self.draft.step(*id).and_then(|step| self.ctx.catalog.index_of(&step.do_));
            step.is_some_and(makes_holes) && !self.draft.is_base(*id)
        };
        if same.is_empty() { ids.into_iter().filter(holes).collect() } else { Vec::new() }
    }

    /// "corner radius" is a fillet of the upright edges, "centre hole" one in the middle.
    fn fits_variant(&self, id: Id, mention: &Mention) -> bool {
        let Some(step) = self.draft.step(id) else { return false };
        let fits = |variant: &Variant| {
            let set = variant.set.iter().all(|(name, value)| {
                if let Some(given) = step.arguments.get(name) {
                    return given.text() == Some(value);
                }
                let spec = self.ctx.catalog.step(&step.do_);
                spec.and_then(|spec| spec.argument(name))
                    .is_some_and(|argument| argument.absent.as_ref() == Some(value))
            });
            let needs = variant.require.iter().all(|name| step.arguments.get(name).is_some());
            let place = variant
                .place
                .as_ref()
                .is_none_or(|place| step.at.as_ref().is_some_and(|at| at.name == *place));
            set && needs && place
        };
        mention.steps.iter().any(|(index, variant)| {
            let spec = self.ctx.spec(*index);
            spec.name == step.do_ && variant.is_none_or(|variant| fits(&spec.variants[variant]))
        })
    }

    /// The steps that a mention means here. `eaten` gets the pieces that only helped to choose. All of them, where that is no question.
    pub(super) fn select(
        &mut self,
        segment: &Segment,
        mention: &Mention,
        eaten: &mut BTreeSet<usize>,
    ) -> Result<Vec<Id>, String> {
        let mut ids = self.matching(mention);
        if ids.is_empty() {
            return Err(self.no_such(mention));
        }
        self.by_host(segment, mention, &mut ids, eaten);
        if mention.definite {
            self.by_size(segment, mention, &mut ids, eaten)?;
        }
        let has = |deed: &Deed| segment.pieces.clone().any(|i| deeds(&self.ctx.pieces[i]).any(|d| d == deed));
        if let Some(order) = self.order_before(segment, mention.piece) {
            ids = pick(&ids, order).into_iter().collect();
            if ids.is_empty() {
                return Err(self.no_such(mention));
            }
        }
        if has(&Deed::Other) && ids.len() > 1 {
            ids.retain(|id| !self.last.contains(id));
        }
        if ids.len() > 1 && segment.verb != Some(Verb::Move) {
            self.by_place(segment, &mut ids, eaten);
        }
        let removes = segment.verb == Some(Verb::Remove);
        let all = has(&Deed::All) || (removes && mention.plural);
        if ids.len() > 1 && !all {
            let single: Vec<Id> = ids.iter().copied().filter(|id| self.pieces_of(*id) < 1.5).collect();
            if !mention.plural && single.len() == 1 {
                ids = single;
            } else {
                let words = self.ctx.pieces[mention.piece].words.clone();
                self.note(mention.piece, &words);
                return Err(self.which(&ids));
            }
        }
        let said = self.name_of(&ids);
        self.note(mention.piece, &said);
        for piece in eaten.iter() {
            self.heard.note(*piece, &said);
        }
        self.last.clone_from(&ids);
        if let Some((body, _)) = ids.first().and_then(|id| self.draft.find(*id)) {
            self.body = body;
        }
        Ok(ids)
    }

    /// "the hole **in the boss**"
    fn by_host(&self, segment: &Segment, mention: &Mention, ids: &mut Vec<Id>, eaten: &mut BTreeSet<usize>) {
        for other in self.mentions(segment) {
            if other.piece == mention.piece || !other.aside {
                continue;
            }
            let names = |step: &usize| self.ctx.spec(*step).name.as_str();
            let hosts: Vec<&str> = other.steps.iter().map(|(step, _)| names(step)).collect();
            let on = |id: &Id| {
                let step = self.draft.step(*id);
                step.and_then(|step| step.on.as_deref()).is_some_and(|on| hosts.contains(&on))
            };
            if ids.iter().any(on) {
                ids.retain(on);
                eaten.insert(other.piece);
            }
        }
    }

    /// "the 5 mm holes", "the M5 holes", "the four holes"
    fn by_size(
        &self,
        segment: &Segment,
        mention: &Mention,
        ids: &mut Vec<Id>,
        eaten: &mut BTreeSet<usize>,
    ) -> Result<(), String> {
        let start = (segment.pieces.start..mention.piece)
            .rev()
            .find(|i| self.ctx.catalog.words.is_definite(&self.ctx.pieces[*i].words));
        for i in start.unwrap_or(mention.piece)..mention.piece {
            let chosen: Vec<Id> = ids.iter().copied().filter(|id| self.shows(*id, i)).collect();
            let number = matches!(self.ctx.pieces[i].what, What::Numbers(_) | What::Size(_));
            if !chosen.is_empty() {
                *ids = chosen;
                eaten.insert(i);
            } else if number {
                let what = &self.ctx.pieces[mention.piece].words;
                let size = self.ctx.pieces[i].clone();
                let text = match &size.what {
                    What::Numbers(numbers) => {
                        numbers.iter().map(|n| n.quantity.text.clone()).collect::<Vec<_>>().join(" x ")
                    }
                    What::Size(size) => size.clone(),
                    _ => size.words,
                };
                return Err(format!(
                    "There is no {what} of {text} in this part. It has {}.",
                    self.contents()
                ));
            }
        }
        Ok(())
    }

    /// Whether a step has the number, size or count that a piece gives.
    pub(super) fn shows(&self, id: Id, piece: usize) -> bool {
        let Some(step) = self.draft.step(id) else { return false };
        let Some(spec) = self.ctx.catalog.step(&step.do_) else { return false };
        let is = |wanted: f64| {
            step.arguments
                .iter()
                .filter_map(|(_, value)| value.number())
                .any(|number| (number - wanted).abs() < SAME_MM)
        };
        match &self.ctx.pieces[piece].what {
            What::Count(count) => (self.pieces_of(id) - f64::from(*count)).abs() < 0.5,
            What::Numbers(numbers) => {
                let counted = numbers.len() == 1
                    && whole(&numbers[0])
                        .is_some_and(|count| (self.pieces_of(id) - f64::from(count)).abs() < 0.5);
                counted || numbers.iter().all(|number| is(self.ctx.plan_value(&number.quantity)))
            }
            What::Size(size) => {
                let variants = spec.variants.iter().filter_map(|variant| variant.sizes.as_ref());
                spec.sizes.iter().chain(variants).any(|sizes| {
                    let row =
                        self.ctx.catalog.sizes.get(&sizes.table).and_then(|table| table.sizes.get(size));
                    row.is_some_and(|row| {
                        sizes.columns.iter().any(|(name, column)| {
                            let given = step.arguments.number(name);
                            row.iter().any(|(key, value)| {
                                key.starts_with(column.as_str())
                                    && given.is_some_and(|given| (given - value).abs() < SAME_MM)
                            })
                        })
                    })
                })
            }
            _ => false,
        }
    }

    /// "the holes in the corners"
    fn by_place(&self, segment: &Segment, ids: &mut Vec<Id>, eaten: &mut BTreeSet<usize>) {
        for i in segment.pieces.clone() {
            let named = |id: &Id| {
                let step = self.draft.step(*id);
                self.ctx.pieces[i].senses().iter().any(|sense| match sense {
                    Sense::Step { step: place, .. } => step
                        .and_then(|step| step.at.as_ref())
                        .is_some_and(|at| at.name == self.ctx.spec(*place).name),
                    Sense::Face(face) => {
                        step.is_some_and(|step| step.at.is_some() && step.on.as_ref() == Some(face))
                    }
                    Sense::Choice { step: chooser, argument, value } => step.is_some_and(|step| {
                        let spec = self.ctx.spec(*chooser);
                        spec.name == step.do_
                            && step.arguments.get(&spec.arguments[*argument].name).and_then(Value::text)
                                == Some(value)
                    }),
                    _ => false,
                })
            };
            if ids.len() > 1 && ids.iter().any(named) && !ids.iter().all(named) {
                ids.retain(named);
                eaten.insert(i);
            }
        }
    }

    fn order_before(&self, segment: &Segment, piece: usize) -> Option<i32> {
        (segment.pieces.start..piece).rev().find_map(|i| self.order_of(i))
    }

    fn order_of(&self, piece: usize) -> Option<i32> {
        deeds(&self.ctx.pieces[piece])
            .find_map(|deed| if let Deed::Order(order) = deed { Some(*order) } else { None })
    }

    /// What "it", "them", "the first one" or "the last feature" means; nothing when none of them stands here.
    pub(super) fn pronoun(&mut self, segment: &Segment) -> Option<Vec<Id>> {
        let ctx = self.ctx;
        let (piece, noun) = segment.pieces.clone().find_map(|i| {
            deeds(&ctx.pieces[i])
                .find_map(|deed| if let Deed::Noun(noun) = deed { Some((i, *noun)) } else { None })
        })?;
        let features: Vec<Id> =
            self.draft.of_body(self.body).into_iter().filter(|id| !self.draft.is_base(*id)).collect();
        let base = self.draft.base(self.body);
        let ids = match (self.order_before(segment, piece), noun) {
            (Some(order), _) if self.last.len() > 1 => pick(&self.last, order).into_iter().collect(),
            (Some(order), _) => pick(&features, order).into_iter().collect(),
            (None, Noun::Feature) => features.last().copied().into_iter().collect(),
            (None, Noun::Part) => base.into_iter().collect(),
            (None, Noun::One) if self.last.is_empty() => base.into_iter().collect(),
            (None, Noun::Many) if self.last.is_empty() => {
                let many: Vec<Id> = features.iter().copied().filter(|id| self.pieces_of(*id) > 1.5).collect();
                if many.len() == 1 { many } else { features }
            }
            (None, Noun::One | Noun::Many) => self.last.clone(),
        };
        if ids.is_empty() {
            return None;
        }
        let said = self.name_of(&ids);
        self.note(piece, &said);
        Some(ids)
    }

    pub(super) fn pieces_of(&self, id: Id) -> f64 {
        self.draft.stand(self.ctx.catalog, id).map_or(1.0, |stand| stand.total)
    }

    /// `the 4 holes in the corners`, `the plate`
    pub(super) fn name(&self, id: Id) -> String {
        let Some(step) = self.draft.step(id) else { return "it".to_owned() };
        let Some(spec) = self.ctx.catalog.step(&step.do_) else { return step.do_.clone() };
        if self.draft.is_base(id) {
            let body = self.draft.find(id).map(|(body, _)| self.draft.plan.bodies[body].name.clone());
            return format!("the {}", body.unwrap_or_default());
        }
        let place = whereabouts(self.ctx.catalog, spec, step);
        format!("the {} {place}", counted(spec, self.pieces_of(id))).trim().to_owned()
    }

    fn name_of(&self, ids: &[Id]) -> String {
        ids.iter().map(|id| self.name(*id)).collect::<Vec<_>>().join(" and ")
    }

    /// "Which holes: the 4 in the corners or the 1 in the centre?"
    pub(super) fn which(&self, ids: &[Id]) -> String {
        let step = |id: &Id| self.draft.step(*id);
        let specs: Vec<&str> = ids.iter().filter_map(|id| Some(step(id)?.do_.as_str())).collect();
        let one_kind = specs.windows(2).all(|pair| pair[0] == pair[1]);
        let spec = specs.first().and_then(|name| self.ctx.catalog.step(name));
        let (Some(spec), true) = (spec, one_kind) else {
            let names: Vec<String> = ids.iter().map(|id| self.name(*id)).collect();
            return format!("Which one is meant: {}?", names.join(" or "));
        };
        let places: Vec<String> =
            ids.iter().filter_map(|id| Some(whereabouts(self.ctx.catalog, spec, step(id)?))).collect();
        let told_apart = places.iter().collect::<BTreeSet<_>>().len() == places.len();
        let one = |(id, place): (&Id, &String)| {
            let count = self.pieces_of(*id);
            let size = step(id).and_then(|step| self.main_size(step)).filter(|_| !told_apart);
            let of = size.map_or_else(String::new, |size| format!(" of {size}"));
            format!("the {count}{of} {place}").trim().to_owned()
        };
        let all: Vec<String> = ids.iter().zip(&places).map(one).collect();
        format!("Which {}: {}?", plural(&spec.title, 2.0), all.join(" or "))
    }

    fn main_size(&self, step: &plan::Step) -> Option<String> {
        let spec = self.ctx.catalog.step(&step.do_)?;
        let main = crate::catalog::stand::main_arguments(spec);
        main.into_iter().find_map(|argument| Some(told(argument, step.arguments.get(&argument.name)?)))
    }

    pub(super) fn no_such(&self, mention: &Mention) -> String {
        let word = &self.ctx.pieces[mention.piece].words;
        format!("There is no {word} in this part. It has {}.", self.contents())
    }

    /// `a plate with 4 holes in the corners and a fillet`
    pub(super) fn contents(&self) -> String {
        let body = &self.draft.plan.bodies[self.body];
        let features: Vec<String> = self
            .draft
            .of_body(self.body)
            .into_iter()
            .skip(1)
            .filter_map(|id| {
                let step = self.draft.step(id)?;
                let spec = self.ctx.catalog.step(&step.do_)?;
                let count = self.pieces_of(id);
                let article = if count > 1.5 { "" } else { "a " };
                Some(format!("{article}{}", described(self.ctx.catalog, spec, step, count)))
            })
            .collect();
        if features.is_empty() {
            format!("only the {}", body.name)
        } else {
            format!("the {}, {}", body.name, features.join(", "))
        }
    }
}

/// The first is 1, the last -1.
fn pick(ids: &[Id], order: i32) -> Option<Id> {
    let order = order as isize;
    let at = if order < 0 { ids.len().checked_add_signed(order) } else { usize::try_from(order - 1).ok() };
    at.and_then(|at| ids.get(at)).copied()
}
