//! The steps of one body, written one after the other.

use std::collections::BTreeMap;

use tera::Context;

use super::context::step_context;
use super::put::{Written, put, remember_surface};
use super::{Draft, Finished, add_checks, one_line, problem, python_text, render};
use crate::catalog::names::upper;
use crate::catalog::parameters::name_parameters;
use crate::catalog::scene::{Face, LAST_EDGES, Scene, Site, USUAL_FACE, chosen_edges, combine_of, in_order};
use crate::catalog::scope::grouped;
use crate::catalog::table::{Combine, Step};
use crate::catalog::{Catalog, Error};
use crate::domain::plan::{self, Body, Join};

/// A body whose steps are written.
pub(super) struct Made<'c> {
    pub(super) variable: String,
    pub(super) scene: Scene<'c>,
    pub(super) extras: Vec<Finished>,
}

pub(super) fn lower_body<'c>(
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
pub(super) struct BodyWriter<'c, 'b> {
    catalog: &'c Catalog,
    prefix: Option<&'b str>,
    name: &'b str,
    pub(super) variable: String,
    pub(super) scene: Scene<'c>,
    written: BTreeMap<String, Written>,
    rounded: bool,
    /// What the templates of the base's own faces may name.
    base: Context,
    /// The body as it was before the last step, for edges that the step made.
    before: Option<String>,
    pub(super) extras: Vec<Finished>,
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
        let on = step.on.as_deref().unwrap_or(USUAL_FACE);
        if let Some(face) = &site.face {
            lines.extend(self.plane_line(draft, on, face, &context)?);
            context.insert("plane", &self.written[on].plane);
        }
        let geometry = render(catalog, &format!("steps/{}.py.tera", spec.name), &context)?;
        lines.push(geometry.trim().to_owned());
        if let (Some(face), Some(how)) = (&site.face, combine_of(spec, step)) {
            lines.extend(orient(&tool, step, &site, spec));
            context.insert("body", &self.variable);
            lines.push(put(catalog, &mut context, how, face, &site, &self.written, on)?);
            if spec.surface.is_some() || site.joined.is_some() {
                remember_surface(draft, &mut self.written, spec, &site, &tool, &context);
            }
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
        for extra in spec.extras.iter().filter(|extra| extra.is_made(spec, &step.arguments)) {
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
pub(super) fn comment(
    catalog: &Catalog,
    spec: &Step,
    step: &plan::Step,
    context: &Context,
) -> Result<String, Error> {
    let done = match step.combine {
        None => return Ok(render(catalog, &format!("comment/{}", spec.name), context)?.trim().to_owned()),
        Some(Join::Add) => "added to the body",
        Some(Join::Cut) => "cut out of the body",
        Some(Join::Common) => "and the body: what both have stays",
    };
    let place = context.get("where").and_then(|text| text.as_str()).unwrap_or_default();
    Ok(format!("{}{place}, {done}", spec.title))
}

/// Turns and lifts a base that is put on a body. What is cut away hangs from the face instead of standing on it.
pub(super) fn orient(tool: &str, step: &plan::Step, site: &Site<'_>, spec: &Step) -> Option<String> {
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

pub(super) fn step_variable(draft: &mut Draft, spec: &Step, prefix: Option<&str>) -> String {
    let stem = prefix.map_or_else(|| spec.name.clone(), |prefix| format!("{prefix}_{}", spec.name));
    // Steps on edges have no variable of their own, only parameters; `fillet` is a function and can't be one.
    if spec.combine == Some(Combine::Edges) { draft.namer.unique(&stem) } else { draft.namer.variable(&stem) }
}
