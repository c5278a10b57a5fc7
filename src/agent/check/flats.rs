//! What two flat faces show together: thickness, air, offset, angle. A pair counts when the faces lie opposite each other and no
//! third one parts them.

use super::{PARALLEL, agrees, are_parallel, cosine, dot, length, minus, nearest, off_axis};
use crate::domain::check::Check;
use crate::domain::measure::{Cylinder, Measures, Plane, Vec3};
use crate::domain::reading::{Expectation, MeasureRef};

const LENGTH_TOLERANCE: f64 = 1e-4;
/// Two areas are equal within this part of the larger one.
const AREA_TOLERANCE: f64 = 1e-4;

/// The part of space that two faces look at each other through.
#[derive(Debug, Clone, Copy)]
pub(super) struct Region {
    min: Vec3,
    max: Vec3,
}

impl Region {
    pub(super) fn middle(&self) -> Vec3 {
        std::array::from_fn(|axis| f64::midpoint(self.min[axis], self.max[axis]))
    }
}

/// Two parallel faces: material of this thickness between them, or air when it is negative.
struct Pair<'m> {
    one: &'m Plane,
    other: &'m Plane,
    thickness: f64,
}

pub(super) fn distance(expectation: &Expectation, measures: &Measures) -> Check {
    let asked = expectation.asked;
    let (values, none) = match expectation.measure {
        MeasureRef::Wall => (walls(measures, asked), "nothing is so thick"),
        MeasureRef::Gap => (gaps(measures, asked), "no two faces that face each other are so far apart"),
        _ => (steps(measures), "no two faces are offset so far"),
    };
    nearest(expectation, &values, none)
}

/// Of the thicknesses the one that agrees, or the nearest; of round walls all.
fn walls(measures: &Measures, asked: f64) -> Vec<f64> {
    let pairs = pairs(measures).filter(|pair| pair.thickness > 0.0 && pair.one.body == pair.other.body);
    let mut values: Vec<f64> =
        first_unparted(pairs.collect(), measures, asked).map(|(value, _)| value).collect();
    values.extend(coaxial(measures).filter(|(outer, inner)| outer.convex && !inner.convex).map(between));
    for ball in measures.tables.spheres.iter().filter(|ball| ball.convex) {
        let inside = measures.tables.spheres.iter().filter(|inner| {
            !inner.convex
                && inner.diameter < ball.diameter
                && length(minus(inner.centre, ball.centre)) < LENGTH_TOLERANCE
        });
        values.extend(inside.map(|inner| (ball.diameter - inner.diameter) / 2.0));
    }
    values
}

fn gaps(measures: &Measures, asked: f64) -> Vec<f64> {
    let pairs = pairs(measures).filter(|pair| pair.thickness < 0.0);
    let mut values: Vec<f64> =
        first_unparted(pairs.collect(), measures, asked).map(|(value, _)| value).collect();
    values.extend(coaxial(measures).filter(|(outer, inner)| !outer.convex && inner.convex).map(between));
    values
}

/// Every gap of this size, by the air in it.
pub(super) fn gaps_of(measures: &Measures, asked: f64) -> Vec<Region> {
    let fits = |pair: &Pair<'_>| pair.thickness < 0.0 && agrees(asked, -pair.thickness);
    let found = pairs(measures).filter(fits);
    found.filter(|pair| !is_parted(pair, measures)).filter_map(|pair| region(&pair)).collect()
}

/// The pair nearest to what is asked that no other face parts: testing all of them would be slow, and none but the nearest counts.
fn first_unparted<'m>(
    mut pairs: Vec<Pair<'m>>,
    measures: &Measures,
    asked: f64,
) -> impl Iterator<Item = (f64, Pair<'m>)> {
    let off = |pair: &Pair<'_>| (pair.thickness.abs() - asked).abs();
    pairs.sort_by(|a, b| off(a).total_cmp(&off(b)));
    let found = pairs.into_iter().find(|pair| !is_parted(pair, measures));
    found.map(|pair| (pair.thickness.abs(), pair)).into_iter()
}

fn pairs(measures: &Measures) -> impl Iterator<Item = Pair<'_>> {
    measures.tables.planes.iter().enumerate().flat_map(move |(at, one)| {
        measures.tables.planes[at + 1..].iter().filter_map(move |other| {
            if cosine(one.normal, other.normal) > -PARALLEL {
                return None;
            }
            let pair = Pair { one, other, thickness: one.offset + other.offset };
            (pair.thickness.abs() > LENGTH_TOLERANCE && region(&pair).is_some()).then_some(pair)
        })
    })
}

/// None when the faces pass each other by.
fn region(pair: &Pair<'_>) -> Option<Region> {
    // The other face moved along its normal into the plane of this one.
    let moved =
        |corner: Vec3| std::array::from_fn(|axis| corner[axis] + pair.one.normal[axis] * pair.thickness);
    let shared = overlap(pair.one, moved(pair.other.min), moved(pair.other.max))?;
    let back =
        |corner: Vec3| std::array::from_fn(|axis| corner[axis] - pair.one.normal[axis] * pair.thickness);
    let (min, max): (Vec3, Vec3) = (back(shared.min), back(shared.max));
    Some(Region {
        min: std::array::from_fn(|axis| shared.min[axis].min(min[axis])),
        max: std::array::from_fn(|axis| shared.max[axis].max(max[axis])),
    })
}

/// Where two boxes of one plane meet, when they have more than a line in common.
fn overlap(plane: &Plane, min: Vec3, max: Vec3) -> Option<Region> {
    let low: Vec3 = std::array::from_fn(|axis| plane.min[axis].max(min[axis]));
    let high: Vec3 = std::array::from_fn(|axis| plane.max[axis].min(max[axis]));
    let extent = minus(high, low);
    let wide = extent.iter().filter(|&&size| size > LENGTH_TOLERANCE).count();
    (wide >= 2 && extent.iter().all(|&size| size > -LENGTH_TOLERANCE))
        .then_some(Region { min: low, max: high })
}

/// A third parallel face stands between the two and covers all that they share.
fn is_parted(pair: &Pair<'_>, measures: &Measures) -> bool {
    let Some(shared) = region(pair) else { return true };
    let normal = pair.one.normal;
    let near = |a: f64, b: f64| (a - b).abs() <= LENGTH_TOLERANCE;
    let (low, high) = {
        let (a, b) = (pair.one.offset, pair.one.offset - pair.thickness);
        (a.min(b), a.max(b))
    };
    measures.tables.planes.iter().any(|plane| {
        let sense = cosine(plane.normal, normal);
        if sense.abs() < PARALLEL {
            return false;
        }
        let at = plane.offset * sense.signum();
        if at < low + LENGTH_TOLERANCE || at > high - LENGTH_TOLERANCE || near(at, low) || near(at, high) {
            return false;
        }
        (0..3).filter(|&axis| normal[axis].abs() < 0.5).all(|axis| {
            plane.min[axis] <= shared.min[axis] + LENGTH_TOLERANCE
                && plane.max[axis] >= shared.max[axis] - LENGTH_TOLERANCE
        })
    })
}

fn steps(measures: &Measures) -> Vec<f64> {
    let planes = &measures.tables.planes;
    let pairs = planes
        .iter()
        .enumerate()
        .flat_map(|(at, one)| planes[at + 1..].iter().map(move |other| (one, other)));
    let alike =
        pairs.filter(|(one, other)| one.body == other.body && cosine(one.normal, other.normal) > PARALLEL);
    alike
        .map(|(one, other)| (one.offset - other.offset).abs())
        .filter(|step| *step > LENGTH_TOLERANCE)
        .collect()
}

/// Cylinders on one axis that are beside each other somewhere along it, the wider one first.
fn coaxial(measures: &Measures) -> impl Iterator<Item = (&Cylinder, &Cylinder)> {
    let cylinders = &measures.tables.cylinders;
    cylinders.iter().flat_map(move |outer| {
        let inner = cylinders.iter().filter(move |inner| inner.diameter < outer.diameter);
        inner.filter(move |inner| is_beside(outer, inner)).map(move |inner| (outer, inner))
    })
}

fn is_beside(outer: &Cylinder, inner: &Cylinder) -> bool {
    let apart = dot(minus(inner.centre, outer.centre), outer.axis).abs();
    are_parallel(outer.axis, inner.axis)
        && off_axis(inner.centre, outer.centre, outer.axis) < LENGTH_TOLERANCE
        && apart < f64::midpoint(outer.length, inner.length) - LENGTH_TOLERANCE
}

fn between((outer, inner): (&Cylinder, &Cylinder)) -> f64 {
    (outer.diameter - inner.diameter) / 2.0
}

/// Between faces, between a face and an axis, between axes, and of cones. Faces that are parallel make none.
pub(super) fn angles(measures: &Measures) -> Vec<f64> {
    let normals = distinct(measures.tables.planes.iter().map(|plane| plane.normal));
    let round = measures.tables.cylinders.iter().map(|cylinder| cylinder.axis);
    let axes = distinct(round.chain(measures.holes.iter().map(|hole| hole.axis)));
    let mut found: Vec<f64> =
        measures.tables.cones.iter().flat_map(|cone| [cone.half_angle, 2.0 * cone.half_angle]).collect();
    for (at, one) in normals.iter().enumerate() {
        found.extend(normals[at + 1..].iter().flat_map(|other| both(angle(*one, *other))));
        found.extend(axes.iter().flat_map(|axis| both((90.0 - angle(*one, *axis)).abs())));
    }
    for (at, one) in axes.iter().enumerate() {
        found.extend(axes[at + 1..].iter().flat_map(|other| both(angle(*one, *other))));
    }
    found
}

fn both(angle: f64) -> impl Iterator<Item = f64> {
    // Nobody states that two faces are parallel by a number.
    [angle, 180.0 - angle].into_iter().filter(|angle| *angle > 0.01 && *angle < 179.99)
}

fn angle(one: Vec3, other: Vec3) -> f64 {
    dot(one, other).clamp(-1.0, 1.0).acos().to_degrees()
}

/// Directions without their sense.
fn distinct(directions: impl Iterator<Item = Vec3>) -> Vec<Vec3> {
    let mut known: Vec<Vec3> = Vec::new();
    for direction in directions {
        if !known.iter().any(|other| are_parallel(*other, direction)) {
            known.push(direction);
        }
    }
    known
}

/// How many equal flat faces stand about one axis, for every set of them.
pub(super) fn prism_sides(measures: &Measures) -> Vec<f64> {
    let mut left: Vec<&Plane> = measures.tables.planes.iter().collect();
    let mut found = Vec::new();
    while let Some(first) = left.pop() {
        let same = |plane: &&Plane| (plane.area - first.area).abs() <= AREA_TOLERANCE * first.area;
        let mut alike: Vec<&Plane> = left.iter().copied().filter(same).collect();
        left.retain(|plane| !same(plane));
        alike.push(first);
        // Each axis is square to two of them.
        let axes = distinct(alike.iter().filter_map(|plane| square_to(first.normal, plane.normal)));
        for axis in axes {
            let about = alike.iter().filter(|plane| dot(plane.normal, axis).abs() < 1e-6).count();
            found.push(about as f64);
        }
    }
    found
}

fn square_to(a: Vec3, b: Vec3) -> Option<Vec3> {
    let cross = [a[1] * b[2] - a[2] * b[1], a[2] * b[0] - a[0] * b[2], a[0] * b[1] - a[1] * b[0]];
    let size = length(cross);
    (size > 1e-6).then(|| cross.map(|value| value / size))
}
