//! What models write around and inside a plan, and what becomes of it.

use proptest::prelude::*;

use super::{CATALOG, examples, plan_of};
use crate::catalog::Loose;
use crate::domain::plan::{Plan, Problem, Value};

fn loose(steps: &str) -> Loose {
    let text = format!(r#"{{"plan":1,"bodies":[{{"name":"part","steps":[{steps}]}}]}}"#);
    CATALOG.plan_from(&text).unwrap_or_else(|problem| panic!("{problem:?}"))
}

fn refused(steps: &str) -> Problem {
    let text = format!(r#"{{"plan":1,"bodies":[{{"name":"part","steps":[{steps}]}}]}}"#);
    CATALOG.plan_from(&text).unwrap_err()
}

fn number(plan: &Plan, step: usize, argument: &str) -> Value {
    plan.bodies[0].steps[step].arguments.get(argument).unwrap().clone()
}

#[test]
fn quantities_become_millimetres_degrees_and_counts() {
    for (written, expected) in [
        ("60", 60.0),
        (r#""60""#, 60.0),
        (r#""60 mm""#, 60.0),
        (r#""2in""#, 50.8),
        (r#""2 1/2 in""#, 63.5),
        (r#""2-1/2 in""#, 63.5),
        (r#""1/2in""#, 12.7),
        (r#""2 1/2\"""#, 63.5),
        (r#""½ inch""#, 12.7),
        (r#""5*2""#, 10.0),
        (r#""5 * 2 in""#, 254.0),
        (r#""60+20""#, 80.0),
        (r#""60 + 20 mm""#, 80.0),
        (r#""2in+5""#, 177.8),
        (r#""2in+5mm""#, 55.8),
        (r#""60-20""#, 40.0),
        (r#""60/4""#, 15.0),
        (r#""2in/2""#, 25.4),
        (r#""60-2*5""#, 50.0),
        (r#""1/2in*3""#, 38.1),
        (r#""5'6\"""#, 1676.4),
        (r#""3,5 cm""#, 35.0),
        (r#""Ø5""#, 5.0),
        (r#""10-mm""#, 10.0),
        (r#""half inch""#, 12.7),
    ] {
        let found = loose(&format!(r#"{{"do":"box","length":{written},"width":40,"height":10}}"#));
        assert_eq!(number(&found.plan, 0, "length"), Value::Number(expected), "{written}");
        assert_eq!(found.converted.len(), usize::from(written.starts_with('"')), "{written}");
    }
    let turned = r#"{"do":"spur_gear","module":"2","teeth":"20","thickness":10,"pressure_angle":"20deg"}"#;
    let found = loose(turned);
    assert_eq!(number(&found.plan, 0, "teeth"), Value::Number(20.0));
    assert_eq!(found.converted[0], ("2".to_owned(), "2 mm".to_owned()));
}

#[test]
fn what_is_no_quantity_of_the_kind_is_refused_with_its_place() {
    for written in [
        r#""big""#,
        r#""2 bananas""#,
        r#""30deg""#,
        r#""5mm*3mm""#,
        r#""5/0""#,
        r#""""#,
        r#""-""#,
        r#""5+""#,
        r#""1e9 m""#,
        "true",
        "[1,2]",
        "{}",
        r#""50%""#,
    ] {
        let problem = refused(&format!(r#"{{"do":"box","length":{written},"width":40,"height":10}}"#));
        assert_eq!((problem.body, problem.step), (Some(0), Some(0)), "{written}");
        assert_eq!(problem.argument.as_deref(), Some("length"), "{written}");
        assert!(!problem.hint.is_empty());
    }
}

#[test]
fn names_of_standard_sizes_are_looked_up_in_the_table_of_the_argument() {
    let plate = r#"{"do":"box","length":60,"width":40,"height":10}"#;
    let found = loose(&format!(r#"{plate},{{"do":"hole","diameter":"M5"}}"#));
    assert_eq!(number(&found.plan, 1, "diameter"), Value::Number(5.5));
    assert_eq!(found.converted, [("M5".to_owned(), "5.5 mm".to_owned())]);
    // One size fills in all that belongs to it.
    let found = loose(&format!(r#"{plate},{{"do":"counterbore","diameter":"m5"}}"#));
    assert!(number(&found.plan, 1, "head_diameter").number().unwrap() > 8.0);
    assert!(CATALOG.validate(&found.plan).is_empty(), "{:?}", CATALOG.validate(&found.plan));
    // What is given stays.
    let found = loose(&format!(r#"{plate},{{"do":"counterbore","diameter":"M5","head_depth":3}}"#));
    assert_eq!(number(&found.plan, 1, "head_depth"), Value::Number(3.0));
    let coarse = loose(&format!(r##"{plate},{{"do":"tapped_hole","diameter":"#8"}}"##)).plan;
    let named = loose(&format!(r##"{plate},{{"do":"tapped_hole","diameter":"#8-32"}}"##)).plan;
    assert_eq!(coarse, named);
    let found = loose(r#"{"do":"nema_motor_plate","motor":"nema 17"}"#);
    assert_eq!(number(&found.plan, 0, "hole_spacing"), Value::Number(31.0));
    let found = loose(r#"{"do":"bearing","bore":"608"}"#);
    assert_eq!(number(&found.plan, 0, "bore"), Value::Number(8.0));
    assert_eq!(number(&found.plan, 0, "outer_diameter"), Value::Number(22.0));
    // Two digits are a number, although a fan is called so.
    let found = loose(r#"{"do":"fan_plate","fan":40,"hole_spacing":"50"}"#);
    assert_eq!(number(&found.plan, 0, "hole_spacing"), Value::Number(50.0));
}

#[test]
fn other_words_for_steps_arguments_choices_and_faces_are_understood() {
    let found = loose(
        r#"{"do":"plate","length":60,"width":40,"thickness":"10"},
        {"do":"drilled_hole","dia":5,"depth":"through","on":"top face","at":"centre"},
        {"do":"hole","radius":2,"on":null,"at":[10,5]},
        {"do":"hole","diameter":3,"at":{"at":{"x":-10,"y":"1/4in"}}},
        {"do":"Fillet","radius":2,"edges":"vertical edges"}"#,
    );
    let expected = plan_of(
        r#"{"plan":1,"bodies":[{"name":"part","steps":[{"do":"box","length":60,"width":40,"height":10},
        {"do":"hole","diameter":5,"on":"top","at":"center"},{"do":"hole","diameter":4,"at":{"at":[10,5]}},
        {"do":"hole","diameter":3,"at":{"at":[-10,6.35]}},{"do":"fillet","radius":2,"edges":"vertical"}]}]}"#,
    );
    assert_eq!(CATALOG.compact(&found.plan), CATALOG.compact(&expected));
    assert!(found.renamed.contains(&("plate".to_owned(), "box".to_owned())));
    assert!(found.renamed.contains(&("dia".to_owned(), "diameter".to_owned())));
    // A base where a body begins, a feature behind it.
    assert_eq!(
        loose(r#"{"do":"spacer","outer_diameter":20,"inner_diameter":10,"height":5}"#).plan.bodies[0].steps
            [0]
        .do_,
        "tube"
    );
}

#[test]
fn unknown_names_are_problems_that_tell_close_ones() {
    let problem =
        refused(r#"{"do":"box","length":6,"width":4,"height":1},{"do":"holle_thing","diameter":5}"#);
    assert_eq!((problem.body, problem.step), (Some(0), Some(1)));
    assert!(problem.hint.contains("hole"), "{}", problem.hint);
    let problem = refused(r#"{"do":"box","length":6,"width":4,"height":1,"wobble":3}"#);
    assert_eq!(problem.argument.as_deref(), Some("wobble"));
    assert!(problem.hint.contains("length, width, height"), "{}", problem.hint);
    let problem =
        refused(r#"{"do":"box","length":6,"width":4,"height":1},{"do":"hole","diameter":1,"at":"nowhere"}"#);
    assert!(problem.hint.contains("corners"), "{}", problem.hint);
    assert!(refused(r#"{"do":"box","length":6,"l":7,"width":4,"height":1}"#).message.contains("twice"));
}

#[test]
fn chatter_fences_and_short_forms_are_no_matter() {
    let plan = CATALOG.read("60x40x10 mm plate with a 5 mm hole in the centre").plan.unwrap();
    let compact = CATALOG.compact(&plan);
    for text in [
        compact.clone(),
        format!("Sure! Here is {{the plan}}:\n```json\n{compact}\n```\nLet me know {{if}} it fits."),
        format!("<think>{{\"a\":1}}</think>{compact}{compact}"),
        serde_json::to_string_pretty(&plan).unwrap(),
    ] {
        let found = CATALOG.plan_from(&text).unwrap().plan;
        assert_eq!(CATALOG.compact(&found), compact);
    }
    let steps = compact.split_once("\"steps\":").unwrap().1.trim_end_matches("}]}").to_owned();
    let found = CATALOG.plan_from(&format!("{{\"steps\":{steps}}}")).unwrap().plan;
    assert_eq!(found.bodies[0].steps.len(), 2);
    let found = CATALOG.plan_from(r#"{"do":"sphere","diameter":20}"#).unwrap().plan;
    assert_eq!(found.bodies[0].steps[0].do_, "sphere");
    for text in [
        "",
        "no plan",
        "{",
        "{}",
        r#"{"plan":1}"#,
        r#"{"plan":2,"bodies":[]}"#,
        &compact[..compact.len() - 3],
        &compact.replacen("\"do\":", "\"do\"", 2),
        &compact.replacen("]}", "}", 1),
    ] {
        let problem = CATALOG.plan_from(text).unwrap_err();
        assert!(!problem.message.is_empty() && !problem.hint.is_empty(), "{text}");
    }
}

#[test]
fn several_bodies_keep_their_places_and_colours() {
    let text = r#"{"plan":1,"bodies":[{"name":"plate","color":"red","steps":[{"do":"box","length":60,"width":40,"height":10}]},
        {"name":"post","place":{"to":"plate","side":"top","gap":"1/4in","at":{"at":[10,0]},"turn":[0,0,"90deg"]},"steps":[{"do":"cylinder","diameter":10,"height":30}]}]}"#;
    let found = CATALOG.plan_from(text).unwrap().plan;
    let seat = found.bodies[1].place.as_ref().unwrap();
    assert_eq!((seat.gap, seat.turn), (6.35, Some([0.0, 0.0, 90.0])));
    assert!(found.bodies[0].colour.as_ref().unwrap().starts_with('#'));
    assert!(CATALOG.validate(&found).is_empty());
    let problem = CATALOG.plan_from(&text.replace("\"top\"", "\"above\"")).unwrap_err();
    assert_eq!((problem.body, problem.argument.as_deref()), (Some(1), Some("place")));
}

proptest! {
    #[test]
    fn no_text_is_too_odd(text in any::<String>()) {
        let _ = CATALOG.plan_from(&text);
        let _ = CATALOG.plan_from(&format!("{{\"do\":\"box\",\"length\":{}}}", serde_json::Value::from(text)));
    }

    #[test]
    fn no_quantity_is_too_odd(text in "[-+*/×0-9. '\"a-zM#°½(),]{0,14}") {
        let _ = CATALOG.plan_from(&format!("{{\"do\":\"hole\",\"diameter\":{}}}", serde_json::Value::from(text)));
    }

    #[test]
    fn a_damaged_plan_is_read_or_refused(which in 0..100usize, at in any::<prop::sample::Index>(), sign in "[\"{}\\[\\],:0-9a-z\\\\-]{0,3}") {
        let all = examples_once();
        let (_, plan) = &all[which % all.len()];
        let mut text = CATALOG.compact(plan);
        let at = at.index(text.len());
        if text.is_char_boundary(at) && text.is_char_boundary(at + 1) {
            text.replace_range(at..=at, &sign);
        }
        if let Ok(found) = CATALOG.plan_from(&text) {
            CATALOG.validate(&found.plan);
        }
        let _ = CATALOG.apply_patch(plan, &text);
    }
}

fn examples_once() -> &'static [(String, Plan)] {
    static ALL: std::sync::LazyLock<Vec<(String, Plan)>> =
        std::sync::LazyLock::new(|| examples().into_iter().step_by(11).collect());
    &ALL
}
