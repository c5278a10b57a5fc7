//! The grammar of a patch for one plan: only its steps can be named, each with its own arguments. A `null` takes a value away.

use super::super::Catalog;
use super::super::scene::combine_of;
use super::super::table::{Combine, Step};
use super::arguments::{in_turn, key, some_of, turn, value};
use super::grammar::{anywhere, combine, face, first_step, later_step, placement, seat};
use super::notation::{Grammar, Node, maybe, text};
use super::words;
use crate::domain::limits::{ASKED_CHANGES_MAX, ASKED_QUESTION_CHARS_MAX};
use crate::domain::patch::PATCH_VERSION;
use crate::domain::plan::{self, Plan};

pub(in crate::catalog) fn patch_grammar(catalog: &Catalog, plan: &Plan) -> Grammar {
    let mut grammar = Grammar::default();
    grammar.rule("patch", |grammar| {
        let change = change(grammar, catalog, plan);
        let more = Node::Row(vec![text(","), change.clone()]).times(0, ASKED_CHANGES_MAX - 1);
        Node::Row(vec![text(format!("{{\"patch\":{PATCH_VERSION},\"changes\":[")), change, more, text("]}")])
    });
    grammar
}

fn change(grammar: &mut Grammar, catalog: &Catalog, plan: &Plan) -> Node {
    grammar.rule("change", |grammar| {
        let mut ways = Vec::new();
        let set = numbered(plan, |step| values(grammar, catalog, step));
        let moved = numbered(plan, |step| place(grammar, catalog, step));
        for (name, steps) in [("set", set), ("move", moved)] {
            if !steps.is_empty() {
                ways.push(Node::Row(vec![text(format!("{name}\",\"step\":")), Node::Either(steps)]));
            }
        }
        let count: usize = plan.bodies.iter().map(|body| body.steps.len()).sum();
        let number = (1..=count).map(|number| text(format!("{number}}}"))).collect();
        ways.push(Node::Row(vec![text("remove\",\"step\":"), Node::Either(number)]));
        ways.push(added(grammar, catalog, plan));
        let question = words::sentence(grammar, "question", ASKED_QUESTION_CHARS_MAX);
        ways.push(Node::Row(vec![text("ask\",\"question\":"), question, text("}")]));
        Node::Row(vec![text("{\"change\":\""), Node::Either(ways)])
    })
}

/// For every step with something to say: its number, what is said, and the closing brace.
fn numbered(plan: &Plan, mut said: impl FnMut(&plan::Step) -> Option<Node>) -> Vec<Node> {
    let steps = plan.bodies.iter().flat_map(|body| &body.steps).enumerate();
    let one = |(at, step)| Some(Node::Row(vec![text(format!("{},", at + 1)), said(step)?, text("}")]));
    steps.filter_map(one).collect()
}

/// `"values":{"diameter":8,"depth":null}`
fn values(grammar: &mut Grammar, catalog: &Catalog, step: &plan::Step) -> Option<Node> {
    let spec = catalog.step(&step.do_)?;
    let joined = step.combine.is_some();
    let (required, optional) = in_turn(spec);
    if required.is_empty() && optional.is_empty() && !joined {
        return None;
    }
    let name = if joined { format!("joined-values-{}", spec.name) } else { format!("values-{}", spec.name) };
    Some(grammar.rule(&name, |grammar| {
        let mut all = Vec::new();
        for argument in required.into_iter().chain(optional) {
            let value = value(grammar, catalog, spec, argument);
            let value = if argument.required() { value } else { Node::Either(vec![value, text("null")]) };
            all.push((key("", &argument.name), value));
        }
        if joined {
            let or_null = |value| Node::Either(vec![value, text("null")]);
            all.push((key("", "combine"), combine(grammar)));
            all.push((key("", "turn"), or_null(turn(grammar))));
            all.push((key("", "lift"), or_null(words::signed_length(grammar))));
        }
        let some = some_of(grammar, &format!("more-{name}"), 0, all);
        Node::Row(vec![text("\"values\":{"), some, text("}")])
    }))
}

/// `"on":"front","at":"center"`, or one of them.
fn place(grammar: &mut Grammar, catalog: &Catalog, step: &plan::Step) -> Option<Node> {
    let spec = catalog.step(&step.do_)?;
    if !combine_of(spec, step).is_some_and(Combine::is_placed) {
        return None;
    }
    let name = if step.combine.is_some() { "to-anywhere".to_owned() } else { format!("to-{}", spec.name) };
    Some(grammar.rule(&name, |grammar| {
        let on = Node::Row(vec![text("\"on\":"), face(grammar, catalog)]);
        let Some(place) = places_of(grammar, catalog, spec, step) else { return on };
        let at = Node::Row(vec![text("\"at\":"), place]);
        let both = Node::Row(vec![on, maybe(Node::Row(vec![text(","), at.clone()]))]);
        Node::Either(vec![both, at])
    }))
}

fn places_of(grammar: &mut Grammar, catalog: &Catalog, spec: &Step, step: &plan::Step) -> Option<Node> {
    if step.combine.is_some() { Some(anywhere(grammar, catalog)) } else { placement(grammar, catalog, spec) }
}

/// `{"change":"add","step":{...},"body":2}`: a step goes to a body that is there, a base alone makes a new one.
fn added(grammar: &mut Grammar, catalog: &Catalog, plan: &Plan) -> Node {
    let step = later_step(grammar, catalog);
    let bodies: Vec<Node> = (1..=plan.bodies.len()).map(|body| text(body.to_string())).collect();
    let there = maybe(Node::Row(vec![text(",\"body\":"), Node::Either(bodies)]));
    let base = first_step(grammar, catalog);
    let new = text(format!(",\"body\":{}", plan.bodies.len() + 1));
    let beside = maybe(Node::Row(vec![text(",\"place\":"), seat(grammar, catalog)]));
    let ways = vec![Node::Row(vec![step, there]), Node::Row(vec![base, new, beside])];
    Node::Row(vec![text("add\",\"step\":"), Node::Either(ways), text("}")])
}
