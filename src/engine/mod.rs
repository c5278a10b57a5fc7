//! Floor 2: what turns a prompt into drafts. Knows nothing of running them.
//!
//! The template engine is always there. The model and remote engines will be further variants of `Engine`, asked by
//! the same questions.

mod named;
mod template;

use std::sync::Arc;

use crate::catalog::Catalog;
use crate::domain::before::Before;
use crate::domain::job::Lane;
use crate::domain::outcome::Failure;
use crate::domain::plan::Plan;
use crate::domain::program::{Parameters, Program};
use crate::domain::prompt::Prompt;
use crate::domain::reading::{Expectation, Reading};

/// A proposal: a program, and the plan it was lowered from.
#[derive(Clone, Debug)]
pub struct Draft {
    pub lane: Lane,
    pub program: Program,
    pub plan: Option<Plan>,
    /// Values for the program's parameters that differ from what is written in it.
    pub parameters: Parameters,
    /// The numbers that the solid has to show.
    pub expectations: Vec<Expectation>,
    /// Nothing that was said on the way to this draft was left unread.
    pub understood: bool,
}

/// What an engine makes of a prompt: how it was read, and a draft or the reason why there is none.
#[derive(Clone, Debug)]
pub struct Answer {
    pub reading: Reading,
    pub draft: Result<Draft, Failure>,
}

/// The closed set of engines.
#[derive(Clone)]
pub enum Engine {
    Template(Arc<Catalog>),
}

impl Draft {
    /// A program that somebody wrote: it states no numbers of its own.
    pub fn of(program: Program) -> Self {
        Self {
            lane: Lane::Code,
            program,
            plan: None,
            parameters: Parameters::new(),
            expectations: Vec::new(),
            understood: true,
        }
    }
}

impl Engine {
    /// Proposes a program for a prompt.
    pub fn answer(&self, prompt: &Prompt) -> Answer {
        match self {
            Self::Template(catalog) => template::answer(catalog, prompt),
        }
    }

    /// Proposes what a part becomes when a prompt changes it.
    pub fn edit(&self, before: &Before, prompt: &Prompt) -> Answer {
        match self {
            Self::Template(catalog) => template::edit(catalog, before, prompt),
        }
    }

    /// The same part once more, as it was built.
    pub fn again(&self, before: &Before) -> Draft {
        match self {
            Self::Template(catalog) => template::again(catalog, before),
        }
    }

    /// Gives the parameters of a draft other values; its plan follows.
    pub fn adjust(&self, draft: Draft, values: Parameters) -> Result<Draft, Failure> {
        match self {
            Self::Template(catalog) => template::adjust(catalog, draft, values),
        }
    }

    /// Lowers a plan that came from outside, after validating it.
    pub fn lower(&self, plan: &Plan, title: &str) -> Result<Draft, Failure> {
        match self {
            Self::Template(catalog) => template::lower(catalog, plan, title),
        }
    }
}
