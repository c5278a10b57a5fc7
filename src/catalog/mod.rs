//! The catalog: one table of all modelling steps (`templates/`), and what is made from it here: the reader of prompts, the validator of plans
//! and the lowering of plans to programs. It does no I/O and keeps no state.

mod adjust;
mod load;
mod lower;
mod names;
mod parameters;
mod read;
mod rules;
mod scene;
mod scope;
mod show;
mod table;
mod validate;
mod words;

use std::collections::BTreeMap;

use tera::Tera;

use crate::domain::plan::{Plan, Problem};
use crate::domain::program::Parameters;
use crate::domain::reading::{Expectation, Reading};

pub use lower::{Parameter, Program};
pub use show::{ArgumentInfo, StepInfo};
pub use table::{Kind, Type};

/// Everything under `templates/`, parsed and checked.
pub struct Catalog {
    steps: Vec<table::Step>,
    faces: Vec<table::Face>,
    sizes: BTreeMap<String, table::SizeTable>,
    words: words::Vocabulary,
    /// Templates of steps, expressions of tables.
    tera: Tera,
}

#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// A file of the catalog is wrong. It ships inside the binary, so this is our mistake.
    #[error("The catalog's file `{file}` is wrong: {reason}")]
    File { file: String, reason: String },
    /// The plan has problems; `validate` tells all of them.
    #[error("The plan can't be lowered: {}", .0.message)]
    Plan(Problem),
    #[error("The template of `{step}` can't be written")]
    Template { step: String, source: tera::Error },
}

impl Catalog {
    /// The catalog that ships inside the binary.
    pub fn embedded() -> Result<Catalog, Error> {
        load::embedded()
    }

    /// Understands as much of a prompt as the table allows, and says what it did not.
    pub fn read(&self, prompt: &str) -> Reading {
        read::read(self, prompt)
    }

    /// Understands a prompt as an edit of a plan.
    pub fn edit(&self, _plan: &Plan, prompt: &str) -> Reading {
        self.read(prompt)
    }

    /// What a solid made of this plan has to show.
    pub fn expectations(&self, _plan: &Plan) -> Vec<Expectation> {
        Vec::new()
    }

    /// The plan with values that the parameters of its program were given.
    pub fn with_values(&self, plan: &Plan, values: &Parameters) -> Result<Plan, Error> {
        adjust::with_values(self, plan, values)
    }

    /// Everything that is wrong with a plan, as far as it can be told without running it. Empty for a good plan.
    pub fn validate(&self, plan: &Plan) -> Vec<Problem> {
        validate::validate(self, plan)
    }

    /// The program that builds a plan. `title` becomes its first line.
    pub fn lower(&self, plan: &Plan, title: &str) -> Result<Program, Error> {
        lower::lower(self, plan, title)
    }

    /// The table as the page and the reference show it.
    pub fn steps(&self) -> Vec<StepInfo> {
        self.steps.iter().map(show::step).collect()
    }

    fn step(&self, name: &str) -> Option<&table::Step> {
        self.steps.iter().find(|step| step.name == name)
    }

    fn index_of(&self, name: &str) -> Option<usize> {
        self.steps.iter().position(|step| step.name == name)
    }

    fn face(&self, name: &str) -> Option<&table::Face> {
        self.faces.iter().find(|face| face.name == name)
    }
}

impl table::Step {
    fn argument(&self, name: &str) -> Option<&table::Argument> {
        self.arguments.iter().find(|argument| argument.name == name)
    }
}

#[cfg(test)]
mod tests;
