//! The numbers of a step in its scope, with what the plan leaves out and the table knows.

use std::collections::BTreeMap;

use super::Scene;
use crate::catalog::outline;
use crate::catalog::scope::{Scope, grouped};
use crate::catalog::table::{Argument, Footprint, Size, Step, Type};
use crate::domain::plan::{Arguments, Detail, Placement, Value};

impl Scene<'_> {
    /// A base that is put on a body covers its own box.
    pub(super) fn set_size(&self, scope: &mut Scope, size: &Size) {
        for (axis, side) in [("x", &size.x), ("y", &size.y)] {
            if let Some(entry) = scope.largest(&self.catalog.tera, side.as_slice()) {
                scope.set(&format!("footprint.{axis}"), entry.number, &entry.python);
                scope.set(&format!("keep.{axis}"), 0.0, "0");
            }
        }
    }

    pub(super) fn set_footprint(&self, scope: &mut Scope, footprint: &Footprint, arguments: &Arguments) {
        let chosen = |value: &String| arguments.iter().any(|(_, other)| other.text() == Some(value));
        let turned = footprint.turned_when.as_ref().is_some_and(chosen);
        let open = footprint.open_with.as_ref().is_some_and(|name| arguments.get(name).is_some());
        let (x, y) = if turned { (&footprint.y, &footprint.x) } else { (&footprint.x, &footprint.y) };
        for (axis, expression) in [("x", x), ("y", y)] {
            let (Some(number), Some(python)) =
                (scope.number(&self.catalog.tera, expression), scope.python(expression))
            else {
                continue;
            };
            scope.set(&format!("footprint.{axis}"), number, &python);
            let (number, python) = if open { (0.0, "0".to_owned()) } else { (number, python) };
            scope.set(&format!("keep.{axis}"), number, &python);
        }
    }

    /// Puts a step's numbers into its scope; what the plan leaves out and has a default is added.
    pub(in crate::catalog) fn fill(
        &self,
        scope: &mut Scope,
        spec: &Step,
        given: &Arguments,
        names: &BTreeMap<String, String>,
    ) -> Arguments {
        let mut all = given.clone();
        for argument in &spec.arguments {
            if let Some(value) = given.get(&argument.name) {
                set_value(scope, argument, value, names);
            }
        }
        for argument in &spec.arguments {
            let Some(default) = argument.default.as_ref().filter(|_| given.get(&argument.name).is_none())
            else {
                continue;
            };
            if matches!(argument.type_, Type::Choice | Type::Text) {
                all.set(&argument.name, Value::Text(default.clone()));
            } else if let (Some(number), Some(python)) =
                (scope.number(&self.catalog.tera, default), scope.python(default))
            {
                all.set(&argument.name, Value::Number(number));
                let python = grouped(&python);
                for name in entry_names(argument) {
                    scope.set(&name, number, &python);
                }
            }
        }
        all
    }
}

/// A placement's arguments under their names.
pub(in crate::catalog) fn arguments_of(place: &Step, detail: &Detail) -> Arguments {
    match detail {
        Detail::Nothing(()) => Arguments::default(),
        Detail::Arguments(arguments) => arguments.clone(),
        Detail::Value(value) => {
            let mut arguments = Arguments::default();
            if let Some(first) = place.arguments.first() {
                arguments.set(&first.name, value.clone());
            }
            arguments
        }
    }
}

/// The way back: a point stands alone, other arguments by name.
pub(in crate::catalog) fn placement_of(place: &Step, arguments: Arguments) -> Placement {
    let point = |first: &&Argument| matches!(first.type_, Type::Point | Type::Points);
    let alone = place.arguments.first().filter(|first| point(first) && place.arguments.len() == 1);
    let detail = match alone.and_then(|first| arguments.get(&first.name)) {
        Some(value) => Detail::Value(value.clone()),
        None if arguments.is_empty() => Detail::Nothing(()),
        None => Detail::Arguments(arguments),
    };
    Placement { name: place.name.clone(), detail }
}

/// The names under which an argument's numbers stand in a scope.
pub(in crate::catalog) fn entry_names(argument: &Argument) -> Vec<String> {
    let name = &argument.name;
    match argument.type_ {
        Type::Choice | Type::Points | Type::Text | Type::Switch => Vec::new(),
        Type::Point => vec![format!("{name}.x"), format!("{name}.y")],
        Type::Pair => vec![name.clone(), format!("{name}.x"), format!("{name}.y")],
        Type::Length | Type::Angle | Type::Count => vec![name.clone()],
    }
}

fn set_value(scope: &mut Scope, argument: &Argument, value: &Value, names: &BTreeMap<String, String>) {
    let python = |name: &str| {
        names.get(name).or_else(|| names.get(&argument.name)).cloned().unwrap_or_else(|| name.to_owned())
    };
    match (argument.type_, value) {
        (Type::Points, Value::Points(points)) => {
            for (member, number) in outline::extent(points) {
                scope.set(&format!("{}.{member}", argument.name), number, &number.to_string());
            }
        }
        (Type::Choice | Type::Points | Type::Text | Type::Switch, _) => {}
        (Type::Pair | Type::Point, value) => {
            let Some([x, y]) = value.pair() else { return };
            for (axis, number) in [("x", x), ("y", y)] {
                let name = format!("{}.{axis}", argument.name);
                scope.set(&name, number, &python(&name));
            }
            if let Value::Number(number) = value {
                scope.set(&argument.name, *number, &python(&argument.name));
            }
        }
        (_, value) => {
            if let Some(number) = value.number() {
                scope.set(&argument.name, number, &python(&argument.name));
            }
        }
    }
}
