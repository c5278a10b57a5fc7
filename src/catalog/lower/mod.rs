//! Lowering: a plan becomes the program that a person would have written. The steps' templates write the geometry; named dimensions, checks
//! and the placing on faces are the same for all steps and written here.

mod body;
mod context;
mod put;
mod seat;

use serde::Serialize;
use tera::Context;

use super::assembly::{Assembly, Spots};
use super::names::Namer;
use super::rules::limits;
use super::scene::{Fault, Site};
use super::table::Step;
use super::validate::CLOSE_MM;
use super::{Catalog, Error};
use crate::domain::plan::{self, Plan};
use body::lower_body;
use seat::seat_body;

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
pub(in crate::catalog) struct Draft {
    pub(in crate::catalog) namer: Namer,
    pub(in crate::catalog) parameters: Vec<Parameter>,
    pub(in crate::catalog) lines: Vec<String>,
    imports: Vec<String>,
    checks: Vec<String>,
    blocks: Vec<String>,
}

pub(in crate::catalog) fn lower(catalog: &Catalog, plan: &Plan, title: &str) -> Result<Program, Error> {
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

pub(in crate::catalog) fn python_text(text: &str) -> String {
    format!("\"{}\"", one_line(text))
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
            // Three times 0.6 is a little less than 1.8: what may be equal needs the slack that the plan's check has.
            let slack = if operator == "<" { format!(" - {CLOSE_MM:e}") } else { String::new() };
            let check = format!(
                "if {value} {operator} {edge}{slack}:\n    raise ValueError(f\"{value} must {words} {shown} {unit}: {why}\")"
            );
            if !draft.checks.contains(&check) {
                draft.checks.push(check);
            }
        }
    }
}
