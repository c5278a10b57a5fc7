//! Holds what the prompt stated against what the solid has. Reads measures only, never the plan.

mod flats;
mod pieces;
mod rounds;
mod scope;
#[cfg(test)]
mod tests;

use crate::domain::check::{Check, CheckStatus};
use crate::domain::measure::{Measures, Vec3};
use crate::domain::quantity::Unit;
use crate::domain::reading::{Expectation, MeasureRef};

/// Cosine of the angle up to which two directions are one: a few thousandths of a degree.
const PARALLEL: f64 = 1.0 - 1e-9;

/// Nobody's drawing is finer: a hundredth of a millimetre, or a ten-thousandth of the value.
fn agrees(asked: f64, got: f64) -> bool {
    (asked - got).abs() <= (asked.abs() * 1e-4).max(0.01)
}

/// One check for each stated number, in the order of the prompt. What follows from the plan alone is told only when it is missed.
pub(super) fn compare(expectations: &[Expectation], measures: &Measures) -> Vec<Check> {
    expectations
        .iter()
        .map(|expectation| (expectation, in_scope(expectation, expectations, measures)))
        .filter(|(expectation, check)| !expectation.is_implied() || check.status == CheckStatus::Missed)
        .map(|(_, check)| check)
        .collect()
}

/// With a body named, only that body's measures count.
fn in_scope(expectation: &Expectation, all: &[Expectation], measures: &Measures) -> Check {
    let Some(name) = &expectation.body else { return as_told(expectation, all, measures) };
    let Some(own) = scope::of_body(measures, name) else {
        let why = format!("there is no body named `{name}`");
        return report(expectation, None, CheckStatus::Missed, Some(why));
    };
    as_told(expectation, all, &own)
}

/// What is not among the faces that were told may be among those that were left out.
fn as_told(expectation: &Expectation, all: &[Expectation], measures: &Measures) -> Check {
    let check = check(expectation, all, measures);
    let left_out = measures.tables.faces_left_out;
    if check.status != CheckStatus::Missed || left_out == 0 || !is_of_faces(expectation) {
        return check;
    }
    let why = format!("the part has so many faces that the smallest {left_out} were not measured");
    report(expectation, None, CheckStatus::NotChecked, Some(why))
}

/// Whether it is looked for in the tables of faces, which have a bound.
fn is_of_faces(expectation: &Expectation) -> bool {
    match &expectation.measure {
        measure if measure.is_of_box() => false,
        MeasureRef::Volume
        | MeasureRef::Area
        | MeasureRef::Solids
        | MeasureRef::Mass
        | MeasureRef::EdgeRadius
        | MeasureRef::NotChecked(_) => false,
        measure => !measure.is_of_pieces() || pieces::reads_faces(expectation),
    }
}

fn check(expectation: &Expectation, all: &[Expectation], measures: &Measures) -> Check {
    let size = measures.bounding_box.size;
    let among = |values: Vec<f64>, none: &str| nearest(expectation, &values, none);
    match &expectation.measure {
        MeasureRef::BoxX => single(expectation, size[0]),
        MeasureRef::BoxY => single(expectation, size[1]),
        MeasureRef::BoxZ => single(expectation, size[2]),
        MeasureRef::BoxAny => among(size.to_vec(), "the box has no such size"),
        MeasureRef::BoxMin => single(expectation, size.into_iter().fold(f64::INFINITY, f64::min)),
        MeasureRef::BoxMax => single(expectation, size.into_iter().fold(0.0, f64::max)),
        MeasureRef::Volume => single(expectation, measures.volume),
        MeasureRef::Area => single(expectation, measures.area),
        MeasureRef::Solids => single(expectation, f64::from(measures.solids)),
        MeasureRef::Mass => measures.mass.map_or_else(
            || report(expectation, None, CheckStatus::NotChecked, Some("a mass needs a material".to_owned())),
            |mass| single(expectation, mass),
        ),
        MeasureRef::NotChecked(why) => report(expectation, None, CheckStatus::NotChecked, Some(why.clone())),
        MeasureRef::Wall | MeasureRef::Gap | MeasureRef::Step => flats::distance(expectation, measures),
        MeasureRef::Angle => among(flats::angles(measures), "no two faces meet at this angle"),
        MeasureRef::FlatFaces => among(flats::prism_sides(measures), "no so many equal flat faces"),
        measure if measure.is_of_pieces() => pieces::check(expectation, all, measures),
        _ => rounds::check(expectation, measures),
    }
}

fn single(expectation: &Expectation, got: f64) -> Check {
    let status = if agrees(expectation.asked, got) { CheckStatus::Met } else { CheckStatus::Missed };
    report(expectation, Some(told(got, expectation.unit)), status, None)
}

/// Met when one of the values agrees; else the closest one is told.
fn nearest(expectation: &Expectation, values: &[f64], none: &str) -> Check {
    let off = |value: &f64| (value - expectation.asked).abs();
    match values.iter().min_by(|a, b| off(a).total_cmp(&off(b))) {
        Some(&value) => {
            let mut check = single(expectation, value);
            check.why = (check.status == CheckStatus::Missed).then(|| none.to_owned());
            check
        }
        None => report(expectation, None, CheckStatus::Missed, Some(none.to_owned())),
    }
}

fn report(expectation: &Expectation, got: Option<String>, status: CheckStatus, why: Option<String>) -> Check {
    let asked = match expectation.count {
        Some(count) if pieces::tells_pieces_apart(&expectation.measure) => {
            format!("{count} x {}", told(expectation.asked, expectation.unit))
        }
        _ => told(expectation.asked, expectation.unit),
    };
    Check { what: expectation.what.clone(), asked, got, status, why }
}

/// A number with its unit, three decimals at most.
fn told(value: f64, unit: Unit) -> String {
    let rounded = (value * 1e3).round() / 1e3;
    match unit {
        Unit::None => format!("{rounded}"),
        Unit::Degree => format!("{rounded}°"),
        Unit::Percent => format!("{rounded} %"),
        _ => format!("{rounded} mm"),
    }
}

fn dot(a: Vec3, b: Vec3) -> f64 {
    a.iter().zip(b).map(|(a, b)| a * b).sum()
}

fn minus(a: Vec3, b: Vec3) -> Vec3 {
    std::array::from_fn(|axis| a[axis] - b[axis])
}

fn length(a: Vec3) -> f64 {
    dot(a, a).sqrt()
}

/// Distance of a point from the line through another one.
fn off_axis(point: Vec3, on: Vec3, axis: Vec3) -> f64 {
    let way = minus(point, on);
    let forward = dot(way, axis);
    length(std::array::from_fn(|at| way[at] - forward * axis[at]))
}

fn are_parallel(a: Vec3, b: Vec3) -> bool {
    cosine(a, b).abs() > PARALLEL
}

/// Of the angle between two directions. They come rounded to six digits, so their lengths are not quite 1.
fn cosine(a: Vec3, b: Vec3) -> f64 {
    dot(a, b) / (length(a) * length(b))
}
