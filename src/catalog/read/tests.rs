//! What the reader makes of a step with a text, of a base with faces of its own and of a switch: with steps that only this test has.

use crate::catalog::{Catalog, load};
use crate::domain::reading::Reading;

const LENGTHS: &str = r#"
[size]
x = "length"
y = "width"
z = "height"
[groups]
3 = ["length", "width", "height"]
[[argument]]
name = "length"
title = "Length"
type = "length"
words = ["length"]
ask = "How long?"
measure = "box.x"
[[argument]]
name = "width"
title = "Width"
type = "length"
words = ["width"]
ask = "How wide?"
measure = "box.y"
[[argument]]
name = "height"
title = "Height"
type = "length"
words = ["height"]
ask = "How high?"
measure = "box.z"
"#;

const ANGLE: &str = r#"
name = "angle"
title = "Angle"
kind = "base"
words = ["test angle"]
flat_faces = ["bottom"]
examples = ["60x40x40 mm test angle"]
[[face]]
name = "upright"
words = ["upright leg"]
x = "width"
y = "height"
reach = "length"
plane = "Plane.YZ"
[[face]]
name = "lying"
words = ["lying leg"]
x = "length"
y = "width"
reach = "height"
plane = "Plane.XY"
[[together]]
words = ["each leg", "both leg"]
faces = ["upright", "lying"]
[[argument]]
name = "rib"
title = "Rib"
type = "switch"
words = ["cross web"]
"#;

const WRITING: &str = r#"
name = "writing"
title = "Writing"
kind = "feature"
combine = "cut"
words = ["lettering"]
placements = ["center", "at"]
examples = ["60x40x5 mm plate with the lettering \"HELLO\""]
[footprint]
x = "size"
y = "size"
[[argument]]
name = "text"
title = "Text"
type = "text"
words = ["saying", "that reads"]
ask = "What should it say?"
not_checked = "letters are not read back"
[[argument]]
name = "size"
title = "Letter height"
type = "length"
words = ["letter height"]
after = ["high"]
default = "8"
because = "no height was given"
not_checked = "letters are not measured"
"#;

fn read(prompt: &str) -> Reading {
    let mut files = load::files();
    for (name, text) in [("angle", format!("{ANGLE}{LENGTHS}")), ("writing", WRITING.to_owned())] {
        files.insert(format!("steps/{name}.toml"), text);
        files.insert(format!("steps/{name}.py.tera"), "{{ body }} = Box(1, 1, 1)".to_owned());
    }
    let catalog: Catalog = load::from_files(&files).unwrap();
    catalog.read(prompt)
}

/// The steps of the plan behind the base, as JSON.
fn steps(prompt: &str) -> Vec<String> {
    let reading = read(prompt);
    let plan = reading.plan.as_ref().unwrap_or_else(|| panic!("`{prompt}`: {:?}", reading.question));
    let steps = plan.bodies.iter().flat_map(|body| &body.steps);
    steps.skip(1).map(|step| serde_json::to_string(step).unwrap()).collect()
}

#[test]
fn a_text_is_taken_as_it_is_written_and_ends_where_it_ends() {
    for (prompt, text, others) in [
        ("60x40x5 mm plate with the lettering \"Hello World\" 6 mm high", "Hello World", 0),
        ("60x40x5 mm plate saying 'do not open', four 3 mm holes in the corners", "do not open", 1),
        ("60x40x5 mm plate that reads PUMP 3 and a 5 mm hole at (20, 10)", "PUMP 3", 1),
        ("60x40x5 mm plate saying hello, with a 5 mm hole at (20, 10)", "hello", 1),
        ("a plate 3\" x 2\" x 1/4\" saying \"1/2\" in red", "1/2", 0),
    ] {
        let steps = steps(prompt);
        assert!(steps[0].contains(&format!("\"text\":\"{text}\"")), "{prompt}: {steps:?}");
        assert_eq!(steps.len(), 1 + others, "{prompt}: {steps:?}");
    }
    assert_eq!(read("60x40x5 mm plate with lettering").question.as_deref(), Some("What should it say?"));
}

#[test]
fn each_of_several_faces_gets_the_same() {
    let on = |prompt: &str| {
        let faces = |step: &String| {
            step.split("\"on\":\"").nth(1).map(|rest| rest.split('"').next().unwrap_or_default().to_owned())
        };
        steps(prompt).iter().filter_map(faces).collect::<Vec<_>>()
    };
    assert_eq!(on("60x40x40 mm test angle with a 5 mm hole in each leg"), ["upright", "lying"]);
    assert_eq!(on("60x40x40 mm test angle with two 5 mm holes in both legs"), ["upright", "lying"]);
    assert_eq!(on("60x40x40 mm test angle with a 5 mm hole in the upright leg"), ["upright"]);
    let two = steps("60x40x40 mm test angle with two 5 mm holes in each leg, 20 mm apart");
    assert!(two.len() == 2 && two.iter().all(|step| step.contains("\"count\":2")), "{two:?}");
    // A face that the base does not have is no place.
    assert!(!read("60x40x40 mm plate with a 5 mm hole in the upright leg").unread.is_empty());
}

#[test]
fn a_switch_that_is_not_wanted_stays_off() {
    let rib = |prompt: &str| {
        let reading = read(prompt);
        assert!(reading.complete(), "{prompt}: {reading:?}");
        serde_json::to_string(&reading.plan).unwrap().contains("\"rib\":true")
    };
    assert!(rib("60x40x40 mm test angle with a cross web"));
    assert!(!rib("60x40x40 mm test angle without a cross web"));
    assert!(!rib("60x40x40 mm test angle, no ribs"));
}

#[test]
fn the_numbers_of_a_prompt_are_told_whatever_they_belong_to() {
    let catalog = Catalog::embedded().unwrap();
    let told = |prompt: &str| -> Vec<(String, f64)> {
        catalog.stated(prompt).into_iter().map(|stated| (stated.text, stated.value)).collect()
    };
    assert_eq!(
        told("a doohickey 2in wide, 1/2 in thick with three M5 holes"),
        [
            ("2in".to_owned(), 50.8),
            ("1/2 in".to_owned(), 12.7),
            ("three".to_owned(), 3.0),
            ("M5".to_owned(), 5.0),
        ]
    );
    assert_eq!(told("60x40 slab"), [("60".to_owned(), 60.0), ("40".to_owned(), 40.0)]);
    assert_eq!(told("no numbers here"), []);
}
