//! The search by sequences of what runs told. No run is made.

use std::sync::Arc;

use proptest::prelude::*;

use super::*;
use crate::catalog::Catalog;
use crate::domain::outcome::ExcerptLine;
use crate::domain::prompt::Prompt;
use crate::engine::Engine;

fn raised(kind: &str, message: &str, line: u32) -> Failure {
    let place =
        Place { kind: kind.into(), line: Some(line), column: None, excerpt: Vec::<ExcerptLine>::new() };
    let message = format!("{kind} in line {line}: {message}");
    Failure { code: "raised".into(), message, hint: None, place: Some(Box::new(place)) }
}

fn no_fillet(radius: &str, line: u32) -> Failure {
    raised(
        "ValueError",
        &format!("Failed creating a fillet with radius of {radius}, try a smaller value"),
        line,
    )
}

fn no_chamfer(line: u32) -> Failure {
    raised("ValueError", "Failed creating a chamfer, try a smaller length value(s)", line)
}

/// Searches where every size up to `works` can be built; what it ended with, and how many runs it asked for.
fn search(program: &str, failure: &Failure, works: f64) -> (Option<Shrunk>, u32) {
    let mut shrink = Shrink::begin(program, failure).expect("there is a size to shrink");
    let mut runs = 0;
    while let Some(attempt) = shrink.next() {
        assert_eq!(shrink.next(), Some(attempt.clone()), "the same until it was heard");
        assert_ne!(attempt.program, program);
        let worked = match shrink.asked_for {
            Some(Try::Size(at)) => shrink.sizes[at] <= works,
            _ => works >= 0.0,
        };
        shrink.heard(worked);
        runs += 1;
        assert!(runs <= SHRINK_TRIES_MAX);
    }
    (shrink.end(), runs)
}

const BOX: &str = "from build123d import *\nb = Box(10, 10, 10)\nresult = fillet(b.edges(), 12)\n";

#[test]
fn the_largest_radius_that_works_is_found_and_told() {
    let (found, runs) = search(BOX, &no_fillet("12", 3), 7.54);
    let found = found.unwrap();
    assert_eq!(found.program, BOX.replace("12)", "7.5)"));
    let told = "The fillet of 12 mm in line 3 cannot be built; 7.5 mm is the largest that works";
    assert_eq!((found.told.as_str(), found.parameter, found.left_out), (told, None, false));
    assert!(runs <= 9, "{runs}");
}

#[test]
fn half_a_width_exactly_takes_two_runs() {
    let program = BOX.replace("12", "5");
    let (found, runs) = search(&program, &no_fillet("5", 3), 4.99);
    assert_eq!((found.unwrap().program, runs), (program.replace(", 5)", ", 4.9)"), 2));
}

#[test]
fn what_no_size_helps_is_left_out_and_said_so() {
    for (program, without) in [
        (BOX.to_owned(), "result = b\n"),
        (BOX.replace("b.edges()", "b.faces().sort_by(Axis.Z)[-1].edges() + b.edges()"), "result = b\n"),
        (BOX.replace("result = fillet(b.edges(), 12)", "result = b.fillet(12, b.edges())"), "result = b\n"),
        (
            "with BuildPart() as p:\n    Box(1, 1, 1)\n    fillet(\n        p.edges(), radius=12)\n".into(),
            "    pass  # a fillet that cannot be built is left out here\n",
        ),
        ("b = Box(1, 1, 1)\nrims = b.edges()\nb = 2 * [fillet(rims, 12)]\n".into(), "b = 2 * [b]\n"),
    ] {
        let (found, runs) = search(&program, &no_fillet("12", 3), 0.0);
        let found = found.unwrap();
        assert!(found.program.ends_with(without), "{}", found.program);
        assert!(found.left_out && found.told.ends_with("in any size; it was left out"), "{}", found.told);
        assert_eq!(runs, 2);
        assert_eq!(search(&program, &no_fillet("12", 3), -1.0), (None, 2), "not even that works");
    }
}

#[test]
fn nothing_selected_is_left_out_at_once() {
    let failure = raised("IndexError", "list index out of range", 3);
    let (found, runs) = search(BOX, &failure, 1e9);
    assert_eq!((found.unwrap().left_out, runs), (true, 1));
}

#[test]
fn a_parameter_is_changed_where_it_is_defined() {
    let program = "from build123d import *\nR = 12.0  # [1:0.5:20] mm | Radius\nif R > 20:\n    raise ValueError('R')\n\
                   b = Box(9, 9, 9)\nresult = fillet(b.edges(), radius=R)\n";
    let (found, _) = search(program, &no_fillet("12.0", 6), 4.4);
    let found = found.unwrap();
    assert_eq!(found.program, program.replace("R = 12.0", "R = 4.4"));
    assert_eq!(found.parameter, Some(("R".into(), 4.4)));
    assert!(found.told.ends_with("4.4 mm is the largest that works (`R`)"), "{}", found.told);
}

#[test]
fn what_stands_for_more_than_the_size_gets_a_bound_in_the_call() {
    for (size, written) in [
        ("R = 12.0\nb = Box(R, 9, 9)\nresult = chamfer(b.edges(), R)\n", "min(R, 4.4)"),
        ("R = 24.0\nb = Box(9, 9, 9)\nresult = chamfer(b.edges(), length=R / 2)\n", "length=min(R / 2, 4.4)"),
        (
            "R = 5\nb = Box(9, 9, 9)\nresult = chamfer(b.edges(), min(2 * (R + 1), 40))\n",
            "min(min(2 * (R + 1), 40), 4.4)",
        ),
    ] {
        let (found, _) = search(size, &no_chamfer(3), 4.4);
        let found = found.unwrap();
        assert!(found.program.contains(written), "{}", found.program);
        assert_eq!(found.parameter, None);
        assert!(found.told.starts_with("The chamfer of 12 mm"), "{}", found.told);
    }
    let inside = "def soft(part, r):\n    return fillet(part.edges(), r)\nresult = soft(Box(9, 9, 9), 12)\n";
    let (found, _) = search(inside, &no_fillet("12", 2), 4.4);
    assert!(found.unwrap().program.contains("fillet(part.edges(), min(r, 4.4))"));
}

#[test]
fn walls_and_two_lengths_shrink_too() {
    let wall = "WALL = 6.0\nb = Box(9, 9, 9)\nresult = offset(b, amount=-WALL, openings=b.faces()[0])\n";
    let broken = raised("ValueError", "Null TopoDS_Shape object", 3);
    let found = search(wall, &broken, 4.4).0.unwrap();
    assert_eq!(found.program, wall.replace("6.0", "4.4"));
    let literal = wall.replace("-WALL", "-6");
    let found = search(&literal, &broken, 4.4).0.unwrap();
    assert!(found.program.contains("amount=-4.4,"), "{}", found.program);
    let derived = wall.replace("-WALL", "WALL - 12");
    let found = search(&derived, &broken, 4.4).0.unwrap();
    assert!(found.program.contains("amount=max(WALL - 12, -4.4),"), "{}", found.program);
    let left = search(&literal, &broken, 0.0).0.unwrap();
    assert!(left.program.ends_with("result = b\n") && left.left_out);
    let two = "b = Box(9, 9, 9)\n\nresult = chamfer(b.edges(), 3, length2=12)\n";
    let found = search(two, &no_chamfer(3), 4.0).0.unwrap();
    assert!(found.program.contains("chamfer(b.edges(), 1.0, length2=4.0)"), "{}", found.program);
    let rounded = "x = 1\n\nresult = extrude(RectangleRounded(10, 10, 5), 3)\n";
    let corners = raised("ValueError", "width and height must be > 2*radius", 3);
    let found = search(rounded, &corners, 4.9).0.unwrap();
    assert!(found.program.contains("RectangleRounded(10, 10, 4.9)"), "{}", found.program);
}

#[test]
fn a_run_that_fails_further_down_has_got_past_the_call() {
    let shrink = Shrink::begin(BOX, &no_fillet("12", 3)).unwrap();
    assert!(shrink.worked(None));
    assert!(shrink.worked(Some(&no_chamfer(4))));
    assert!(!shrink.worked(Some(&no_fillet("6", 3))));
    assert!(!shrink.worked(Some(&Failure::new("timed_out", "slow", "faster"))));
}

#[test]
fn other_failures_are_not_for_it() {
    let wrong = raised("TypeError", "fillet() got an unexpected keyword argument 'amount'", 3);
    for failure in [
        wrong,
        no_fillet("12", 2),
        no_fillet("12", 99),
        raised("NameError", "name 'fillet' is not defined", 3),
        raised("ValueError", "R is 3, at most 2", 3),
        Failure::new("crashed", "gone", "again"),
    ] {
        assert!(Shrink::begin(BOX, &failure).is_none(), "{failure:?}");
    }
    let unknown = BOX.replace("12", "unknown()");
    assert!(Shrink::begin(&unknown.replace("fillet", "chamfer"), &no_chamfer(3)).is_none());
    assert!(Shrink::begin(&unknown, &no_fillet("12", 3)).is_some(), "the message says how large it was");
    let zero = BOX.replace("12", "0");
    assert_eq!(search(&zero, &no_fillet("0", 3), 1e9).1, 1, "nothing is smaller than nothing");
}

#[test]
fn sizes_have_two_digits_and_keep_off_the_ends() {
    assert_eq!(ladder(0.12)[..2], [0.006, 0.0061]);
    assert_eq!(ladder(12.0).last(), Some(&11.0));
    assert_eq!(ladder(12.5).last(), Some(&12.0));
    assert_eq!(ladder(12.0).first(), Some(&0.6));
    assert!(ladder(0.0).is_empty() && ladder(f64::NAN).is_empty() && ladder(1e300).is_empty());
}

proptest! {
    #[test]
    fn it_always_ends(asked in 0.01_f64..500.0, answers in proptest::collection::vec(any::<bool>(), 0..20)) {
        let program = BOX.replace("12", &format!("{asked}"));
        let mut shrink = Shrink::begin(&program, &no_fillet(&format!("{asked}"), 3)).unwrap();
        let mut answers = answers.into_iter();
        let mut worked = Vec::new();
        let mut runs = 0;
        while let Some(attempt) = shrink.next() {
            let answer = answers.next().unwrap_or(false);
            if answer {
                worked.push(attempt.program);
            }
            shrink.heard(answer);
            runs += 1;
            prop_assert!(runs <= SHRINK_TRIES_MAX);
        }
        match shrink.end() {
            Some(shrunk) => prop_assert!(worked.contains(&shrunk.program), "only what was seen to work is told"),
            None => prop_assert!(worked.is_empty()),
        }
    }

    #[test]
    fn where_larger_is_harder_it_finds_two_digits(asked in 0.01_f64..500.0, share in 0.06_f64..0.999) {
        let program = BOX.replace("12", &format!("{asked}"));
        let works = asked * share;
        let (found, _) = search(&program, &no_fillet(&format!("{asked}"), 3), works);
        let text = found.unwrap().program;
        let value: f64 = text.rsplit(", ").next().unwrap().trim_end_matches(")\n").parse().unwrap();
        let all = ladder(asked);
        prop_assert_eq!(Some(&value), all.iter().rfind(|size| **size <= works));
    }

    #[test]
    fn any_text_is_survived(program in "(?s)[a-z =(),.\\-+*/R0-9\n\"'\\[\\]]{0,120}", line in 0_u32..9) {
        for program in [program.clone(), format!("b = fillet({program}, {program})\n")] {
            if let Some(mut shrink) = Shrink::begin(&program, &no_fillet("3", line)) {
                while shrink.next().is_some() {
                    shrink.heard(false);
                }
            }
        }
    }
}

#[derive(serde::Deserialize)]
struct Cases {
    case: Vec<Case>,
}

#[derive(serde::Deserialize)]
struct Case {
    name: String,
    #[serde(rename = "type")]
    kind: String,
    message: String,
    line: u32,
    program: String,
    works: f64,
    after: String,
    #[serde(default)]
    left_out: bool,
}

/// What the runtime says of these programs is tested in `tests/runner/test_shrinks.py`.
#[test]
fn what_the_runtime_cannot_build_shrinks_to_what_it_can() {
    let file = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cases/repair/shrinks.toml");
    let cases: Cases = toml::from_str(&std::fs::read_to_string(file).unwrap()).unwrap();
    assert!(cases.case.len() > 10);
    for case in cases.case {
        let (found, _) = search(&case.program, &raised(&case.kind, &case.message, case.line), case.works);
        let found = found.unwrap_or_else(|| panic!("{}: nothing was found", case.name));
        assert_eq!((found.program, found.left_out), (case.after, case.left_out), "{}", case.name);
    }
}

/// The templates name their sizes on top, so that the plan can follow.
#[test]
fn sizes_of_lowered_plans_are_parameters() {
    let engine = Engine::new(Arc::new(Catalog::embedded().unwrap()));
    for (prompt, call) in [
        ("60 x 40 x 10 mm block with 5 mm fillets on the vertical edges", "fillet("),
        ("60 x 40 x 10 mm block with a 2 mm chamfer on the top edges", "chamfer("),
    ] {
        let draft = engine.answer(&Prompt::parse(prompt).unwrap()).draft.unwrap();
        let program = draft.program.as_str();
        let row = program.lines().position(|line| line.contains(call)).unwrap() + 1;
        let row = u32::try_from(row).unwrap();
        let failure = if call == "fillet(" { no_fillet("5.0", row) } else { no_chamfer(row) };
        let found = search(program, &failure, 1.5).0.unwrap();
        let (name, value) = found.parameter.unwrap();
        assert!((value - 1.5).abs() < 1e-9, "{value}");
        assert!(found.program.contains(&format!("\n{name} = 1.5  # [")), "{}", found.program);
    }
}
