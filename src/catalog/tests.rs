//! The catalog as a whole: its own examples, the cases of `tests/cases/prompts.toml` as far as they need no kernel, the look of programs,
//! and what must hold for any text at all.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use proptest::prelude::*;
use serde::Deserialize;

use super::{Catalog, Kind, load};
use crate::domain::plan::{Body, Plan, Step};
use crate::domain::reading::Reading;

static CATALOG: LazyLock<Catalog> = LazyLock::new(|| Catalog::embedded().unwrap());

const GOLDEN: &str = "60x40x10 mm plate with four 5 mm holes 6 mm from the edges and 5 mm corner radius";

#[derive(Deserialize)]
struct Cases {
    case: Vec<Case>,
}

#[derive(Deserialize)]
struct Case {
    prompt: String,
    expect: Expect,
    #[serde(default)]
    complete: Option<bool>,
}

#[derive(Deserialize, PartialEq)]
#[serde(rename_all = "snake_case")]
enum Expect {
    Built,
    Question,
}

fn cases() -> Vec<Case> {
    toml::from_str::<Cases>(include_str!("../../tests/cases/prompts.toml")).unwrap().case
}

fn plan_of(text: &str) -> Plan {
    serde_json::from_str(text).unwrap()
}

/// One body with these steps.
fn body(steps: &str) -> Plan {
    plan_of(&format!(r#"{{"plan":1,"bodies":[{{"name":"part","steps":[{steps}]}}]}}"#))
}

fn steps_of(reading: &Reading) -> Vec<&Step> {
    reading.plan.iter().flat_map(|plan| &plan.bodies).flat_map(|body: &Body| &body.steps).collect()
}

#[test]
fn every_example_means_its_own_step_and_is_understood_whole() {
    let mut wrong = Vec::new();
    for spec in &CATALOG.steps {
        for example in &spec.examples {
            let reading = CATALOG.read(example);
            let steps = steps_of(&reading);
            let is_own = |step: &&&Step| match spec.kind {
                Kind::Base | Kind::Feature => step.do_ == spec.name,
                Kind::Placement | Kind::Pattern => step.at.as_ref().is_some_and(|at| at.name == spec.name),
            };
            // "a 5 mm hole in each leg" is one step for each leg; features may show what a base is good for, other bases may not.
            let own = steps.iter().filter(is_own).count() >= 1;
            let bases =
                steps.iter().filter(|step| CATALOG.step(&step.do_).is_some_and(|s| s.kind == Kind::Base));
            let others = bases.filter(|step| step.do_ != spec.name).count();
            let sound = reading.complete() && own && (spec.kind != Kind::Base || others == 0);
            let lowered = reading.plan.as_ref().is_some_and(|plan| CATALOG.lower(plan, example).is_ok());
            if !sound || !lowered {
                let names: Vec<&str> = steps.iter().map(|step| step.do_.as_str()).collect();
                let unread: Vec<&str> = reading.unread.iter().map(|word| word.text.as_str()).collect();
                wrong.push(format!(
                    "{}: `{example}`: {names:?}, unread {unread:?}, {:?}",
                    spec.name, reading.question
                ));
            }
        }
    }
    assert!(wrong.is_empty(), "{} examples:\n{}", wrong.len(), wrong.join("\n"));
}

#[test]
fn the_cases_end_in_a_program_or_a_question_as_they_say() {
    let mut wrong = Vec::new();
    for case in cases() {
        let reading = CATALOG.read(&case.prompt);
        let as_said = match case.expect {
            Expect::Built => {
                let lowered =
                    reading.plan.as_ref().is_some_and(|plan| CATALOG.lower(plan, &case.prompt).is_ok());
                lowered && case.complete.is_none_or(|complete| complete == reading.complete())
            }
            Expect::Question => reading.plan.is_none() && reading.question.is_some(),
        };
        if !as_said {
            let unread: Vec<&str> = reading.unread.iter().map(|word| word.text.as_str()).collect();
            wrong.push(format!("`{}`: unread {unread:?}, {:?}", case.prompt, reading.question));
        }
    }
    assert!(wrong.is_empty(), "{} cases:\n{}", wrong.len(), wrong.join("\n"));
}

#[test]
fn the_golden_sentence_is_read_to_the_letter() {
    insta::assert_json_snapshot!(CATALOG.read(GOLDEN));
}

#[test]
fn programs_look_as_a_person_would_write_them() {
    for (name, prompt) in [
        ("golden", GOLDEN),
        ("boss_with_bore", "60x60x5 plate with a 20 mm tall boss Ø12 in the middle with a 5 mm bore"),
        (
            "bosses_with_holes",
            "90x90x5 plate with four 10 mm bosses 8 mm high, 12 mm from the edges, with M3 holes",
        ),
        (
            "faces",
            "80x60x40 block with a 6 mm hole 12 mm deep on the front face and a 10x20 mm pocket 5 mm deep on the left face",
        ),
        (
            "placed",
            "80x50x6 plate with an 8 mm hole 10 mm from the left edge and 15 mm from the front edge, and two 20x6 slots 15 mm apart along y",
        ),
        (
            "round",
            "disc 90 mm diameter, 8 mm thick, with 4 M6 counterbored holes on a 70 mm PCD, 25 mm centre bore and 1 mm chamfers",
        ),
    ] {
        let reading = CATALOG.read(prompt);
        let plan = reading.plan.unwrap_or_else(|| panic!("{prompt}: {:?}", reading.question));
        insta::assert_snapshot!(name, CATALOG.lower(&plan, prompt).unwrap().source);
    }
}

#[test]
fn several_bodies_become_a_dictionary_with_names_of_their_own() {
    let plan = plan_of(
        r##"{"plan":1,"bodies":[
          {"name":"base","colour":"#d03a2f","steps":[{"do":"box","length":60,"width":40,"height":10},{"do":"hole","diameter":5}]},
          {"name":"Top \"cap\"","steps":[{"do":"cylinder","diameter":20,"height":5},{"do":"hole","diameter":5}]}]}"##,
    );
    let program = CATALOG.lower(&plan, "Two \"\"\" bodies\\\n").unwrap();
    insta::assert_snapshot!(program.source);
    let names: Vec<&str> = program.parameters.iter().map(|parameter| parameter.name.as_str()).collect();
    assert_eq!(
        names,
        [
            "BASE_LENGTH",
            "BASE_WIDTH",
            "BASE_HEIGHT",
            "BASE_HOLE_DIAMETER",
            "TOP_CAP_DIAMETER",
            "TOP_CAP_HEIGHT",
            "TOP_CAP_HOLE_DIAMETER"
        ]
    );
}

#[test]
fn every_parameter_knows_its_place_in_the_plan() {
    let plan = body(
        r#"{"do":"box","length":60,"width":40,"height":10},
           {"do":"hole","diameter":5,"at":{"corners":{"inset":[6,8]}}},{"do":"hole","diameter":3,"at":{"at":[1,2]}}"#,
    );
    let program = CATALOG.lower(&plan, "").unwrap();
    let places: Vec<String> = program
        .parameters
        .iter()
        .map(|p| format!("{}={} {}.{}.{}", p.name, p.value, p.body, p.step, p.argument))
        .collect();
    assert_eq!(
        places,
        [
            "LENGTH=60 0.0.length",
            "WIDTH=40 0.0.width",
            "HEIGHT=10 0.0.height",
            "HOLE_DIAMETER=5 0.1.diameter",
            "HOLE_INSET_X=6 0.1.at.inset.x",
            "HOLE_INSET_Y=8 0.1.at.inset.y",
            "HOLE_2_DIAMETER=3 0.2.diameter",
            "HOLE_2_X=1 0.2.at.point.x",
            "HOLE_2_Y=2 0.2.at.point.y",
        ]
    );
    for parameter in &program.parameters {
        assert!(program.source.contains(&format!("\n{} = ", parameter.name)), "{}", parameter.name);
    }
}

#[test]
fn what_is_wrong_with_a_plan_is_named() {
    let block = r#"{"do":"box","length":60,"width":40,"height":10}"#;
    for (steps, argument, expected) in [
        (String::new(), None, "has 0 steps"),
        (r#"{"do":"hole","diameter":5}"#.to_owned(), None, "starts with a base"),
        (r#"{"do":"gear"}"#.to_owned(), None, "no step `gear`"),
        (r#"{"do":"corners","inset":5}"#.to_owned(), None, "no step `corners`"),
        (r#"{"do":"box","length":60,"width":40}"#.to_owned(), Some("height"), "is missing"),
        (r#"{"do":"box","length":60,"width":40,"height":0}"#.to_owned(), Some("height"), "too small"),
        (r#"{"do":"box","length":1e9,"width":40,"height":1}"#.to_owned(), Some("length"), "too large"),
        (r#"{"do":"box","length":"long","width":40,"height":1}"#.to_owned(), Some("length"), "can't be `long`"),
        (format!("{block},{block}"), None, "second one"),
        (format!(r#"{block},{{"do":"hole","diameter":5,"radius":2}}"#), Some("radius"), "no argument `radius`"),
        (format!(r#"{block},{{"do":"hole","diameter":5,"on":"inside"}}"#), Some("on"), "no face"),
        (format!(r#"{block},{{"do":"hole","diameter":5,"at":{{"spiral":3}}}}"#), Some("at"), "can't be placed by `spiral`"),
        (format!(r#"{block},{{"do":"hole","diameter":5,"depth":10}}"#), Some("depth"), "too large"),
        (format!(r#"{block},{{"do":"hole","diameter":40}}"#), Some("diameter"), "wider than the face"),
        (format!(r#"{block},{{"do":"hole","diameter":5,"at":{{"at":[29,0]}}}}"#), Some("point"), "leave the face"),
        (format!(r#"{block},{{"do":"hole","diameter":5,"at":{{"corners":{{"inset":2}}}}}}"#), Some("inset"), "too small"),
        (format!(r#"{block},{{"do":"hole","diameter":5,"at":{{"circle":{{"diameter":36,"count":6}}}}}}"#), Some("diameter"), "too large"),
        (format!(r#"{block},{{"do":"hole","diameter":5,"at":{{"circle":{{"diameter":20,"count":2.5}}}}}}"#), Some("count"), "can't be 2.5"),
        (format!(r#"{block},{{"do":"fillet","edges":"vertical","radius":20}}"#), Some("radius"), "half the shorter side"),
        (format!(r#"{block},{{"do":"fillet","edges":"inner","radius":2}}"#), Some("edges"), "can't be `inner`"),
        (format!(r#"{block},{{"do":"fillet","radius":2,"on":"top"}}"#), Some("on"), "not placed"),
        (format!(r#"{block},{{"do":"pocket","length":20,"width":10,"depth":5,"corner_radius":5}}"#), Some("corner_radius"), "too large"),
        (format!(r#"{block},{{"do":"hole","diameter":3,"on":"boss"}}"#), Some("on"), "no face"),
        (r#"{"do":"sphere","diameter":20},{"do":"fillet","edges":"all","radius":2}"#.to_owned(), Some("edges"), "no all edges"),
        (r#"{"do":"cylinder","diameter":20,"height":5},{"do":"fillet","edges":"vertical","radius":2}"#.to_owned(), Some("edges"), "no vertical edges"),
        (r#"{"do":"cylinder","diameter":20,"height":5},{"do":"boss","diameter":3,"height":2,"on":"front"}"#.to_owned(), Some("on"), "not flat"),
        (r#"{"do":"cylinder","diameter":20,"height":5},{"do":"hole","diameter":3,"at":{"corners":{"inset":5}}}"#.to_owned(), Some("at"), "no corners"),
        (r#"{"do":"tube","outer_diameter":20,"inner_diameter":20,"height":5}"#.to_owned(), Some("inner_diameter"), "wall"),
    ] {
        let problems = CATALOG.validate(&body(&steps));
        let problem = problems.first().unwrap_or_else(|| panic!("no problem in {steps}"));
        assert!(problem.message.contains(expected), "{steps}: {problem:?}");
        assert_eq!(problem.argument.as_deref(), argument, "{steps}: {problem:?}");
        assert!(CATALOG.lower(&body(&steps), "").is_err(), "{steps}");
    }
    assert!(CATALOG.validate(&plan_of(r#"{"plan":2,"bodies":[]}"#))[0].message.contains("version 2"));
    assert!(CATALOG.validate(&plan_of(r#"{"plan":1,"bodies":[]}"#))[0].message.contains("0 bodies"));
}

#[test]
fn a_mistake_in_the_table_is_named_with_its_file() {
    let files = load::files();
    let broken = |path: &str, from: &str, to: &str| {
        let mut files: BTreeMap<String, String> = files.clone();
        let text = files.get_mut(path).unwrap();
        assert!(text.contains(from), "{path} has no {from}");
        *text = text.replacen(from, to, 1);
        load::from_files(&files).map(|_| ()).unwrap_err().to_string()
    };
    for (path, from, to, expected) in [
        ("steps/box.toml", "name = \"box\"", "name = \"bix\"", "the file is not"),
        ("steps/box.toml", "min = 0.1", "minimum = 0.1", "unknown field `minimum`"),
        ("steps/box.toml", "3 = [\"length\"", "3 = [\"depth\"", "which is no argument"),
        ("steps/box.toml", "measure = \"box.x\"", "", "either `measure` or `not_checked`"),
        ("steps/box.toml", "ask = \"How long should the {body} be?\"", "", "needs `ask`"),
        (
            "steps/hole.toml",
            "below = \"face.reach\"",
            "below = \"face.deepness\"",
            "`face.deepness`, which is not there",
        ),
        ("steps/hole.toml", "below = \"face.reach\"", "below = \"face.reach +\"", "`face.reach +`"),
        ("steps/hole.toml", "table = \"metric\"", "table = \"unc\"", "which is not there"),
        ("steps/corners.toml", "because = \"one", "becaus = \"one", "unknown field `becaus`"),
        ("steps/tube.toml", "placements = [\"center\"]", "placements = [\"centre\"]", "which is none"),
        ("steps/hole.py.tera", "{%- else -%}", "{%- elsewhere -%}", "hole.py.tera"),
        ("tables/metric.toml", "M2 = { clearance = 2.4,", "M2 = {", "has no `clearance`"),
        ("words.toml", "articles", "article", "words.toml"),
    ] {
        let error = broken(path, from, to);
        assert!(
            error.contains(expected)
                && error.contains(path.trim_end_matches(".py.tera").trim_end_matches(".toml")),
            "{error}"
        );
    }
}

#[test]
fn the_catalog_can_be_shown_with_all_its_steps() {
    let shown = serde_json::to_value(CATALOG.steps()).unwrap();
    let names: Vec<&str> =
        shown.as_array().unwrap().iter().filter_map(|step| step["name"].as_str()).collect();
    assert!(names.len() >= 60 && names.is_sorted_by_key(|name| CATALOG.step(name).unwrap().kind as u8));
    let sphere = names.iter().position(|name| *name == "sphere").unwrap();
    let radius = &shown.as_array().unwrap()[sphere]["arguments"][0];
    insta::assert_json_snapshot!(radius);
}

/// What must hold of every reading: the account covers the text once, in order.
fn check_account(prompt: &str) {
    let reading = CATALOG.read(prompt);
    let length = prompt.chars().count();
    let mut end = 0;
    for mark in &reading.spans {
        assert!(
            mark.start >= end && mark.start < mark.end && mark.end <= length,
            "{prompt:?}: {:?}",
            reading.spans
        );
        end = mark.end;
    }
    let marked = |at: usize| reading.spans.iter().any(|mark| (mark.start..mark.end).contains(&at));
    for (at, c) in prompt.chars().enumerate().take(5000) {
        assert!(!c.is_ascii_alphanumeric() || marked(at), "{prompt:?}: `{c}` at {at} has no fate");
    }
    if let Some(plan) = &reading.plan {
        assert!(CATALOG.validate(plan).is_empty(), "{prompt:?}: {plan:?}");
        CATALOG.lower(plan, prompt).unwrap();
    } else {
        assert!(reading.question.is_some(), "{prompt:?}");
    }
}

#[test]
fn hostile_prompts_are_answered_in_bounded_time() {
    for text in [
        "1x".repeat(2500),
        "(".repeat(5000),
        "hole ".repeat(1000),
        "plate with ".repeat(500),
        "5 mm ".repeat(1000),
        "\"".repeat(5000),
        "1/".repeat(2500),
        "a".repeat(9000),
        "½".repeat(5000),
        "chamfr holse ".repeat(380),
        "twice as wide as ".repeat(290),
        "\"a\" text ".repeat(500),
        "two such plates ".repeat(300),
        "and a separate 5 mm cube ".repeat(200),
        "between 5 and 8 mm ".repeat(250),
    ] {
        let started = std::time::Instant::now();
        CATALOG.read(&text);
        assert!(started.elapsed().as_secs() < 2, "{}: {:?}", &text[..4], started.elapsed());
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_text_is_accounted_for(prompt in any::<String>()) {
        // Letters of other languages may end in the refusal to read them, which has no account.
        let reading = CATALOG.read(&prompt);
        prop_assert!(reading.plan.is_some() || reading.question.is_some());
    }

    #[test]
    fn any_mixture_of_workshop_words_is_accounted_for(words in proptest::collection::vec(word(), 0..40)) {
        check_account(&words.join(" "));
    }

    #[test]
    fn any_plan_is_validated_or_lowered(steps in proptest::collection::vec(step(), 1..5)) {
        let plan = body(&steps.join(","));
        if CATALOG.validate(&plan).is_empty() {
            CATALOG.lower(&plan, "any").unwrap();
        }
    }
}

/// Words that the reader knows, numbers in many spellings, and some it doesn't know.
fn word() -> impl Strategy<Value = String> {
    let fixed: Vec<&str> =
        "plate|disc|tube|cube|hole|holes|M5|m6|4x|four|60x40x10|60x40|5 mm|Ø5|1/2\"|2 1/2 in|with|and|,|.|\
        in the corners|6 mm from the edges|corner radius|radius|deep|through|on the front face|boss|bore|\
        pocket|slot|chamfer|on a 40 mm PCD|20 mm apart|grid|3 by 2|at (3, 4)|the|it|is|of|no|thick|long|\
        diameter|counterbored|washer|shiny|(|)|:|x|45°|top edges|centre|-5|1e9|0|0.0001|99999999999|red|\
        steel|ring|row of|sphere|cone|on top|on top of it|cut out of|a separate|as separate parts|\
        conical recess|2 mm gap|called|\"HELLO\"|pokcet|±0.1|H7|between 5 and 8 mm|5 to 8 mm|twice as|\
        wide|as|half the|same as|50% of the length|1.5D|1.|\n|3 of them|such|two rows of four|\
        top left corner|to the right of the centre|every 20 mm|along the length|\
        origin at the lower left corner|without|R5 corners|⌴|lid"
            .split('|')
            .collect();
    prop_oneof![
        proptest::sample::select(fixed).prop_map(str::to_owned),
        (0.0..200.0f64).prop_map(|n| format!("{n:.1}")),
        "[a-z]{1,6}"
    ]
}

/// A step with arguments that often belong to it.
fn step() -> impl Strategy<Value = String> {
    let numbers = proptest::collection::vec(-5.0..80.0f64, 4);
    let place = proptest::sample::select(vec![
        "\"center\"",
        r#"{"at":[3,4]}"#,
        r#"{"corners":{"inset":6}}"#,
        r#"{"circle":{"diameter":20,"count":5}}"#,
        r#"{"grid":{"spacing":[9,8],"columns":3,"rows":1}}"#,
        r#"{"edges":{"left":9}}"#,
    ]);
    let name = proptest::sample::select(vec![
        "box", "cylinder", "tube", "sphere", "cone", "hole", "boss", "pocket", "slot", "fillet", "chamfer",
    ]);
    let face = proptest::sample::select(vec!["top", "bottom", "left", "boss", "pocket", "nowhere"]);
    (name, numbers, place, face).prop_map(|(name, n, place, face)| {
        let [a, b, c, d] = [n[0], n[1], n[2], n[3]];
        match name {
            "box" => format!(r#"{{"do":"box","length":{a},"width":{b},"height":{c}}}"#),
            "cylinder" => format!(r#"{{"do":"cylinder","diameter":{a},"height":{b}}}"#),
            "tube" => format!(r#"{{"do":"tube","outer_diameter":{a},"inner_diameter":{b},"height":{c}}}"#),
            "sphere" => format!(r#"{{"do":"sphere","diameter":{a}}}"#),
            "cone" => format!(r#"{{"do":"cone","bottom_diameter":{a},"height":{b}}}"#),
            "hole" => format!(r#"{{"do":"hole","diameter":{a},"on":"{face}","at":{place}}}"#),
            "boss" => format!(r#"{{"do":"boss","diameter":{a},"height":{b},"on":"{face}","at":{place}}}"#),
            "pocket" => format!(r#"{{"do":"pocket","length":{a},"width":{b},"depth":{c},"corner_radius":{d},"on":"{face}","at":{place}}}"#),
            "slot" => format!(r#"{{"do":"slot","length":{a},"width":{b},"on":"{face}","at":{place}}}"#),
            "fillet" => format!(r#"{{"do":"fillet","edges":"vertical","radius":{a}}}"#),
            _ => format!(r#"{{"do":"chamfer","length":{a}}}"#),
        }
    })
}
