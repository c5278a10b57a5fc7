//! Holds what the prompt stated against what the solid has. Reads measures only, never the plan.

use crate::domain::check::{Check, CheckStatus};
use crate::domain::measure::{Hole, Measures, Vec3};
use crate::domain::quantity::Unit;
use crate::domain::reading::{Expectation, MeasureRef};

/// Nobody's drawing is finer: a hundredth of a millimetre, or a ten-thousandth of the value.
fn agrees(asked: f64, got: f64) -> bool {
    (asked - got).abs() <= (asked.abs() * 1e-4).max(0.01)
}

/// One check for each stated number, in the order of the prompt.
pub(super) fn compare(expectations: &[Expectation], measures: &Measures) -> Vec<Check> {
    expectations.iter().map(|expectation| check(expectation, expectations, measures)).collect()
}

fn check(expectation: &Expectation, all: &[Expectation], measures: &Measures) -> Check {
    let size = measures.bounding_box.size;
    match &expectation.measure {
        MeasureRef::BoxX => single(expectation, size[0]),
        MeasureRef::BoxY => single(expectation, size[1]),
        MeasureRef::BoxZ => single(expectation, size[2]),
        MeasureRef::Volume => single(expectation, measures.volume),
        MeasureRef::EdgeRadius => {
            let radii: Vec<f64> = measures.rounds.iter().map(|round| round.radius).collect();
            nearest(expectation, &radii, "no rounded edge has this radius")
        }
        MeasureRef::HoleDiameter | MeasureRef::HoleCount => counted(expectation, all, measures),
        MeasureRef::NotChecked(why) => report(expectation, None, CheckStatus::NotChecked, Some(why.clone())),
        _ => holes_agree(expectation, all, measures),
    }
}

/// How many holes have the diameter, against how many were stated altogether.
fn counted(expectation: &Expectation, all: &[Expectation], measures: &Measures) -> Check {
    let counts = expectation.measure == MeasureRef::HoleCount;
    let Some(diameter) = (if counts { expectation.of_diameter } else { Some(expectation.asked) }) else {
        return single(expectation, measures.holes.len() as f64);
    };
    let found = of_diameter(measures, diameter).len();
    let same =
        |other: &&Expectation| other.measure == MeasureRef::HoleDiameter && agrees(other.asked, diameter);
    let stated: u32 = all.iter().filter(same).filter_map(|other| other.count).sum();
    if found == 0 {
        let radii: Vec<f64> = measures.holes.iter().map(|hole| hole.diameter).collect();
        return nearest(
            &Expectation { asked: diameter, ..expectation.clone() },
            &radii,
            "there is no such hole",
        );
    }
    let met = stated == 0 || found == stated as usize;
    let holes = |count: usize| if count == 1 { "1 hole".to_owned() } else { format!("{count} holes") };
    let got = format!("{} of {}", holes(found), told(diameter, Unit::Mm));
    let why = (!met).then(|| format!("{} stated", holes(stated as usize)));
    report(expectation, Some(got), if met { CheckStatus::Met } else { CheckStatus::Missed }, why)
}

/// Every hole of the stated diameter must show the value; when several values are stated for one diameter, as many
/// holes as go with this one.
fn holes_agree(expectation: &Expectation, all: &[Expectation], measures: &Measures) -> Check {
    let holes = match expectation.of_diameter {
        Some(diameter) => of_diameter(measures, diameter),
        None => measures.holes.iter().collect(),
    };
    if holes.is_empty() {
        return report(expectation, None, CheckStatus::Missed, Some("there is no such hole".into()));
    }
    if expectation.measure == MeasureRef::HoleInset {
        return insets(expectation, &holes, measures);
    }
    let shown = shown_by_each(&expectation.measure, &holes);
    let agrees_with = |values: &&Vec<f64>| values.iter().any(|&value| agrees(expectation.asked, value));
    let matching = shown.iter().filter(agrees_with).count();
    let same = |other: &&Expectation| {
        other.measure == expectation.measure && other.of_diameter == expectation.of_diameter
    };
    let needed = match (all.iter().filter(same).count(), expectation.count) {
        (0 | 1, _) => holes.len(),
        (_, Some(count)) => count as usize,
        (_, None) => 1,
    };
    if matching >= needed {
        return single(expectation, expectation.asked);
    }
    let odd: Vec<f64> = shown.iter().filter(|values| !agrees_with(values)).flatten().copied().collect();
    nearest(expectation, &odd, "not every hole of this size shows it")
}

/// For each hole the values that it shows of a measure: one, none, or its distances from all the others.
fn shown_by_each(measure: &MeasureRef, holes: &[&Hole]) -> Vec<Vec<f64>> {
    let count = holes.len() as f64;
    let middle: Vec3 =
        std::array::from_fn(|axis| holes.iter().map(|hole| hole.centre[axis]).sum::<f64>() / count);
    let of = |index: usize, hole: &Hole| match measure {
        MeasureRef::HoleDepth => vec![hole.depth],
        MeasureRef::HoleHeadDiameter => hole.head_diameter.into_iter().collect(),
        MeasureRef::HoleHeadDepth => hole.head_depth.into_iter().collect(),
        MeasureRef::HoleCircle => vec![2.0 * distance(hole.centre, middle)],
        MeasureRef::HoleSpacing => {
            let others = holes.iter().enumerate().filter(|(other, _)| *other != index);
            others.map(|(_, other)| distance(other.centre, hole.centre)).collect()
        }
        _ => Vec::new(),
    };
    holes.iter().enumerate().map(|(index, hole)| of(index, hole)).collect()
}

fn of_diameter(measures: &Measures, diameter: f64) -> Vec<&Hole> {
    measures.holes.iter().filter(|hole| agrees(diameter, hole.diameter)).collect()
}

/// Each hole must be this far from a side of the box, square to its axis.
fn insets(expectation: &Expectation, holes: &[&Hole], measures: &Measures) -> Check {
    let bounds = &measures.bounding_box;
    let mut odd = None;
    for hole in holes {
        let across = (0..3).filter(|&axis| hole.axis[axis].abs() < 0.5);
        let sides = across
            .flat_map(|axis| [hole.centre[axis] - bounds.min[axis], bounds.max[axis] - hole.centre[axis]]);
        let sides: Vec<f64> = sides.collect();
        if !sides.iter().any(|&side| agrees(expectation.asked, side)) {
            odd = sides.into_iter().min_by(f64::total_cmp);
        }
    }
    single(expectation, odd.unwrap_or(expectation.asked))
}

fn distance(a: Vec3, b: Vec3) -> f64 {
    a.iter().zip(b).map(|(a, b)| (a - b).powi(2)).sum::<f64>().sqrt()
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
        Some(count) if expectation.measure == MeasureRef::HoleDiameter => {
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::measure::{BoundingBox, HoleKind, Round};

    fn plate() -> Measures {
        let hole = |x: f64, y: f64| Hole {
            diameter: 5.0,
            depth: 10.0,
            through: true,
            kind: HoleKind::Plain,
            axis: [0.0, 0.0, 1.0],
            centre: [x, y, 10.0],
            head_diameter: None,
            head_depth: None,
            angle: None,
        };
        Measures {
            bounding_box: BoundingBox {
                min: [-30.0, -20.0, 0.0],
                max: [30.0, 20.0, 10.0],
                size: [60.0, 40.0, 10.0],
            },
            volume: 23_000.0,
            area: 1.0,
            centre_of_mass: [0.0; 3],
            solids: 1,
            faces: 14,
            edges: 36,
            valid: true,
            manifold: true,
            holes: vec![hole(24.0, 14.0), hole(-24.0, 14.0), hole(24.0, -14.0), hole(-24.0, -14.0)],
            rounds: vec![Round { radius: 5.0, count: 4 }],
            bodies: vec![],
            mass: None,
            length: None,
        }
    }

    fn stated(measure: MeasureRef, asked: f64, count: Option<u32>) -> Expectation {
        let of_diameter = measure.is_of_holes().then_some(5.0);
        Expectation {
            what: "x".into(),
            asked,
            unit: Unit::Mm,
            text: String::new(),
            measure,
            count,
            of_diameter,
        }
    }

    #[track_caller]
    fn status(expectation: Expectation) -> CheckStatus {
        compare(&[expectation], &plate())[0].status
    }

    #[test]
    fn the_plate_meets_what_it_was_asked_for() {
        for (measure, asked) in [
            (MeasureRef::BoxX, 60.0),
            (MeasureRef::BoxZ, 10.0),
            (MeasureRef::EdgeRadius, 5.0),
            (MeasureRef::HoleDepth, 10.0),
            (MeasureRef::HoleInset, 6.0),
            (MeasureRef::HoleSpacing, 28.0),
            (MeasureRef::HoleCircle, 2.0 * 24.0_f64.hypot(14.0)),
        ] {
            assert_eq!(status(stated(measure.clone(), asked, None)), CheckStatus::Met, "{measure:?}");
            assert_eq!(
                status(stated(measure.clone(), asked + 0.5, None)),
                CheckStatus::Missed,
                "{measure:?}"
            );
        }
        assert_eq!(status(stated(MeasureRef::HoleDiameter, 5.0, Some(4))), CheckStatus::Met);
    }

    #[test]
    fn a_missing_hole_and_a_wrong_diameter_are_missed_and_say_what_is_there() {
        let checks = compare(&[stated(MeasureRef::HoleDiameter, 5.0, Some(6))], &plate());
        assert_eq!(checks[0].status, CheckStatus::Missed);
        assert_eq!(checks[0].got.as_deref(), Some("4 holes of 5 mm"));
        let checks = compare(&[stated(MeasureRef::HoleDiameter, 5.5, Some(4))], &plate());
        assert_eq!((checks[0].status, checks[0].got.as_deref()), (CheckStatus::Missed, Some("5 mm")));
    }

    #[test]
    fn two_groups_of_one_diameter_are_counted_together() {
        let both =
            [stated(MeasureRef::HoleDiameter, 5.0, Some(3)), stated(MeasureRef::HoleDiameter, 5.0, Some(1))];
        let checks = compare(&both, &plate());
        assert!(checks.iter().all(|check| check.status == CheckStatus::Met), "{checks:?}");
    }

    #[test]
    fn a_grid_has_two_spacings_and_one_diameter_may_have_two_depths() {
        let grid =
            [stated(MeasureRef::HoleSpacing, 48.0, Some(4)), stated(MeasureRef::HoleSpacing, 28.0, Some(4))];
        assert!(compare(&grid, &plate()).iter().all(|check| check.status == CheckStatus::Met));
        let mut uneven = plate();
        uneven.holes[0].depth = 4.0;
        let depths = |deep: u32| {
            [stated(MeasureRef::HoleDepth, 10.0, Some(deep)), stated(MeasureRef::HoleDepth, 4.0, Some(1))]
        };
        assert!(compare(&depths(3), &uneven).iter().all(|check| check.status == CheckStatus::Met));
        assert_eq!(compare(&depths(4), &uneven)[0].status, CheckStatus::Missed);
    }

    #[test]
    fn what_cannot_be_checked_says_why() {
        let checks = compare(&[stated(MeasureRef::NotChecked("a colour".into()), 1.0, None)], &plate());
        assert_eq!((checks[0].status, checks[0].why.as_deref()), (CheckStatus::NotChecked, Some("a colour")));
    }
}
