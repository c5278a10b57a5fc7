//! The named dimensions on top of a program: `LENGTH = 60.0  # [10:0.5:200] mm | Length`, each with a range that a slider can use.

use std::collections::BTreeMap;
use std::fmt::Write;

use super::Catalog;
use super::lower::{Draft, Parameter, python_text};
use super::names::upper;
use super::scene::{Names, arguments_of};
use super::table::{Argument, Kind, Step, Type};
use crate::domain::plan::{self, Arguments, Value};
use crate::domain::quantity::round;

/// Makes a parameter of every number of a step and of its placement.
pub(super) fn name_parameters(
    catalog: &Catalog,
    draft: &mut Draft,
    place: (usize, usize),
    spec: &Step,
    step: &plan::Step,
    tool: &str,
    prefix: Option<&str>,
) -> Names {
    let first = spec.kind == Kind::Base && step.combine.is_none();
    let lead = match (first, prefix) {
        (true, None) => String::new(),
        (true, Some(prefix)) => prefix.to_owned(),
        _ => tool.to_owned(),
    };
    let title = if first { prefix.unwrap_or_default() } else { &spec.title };
    let own = add_parameters(draft, place, spec, &step.arguments, &lead, title, "");
    let place = step.at.as_ref().and_then(|placement| {
        let pattern = catalog.step(&placement.name)?;
        Some(add_parameters(
            draft,
            place,
            pattern,
            &arguments_of(pattern, &placement.detail),
            &lead,
            title,
            "at.",
        ))
    });
    Names { own, place: place.unwrap_or_default() }
}

/// Makes a parameter of every number of the placement of a whole body.
pub(super) fn name_placement(
    draft: &mut Draft,
    body: usize,
    place: &Step,
    placement: &plan::Placement,
    name: &str,
) -> BTreeMap<String, String> {
    let arguments = arguments_of(place, &placement.detail);
    add_parameters(draft, (body, 0), place, &arguments, name, name, "place.at.")
}

fn add_parameters(
    draft: &mut Draft,
    (body, step): (usize, usize),
    spec: &Step,
    arguments: &Arguments,
    lead: &str,
    title: &str,
    path: &str,
) -> BTreeMap<String, String> {
    let mut names = BTreeMap::new();
    for argument in &spec.arguments {
        let Some(value) = arguments.get(&argument.name) else { continue };
        let own = argument.parameter.as_deref().unwrap_or(&argument.name);
        if let (Type::Text, Some(text)) = (argument.type_, value.text()) {
            let full = if lead.is_empty() { own.to_owned() } else { format!("{lead}_{own}") };
            let name = draft.namer.unique(&upper(&full));
            let label = sentence(&format!("{title} {}", argument.title.to_lowercase()));
            draft.lines.push(format!("{name} = {}  # {label}", python_text(text)));
            names.insert(argument.name.clone(), name);
            continue;
        }
        let numbers: Vec<(String, String, f64)> = match (argument.type_, value) {
            (Type::Choice | Type::Points | Type::Text | Type::Switch, _) => continue,
            (Type::Point, Value::List(list)) if list.len() == 2 => ["x", "y"]
                .iter()
                .zip(list)
                .map(|(axis, n)| (format!("{}.{axis}", argument.name), (*axis).to_owned(), *n))
                .collect(),
            (_, Value::List(list)) if list.len() == 2 => ["x", "y"]
                .iter()
                .zip(list)
                .map(|(axis, n)| (format!("{}.{axis}", argument.name), format!("{own}_{axis}"), *n))
                .collect(),
            (_, value) => {
                value.number().map(|n| (argument.name.clone(), own.to_owned(), n)).into_iter().collect()
            }
        };
        for (key, short, number) in numbers {
            let full = if lead.is_empty() { short.clone() } else { format!("{lead}_{short}") };
            let name = draft.namer.unique(&upper(&full));
            let axis = key.strip_prefix(&argument.name).unwrap_or_default().replace('.', " ").to_uppercase();
            let label = sentence(&format!("{title} {}{axis}", argument.title.to_lowercase()));
            draft.lines.push(parameter_line(&name, number, argument, &label, argument.type_ == Type::Point));
            draft.parameters.push(Parameter {
                name: name.clone(),
                value: number,
                body,
                step,
                argument: format!("{path}{key}"),
            });
            names.insert(key, name);
        }
    }
    names
}

fn sentence(text: &str) -> String {
    let text = text.trim();
    let mut chars = text.chars();
    let first = chars.next().map(|c| c.to_uppercase().to_string()).unwrap_or_default();
    // A label is a comment: one line, and no `|` or `#` that its reader would trip over.
    format!("{first}{}", chars.as_str())
        .chars()
        .filter(|c| !c.is_control() && !matches!(c, '|' | '#'))
        .collect()
}

/// `LENGTH = 60.0  # [10:0.5:200] mm | Length`
fn parameter_line(name: &str, value: f64, argument: &Argument, label: &str, signed: bool) -> String {
    let mut line = String::new();
    let (low, step, high) = range(value, argument, signed);
    // Writing to a string can't fail.
    let _ = match argument.type_ {
        Type::Count => write!(line, "{name} = {value:.0}"),
        _ => write!(line, "{name} = {value:?}"),
    };
    let unit = argument.unit();
    let unit = if unit.is_empty() { String::new() } else { format!(" {unit}") };
    let _ = write!(line, "  # [{low}:{step}:{high}]{unit} | {label}");
    line
}

/// From a quarter to four times the value, in round numbers, inside the argument's own limits.
fn range(value: f64, argument: &Argument, signed: bool) -> (f64, f64, f64) {
    let size = value.abs();
    if argument.type_ == Type::Count {
        let low = argument.min.unwrap_or(1.0);
        return (low, 1.0, (value * 4.0).clamp(low, argument.max.unwrap_or(f64::MAX)));
    }
    if argument.type_ == Type::Angle {
        return (argument.min.unwrap_or(-360.0), 1.0, argument.max.unwrap_or(360.0));
    }
    let step = step_for(size);
    let (mut low, mut high) =
        if size == 0.0 { (0.0, 10.0) } else { (nice_below(size / 4.0), nice_near(size * 4.0)) };
    if signed {
        low = -high;
    }
    if let Some(min) = argument.min {
        low = low.max(min);
    }
    if let Some(max) = argument.max {
        high = high.min(max);
    }
    (low.min(value), step, high.max(value))
}

/// Half a millimetre or finer, so that the value itself lies on a step; coarser only for what is large.
fn step_for(size: f64) -> f64 {
    let first = if size >= 200.0 {
        1.0
    } else if size >= 5.0 {
        0.5
    } else {
        0.1
    };
    let fits = |step: &&f64| ((size / **step) - (size / **step).round()).abs() < 1e-6;
    [1.0, 0.5, 0.1, 0.05, 0.01].iter().filter(|step| **step <= first).find(fits).copied().unwrap_or(0.01)
}

/// The largest of 1, 2, 5, 10, 20 ... that is not above.
fn nice_below(value: f64) -> f64 {
    let power = 10f64.powf(value.log10().floor());
    let mantissa = value / power;
    let digit = if mantissa >= 5.0 {
        5.0
    } else if mantissa >= 2.0 {
        2.0
    } else {
        1.0
    };
    round(digit * power)
}

/// The nearest of them, as ratios go.
fn nice_near(value: f64) -> f64 {
    let below = nice_below(value);
    let candidates = [below, below * 2.0, below * 2.5];
    let distance = |candidate: f64| (candidate / value).ln().abs();
    let above = if nice_below(below * 2.5).to_bits() == (below * 2.5).to_bits() {
        candidates[2]
    } else {
        candidates[1]
    };
    if distance(above) < distance(below) { above } else { below }
}
