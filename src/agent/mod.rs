//! Floor 3: prompt to part. Walks the way of the data (design section 3) once and tells every step as it happens.
//!
//! Files travel on the same ordered channel as the events, ahead of the event that names them, so a listener that
//! stores files as they come never announces a file that is not there.

mod check;

use std::collections::BTreeSet;
use std::time::Instant;

use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

use crate::domain::artifact::{Format, Wanted};
use crate::domain::check::{Check, CheckStatus};
use crate::domain::event::{Completion, Event, Level};
use crate::domain::job::{JobState, Lane};
use crate::domain::limits::RUN_EVENTS_QUEUE;
use crate::domain::measure::Warning;
use crate::domain::outcome::{Failure, Outcome, Part, Phases, failure};
use crate::domain::plan::Plan;
use crate::domain::program::{Parameters, Program};
use crate::domain::prompt::Prompt;
use crate::domain::reading::Reading;
use crate::engine::{Draft, Engine};
use crate::runner::{self, Artifact, Mesh, RunEvent, RunRequest, Runner};

/// What a job starts from.
#[derive(Clone, Debug)]
pub enum Ask {
    Prompt(Prompt),
    Program(Program),
    Plan(Box<Plan>),
}

#[derive(Clone, Debug)]
pub struct Request {
    pub ask: Ask,
    pub parameters: Parameters,
    pub wanted: Wanted,
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
        let mut work = Work::new(self, tell, cancel);
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

/// One job on its way.
struct Work<'a> {
    agent: &'a Agent,
    tell: mpsc::Sender<Told>,
    cancel: CancellationToken,
    started: Instant,
    phases: Phases,
    lane: Option<Lane>,
    files: BTreeSet<Format>,
}

impl<'a> Work<'a> {
    fn new(agent: &'a Agent, tell: mpsc::Sender<Told>, cancel: CancellationToken) -> Self {
        let (phases, files) = (Phases::new(), BTreeSet::new());
        Self { agent, tell, cancel, started: Instant::now(), phases, lane: None, files }
    }

    /// A listener that went away does not stop the work.
    async fn event(&self, event: Event) {
        let _ = self.tell.send(Told::Event(event)).await;
    }

    async fn state(&self, state: JobState) {
        self.event(Event::State { state, position: None }).await;
    }

    async fn through(&mut self, request: Request) -> Completion {
        let (reading, draft) = match self.draft(request.ask).await {
            Ok(drafted) => drafted,
            Err(failure) => return self.over(JobState::Question, failure),
        };
        self.lane = Some(draft.lane);
        let program = draft.program.clone();
        let told = program.as_str().to_owned();
        self.event(Event::Drafted { lane: draft.lane, program: told, plan: draft.plan }).await;
        self.state(JobState::Running).await;
        let run = RunRequest {
            program,
            parameters: request.parameters,
            formats: request.wanted.formats(),
            mesh: Mesh::FINE,
            check: true,
        };
        let (outcome, checks) = match self.run(&run, reading.as_ref()).await {
            Ok(run) => run,
            Err(error) => return self.over(JobState::Failed, broken(&error)),
        };
        match outcome {
            Outcome::Built { mut part, phases } => {
                let (unfit, odd) = part.warnings.into_iter().partition(Warning::is_about_a_format);
                part.warnings = odd;
                if request.wanted != Wanted::Usual {
                    self.tell_unfit(unfit).await;
                }
                self.built(part, phases, checks, reading.as_ref())
            }
            outcome => self.failed(&outcome),
        }
    }

    async fn draft(&mut self, ask: Ask) -> Result<(Option<Reading>, Draft), Failure> {
        match ask {
            Ask::Program(program) => Ok((None, Draft { lane: Lane::Code, program, plan: None })),
            Ask::Plan(plan) => Ok((None, self.agent.engine.lower(&plan, "A plan")?)),
            Ask::Prompt(prompt) => {
                self.state(JobState::Reading).await;
                let began = Instant::now();
                let answer = self.agent.engine.answer(&prompt);
                self.phases.insert("read_ms".into(), milliseconds(began));
                let reading = answer.reading;
                self.event(Event::Read(Box::new(reading.clone()))).await;
                Ok((Some(reading), answer.draft?))
            }
        }
    }

    async fn run(
        &mut self,
        request: &RunRequest,
        reading: Option<&Reading>,
    ) -> Result<(Outcome, Vec<Check>), runner::Error> {
        let (events, mut heard) = mpsc::channel(RUN_EVENTS_QUEUE);
        let runner = self.agent.runner.clone();
        let cancel = self.cancel.clone();
        let began = Instant::now();
        let running = async {
            let finished = runner.run(request, &events, &cancel).await;
            drop(events);
            finished
        };
        let listening = async {
            let mut checks = Vec::new();
            while let Some(event) = heard.recv().await {
                match event {
                    RunEvent::Line(line) => {
                        self.event(Event::Log { level: line.level, message: line.text }).await;
                    }
                    RunEvent::Part { part, artifacts } => checks = self.show(*part, artifacts, reading).await,
                }
            }
            checks
        };
        let (finished, checks) = tokio::join!(running, listening);
        let finished = finished?;
        self.phases.insert("run_ms".into(), milliseconds(began));
        self.keep(finished.artifacts).await;
        Ok((finished.outcome, checks))
    }

    async fn show(&mut self, part: Part, artifacts: Vec<Artifact>, reading: Option<&Reading>) -> Vec<Check> {
        self.phases.insert("shown_ms".into(), milliseconds(self.started));
        let files: Vec<Format> = artifacts.iter().map(|artifact| artifact.format).collect();
        self.keep(artifacts).await;
        let checks =
            reading.map(|reading| check::compare(&reading.expectations, &part.measures)).unwrap_or_default();
        let sure = sure(&part, &checks, reading);
        self.event(Event::Shown { part: Box::new(part), files }).await;
        self.event(Event::Checked { checks: checks.clone(), sure }).await;
        self.state(JobState::Exporting).await;
        checks
    }

    /// A format that was asked for and that such a part does not have.
    async fn tell_unfit(&self, warnings: Vec<Warning>) {
        for warning in warnings {
            self.event(Event::Log { level: Level::Warning, message: warning.message }).await;
        }
    }

    async fn keep(&mut self, artifacts: Vec<Artifact>) {
        if artifacts.is_empty() {
            return;
        }
        self.files.extend(artifacts.iter().map(|artifact| artifact.format));
        let _ = self.tell.send(Told::Artifacts(artifacts)).await;
    }

    fn built(
        &mut self,
        part: Part,
        phases: Phases,
        checks: Vec<Check>,
        reading: Option<&Reading>,
    ) -> Completion {
        self.phases.extend(phases);
        let sure = sure(&part, &checks, reading);
        Completion { part: Some(part), checks, sure, ..self.completion(JobState::Built) }
    }

    fn failed(&mut self, outcome: &Outcome) -> Completion {
        let state = match outcome {
            Outcome::TimedOut { .. } => JobState::TimedOut,
            Outcome::Refused { .. } => JobState::Refused,
            Outcome::Cancelled => JobState::Cancelled,
            _ => JobState::Failed,
        };
        // What was shown on the way is no result; its files stay with the job but are not offered.
        self.files.clear();
        Completion { failure: failure(outcome), ..self.completion(state) }
    }

    fn over(&mut self, state: JobState, failure: Failure) -> Completion {
        Completion { failure: Some(failure), ..self.completion(state) }
    }

    fn completion(&mut self, state: JobState) -> Completion {
        Completion {
            state,
            lane: self.lane,
            part: None,
            files: self.files.iter().copied().collect(),
            failure: None,
            checks: Vec::new(),
            sure: false,
            seconds: self.started.elapsed().as_secs_f64(),
            phases: std::mem::take(&mut self.phases),
        }
    }
}

fn milliseconds(since: Instant) -> f64 {
    (since.elapsed().as_secs_f64() * 1e6).round() / 1e3
}

/// Every word used, every number met, nothing odd about the solid (design section 3). A typed program states no numbers.
fn sure(part: &Part, checks: &[Check], reading: Option<&Reading>) -> bool {
    part.warnings.is_empty()
        && checks.iter().all(|check| check.status == CheckStatus::Met)
        && reading.is_none_or(Reading::complete)
}

/// A line of ours in the log, beside what the program prints.
pub fn note(message: impl Into<String>) -> Event {
    Event::Log { level: Level::Info, message: message.into() }
}
