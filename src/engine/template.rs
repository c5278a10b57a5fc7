//! The template engine: the reader's plan, validated and lowered, and the edits of one. Deterministic, milliseconds.

use super::{Answer, Draft, named};
use crate::catalog::Catalog;
use crate::domain::before::Before;
use crate::domain::job::Lane;
use crate::domain::outcome::Failure;
use crate::domain::parameter::differences;
use crate::domain::plan::Plan;
use crate::domain::program::{Parameters, Program};
use crate::domain::prompt::Prompt;
use crate::domain::reading::Reading;

pub(super) fn answer(catalog: &Catalog, prompt: &Prompt) -> Answer {
    let reading = catalog.read(prompt.as_str());
    let draft = proposed(catalog, &reading, prompt.as_str()).map(|draft| Draft {
        expectations: reading.expectations.clone(),
        understood: reading.complete(),
        ..draft
    });
    Answer { reading, draft }
}

pub(super) fn edit(catalog: &Catalog, before: &Before, prompt: &Prompt) -> Answer {
    let Some(plan) = &before.plan else {
        return named::edit(before, prompt, |reading| take_back(catalog, before, reading));
    };
    let mut reading = catalog.edit(plan, prompt.as_str());
    if reading.undo {
        let draft = take_back(catalog, before, &mut reading);
        return Answer { reading, draft };
    }
    let title = format!("{}; then {}", before.title, prompt.as_str());
    let draft = proposed(catalog, &reading, &title);
    let draft = draft.map(|draft| Draft {
        lane: before.lane,
        expectations: reading.expectations.clone(),
        understood: before.understood && reading.complete(),
        ..draft
    });
    Answer { reading, draft }
}

pub(super) fn again(catalog: &Catalog, before: &Before) -> Draft {
    Draft {
        lane: before.lane,
        program: before.program.clone(),
        plan: before.plan.clone(),
        parameters: before.parameters.clone(),
        expectations: before.plan.as_ref().map(|plan| catalog.expectations(plan)).unwrap_or_default(),
        understood: before.understood,
    }
}

pub(super) fn adjust(catalog: &Catalog, mut draft: Draft, values: Parameters) -> Result<Draft, Failure> {
    if values.is_empty() {
        return Ok(draft);
    }
    if let Some(plan) = &draft.plan {
        let plan = catalog.with_values(plan, &values).map_err(defect)?;
        draft.expectations = catalog.expectations(&plan);
        draft.plan = Some(plan);
    }
    draft.parameters.extend(values);
    Ok(draft)
}

/// A plan that came from outside: every number of it counts as stated.
pub(super) fn lower(catalog: &Catalog, plan: &Plan, title: &str) -> Result<Draft, Failure> {
    let draft = written(catalog, plan, title)?;
    Ok(Draft { expectations: catalog.expectations(plan), ..draft })
}

fn written(catalog: &Catalog, plan: &Plan, title: &str) -> Result<Draft, Failure> {
    if let Some(problem) = catalog.validate(plan).into_iter().next() {
        return Err(Failure::new("question", problem.message, problem.hint));
    }
    let lowered = catalog.lower(plan, title).map_err(defect)?;
    let program = Program::parse(&lowered.source).map_err(defect)?;
    Ok(Draft { lane: Lane::Template, plan: Some(plan.clone()), ..Draft::of(program) })
}

/// The draft of what was read, or what has to be asked.
fn proposed(catalog: &Catalog, reading: &Reading, title: &str) -> Result<Draft, Failure> {
    match (&reading.question, &reading.plan) {
        (Some(question), _) => {
            Err(Failure::new("question", question.clone(), "Add it to the prompt, or write build123d code"))
        }
        (None, Some(plan)) => written(catalog, plan, title),
        (None, None) => Err(Failure::new(
            "question",
            "No part was recognised in this prompt; what shape is it, and how large?",
            "For example: 60x40x10 mm plate with four 5 mm holes 6 mm from the edges",
        )),
    }
}

/// The part before the last change.
fn take_back(catalog: &Catalog, before: &Before, reading: &mut Reading) -> Result<Draft, Failure> {
    let Some(earlier) = &before.earlier else {
        let question = "There is no earlier version of this part to go back to; what should change?";
        reading.question = Some(question.to_owned());
        return Err(Failure::new("question", question, "Name the change, for example `make it 80 long`"));
    };
    let draft = again(catalog, earlier);
    reading.plan.clone_from(&draft.plan);
    reading.expectations.clone_from(&draft.expectations);
    reading.changes = match (&before.plan, &draft.plan) {
        (Some(plan), Some(earlier)) => catalog.diff(plan, earlier),
        _ => differences(&before.declared, &earlier.declared),
    };
    Ok(draft)
}

/// A valid plan that cannot be lowered is the catalog's mistake, told without a panic.
fn defect(error: impl std::error::Error) -> Failure {
    Failure::new(
        "defect",
        format!("The catalog cannot write this plan as a program: {error}"),
        "Please report this prompt",
    )
}
