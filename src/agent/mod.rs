//! Floor 3: prompt to part. Walks the way of the data (design section 3) once and tells every step as it happens.
//!
//! Files travel on the same ordered channel as the events, ahead of the event that names them, so a listener that
//! stores files as they come never announces a file that is not there.

mod check;
mod coverage;
mod journey;
mod ladder;
mod opinion;
mod repair;
mod work;

use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

use crate::domain::artifact::{Format, Wanted};
use crate::domain::before::Before;
use crate::domain::event::{Event, Level};
use crate::domain::job::Choice;
use crate::domain::outcome::{Failure, Outcome, failure};
use crate::domain::plan::Plan;
use crate::domain::program::{Parameters, Program};
use crate::domain::prompt::Prompt;
use crate::engine::Engine;
use crate::runner::{self, Artifact, Mesh, RunRequest, Runner};
use work::Work;

/// What a job starts from.
#[derive(Clone, Debug)]
pub enum Ask {
    Prompt(Prompt),
    Program(Program),
    Plan(Box<Plan>),
    /// A prompt that changes a part.
    Edit {
        before: Box<Before>,
        prompt: Prompt,
    },
    /// A part once more, with other values of its parameters.
    Again(Box<Before>),
}

#[derive(Clone, Debug)]
pub struct Request {
    pub ask: Ask,
    /// Values for the parameters of the program that comes of it.
    pub parameters: Parameters,
    pub wanted: Wanted,
    /// Who answers a prompt.
    pub choice: Choice,
}

/// What the agent tells while it works; `Event::Completed` is the last.
#[derive(Debug)]
pub enum Told {
    Event(Event),
    Artifacts(Vec<Artifact>),
}

/// Handle of the agent; cheap to clone.
#[derive(Clone)]
pub struct Agent {
    engine: Engine,
    runner: Runner,
}

impl Agent {
    pub fn new(engine: Engine, runner: Runner) -> Self {
        Self { engine, runner }
    }

    pub fn runner(&self) -> &Runner {
        &self.runner
    }

    /// Works until the part is built or it is clear why not. Never fails: a failure is a completion.
    pub async fn make(&self, request: Request, tell: mpsc::Sender<Told>, cancel: CancellationToken) {
        let mut work = Work::new(self, request.wanted.clone(), tell, cancel);
        let completion = work.through(request).await;
        work.event(Event::Completed(Box::new(completion))).await;
    }

    /// Runs a program again for the sake of one more file.
    pub async fn export(
        &self,
        program: &Program,
        parameters: &Parameters,
        format: Format,
    ) -> Result<Artifact, Failure> {
        let request = RunRequest {
            program: program.clone(),
            parameters: parameters.clone(),
            formats: vec![format],
            mesh: Mesh::FINE,
            check: false,
        };
        let finished = self.runner.run_to_end(&request, &CancellationToken::new()).await;
        let finished = finished.map_err(|error| broken(&error))?;
        if let Some(failure) = failure(&finished.outcome) {
            return Err(failure);
        }
        let found = finished.artifacts.into_iter().find(|artifact| artifact.format == format);
        found.ok_or_else(|| not_written(&finished.outcome, format))
    }
}

fn not_written(outcome: &Outcome, format: Format) -> Failure {
    let why = match outcome {
        Outcome::Built { part, .. } => {
            part.warnings.iter().map(|w| w.message.as_str()).collect::<Vec<_>>().join("; ")
        }
        _ => String::new(),
    };
    let message = format!("The part could not be written as {format}");
    let hint = if why.is_empty() {
        "Flat parts have DXF and SVG, solids STEP, STL, 3MF and BREP".into()
    } else {
        why
    };
    Failure::new("not_exported", message, hint)
}

/// Our own machinery failed, told to a person.
fn broken(error: &runner::Error) -> Failure {
    let hint = match error {
        runner::Error::Busy(_) => "Other jobs are running; try again in a moment",
        _ => "Run `naturalcad doctor`; it says what is wrong with the installation",
    };
    Failure::new("runner_broken", error.to_string(), hint)
}

/// A line of ours in the log, beside what the program prints.
pub fn note(message: impl Into<String>) -> Event {
    Event::Log { level: Level::Info, message: message.into() }
}
