//! Puts what was read about a step into the step as it stands: its sizes, its face, its place. Only what was said, and what a rule makes follow.

use std::collections::BTreeSet;

use super::Editor;
use super::draft::{Id, told};
use crate::catalog::read::finish::{fill, standard_sizes};
use crate::catalog::read::instance::{Context, Given, Instance};
use crate::catalog::read::place::{Placed, explains, is_grid, place, targets};
use crate::catalog::scene::{Names, USUAL_FACE, arguments_of, placement_of};
use crate::catalog::scope::names;
use crate::catalog::stand::{made, whole};
use crate::catalog::table::{Step, Type};
use crate::domain::plan::{self, Arguments, Value};
use crate::domain::reading::Assumed;

impl Editor<'_, '_> {
    /// Changes a step by what was read of it. `ctx` is the view in which it was read.
    pub(super) fn amend(&mut self, ctx: &Context<'_>, id: Id, fresh: &Instance) -> Result<(), String> {
        let Some(before) = self.draft.step(id).cloned() else { return Ok(()) };
        let Some(spec) = self.ctx.catalog.step(&before.do_) else { return Ok(()) };
        let mut fresh = fresh.clone();
        self.notes.extend(standard_sizes(ctx, &mut fresh)?);
        let mut step = before.clone();
        step.arguments = amended(ctx, spec, &before.arguments, &mut fresh)?;
        if let Some(on) = &fresh.on {
            step.on = Some(on.clone());
        }
        if says_place(&fresh) {
            self.replace_step(id, step.clone());
            self.settle(ctx, id, &mut step, &mut fresh)?;
        }
        self.replace_step(id, step);
        self.keep(fresh);
        self.acted = true;
        Ok(())
    }

    fn replace_step(&mut self, id: Id, step: plan::Step) {
        if let Some(place) = self.draft.step_mut(id) {
            *place = step;
        }
    }

    /// The place: numbers for the one it has, or another one.
    fn settle(
        &mut self,
        ctx: &Context<'_>,
        id: Id,
        step: &mut plan::Step,
        fresh: &mut Instance,
    ) -> Result<(), String> {
        let catalog = self.ctx.catalog;
        let Some((body, at)) = self.draft.find(id) else { return Ok(()) };
        let Some(spec) = catalog.step(&step.do_) else { return Ok(()) };
        let walked = self.draft.walk(catalog, body, Some(at))?;
        let site = walked.scene.site(spec, step, &Names::default()).map_err(told)?;
        let Some(face) = &site.face else { return Ok(()) };
        let count = made(catalog, &site);
        let hosts = step
            .on
            .as_ref()
            .and_then(|on| walked.pieces.iter().rev().find(|(name, _)| name == on))
            .map(|(_, pieces)| *pieces);
        let mut trial = Instance { plural: count > 1.5, ..fresh.clone() };
        let current = step.at.as_ref().and_then(|at| {
            let place = catalog.index_of(&at.name)?;
            Some((place, arguments_of(ctx.spec(place), &at.detail)))
        });
        let stays = current.as_ref().filter(|(place, _)| {
            let named = fresh.places.is_empty() || fresh.places.contains(place);
            let explained = fresh.place_pairs.iter().all(|pair| explains(ctx, fresh, *place, pair));
            let given = fresh.place_given.keys().all(|name| ctx.spec(*place).argument(name).is_some());
            let fixed = !is_grid(ctx.spec(*place))
                && !ctx.spec(*place).arguments.iter().any(|argument| argument.type_ == Type::Count);
            let counted =
                fresh.count.as_ref().is_some_and(|(asked, _)| (f64::from(*asked) - count).abs() > 0.5);
            named && explained && given && !(fixed && counted)
        });
        if let Some((place, known)) = stays {
            trial.places = vec![*place];
            let said: BTreeSet<&str> = fresh
                .place_pairs
                .iter()
                .flat_map(|pair| targets(ctx, face, *place, *pair))
                .map(|(name, _, _, _)| name)
                .collect();
            for argument in &ctx.spec(*place).arguments {
                let name = &argument.name;
                let recounted = fresh.count.is_some() && argument.type_ == Type::Count;
                let Some(value) = known.get(name).filter(|_| !said.contains(name.as_str()) && !recounted)
                else {
                    continue;
                };
                match value {
                    Value::Text(choice) => {
                        trial.place_choices.entry(name.clone()).or_insert_with(|| choice.clone());
                    }
                    value => {
                        let given = Given { value: value.clone(), text: String::new() };
                        trial.place_given.entry(name.clone()).or_insert(given);
                    }
                }
            }
        } else if trial.count.is_none() && count > 1.5 {
            let count = whole(count);
            trial.count = Some((count, String::new()));
        } else if trial.count.is_some() {
            trial.plural = true;
        }
        let mut assumed = Vec::new();
        match place(ctx, &mut trial, face, hosts) {
            Placed::Ask(question) => return Err(question),
            Placed::At { placement, assumed: told } => {
                assumed.extend(told);
                step.at = Some(placement);
            }
        }
        let site = walked.scene.site(spec, step, &Names::default()).map_err(told)?;
        fill_place(spec, step, &site, &mut assumed);
        let made = made(catalog, &site);
        if let Some((asked, _)) =
            trial.count.as_ref().filter(|(asked, _)| (f64::from(*asked) - made).abs() > 0.5)
        {
            let noun = crate::catalog::stand::plural(&spec.title, f64::from(*asked));
            return Err(format!(
                "There would be {asked} {noun}, but at that place there is room for {made}. How should they be arranged?"
            ));
        }
        self.assumed.extend(assumed);
        let count = fresh.count.clone();
        *fresh = trial;
        fresh.count = count;
        Ok(())
    }
}

/// The placement's defaults, written out and told.
fn fill_place(
    spec: &Step,
    step: &mut plan::Step,
    site: &crate::catalog::scene::Site<'_>,
    assumed: &mut Vec<Assumed>,
) {
    if let (Some((place, _)), Some(placement)) = (&site.place, &step.at) {
        let given = arguments_of(place, &placement.detail);
        let filled = fill(place, &given, &site.place_arguments, assumed, &spec.title);
        step.at = Some(placement_of(place, filled));
    }
    if step.on.is_none() {
        step.on = Some(USUAL_FACE.to_owned());
    }
}

/// Something was said about where, or how many.
pub(super) fn says_place(fresh: &Instance) -> bool {
    !fresh.places.is_empty()
        || !fresh.place_pairs.is_empty()
        || !fresh.place_given.is_empty()
        || !fresh.place_choices.is_empty()
        || fresh.count.is_some()
}

/// The step's arguments after the change, in the order in which they stood.
fn amended(
    ctx: &Context<'_>,
    spec: &Step,
    before: &Arguments,
    fresh: &mut Instance,
) -> Result<Arguments, String> {
    let mut all = Instance { step: fresh.step, variant: fresh.variant, ..Instance::default() };
    for (name, value) in before.iter() {
        all.own.insert(name.to_owned(), Given { value: value.clone(), text: String::new() });
    }
    // A wall that is given takes the place of a diameter that was.
    for name in fresh.own.keys() {
        let Some(argument) = spec.argument(name).filter(|argument| argument.read_only) else { continue };
        let follows = spec.derivations.iter().find(|derivation| {
            !fresh.own.contains_key(&derivation.argument)
                && names(&derivation.from).iter().any(|(_, other)| *other == argument.name)
        });
        match follows {
            Some(derivation) => {
                all.own.remove(&derivation.argument);
            }
            None => {
                return Err(format!(
                    "The {} follows from other sizes here. Give those.",
                    argument.title.to_lowercase()
                ));
            }
        }
    }
    all.own.extend(fresh.own.clone());
    all.derive(ctx);
    let value = |name: &str| -> Option<Value> {
        if fresh.absent.contains(name) {
            return None;
        }
        if let Some(choice) = fresh.choices.get(name) {
            let switch = spec.argument(name).is_some_and(|argument| argument.type_ == Type::Switch);
            return Some(if switch { Value::Switch(true) } else { Value::Text(choice.clone()) });
        }
        all.own.get(name).map(|given| given.value.clone())
    };
    let mut after = Arguments::default();
    let known = before.iter().map(|(name, _)| name);
    let new =
        spec.arguments.iter().filter(|argument| !argument.read_only).map(|argument| argument.name.as_str());
    for name in known.chain(new) {
        if let Some(value) = value(name) {
            after.set(name, value);
        }
    }
    fresh.own.retain(|name, _| spec.argument(name).is_some());
    Ok(after)
}
