//! The cases that the runtime is held to as well (`tests/runner/test_rewrites.py`), and what has to stay as it is.

use std::fs;
use std::path::Path;
use std::sync::Arc;

use proptest::prelude::*;
use serde::Deserialize;

use super::*;
use crate::catalog::Catalog;
use crate::domain::outcome::Place;
use crate::domain::prompt::Prompt;
use crate::engine::Engine;

#[derive(Deserialize)]
struct Cases {
    case: Vec<Case>,
}

#[derive(Deserialize)]
struct Case {
    name: String,
    before: String,
    after: String,
    /// What the runtime says of `before`, where the rewrite waits for it.
    #[serde(default)]
    failure: Option<Said>,
}

#[derive(Deserialize)]
struct Said {
    #[serde(rename = "type")]
    kind: String,
    message: String,
    line: Option<u32>,
}

fn failure(kind: &str, message: &str, line: Option<u32>) -> Failure {
    let place = Place { kind: kind.into(), line, column: None, excerpt: Vec::new() };
    Failure { code: "raised".into(), message: message.into(), hint: None, place: Some(Box::new(place)) }
}

fn cases() -> Vec<Case> {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cases/repair/rewrites.toml");
    toml::from_str::<Cases>(&fs::read_to_string(file).unwrap()).unwrap().case
}

#[test]
fn every_known_mistake_is_mended() {
    let mut wrong = Vec::new();
    for case in cases() {
        let failure = case.failure.as_ref().map(|said| failure(&said.kind, &said.message, said.line));
        let found = rewrite(&case.before, failure.as_ref());
        let program = found.as_ref().map_or(case.before.as_str(), |found| found.program.as_str());
        if program != case.after {
            wrong.push(format!("{}: {program}", case.name));
        }
        if failure.is_some() && rewrite(&case.before, None).is_some_and(|early| early.program == case.after) {
            wrong.push(format!("{}: it needs no failure", case.name));
        }
        assert!(found.is_none_or(|found| !found.told.is_empty()));
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn what_was_mended_needs_no_more() {
    for case in cases() {
        assert_eq!(rewrite(&case.after, None), None, "{}", case.name);
    }
}

#[test]
fn texts_comments_and_names_of_ones_own_stay() {
    for line in [
        "# v.to_tuple() and show(result), Mode.CUT",
        "text = \"add(x) v.to_tuple() Mode.CUT Cylinder(diameter=3)\"",
        "text = '''\nshow(result)\n```\n'''",
        "def show(part):\n    return part\nshow(1)",
        "def Hole(diameter):\n    return Cylinder(diameter / 2, 9)\nresult -= Hole(diameter=3)",
        "class Frame:\n    def volume(self):\n        return 1\nprint(Frame().volume())",
        "words = 'a b'.split(' ')\nprint(words)",
        "names = sorted({'a': 1}, key=lambda name: name)",
    ] {
        let program = format!("from build123d import *\nresult = Box(1, 2, 3)\n{line}\n");
        assert_eq!(rewrite(&program, None), None, "{line}");
    }
}

/// Programs without mistakes: what every example of the catalog is lowered to.
#[test]
fn programs_of_the_catalog_stay() {
    let catalog = Arc::new(Catalog::embedded().unwrap());
    let engine = Engine::new(catalog.clone());
    let examples = catalog.steps().into_iter().flat_map(|step| step.examples);
    let mut programs = 0;
    for example in examples {
        let answer = engine.answer(&Prompt::parse(&example).unwrap());
        let Ok(draft) = answer.draft else { continue };
        assert_eq!(rewrite(draft.program.as_str(), None), None, "{example}");
        programs += 1;
    }
    assert!(programs > 150, "{programs}");
}

#[test]
fn several_mistakes_are_mended_together_and_told_once_each() {
    let before = "import cadquery as cq\nfrom ocp_vscode import show\nwith BuildPart() as p:\n    Box(10, 10, 10)\n    \
                  Cylinder(diameter=4, height=20, mode=Mode.CUT)\n    Cylinder(diameter=5, h=20, mode=Mode.CUT)\nshow(p)\n";
    let after = "from build123d import *\nwith BuildPart() as p:\n    Box(10, 10, 10)\n    \
                 Cylinder(radius=4 / 2, height=20, mode=Mode.SUBTRACT)\n    Cylinder(radius=5 / 2, height=20, mode=Mode.SUBTRACT)\nresult = p\n";
    let found = rewrite(before, None).unwrap();
    assert_eq!(found.program, after);
    assert_eq!(found.told.iter().filter(|told| told.contains("half of it")).count(), 1, "{:?}", found.told);
}

#[test]
fn rows_that_move_are_followed() {
    let before = "b = Box(1, 1, 1)\nresult = Box(2, 2, math.pi) - b * Pos(1, 0, 0)\n";
    let said = failure("NameError", "NameError in line 2: name 'math' is not defined", Some(2));
    let mended = rewrite(before, Some(&said)).unwrap().program;
    assert_eq!(mended, format!("from build123d import *\nimport math\n{before}"));
    let said = failure("TypeError", "unsupported operand type(s) for *: 'Box' and 'Pos'", Some(4));
    assert!(rewrite(&mended, Some(&said)).unwrap().program.ends_with("- Pos(1, 0, 0) * b\n"));
}

proptest! {
    #[test]
    fn any_text_is_survived(
        text in "(?s).{0,120}",
        parts in proptest::collection::vec(
            prop::sample::select(vec![
                "show(", "result", " = ", ")", "(", "\n", "    ", "b.edges", ".fillet", ".to_tuple()", "Pos(1)", " * ", "'|Z'",
                "with BuildPart() as p:\n", "BuildLine", "make_face()", "def f(", ":", "return b", "import cadquery as cq\n",
                "Cylinder(diameter=", "[", "]", ",", "Color(255,", "```", "Hole(2)", "\t", "-", ".", "Plane(\"XY\")", "é",
            ]),
            0..30,
        ),
        kind in prop::sample::select(vec!["NameError", "TypeError", "SyntaxError", "TabError", "EmptyResult", "ImportError"]),
        message in prop::sample::select(vec![
            "name 'sin' is not defined", "'function' object", "object is not callable", "No depth provided", "BuildPart",
            "unsupported operand type(s) for *", "Builder does not accept placement", "A face or sketch must be provided",
            "invalid character", "has no attribute 'union'", "Nothing to fillet", "can only be created with closed wires",
        ]),
        row in 0_u32..6,
    ) {
        for text in [text, parts.concat()] {
            let _ = rewrite(&text, None);
            let _ = rewrite(&text, Some(&failure(kind, message, Some(row))));
        }
    }
}
