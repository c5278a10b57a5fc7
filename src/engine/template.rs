//! The template engine: the reader's plan, validated and lowered. Deterministic, milliseconds.

use super::{Answer, Draft};
use crate::catalog::Catalog;
use crate::domain::job::Lane;
use crate::domain::outcome::Failure;
use crate::domain::plan::Plan;
use crate::domain::program::Program;
use crate::domain::prompt::Prompt;

pub(super) fn answer(catalog: &Catalog, prompt: &Prompt) -> Answer {
    let reading = catalog.read(prompt.as_str());
    let draft = match (&reading.question, &reading.plan) {
        (Some(question), _) => {
            Err(Failure::new("question", question.clone(), "Add it to the prompt, or write build123d code"))
        }
        (None, Some(plan)) => lower(catalog, plan, prompt.as_str()),
        (None, None) => Err(Failure::new(
            "question",
            "No part was recognised in this prompt; what shape is it, and how large?",
            "For example: 60x40x10 mm plate with four 5 mm holes 6 mm from the edges",
        )),
    };
    Answer { reading, draft }
}

pub(super) fn lower(catalog: &Catalog, plan: &Plan, title: &str) -> Result<Draft, Failure> {
    if let Some(problem) = catalog.validate(plan).into_iter().next() {
        return Err(Failure::new("question", problem.message, problem.hint));
    }
    let lowered = catalog.lower(plan, title).map_err(defect)?;
    let program = Program::parse(&lowered.source).map_err(defect)?;
    Ok(Draft { lane: Lane::Template, program, plan: Some(plan.clone()) })
}

/// A valid plan that cannot be lowered is the catalog's mistake, told without a panic.
fn defect(error: impl std::error::Error) -> Failure {
    Failure::new(
        "defect",
        format!("The catalog cannot write this plan as a program: {error}"),
        "Please report this prompt",
    )
}
