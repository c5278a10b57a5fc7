//! The grammar of a plan: `{"plan":1,"bodies":[{"name":"plate","steps":[{"do":"box","length":60,...},...]}]}`, without any white space, keys in
//! one order, every list bounded.

use super::super::Catalog;
use super::super::scene::USUAL_FACE;
use super::super::table::{Combine, Kind, Step};
use super::arguments::{in_turn, key, members, point_or_members, quoted, turn};
use super::notation::{Grammar, Node, maybe, text};
use super::words;
use crate::domain::limits::{ASKED_BODIES_MAX, ASKED_STEPS_MAX};
use crate::domain::plan::PLAN_VERSION;

pub(in crate::catalog) fn plan_grammar(catalog: &Catalog) -> Grammar {
    let mut grammar = Grammar::default();
    grammar.rule("plan", |grammar| {
        let first = body(grammar, catalog, true);
        let later = Node::Row(vec![text(","), body(grammar, catalog, false)]);
        Node::Row(vec![
            text(format!("{{\"plan\":{PLAN_VERSION},\"bodies\":[")),
            first,
            later.times(0, ASKED_BODIES_MAX - 1),
            text("]}"),
        ])
    });
    grammar
}

fn body(grammar: &mut Grammar, catalog: &Catalog, first: bool) -> Node {
    grammar.rule(if first { "first-body" } else { "later-body" }, |grammar| {
        let mut all = vec![
            text("{\"name\":"),
            words::name(grammar),
            maybe(Node::Row(vec![text(",\"colour\":"), words::colour(grammar)])),
        ];
        if !first {
            all.push(maybe(Node::Row(vec![text(",\"place\":"), seat(grammar, catalog)])));
        }
        let later = Node::Row(vec![text(","), later_step(grammar, catalog)]);
        all.extend([
            text(",\"steps\":["),
            first_step(grammar, catalog),
            later.times(0, ASKED_STEPS_MAX - 1),
            text("]}"),
        ]);
        Node::Row(all)
    })
}

/// Where a body is beside an earlier one.
pub(super) fn seat(grammar: &mut Grammar, catalog: &Catalog) -> Node {
    grammar.rule("seat", |grammar| {
        let sides = ["top", "bottom", "front", "back", "left", "right", "inside"].map(quoted);
        Node::Row(vec![
            text("{\"to\":"),
            words::name(grammar),
            text(",\"side\":"),
            Node::Either(sides.to_vec()),
            maybe(Node::Row(vec![text(",\"gap\":"), words::signed_length(grammar)])),
            maybe(Node::Row(vec![text(",\"at\":"), anywhere(grammar, catalog)])),
            maybe(Node::Row(vec![text(",\"turn\":"), turn(grammar)])),
            text("}"),
        ])
    })
}

/// The step that makes the body.
pub(super) fn first_step(grammar: &mut Grammar, catalog: &Catalog) -> Node {
    grammar.rule("first-step", |grammar| {
        let base = one_step_of(grammar, catalog, "base", |spec| spec.kind == Kind::Base);
        Node::Row(vec![text("{\"do\":\""), base, text("}")])
    })
}

/// A step that changes the body: a feature, or a base that is put on it.
pub(super) fn later_step(grammar: &mut Grammar, catalog: &Catalog) -> Node {
    grammar.rule("later-step", |grammar| {
        let feature = one_step_of(grammar, catalog, "feature", |spec| spec.kind == Kind::Feature);
        // What makes more than one body can't be joined.
        let joined =
            one_step_of(grammar, catalog, "joined", |spec| spec.kind == Kind::Base && spec.extras.is_empty());
        let joined = Node::Row(vec![
            joined,
            maybe(Node::Row(vec![text(",\"on\":"), face(grammar, catalog)])),
            maybe(Node::Row(vec![text(",\"at\":"), anywhere(grammar, catalog)])),
            text(",\"combine\":"),
            combine(grammar),
            maybe(Node::Row(vec![text(",\"turn\":"), turn(grammar)])),
            maybe(Node::Row(vec![text(",\"lift\":"), words::signed_length(grammar)])),
        ]);
        Node::Row(vec![text("{\"do\":\""), Node::Either(vec![feature, joined]), text("}")])
    })
}

pub(super) fn combine(grammar: &mut Grammar) -> Node {
    grammar.rule("combine", |_| Node::Either(["add", "cut", "common"].map(quoted).to_vec()))
}

fn one_step_of(grammar: &mut Grammar, catalog: &Catalog, name: &str, wanted: fn(&Step) -> bool) -> Node {
    grammar.rule(name, |grammar| {
        let steps = catalog.steps.iter().filter(|spec| wanted(spec));
        Node::Either(steps.map(|spec| step(grammar, catalog, spec)).collect())
    })
}

/// From the step's name to its last member, for a feature with its place.
fn step(grammar: &mut Grammar, catalog: &Catalog, spec: &Step) -> Node {
    grammar.rule(&format!("do-{}", spec.name), |grammar| {
        let name = serde_json::Value::from(spec.name.as_str()).to_string();
        let mut all = vec![text(name.trim_start_matches('"'))];
        all.extend(members(grammar, catalog, spec));
        if spec.combine.is_some_and(Combine::is_placed) {
            all.push(maybe(Node::Row(vec![text(",\"on\":"), face(grammar, catalog)])));
            if let Some(place) = placement(grammar, catalog, spec) {
                all.push(maybe(Node::Row(vec![text(",\"at\":"), place])));
            }
        }
        Node::Row(all)
    })
}

/// The names of faces, and of steps that leave a new one.
pub(super) fn face(grammar: &mut Grammar, catalog: &Catalog) -> Node {
    grammar.rule("face", |_| Node::Either(face_names(catalog).into_iter().map(quoted).collect()))
}

pub(super) fn face_names(catalog: &Catalog) -> Vec<&str> {
    let common = catalog.faces.iter().map(|face| face.name.as_str());
    let own = catalog.steps.iter().flat_map(|spec| &spec.own_faces).map(|face| face.name.as_str());
    let left = |spec: &&Step| spec.surface.is_some() || (spec.kind == Kind::Base && spec.extras.is_empty());
    let left = catalog.steps.iter().filter(left).map(|spec| spec.name.as_str());
    let mut names: Vec<&str> = Vec::new();
    for name in [USUAL_FACE].into_iter().chain(common).chain(own).chain(left) {
        if !names.contains(&name) {
            names.push(name);
        }
    }
    names
}

/// The places that a feature may have; none for one that is not placed.
pub(super) fn placement(grammar: &mut Grammar, catalog: &Catalog, spec: &Step) -> Option<Node> {
    let names: Vec<&str> = spec.placements.iter().map(String::as_str).collect();
    (!names.is_empty()).then(|| places(grammar, catalog, &names))
}

/// Where a base may be put: anywhere.
pub(super) fn anywhere(grammar: &mut Grammar, catalog: &Catalog) -> Node {
    let all = catalog.steps.iter().filter(|spec| matches!(spec.kind, Kind::Placement | Kind::Pattern));
    let names: Vec<&str> = all.map(|spec| spec.name.as_str()).collect();
    places(grammar, catalog, &names)
}

fn places(grammar: &mut Grammar, catalog: &Catalog, names: &[&str]) -> Node {
    let mut sorted = names.to_vec();
    sorted.sort_unstable();
    grammar.rule(&format!("at-{}", sorted.join("-")), |grammar| {
        let specs = sorted.iter().filter_map(|name| catalog.step(name));
        Node::Either(specs.map(|spec| place(grammar, catalog, spec)).collect())
    })
}

/// `"center"`, `{"at":[10,5]}`, `{"corners":{"inset":6}}`
fn place(grammar: &mut Grammar, catalog: &Catalog, spec: &Step) -> Node {
    grammar.rule(&format!("place-{}", spec.name), |grammar| {
        let (required, optional) = in_turn(spec);
        let mut ways = Vec::new();
        if required.is_empty() {
            ways.push(quoted(&spec.name));
        }
        let all = [required.clone(), optional].concat();
        if let Some(inside) = point_or_members(grammar, catalog, spec, required.len(), &all) {
            ways.push(Node::Row(vec![key("{", &spec.name), inside, text("}")]));
        }
        Node::Either(ways)
    })
}
