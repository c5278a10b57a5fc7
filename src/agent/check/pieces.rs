//! Holes, slots, bosses and pockets: how many there are, what each shows, and where they are.

use super::{agrees, dot, flats, length, minus, nearest, off_axis, report, rounds, single, told};
use crate::domain::check::{Check, CheckStatus};
use crate::domain::measure::{Hole, Measures, Slot, Vec3};
use crate::domain::quantity::Unit;
use crate::domain::reading::{Expectation, MeasureRef, Piece};

/// Two centres closer than this are one.
const CENTRE_TOLERANCE: f64 = 1e-3;

/// One piece, where it is, and the table's row that says more of it.
#[derive(Debug, Clone, Copy)]
struct Spot<'m> {
    centre: Vec3,
    /// A pocket may be seen from any side.
    axis: Option<Vec3>,
    row: Row<'m>,
}

#[derive(Debug, Clone, Copy)]
enum Row<'m> {
    Hole(&'m Hole),
    Slot(&'m Slot),
    None,
}

impl Spot<'_> {
    /// The directions of the face that it is on.
    fn across(&self) -> impl Iterator<Item = usize> {
        let axis = self.axis;
        (0..3).filter(move |&at| axis.is_none_or(|axis| axis[at].abs() < 0.5))
    }
}

pub(super) fn check(expectation: &Expectation, all: &[Expectation], measures: &Measures) -> Check {
    let piece = piece_of(expectation);
    if tells_pieces_apart(&expectation.measure)
        || matches!(expectation.measure, MeasureRef::HoleCount | MeasureRef::SlotCount)
    {
        return counted(expectation, piece, all, measures);
    }
    let spots = spots(piece, expectation.of_diameter, measures);
    if spots.is_empty() {
        let why = format!("there is no such {}", name(piece));
        return report(expectation, None, CheckStatus::Missed, Some(why));
    }
    if matches!(expectation.measure, MeasureRef::HoleRows | MeasureRef::HoleStart)
        && expectation.count.is_some_and(|count| count as usize != spots.len())
    {
        let why =
            format!("there are other {} of this size, so the pattern cannot be told", plural_name(piece));
        return report(expectation, None, CheckStatus::NotChecked, Some(why));
    }
    let rows = || spots[0].across().map(|axis| rows_along(&spots, axis)).collect::<Vec<_>>();
    match expectation.measure {
        MeasureRef::HoleRows => nearest(expectation, &rows(), "their centres do not lie in so many rows"),
        MeasureRef::HoleStart => nearest(expectation, &directions(&spots), "none lies in this direction"),
        MeasureRef::HoleCircle => on_circle(expectation, all, &spots, measures),
        _ => shown(expectation, all, &spots, &shown_by_each(&expectation.measure, &spots, measures)),
    }
}

/// Their own size is stated, so the check says how many there are of it.
pub(super) fn tells_pieces_apart(measure: &MeasureRef) -> bool {
    matches!(measure, MeasureRef::HoleDiameter | MeasureRef::SlotWidth)
}

/// Holes have a list of their own; other pieces are found among the faces.
pub(super) fn reads_faces(expectation: &Expectation) -> bool {
    !matches!(piece_of(expectation), Piece::Hole)
}

fn piece_of(expectation: &Expectation) -> Piece {
    match expectation.measure {
        MeasureRef::SlotLength | MeasureRef::SlotWidth | MeasureRef::SlotDepth | MeasureRef::SlotCount => {
            Piece::Slot
        }
        _ => expectation.piece,
    }
}

fn name(piece: Piece) -> &'static str {
    match piece {
        Piece::Hole => "hole",
        Piece::Slot => "slot",
        Piece::Boss => "boss",
        Piece::Pocket => "pocket",
    }
}

fn plural_name(piece: Piece) -> &'static str {
    match piece {
        Piece::Hole => "holes",
        Piece::Slot => "slots",
        Piece::Boss => "bosses",
        Piece::Pocket => "pockets",
    }
}

fn plural(count: usize, piece: Piece) -> String {
    if count == 1 { format!("1 {}", name(piece)) } else { format!("{count} {}", plural_name(piece)) }
}

/// Those of the size, or all where none is known.
fn spots(piece: Piece, size: Option<f64>, measures: &Measures) -> Vec<Spot<'_>> {
    let fits = |own: f64| size.is_none_or(|size| agrees(size, own));
    match piece {
        Piece::Hole => {
            let found = measures.holes.iter().filter(|hole| fits(hole.diameter));
            found
                .map(|hole| Spot { centre: hole.centre, axis: Some(hole.axis), row: Row::Hole(hole) })
                .collect()
        }
        Piece::Slot => {
            let found = measures.tables.slots.iter().filter(|slot| fits(slot.width));
            found
                .map(|slot| Spot { centre: slot.centre, axis: Some(slot.axis), row: Row::Slot(slot) })
                .collect()
        }
        Piece::Boss => {
            let found = rounds::convex(measures).filter(|cylinder| fits(cylinder.diameter));
            found
                .map(|cylinder| Spot { centre: cylinder.centre, axis: Some(cylinder.axis), row: Row::None })
                .collect()
        }
        Piece::Pocket => pockets(size, measures),
    }
}

/// A pocket is the air between two walls that are its length apart; a square one has two such pairs.
fn pockets(size: Option<f64>, measures: &Measures) -> Vec<Spot<'_>> {
    let mut found: Vec<Spot<'_>> = Vec::new();
    let Some(size) = size else { return found };
    for region in flats::gaps_of(measures, size) {
        let centre = region.middle();
        if !found.iter().any(|spot| length(minus(spot.centre, centre)) < CENTRE_TOLERANCE) {
            found.push(Spot { centre, axis: None, row: Row::None });
        }
    }
    found
}

/// How many pieces have the size, against how many were stated altogether.
fn counted(expectation: &Expectation, piece: Piece, all: &[Expectation], measures: &Measures) -> Check {
    let counts = !tells_pieces_apart(&expectation.measure);
    let Some(size) = (if counts { expectation.of_diameter } else { Some(expectation.asked) }) else {
        return single(expectation, spots(piece, None, measures).len() as f64);
    };
    let found = spots(piece, Some(size), measures).len();
    if found == 0 {
        let sizes: Vec<f64> = spots(piece, None, measures).iter().filter_map(size_of).collect();
        let none = format!("there is no such {}", name(piece));
        return nearest(&Expectation { asked: size, unit: Unit::Mm, ..expectation.clone() }, &sizes, &none);
    }
    let (stated, at_least) = stated(expectation, piece, size, all);
    // A boss may be as wide as the shaft beside it, and other walls as far apart as those of a pocket.
    let at_least = at_least || matches!(piece, Piece::Boss | Piece::Pocket);
    let met = if at_least { found >= stated } else { found == stated };
    let got = format!("{} of {}", plural(found, piece), told(size, Unit::Mm));
    let why = (!met).then(|| format!("{} stated", plural(stated, piece)));
    report(expectation, Some(got), if met { CheckStatus::Met } else { CheckStatus::Missed }, why)
}

/// All that the prompt says of pieces of this size, for several groups may share it; and whether there may be more of them.
fn stated(expectation: &Expectation, piece: Piece, size: f64, all: &[Expectation]) -> (usize, bool) {
    let same = |other: &&Expectation| {
        tells_pieces_apart(&other.measure)
            && piece_of(other) == piece
            && agrees(other.asked, size)
            && other.body == expectation.body
    };
    let counts: Vec<Option<u32>> = all.iter().filter(same).map(|other| other.count).collect();
    if counts.is_empty() {
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "a count of pieces: whole, positive and small"
        )]
        return (expectation.asked as usize, false);
    }
    let sum: u32 = counts.iter().flatten().sum();
    (sum as usize, counts.contains(&None))
}

fn size_of(spot: &Spot<'_>) -> Option<f64> {
    match spot.row {
        Row::Hole(hole) => Some(hole.diameter),
        Row::Slot(row) => Some(row.width),
        Row::None => None,
    }
}

/// So many pieces as go with this value must show it: all of them when nothing else is said.
fn needed(expectation: &Expectation, all: &[Expectation], pieces: usize) -> usize {
    let same = |other: &&Expectation| {
        other.measure == expectation.measure
            && other.of_diameter == expectation.of_diameter
            && other.body == expectation.body
    };
    match (all.iter().filter(same).count(), expectation.count) {
        (_, Some(count)) => (count as usize).min(pieces).max(1),
        (0 | 1, None) => pieces,
        (_, None) => 1,
    }
}

fn shown(expectation: &Expectation, all: &[Expectation], spots: &[Spot<'_>], values: &[Vec<f64>]) -> Check {
    let agrees_with = |values: &&Vec<f64>| values.iter().any(|&value| agrees(expectation.asked, value));
    let matching = values.iter().filter(agrees_with).count();
    if matching >= needed(expectation, all, spots.len()) {
        return single(expectation, expectation.asked);
    }
    let odd: Vec<f64> = values.iter().filter(|values| !agrees_with(values)).flatten().copied().collect();
    let none = format!("not every {} of this size shows it", name(piece_of(expectation)));
    nearest(expectation, &odd, &none)
}

/// For each piece the values that it shows of a measure: one, none, or its distances from all the others.
fn shown_by_each(measure: &MeasureRef, spots: &[Spot<'_>], measures: &Measures) -> Vec<Vec<f64>> {
    let of = |at: usize, spot: &Spot<'_>| match (measure, spot.row) {
        (MeasureRef::HoleDepth, Row::Hole(hole)) => vec![hole.depth],
        (MeasureRef::HoleHeadDiameter, Row::Hole(hole)) => hole.head_diameter.into_iter().collect(),
        (MeasureRef::HoleHeadDepth, Row::Hole(hole)) => hole.head_depth.into_iter().collect(),
        (MeasureRef::HoleHeadAngle, Row::Hole(hole)) => hole.angle.into_iter().collect(),
        (MeasureRef::SlotLength, Row::Slot(slot)) => vec![slot.length],
        (MeasureRef::SlotDepth, Row::Slot(slot)) => vec![slot.depth],
        (MeasureRef::HoleSpacing, _) => {
            let others = spots.iter().enumerate().filter(|(other, _)| *other != at);
            others.map(|(_, other)| length(minus(other.centre, spot.centre))).collect()
        }
        (MeasureRef::HoleInset, _) => insets(spot, measures),
        (MeasureRef::HoleOffset, _) => offsets(spot, measures),
        _ => Vec::new(),
    };
    spots.iter().enumerate().map(|(at, spot)| of(at, spot)).collect()
}

/// From each side of the box, and from each flat face beside it.
fn insets(spot: &Spot<'_>, measures: &Measures) -> Vec<f64> {
    let bounds = &measures.bounding_box;
    let sides = spot
        .across()
        .flat_map(|axis| [spot.centre[axis] - bounds.min[axis], bounds.max[axis] - spot.centre[axis]]);
    let beside = measures
        .tables
        .planes
        .iter()
        .filter(|plane| spot.axis.is_none_or(|axis| dot(plane.normal, axis).abs() < 1e-6));
    sides.chain(beside.map(|plane| plane.offset - dot(plane.normal, spot.centre))).collect()
}

/// From the middle of the box, and of each face that it may be on. Either way, for the sense depends on which face that is.
fn offsets(spot: &Spot<'_>, measures: &Measures) -> Vec<f64> {
    let bounds = &measures.bounding_box;
    let square = measures
        .tables
        .planes
        .iter()
        .filter(|plane| spot.axis.is_none_or(|axis| dot(plane.normal, axis).abs() > 1.0 - 1e-6));
    let boxes = square.map(|plane| (plane.min, plane.max)).chain([(bounds.min, bounds.max)]);
    let from_middle = boxes.flat_map(|(min, max)| {
        spot.across().map(move |axis| (spot.centre[axis] - f64::midpoint(min[axis], max[axis])).abs())
    });
    from_middle.flat_map(|offset| [offset, -offset]).collect()
}

/// About the middle of them all, of the part, or of something round on the same axis: the one that suits the most pieces.
fn on_circle(
    expectation: &Expectation,
    all: &[Expectation],
    spots: &[Spot<'_>],
    measures: &Measures,
) -> Check {
    let Some(axis) = spots[0].axis else {
        let values = about(middle(spots), None, spots);
        return shown(expectation, all, spots, &values);
    };
    let bounds = &measures.bounding_box;
    let centre: Vec3 = std::array::from_fn(|at| f64::midpoint(bounds.min[at], bounds.max[at]));
    let round = measures.tables.cylinders.iter().map(|cylinder| cylinder.centre);
    let middles = [middle(spots), centre].into_iter().chain(round);
    let fitting = |middle: &Vec3| {
        let values = about(*middle, Some(axis), spots);
        values.iter().flatten().filter(|value| agrees(expectation.asked, **value)).count()
    };
    // The last of the best is taken by `max_by_key`, so the middle of them all goes last.
    let best = middles.collect::<Vec<_>>().into_iter().rev().max_by_key(fitting).unwrap_or(centre);
    shown(expectation, all, spots, &about(best, Some(axis), spots))
}

/// Twice the distance of each from the middle.
fn about(middle: Vec3, axis: Option<Vec3>, spots: &[Spot<'_>]) -> Vec<Vec<f64>> {
    let radius = |spot: &Spot<'_>| match axis {
        Some(axis) => off_axis(spot.centre, middle, axis),
        None => length(minus(spot.centre, middle)),
    };
    spots.iter().map(|spot| vec![2.0 * radius(spot)]).collect()
}

fn middle(spots: &[Spot<'_>]) -> Vec3 {
    let count = spots.len() as f64;
    std::array::from_fn(|axis| spots.iter().map(|spot| spot.centre[axis]).sum::<f64>() / count)
}

/// How many different places they have along an axis.
fn rows_along(spots: &[Spot<'_>], axis: usize) -> f64 {
    let mut places: Vec<f64> = spots.iter().map(|spot| spot.centre[axis]).collect();
    places.sort_by(f64::total_cmp);
    places.dedup_by(|a, b| (*a - *b).abs() < CENTRE_TOLERANCE);
    places.len() as f64
}

/// The angle at which each is seen from the middle, counted either way and from either side.
fn directions(spots: &[Spot<'_>]) -> Vec<f64> {
    let middle = middle(spots);
    let of = |spot: &Spot<'_>| {
        let mut across = spot.across();
        let (Some(x), Some(y)) = (across.next(), across.next()) else { return Vec::new() };
        let way = minus(spot.centre, middle);
        let angle = way[y].atan2(way[x]).to_degrees();
        [angle, -angle, 180.0 - angle, 180.0 + angle]
            .into_iter()
            .flat_map(|angle| [angle.rem_euclid(360.0), angle.rem_euclid(360.0) - 360.0])
            .collect::<Vec<_>>()
    };
    spots.iter().flat_map(of).collect()
}
