//! What is wrong with a plan, told before anything runs: unknown names, missing or impossible numbers, rules of the table that don't hold.

use super::Catalog;
use super::rules::limits;
use super::scene::{Fault, Names, Scene, Site, arguments_of, in_order};
use super::scope::Scope;
use super::table::{Argument, Combine, Kind, Step, Type};
use crate::domain::plan::{self, Arguments, PLAN_VERSION, Plan, Problem, Value};
use crate::domain::quantity::round;

/// More would be no plan of a person.
const BODIES_MAX: usize = 100;
const STEPS_MAX: usize = 500;
/// Two numbers closer than this are the same to the kernel.
const CLOSE_MM: f64 = 1e-6;

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
    plan.bodies.iter().enumerate().flat_map(|(index, body)| body_problems(catalog, index, body)).collect()
}

fn body_problems(catalog: &Catalog, index: usize, body: &plan::Body) -> Vec<Problem> {
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
        let mut faults: Vec<Fault> = order_fault(spec, at).into_iter().collect();
        faults.extend(argument_faults(spec, &step.arguments));
        faults.extend(place_faults(catalog, spec, step));
        if faults.is_empty() {
            match scene.site(spec, step, &Names::default()) {
                Ok(site) => {
                    faults = site_faults(catalog, spec, &site);
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
    problems
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

fn order_fault(spec: &Step, at: usize) -> Option<Fault> {
    match (spec.kind, at) {
        (Kind::Base, 0) => None,
        (Kind::Base, _) => Some(Fault::new(
            None,
            format!("A body has one base, `{}` is a second one", spec.name),
            "Make it a body of its own",
        )),
        (_, 0) => Some(Fault::new(
            None,
            format!("A body starts with a base, not with a {}", spec.title.to_lowercase()),
            "Put a box, a cylinder or another base first",
        )),
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
    unknown.chain(missing).chain(wrong).collect()
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
    let placeable = spec.combine.is_some_and(|combine| combine != Combine::Edges);
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
