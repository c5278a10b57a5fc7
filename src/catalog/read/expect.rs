//! Ties every stated number to the measure that the finished solid must show, by the table's `measure` keys.

use super::instance::{Context, Given, Instance, Role};
use crate::catalog::scene::Site;
use crate::catalog::table::{Argument, Combine, Step, Type};
use crate::domain::plan::{Join, Value};
use crate::domain::quantity::Unit;
use crate::domain::reading::{Expectation, MeasureRef};

/// Adds the expectations of one step, which makes so many pieces.
pub(super) fn expect(
    all: &mut Vec<Expectation>,
    ctx: &Context<'_>,
    instance: &Instance,
    site: &Site<'_>,
    pieces: f64,
) {
    let spec = instance.spec(ctx);
    let diameter = hole_diameter(spec, site);
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "a count of pieces: whole, positive and small"
    )]
    let count = pieces as u32;
    let mut add = |argument: &Argument, given: &Given, title: &str| {
        if given.text.is_empty() {
            return;
        }
        for asked in numbers(&given.value) {
            let measure = measure_of(argument, diameter.is_some());
            let measure = if instance.role == Role::Body || measure.is_of_holes() {
                measure
            } else {
                MeasureRef::NotChecked("it is only a part of the body".to_owned())
            };
            let of_holes = measure.is_of_holes();
            all.push(Expectation {
                what: what(title, argument),
                asked,
                unit: unit_of(argument),
                text: given.text.clone(),
                measure,
                count: of_holes.then_some(count),
                of_diameter: diameter.filter(|_| of_holes),
            });
        }
    };
    let title = if spec.combine.is_some() { spec.title.as_str() } else { "" };
    for argument in &spec.arguments {
        if let Some(given) = instance.own.get(&argument.name) {
            add(argument, given, title);
        }
    }
    if let Some((place, _)) = &site.place {
        for argument in &place.arguments {
            if let Some(given) =
                instance.place_given.get(&argument.name).filter(|_| argument.type_ != Type::Count)
            {
                add(argument, given, &spec.title);
            }
        }
    }
    if let (Some((_, text)), Some(diameter)) = (&instance.count, diameter) {
        expect_count(all, spec, text, diameter, count);
    }
    if spec.combine == Some(Combine::Add) || instance.role == Role::Joined(Join::Add) {
        grown(all, site);
    }
}

/// Holes of one diameter are counted together, whichever step made them.
fn expect_count(all: &mut Vec<Expectation>, spec: &Step, text: &str, diameter: f64, count: u32) {
    let same = |e: &&mut Expectation| e.measure == MeasureRef::HoleCount && e.of_diameter == Some(diameter);
    if let Some(earlier) = all.iter_mut().find(same) {
        earlier.asked += f64::from(count);
        earlier.count = earlier.count.map(|before| before + count);
        earlier.text = format!("{} + {text}", earlier.text);
        return;
    }
    all.push(Expectation {
        what: format!("number of {}s", spec.title.to_lowercase()),
        asked: f64::from(count),
        unit: Unit::None,
        text: text.to_owned(),
        measure: MeasureRef::HoleCount,
        count: Some(count),
        of_diameter: Some(diameter),
    });
}

/// What stands on a face makes the body's box larger than the base, so that side of the box says nothing about the base any more.
fn grown(all: &mut [Expectation], site: &Site<'_>) {
    let Some(face) = &site.face else { return };
    let grown_size = match face.side.as_str() {
        "front" | "back" => MeasureRef::BoxY,
        "left" | "right" => MeasureRef::BoxX,
        _ => MeasureRef::BoxZ,
    };
    for expectation in all.iter_mut().filter(|expectation| expectation.measure == grown_size) {
        expectation.measure =
            MeasureRef::NotChecked("something stands on that side, so the box is larger".to_owned());
    }
}

/// Of several bodies the whole has one box, which is the size of none of them.
pub(super) fn grouped(all: &mut [Expectation]) {
    let boxes = [MeasureRef::BoxX, MeasureRef::BoxY, MeasureRef::BoxZ, MeasureRef::Volume];
    for expectation in all.iter_mut().filter(|expectation| boxes.contains(&expectation.measure)) {
        expectation.measure = MeasureRef::NotChecked("several bodies are measured together".to_owned());
    }
}

/// The diameter of the holes that a step makes, if it makes holes.
fn hole_diameter(spec: &Step, site: &Site<'_>) -> Option<f64> {
    let argument =
        spec.arguments.iter().find(|argument| argument.measure == Some(MeasureRef::HoleDiameter))?;
    site.arguments.number(&argument.name)
}

fn measure_of(argument: &Argument, makes_holes: bool) -> MeasureRef {
    let why_not = || argument.not_checked.clone().unwrap_or_default();
    match &argument.measure {
        Some(measure) if measure.is_of_holes() && !makes_holes => {
            MeasureRef::NotChecked("only holes are measured by their places".to_owned())
        }
        Some(measure) => measure.clone(),
        None => MeasureRef::NotChecked(why_not()),
    }
}

fn what(title: &str, argument: &Argument) -> String {
    format!("{title} {}", argument.title.to_lowercase()).trim().to_lowercase()
}

fn unit_of(argument: &Argument) -> Unit {
    match argument.type_ {
        Type::Angle => Unit::Degree,
        Type::Count | Type::Choice | Type::Text | Type::Switch => Unit::None,
        Type::Length | Type::Point | Type::Pair | Type::Points => Unit::Mm,
    }
}

fn numbers(value: &Value) -> Vec<f64> {
    match value {
        Value::Number(number) => vec![*number],
        Value::List(list) => list.clone(),
        _ => Vec::new(),
    }
}
