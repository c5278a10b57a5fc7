//! What a template may name: the arguments as Python, the sizes of the body and of the face.

use std::collections::BTreeMap;

use tera::Context;

use super::{python_text, render};
use crate::catalog::scene::{Face, Names, Site, sides};
use crate::catalog::scope::{Scope, grouped};
use crate::catalog::table::{Kind, Step, Type};
use crate::catalog::{Catalog, Error};
use crate::domain::plan::{Arguments, Value};

/// What a step's template may use: its arguments as Python, the body's and the face's sizes.
pub(super) fn step_context(catalog: &Catalog, spec: &Step, site: &Site<'_>, names: &Names) -> Context {
    let mut context = Context::new();
    insert_arguments(&mut context, spec, &site.scope, &site.arguments);
    for argument in spec.arguments.iter().filter(|argument| argument.type_ == Type::Text) {
        if let Some(name) = names.own.get(&argument.name) {
            context.insert(&argument.name, name);
        } else if let Some(text) = site.arguments.get(&argument.name).and_then(Value::text) {
            context.insert(&argument.name, &python_text(text));
        }
    }
    context.insert("plural", &if several(site) { "s" } else { "" });
    let place = site.place.as_ref().map_or("", |(place, _)| place.where_.as_str());
    context.insert("where", place);
    for group in ["base", "face"] {
        let members: BTreeMap<&str, String> = ["x", "y", "z", "reach", "through"]
            .into_iter()
            .filter_map(|member| {
                Some((member, grouped(&site.scope.get(&format!("{group}.{member}"))?.python)))
            })
            .collect();
        context.insert(group, &members);
    }
    if let Some(sides) = site.face.as_ref().and_then(|face| sides(catalog, face)) {
        context.insert("sides", sides);
    }
    context
}

pub(super) fn several(site: &Site<'_>) -> bool {
    site.place.as_ref().is_some_and(|(place, _)| place.kind == Kind::Pattern)
}

pub(super) fn insert_arguments(context: &mut Context, spec: &Step, scope: &Scope, arguments: &Arguments) {
    let mut by_name = BTreeMap::new();
    for argument in &spec.arguments {
        let python = |name: &str| scope.get(name).map(|entry| entry.python.clone());
        match argument.type_ {
            Type::Choice => {
                if let Some(text) = arguments.get(&argument.name).and_then(Value::text) {
                    context.insert(&argument.name, text);
                }
            }
            Type::Switch => {
                context
                    .insert(&argument.name, &(arguments.get(&argument.name) == Some(&Value::Switch(true))));
            }
            Type::Text => {}
            Type::Points => {
                if let Some(Value::Points(points)) = arguments.get(&argument.name) {
                    context.insert(&argument.name, points);
                }
            }
            Type::Point | Type::Pair => {
                let axes: BTreeMap<&str, String> = ["x", "y"]
                    .into_iter()
                    .filter_map(|axis| Some((axis, python(&format!("{}.{axis}", argument.name))?)))
                    .collect();
                if !axes.is_empty() {
                    context.insert(&argument.name, &axes);
                }
            }
            Type::Length | Type::Angle | Type::Count => {
                if let Some(python) = python(&argument.name) {
                    context.insert(&argument.name, &python);
                    by_name.insert(argument.name.as_str(), python);
                }
            }
        }
    }
    context.insert("arguments", &by_name);
}

/// A placement as Python; empty for the middle.
pub(super) fn placement_text(
    catalog: &Catalog,
    place: &Step,
    scope: &Scope,
    arguments: &Arguments,
    face: &Face,
) -> Result<String, Error> {
    let mut context = Context::new();
    insert_arguments(&mut context, place, scope, arguments);
    let sizes = BTreeMap::from([("x", grouped(&face.x.python)), ("y", grouped(&face.y.python))]);
    context.insert("face", &sizes);
    if let Some(sides) = sides(catalog, face) {
        context.insert("sides", sides);
    }
    Ok(render(catalog, &format!("steps/{}.py.tera", place.name), &context)?.trim().to_owned())
}
