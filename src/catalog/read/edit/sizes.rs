//! Which number of a step a word means, its own or its placement's, and what that number is now.

use super::Editor;
use super::draft::Id;
use crate::catalog::scene::{arguments_of, placement_of};
use crate::catalog::stand::main_arguments;
use crate::catalog::table::{Argument, Type};
use crate::catalog::words::{Naming, Sense};
use crate::domain::plan::{Arguments, Value};

/// A number of a step that a word names.
#[derive(Debug, Clone)]
pub(super) struct Named {
    /// Argument names; more than one when one number sets several.
    pub names: Vec<String>,
    /// It is the placement's.
    pub placed: bool,
    /// The number is this many times what the word says: a diameter for a radius.
    pub factor: f64,
}

impl Editor<'_, '_> {
    /// What a word's senses name in a step: its own numbers first, then its placement's.
    pub(super) fn named(&self, id: Id, senses: &[Sense]) -> Option<Named> {
        let step = self.draft.step(id)?;
        let own = self.ctx.catalog.index_of(&step.do_)?;
        let place = step.at.as_ref().and_then(|at| self.ctx.catalog.index_of(&at.name));
        let namings = || {
            senses
                .iter()
                .filter_map(|sense| if let Sense::Argument(naming) = sense { Some(naming) } else { None })
        };
        let found = |wanted: Option<usize>, placed: bool| {
            let naming: &Naming = namings().find(|naming| Some(naming.step) == wanted)?;
            let spec = self.ctx.spec(naming.step);
            let names = naming.targets.iter().map(|t| spec.arguments[*t].name.clone()).collect();
            Some(Named { names, placed, factor: naming.factor })
        };
        // "the bolt circle 5 mm bigger": the pattern's name stands for its one size.
        let pattern = || {
            let place = place.filter(|place| {
                senses.iter().any(|s| matches!(s, Sense::Step { step, .. } if step == place))
            })?;
            let names: Vec<String> = self.ctx.spec(place).groups.get("1")?.clone();
            Some(Named { names, placed: true, factor: 1.0 })
        };
        found(Some(own), false).or_else(|| found(place, true)).or_else(pattern)
    }

    /// The size that "bigger" means for a step.
    pub(super) fn main_size_of(&self, id: Id) -> Option<Named> {
        let spec = self.ctx.catalog.step(&self.draft.step(id)?.do_)?;
        let names: Vec<String> =
            main_arguments(spec).into_iter().map(|argument| argument.name.clone()).collect();
        (!names.is_empty()).then_some(Named { names, placed: false, factor: 1.0 })
    }

    pub(super) fn argument(&self, id: Id, name: &str, placed: bool) -> Option<&Argument> {
        let step = self.draft.step(id)?;
        let spec = if placed {
            self.ctx.catalog.step(&step.at.as_ref()?.name)?
        } else {
            self.ctx.catalog.step(&step.do_)?
        };
        spec.argument(name)
    }

    /// What it is now.
    pub(super) fn current(&self, id: Id, name: &str, placed: bool) -> Option<Value> {
        let step = self.draft.step(id)?;
        if !placed {
            return step.arguments.get(name).cloned();
        }
        let placement = step.at.as_ref()?;
        let place = self.ctx.catalog.step(&placement.name)?;
        arguments_of(place, &placement.detail).get(name).cloned()
    }

    /// Every length of a step and of its placement, times a factor.
    pub(super) fn stretch(&mut self, id: Id, factor: f64) {
        let catalog = self.ctx.catalog;
        let Some(step) = self.draft.step_mut(id) else { return };
        if let Some(spec) = catalog.step(&step.do_) {
            step.arguments = stretched(&spec.arguments, &step.arguments, factor);
        }
        if let Some(placement) = &step.at
            && let Some(place) = catalog.step(&placement.name)
        {
            let longer = stretched(&place.arguments, &arguments_of(place, &placement.detail), factor);
            step.at = Some(placement_of(place, longer));
        }
    }
}

pub(super) fn stretched(known: &[Argument], given: &Arguments, factor: f64) -> Arguments {
    let mut all = Arguments::default();
    for (name, value) in given.iter() {
        let length = known.iter().any(|argument| {
            argument.name == name
                && matches!(argument.type_, Type::Length | Type::Pair | Type::Point | Type::Points)
        });
        all.set(name, if length { mapped(value, &|number| number * factor) } else { value.clone() });
    }
    all
}

/// The same value with each of its numbers changed.
pub(super) fn mapped(value: &Value, change: &dyn Fn(f64) -> f64) -> Value {
    let round = |number: f64| crate::domain::quantity::round(change(number));
    match value {
        Value::Number(number) => Value::Number(round(*number)),
        Value::List(list) => Value::List(list.iter().map(|number| round(*number)).collect()),
        Value::Points(points) => Value::Points(points.iter().map(|[x, y]| [round(*x), round(*y)]).collect()),
        other => other.clone(),
    }
}
