//! What one round face shows: diameters, lengths, radii and the legs of chamfers.

use super::{CheckStatus, agrees, are_parallel, dot, nearest, report, single, told};
use crate::domain::check::Check;
use crate::domain::measure::{Cone, Cylinder, Measures};
use crate::domain::quantity::Unit;
use crate::domain::reading::{Expectation, MeasureRef};

/// The rounded end of a plate is a half cylinder; the round between two walls is less.
const HALF_TURN_DEGREES: f64 = 179.9;
/// The round inside a square corner makes a quarter turn; what turns further is a bore or a cradle.
const QUARTER_TURN_DEGREES: f64 = 91.0;

pub(super) fn check(expectation: &Expectation, measures: &Measures) -> Check {
    let among = |values: Vec<f64>, none: &str| nearest(expectation, &values, none);
    match expectation.measure {
        MeasureRef::CylinderDiameter => shafts(expectation, measures),
        MeasureRef::CylinderLength => {
            let own = convex(measures)
                .filter(|cylinder| expectation.of_diameter.is_none_or(|of| agrees(of, cylinder.diameter)));
            among(own.flat_map(lengths).collect(), "no cylinder is so long")
        }
        MeasureRef::BoreDiameter => {
            let bores = measures
                .tables
                .cylinders
                .iter()
                .filter(|cylinder| !cylinder.convex && cylinder.turn > QUARTER_TURN_DEGREES);
            let holes = measures.holes.iter().map(|hole| hole.diameter);
            among(bores.map(|bore| bore.diameter).chain(holes).collect(), "no bore has this diameter")
        }
        MeasureRef::EdgeRadius => among(
            measures.rounds.iter().map(|round| round.radius).collect(),
            "no rounded edge has this radius",
        ),
        MeasureRef::Chamfer => among(legs(measures), "no chamfer has this size"),
        MeasureRef::ConeDiameter => {
            let ends = measures.tables.cones.iter().flat_map(|cone| ends(cone, measures));
            among(ends.collect(), "no cone ends with this diameter")
        }
        MeasureRef::SphereDiameter => among(
            measures.tables.spheres.iter().map(|sphere| sphere.diameter).collect(),
            "no ball has this diameter",
        ),
        MeasureRef::TorusMajor => of_tori(expectation, measures.tables.tori.iter().map(|torus| torus.major)),
        MeasureRef::TorusMinor => of_tori(expectation, measures.tables.tori.iter().map(|torus| torus.minor)),
        MeasureRef::TorusRadius => {
            of_tori(expectation, measures.tables.tori.iter().map(|torus| torus.major / 2.0))
        }
        // Every other measure is dealt with by `super::check`; one that is forgotten there is not passed for met.
        _ => report(expectation, None, CheckStatus::NotChecked, Some("nothing measures this".to_owned())),
    }
}

fn of_tori(expectation: &Expectation, values: impl Iterator<Item = f64>) -> Check {
    nearest(expectation, &values.collect::<Vec<_>>(), "no ring or bend has this size")
}

pub(super) fn convex(measures: &Measures) -> impl Iterator<Item = &Cylinder> {
    measures.tables.cylinders.iter().filter(|cylinder| cylinder.convex && cylinder.turn > HALF_TURN_DEGREES)
}

/// As many as are stated, or more: another step may have made the same diameter.
fn shafts(expectation: &Expectation, measures: &Measures) -> Check {
    let diameters: Vec<f64> = convex(measures).map(|cylinder| cylinder.diameter).collect();
    let found = diameters.iter().filter(|diameter| agrees(expectation.asked, **diameter)).count();
    match expectation.count {
        Some(count) if found > 0 && found < count as usize => {
            let got = format!("{found} of {}", told(expectation.asked, Unit::Mm));
            report(expectation, Some(got), CheckStatus::Missed, Some("some of them do not show".to_owned()))
        }
        _ if found > 0 => single(expectation, expectation.asked),
        _ => nearest(expectation, &diameters, "no full cylinder has this diameter"),
    }
}

/// With and without what a chamfer or round at either end adds.
fn lengths(cylinder: &Cylinder) -> [f64; 4] {
    let [begin, end] = cylinder.ends;
    let own = cylinder.length;
    [own, own + begin, own + end, own + begin + end]
}

fn legs(measures: &Measures) -> Vec<f64> {
    let flat = measures.tables.chamfers.iter().flat_map(|chamfer| chamfer.legs);
    let round = measures
        .tables
        .cones
        .iter()
        .flat_map(|cone| [(cone.diameters[0] - cone.diameters[1]).abs() / 2.0, cone.length]);
    flat.chain(round).collect()
}

/// The diameters at its ends, and where flat faces square to its axis would cut it.
fn ends(cone: &Cone, measures: &Measures) -> Vec<f64> {
    let [begin, end] = cone.diameters;
    let slope = if cone.length > 0.0 { (end - begin) / cone.length } else { 0.0 };
    let square = measures.tables.planes.iter().filter(|plane| are_parallel(plane.normal, cone.axis));
    let heights = square
        .map(|plane| plane.offset * dot(plane.normal, cone.axis).signum() - dot(cone.centre, cone.axis))
        // A face further away has nothing to do with it.
        .filter(|height| height.abs() <= cone.length);
    heights.map(|height| f64::midpoint(begin, end) + slope * height).chain([begin, end]).collect()
}
