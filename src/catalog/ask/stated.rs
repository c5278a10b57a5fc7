//! A worked example as a model should answer it: only what the prompt says, quantities as it says them. The reader's plan is in millimetres and
//! holds what was assumed, which would teach a model to compute and to invent.

use serde_json::{Map, Value as Json};

use super::super::Catalog;
use super::super::table::{Argument, Step};
use super::compact::{compact, plan_json};
use super::loose::plan_from;
use super::value::standard;
use super::words::sizes_of;
use crate::domain::plan::{self, Arguments, Plan};
use crate::domain::quantity::Unit;
use crate::domain::reading::{Expectation, Reading};

/// Numbers closer than this are the same quantity.
const SAME: f64 = 1e-6;

/// The plan of a reading without the values that it assumed; they come back by the same rules.
pub(super) fn stated(catalog: &Catalog, reading: &Reading) -> Option<Plan> {
    let mut plan = reading.plan.clone()?;
    for step in plan.bodies.iter_mut().flat_map(|body| &mut body.steps) {
        let Some(spec) = catalog.step(&step.do_) else { continue };
        step.arguments = without_assumed(spec, step, reading);
    }
    Some(plan)
}

fn without_assumed(spec: &Step, step: &plan::Step, reading: &Reading) -> Arguments {
    let assumed = |argument: &Argument, value: &plan::Value| {
        let told = format!("{} {value}", argument.title.to_lowercase());
        let why = argument.because.as_deref();
        argument.default.is_some()
            && reading.assumed.iter().any(|one| Some(one.why.as_str()) == why && one.what.contains(&told))
    };
    let mut all = Arguments::default();
    for (name, value) in step.arguments.iter() {
        if !spec.argument(name).is_some_and(|argument| assumed(argument, value)) {
            all.set(name, value.clone());
        }
    }
    all
}

/// The answer that a prompt asks for, as far as the reader understands it wholly.
pub(in crate::catalog) fn said(catalog: &Catalog, prompt: &str) -> Option<String> {
    let reading = catalog.read(prompt);
    let plan = reading.complete().then(|| stated(catalog, &reading)).flatten()?;
    Some(answer(catalog, &plan, &reading))
}

/// The answer that gives this plan, in the words of the prompt as far as they are known.
pub(super) fn answer(catalog: &Catalog, plan: &Plan, reading: &Reading) -> String {
    let in_numbers = compact(catalog, plan);
    let mut json = plan_json(catalog, plan);
    let bodies = json.get_mut("bodies").and_then(Json::as_array_mut).into_iter().flatten();
    for body in bodies {
        for step in body.get_mut("steps").and_then(Json::as_array_mut).into_iter().flatten() {
            if let Some(members) = step.as_object_mut() {
                say(catalog, members, &reading.expectations);
            }
        }
    }
    let said = json.to_string();
    // A text that is read otherwise here than there is no example.
    let same = plan_from(catalog, &said).is_ok_and(|found| compact(catalog, &found.plan) == in_numbers);
    if same { said } else { in_numbers }
}

/// Puts the prompt's own words in the place of numbers that were converted or looked up.
fn say(catalog: &Catalog, members: &mut Map<String, Json>, expectations: &[Expectation]) {
    let name = members.get("do").and_then(Json::as_str);
    let Some(spec) = name.and_then(|name| catalog.step(name)) else { return };
    let mut filled = None;
    for argument in &spec.arguments {
        let Some(value) = members.get(&argument.name).and_then(Json::as_f64) else { continue };
        let of_this = |one: &&Expectation| (one.asked - value).abs() < SAME && !one.text.is_empty();
        for one in expectations.iter().filter(of_this) {
            let size =
                standard(catalog, spec, argument, &one.text).filter(|(_, size)| (size - value).abs() < SAME);
            if let Some((row, _)) = size {
                filled = filled.or(Some((argument.name.clone(), row)));
                members.insert(argument.name.clone(), Json::from(one.text.as_str()));
                break;
            }
            // The unit of an expectation is that of its plan; the text still has its own.
            let other_unit =
                one.unit == Unit::Mm && one.text.parse::<f64>().is_err() && !one.text.ends_with("mm");
            if other_unit && sizes_of(spec, &argument.name).next().is_none() {
                members.insert(argument.name.clone(), Json::from(one.text.as_str()));
                break;
            }
        }
    }
    // One size says all that belongs to it.
    if let Some((said, (sizes, row))) = filled {
        for (name, column) in sizes.columns.iter().filter(|(name, _)| **name != said) {
            let from_row = |json: &Json| match json {
                Json::String(text) => spec.argument(name).is_some_and(|argument| {
                    standard(catalog, spec, argument, text)
                        .is_some_and(|(other, _)| std::ptr::eq(other.1, row))
                }),
                json => {
                    row.get(column).is_some_and(|size| json.as_f64().is_some_and(|v| (v - size).abs() < SAME))
                }
            };
            if members.get(name).is_some_and(from_row) {
                members.shift_remove(name);
            }
        }
    }
}
