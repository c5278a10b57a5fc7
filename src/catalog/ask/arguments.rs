//! The arguments of a step in the grammar: which come in which order, and what each may be.

use super::super::Catalog;
use super::super::table::{Argument, Step, Type};
use super::notation::{Grammar, Node, maybe, text};
use super::words;
use crate::domain::limits::ASKED_POINTS_MAX;

/// The arguments that an answer must have, then those that it may have, each in the table's order. A standard size ("M5") fills all of
/// its columns, so only the first of them must be there.
pub(super) fn in_turn(spec: &Step) -> (Vec<&Argument>, Vec<&Argument>) {
    let mut sized = false;
    spec.arguments.iter().filter(|argument| !argument.read_only).partition(|argument| {
        let by_size = words::sizes_of(spec, &argument.name).next().is_some();
        let first = !(by_size && sized);
        sized |= by_size;
        argument.required() && first
    })
}

/// `,"length":60,"width":40`, those first that a step can't do without. Each of them may be missing: a prompt that does not give a size is answered
/// without it, and the user is asked, instead of a model that is made to invent one.
pub(super) fn members(grammar: &mut Grammar, catalog: &Catalog, spec: &Step) -> Vec<Node> {
    let (required, optional) = in_turn(spec);
    let all = required.into_iter().chain(optional);
    all.map(|argument| {
        let value = value(grammar, catalog, spec, argument);
        maybe(Node::Row(vec![key(",", &argument.name), value]))
    })
    .collect()
}

/// What stands between the braces of an object that has at least one of these members, in this order. `name` begins the names of its rules.
pub(super) fn some_of(
    grammar: &mut Grammar,
    name: &str,
    required: usize,
    members: Vec<(Node, Node)>,
) -> Node {
    if required > 0 {
        let mut all = Vec::new();
        for (at, (key, value)) in members.into_iter().enumerate() {
            let mut member = vec![key, value];
            if at > 0 {
                member.insert(0, text(","));
            }
            let member = Node::Row(member);
            all.push(if at < required { member } else { maybe(member) });
        }
        return Node::Row(all);
    }
    // The first that is there decides which may follow: a chain of rules instead of every combination.
    let mut first = Vec::new();
    let mut rest: Option<Node> = None;
    for (at, (key, value)) in members.into_iter().enumerate().rev() {
        let member = vec![key, value];
        let after = |mut member: Vec<Node>, rest: &Option<Node>| {
            member.extend(rest.clone());
            Node::Row(member)
        };
        first.push(after(member.clone(), &rest));
        let following = maybe(Node::Row([vec![text(",")], member].concat()));
        let chained = after(vec![following], &rest);
        rest = Some(grammar.rule(&format!("{name}-{at}"), |_| chained));
    }
    first.reverse();
    Node::Either(first)
}

/// What stands behind the name of a placement: a point alone, other arguments as an object; none when it has none.
pub(super) fn point_or_members(
    grammar: &mut Grammar,
    catalog: &Catalog,
    spec: &Step,
    required: usize,
    arguments: &[&Argument],
) -> Option<Node> {
    match arguments {
        [] => None,
        [only] if matches!(only.type_, Type::Point | Type::Points) => {
            Some(value(grammar, catalog, spec, only))
        }
        all => {
            let member =
                |argument: &&Argument| (key("", &argument.name), value(grammar, catalog, spec, argument));
            let members = all.iter().map(member).collect();
            let inside = some_of(grammar, &format!("more-{}", spec.name), required, members);
            Some(Node::Row(vec![text("{"), inside, text("}")]))
        }
    }
}

/// `,"length":`
pub(super) fn key(before: &str, name: &str) -> Node {
    text(format!("{before}{}:", serde_json::Value::from(name)))
}

pub(super) fn value(grammar: &mut Grammar, catalog: &Catalog, spec: &Step, argument: &Argument) -> Node {
    let signed = argument.min.is_none_or(|min| min < 0.0);
    match argument.type_ {
        Type::Length => {
            let sizes = words::size(grammar, &catalog.sizes, spec, &argument.name);
            let length = if signed { words::signed_length(grammar) } else { words::length(grammar) };
            one_of(length, sizes)
        }
        Type::Angle => {
            let sizes = words::size(grammar, &catalog.sizes, spec, &argument.name);
            one_of(words::angle(grammar), sizes)
        }
        Type::Count => {
            let sizes = words::size(grammar, &catalog.sizes, spec, &argument.name);
            one_of(words::count(grammar), sizes)
        }
        Type::Choice => {
            let choices = argument.choices.keys().map(|choice| quoted(choice));
            Node::Either(choices.collect())
        }
        Type::Text => words::letters(grammar),
        Type::Switch => Node::Either(vec![text("true"), text("false")]),
        Type::Point => point(grammar),
        Type::Points => points(grammar),
        Type::Pair => {
            let length = if signed { words::signed_length(grammar) } else { words::length(grammar) };
            let name = if signed { "signed-pair" } else { "pair" };
            grammar.rule(name, |_| {
                let both = Node::Row(vec![text("["), length.clone(), text(","), length.clone(), text("]")]);
                Node::Either(vec![length, both])
            })
        }
    }
}

fn one_of(node: Node, more: Vec<Node>) -> Node {
    if more.is_empty() { node } else { Node::Either([vec![node], more].concat()) }
}

pub(super) fn quoted(word: &str) -> Node {
    text(serde_json::Value::from(word).to_string())
}

fn point(grammar: &mut Grammar) -> Node {
    let length = words::signed_length(grammar);
    grammar.rule("point", |_| Node::Row(vec![text("["), length.clone(), text(","), length, text("]")]))
}

fn points(grammar: &mut Grammar) -> Node {
    let point = point(grammar);
    grammar.rule("points", |_| {
        let more = Node::Row(vec![text(","), point.clone()]).times(0, ASKED_POINTS_MAX - 1);
        Node::Row(vec![text("["), point, more, text("]")])
    })
}

/// Degrees about three axes.
pub(super) fn turn(grammar: &mut Grammar) -> Node {
    let angle = words::angle(grammar);
    grammar.rule("turn", |_| {
        let comma = || text(",");
        Node::Row(vec![text("["), angle.clone(), comma(), angle.clone(), comma(), angle, text("]")])
    })
}
