//! The pool: keeps N warm workers ahead of need, replaces what is taken, and says how it stands.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use serde::Serialize;
use tokio::sync::{Notify, watch};
use tokio::task::JoinSet;

use super::protocol::Hello;
use super::scratch::ScratchRoot;
use super::worker::Worker;
use super::zygote::{Zygote, ZygoteError};
use super::{Fingerprint, Settings};
use crate::domain::limits::{WORKER_LINGER, ZYGOTE_RESTART_PAUSE, ZYGOTE_STARTS_MAX};

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum PoolState {
    /// The runtime imports build123d.
    Starting,
    /// The first worker warms itself.
    Warming,
    Ready,
    /// Given up; the message says why.
    Broken,
}

/// How the runner stands, for people and for the page.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Status {
    pub state: PoolState,
    pub workers_ready: usize,
    pub workers: usize,
    pub message: Option<String>,
    #[serde(skip)]
    pub runtime: Option<RuntimeFacts>,
}

/// Versions and start-up time of the runtime.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct RuntimeFacts {
    pub python: String,
    pub build123d: String,
    pub ocp: String,
    pub import_ms: f64,
    pub warm_ms: Option<f64>,
}

impl From<&Hello> for RuntimeFacts {
    fn from(hello: &Hello) -> Self {
        Self {
            python: hello.python.clone(),
            build123d: hello.build123d.clone(),
            ocp: hello.ocp.clone(),
            import_ms: hello.import_ms,
            warm_ms: None,
        }
    }
}

/// A worker that has run a program and may serve other values of the same one.
struct Lingering {
    program: Fingerprint,
    worker: Worker,
}

pub(super) struct Pool {
    ready: Mutex<VecDeque<Worker>>,
    lingering: Mutex<Option<Lingering>>,
    changed: Notify,
    status: watch::Sender<Status>,
}

impl Pool {
    pub(super) fn new(workers: usize) -> Self {
        let status =
            Status { state: PoolState::Starting, workers_ready: 0, workers, message: None, runtime: None };
        Self {
            ready: Mutex::default(),
            lingering: Mutex::default(),
            changed: Notify::new(),
            status: watch::Sender::new(status),
        }
    }

    pub(super) fn status(&self) -> watch::Receiver<Status> {
        self.status.subscribe()
    }

    /// A warm worker, if there is one now. Asks the keeper for a replacement.
    pub(super) fn take(&self) -> Option<Worker> {
        let mut ready = lock(&self.ready);
        let mut taken = ready.pop_front();
        while taken.as_ref().is_some_and(|worker| !worker.is_alive()) {
            taken = ready.pop_front();
        }
        let count = ready.len();
        drop(ready);
        self.status.send_modify(|status| status.workers_ready = count);
        self.changed.notify_one();
        taken
    }

    /// Keeps a worker for further runs of the same program; the one kept before goes.
    pub(super) fn linger(self: &Arc<Self>, program: Fingerprint, worker: Worker) {
        let id = worker.id.clone();
        let before = lock(&self.lingering).replace(Lingering { program, worker });
        drop(before);
        let pool = Arc::downgrade(self);
        tokio::spawn(async move {
            tokio::time::sleep(WORKER_LINGER).await;
            if let Some(pool) = pool.upgrade() {
                let _gone = lock(&pool.lingering).take_if(|kept| kept.worker.id == id);
            }
        });
    }

    pub(super) fn take_lingering(&self, program: Fingerprint) -> Option<Worker> {
        let kept = lock(&self.lingering).take_if(|kept| kept.program == program && kept.worker.is_alive());
        kept.map(|kept| kept.worker)
    }

    /// Fills the pool for ever. Ends only when starting the runtime has failed too often.
    pub(super) async fn keep(self: Arc<Self>, settings: Settings, root: Arc<ScratchRoot>) {
        let mut failures = 0;
        loop {
            let error = match Zygote::start(&settings.launch, root.path()).await {
                Ok(zygote) => {
                    let facts = RuntimeFacts::from(&zygote.hello);
                    self.status.send_modify(|status| {
                        status.state = PoolState::Warming;
                        status.runtime = Some(facts);
                    });
                    let zygote = Arc::new(zygote);
                    let (error, served) = self.fill(&zygote, &settings, &root).await;
                    if served {
                        failures = 0;
                    }
                    error
                }
                Err(error) => error,
            };
            failures += 1;
            lock(&self.ready).clear();
            let message = told(&error);
            tracing::warn!(message, failures, "the runner's zygote failed");
            let broken = failures >= ZYGOTE_STARTS_MAX || matches!(error, ZygoteError::Version { .. });
            self.status.send_modify(|status| {
                status.workers_ready = 0;
                status.state = if broken { PoolState::Broken } else { PoolState::Starting };
                status.message = Some(message);
            });
            if broken {
                return;
            }
            tokio::time::sleep(ZYGOTE_RESTART_PAUSE * 2_u32.pow(failures - 1)).await;
        }
    }

    /// Prepares workers while the zygote lives; returns why it no longer can and whether it ever served.
    async fn fill(
        &self,
        zygote: &Arc<Zygote>,
        settings: &Settings,
        root: &Arc<ScratchRoot>,
    ) -> (ZygoteError, bool) {
        let mut preparing = JoinSet::new();
        let mut served = false;
        let mut failed = 0;
        loop {
            while lock(&self.ready).len() + preparing.len() < settings.workers && !zygote.is_gone() {
                let (zygote, root, limits) = (zygote.clone(), root.clone(), settings.limits.clone());
                let id = uuid::Uuid::now_v7().simple().to_string();
                preparing.spawn(async move { Worker::start(zygote, &root, id, &limits).await });
            }
            tokio::select! {
                Some(prepared) = preparing.join_next() => match prepared {
                    Ok(Ok(worker)) => {
                        served = true;
                        failed = 0;
                        self.add(worker);
                    }
                    Ok(Err(error)) => {
                        failed += 1;
                        if failed >= ZYGOTE_STARTS_MAX || zygote.is_gone() {
                            return (error, served);
                        }
                    }
                    Err(panic) => return (ZygoteError::Io(std::io::Error::other(panic)), served),
                },
                () = self.changed.notified() => {}
                () = tokio::time::sleep(HEALTH_PAUSE) => self.bury(),
            }
            if zygote.is_gone() {
                return (ZygoteError::Gone { said: "its process is gone".into() }, served);
            }
        }
    }

    fn add(&self, worker: Worker) {
        let warm_ms = worker.warm_ms;
        let mut ready = lock(&self.ready);
        ready.push_back(worker);
        let count = ready.len();
        drop(ready);
        self.status.send_modify(|status| {
            status.state = PoolState::Ready;
            status.message = None;
            status.workers_ready = count;
            if let Some(facts) = &mut status.runtime {
                facts.warm_ms = Some(warm_ms);
            }
        });
    }

    /// Drops workers that died while they waited.
    fn bury(&self) {
        let mut ready = lock(&self.ready);
        ready.retain(Worker::is_alive);
        let count = ready.len();
        drop(ready);
        self.status.send_if_modified(|status| {
            let changed = status.workers_ready != count;
            status.workers_ready = count;
            changed
        });
    }
}

/// How often the keeper looks whether waiting workers still live.
const HEALTH_PAUSE: Duration = Duration::from_secs(1);

/// An error with its causes on one line.
fn told(error: &ZygoteError) -> String {
    let mut text = error.to_string();
    let mut cause = std::error::Error::source(error);
    while let Some(error) = cause {
        text = format!("{text}: {error}");
        cause = error.source();
    }
    text
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
