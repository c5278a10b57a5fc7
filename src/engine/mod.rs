//! Floor 2: what turns a prompt into drafts. Knows nothing of running them.
//!
//! The template engine is always there and answers at once. A model writes when it is asked: the local one or one on a server (`writer`), in one
//! of two ways, a plan by the catalog's grammar (`plan`) or free build123d (`code`).

mod code;
pub(crate) mod extract;
mod lessons;
mod named;
mod plan;
pub(crate) mod python;
pub mod remote;
mod template;
mod writer;

use std::sync::Arc;

use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

use crate::catalog::Catalog;
use crate::domain::before::Before;
use crate::domain::edit::Change;
use crate::domain::generation::Usage;
use crate::domain::job::Lane;
use crate::domain::outcome::Failure;
use crate::domain::plan::Plan;
use crate::domain::program::{Parameters, Program};
use crate::domain::prompt::Prompt;
use crate::domain::reading::{Expectation, Reading};
use crate::model::{Model, Told};
pub(crate) use lessons::{Findings, repair_turn};
use remote::Remote;
use writer::Writer;

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

/// What a model is asked for.
#[derive(Clone, Debug)]
pub struct Wish {
    pub prompt: Prompt,
    /// The part that the prompt changes.
    pub before: Option<Box<Before>>,
    pub repair: Option<Repair>,
}

/// An answer that did not do, and why, in words for the model.
#[derive(Clone, Debug)]
pub struct Repair {
    pub answer: String,
    pub complaint: String,
}

/// A model's draft, and how many of its candidates agree on it.
#[derive(Clone, Debug)]
pub struct Proposal {
    pub draft: Draft,
    pub votes: u32,
    /// As the model wrote it.
    pub answer: String,
    /// Quantities that it copied with their unit, and what they became.
    pub converted: Vec<(String, String)>,
    /// What it changes of the part as it was.
    pub changes: Vec<Change>,
}

/// What came of asking a model.
#[derive(Clone, Debug, Default)]
pub struct Proposals {
    /// The most agreed first.
    pub drafts: Vec<Proposal>,
    /// How many candidates there were in all.
    pub candidates: u32,
    /// What the model wants to know first, and how many of its candidates ask.
    pub asked: Option<String>,
    pub askers: u32,
    /// Answers that are no draft, and why.
    pub unusable: Vec<(String, Failure)>,
    pub usage: Usage,
}

impl Proposal {
    fn of(draft: Draft, answer: &str, converted: Vec<(String, String)>) -> Self {
        Self { draft, votes: 1, answer: answer.to_owned(), converted, changes: Vec::new() }
    }
}

impl Proposals {
    fn add(&mut self, proposal: Proposal) {
        let program = proposal.draft.program.as_str();
        match self.drafts.iter_mut().find(|known| known.draft.program.as_str() == program) {
            Some(known) => known.votes += 1,
            None => self.drafts.push(proposal),
        }
    }

    fn by_votes(&mut self) {
        self.drafts.sort_by_key(|proposal| std::cmp::Reverse(proposal.votes));
    }
}

/// Everything that proposes. Cheap to clone.
#[derive(Clone)]
pub struct Engine {
    catalog: Arc<Catalog>,
    local: Option<Writer>,
    remote: Option<Writer>,
    /// Models may write programs themselves. Plans need no such leave: of those, every line that runs is ours.
    code_allowed: bool,
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

/// Candidates of a small model: one greedy, the others drawn.
const CANDIDATES: u32 = 5;

impl Engine {
    /// Templates alone.
    pub fn new(catalog: Arc<Catalog>) -> Self {
        Self { catalog, local: None, remote: None, code_allowed: false }
    }

    #[must_use]
    pub fn with_model(self, model: Model) -> Self {
        Self { local: Some(Writer::Local(model)), ..self }
    }

    #[must_use]
    pub fn with_remote(self, remote: Remote) -> Self {
        Self { remote: Some(Writer::Remote(Arc::new(remote))), ..self }
    }

    /// Lets models write programs, which run without a cage by the kernel as long as there is none.
    #[must_use]
    pub fn with_code(self, allowed: bool) -> Self {
        Self { code_allowed: allowed, ..self }
    }

    pub fn catalog(&self) -> &Catalog {
        &self.catalog
    }

    /// Proposes a program for a prompt.
    pub fn answer(&self, prompt: &Prompt) -> Answer {
        template::answer(&self.catalog, prompt)
    }

    /// Proposes what a part becomes when a prompt changes it.
    pub fn edit(&self, before: &Before, prompt: &Prompt) -> Answer {
        template::edit(&self.catalog, before, prompt)
    }

    /// The same part once more, as it was built.
    pub fn again(&self, before: &Before) -> Draft {
        template::again(&self.catalog, before)
    }

    /// Gives the parameters of a draft other values; its plan follows.
    pub fn adjust(&self, draft: Draft, values: Parameters) -> Result<Draft, Failure> {
        template::adjust(&self.catalog, draft, values)
    }

    /// Lowers a plan that came from outside, after validating it.
    pub fn lower(&self, plan: &Plan, title: &str) -> Result<Draft, Failure> {
        template::lower(&self.catalog, plan, title)
    }

    /// The lane by which a model answers when nobody says which; none when there is no model.
    pub fn usual_lane(&self) -> Option<Lane> {
        if let Some(Writer::Local(model)) = &self.local
            && model.chosen().is_err()
        {
            return self.remote.as_ref().map(|_| Lane::Remote);
        }
        self.local.as_ref().map(|_| Lane::ModelPlan).or_else(|| self.remote.as_ref().map(|_| Lane::Remote))
    }

    /// Why this lane cannot be taken; none when it can.
    pub fn obstacle(&self, lane: Lane, wish: &Wish) -> Option<Failure> {
        let writer = match self.writer(lane) {
            Ok(writer) => writer,
            Err(failure) => return Some(failure),
        };
        if let Writer::Local(model) = writer
            && let Err(error) = model.chosen()
        {
            return Some(Failure::new(error.code(), error.to_string(), error.hint()));
        }
        let typed = wish.before.as_ref().is_some_and(|before| before.plan.is_none());
        if lane != Lane::ModelCode && !typed {
            return None;
        }
        if writer.knows_plans_only() {
            let name = writer.name();
            let hint = "Choose a larger model for code, or ask for a plan";
            return Some(Failure::new(
                "wrong_model",
                format!("The model `{name}` writes plans only, no code"),
                hint,
            ));
        }
        (!self.code_allowed).then(|| {
            Failure::new(
                "uncaged",
                "Programs that a model writes would run here without a cage by the kernel",
                "Ask for a plan; or start with `--allow-model-code` if you would run its programs yourself",
            )
        })
    }

    /// The model of this lane can be told what was wrong with an answer.
    pub fn takes_advice(&self, lane: Lane) -> bool {
        self.writer(lane).is_ok_and(|writer| !writer.knows_plans_only())
    }

    /// The name of the model that this lane asks.
    pub fn model_name(&self, lane: Lane) -> String {
        self.writer(lane).map(Writer::name).unwrap_or_default()
    }

    /// Asks a model for drafts. What it writes is told on the way.
    pub async fn propose(
        &self,
        lane: Lane,
        wish: &Wish,
        tell: &mpsc::Sender<Told>,
        cancel: &CancellationToken,
    ) -> Result<Proposals, Failure> {
        if let Some(obstacle) = self.obstacle(lane, wish) {
            return Err(obstacle);
        }
        let writer = self.writer(lane)?;
        // A program that somebody typed has no plan to patch. Servers have models that write code well.
        let typed = wish.before.as_ref().is_some_and(|before| before.plan.is_none());
        let in_code = lane == Lane::ModelCode || typed || (lane == Lane::Remote && self.code_allowed);
        let candidates = if writer.is_small() && wish.repair.is_none() { CANDIDATES } else { 1 };
        let question =
            if in_code { code::question(wish) } else { plan::question(&self.catalog, wish, candidates) };
        let (candidates, usage) = writer.write(question, tell, cancel).await?;
        let lane = if lane == Lane::ModelPlan && in_code { Lane::ModelCode } else { lane };
        let proposals = if in_code {
            code::proposals(lane, &candidates)
        } else {
            plan::proposals(&self.catalog, wish, lane, &candidates)
        };
        Ok(Proposals { usage, ..proposals })
    }

    fn writer(&self, lane: Lane) -> Result<&Writer, Failure> {
        let writer = if lane == Lane::Remote { &self.remote } else { &self.local };
        writer.as_ref().ok_or_else(|| match lane {
            Lane::Remote => Failure::new(
                "no_remote",
                "No server is named",
                "Start the appliance with `--remote URL` of an OpenAI-compatible server in your network",
            ),
            _ => Failure::new(
                "no_model",
                "This appliance has no model",
                "Put a GGUF file into its `models` folder",
            ),
        })
    }
}
