//! The format of a plan is a contract: this is its example from the design, to the letter.

use super::*;

const EXAMPLE: &str = r#"{"plan": 1, "bodies": [
  {"name": "plate", "steps": [
    {"do": "box", "length": 60, "width": 40, "height": 10},
    {"do": "hole", "diameter": 5.5, "on": "top", "at": {"corners": {"inset": 6}}},
    {"do": "fillet", "edges": "vertical", "radius": 5}]}]}"#;

#[test]
fn the_example_of_the_design_survives_reading_and_writing() {
    let plan: Plan = serde_json::from_str(EXAMPLE).unwrap();
    let as_read: serde_json::Value = serde_json::from_str(EXAMPLE).unwrap();
    assert_eq!(serde_json::to_string(&plan).unwrap(), serde_json::to_string(&as_read).unwrap());
    insta::assert_json_snapshot!(plan);
}

#[test]
fn every_form_of_placement_survives() {
    for text in [
        r#""center""#,
        r#"{"at":[10,-5.5]}"#,
        r#"{"edges":{"left":10,"front":15}}"#,
        r#"{"corners":{"inset":[6,8]}}"#,
        r#"{"circle":{"diameter":40,"count":6,"start":0}}"#,
        r#"{"grid":{"columns":3,"rows":2,"spacing":[20,15]}}"#,
        r#"{"line":{"count":4,"spacing":15,"direction":"x"}}"#,
    ] {
        let placement: Placement = serde_json::from_str(text).unwrap();
        assert_eq!(serde_json::to_string(&placement).unwrap(), text);
    }
}

#[test]
fn what_is_not_a_plan_is_refused_with_the_reason() {
    for (text, expected) in [
        (r#"{"plan":1,"bodies":[],"extra":1}"#, "unknown field `extra`"),
        (r#"{"plan":1,"bodies":[{"name":"a","steps":[{"length":1}]}]}"#, "missing field `do`"),
        (r#"{"plan":1,"bodies":[{"name":"a","steps":[],"color":"red"}]}"#, "unknown field `color`"),
        (
            r#"{"plan":1,"bodies":[{"name":"a","steps":[{"do":"hole","at":{"at":[1,2],"corner":"x"}}]}]}"#,
            "not also `corner`",
        ),
        (r#"{"plan":1,"bodies":[{"name":"a","steps":[{"do":"hole","at":3}]}]}"#, "a placement"),
    ] {
        let error = serde_json::from_str::<Plan>(text).unwrap_err().to_string();
        assert!(error.contains(expected), "{text}: {error}");
    }
}
