//! One job on its way through the agent: its clock, its listener, and the running of one draft. What is tried in which order is the journey's
//! business (`journey`).

use std::collections::BTreeSet;
use std::time::Instant;

use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

use super::journey::Journey;
use super::{Agent, Ask, Request, Told, broken, check};
use crate::domain::artifact::{Format, Wanted};
use crate::domain::check::{Check, CheckStatus};
use crate::domain::event::{Completion, Event, Level};
use crate::domain::generation::Usage;
use crate::domain::job::{JobState, Lane};
use crate::domain::limits::RUN_EVENTS_QUEUE;
use crate::domain::measure::Warning;
use crate::domain::outcome::{Failure, Outcome, Part, Phases, failure};
use crate::engine::{Draft, Engine, Wish};
use crate::runner::{Artifact, Mesh, RunEvent, RunRequest};

/// One job on its way.
pub(super) struct Work<'a> {
    agent: &'a Agent,
    tell: mpsc::Sender<Told>,
    pub(super) cancel: CancellationToken,
    started: Instant,
    pub(super) phases: Phases,
    pub(super) lane: Option<Lane>,
    pub(super) usage: Option<Usage>,
    files: BTreeSet<Format>,
    wanted: Wanted,
    /// The program that was told last; the job's record says that it is its own.
    told: Option<String>,
}

/// A draft that was run, and what came of it.
#[derive(Debug)]
pub(super) struct Tried {
    pub(super) draft: Draft,
    /// As its author wrote it: a plan, a patch, or the program itself.
    pub(super) answer: String,
    pub(super) outcome: Outcome,
    pub(super) checks: Vec<Check>,
    /// Nothing that was said is unaccounted for, and those who wrote agree.
    pub(super) trusted: bool,
    pub(super) votes: u32,
    /// Files that nobody was told of yet; none when the part was shown while it ran.
    pub(super) artifacts: Vec<Artifact>,
    pub(super) is_shown: bool,
}

impl Tried {
    pub(super) fn part(&self) -> Option<&Part> {
        if let Outcome::Built { part, .. } = &self.outcome { Some(part) } else { None }
    }

    pub(super) fn missed(&self) -> usize {
        self.checks.iter().filter(|check| check.status == CheckStatus::Missed).count()
    }
}

impl<'a> Work<'a> {
    pub(super) fn new(
        agent: &'a Agent,
        wanted: Wanted,
        tell: mpsc::Sender<Told>,
        cancel: CancellationToken,
    ) -> Self {
        let (phases, files) = (Phases::new(), BTreeSet::new());
        let started = Instant::now();
        Self { agent, tell, cancel, started, phases, lane: None, usage: None, files, wanted, told: None }
    }

    pub(super) fn engine(&self) -> &'a Engine {
        &self.agent.engine
    }

    /// A listener that went away does not stop the work.
    pub(super) async fn event(&self, event: Event) {
        let _ = self.tell.send(Told::Event(event)).await;
    }

    pub(super) async fn state(&self, state: JobState) {
        self.event(Event::State { state, position: None }).await;
    }

    pub(super) async fn warn(&self, message: String) {
        self.event(Event::Log { level: Level::Warning, message }).await;
    }

    pub(super) async fn through(&mut self, request: Request) -> Completion {
        let Request { ask, parameters, choice, .. } = request;
        let engine = self.engine();
        let draft = match ask {
            Ask::Prompt(prompt) => {
                let wish = Wish { prompt, before: None, repair: None };
                return Journey::new(self, wish, parameters).go(choice).await;
            }
            Ask::Edit { before, prompt } => {
                let wish = Wish { prompt, before: Some(before), repair: None };
                return Journey::new(self, wish, parameters).go(choice).await;
            }
            Ask::Program(program) => Ok(Draft::of(program)),
            Ask::Plan(plan) => engine.lower(&plan, "A plan"),
            Ask::Again(before) => Ok(engine.again(&before)),
        };
        match draft.and_then(|draft| engine.adjust(draft, parameters)) {
            Ok(draft) => match self.run_shown(draft).await {
                Ok(tried) => self.award(tried).await,
                Err(failure) => self.over(JobState::Failed, failure),
            },
            Err(failure) => self.over(JobState::Question, failure),
        }
    }

    /// Runs a draft and shows the part while the rest of its files are written.
    pub(super) async fn run_shown(&mut self, draft: Draft) -> Result<Tried, Failure> {
        self.tell_draft(&draft).await;
        self.run(draft, true).await
    }

    /// Runs a draft that has to be compared with others before anybody sees it.
    pub(super) async fn try_out(&mut self, draft: Draft) -> Result<Tried, Failure> {
        self.tell_draft(&draft).await;
        self.run(draft, false).await
    }

    async fn tell_draft(&mut self, draft: &Draft) {
        self.lane = Some(draft.lane);
        let (plan, parameters) = (draft.plan.clone(), draft.parameters.clone());
        let program = draft.program.as_str().to_owned();
        self.told = Some(program.clone());
        self.event(Event::Drafted { lane: draft.lane, program, plan, parameters }).await;
        self.state(JobState::Running).await;
    }

    async fn run(&mut self, draft: Draft, shown: bool) -> Result<Tried, Failure> {
        let request = RunRequest {
            program: draft.program.clone(),
            parameters: draft.parameters.clone(),
            formats: self.wanted.formats(),
            mesh: Mesh::FINE,
            check: true,
        };
        let (events, mut heard) = mpsc::channel(RUN_EVENTS_QUEUE);
        let runner = self.agent.runner.clone();
        let cancel = self.cancel.clone();
        let began = Instant::now();
        let running = async {
            let finished = runner.run(&request, &events, &cancel).await;
            drop(events);
            finished
        };
        let listening = async {
            let (mut checks, mut kept) = (Vec::new(), Vec::new());
            while let Some(event) = heard.recv().await {
                match event {
                    RunEvent::Line(line) => {
                        self.event(Event::Log { level: line.level, message: line.text }).await;
                    }
                    RunEvent::Part { part, artifacts } => {
                        checks = check::compare(&draft.expectations, &part.measures);
                        if shown {
                            self.show(*part, artifacts, &checks, draft.understood).await;
                        } else {
                            kept = artifacts;
                        }
                    }
                }
            }
            (checks, kept)
        };
        let (finished, (checks, mut artifacts)) = tokio::join!(running, listening);
        let finished = finished.map_err(|error| broken(&error))?;
        self.phases.insert("run_ms".into(), milliseconds(began));
        if shown {
            self.keep(finished.artifacts).await;
        } else {
            artifacts.extend(finished.artifacts);
        }
        let answer = draft.program.as_str().to_owned();
        let trusted = draft.understood;
        let outcome = finished.outcome;
        Ok(Tried { draft, answer, outcome, checks, trusted, votes: 1, artifacts, is_shown: shown })
    }

    async fn show(&mut self, part: Part, artifacts: Vec<Artifact>, checks: &[Check], trusted: bool) {
        self.phases.entry("shown_ms".into()).or_insert_with(|| milliseconds(self.started));
        let files: Vec<Format> = artifacts.iter().map(|artifact| artifact.format).collect();
        self.keep(artifacts).await;
        let sure = is_sure(&part, checks, trusted);
        self.event(Event::Shown { part: Box::new(part), files }).await;
        self.event(Event::Checked { checks: checks.to_vec(), sure }).await;
        self.state(JobState::Exporting).await;
    }

    async fn keep(&mut self, artifacts: Vec<Artifact>) {
        if artifacts.is_empty() {
            return;
        }
        self.files.extend(artifacts.iter().map(|artifact| artifact.format));
        let _ = self.tell.send(Told::Artifacts(artifacts)).await;
    }

    /// Ends the job with this draft.
    pub(super) async fn award(&mut self, tried: Tried) -> Completion {
        let Tried { draft, outcome, checks, artifacts, is_shown, trusted, .. } = tried;
        let (mut part, phases) = match outcome {
            Outcome::Built { part, phases } => (part, phases),
            outcome => return self.failed(&outcome),
        };
        // What a format cannot hold says nothing about the part.
        let (unfit, odd) = part.warnings.into_iter().partition(Warning::is_about_a_format);
        part.warnings = odd;
        let is_told = self.told.as_deref() == Some(draft.program.as_str());
        if !is_shown || !is_told {
            // Files of a part that was shown before, and is not the best, are written over.
            self.tell_draft(&draft).await;
            self.show(part.clone(), artifacts, &checks, trusted).await;
        }
        self.phases.extend(phases);
        if self.wanted != Wanted::Usual {
            self.tell_unfit(unfit).await;
        }
        let sure = is_sure(&part, &checks, trusted);
        Completion { part: Some(part), checks, sure, ..self.completion(JobState::Built) }
    }

    /// A format that was asked for and that such a part does not have.
    async fn tell_unfit(&self, warnings: Vec<Warning>) {
        for warning in warnings {
            self.warn(warning.message).await;
        }
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

    pub(super) fn over(&mut self, state: JobState, failure: Failure) -> Completion {
        self.files.clear();
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
            usage: self.usage.take(),
            seconds: self.started.elapsed().as_secs_f64(),
            phases: std::mem::take(&mut self.phases),
        }
    }
}

/// Every word used, every number met, nothing odd about the solid (design section 3). A typed program states no numbers.
fn is_sure(part: &Part, checks: &[Check], trusted: bool) -> bool {
    trusted && part.warnings.is_empty() && checks.iter().all(|check| check.status == CheckStatus::Met)
}

pub(super) fn milliseconds(since: Instant) -> f64 {
    (since.elapsed().as_secs_f64() * 1e6).round() / 1e3
}
