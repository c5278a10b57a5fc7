//! One worker at a time for one model: started on demand, asked one question after the other, ended when it hangs, started again when it dies.
//!
//! A crash fails the question that provoked it and nothing else. After each one the next start waits longer; after several in a row the model
//! is left alone until somebody loads it by hand.

use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};

use serde::Serialize;
use tokio::sync::{mpsc, watch};
use tokio::time::{Instant, sleep_until, timeout};
use tokio_util::sync::CancellationToken;

use super::Device;
use super::child::Child;
use super::error::Error;
use super::tier::{self, Tier};
use super::wire::{Answer, Facts, FromWorker, Generate, Load, ToWorker};
use crate::domain::limits::{
    MODEL_ANSWER_SILENCE_WAIT, MODEL_CANCEL_WAIT, MODEL_CRASHES_MAX, MODEL_LOAD_SILENCE_WAIT,
    MODEL_PING_EVERY, MODEL_PING_WAIT, MODEL_RESTART_PAUSE,
};

/// The model to load.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Source {
    pub(super) name: String,
    pub(super) load: Load,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum State {
    /// There is none.
    Absent,
    /// There is one; it is loaded when it is asked.
    Idle,
    Loading,
    Ready,
    Failed,
}

/// How the model stands.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Status {
    pub state: State,
    pub percent: u64,
    /// Its name, loaded or chosen.
    pub model: Option<String>,
    pub message: Option<String>,
    pub hint: Option<String>,
    pub facts: Option<Facts>,
    /// The worker's process, and what it is compiled for.
    pub pid: Option<u32>,
    pub tier: Option<tier::Name>,
}

/// What is told while a question is answered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Told {
    Progress {
        what: String,
        done: u64,
        total: u64,
    },
    /// What the first candidate wrote since the last time.
    Text(String),
}

#[derive(Default)]
struct Seat {
    child: Option<Child>,
    /// What the child has loaded.
    loaded: Option<Source>,
    crashes: u32,
    not_before: Option<Instant>,
    last: String,
}

pub(super) struct Supervisor {
    tiers: Vec<Tier>,
    /// The tier in use; those before it do not run here.
    tier: AtomicUsize,
    seat: tokio::sync::Mutex<Seat>,
    status: watch::Sender<Status>,
    ids: AtomicU64,
    /// Ends whatever is going on, for an unload.
    stop: Mutex<CancellationToken>,
}

impl Supervisor {
    pub(super) fn start(tiers: Vec<Tier>, status: Status) -> Arc<Self> {
        let supervisor = Arc::new(Self {
            tiers,
            tier: AtomicUsize::new(0),
            seat: tokio::sync::Mutex::default(),
            status: watch::Sender::new(status),
            ids: AtomicU64::new(0),
            stop: Mutex::default(),
        });
        tokio::spawn(keep_well(Arc::downgrade(&supervisor)));
        supervisor
    }

    pub(super) fn status(&self) -> Status {
        self.status.borrow().clone()
    }

    pub(super) fn tell(&self, change: impl FnOnce(&mut Status)) {
        self.status.send_modify(change);
    }

    /// Ends the worker, and the question it is at; its memory is free afterwards.
    pub(super) async fn unload(&self) {
        self.stop().cancel();
        let mut seat = self.seat.lock().await;
        *self.stop() = CancellationToken::new();
        *seat = Seat::default();
        self.tell(|status| {
            status.state = if status.model.is_some() { State::Idle } else { State::Absent };
            (status.percent, status.message, status.hint, status.facts, status.pid) =
                (0, None, None, None, None);
        });
    }

    /// Loads without asking anything. `by_hand` forgives earlier crashes.
    pub(super) async fn load(
        &self,
        source: Source,
        by_hand: bool,
        tell: Option<&mpsc::Sender<Told>>,
        cancel: &CancellationToken,
    ) -> Result<Facts, Error> {
        let mut seat = self.seat(cancel).await?;
        if by_hand {
            (seat.crashes, seat.not_before) = (0, None);
        }
        self.ready(&mut seat, source, tell, cancel).await
    }

    /// Asks the model, which is loaded first if it must be.
    pub(super) async fn generate(
        &self,
        source: Source,
        mut ask: Generate,
        tell: &mpsc::Sender<Told>,
        cancel: &CancellationToken,
    ) -> Result<Answer, Error> {
        let mut seat = self.seat(cancel).await?;
        self.ready(&mut seat, source, Some(tell), cancel).await?;
        ask.id = self.ids.fetch_add(1, Ordering::Relaxed) + 1;
        let stop = self.stop().clone();
        let answered = {
            let Some(child) = seat.child.as_mut() else { return Err(Error::Nonsense("it is gone".into())) };
            answer(child, ask, tell, cancel, &stop).await
        };
        self.settle(&mut seat, answered)
    }

    /// One question at a time; the others wait here, and may be given up.
    async fn seat(&self, cancel: &CancellationToken) -> Result<tokio::sync::MutexGuard<'_, Seat>, Error> {
        tokio::select! {
            () = cancel.cancelled() => Err(Error::Cancelled),
            seat = self.seat.lock() => Ok(seat),
        }
    }

    fn stop(&self) -> MutexGuard<'_, CancellationToken> {
        self.stop.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Makes the seat hold a worker that has this model loaded.
    async fn ready(
        &self,
        seat: &mut Seat,
        source: Source,
        tell: Option<&mpsc::Sender<Told>>,
        cancel: &CancellationToken,
    ) -> Result<Facts, Error> {
        if seat.child.is_some()
            && seat.loaded.as_ref() == Some(&source)
            && let Some(facts) = self.status().facts
        {
            return Ok(facts);
        }
        if seat.loaded.as_ref().is_some_and(|loaded| loaded.name != source.name) {
            *seat = Seat::default();
        }
        (seat.child, seat.loaded) = (None, None);
        if seat.crashes >= MODEL_CRASHES_MAX {
            let (times, last) = (seat.crashes, seat.last.clone());
            return Err(Error::GivenUp { model: source.name, times, last });
        }
        let stop = self.stop().clone();
        let waiting = async {
            if let Some(when) = seat.not_before {
                sleep_until(when).await;
            }
        };
        tokio::select! {
            () = cancel.cancelled() => return Err(Error::Cancelled),
            () = stop.cancelled() => return Err(Error::Cancelled),
            () = waiting => {}
        }
        self.tell(|status| {
            status.state = State::Loading;
            status.model = Some(source.name.clone());
            (status.percent, status.message, status.hint, status.facts) = (0, None, None, None);
        });
        let loading = self.load_by_tier(&source, tell);
        let loaded = tokio::select! {
            () = cancel.cancelled() => Err(Error::Cancelled),
            () = stop.cancelled() => Err(Error::Cancelled),
            loaded = loading => loaded,
        };
        match loaded {
            Ok((child, facts)) => {
                let pid = child.pid();
                (seat.child, seat.loaded) = (Some(child), Some(source));
                self.tell(|status| {
                    (status.state, status.percent, status.pid) = (State::Ready, 100, pid);
                    status.tier = self.tier_name();
                    status.facts = Some(facts.clone());
                });
                Ok(facts)
            }
            Err(error) => self.settle(seat, Err(error)),
        }
    }

    /// A tier that meets an instruction which this processor lacks makes way for the next one, for good.
    async fn load_by_tier(
        &self,
        source: &Source,
        tell: Option<&mpsc::Sender<Told>>,
    ) -> Result<(Child, Facts), Error> {
        loop {
            match self.load_into(source, tell).await {
                Err(Error::Illegal) if self.next_tier() => {}
                loaded => return loaded,
            }
        }
    }

    async fn start_child(&self) -> Result<Child, Error> {
        loop {
            let tier = self.tiers.get(self.tier.load(Ordering::Relaxed));
            let tier = tier.ok_or_else(|| Error::Nonsense("there is no program to start".into()))?;
            match Child::start(&tier.program).await {
                Err(Error::Illegal | Error::Start(_) | Error::Nonsense(_)) if self.next_tier() => {}
                started => return started,
            }
        }
    }

    /// False when there is none.
    fn next_tier(&self) -> bool {
        let next = self.tier.load(Ordering::Relaxed) + 1;
        if next >= self.tiers.len() {
            return false;
        }
        tracing::warn!(lost = ?self.tiers[next - 1].name, "this build of the model worker does not run here");
        self.tier.store(next, Ordering::Relaxed);
        true
    }

    fn tier_name(&self) -> Option<tier::Name> {
        self.tiers.get(self.tier.load(Ordering::Relaxed)).map(|tier| tier.name)
    }

    /// What a worker finds to compute with.
    pub(super) async fn devices(&self) -> Result<Vec<Device>, Error> {
        Ok(self.start_child().await?.devices.clone())
    }

    async fn load_into(
        &self,
        source: &Source,
        tell: Option<&mpsc::Sender<Told>>,
    ) -> Result<(Child, Facts), Error> {
        let mut child = self.start_child().await?;
        child.send(&ToWorker::Load(source.load.clone())).await?;
        loop {
            match child.hear(MODEL_LOAD_SILENCE_WAIT).await? {
                FromWorker::Loaded(facts) => return Ok((child, facts)),
                FromWorker::Refused { problem, .. } => return Err(problem.into()),
                FromWorker::Progress { what, done, total } => {
                    self.tell(|status| status.percent = done * 100 / total.max(1));
                    if let Some(tell) = tell {
                        let _ = tell.try_send(Told::Progress { what, done, total });
                    }
                }
                _ => {}
            }
        }
    }

    /// Keeps account of crashes, and tells how the model stands after a question.
    fn settle<T>(&self, seat: &mut Seat, done: Result<T, Error>) -> Result<T, Error> {
        match &done {
            Ok(_) => (seat.crashes, seat.not_before) = (0, None),
            Err(error) if error.is_fatal() => {
                (seat.child, seat.loaded) = (None, None);
                seat.not_before = Some(Instant::now() + MODEL_RESTART_PAUSE * 2u32.pow(seat.crashes.min(8)));
                seat.crashes += 1;
                seat.last = error.to_string();
            }
            // It is well, or was ended on purpose.
            Err(_) => {
                if seat.child.as_ref().is_some_and(Child::is_killed) {
                    (seat.child, seat.loaded) = (None, None);
                }
            }
        }
        let alive = seat.child.is_some();
        self.tell(|status| match &done {
            Err(error) if !alive => {
                let idle = error.is_cancelled();
                status.state = if idle { State::Idle } else { State::Failed };
                status.message = (!idle).then(|| error.to_string());
                status.hint = (!idle).then(|| error.hint());
                (status.percent, status.facts, status.pid) = (0, None, None);
            }
            _ => {}
        });
        done
    }
}

async fn answer(
    child: &mut Child,
    ask: Generate,
    tell: &mpsc::Sender<Told>,
    cancel: &CancellationToken,
    stop: &CancellationToken,
) -> Result<Answer, Error> {
    let id = ask.id;
    child.send(&ToWorker::Generate(Box::new(ask))).await?;
    loop {
        let message = tokio::select! {
            message = child.hear(MODEL_ANSWER_SILENCE_WAIT) => message?,
            () = cancel.cancelled() => return Err(cancelled(child, id).await),
            () = stop.cancelled() => return Err(cancelled(child, id).await),
        };
        match message {
            FromWorker::Done { id: of, answer } if of == id => return Ok(answer),
            FromWorker::Refused { id: of, problem } if of == id => return Err(problem.into()),
            FromWorker::Delta { id: of, text } if of == id => {
                let _ = tell.send(Told::Text(text)).await;
            }
            FromWorker::Progress { what, done, total } => {
                let _ = tell.try_send(Told::Progress { what, done, total });
            }
            _ => {}
        }
    }
}

/// Asks the worker to stop, and ends it when it does not in time.
async fn cancelled(child: &mut Child, id: u64) -> Error {
    let stopping = async {
        child.send(&ToWorker::Cancel { id }).await?;
        loop {
            match child.hear(MODEL_CANCEL_WAIT).await? {
                FromWorker::Done { id: of, .. } | FromWorker::Refused { id: of, .. } if of == id => {
                    return Ok::<_, Error>(());
                }
                _ => {}
            }
        }
    };
    if !matches!(timeout(MODEL_CANCEL_WAIT, stopping).await, Ok(Ok(()))) {
        child.kill();
    }
    Error::Cancelled
}

/// Asks an idle worker now and then whether it is well, so that its death is seen before the next question.
async fn keep_well(supervisor: Weak<Supervisor>) {
    let mut n = 0;
    loop {
        tokio::time::sleep(MODEL_PING_EVERY).await;
        let Some(supervisor) = supervisor.upgrade() else { return };
        let Ok(mut seat) = supervisor.seat.try_lock() else { continue };
        let Some(child) = seat.child.as_mut() else { continue };
        n += 1;
        let well = async {
            child.send(&ToWorker::Ping { n }).await?;
            loop {
                if let FromWorker::Pong { n: heard } = child.hear(MODEL_PING_WAIT).await?
                    && heard == n
                {
                    return Ok(());
                }
            }
        };
        if let Err(error) = well.await {
            tracing::warn!(%error, "the idle model worker is lost");
            let _ = supervisor.settle(&mut seat, Err::<(), _>(error));
        }
    }
}
