//! What a model is told: bounded, true to the table, and the same every time.

use std::time::Instant;

use super::CATALOG;
use crate::catalog::Kind;
use crate::catalog::scene::{Names, Scene, in_order};
use crate::domain::limits::PRIMER_CHARS_MAX;
use crate::domain::plan::{Plan, Value};
use crate::domain::quantity::round;

const PROMPTS: [&str; 6] = [
    "60x40x10 mm plate with four 5 mm holes and a 3 mm chamfer",
    "a NEMA 17 motor mounting plate",
    "bearing housing for a 608",
    "a coastar for cups, 90 mm wide",
    "",
    "ßøπ ??? 12",
];

#[test]
fn the_primer_names_every_base_feature_face_and_place_and_is_bounded() {
    let primer = CATALOG.primer();
    // Cut off, its end would be missing.
    assert!(primer.chars().count() < PRIMER_CHARS_MAX, "{}", primer.chars().count());
    assert!(!primer.contains("{{"), "{primer}");
    let words: std::collections::BTreeSet<&str> =
        primer.split(|c: char| !(c.is_alphanumeric() || c == '_')).collect();
    for spec in &CATALOG.steps {
        assert!(words.contains(spec.name.as_str()), "{}", spec.name);
    }
    for face in &CATALOG.faces {
        assert!(words.contains(face.name.as_str()), "{}", face.name);
    }
}

#[test]
fn the_plan_that_the_primer_shows_can_be_built() {
    let primer = CATALOG.primer();
    let shown = primer.lines().find(|line| line.starts_with("{\"plan\"")).unwrap();
    let found = CATALOG.plan_from(shown).unwrap();
    assert_eq!(CATALOG.validate(&found.plan), []);
}

#[test]
fn a_lesson_keeps_its_bound_and_names_steps_that_exist() {
    for prompt in PROMPTS {
        for chars in [0, 50, 300, 1_000, 3_000, 100_000] {
            let lesson = CATALOG.lesson(prompt, chars);
            assert!(lesson.chars().count() <= chars, "{prompt}: {chars}");
            assert_eq!(lesson, CATALOG.lesson(prompt, chars));
            for line in lesson.lines() {
                let name = line.split(' ').next().unwrap();
                let spec = CATALOG.step(name).unwrap_or_else(|| panic!("{line}"));
                assert!(matches!(spec.kind, Kind::Base | Kind::Feature), "{line}");
            }
        }
        assert!(CATALOG.lesson(prompt, 100_000).contains("box (base"), "{prompt}");
    }
}

#[test]
fn a_lesson_begins_with_what_the_prompt_speaks_of() {
    for (prompt, step) in [
        ("a spur gear with 20 teeth, module 2", "spur_gear"),
        ("bearing housing for a 608", "bearing_housing"),
        ("counterbored plate for M6", "counterbore"),
        ("hexagonal nut M8", "hex_nut"),
        ("a shelf braket", "shelf_bracket"),
        ("make a nameplate engraved with ANNA", "engraved_plate"),
    ] {
        let lesson = CATALOG.lesson(prompt, 100_000);
        let first: Vec<&str> = lesson.lines().take(4).filter_map(|line| line.split(' ').next()).collect();
        assert!(first.contains(&step), "{prompt}: {first:?}");
    }
}

#[test]
fn a_line_of_a_lesson_tells_type_need_and_default() {
    let lesson = CATALOG.lesson("plate with a hole", 100_000);
    let line = lesson.lines().find(|line| line.starts_with("hole ")).unwrap();
    assert!(line.ends_with(": diameter mm or \"M5\"; depth mm, else through"), "{line}");
    let line = lesson.lines().find(|line| line.starts_with("box ")).unwrap();
    assert!(line.ends_with(": length mm; width mm; height mm"), "{line}");
}

#[test]
fn worked_examples_are_complete_readings_that_can_be_built() {
    for prompt in PROMPTS {
        let found = CATALOG.worked_answers(prompt, 4);
        assert_eq!(found.len(), 4, "{prompt}");
        for (example, answer) in &found {
            assert!(CATALOG.read(example).complete(), "{example}");
            assert_eq!(CATALOG.validate(&CATALOG.plan_from(answer).unwrap().plan), [], "{example}");
        }
        assert_eq!(found, CATALOG.worked_answers(prompt, 4));
    }
    assert!(CATALOG.worked_answers("plate", 0).is_empty());
}

/// The arguments of every step with the defaults that the plan leaves out.
fn filled(plan: &Plan) -> Vec<Vec<(String, Value)>> {
    let mut all = Vec::new();
    for body in &plan.bodies {
        let mut scene = Scene::new(&CATALOG);
        for (_, spec, step) in in_order(&CATALOG, body) {
            let site = scene.site(spec, step, &Names::default()).unwrap();
            let rounded = |value: &Value| match value {
                Value::Number(number) => Value::Number(round(*number)),
                other => other.clone(),
            };
            let arguments = site.arguments.iter().map(|(name, value)| (name.to_owned(), rounded(value)));
            let mut arguments: Vec<_> = arguments.collect();
            arguments.sort_by(|(a, _), (b, _)| a.cmp(b));
            all.push(arguments);
            scene.take(spec, &site);
        }
    }
    all
}

#[test]
fn worked_answers_say_what_the_prompt_says_and_mean_the_same() {
    for spec in &CATALOG.steps {
        for (example, answer) in CATALOG.worked_answers(&spec.examples[0], 3) {
            let found = CATALOG.plan_from(&answer).unwrap();
            let read = CATALOG.read(&example).plan.unwrap();
            assert_eq!(filled(&found.plan), filled(&read), "{example}");
        }
    }
    for (prompt, shown, hidden) in [
        ("block 2 in long, 1 1/2 in wide and 1/2 in high", r#""length":"2 in","width":"1 1/2 in""#, "50.8"),
        ("60x40x10 block with four M5 clearance holes 8 mm from the edges", r#""diameter":"M5""#, "5.5"),
        ("NEMA 23 motor mounting plate, 6 mm thick, 10 mm margin", r#""NEMA 23""#, "47.14"),
        ("cup 80 mm diameter, 100 mm high, 3 mm wall", r#""wall":3"#, "3.9"),
    ] {
        let found = CATALOG.worked_answers(prompt, 8);
        let (_, answer) =
            found.iter().find(|(example, _)| example == prompt).unwrap_or_else(|| panic!("{found:#?}"));
        assert!(answer.contains(shown) && !answer.contains(hidden), "{answer}");
    }
}

/// `cargo nextest run --run-ignored all --no-capture -E 'test(how_long_are_lessons)'`
#[test]
#[ignore = "it measures"]
#[expect(clippy::print_stdout, reason = "figures for the reader of the test")]
fn how_long_are_lessons() {
    println!("primer: {} characters\n{}", CATALOG.primer().chars().count(), CATALOG.primer());
    for prompt in PROMPTS {
        let started = Instant::now();
        let lesson = CATALOG.lesson(prompt, 2_000);
        let taken = started.elapsed();
        let started = Instant::now();
        let examples = CATALOG.worked_answers(prompt, 3);
        println!("== {prompt}: lesson {taken:?}, examples {:?}\n{lesson}", started.elapsed());
        for (example, answer) in examples {
            println!("{example}\n{answer}");
        }
    }
}
