//! Patches: what they change, and that they change nothing else.

use super::{CATALOG, plan_of};
use crate::catalog::Patched;
use crate::domain::plan::{Plan, Problem};

fn part() -> Plan {
    plan_of(
        r#"{"plan":1,"bodies":[{"name":"plate","steps":[{"do":"box","length":60,"width":40,"height":10},
        {"do":"hole","diameter":5.5,"depth":4,"on":"top","at":{"corners":{"inset":6}}},
        {"do":"counterbore","diameter":5.5,"head_diameter":10,"head_depth":5.4,"at":"center"}]},
        {"name":"post","place":{"to":"plate","side":"top","gap":1},"steps":[{"do":"cylinder","diameter":10,"height":30}]}]}"#,
    )
}

fn patched(changes: &str) -> Patched {
    let text = format!(r#"{{"patch":1,"changes":[{changes}]}}"#);
    CATALOG.apply_patch(&part(), &text).unwrap_or_else(|problem| panic!("{problem:?}"))
}

fn refused(changes: &str) -> Problem {
    CATALOG.apply_patch(&part(), &format!(r#"{{"patch":1,"changes":[{changes}]}}"#)).unwrap_err()
}

#[test]
fn steps_are_listed_by_the_numbers_that_a_patch_names() {
    insta::assert_snapshot!(CATALOG.numbered(&part()), @r#"
    body 1 plate
    1 box length=60 width=40 height=10
    2 hole diameter=5.5 depth=4 on=top at={"corners":{"inset":6}}
    3 counterbore diameter=5.5 head_diameter=10 head_depth=5.4 at=center
    body 2 post
    4 cylinder diameter=10 height=30
    "#);
}

#[test]
fn a_set_changes_its_values_and_nothing_else() {
    let found = patched(r#"{"change":"set","step":2,"values":{"diameter":"1/4in","depth":null}}"#);
    let mut expected = part();
    let hole = plan_of(
        r#"{"plan":1,"bodies":[{"name":"x","steps":[{"do":"hole","diameter":6.35,"on":"top","at":{"corners":{"inset":6}}}]}]}"#,
    );
    expected.bodies[0].steps[1] = hole.bodies[0].steps[0].clone();
    assert_eq!(found.plan, expected);
    assert_eq!(found.changes, CATALOG.diff(&part(), &found.plan));
    assert_eq!(found.changes.len(), 2);
    assert_eq!(found.converted, [("1/4in".to_owned(), "6.35 mm".to_owned())]);
    let text = serde_json::to_string(&found.patch).unwrap();
    assert_eq!(
        text,
        r#"{"patch":1,"changes":[{"change":"set","step":2,"values":{"diameter":6.35,"depth":null}}]}"#
    );
    assert_eq!(CATALOG.apply_patch(&part(), &text).unwrap().plan, expected);
}

#[test]
fn a_new_standard_size_brings_what_came_from_the_old_one() {
    let fresh = |size: &str| {
        let text = format!(
            r#"{{"steps":[{{"do":"box","length":60,"width":40,"height":10}},{{"do":"counterbore","diameter":"{size}"}}]}}"#
        );
        CATALOG.plan_from(&text).unwrap().plan
    };
    let text = r#"{"change":"set","step":2,"values":{"diameter":"M6"}}"#;
    assert_eq!(CATALOG.apply_patch(&fresh("M5"), text).unwrap().plan, fresh("M6"));
    // A head of its own stays.
    let mut own = fresh("M5");
    own.bodies[0].steps[1].arguments.set("head_depth", crate::domain::plan::Value::Number(2.0));
    let found = CATALOG.apply_patch(&own, text).unwrap().plan;
    assert_eq!(found.bodies[0].steps[1].arguments.number("head_depth"), Some(2.0));
}

#[test]
fn steps_move_go_and_come() {
    let found = patched(r#"{"change":"move","step":3,"on":"front","at":{"at":[10,0]}}"#).plan;
    let step = &found.bodies[0].steps[2];
    assert_eq!(step.on.as_deref(), Some("front"));
    assert_eq!(
        step.at,
        plan_of(r#"{"plan":1,"bodies":[{"name":"x","steps":[{"do":"hole","at":{"at":[10,0]}}]}]}"#).bodies[0]
            .steps[0]
            .at
    );
    // Numbers are those of the plan before the patch.
    let found = patched(r#"{"change":"remove","step":2},{"change":"set","step":3,"values":{"head_depth":3}},{"change":"add","step":{"do":"chamfer","length":1}}"#).plan;
    let names: Vec<&str> = found.bodies[0].steps.iter().map(|step| step.do_.as_str()).collect();
    assert_eq!(names, ["box", "counterbore", "chamfer"]);
    assert_eq!(found.bodies[0].steps[1].arguments.number("head_depth"), Some(3.0));
    // A base takes its body with it.
    let found = patched(r#"{"change":"remove","step":4}"#).plan;
    assert_eq!(found.bodies.len(), 1);
    let found = patched(r#"{"change":"add","step":{"do":"hole","diameter":3},"body":"post"}"#).plan;
    assert_eq!(found.bodies[1].steps.len(), 2);
    let found = patched(
        r#"{"change":"add","step":{"do":"sphere","diameter":8},"body":3,"place":{"to":"post","side":"top"}}"#,
    )
    .plan;
    assert_eq!((found.bodies[2].name.as_str(), found.bodies[2].steps.len()), ("sphere", 1));
    assert!(CATALOG.validate(&found).is_empty());
}

#[test]
fn a_question_leaves_the_plan_alone() {
    let found = patched(r#"{"change":"ask","question":"Which hole?"}"#);
    assert_eq!((found.plan, found.question.as_deref()), (part(), Some("Which hole?")));
    assert!(found.changes.is_empty());
}

#[test]
fn what_changes_nothing_or_is_not_there_is_a_problem() {
    for (change, message, step) in [
        (r#"{"change":"set","step":2,"values":{"diameter":5.5}}"#, "already", Some(1)),
        (r#"{"change":"set","step":2,"values":{}}"#, "already", Some(1)),
        (r#"{"change":"set","step":2}"#, "values are missing", Some(1)),
        (r#"{"change":"set","step":2,"values":{"diameter":null}}"#, "can't be left out", Some(1)),
        (r#"{"change":"set","step":2,"values":{"diameter":"big"}}"#, "can't be", Some(1)),
        (r#"{"change":"set","step":2,"values":{"wobble":1}}"#, "no argument", Some(1)),
        (r#"{"change":"set","step":9,"values":{"diameter":5}}"#, "no step 9", None),
        (r#"{"change":"set","step":0,"values":{"diameter":5}}"#, "no step 0", None),
        (r#"{"change":"set","values":{"diameter":5}}"#, "no step", None),
        (r#"{"change":"move","step":3,"at":"center"}"#, "there already", Some(2)),
        (r#"{"change":"move","step":1,"on":"front"}"#, "no place", Some(0)),
        (r#"{"change":"remove","step":2},{"change":"remove","step":2}"#, "removed before", Some(1)),
        (r#"{"change":"remove","step":1}"#, "stands beside", None),
        (r#"{"change":"remove","step":1},{"change":"remove","step":4}"#, "whole part", None),
        (r#"{"change":"add","step":{"do":"wobble"}}"#, "no step `wobble`", None),
        (r#"{"change":"add","step":{"do":"hole","diameter":3},"body":7}"#, "no body", None),
        (r#"{"change":"ask"}"#, "no question", None),
        (r#"{"change":"paint"}"#, "no such change", None),
        ("7", "no object", None),
        ("", "0 changes", None),
    ] {
        let problem = refused(change);
        assert!(problem.message.contains(message), "{change}: {problem:?}");
        assert_eq!(problem.step, step, "{change}");
        assert!(!problem.hint.is_empty());
    }
    assert!(CATALOG.apply_patch(&part(), "no patch").is_err());
    assert!(CATALOG.apply_patch(&part(), r#"{"patch":3,"changes":[]}"#).is_err());
}
