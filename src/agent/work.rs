//! One job on its way through the agent: drafted, run, checked, and told as it goes.

use std::collections::BTreeSet;
use std::time::Instant;

use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

use super::{Agent, Ask, Request, Told, broken, check};
use crate::domain::artifact::{Format, Wanted};
use crate::domain::check::{Check, CheckStatus};
use crate::domain::event::{Completion, Event, Level};
use crate::domain::job::{JobState, Lane};
use crate::domain::limits::RUN_EVENTS_QUEUE;
use crate::domain::measure::Warning;
use crate::domain::outcome::{Failure, Outcome, Part, Phases, failure};
use crate::domain::reading::Expectation;
use crate::engine::{Answer, Draft};
use crate::runner::{self, Artifact, Mesh, RunEvent, RunRequest};

/// What was said about the part, as far as the solid is held against it.
#[derive(Default)]
struct Stated {
    expectations: Vec<Expectation>,
    /// Nothing that was said was left unread.
    understood: bool,
}

/// One job on its way.
pub(super) struct Work<'a> {
    agent: &'a Agent,
    tell: mpsc::Sender<Told>,
    cancel: CancellationToken,
    started: Instant,
    phases: Phases,
    lane: Option<Lane>,
    stated: Stated,
    files: BTreeSet<Format>,
}

impl<'a> Work<'a> {
    pub(super) fn new(agent: &'a Agent, tell: mpsc::Sender<Told>, cancel: CancellationToken) -> Self {
        let (phases, files) = (Phases::new(), BTreeSet::new());
        Self {
            agent,
            tell,
            cancel,
            started: Instant::now(),
            phases,
            lane: None,
            stated: Stated::default(),
            files,
        }
    }

    /// A listener that went away does not stop the work.
    pub(super) async fn event(&self, event: Event) {
        let _ = self.tell.send(Told::Event(event)).await;
    }

    async fn state(&self, state: JobState) {
        self.event(Event::State { state, position: None }).await;
    }

    pub(super) async fn through(&mut self, request: Request) -> Completion {
        let drafted = self.draft(request.ask).await;
        let draft = match drafted.and_then(|draft| self.agent.engine.adjust(draft, request.parameters)) {
            Ok(draft) => draft,
            Err(failure) => return self.over(JobState::Question, failure),
        };
        self.lane = Some(draft.lane);
        self.stated = Stated { expectations: draft.expectations, understood: draft.understood };
        let told = draft.program.as_str().to_owned();
        let (plan, parameters) = (draft.plan, draft.parameters.clone());
        self.event(Event::Drafted { lane: draft.lane, program: told, plan, parameters }).await;
        self.state(JobState::Running).await;
        let run = RunRequest {
            program: draft.program,
            parameters: draft.parameters,
            formats: request.wanted.formats(),
            mesh: Mesh::FINE,
            check: true,
        };
        let (outcome, checks) = match self.run(&run).await {
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
                self.built(part, phases, checks)
            }
            outcome => self.failed(&outcome),
        }
    }

    async fn draft(&mut self, ask: Ask) -> Result<Draft, Failure> {
        let engine = &self.agent.engine;
        match ask {
            Ask::Program(program) => Ok(Draft::of(program)),
            Ask::Plan(plan) => engine.lower(&plan, "A plan"),
            Ask::Again(before) => Ok(engine.again(&before)),
            Ask::Prompt(prompt) => self.read(|| engine.answer(&prompt)).await,
            Ask::Edit { before, prompt } => self.read(|| engine.edit(&before, &prompt)).await,
        }
    }

    /// Asks an engine, and tells how it read the prompt.
    async fn read(&mut self, ask: impl FnOnce() -> Answer) -> Result<Draft, Failure> {
        self.state(JobState::Reading).await;
        let began = Instant::now();
        let answer = ask();
        self.phases.insert("read_ms".into(), milliseconds(began));
        self.event(Event::Read(Box::new(answer.reading))).await;
        answer.draft
    }

    async fn run(&mut self, request: &RunRequest) -> Result<(Outcome, Vec<Check>), runner::Error> {
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
                    RunEvent::Part { part, artifacts } => checks = self.show(*part, artifacts).await,
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

    async fn show(&mut self, part: Part, artifacts: Vec<Artifact>) -> Vec<Check> {
        self.phases.insert("shown_ms".into(), milliseconds(self.started));
        let files: Vec<Format> = artifacts.iter().map(|artifact| artifact.format).collect();
        self.keep(artifacts).await;
        let checks = check::compare(&self.stated.expectations, &part.measures);
        let sure = self.sure(&part, &checks);
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

    fn built(&mut self, part: Part, phases: Phases, checks: Vec<Check>) -> Completion {
        self.phases.extend(phases);
        let sure = self.sure(&part, &checks);
        Completion { part: Some(part), checks, sure, ..self.completion(JobState::Built) }
    }

    /// Every word used, every number met, nothing odd about the solid (design section 3). A typed program states no numbers.
    fn sure(&self, part: &Part, checks: &[Check]) -> bool {
        let met = checks.iter().all(|check| check.status == CheckStatus::Met);
        part.warnings.is_empty() && met && self.stated.understood
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
