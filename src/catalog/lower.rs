//! Lowering: a plan becomes the program that a person would have written. The steps' templates write the geometry; named dimensions, checks
//! and the placing on faces are the same for all steps and written here.

use std::collections::BTreeMap;

use serde::Serialize;
use tera::Context;

use super::names::{Namer, upper};
use super::parameters::name_parameters;
use super::rules::limits;
use super::scene::{Face, Scene, Site, USUAL_FACE, chosen_edges, in_order};
use super::scope::{Scope, grouped};
use super::table::{Combine, Kind, Step, Type};
use super::{Catalog, Error};
use crate::domain::plan::{self, Arguments, Body, Plan, Value};

/// The first line of a program holds this much of the prompt.
const SUMMARY_CHARS_MAX: usize = 100;

#[derive(Debug, Clone, PartialEq)]
pub struct Program {
    pub source: String,
    pub parameters: Vec<Parameter>,
}

/// A named dimension of a program and its place in the plan.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Parameter {
    pub name: String,
    pub value: f64,
    /// Indices of the body and of the step in it.
    pub body: usize,
    pub step: usize,
    /// `diameter`, or for the placement `at.inset`, `at.inset.x`.
    pub argument: String,
}

#[derive(Serialize)]
struct Finished {
    key: String,
    variable: String,
}

/// What all bodies of one program share.
#[derive(Default)]
pub(super) struct Draft {
    pub(super) namer: Namer,
    pub(super) parameters: Vec<Parameter>,
    pub(super) lines: Vec<String>,
    checks: Vec<String>,
    blocks: Vec<String>,
}

/// How a face is written: a variable for one plane, or for a list of them with the name of each.
struct Written {
    plane: String,
    planes: Option<String>,
    /// The line that defines it, until it has been written.
    line: Option<String>,
}

pub(super) fn lower(catalog: &Catalog, plan: &Plan, title: &str) -> Result<Program, Error> {
    if let Some(problem) = catalog.validate(plan).into_iter().next() {
        return Err(Error::Plan(problem));
    }
    let mut draft = Draft::default();
    let mut bodies = Vec::new();
    for (index, body) in plan.bodies.iter().enumerate() {
        let prefix = (plan.bodies.len() > 1).then_some(body.name.as_str());
        let variable = lower_body(catalog, &mut draft, index, body, prefix)?;
        bodies.push(Finished { key: python_text(&body.name), variable });
    }
    let mut context = Context::new();
    context.insert("summary", &summary(title));
    context.insert("parameters", &draft.lines);
    context.insert("checks", &draft.checks);
    context.insert("blocks", &draft.blocks);
    context.insert("bodies", &bodies);
    let text = render(catalog, "program.py.tera", &context)?;
    Ok(Program { source: format!("{}\n", text.trim_end()), parameters: draft.parameters })
}

fn render(catalog: &Catalog, name: &str, context: &Context) -> Result<String, Error> {
    catalog.tera.render(name, context).map_err(|source| Error::Template { step: name.to_owned(), source })
}

/// The prompt, shortened, as the docstring's line.
fn summary(title: &str) -> String {
    let line = one_line(title);
    let mut short: String = line.chars().take(SUMMARY_CHARS_MAX).collect();
    if line.chars().count() > SUMMARY_CHARS_MAX {
        short.push_str(" ...");
    }
    if short.is_empty() { "A part.".to_owned() } else { short }
}

/// Text that is safe in a comment, a docstring and a quoted string.
fn one_line(text: &str) -> String {
    let words = text.split_whitespace().collect::<Vec<_>>().join(" ");
    words
        .chars()
        .filter(|c| !c.is_control())
        .map(|c| if matches!(c, '"' | '\\') { '\'' } else { c })
        .collect()
}

fn python_text(text: &str) -> String {
    format!("\"{}\"", one_line(text))
}

fn lower_body(
    catalog: &Catalog,
    draft: &mut Draft,
    index: usize,
    body: &Body,
    prefix: Option<&str>,
) -> Result<String, Error> {
    let variable = draft.namer.variable(&body.name);
    let mut scene = Scene::new(catalog);
    let mut written: BTreeMap<String, Written> = BTreeMap::new();
    let mut rounded = false;
    for (at, spec, step) in in_order(catalog, body) {
        let tool =
            if spec.kind == Kind::Base { variable.clone() } else { step_variable(draft, spec, prefix) };
        let names = name_parameters(catalog, draft, (index, at), spec, step, &tool, prefix);
        let site = scene.site(spec, step, &names).map_err(|fault| {
            Error::Plan(plan::Problem {
                body: Some(index),
                step: Some(at),
                argument: fault.argument,
                message: fault.message,
                hint: fault.hint,
            })
        })?;
        add_checks(catalog, draft, spec, &site);
        let mut context = step_context(catalog, spec, &site);
        context.insert("body", &variable);
        context.insert("name", &one_line(&body.name));
        context.insert("tool", &tool);
        context.insert("rounded", &rounded);
        if spec.combine == Some(Combine::Edges)
            && let (Some(base), Some(edges)) = (scene.base(), chosen_edges(spec, &step.arguments))
        {
            context.insert("selected", &render(catalog, &format!("edges/{}/{edges}", base.name), &context)?);
            rounded |= spec.rounds.iter().any(|round| round == edges);
        }
        let geometry = render(catalog, &format!("steps/{}.py.tera", spec.name), &context)?;
        let mut lines =
            vec![format!("# {}", render(catalog, &format!("comment/{}", spec.name), &context)?.trim())];
        if let Some(face) = &site.face {
            let on = step.on.as_deref().unwrap_or(USUAL_FACE);
            lines.extend(plane_line(catalog, draft, &mut written, on, &context, prefix)?);
            lines.push(geometry.trim().to_owned());
            lines.push(put(catalog, &mut context, spec, face, &site, &written, on)?);
            if spec.surface.is_some() {
                remember_surface(draft, &mut written, spec, &site, &tool, &context);
            }
        } else {
            lines.push(geometry.trim().to_owned());
        }
        draft.blocks.push(lines.join("\n"));
        scene.take(spec, &site);
    }
    if let Some(colour) = &body.colour {
        draft.blocks.push(format!("{variable}.color = Color(\"{colour}\")"));
    }
    Ok(variable)
}

fn step_variable(draft: &mut Draft, spec: &Step, prefix: Option<&str>) -> String {
    let stem = prefix.map_or_else(|| spec.name.clone(), |prefix| format!("{prefix}_{}", spec.name));
    // Steps on edges have no variable of their own, only parameters; `fillet` is a function and can't be one.
    if spec.combine == Some(Combine::Edges) { draft.namer.unique(&stem) } else { draft.namer.variable(&stem) }
}

/// The rules of the table, as checks that a slider can run into.
fn add_checks(catalog: &Catalog, draft: &mut Draft, spec: &Step, site: &Site<'_>) {
    let mut all: Vec<_> =
        limits(catalog, spec, &site.scope, &site.arguments).into_iter().map(|l| (spec, l)).collect();
    if let Some((place, scope)) = &site.place {
        all.extend(limits(catalog, place, scope, &site.place_arguments).into_iter().map(|l| (*place, l)));
    }
    for (owner, limit) in all {
        let argument = limit.rule.argument.split('.').next().unwrap_or_default();
        let unit = owner.argument(argument).map_or("", |argument| argument.unit());
        let value = &limit.value.python;
        // A rule between constants has been checked in the plan.
        if !value.contains(|c: char| c.is_ascii_uppercase()) {
            continue;
        }
        let mut sides = Vec::new();
        sides.extend(limit.below.map(|entry| (">=", "stay below", entry.python)));
        sides.extend(limit.above.map(|entry| ("<=", "stay above", entry.python)));
        sides.extend(limit.at_least.map(|entry| ("<", "be at least", entry.python)));
        sides.extend(limit.differs.map(|entry| ("==", "differ from", entry.python)));
        for (operator, words, edge) in sides {
            let shown = if edge.contains(|c: char| c.is_ascii_uppercase()) {
                format!("{{{edge}:g}}")
            } else {
                edge.clone()
            };
            let why = &limit.rule.why;
            let check = format!(
                "if {value} {operator} {edge}:\n    raise ValueError(f\"{value} must {words} {shown} {unit}: {why}\")"
            );
            if !draft.checks.contains(&check) {
                draft.checks.push(check);
            }
        }
    }
}

/// What a step's template may use: its arguments as Python, the body's and the face's sizes.
fn step_context(catalog: &Catalog, spec: &Step, site: &Site<'_>) -> Context {
    let mut context = Context::new();
    insert_arguments(&mut context, spec, &site.scope, &site.arguments);
    context.insert("plural", &if several(site) { "s" } else { "" });
    let place = site.place.as_ref().map_or("", |(place, _)| place.where_.as_str());
    context.insert("where", place);
    for group in ["base", "face"] {
        let members: BTreeMap<&str, String> = ["x", "y", "z", "reach", "through"]
            .into_iter()
            .filter_map(|member| {
                Some((member, grouped(&site.scope.get(&format!("{group}.{member}"))?.python)))
            })
            .collect();
        context.insert(group, &members);
    }
    if let Some(sides) = site.face.as_ref().and_then(|face| catalog.face(&face.side)).map(|face| &face.sides)
    {
        context.insert("sides", sides);
    }
    context
}

fn several(site: &Site<'_>) -> bool {
    site.place.as_ref().is_some_and(|(place, _)| place.kind == Kind::Pattern)
}

fn insert_arguments(context: &mut Context, spec: &Step, scope: &Scope, arguments: &Arguments) {
    let mut by_name = BTreeMap::new();
    for argument in &spec.arguments {
        let python = |name: &str| scope.get(name).map(|entry| entry.python.clone());
        match argument.type_ {
            Type::Choice => {
                if let Some(text) = arguments.get(&argument.name).and_then(Value::text) {
                    context.insert(&argument.name, text);
                }
            }
            Type::Points => {
                if let Some(Value::Points(points)) = arguments.get(&argument.name) {
                    context.insert(&argument.name, points);
                }
            }
            Type::Point | Type::Pair => {
                let axes: BTreeMap<&str, String> = ["x", "y"]
                    .into_iter()
                    .filter_map(|axis| Some((axis, python(&format!("{}.{axis}", argument.name))?)))
                    .collect();
                if !axes.is_empty() {
                    context.insert(&argument.name, &axes);
                }
            }
            Type::Length | Type::Angle | Type::Count => {
                if let Some(python) = python(&argument.name) {
                    context.insert(&argument.name, &python);
                    by_name.insert(argument.name.as_str(), python);
                }
            }
        }
    }
    context.insert("arguments", &by_name);
}

/// The line that names a face of the base, the first time it is used.
fn plane_line(
    catalog: &Catalog,
    draft: &mut Draft,
    written: &mut BTreeMap<String, Written>,
    on: &str,
    context: &Context,
    prefix: Option<&str>,
) -> Result<Option<String>, Error> {
    if let Some(known) = written.get_mut(on) {
        return Ok(known.line.take());
    }
    let plane = render(catalog, &format!("face/{on}"), context)?;
    let full = prefix.map_or_else(|| on.to_owned(), |prefix| format!("{prefix}_{on}"));
    let name = draft.namer.unique(&upper(&full).to_lowercase());
    let line = format!("{name} = {plane}");
    written.insert(on.to_owned(), Written { plane: name, planes: None, line: None });
    Ok(Some(line))
}

/// The lines that put a step's tool on its face, at all its places.
fn put(
    catalog: &Catalog,
    context: &mut Context,
    spec: &Step,
    face: &Face,
    site: &Site<'_>,
    written: &BTreeMap<String, Written>,
    on: &str,
) -> Result<String, Error> {
    if let Some(host) = written.get(on) {
        context.insert("plane", &host.plane);
        context.insert("planes", &host.planes);
    }
    context.insert("combine", &spec.combine);
    if let Some((place, scope)) = &site.place {
        let mut place_context = Context::new();
        insert_arguments(&mut place_context, place, scope, &site.place_arguments);
        let sizes = BTreeMap::from([("x", grouped(&face.x.python)), ("y", grouped(&face.y.python))]);
        place_context.insert("face", &sizes);
        if let Some(row) = catalog.face(&face.side) {
            place_context.insert("sides", &row.sides);
        }
        let text = render(catalog, &format!("steps/{}.py.tera", place.name), &place_context)?;
        let text = text.trim();
        if place.kind == Kind::Pattern {
            context.insert("spots", text);
        } else if !text.is_empty() {
            context.insert("spot", text);
        }
    }
    Ok(render(catalog, "feature.py.tera", context)?.trim().to_owned())
}

/// Notes how the new face of a step is written, and writes it; it is used when a later step is on it.
fn remember_surface(
    draft: &mut Draft,
    written: &mut BTreeMap<String, Written>,
    spec: &Step,
    site: &Site<'_>,
    tool: &str,
    context: &Context,
) {
    let Some(rise) = spec.surface.as_ref().and_then(|surface| site.scope.python(&surface.rise)) else {
        return;
    };
    let text = |key: &str| context.get(key).and_then(|value| value.as_str()).map(str::to_owned);
    let Some(plane) = text("plane") else { return };
    let face = draft.namer.unique(&format!("{tool}_face"));
    let lift = format!("Pos(0, 0, {rise})");
    let spot = text("spot").map(|spot| format!(" * {spot}")).unwrap_or_default();
    let (several, value) = match (text("planes"), text("spots")) {
        (None, None) => (false, format!("{plane}{spot} * {lift}")),
        (None, Some(_)) => (true, format!("[{plane} * spot * {lift} for spot in {tool}_spots]")),
        (Some(planes), None) => (true, format!("[{plane}{spot} * {lift} for {plane} in {planes}]")),
        (Some(planes), Some(_)) => {
            (true, format!("[{plane} * spot * {lift} for {plane} in {planes} for spot in {tool}_spots]"))
        }
    };
    let planes = several.then(|| format!("{face}s"));
    let line = Some(format!("{} = {value}", planes.as_ref().unwrap_or(&face)));
    written.insert(spec.name.clone(), Written { plane: face, planes, line });
}
