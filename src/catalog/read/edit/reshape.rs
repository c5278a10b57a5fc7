//! Another base under the same features: "make it a disc", "round instead of square". Sizes that both have stay; a feature that finds no place
//! on the new shape goes, and that is told.

use std::collections::BTreeSet;
use std::ops::Range;

use super::Editor;
use super::choose::Mention;
use super::draft::Id;
use super::segments::{Segment, deeds};
use crate::catalog::deeds::Deed;
use crate::catalog::load::joined;
use crate::catalog::read::bind::bind;
use crate::catalog::read::clauses::Found;
use crate::catalog::read::instance::{Context, Given, Instance};
use crate::catalog::scene::{Names, Scene, chosen_edges};
use crate::catalog::stand::{made, whole};
use crate::catalog::table::Kind;
use crate::catalog::words::Sense;
use crate::domain::plan::{self, Value};

impl Editor<'_, '_> {
    pub(super) fn shape_of(&self, range: &Range<usize>) -> Option<(usize, String)> {
        range.clone().find_map(|i| {
            deeds(&self.ctx.pieces[i])
                .find_map(|deed| if let Deed::Shape(noun) = deed { Some((i, noun.clone())) } else { None })
        })
    }

    /// "make it round": a shape without a noun, where nothing else is said.
    pub(super) fn shape(&mut self, segment: &Segment) -> Option<Result<(), String>> {
        let (piece, noun) = self.shape_of(&segment.pieces)?;
        let senses = self.ctx.catalog.words.senses(&noun)?;
        let steps: Vec<(usize, Option<usize>)> = senses
            .iter()
            .filter_map(|sense| match sense {
                Sense::Step { step, variant } if self.ctx.spec(*step).kind == Kind::Base => {
                    Some((*step, *variant))
                }
                _ => None,
            })
            .collect();
        let mention =
            Mention { piece, steps, definite: false, plural: false, indefinite: true, aside: false };
        Some(self.reshape_as(segment, &mention, &noun))
    }

    pub(super) fn reshape(&mut self, segment: &Segment, mention: &Mention) -> Result<(), String> {
        let words = self.ctx.pieces[mention.piece].words.clone();
        self.reshape_as(segment, mention, &words)
    }

    /// Another base under the same features. Those that find no place on it go, and that is told.
    fn reshape_as(&mut self, segment: &Segment, mention: &Mention, noun: &str) -> Result<(), String> {
        let Some(id) = self.draft.base(self.body) else { return Err(self.no_such(mention)) };
        let body = self.body;
        let view = self.view(&segment.pieces, &BTreeSet::new());
        let ctx = Context { pieces: &view, ..*self.ctx };
        let Some(candidate) = mention.steps.first().copied() else { return Err(self.no_such(mention)) };
        let Some(old) = self.draft.step(id).cloned() else { return Ok(()) };
        let mut instance = Instance::named(&ctx, candidate, Some(mention.piece), false);
        let region: Vec<usize> = segment.pieces.clone().filter(|i| *i != mention.piece).collect();
        bind(&ctx, &mut instance, &region);
        self.keep_sizes(&ctx, &mut instance, &old, body)?;
        let mut found = Found {
            instance,
            noun: noun.split(' ').next_back().unwrap_or_default().to_owned(),
            host: None,
            standing_host: None,
            references: Vec::new(),
        };
        let step = self.make(&ctx, body, Some(0), &mut found, None)?;
        let rest: Vec<(Id, plan::Step, f64)> = self
            .draft
            .of_body(body)
            .into_iter()
            .skip(1)
            .filter_map(|id| {
                let stand = self.draft.stand(self.ctx.catalog, id).ok()?;
                Some((id, self.draft.step(id)?.clone(), stand.pieces))
            })
            .collect();
        let old_name = self.draft.plan.bodies[body].name.clone();
        if let Some(place) = self.draft.step_mut(id) {
            *place = step;
        }
        // The part is called after its shape unless it was given a name.
        if self.ctx.catalog.words.senses(&old_name).is_some_and(|senses| {
            senses.iter().any(
                |sense| matches!(sense, Sense::Step { step, .. } if self.ctx.spec(*step).kind == Kind::Base),
            )
        }) {
            self.draft.plan.bodies[body].name.clone_from(&found.noun);
        }
        self.found.push(found);
        self.acted = true;
        // Edges are worked on before anything is placed.
        let (placed, edges): (Vec<_>, Vec<_>) = rest.into_iter().partition(|(_, step, _)| step.at.is_some());
        for (id, step, pieces) in edges.into_iter().chain(placed) {
            self.refit(&ctx, id, &step, pieces);
        }
        Ok(())
    }

    /// Sizes of the old base that the new one has too, and those that its box gives.
    fn keep_sizes(
        &mut self,
        ctx: &Context<'_>,
        instance: &mut Instance,
        old: &plan::Step,
        body: usize,
    ) -> Result<(), String> {
        instance.derive(ctx);
        let spec = instance.spec(ctx);
        let walked = self.draft.walk(self.ctx.catalog, body, Some(1))?;
        let size =
            |axis: &str| walked.scene.ambient(None).get(&format!("base.{axis}")).map(|entry| entry.number);
        let axes = spec.size.as_ref().map(|size| [("x", &size.x), ("y", &size.y), ("z", &size.z)]);
        let mut from_box: Vec<(String, f64, &str)> = Vec::new();
        for (axis, side) in axes.into_iter().flatten() {
            for expression in side.as_slice() {
                if let (Some(argument), Some(number)) = (spec.argument(expression), size(axis)) {
                    from_box.push((argument.name.clone(), number, axis));
                }
            }
        }
        for argument in spec.arguments.iter().filter(|argument| argument.required()) {
            let name = &argument.name;
            if instance.own.contains_key(name) || instance.choices.contains_key(name) {
                continue;
            }
            let mut sides: Vec<f64> =
                from_box.iter().filter(|(other, _, _)| other == name).map(|(_, number, _)| *number).collect();
            sides.sort_by(f64::total_cmp);
            let value = match (sides.first(), old.arguments.number(name)) {
                (Some(number), _) => *number,
                (None, Some(number)) => number,
                (None, None) => continue,
            };
            if sides.last().is_some_and(|most| (most - value).abs() > 1e-6) {
                let title = argument.title.to_lowercase();
                self.assume(format!("{title} {value} mm"), "the shorter side of the part as it was");
            }
            instance.own.insert(name.clone(), Given { value: Value::Number(value), text: String::new() });
        }
        self.even_out(ctx, instance);
        Ok(())
    }

    /// "square", "cube": sizes that the noun makes equal take the one that was said, else the smallest.
    fn even_out(&mut self, ctx: &Context<'_>, instance: &mut Instance) {
        let groups: Vec<String> = instance
            .variant(ctx)
            .into_iter()
            .flat_map(|variant| variant.groups.values().flatten().cloned())
            .collect();
        for names in groups.iter().filter(|names| names.contains('=')) {
            let known: Vec<(String, f64, bool)> = joined(names)
                .filter_map(|name| {
                    let given = instance.own.get(name)?;
                    Some((name.to_owned(), given.value.number()?, !given.text.is_empty()))
                })
                .collect();
            let said = known.iter().find(|(_, _, said)| *said).map(|(_, number, _)| *number);
            let smallest = known.iter().map(|(_, number, _)| *number).reduce(f64::min);
            let Some(value) = said.or(smallest) else { continue };
            if said.is_none() && known.iter().any(|(_, number, _)| (number - value).abs() > 1e-6) {
                let all: Vec<&str> = known.iter().map(|(name, _, _)| name.as_str()).collect();
                self.assume(
                    format!("{} {value} mm", all.join(" and ")),
                    "the shortest side of the part as it was",
                );
            }
            for (name, _, _) in known.iter().filter(|(_, _, said)| !*said) {
                instance.own.insert(name.clone(), Given { value: Value::Number(value), text: String::new() });
            }
        }
    }

    /// Puts a feature on the new base as it was; by the reader's own rules where its place is not there; else it goes.
    fn refit(&mut self, ctx: &Context<'_>, id: Id, step: &plan::Step, pieces: f64) {
        let catalog = self.ctx.catalog;
        let Some((body, at)) = self.draft.find(id) else { return };
        let Some(spec) = catalog.step(&step.do_) else { return };
        let walked = self.draft.walk(catalog, body, Some(at));
        let Ok(walked) = walked else { return };
        let scene: &Scene<'_> = &walked.scene;
        if let Ok(site) = scene.site(spec, step, &Names::default())
            && (made(catalog, &site) - pieces).abs() < 0.5
        {
            return;
        }
        let name = self.name(id);
        let edges = chosen_edges(spec, &step.arguments).is_some();
        if step.at.is_some() && !edges {
            let index = catalog.index_of(&spec.name).unwrap_or(0);
            let mut instance =
                Instance { step: index, plural: pieces > 1.5, on: step.on.clone(), ..Instance::default() };
            let count = whole(pieces);
            instance.count = (count > 1).then(|| (count, count.to_string()));
            for (name, value) in step.arguments.iter() {
                match value {
                    Value::Text(choice) => {
                        instance.choices.insert(name.to_owned(), choice.clone());
                    }
                    value => {
                        instance
                            .own
                            .insert(name.to_owned(), Given { value: value.clone(), text: String::new() });
                    }
                }
            }
            let absent =
                spec.arguments.iter().filter(|a| a.absent.is_some() && step.arguments.get(&a.name).is_none());
            instance.absent.extend(absent.map(|argument| argument.name.clone()));
            let mut found = Found {
                instance,
                noun: step.do_.clone(),
                host: None,
                standing_host: None,
                references: Vec::new(),
            };
            if let Ok(new) = self.make(ctx, body, Some(at), &mut found, None) {
                if let Some(place) = self.draft.step_mut(id) {
                    *place = new;
                }
                return;
            }
        }
        self.draft.remove(id);
        self.notes.push(format!("{} had no place on the new shape and went", upper_first(&name)));
    }
}

fn upper_first(text: &str) -> String {
    let mut chars = text.chars();
    chars.next().map(|c| c.to_uppercase().to_string()).unwrap_or_default() + chars.as_str()
}
