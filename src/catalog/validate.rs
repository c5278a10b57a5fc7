//! What is wrong with a plan, told before anything runs: unknown names, missing or impossible numbers, rules of the table that don't hold.

use std::collections::BTreeMap;

use super::assembly::Assembly;
use super::rules::limits;
use super::scene::{Fault, Names, Scene, Site, arguments_of, combine_of, in_order};
use super::scope::{Entry, Scope};
use super::table::{Argument, Combine, Kind, Step, Type};
use super::{Catalog, joined, outline};
use crate::domain::plan::{self, Arguments, PLAN_VERSION, Plan, Problem, Value};
use crate::domain::quantity::round;

/// More would be no plan of a person.
const BODIES_MAX: usize = 100;
const STEPS_MAX: usize = 500;
/// Letters of a text on a part.
const TEXT_CHARS_MAX: usize = 60;
/// Two numbers closer than this are the same to the kernel.
pub(super) const CLOSE_MM: f64 = 1e-6;

pub(super) fn validate(catalog: &Catalog, plan: &Plan) -> Vec<Problem> {
    let whole = |message: String, hint: &str| Problem {
        body: None,
        step: None,
        argument: None,
        message,
        hint: hint.to_owned(),
    };
    if plan.plan != PLAN_VERSION {
        return vec![whole(
            format!("The plan has version {}, this program reads {PLAN_VERSION}", plan.plan),
            "Write `\"plan\": 1`",
        )];
    }
    if plan.bodies.is_empty() || plan.bodies.len() > BODIES_MAX {
        return vec![whole(
            format!("The plan has {} bodies", plan.bodies.len()),
            "A plan has between 1 and 100 bodies",
        )];
    }
    let mut assembly = Assembly::new(catalog);
    let mut problems = Vec::new();
    for (index, body) in plan.bodies.iter().enumerate() {
        problems.extend(body_problems(catalog, &mut assembly, index, body));
    }
    problems
}

fn body_problems<'c>(
    catalog: &'c Catalog,
    assembly: &mut Assembly<'c>,
    index: usize,
    body: &plan::Body,
) -> Vec<Problem> {
    let problem = |step: Option<usize>, fault: Fault| Problem {
        body: Some(index),
        step,
        argument: fault.argument,
        message: fault.message,
        hint: fault.hint,
    };
    if body.steps.is_empty() || body.steps.len() > STEPS_MAX {
        let fault = Fault::new(
            None,
            format!("The body `{}` has {} steps", body.name, body.steps.len()),
            "A body has between 1 and 500 steps",
        );
        return vec![problem(None, fault)];
    }
    let mut problems = Vec::new();
    if let Some(colour) = body.colour.as_ref().filter(|colour| !is_colour(colour)) {
        let fault = Fault::new(Some("colour"), format!("`{colour}` is no colour"), "Write it as `#rrggbb`");
        problems.push(problem(None, fault));
    }
    let known = |step: &plan::Step| {
        catalog.step(&step.do_).is_some_and(|spec| matches!(spec.kind, Kind::Base | Kind::Feature))
    };
    for (at, step) in body.steps.iter().enumerate().filter(|(_, step)| !known(step)) {
        problems.push(problem(Some(at), unknown_step(catalog, &step.do_)));
    }
    let mut scene = Scene::new(catalog);
    for (at, spec, step) in in_order(catalog, body).into_iter().filter(|(_, _, step)| known(step)) {
        let mut faults: Vec<Fault> = order_fault(spec, step, at).into_iter().collect();
        faults.extend(argument_faults(spec, &step.arguments));
        faults.extend(place_faults(catalog, spec, step));
        if faults.is_empty() {
            match scene.site(spec, step, &Names::default()) {
                Ok(site) => {
                    faults = site_faults(catalog, spec, &site);
                    faults.extend(joined::faults(catalog, spec, step, &site));
                    scene.take(spec, &site);
                }
                // Without a base every later step would only repeat the complaint.
                Err(_) if scene.base().is_none() && !problems.is_empty() => {}
                Err(fault) => faults.push(fault),
            }
        }
        problems.extend(faults.into_iter().map(|fault| problem(Some(at), fault)));
    }
    problems.sort_by_key(|problem| problem.step);
    if problems.is_empty() {
        problems.extend(
            seat_faults(catalog, assembly, body, scene).into_iter().map(|fault| problem(None, fault)),
        );
    }
    problems
}

/// The body's own name and its place among the others. It counts for later bodies even when its place is wrong.
fn seat_faults<'c>(
    catalog: &'c Catalog,
    assembly: &mut Assembly<'c>,
    body: &plan::Body,
    scene: Scene<'c>,
) -> Vec<Fault> {
    if assembly.has(&body.name) {
        let message = format!("Two bodies are called `{}`", body.name);
        return vec![Fault::new(Some("name"), message, "Give each its own name")];
    }
    let Some(seat) = &body.place else {
        assembly.add(&body.name, scene, None);
        return Vec::new();
    };
    let turned = seat.turn.is_some().then(|| [Entry::nought(), Entry::nought(), Entry::nought()]);
    match assembly.seat(seat, &scene, turned, &BTreeMap::new()) {
        Ok(seated) => {
            let faults = seated.spots.map(|spots| {
                let given = argument_faults(spots.place, &spots.arguments);
                given
                    .into_iter()
                    .chain(rule_faults(catalog, spots.place, &spots.scope, &spots.arguments))
                    .collect()
            });
            assembly.add(&body.name, scene, Some(seated.origin));
            faults.unwrap_or_default()
        }
        Err(fault) => {
            assembly.add(&body.name, scene, None);
            vec![fault]
        }
    }
}

fn is_colour(text: &str) -> bool {
    text.len() == 7 && text.starts_with('#') && text[1..].chars().all(|c| c.is_ascii_hexdigit())
}

fn unknown_step(catalog: &Catalog, name: &str) -> Fault {
    let known: Vec<&str> = catalog
        .steps
        .iter()
        .filter(|s| matches!(s.kind, Kind::Base | Kind::Feature))
        .map(|s| s.name.as_str())
        .collect();
    Fault::new(None, format!("There is no step `{name}`"), format!("Steps are {}", known.join(", ")))
}

fn order_fault(spec: &Step, step: &plan::Step, at: usize) -> Option<Fault> {
    let joined = step.combine.is_some() || step.turn.is_some() || step.lift.is_some();
    match (spec.kind, at) {
        (Kind::Base, 0) if joined => Some(Fault::new(
            Some("combine"),
            format!("The {} is the first step, there is nothing yet to put it on", spec.title.to_lowercase()),
            "Leave out `combine`, `turn` and `lift`",
        )),
        (Kind::Base, 0) => None,
        (Kind::Base, _) if step.combine.is_none() => Some(Fault::new(
            None,
            format!("A body has one base, `{}` is a second one", spec.name),
            "Say how it goes together with the first: `combine` is add, cut or common; or make it a body of its own",
        )),
        (Kind::Base, _) if !spec.extras.is_empty() => Some(Fault::new(
            None,
            format!("A {} makes more than one body, so it can't be joined", spec.title.to_lowercase()),
            "Make it a body of its own",
        )),
        (Kind::Feature, _) if joined => Some(Fault::new(
            Some("combine"),
            format!("A {} has no `combine`, `turn` or `lift`", spec.title.to_lowercase()),
            "Leave them out",
        )),
        (_, 0) => Some(Fault::new(
            None,
            format!("A body starts with a base, not with a {}", spec.title.to_lowercase()),
            "Put a box, a cylinder or another base first",
        )),
        _ if step.turn.is_some_and(|turn| turn.iter().any(|angle| !(-360.0..=360.0).contains(angle))) => {
            Some(Fault::new(
                Some("turn"),
                "An angle is outside of -360 to 360 degrees".to_owned(),
                "Turn it less",
            ))
        }
        _ if step.lift.is_some_and(|lift| !(-2000.0..=2000.0).contains(&lift)) => {
            Some(Fault::new(Some("lift"), "It would be lifted too far".to_owned(), "Stay below 2000 mm"))
        }
        _ => None,
    }
}

fn argument_faults(spec: &Step, given: &Arguments) -> Vec<Fault> {
    let title = spec.title.to_lowercase();
    let known = || {
        let names: Vec<&str> =
            spec.arguments.iter().filter(|a| !a.read_only).map(|a| a.name.as_str()).collect();
        if names.is_empty() {
            "It has no arguments".to_owned()
        } else {
            format!("Its arguments are {}", names.join(", "))
        }
    };
    let unknown = given
        .iter()
        .filter(|(name, _)| spec.argument(name).is_none_or(|argument| argument.read_only))
        .map(|(name, _)| Fault::new(Some(name), format!("A {title} has no argument `{name}`"), known()));
    let missing = spec
        .arguments
        .iter()
        .filter(|argument| argument.required() && given.get(&argument.name).is_none())
        .map(|a| {
            Fault::new(
                Some(&a.name),
                format!("The {} of the {title} is missing", a.title.to_lowercase()),
                "Give a number",
            )
        });
    let wrong = given.iter().filter_map(|(name, value)| value_fault(spec.argument(name)?, value, &title));
    let drawn = given.iter().filter_map(|(name, value)| match value {
        Value::Points(points) if spec.kind == Kind::Base => {
            let hint = "Give the corners in order, once round";
            let why = outline::fault(points)?;
            Some(Fault::new(Some(name), format!("The {title} cannot be drawn: {why}"), hint))
        }
        _ => None,
    });
    unknown.chain(missing).chain(wrong).chain(drawn).collect()
}

fn value_fault(argument: &Argument, value: &Value, title: &str) -> Option<Fault> {
    let of = format!("The {} of the {title}", argument.title.to_lowercase());
    let fault = |message: String, hint: String| Some(Fault::new(Some(&argument.name), message, hint));
    let numbers: Vec<f64> = match (argument.type_, value) {
        (Type::Choice, Value::Text(text)) if argument.choices.contains_key(text) => return None,
        (Type::Choice, _) => {
            let choices: Vec<&str> = argument.choices.keys().map(String::as_str).collect();
            return fault(format!("{of} can't be `{value}`"), format!("It is one of {}", choices.join(", ")));
        }
        (Type::Switch, Value::Switch(_)) => return None,
        (Type::Switch, _) => {
            return fault(format!("{of} can't be `{value}`"), "It is true or false".to_owned());
        }
        (Type::Text, Value::Text(text)) if (1..=TEXT_CHARS_MAX).contains(&text.trim().chars().count()) => {
            return None;
        }
        (Type::Text, _) => {
            let hint = format!("It is a text of 1 to {TEXT_CHARS_MAX} letters");
            return fault(format!("{of} can't be `{value}`"), hint);
        }
        (Type::Points, Value::Points(points)) if !points.is_empty() => {
            points.iter().flatten().copied().collect()
        }
        (Type::Point | Type::Pair, Value::List(list)) if list.len() == 2 => list.clone(),
        (Type::Length | Type::Angle | Type::Count | Type::Pair, Value::Number(number)) => vec![*number],
        (Type::Points, _) => {
            return fault(format!("{of} can't be `{value}`"), "It is a list of points".to_owned());
        }
        (Type::Point, _) => {
            return fault(format!("{of} can't be `{value}`"), "It is two numbers, x and y".to_owned());
        }
        (Type::Pair, _) => {
            return fault(format!("{of} can't be `{value}`"), "It is one number or two".to_owned());
        }
        _ => return fault(format!("{of} can't be `{value}`"), "It is a number".to_owned()),
    };
    let unit = argument.unit();
    for number in numbers {
        if !number.is_finite() || (argument.type_ == Type::Count && number.fract() != 0.0) {
            return fault(format!("{of} can't be {number}"), "It is a whole number".to_owned());
        }
        if let Some(min) = argument.min.filter(|min| number < *min) {
            return fault(
                format!("{of} is {number} {unit}, which is too small"),
                format!("It is at least {min} {unit}"),
            );
        }
        if let Some(max) = argument.max.filter(|max| number > *max) {
            return fault(
                format!("{of} is {number} {unit}, which is too large"),
                format!("It is at most {max} {unit}"),
            );
        }
    }
    None
}

fn place_faults(catalog: &Catalog, spec: &Step, step: &plan::Step) -> Vec<Fault> {
    let placeable = combine_of(spec, step).is_some_and(Combine::is_placed);
    let stray = [("on", step.on.is_some()), ("at", step.at.is_some())]
        .into_iter()
        .filter(|(_, there)| *there && !placeable)
        .map(|(key, _)| {
            Fault::new(
                Some(key),
                format!("A {} is not placed, it has no `{key}`", spec.title.to_lowercase()),
                "Leave it out",
            )
        });
    let arguments = step.at.as_ref().filter(|_| placeable).and_then(|placement| {
        let place = catalog.step(&placement.name)?;
        Some(argument_faults(place, &arguments_of(place, &placement.detail)))
    });
    stray.chain(arguments.into_iter().flatten()).collect()
}

/// Rules of the step and of its placement.
fn site_faults(catalog: &Catalog, spec: &Step, site: &Site<'_>) -> Vec<Fault> {
    let mut faults = rule_faults(catalog, spec, &site.scope, &site.arguments);
    if let Some((place, scope)) = &site.place {
        faults.extend(rule_faults(catalog, place, scope, &site.place_arguments));
    }
    faults
}

fn rule_faults(catalog: &Catalog, spec: &Step, scope: &Scope, arguments: &Arguments) -> Vec<Fault> {
    let mut faults = Vec::new();
    for limit in limits(catalog, spec, scope, arguments) {
        let name = limit.rule.argument.split('.').next().unwrap_or(&limit.rule.argument);
        let Some(argument) = spec.argument(name) else { continue };
        let unit = argument.unit();
        let value = round(limit.value.number);
        let whose = if spec.combine.is_some() || spec.kind == Kind::Base {
            format!("{} {}", spec.title, argument.title.to_lowercase())
        } else {
            argument.title.clone()
        };
        let of = format!("{whose} {value} {unit}");
        let why = &limit.rule.why;
        if limit.rule.below.is_some() && limit.below.is_none() {
            let message =
                format!("{} {} means nothing on this face", spec.title, argument.title.to_lowercase());
            faults.push(Fault::new(Some(name), message, "Use the edges that the face has"));
            continue;
        }
        if let Some(below) = limit.below.filter(|below| limit.value.number > below.number - CLOSE_MM) {
            let most = round(below.number);
            faults.push(Fault::new(
                Some(name),
                format!("{of} is too large: {why}"),
                format!("It must stay below {most} {unit}"),
            ));
        } else if let Some(above) = limit.above.filter(|above| limit.value.number < above.number + CLOSE_MM) {
            let least = round(above.number);
            faults.push(Fault::new(
                Some(name),
                format!("{of} is too small: {why}"),
                format!("It must stay above {least} {unit}"),
            ));
        } else if let Some(least) =
            limit.at_least.filter(|least| limit.value.number < least.number - CLOSE_MM)
        {
            let least = round(least.number);
            let hint = format!("It must be at least {least} {unit}");
            faults.push(Fault::new(Some(name), format!("{of} is too small: {why}"), hint));
        } else if limit.differs.is_some_and(|other| (limit.value.number - other.number).abs() < CLOSE_MM) {
            faults.push(Fault::new(
                Some(name),
                format!("{of} is not possible: {why}"),
                format!("It must differ from {value} {unit}"),
            ));
        }
    }
    faults
}
