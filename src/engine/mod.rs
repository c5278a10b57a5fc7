//! Floor 2: what turns a prompt into drafts. Knows nothing of running them.
//!
//! The template engine is always there. The model and remote engines will be further variants of `Engine`, asked by
//! the same two questions.

mod template;

use std::sync::Arc;

use crate::catalog::Catalog;
use crate::domain::job::Lane;
use crate::domain::outcome::Failure;
use crate::domain::plan::Plan;
use crate::domain::program::Program;
use crate::domain::prompt::Prompt;
use crate::domain::reading::Reading;

/// A proposal: a program, and the plan it was lowered from.
#[derive(Clone, Debug)]
pub struct Draft {
    pub lane: Lane,
    pub program: Program,
    pub plan: Option<Plan>,
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

impl Engine {
    /// Proposes a program for a prompt.
    pub fn answer(&self, prompt: &Prompt) -> Answer {
        match self {
            Self::Template(catalog) => template::answer(catalog, prompt),
        }
    }

    /// Lowers a plan that came from outside, after validating it.
    pub fn lower(&self, plan: &Plan, title: &str) -> Result<Draft, Failure> {
        match self {
            Self::Template(catalog) => template::lower(catalog, plan, title),
        }
    }
}
