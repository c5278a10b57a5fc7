//! Each measure with a value that the solid shows, and one that it does not.

use super::*;
use crate::domain::measure::{BoundingBox, Hole, HoleKind, Plane, Round};
use crate::domain::reading::Piece;
use CheckStatus::{Met, Missed};

/// What the runner told of a real solid; `tests/runner/test_faces.py` holds that it still does.
fn sample(text: &str) -> Measures {
    #[derive(serde::Deserialize)]
    struct Sample {
        measures: Measures,
    }
    serde_json::from_str::<Sample>(text).unwrap().measures
}

/// A plate of 100 x 60 x 10 with corners cut by 2, two bosses, a pocket of 40 x 20 x 4 with round corners, and a slot.
fn pocketed() -> Measures {
    sample(include_str!("../../../tests/cases/measures/plate.json"))
}

/// Diameter 20 for 50, then 12 for 30 with a chamfer; a blind bore of 6.
fn shaft() -> Measures {
    sample(include_str!("../../../tests/cases/measures/shaft.json"))
}

/// Six bodies: a lying tube with a pin in it, a cone with a rounded base, a hexagon, a ring, a hollow ball.
fn kit() -> Measures {
    sample(include_str!("../../../tests/cases/measures/kit.json"))
}

/// Each value is met, and the same a little larger is missed.
#[track_caller]
fn shows(measures: &Measures, rows: &[(MeasureRef, f64)]) {
    for (measure, asked) in rows {
        let plain = |asked| Expectation { of_diameter: None, ..stated(measure.clone(), asked, None) };
        let status = |asked| compare(&[plain(asked)], measures)[0].clone();
        assert_eq!(status(*asked).status, CheckStatus::Met, "{measure:?} {asked}: {:?}", status(*asked));
        let off = asked + 0.02;
        assert_eq!(status(off).status, CheckStatus::Missed, "{measure:?} {off}: {:?}", status(off));
    }
}

#[track_caller]
fn misses(measures: &Measures, rows: &[(MeasureRef, f64, Option<&str>)]) {
    for (measure, asked, got) in rows {
        let plain = Expectation { of_diameter: None, ..stated(measure.clone(), *asked, None) };
        let check = &compare(&[plain], measures)[0];
        assert_eq!(
            (check.status, check.got.as_deref()),
            (CheckStatus::Missed, *got),
            "{measure:?} {asked}: {check:?}"
        );
    }
}

#[test]
fn a_plate_shows_its_thickness_pocket_bosses_slot_and_cut_corners() {
    shows(
        &pocketed(),
        &[
            (MeasureRef::Wall, 10.0),
            // The floor of the pocket, and what is left beside it.
            (MeasureRef::Wall, 6.0),
            (MeasureRef::Wall, 20.0),
            (MeasureRef::Gap, 40.0),
            (MeasureRef::Gap, 20.0),
            (MeasureRef::Gap, 8.0),
            (MeasureRef::Step, 4.0),
            (MeasureRef::Step, 6.0),
            (MeasureRef::CylinderDiameter, 8.0),
            (MeasureRef::CylinderLength, 6.0),
            (MeasureRef::BoreDiameter, 8.0),
            (MeasureRef::EdgeRadius, 3.0),
            (MeasureRef::Chamfer, 2.0),
            (MeasureRef::Angle, 45.0),
            (MeasureRef::SlotLength, 30.0),
            (MeasureRef::SlotWidth, 8.0),
            (MeasureRef::SlotDepth, 10.0),
            (MeasureRef::SlotCount, 1.0),
            (MeasureRef::BoxAny, 60.0),
            (MeasureRef::BoxMin, 16.0),
            (MeasureRef::BoxMax, 100.0),
            (MeasureRef::Solids, 1.0),
        ],
    );
}

#[test]
fn what_a_plate_does_not_show_is_missed_with_the_nearest_value() {
    misses(
        &pocketed(),
        &[
            (MeasureRef::Wall, 9.0, Some("10 mm")),
            // Two faces that pass each other by, or look the same way, have no thickness between them.
            (MeasureRef::Wall, 4.0, Some("6 mm")),
            (MeasureRef::Gap, 39.0, Some("40 mm")),
            (MeasureRef::Step, 4.6, Some("4 mm")),
            (MeasureRef::CylinderDiameter, 6.0, Some("8 mm")),
            (MeasureRef::CylinderLength, 16.0, Some("6 mm")),
            (MeasureRef::Chamfer, 3.0, Some("2 mm")),
            (MeasureRef::EdgeRadius, 5.0, Some("3 mm")),
            (MeasureRef::SlotLength, 22.0, Some("30 mm")),
            (MeasureRef::Angle, 30.0, Some("45 mm")),
            (MeasureRef::ConeDiameter, 8.0, None),
            (MeasureRef::SphereDiameter, 8.0, None),
            (MeasureRef::TorusMinor, 8.0, None),
            (MeasureRef::HoleDepth, 10.0, None),
            (MeasureRef::Solids, 2.0, Some("1 mm")),
        ],
    );
}

#[test]
fn a_shaft_shows_its_segments_with_and_without_their_chamfers() {
    shows(
        &shaft(),
        &[
            (MeasureRef::CylinderDiameter, 20.0),
            (MeasureRef::CylinderDiameter, 12.0),
            (MeasureRef::CylinderLength, 50.0),
            (MeasureRef::CylinderLength, 30.0),
            (MeasureRef::CylinderLength, 29.0),
            (MeasureRef::Chamfer, 1.0),
            (MeasureRef::BoreDiameter, 6.0),
            (MeasureRef::Wall, 7.0),
            (MeasureRef::Step, 30.0),
        ],
    );
    misses(
        &shaft(),
        &[(MeasureRef::CylinderDiameter, 6.0, Some("12 mm")), (MeasureRef::Wall, 3.0, Some("7 mm"))],
    );
    let of =
        |asked| Expectation { of_diameter: Some(12.0), ..stated(MeasureRef::CylinderLength, asked, None) };
    let status = |asked| compare(&[of(asked)], &shaft())[0].status;
    assert_eq!((status(30.0), status(50.0)), (CheckStatus::Met, CheckStatus::Missed));
}

#[test]
fn round_bodies_prisms_and_clearances_are_measured_too() {
    shows(
        &kit(),
        &[
            (MeasureRef::ConeDiameter, 30.0),
            (MeasureRef::ConeDiameter, 10.0),
            (MeasureRef::SphereDiameter, 40.0),
            (MeasureRef::TorusMajor, 50.0),
            (MeasureRef::TorusMinor, 12.0),
            (MeasureRef::TorusRadius, 25.0),
            (MeasureRef::FlatFaces, 6.0),
            (MeasureRef::Angle, 120.0),
            // Between pin and tube, of the tube, of the ball, across the flats.
            (MeasureRef::Gap, 0.1),
            (MeasureRef::Wall, 3.0),
            (MeasureRef::Wall, 2.0),
            (MeasureRef::Wall, 20.0),
            (MeasureRef::Solids, 6.0),
        ],
    );
    misses(&kit(), &[(MeasureRef::FlatFaces, 8.0, Some("6 mm"))]);
}

#[test]
fn with_a_body_named_only_that_body_counts() {
    let of = |body: &str, measure: MeasureRef, asked: f64| {
        let of_one =
            Expectation { body: Some(body.into()), of_diameter: None, ..stated(measure, asked, None) };
        compare(&[of_one], &kit())[0].clone()
    };
    assert_eq!(of("tube", MeasureRef::BoxX, 50.0).status, CheckStatus::Met);
    assert_eq!(of("tube", MeasureRef::BoxAny, 40.0).status, CheckStatus::Met);
    assert_eq!(of("tube", MeasureRef::HoleDiameter, 34.0).status, CheckStatus::Met);
    assert_eq!(of("pin", MeasureRef::HoleDiameter, 34.0).status, CheckStatus::Missed);
    assert_eq!(of("pin", MeasureRef::CylinderDiameter, 33.8).status, CheckStatus::Met);
    assert_eq!(of("pin", MeasureRef::Wall, 3.0).status, CheckStatus::Missed);
    assert_eq!(of("cone", MeasureRef::EdgeRadius, 1.0).status, CheckStatus::Met);
    assert_eq!(of("ring", MeasureRef::EdgeRadius, 1.0).status, CheckStatus::Missed);
    assert_eq!(of("ring", MeasureRef::Solids, 1.0).status, CheckStatus::Met);
    let unknown = of("lid", MeasureRef::BoxX, 1.0);
    assert_eq!(unknown.status, CheckStatus::Missed);
    assert_eq!(unknown.why.as_deref(), Some("there is no body named `lid`"));
}

#[test]
fn pieces_other_than_holes_are_counted_and_placed() {
    let of = |piece: Piece, size: f64, measure: MeasureRef, asked: f64, count: u32| {
        let one = Expectation { of_diameter: Some(size), piece, ..stated(measure, asked, Some(count)) };
        compare(&[one], &pocketed())[0].status
    };
    for (piece, size, measure, asked, count, status) in [
        (Piece::Boss, 8.0, MeasureRef::HoleCount, 2.0, 2, Met),
        (Piece::Boss, 8.0, MeasureRef::HoleCount, 3.0, 3, Missed),
        (Piece::Boss, 8.0, MeasureRef::HoleSpacing, 44.0, 2, Met),
        (Piece::Boss, 8.0, MeasureRef::HoleInset, 10.0, 2, Met),
        (Piece::Boss, 8.0, MeasureRef::HoleInset, 9.0, 2, Missed),
        (Piece::Pocket, 40.0, MeasureRef::HoleOffset, -20.0, 1, Met),
        (Piece::Pocket, 40.0, MeasureRef::HoleInset, 30.0, 1, Met),
        (Piece::Pocket, 41.0, MeasureRef::HoleInset, 30.0, 1, Missed),
        (Piece::Pocket, 40.0, MeasureRef::HoleCount, 2.0, 2, Missed),
        (Piece::Slot, 8.0, MeasureRef::HoleOffset, 25.0, 1, Met),
        (Piece::Slot, 8.0, MeasureRef::HoleCount, 2.0, 2, Missed),
        (Piece::Slot, 8.0, MeasureRef::SlotLength, 30.0, 1, Met),
    ] {
        assert_eq!(of(piece, size, measure.clone(), asked, count), status, "{piece:?} {measure:?} {asked}");
    }
    let bosses = stated(MeasureRef::CylinderDiameter, 8.0, Some(3));
    assert_eq!(compare(&[bosses], &pocketed())[0].got.as_deref(), Some("2 of 8 mm"));
}

#[test]
fn rows_and_the_first_ones_direction_are_read_from_the_centres() {
    for (measure, asked, expected) in [
        (MeasureRef::HoleRows, 2.0, CheckStatus::Met),
        (MeasureRef::HoleRows, 3.0, CheckStatus::Missed),
        (MeasureRef::HoleStart, 14.0_f64.atan2(24.0).to_degrees(), CheckStatus::Met),
        (MeasureRef::HoleStart, 45.0, CheckStatus::Missed),
        (MeasureRef::HoleOffset, 24.0, CheckStatus::Met),
        (MeasureRef::HoleOffset, 20.0, CheckStatus::Missed),
    ] {
        assert_eq!(status(stated(measure.clone(), asked, Some(4))), expected, "{measure:?} {asked}");
    }
    let rows = compare(&[stated(MeasureRef::HoleRows, 2.0, Some(3))], &plate());
    assert_eq!(rows[0].status, CheckStatus::NotChecked, "a fourth hole may lie anywhere");
}

#[test]
fn what_the_plan_alone_says_is_told_only_when_it_is_missed() {
    let implied = |measure: MeasureRef, asked: f64| Expectation {
        text: String::new(),
        of_diameter: None,
        ..stated(measure, asked, None)
    };
    let all = [
        implied(MeasureRef::Solids, 1.0),
        implied(MeasureRef::EdgeRadius, 3.0),
        implied(MeasureRef::EdgeRadius, 7.0),
        implied(MeasureRef::NotChecked("a colour".into()), 1.0),
    ];
    let told = compare(&all, &pocketed());
    assert_eq!(told.len(), 1);
    assert_eq!((told[0].status, told[0].got.as_deref()), (CheckStatus::Missed, Some("3 mm")));
    let mut parted = pocketed();
    parted.solids = 2;
    assert_eq!(compare(&all[..1], &parted)[0].status, CheckStatus::Missed);
}

#[test]
fn a_mass_needs_a_material() {
    let mass = stated(MeasureRef::Mass, 3.0, None);
    assert_eq!(compare(std::slice::from_ref(&mass), &pocketed())[0].status, CheckStatus::NotChecked);
    let heavy = Measures { mass: Some(3.0), ..pocketed() };
    assert_eq!(compare(&[mass], &heavy)[0].status, CheckStatus::Met);
}

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
        body: None,
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
        tables: Box::default(),
        bodies: vec![],
        mass: None,
        length: None,
    }
}

fn stated(measure: MeasureRef, asked: f64, count: Option<u32>) -> Expectation {
    let of_diameter = measure.is_of_pieces().then_some(5.0);
    Expectation {
        what: "x".into(),
        asked,
        unit: Unit::Mm,
        text: "x".into(),
        measure,
        count,
        of_diameter,
        piece: Piece::Hole,
        body: None,
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
        assert_eq!(status(stated(measure.clone(), asked + 0.5, None)), CheckStatus::Missed, "{measure:?}");
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

#[test]
fn what_is_not_among_the_told_faces_may_be_among_those_left_out() {
    let mut measures = pocketed();
    measures.tables.faces_left_out = 3;
    let of = |measure: MeasureRef, asked| {
        compare(&[Expectation { of_diameter: None, ..stated(measure, asked, None) }], &measures).remove(0)
    };
    assert_eq!(of(MeasureRef::Wall, 10.0).status, Met);
    let unseen = of(MeasureRef::Wall, 7.0);
    assert_eq!(unseen.status, CheckStatus::NotChecked);
    assert_eq!(unseen.why.unwrap(), "the part has so many faces that the smallest 3 were not measured");
    // The box and the holes are told whole.
    assert_eq!(of(MeasureRef::BoxX, 99.0).status, Missed);
    assert_eq!(of(MeasureRef::HoleCount, 9.0).status, Missed);
}

#[test]
fn faces_that_stand_askew_are_seen_past_the_rounding_of_their_normals() {
    let mut measures = pocketed();
    // A post of 0.9 x 0.3 that is turned by 4 degrees, as the runner tells its two wide sides.
    let side = |normal, min, max| Plane { normal, offset: 0.15, area: 0.27, min, max, body: None };
    measures.tables.planes = vec![
        side([-0.997_564, 0.069_756, 0.0], [-1.533_603, -19.781_207, 3.2], [-1.470_822, -18.883_4, 3.5]),
        side([0.997_564, -0.069_756, 0.0], [-1.234_334, -19.802_134, 3.2], [-1.171_553, -18.904_327, 3.5]),
    ];
    let wall = Expectation { of_diameter: None, ..stated(MeasureRef::Wall, 0.3, None) };
    assert_eq!(compare(&[wall], &measures)[0].status, Met);
}
