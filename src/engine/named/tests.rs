//! Sentences about a program's parameters, against the program they lead to.

use super::*;
use crate::domain::job::Lane;
use ParameterKind::{Choice, Count, Number, Switch, Text};

const PROGRAM: &str = "LENGTH = 60.0\nWALL_THICKNESS = 2.0\nHOLE_COUNT = 4\nRIM = True\nSCREW = 'M5'\nANGLE = 30.0\nNAME = 'box'\n";

/// The parameters as the runner declares them, with ranges.
fn before() -> Before {
    let declare = |name: &str, kind: ParameterKind, literal: &str, unit: Option<&str>| {
        let value = match kind {
            Switch => ParameterValue::Switch(true),
            Count => ParameterValue::Count(literal.parse().unwrap()),
            Number => ParameterValue::Number(literal.parse().unwrap()),
            Choice | Text => ParameterValue::Text(literal.trim_matches('\'').into()),
        };
        let start = PROGRAM.find(&format!("{name} = ")).unwrap() + name.len() + 3;
        let texts = ["M4", "M5", "M6"].map(|text| ParameterValue::Text(text.into())).to_vec();
        Declared {
            name: name.into(),
            value,
            kind,
            min: None,
            max: (kind == ParameterKind::Number).then_some(200.0),
            step: None,
            unit: unit.map(str::to_owned),
            label: (name == "WALL_THICKNESS").then(|| "Thickness of the shell".to_owned()),
            choices: if kind == ParameterKind::Choice { texts } else { Vec::new() },
            line: 1,
            span: [start, start + literal.len()],
        }
    };
    Before {
        lane: Lane::Code,
        program: Program::parse(PROGRAM).unwrap(),
        plan: None,
        parameters: Parameters::new(),
        declared: vec![
            declare("LENGTH", Number, "60.0", Some("mm")),
            declare("WALL_THICKNESS", Number, "2.0", Some("mm")),
            declare("HOLE_COUNT", Count, "4", None),
            declare("RIM", Switch, "True", None),
            declare("SCREW", Choice, "'M5'", None),
            declare("ANGLE", Number, "30.0", Some("deg")),
            declare("NAME", Text, "'box'", None),
        ],
        title: String::new(),
        understood: true,
        earlier: None,
    }
}

fn edited(before: &Before, prompt: &str) -> Result<String, String> {
    let answer = edit(before, &Prompt::parse(prompt).unwrap(), |_| Err(Failure::new("question", "back", "")));
    assert_eq!(answer.reading.question.is_some(), answer.draft.is_err());
    answer.draft.map(|draft| draft.program.as_str().to_owned()).map_err(|failure| failure.message)
}

#[test]
fn a_sentence_that_names_a_parameter_changes_its_literal() {
    let before = before();
    for (prompt, old, new) in [
        ("make the wall thickness 3", "2.0", "3.0"),
        ("set WALL_THICKNESS to 0.25 cm", "2.0", "2.5"),
        ("thickness of the shell: 3.5mm", "2.0", "3.5"),
        ("make it 80 long", "60.0", "80.0"),
        ("increase the length by 5 mm", "60.0", "65.0"),
        ("reduce the length by 10%", "60.0", "54.0"),
        ("increase the length to 1 inch", "60.0", "25.4"),
        ("six holes please", "= 4", "= 6"),
        ("turn the rim off", "True", "False"),
        ("use screw m6", "M5", "M6"),
        ("the angle should be 45°", "30.0", "45.0"),
        ("change the name to \"my 'best' box\"", "'box'", r"'my \'best\' box'"),
    ] {
        assert_eq!(edited(&before, prompt), Ok(PROGRAM.replace(old, new)), "{prompt}");
    }
    let two = edited(&before, "make it 80 long and set the hole count to 2").unwrap();
    assert_eq!(two, PROGRAM.replace("60.0", "80.0").replace("= 4", "= 2"));
}

#[test]
fn a_sentence_that_says_more_is_not_half_done() {
    let before = before();
    for prompt in [
        "make the wall thickness 3 and add a hole in the middle",
        "make the hole length 5",
        "round the edges",
        "make the wall thicker",
        "length",
        "make the holes 5 mm",
        "make the length 30 degrees",
    ] {
        let told = edited(&before, prompt).unwrap_err();
        assert!(told.contains("needs the language model, which is not installed"), "{prompt}: {told}");
    }
    assert_eq!(
        edited(&before, "make it 300 long"),
        Err("Parameter `LENGTH` is at most 200 mm, not 300".into())
    );
    assert_eq!(edited(&before, "length 60"), Err("Nothing changes: it has length 60 mm already".into()));
}

#[test]
fn values_of_sliders_go_into_the_text_too() {
    let mut before = before();
    before.parameters.insert("ANGLE".into(), ParameterValue::Count(20));
    let text = edited(&before, "length 70").unwrap();
    assert_eq!(text, PROGRAM.replace("60.0", "70.0").replace("30.0", "20.0"));
}

#[test]
fn taking_back_is_asked_for_in_few_words_only() {
    for prompt in
        ["undo", "undo that", "Undo the last change, please.", "go back", "take that back", "revert it"]
    {
        assert!(takes_back(prompt), "{prompt}");
    }
    for prompt in ["make the back 5 long", "undo the hole", "length 60", "back plate"] {
        assert!(!takes_back(prompt), "{prompt}");
    }
}
