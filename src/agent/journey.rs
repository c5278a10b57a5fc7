//! A prompt on its way: reads it, climbs the ladder, keeps the best-checked draft, and tells what was tried. Does what `ladder` decides.

use std::collections::BTreeSet;
use std::time::Instant;

use tokio::sync::mpsc;

use super::coverage::{self, Shown};
use super::ladder::{Heard, Ladder, Situation, Step};
use super::opinion::{agreeing, differences, doubts, rank, same_solid, says_all};
use super::repair::{Attempt, Shrink, rewrite};
use super::work::{Tried, Work, milliseconds};
use crate::domain::event::{Completion, Event};
use crate::domain::generation::Usage;
use crate::domain::job::{Choice, JobState, Lane};
use crate::domain::limits::{DRAFTS_RUN_MAX, MODEL_TOLD_QUEUE};
use crate::domain::outcome::{Failure, Outcome, failure};
use crate::domain::program::{Parameters, Program};
use crate::domain::reading::{Reading, Stated};
use crate::engine::{Draft, Findings, Proposal, Repair, Wish, repair_turn};
use crate::model;

/// Share of the candidates that have to agree before a model's part is called sure.
const AGREEMENT: f64 = 0.75;

pub(super) struct Journey<'w, 'a> {
    work: &'w mut Work<'a>,
    wish: Wish,
    parameters: Parameters,
    reading: Reading,
    stated: Vec<Stated>,
    template: Option<Draft>,
    proposals: Vec<Proposal>,
    candidates: u32,
    /// Programs that were run; a model that repeats itself has nothing more to say.
    seen: BTreeSet<String>,
    best: Option<Tried>,
    /// The draft that the next repair is about.
    wanting: Option<Wanting>,
    /// How many of a model's candidates agree on its best draft, of how many.
    agreement: Option<(u32, u32)>,
    /// Why there is nothing to show, the closest reason first.
    reasons: Vec<(JobState, Failure)>,
    round: u32,
}

/// A draft that did not do.
struct Wanting {
    draft: Option<Draft>,
    answer: String,
    complaint: String,
    failure: Option<Failure>,
}

impl<'w, 'a> Journey<'w, 'a> {
    pub(super) fn new(work: &'w mut Work<'a>, wish: Wish, parameters: Parameters) -> Self {
        Self {
            work,
            wish,
            parameters,
            reading: Reading::default(),
            stated: Vec::new(),
            template: None,
            proposals: Vec::new(),
            candidates: 0,
            seen: BTreeSet::new(),
            best: None,
            wanting: None,
            agreement: None,
            reasons: Vec::new(),
            round: 0,
        }
    }

    pub(super) async fn go(mut self, choice: Choice) -> Completion {
        let situation = match self.read(choice).await {
            Ok(situation) => situation,
            Err(failure) => return self.work.over(JobState::Question, failure),
        };
        let mut ladder = Ladder::new(situation);
        let mut heard = Heard::Began;
        loop {
            let step = ladder.next(heard);
            tracing::debug!(?heard, ?step, "the agent goes on");
            heard = match step {
                Step::RunTemplate => self.run_template().await,
                Step::Ask { lane, round } => self.ask(lane, round).await,
                Step::RunDrafts => self.run_drafts().await,
                Step::Rewrite => self.rewrite().await,
                Step::Shrink => self.shrink().await,
                Step::Finish => return self.finish(choice).await,
            };
            if self.work.cancel.is_cancelled() {
                heard = Heard::Cancelled;
            }
        }
    }

    /// Reads the prompt with the templates, which always come first: they cost milliseconds.
    async fn read(&mut self, choice: Choice) -> Result<Situation, Failure> {
        self.work.state(JobState::Reading).await;
        let engine = self.work.engine();
        let began = Instant::now();
        let answer = match &self.wish.before {
            None => engine.answer(&self.wish.prompt),
            Some(before) => engine.edit(before, &self.wish.prompt),
        };
        self.work.phases.insert("read_ms".into(), milliseconds(began));
        self.reading = answer.reading;
        self.work.event(Event::Read(Box::new(self.reading.clone()))).await;
        match answer.draft {
            Ok(draft) => self.template = Some(engine.adjust(draft, self.parameters.clone())?),
            Err(failure) => self.reasons.push((JobState::Question, failure)),
        }
        let drafted = self.template.is_some();
        let complete = drafted && self.reading.complete();
        let lane = self.lane(choice);
        let repairs = lane.is_some_and(|lane| engine.takes_advice(lane));
        Ok(Situation { choice, complete, drafted, lane, repairs })
    }

    /// The lane that a model would take. A model that was named and is not there is a reason of its own.
    fn lane(&mut self, choice: Choice) -> Option<Lane> {
        let engine = self.work.engine();
        let lane = match choice {
            Choice::Template => return None,
            Choice::Auto | Choice::Model => {
                engine.usual_lane().or((choice == Choice::Model).then_some(Lane::ModelPlan))
            }
            Choice::ModelPlan => Some(Lane::ModelPlan),
            Choice::ModelCode => Some(Lane::ModelCode),
            Choice::Remote => Some(Lane::Remote),
        }?;
        let Some(obstacle) = engine.obstacle(lane, &self.wish) else { return Some(lane) };
        if choice != Choice::Auto {
            self.work.lane = Some(lane);
            self.reasons.insert(0, (JobState::Failed, obstacle));
        }
        None
    }

    async fn run_template(&mut self) -> Heard {
        let Some(draft) = self.template.take() else { return Heard::Nothing };
        self.seen.insert(draft.program.as_str().to_owned());
        let tried = if self.best.is_none() && self.round == 0 {
            self.work.run_shown(draft).await
        } else {
            self.work.try_out(draft).await.map(|tried| self.with_coverage(tried, &[]))
        };
        match tried {
            Ok(tried) => {
                self.hear_second_opinion(&tried);
                self.judge(tried)
            }
            Err(failure) => self.give_up(failure),
        }
    }

    /// The templates' draft beside a model's: where both are the same solid they are believed, where they differ it is told in what.
    fn hear_second_opinion(&mut self, templates: &Tried) {
        let Some(best) = self.best.as_mut().filter(|best| best.draft.lane == Lane::ModelPlan) else { return };
        if same_solid(templates, best) {
            let (votes, of) = self.agreement.unwrap_or((1, 1));
            best.trusted |= votes * 2 > of && says_all(self.work.engine().catalog(), &self.wish, best);
            self.reading.notes.push("The templates read the same part".to_owned());
        } else if let (Some(ours), Some(plan)) = (&templates.draft.plan, &best.draft.plan) {
            self.reading.notes.extend(differences(self.work.engine().catalog(), plan, ours));
        }
    }

    async fn ask(&mut self, lane: Lane, round: u32) -> Heard {
        self.round = round;
        let engine = self.work.engine();
        let model = engine.model_name(lane);
        if let Some(wanting) = &self.wanting {
            let why = wanting.failure.as_ref().map_or(wanting.complaint.as_str(), |failure| &failure.message);
            let (why, how) = (first_line(why), "the model is told and writes again".to_owned());
            self.work.event(Event::Repaired { why, how }).await;
        }
        let repair = self
            .wanting
            .take()
            .map(|wanting| Repair { answer: wanting.answer, complaint: wanting.complaint });
        let wish = Wish { repair, ..self.wish.clone() };
        self.work.lane = Some(lane);
        self.work.state(JobState::Writing).await;
        self.work.event(Event::Asked { lane, model, round }).await;
        let (tell, mut told) = mpsc::channel(MODEL_TOLD_QUEUE);
        let cancel = self.work.cancel.clone();
        let began = Instant::now();
        let asking = async {
            let proposals = engine.propose(lane, &wish, &tell, &cancel).await;
            drop(tell);
            proposals
        };
        let listening = async {
            while let Some(told) = told.recv().await {
                let event = match told {
                    model::Told::Text(text) => Event::Wrote { text },
                    model::Told::Progress { what, done, total } => Event::Progress { what, done, total },
                };
                self.work.event(event).await;
            }
        };
        let (proposals, ()) = tokio::join!(asking, listening);
        *self.work.phases.entry("model_ms".into()).or_insert(0.0) += milliseconds(began);
        let proposals = match proposals {
            Ok(proposals) => proposals,
            Err(failure) => return self.give_up(failure),
        };
        self.work.usage.get_or_insert_with(Usage::default).add(&proposals.usage);
        self.candidates = proposals.candidates;
        let wrote = !proposals.drafts.is_empty();
        // Where most of them miss something, a part would be a guess.
        let votes = proposals.drafts.iter().map(|proposal| proposal.votes).max().unwrap_or_default();
        let question = proposals.asked.filter(|_| proposals.askers > votes);
        self.proposals = proposals
            .drafts
            .into_iter()
            .filter(|new| !self.seen.contains(new.draft.program.as_str()))
            .collect();
        if question.is_none() && !self.proposals.is_empty() {
            return Heard::Drafted;
        }
        if let Some(question) = question {
            self.proposals.clear();
            let hint = "Answer it in the next prompt";
            self.reasons.insert(0, (JobState::Question, Failure::new("question", question, hint)));
            return Heard::Silent;
        }
        match proposals.unusable.into_iter().next() {
            Some((answer, failure)) if !wrote => {
                let complaint = repair_turn(Findings { failure: Some(&failure), ..Findings::default() });
                self.wanting =
                    Some(Wanting { draft: None, answer, complaint, failure: Some(failure.clone()) });
                self.reasons.push((JobState::Failed, failure));
                Heard::Unusable
            }
            _ => Heard::Silent,
        }
    }

    /// Runs the drafts that differ. Those that build the same solid count as one opinion.
    async fn run_drafts(&mut self) -> Heard {
        let mut tried = Vec::new();
        for proposal in std::mem::take(&mut self.proposals).into_iter().take(DRAFTS_RUN_MAX) {
            let agreed = f64::from(proposal.votes) >= AGREEMENT * f64::from(self.candidates);
            let Proposal { draft, votes, answer, converted, changes } = proposal;
            self.seen.insert(draft.program.as_str().to_owned());
            let draft = self.without_known_mistakes(draft);
            let run = match self.work.engine().adjust(draft, self.parameters.clone()) {
                Ok(draft) => self.work.try_out(draft).await,
                Err(failure) => Err(failure),
            };
            match run {
                Ok(run) => {
                    let run = self.with_coverage(Tried { answer, votes, ..run }, &converted);
                    tried.push((run, changes));
                }
                Err(failure) => return self.give_up(failure),
            }
            if agreed || self.work.cancel.is_cancelled() {
                break;
            }
        }
        let several = self.candidates > 1;
        let votes: Vec<u32> = tried.iter().map(|(one, _)| agreeing(one, &tried)).collect();
        for ((one, _), &votes) in tried.iter_mut().zip(&votes) {
            one.votes = votes;
            let agreed = several && f64::from(votes) >= AGREEMENT * f64::from(self.candidates);
            one.trusted = agreed && says_all(self.work.engine().catalog(), &self.wish, one);
        }
        let best = (0..tried.len()).max_by_key(|&at| (rank(&tried[at].0), std::cmp::Reverse(at)));
        let Some(best) = best else { return Heard::Silent };
        let (best, changes) = tried.swap_remove(best);
        let catalog = self.work.engine().catalog();
        self.reading.doubtful = if best.trusted { Vec::new() } else { doubts(catalog, &best, &tried) };
        if several {
            self.agreement = Some((best.votes, self.candidates));
        }
        self.reading.changes = changes;
        self.judge(best)
    }

    /// What is always wrong need not fail first.
    fn without_known_mistakes(&mut self, draft: Draft) -> Draft {
        if draft.plan.is_some() {
            return draft;
        }
        let Some(rewritten) = rewrite(draft.program.as_str(), None) else { return draft };
        match Program::parse(&rewritten.program) {
            Ok(program) => {
                self.reading.notes.extend(rewritten.told);
                Draft { program, ..draft }
            }
            Err(_) => draft,
        }
    }

    async fn rewrite(&mut self) -> Heard {
        let Some(wanting) = &self.wanting else { return Heard::Nothing };
        // A program that was lowered from a plan makes none of these mistakes.
        let Some(draft) = wanting.draft.clone().filter(|draft| draft.plan.is_none()) else {
            return Heard::Nothing;
        };
        let Some(rewritten) = rewrite(draft.program.as_str(), wanting.failure.as_ref()) else {
            return Heard::Nothing;
        };
        let Ok(program) = Program::parse(&rewritten.program) else { return Heard::Nothing };
        if !self.seen.insert(program.as_str().to_owned()) {
            return Heard::Nothing;
        }
        let why = wanting.failure.as_ref().map(|failure| failure.message.clone()).unwrap_or_default();
        self.work.event(Event::Repaired { why, how: rewritten.told.join("; ") }).await;
        self.reading.notes.extend(rewritten.told);
        match self.work.try_out(Draft { program, ..draft }).await {
            Ok(tried) => {
                let tried = self.with_coverage(tried, &[]);
                self.judge(tried)
            }
            Err(failure) => self.give_up(failure),
        }
    }

    /// Looks for the largest size that the kernel can build.
    async fn shrink(&mut self) -> Heard {
        let Some(Wanting { draft: Some(draft), failure: Some(failure), .. }) = &self.wanting else {
            return Heard::Nothing;
        };
        let (draft, failure) = (draft.clone(), failure.clone());
        let Some(mut shrinking) = Shrink::begin(draft.program.as_str(), &failure) else {
            return Heard::Nothing;
        };
        let how = "a smaller size is looked for".to_owned();
        self.work.event(Event::Repaired { why: failure.message.clone(), how }).await;
        let mut worked: Option<(String, Tried)> = None;
        while let Some(attempt) = shrinking.next() {
            let Some(smaller) = self.smaller(&draft, &attempt) else { return Heard::Nothing };
            let tried = match self.work.try_out(smaller).await {
                Ok(tried) => tried,
                Err(failure) => return self.give_up(failure),
            };
            if self.work.cancel.is_cancelled() {
                return Heard::Cancelled;
            }
            let good = shrinking.worked(self::failure(&tried.outcome).as_ref());
            shrinking.heard(good);
            if good {
                worked = Some((attempt.program, tried));
            }
        }
        let Some(shrunk) = shrinking.end() else { return Heard::Nothing };
        let Some((_, tried)) = worked.filter(|(program, _)| *program == shrunk.program) else {
            return Heard::Nothing;
        };
        self.work.event(Event::Repaired { why: failure.message, how: shrunk.told.clone() }).await;
        self.reading.notes.push(shrunk.told);
        // What was asked for stays what the solid is held against.
        let tried = self.with_coverage(Tried { trusted: false, ..tried }, &[]);
        match self.judge(tried) {
            // It is the best that the kernel can do; asking again would not make it larger.
            Heard::Built { .. } => Heard::Built { missed: 0 },
            heard => heard,
        }
    }

    /// The draft with the size in its place; a plan follows by its parameter.
    fn smaller(&self, draft: &Draft, trial: &Attempt) -> Option<Draft> {
        if draft.plan.is_some() {
            let (name, value) = trial.parameter.as_ref()?;
            let values = Parameters::from([(name.clone(), (*value).into())]);
            let smaller = self.work.engine().adjust(draft.clone(), values).ok()?;
            return Some(Draft { expectations: draft.expectations.clone(), ..smaller });
        }
        let program = Program::parse(&trial.program).ok()?;
        let mut smaller = Draft { program, ..draft.clone() };
        // A value that the run is given would win over the text.
        if let Some((name, value)) =
            trial.parameter.as_ref().filter(|(name, _)| draft.parameters.contains_key(name))
        {
            smaller.parameters.insert(name.clone(), (*value).into());
        }
        Some(smaller)
    }

    /// Adds what the answer leaves out of the prompt's numbers.
    fn with_coverage(&mut self, mut tried: Tried, copied: &[(String, String)]) -> Tried {
        if self.stated.is_empty() {
            self.stated = self.work.engine().catalog().stated(self.wish.prompt.as_str());
        }
        if let Some(part) = tried.part() {
            let shown = Shown {
                plan: tried.draft.plan.as_ref(),
                program: tried.draft.program.as_str(),
                copied,
                measures: &part.measures,
            };
            let left_out = coverage::left_out(&self.stated, &shown);
            tried.checks.extend(left_out);
        }
        tried
    }

    /// Keeps a draft when it is the best so far, and remembers what the next repair is about.
    fn judge(&mut self, tried: Tried) -> Heard {
        let heard = match &tried.outcome {
            Outcome::Built { .. } => Heard::Built { missed: tried.missed() },
            Outcome::Cancelled => Heard::Cancelled,
            _ => Heard::Broke,
        };
        if heard != (Heard::Built { missed: 0 }) {
            let failure = failure(&tried.outcome);
            let part = tried.part();
            let complaint = repair_turn(Findings {
                failure: failure.as_ref(),
                checks: &tried.checks,
                measures: part.map(|part| &part.measures),
                warnings: part.map(|part| part.warnings.as_slice()).unwrap_or_default(),
                repeated: false,
            });
            let answer = tried.answer.clone();
            self.wanting = Some(Wanting { draft: Some(tried.draft.clone()), answer, complaint, failure });
        }
        if self.best.as_ref().is_none_or(|best| rank(&tried) > rank(best)) {
            self.best = Some(tried);
        }
        heard
    }

    fn give_up(&mut self, failure: Failure) -> Heard {
        if failure.code == "cancelled" {
            return Heard::Cancelled;
        }
        self.reasons.insert(0, (JobState::Failed, failure));
        Heard::Silent
    }

    async fn finish(mut self, choice: Choice) -> Completion {
        if self.work.cancel.is_cancelled() {
            let cancelled =
                failure(&Outcome::Cancelled).unwrap_or_else(|| Failure::new("cancelled", "Cancelled", ""));
            return self.work.over(JobState::Cancelled, cancelled);
        }
        let best = self.best.take();
        if let Some(broken) = best.as_ref().and_then(|best| failure(&best.outcome)) {
            self.work.warn(format!("The closest draft cannot be built: {}", broken.message)).await;
        }
        // Where the templates know nothing and the candidates each say something else, nobody has understood: then it is asked.
        let guessed = choice == Choice::Auto && self.agreement.is_some_and(|(votes, of)| votes * 2 < of);
        if guessed && self.reasons.iter().any(|(state, _)| *state == JobState::Question) {
            self.work.warn("The model's drafts for this contradict each other".into()).await;
        }
        let worth = |best: &Tried| best.part().is_some() && (!guessed || best.draft.lane == Lane::Template);
        let Some(best) = best.filter(|best| worth(best) || self.reasons.is_empty()) else {
            let (state, failure) = self.reasons.into_iter().next().unwrap_or_else(|| {
                (JobState::Failed, Failure::new("no_draft", "Nobody had a proposal", "Say it in other words"))
            });
            return self.work.over(state, failure);
        };
        if self.round > 0 {
            for (_, failure) in self.reasons.iter().filter(|(state, _)| *state == JobState::Failed) {
                self.work.warn(format!("The model did not answer: {}", failure.message)).await;
            }
            self.tell_reading(&best).await;
        }
        self.work.award(best).await
    }

    /// How the answer came about, when a model had a say.
    async fn tell_reading(&mut self, best: &Tried) {
        let mut reading = self.reading.clone();
        let unread: Vec<&str> = reading.unread.iter().map(|word| word.text.as_str()).collect();
        let unread = unread.join(", ");
        if best.trusted || best.draft.lane == Lane::Template {
            reading.doubtful.clear();
        }
        if best.draft.lane == Lane::Template {
            let note = format!("This is the closest that the templates know; it leaves out: {unread}");
            reading.notes.extend((!unread.is_empty()).then_some(note));
            reading.changes.clear();
        } else {
            let doubts = reading.doubtful.iter();
            reading.notes.extend(doubts.map(|doubt| format!("Please check: {}", doubt.text())));
            let note = format!("A model read what the templates did not: {unread}");
            reading.notes.extend((!unread.is_empty()).then_some(note));
            if let Some((votes, of)) = self.agreement {
                reading.notes.push(format!("{votes} of {of} candidates of the model agree on this part"));
            }
            reading.question = None;
            reading.plan.clone_from(&best.draft.plan);
            reading.unread.clear();
            reading.spans.clear();
        }
        self.work.event(Event::Read(Box::new(reading))).await;
    }
}

fn first_line(text: &str) -> String {
    text.lines().find(|line| !line.trim().is_empty()).unwrap_or_default().to_owned()
}
