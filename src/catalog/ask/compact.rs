//! Plans as a model reads and writes them: JSON in the grammar's order without white space, and a list of numbered steps.

use serde_json::{Map, Value as Json, json};

use super::super::Catalog;
use super::arguments::in_turn;
use crate::domain::plan::{self, Arguments, Body, Placement, Plan, Seat};

/// The plan as the grammar has it.
pub(in crate::catalog) fn compact(catalog: &Catalog, plan: &Plan) -> String {
    plan_json(catalog, plan).to_string()
}

pub(super) fn plan_json(catalog: &Catalog, plan: &Plan) -> Json {
    let bodies: Vec<Json> = plan.bodies.iter().map(|body| body_json(catalog, body)).collect();
    json!({ "plan": plan.plan, "bodies": bodies })
}

fn body_json(catalog: &Catalog, body: &Body) -> Json {
    let mut all = Map::new();
    all.insert("name".to_owned(), Json::from(body.name.as_str()));
    if let Some(colour) = &body.colour {
        all.insert("colour".to_owned(), Json::from(colour.as_str()));
    }
    if let Some(seat) = &body.place {
        all.insert("place".to_owned(), seat_json(catalog, seat));
    }
    let steps: Vec<Json> = body.steps.iter().map(|step| step_json(catalog, step)).collect();
    all.insert("steps".to_owned(), Json::from(steps));
    Json::from(all)
}

fn seat_json(catalog: &Catalog, seat: &Seat) -> Json {
    let mut all = written(seat);
    if let (Json::Object(all), Some(at)) = (&mut all, &seat.at) {
        all.insert("at".to_owned(), placement_json(catalog, at));
    }
    whole_numbers(all)
}

pub(super) fn step_json(catalog: &Catalog, step: &plan::Step) -> Json {
    let mut all = Map::new();
    all.insert("do".to_owned(), Json::from(step.do_.as_str()));
    for (name, value) in in_grammar_order(catalog, &step.do_, &step.arguments).iter() {
        all.insert(name.to_owned(), written(value));
    }
    if let Some(on) = &step.on {
        all.insert("on".to_owned(), Json::from(on.as_str()));
    }
    if let Some(at) = &step.at {
        all.insert("at".to_owned(), placement_json(catalog, at));
    }
    // The step's own order has these before its arguments; a model tells first what is put there.
    if let Json::Object(rest) = written(step) {
        let names = ["combine", "turn", "lift"];
        let joined = names.iter().filter_map(|name| Some((*name, rest.get(*name)?)));
        all.extend(joined.map(|(name, value)| (name.to_owned(), value.clone())));
    }
    whole_numbers(Json::from(all))
}

pub(super) fn placement_json(catalog: &Catalog, placement: &Placement) -> Json {
    let mut placement = placement.clone();
    if let plan::Detail::Arguments(arguments) = &placement.detail {
        placement.detail = plan::Detail::Arguments(in_grammar_order(catalog, &placement.name, arguments));
    }
    written(&placement)
}

/// Values of a plan have no shape that JSON can't hold.
fn written(value: &impl serde::Serialize) -> Json {
    serde_json::to_value(value).unwrap_or_default()
}

/// `45.0` is written `45`, as everywhere in a plan.
fn whole_numbers(json: Json) -> Json {
    match json {
        Json::Array(all) => all.into_iter().map(whole_numbers).collect(),
        Json::Object(all) => all.into_iter().map(|(key, value)| (key, whole_numbers(value))).collect(),
        Json::Number(number) => match number.as_f64() {
            Some(value) => written(&plan::Value::Number(value)),
            None => Json::Number(number),
        },
        other => other,
    }
}

fn in_grammar_order(catalog: &Catalog, step: &str, given: &Arguments) -> Arguments {
    let Some(spec) = catalog.step(step) else { return given.clone() };
    let (required, optional) = in_turn(spec);
    let mut all = Arguments::default();
    for argument in required.iter().chain(&optional) {
        if let Some(value) = given.get(&argument.name) {
            all.set(&argument.name, value.clone());
        }
    }
    // What the table does not know stays where everyone can see it.
    for (name, value) in given.iter() {
        all.set(name, value.clone());
    }
    all
}

/// One line a step, numbered over the whole plan from 1: `2 hole diameter=5.5 on=top at={"corners":{"inset":6}}`. Where there are several
/// bodies, a line names each.
pub(in crate::catalog) fn numbered(catalog: &Catalog, plan: &Plan) -> String {
    let mut lines = Vec::new();
    let mut number = 0;
    for (at, body) in plan.bodies.iter().enumerate() {
        if plan.bodies.len() > 1 {
            lines.push(format!("body {} {}", at + 1, body.name));
        }
        for step in &body.steps {
            number += 1;
            lines.push(format!("{number} {}", line(catalog, step)));
        }
    }
    lines.join("\n")
}

fn line(catalog: &Catalog, step: &plan::Step) -> String {
    let Json::Object(members) = step_json(catalog, step) else { return step.do_.clone() };
    let shown = members.iter().skip(1).map(|(key, value)| match value.as_str() {
        // Names are plain words; a text has spaces and needs its quotation marks.
        Some(word) if word.chars().all(|c| c.is_ascii_alphanumeric() || c == '_') => {
            format!("{key}={word}")
        }
        _ => format!("{key}={value}"),
    });
    std::iter::once(step.do_.clone()).chain(shown).collect::<Vec<_>>().join(" ")
}
