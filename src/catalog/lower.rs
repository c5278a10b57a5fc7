//! Lowering: a plan becomes the program that a person would have written. The steps' templates write the geometry; named dimensions, checks
//! and the placing on faces are the same for all steps and written here.

use std::collections::BTreeMap;

use serde::Serialize;
use tera::Context;

use super::assembly::{Assembly, Seated, Spots};
use super::names::{Namer, upper};
use super::parameters::{name_parameters, name_placement};
use super::rules::limits;
use super::scene::{
    Face, Fault, LAST_EDGES, Names, Scene, Site, USUAL_FACE, chosen_edges, combine_of, in_order, sides,
};
use super::scope::{Entry, Scope, grouped};
use super::table::{Combine, Extra, Kind, Step, Type};
use super::{Catalog, Error};
use crate::domain::plan::{self, Arguments, Body, Join, Plan, Side, Value};

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

/// An entry of `result`.
#[derive(Serialize)]
struct Finished {
    key: String,
    variable: String,
    /// The variable is a list of copies.
    several: bool,
}

/// What all bodies of one program share.
#[derive(Default)]
pub(super) struct Draft {
    pub(super) namer: Namer,
    pub(super) parameters: Vec<Parameter>,
    pub(super) lines: Vec<String>,
    imports: Vec<String>,
    checks: Vec<String>,
    blocks: Vec<String>,
}

/// A body whose steps are written.
struct Made<'c> {
    variable: String,
    scene: Scene<'c>,
    extras: Vec<Finished>,
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
    let mut assembly = Assembly::new(catalog);
    for (index, body) in plan.bodies.iter().enumerate() {
        let prefix = (plan.bodies.len() > 1).then_some(body.name.as_str());
        let made = lower_body(catalog, &mut draft, index, body, prefix)?;
        let mut finished =
            Finished { key: python_text(&body.name), variable: made.variable.clone(), several: false };
        let mut origin = None;
        if let Some(seat) = &body.place {
            let seated = seat_body(catalog, &mut draft, &assembly, index, body, seat, &made)?;
            finished.several = seated.spots.as_ref().is_some_and(Spots::several);
            if finished.several {
                finished.variable = format!("{}s", made.variable);
            }
            origin = Some(seated.origin);
        }
        bodies.push(finished);
        bodies.extend(made.extras);
        assembly.add(&body.name, made.scene, origin);
    }
    let mut context = Context::new();
    context.insert("summary", &summary(title));
    context.insert("imports", &draft.imports);
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

pub(super) fn python_text(text: &str) -> String {
    format!("\"{}\"", one_line(text))
}

fn lower_body<'c>(
    catalog: &'c Catalog,
    draft: &mut Draft,
    index: usize,
    body: &Body,
    prefix: Option<&str>,
) -> Result<Made<'c>, Error> {
    let variable = draft.namer.variable(&body.name);
    let mut writer = BodyWriter {
        catalog,
        prefix,
        name: &body.name,
        variable,
        scene: Scene::new(catalog),
        written: BTreeMap::new(),
        rounded: false,
        base: Context::new(),
        before: None,
        extras: Vec::new(),
    };
    let steps = in_order(catalog, body);
    for (turn, (at, spec, step)) in steps.iter().enumerate() {
        let next = steps.get(turn + 1).is_some_and(|(_, spec, step)| works_on_last(spec, step));
        writer.step(draft, (index, *at), spec, step, next)?;
    }
    let BodyWriter { variable, scene, extras, .. } = writer;
    if let Some(colour) = &body.colour {
        draft.blocks.push(format!("{variable}.color = Color(\"{colour}\")"));
    }
    Ok(Made { variable, scene, extras })
}

fn works_on_last(spec: &Step, step: &plan::Step) -> bool {
    spec.combine == Some(Combine::Edges) && chosen_edges(spec, &step.arguments) == Some(LAST_EDGES)
}

/// Writes the steps of one body, one after the other.
struct BodyWriter<'c, 'b> {
    catalog: &'c Catalog,
    prefix: Option<&'b str>,
    name: &'b str,
    variable: String,
    scene: Scene<'c>,
    written: BTreeMap<String, Written>,
    rounded: bool,
    /// What the templates of the base's own faces may name.
    base: Context,
    /// The body as it was before the last step, for edges that the step made.
    before: Option<String>,
    extras: Vec<Finished>,
}

impl<'c> BodyWriter<'c, '_> {
    fn step(
        &mut self,
        draft: &mut Draft,
        (index, at): (usize, usize),
        spec: &'c Step,
        step: &plan::Step,
        remember: bool,
    ) -> Result<(), Error> {
        let catalog = self.catalog;
        let first = self.scene.base().is_none();
        let tool = if first { self.variable.clone() } else { step_variable(draft, spec, self.prefix) };
        let names = name_parameters(catalog, draft, (index, at), spec, step, &tool, self.prefix);
        let site = self.scene.site(spec, step, &names).map_err(|fault| problem(index, Some(at), fault))?;
        add_checks(catalog, draft, spec, &site);
        for import in &spec.imports {
            if !draft.imports.contains(import) {
                draft.imports.push(import.clone());
            }
        }
        let mut context = step_context(catalog, spec, &site, &names);
        context.insert("body", if step.combine.is_some() { &tool } else { &self.variable });
        context.insert("name", &one_line(if step.combine.is_some() { &spec.name } else { self.name }));
        context.insert("tool", &tool);
        context.insert("rounded", &self.rounded);
        let mut lines = Vec::new();
        if remember {
            let before = draft.namer.unique(&format!("{}_before", self.variable));
            lines.push(format!("{before} = {}", self.variable));
            self.before = Some(before);
        }
        self.select_edges(spec, step, &mut context)?;
        lines.push(format!("# {}", comment(catalog, spec, step, &context)?));
        let geometry = render(catalog, &format!("steps/{}.py.tera", spec.name), &context)?;
        if let (Some(face), Some(how)) = (&site.face, combine_of(spec, step)) {
            let on = step.on.as_deref().unwrap_or(USUAL_FACE);
            lines.extend(self.plane_line(draft, on, face, &context)?);
            lines.push(geometry.trim().to_owned());
            lines.extend(orient(&tool, step, &site, spec));
            context.insert("body", &self.variable);
            lines.push(put(catalog, &mut context, how, face, &site, &self.written, on)?);
            if spec.surface.is_some() || site.joined.is_some() {
                remember_surface(draft, &mut self.written, spec, &site, &tool, &context);
            }
        } else {
            lines.push(geometry.trim().to_owned());
        }
        draft.blocks.push(lines.join("\n"));
        self.scene.take(spec, &site);
        if first {
            self.base = context;
            self.base.insert("base", &self.scene.base_sizes());
            self.name_extras(draft, spec, step);
        }
        Ok(())
    }

    /// Python for the edges that a fillet or chamfer works on.
    fn select_edges(&mut self, spec: &Step, step: &plan::Step, context: &mut Context) -> Result<(), Error> {
        if spec.combine != Some(Combine::Edges) {
            return Ok(());
        }
        let (Some(base), Some(edges)) = (self.scene.base(), chosen_edges(spec, &step.arguments)) else {
            return Ok(());
        };
        if edges == LAST_EDGES {
            let before = self.before.take().unwrap_or_else(|| self.variable.clone());
            context.insert("selected", &format!("new_edges({before}, combined={})", self.variable));
            return Ok(());
        }
        let mut names = self.base.clone();
        names.insert("rounded", &self.rounded);
        let selected = render(self.catalog, &format!("edges/{}/{edges}", base.name), &names)?;
        context.insert("selected", &selected);
        self.rounded |= spec.rounds.iter().any(|round| round == edges);
        Ok(())
    }

    /// The bodies that the base's template makes beside it: `box_lid`.
    fn name_extras(&mut self, draft: &mut Draft, spec: &Step, step: &plan::Step) {
        let there = |extra: &&Extra| {
            let value = extra.when.as_ref().map(|when| step.arguments.get(when));
            match value {
                None => true,
                Some(Some(Value::Switch(on))) => *on,
                Some(Some(Value::Text(choice))) => choice != "none",
                Some(other) => other.is_some(),
            }
        };
        for extra in spec.extras.iter().filter(there) {
            let key =
                self.prefix.map_or_else(|| extra.name.clone(), |prefix| format!("{prefix} {}", extra.name));
            let variable = format!("{}_{}", self.variable, extra.name);
            draft.namer.unique(&variable);
            self.extras.push(Finished { key: python_text(&key), variable, several: false });
        }
    }

    /// The line that names a face of the base, the first time it is used.
    fn plane_line(
        &mut self,
        draft: &mut Draft,
        on: &str,
        face: &Face,
        context: &Context,
    ) -> Result<Option<String>, Error> {
        if let Some(known) = self.written.get_mut(on) {
            return Ok(known.line.take());
        }
        let own = self.scene.base().is_some_and(|base| base.own_faces.iter().any(|own| own.name == on));
        let plane = render(self.catalog, &face.plane, if own { &self.base } else { context })?;
        let full = self.prefix.map_or_else(|| on.to_owned(), |prefix| format!("{prefix}_{on}"));
        let name = draft.namer.unique(&upper(&full).to_lowercase());
        let line = format!("{name} = {plane}");
        self.written.insert(on.to_owned(), Written { plane: name, planes: None, line: None });
        Ok(Some(line))
    }
}

/// What the lines of a step do, for the reader of the program.
fn comment(catalog: &Catalog, spec: &Step, step: &plan::Step, context: &Context) -> Result<String, Error> {
    let done = match step.combine {
        None => return Ok(render(catalog, &format!("comment/{}", spec.name), context)?.trim().to_owned()),
        Some(Join::Add) => "added to the body",
        Some(Join::Cut) => "cut out of the body",
        Some(Join::Common) => "and the body: what both have stays",
    };
    let place = context.get("where").and_then(|text| text.as_str()).unwrap_or_default();
    Ok(format!("{}{place}, {done}", spec.title))
}

fn problem(body: usize, step: Option<usize>, fault: Fault) -> Error {
    Error::Plan(plan::Problem {
        body: Some(body),
        step,
        argument: fault.argument,
        message: fault.message,
        hint: fault.hint,
    })
}

/// Turns and lifts a base that is put on a body. What is cut away hangs from the face instead of standing on it.
fn orient(tool: &str, step: &plan::Step, site: &Site<'_>, spec: &Step) -> Option<String> {
    let how = step.combine?;
    let mut moves = Vec::new();
    let hang = (how != Join::Add)
        .then(|| spec.size.as_ref().and_then(|size| size.z.as_slice().first()))
        .flatten()
        .and_then(|z| site.scope.python(z));
    let lift = match (hang, step.lift) {
        (Some(hang), Some(lift)) => Some(format!("{lift} - {}", grouped(&hang))),
        (Some(hang), None) => Some(format!("-{}", grouped(&hang))),
        (None, lift) => lift.map(|lift| lift.to_string()),
    };
    moves.extend(lift.map(|lift| format!("Pos(0, 0, {lift})")));
    moves.extend(step.turn.map(|[x, y, z]| format!("Rot({x}, {y}, {z})")));
    (!moves.is_empty()).then(|| format!("{tool} = {} * {tool}", moves.join(" * ")))
}

/// Writes the lines that bring a body to its place, and tells where that is.
fn seat_body<'c>(
    catalog: &'c Catalog,
    draft: &mut Draft,
    assembly: &Assembly<'c>,
    index: usize,
    body: &Body,
    seat: &plan::Seat,
    made: &Made<'c>,
) -> Result<Seated<'c>, Error> {
    let variable = &made.variable;
    let mut lines = vec![format!("# Its place: {}", one_line(&where_of(seat)))];
    let turned = seat.turn.map(|[x, y, z]| {
        let stands = draft.namer.unique(&format!("{variable}_box"));
        lines.push(format!("{variable} = Rot({x}, {y}, {z}) * {variable}"));
        lines.push(format!("{stands} = {variable}.bounding_box()"));
        lines.push(format!(
            "{variable} = Pos(-{stands}.center().X, -{stands}.center().Y, -{stands}.min.Z) * {variable}"
        ));
        ["X", "Y", "Z"].map(|axis| Entry { number: 0.0, python: format!("{stands}.size.{axis}") })
    });
    let names = seat.at.as_ref().and_then(|placement| {
        let place = catalog.step(&placement.name)?;
        Some(name_placement(draft, index, place, placement, &body.name))
    });
    let seated = assembly
        .seat(seat, &made.scene, turned, &names.unwrap_or_default())
        .map_err(|fault| problem(index, None, fault))?;
    let [x, y, z] = &seated.origin;
    let origin = format!("Pos({}, {}, {})", x.python, y.python, z.python);
    match &seated.spots {
        None => lines.push(format!("{variable} = {origin} * {variable}")),
        Some(spots) => {
            let text = placement_text(catalog, spots.place, &spots.scope, &spots.arguments, &spots.face)?;
            if spots.several() {
                lines.push(format!("{variable}s = [{origin} * spot * {variable} for spot in {text}]"));
            } else if text.is_empty() {
                lines.push(format!("{variable} = {origin} * {variable}"));
            } else {
                lines.push(format!("{variable} = {origin} * {text} * {variable}"));
            }
        }
    }
    draft.blocks.push(lines.join("\n"));
    Ok(seated)
}

fn where_of(seat: &plan::Seat) -> String {
    let where_ = match seat.side {
        Side::Top => "on top of the",
        Side::Bottom => "under the",
        Side::Front => "in front of the",
        Side::Back => "behind the",
        Side::Left => "left of the",
        Side::Right => "right of the",
        Side::Inside => "inside the",
    };
    format!("{where_} {}", seat.to)
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
fn step_context(catalog: &Catalog, spec: &Step, site: &Site<'_>, names: &Names) -> Context {
    let mut context = Context::new();
    insert_arguments(&mut context, spec, &site.scope, &site.arguments);
    for argument in spec.arguments.iter().filter(|argument| argument.type_ == Type::Text) {
        if let Some(name) = names.own.get(&argument.name) {
            context.insert(&argument.name, name);
        } else if let Some(text) = site.arguments.get(&argument.name).and_then(Value::text) {
            context.insert(&argument.name, &python_text(text));
        }
    }
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
    if let Some(sides) = site.face.as_ref().and_then(|face| sides(catalog, face)) {
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
            Type::Switch => {
                context
                    .insert(&argument.name, &(arguments.get(&argument.name) == Some(&Value::Switch(true))));
            }
            Type::Text => {}
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

/// The lines that put a step's tool on its face, at all its places.
fn put(
    catalog: &Catalog,
    context: &mut Context,
    how: Combine,
    face: &Face,
    site: &Site<'_>,
    written: &BTreeMap<String, Written>,
    on: &str,
) -> Result<String, Error> {
    if let Some(host) = written.get(on) {
        context.insert("plane", &host.plane);
        context.insert("planes", &host.planes);
    }
    context.insert("combine", &how);
    if let Some((place, scope)) = &site.place {
        let text = placement_text(catalog, place, scope, &site.place_arguments, face)?;
        if place.kind == Kind::Pattern {
            context.insert("spots", &text);
        } else if !text.is_empty() {
            context.insert("spot", &text);
        }
    }
    Ok(render(catalog, "feature.py.tera", context)?.trim().to_owned())
}

/// A placement as Python; empty for the middle.
fn placement_text(
    catalog: &Catalog,
    place: &Step,
    scope: &Scope,
    arguments: &Arguments,
    face: &Face,
) -> Result<String, Error> {
    let mut context = Context::new();
    insert_arguments(&mut context, place, scope, arguments);
    let sizes = BTreeMap::from([("x", grouped(&face.x.python)), ("y", grouped(&face.y.python))]);
    context.insert("face", &sizes);
    if let Some(sides) = sides(catalog, face) {
        context.insert("sides", sides);
    }
    Ok(render(catalog, &format!("steps/{}.py.tera", place.name), &context)?.trim().to_owned())
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
    let surface = spec.surface.as_ref().or(site.joined.as_ref());
    let Some(rise) = surface.and_then(|surface| site.scope.python(&surface.rise)) else {
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
