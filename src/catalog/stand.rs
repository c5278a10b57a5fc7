//! The steps of a body as they stand in a plan: on which face, at how many places, and what a person would call them.

use super::Catalog;
use super::scene::{Fault, Names, Scene, Site, USUAL_FACE, in_order};
use super::scope::Scope;
use super::table::{Argument, Combine, Kind, Step, Type};
use crate::domain::plan::{self, Arguments, Body, Value};
use crate::domain::quantity::round;

/// A step of a plan, and what is around it.
pub(super) struct Stand<'c> {
    pub spec: &'c Step,
    pub site: Site<'c>,
    /// How many pieces it makes on one face.
    pub pieces: f64,
    /// The same for all faces it is on: two holes in each of four bosses.
    pub total: f64,
}

/// How many pieces a step makes at its place.
pub(super) fn made(catalog: &Catalog, site: &Site<'_>) -> f64 {
    site.place.as_ref().map_or(1.0, |(place, scope)| places(catalog, place, scope, &site.place_arguments))
}

/// How many places a placement names.
pub(super) fn places(catalog: &Catalog, place: &Step, scope: &Scope, arguments: &Arguments) -> f64 {
    let Some(pieces) = &place.pieces else { return 1.0 };
    // A fixed number needs no names.
    let points = arguments.iter().find_map(|(_, value)| match value {
        Value::Points(points) => Some(points.len() as f64),
        _ => None,
    });
    pieces.parse().ok().or(points).or_else(|| scope.number(&catalog.tera, pieces)).unwrap_or(1.0)
}

/// A body's steps up to `until` in the order in which they are built, with the scene that they leave.
pub(super) struct Walk<'c> {
    pub scene: Scene<'c>,
    /// By index of the step; none for what was not reached.
    pub stands: Vec<Option<Stand<'c>>>,
    /// How many pieces each step makes in all, in the order of building.
    pub pieces: Vec<(String, f64)>,
}

/// Walks a body up to, and without, the step `until`; through all of it when that is none.
pub(super) fn walk<'c>(catalog: &'c Catalog, body: &Body, until: Option<usize>) -> Result<Walk<'c>, Fault> {
    let mut walk = Walk {
        scene: Scene::new(catalog),
        stands: body.steps.iter().map(|_| None).collect(),
        pieces: Vec::new(),
    };
    let order: Vec<usize> = in_order(catalog, body).into_iter().map(|(at, _, _)| at).collect();
    for at in order.into_iter().take_while(|at| Some(*at) != until) {
        let step = &body.steps[at];
        let Some(spec) = catalog.step(&step.do_) else { continue };
        let site = walk.scene.site(spec, step, &Names::default())?;
        let pieces = made(catalog, &site);
        let host = step.on.as_ref().and_then(|on| walk.pieces.iter().rev().find(|(name, _)| name == on));
        let total = pieces * host.map_or(1.0, |(_, pieces)| *pieces);
        walk.pieces.push((spec.name.clone(), total));
        walk.scene.take(spec, &site);
        walk.stands[at] = Some(Stand { spec, site, pieces, total });
    }
    Ok(walk)
}

/// A number of pieces, which a plan and its expressions hold as any other number.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a count of pieces: whole, positive and small"
)]
pub(super) fn whole(pieces: f64) -> u32 {
    pieces as u32
}

/// `holes`, `bosses`
pub(super) fn plural(title: &str, count: f64) -> String {
    let title = title.to_lowercase();
    if count < 1.5 {
        title
    } else if ["s", "x", "ch", "sh"].iter().any(|end| title.ends_with(end)) {
        format!("{title}es")
    } else {
        format!("{title}s")
    }
}

/// `4 holes`, `boss`
pub(super) fn counted(spec: &Step, pieces: f64) -> String {
    let noun = plural(&spec.title, pieces);
    if pieces < 1.5 { noun } else { format!("{pieces} {noun}") }
}

/// `in the corners`, `at 10, 5 on the front face`, `on the top edges`; empty for a base.
pub(super) fn whereabouts(catalog: &Catalog, spec: &Step, step: &plan::Step) -> String {
    let mut words: Vec<String> = Vec::new();
    if spec.combine == Some(Combine::Edges) {
        let chosen = spec.arguments.iter().filter(|argument| argument.type_ == Type::Choice);
        let edges =
            chosen.filter_map(|argument| step.arguments.get(&argument.name)?.text().map(str::to_owned));
        words.extend(edges.map(|edges| format!("on {edges} edges")));
    }
    if let Some(placement) = &step.at
        && let Some(place) = catalog.step(&placement.name)
    {
        words.push(place_words(place, placement));
    }
    if let Some(on) = step.on.as_ref().filter(|on| *on != USUAL_FACE) {
        let face = catalog.face(on).is_some();
        words.push(if face { format!("on the {on} face") } else { format!("on the {on}") });
    }
    words.retain(|word| !word.is_empty());
    words.join(" ")
}

/// `in the corners`, `at 10, 5`
pub(super) fn place_words(place: &Step, placement: &plan::Placement) -> String {
    let said = place.where_.trim();
    if !said.is_empty() {
        return said.to_owned();
    }
    let arguments = super::scene::arguments_of(place, &placement.detail);
    let told: Vec<String> = place
        .arguments
        .iter()
        .filter_map(|argument| {
            let value = arguments.get(&argument.name)?;
            Some(match value {
                Value::List(list) if argument.type_ == Type::Point => {
                    format!("at {}", list.iter().map(f64::to_string).collect::<Vec<_>>().join(", "))
                }
                value => format!("{} {}", told(argument, value), argument.title.to_lowercase()),
            })
        })
        .collect();
    told.join(" and ")
}

/// `60 mm`, `20 x 10 mm`, `top`
pub(super) fn told(argument: &Argument, value: &Value) -> String {
    let unit = argument.unit();
    let value = match value {
        Value::Number(number) => Value::Number(round(*number)),
        other => other.clone(),
    };
    let text = match &value {
        Value::List(list) if argument.type_ == Type::Point => {
            list.iter().map(f64::to_string).collect::<Vec<_>>().join(", ")
        }
        Value::Points(points) => {
            points.iter().map(|[x, y]| format!("({x}, {y})")).collect::<Vec<_>>().join(" ")
        }
        other => other.to_string(),
    };
    if unit.is_empty() || matches!(value, Value::Text(_) | Value::Points(_)) {
        text
    } else {
        format!("{text} {unit}")
    }
}

/// The arguments that one bare number stands for: what people mean by the size of it.
pub(super) fn main_arguments(spec: &Step) -> Vec<&Argument> {
    let names = spec.groups.get("1").into_iter().flatten().flat_map(|names| super::load::joined(names));
    names.filter_map(|name| spec.argument(name)).collect()
}

/// `hole 20 mm in the centre`
pub(super) fn described(catalog: &Catalog, spec: &Step, step: &plan::Step, pieces: f64) -> String {
    let size = main_arguments(spec)
        .into_iter()
        .find_map(|argument| Some(told(argument, step.arguments.get(&argument.name)?)));
    let counted = if spec.kind == Kind::Base { spec.title.to_lowercase() } else { counted(spec, pieces) };
    [counted, size.unwrap_or_default(), whereabouts(catalog, spec, step)]
        .into_iter()
        .filter(|words| !words.is_empty())
        .collect::<Vec<_>>()
        .join(" ")
}
