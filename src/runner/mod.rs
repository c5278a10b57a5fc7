//! Floor 1: program to outcome. Owns the Python runtime's processes; knows nothing of prompts, plans or jobs.
//!
//! A zygote has imported build123d and only forks; N warm one-shot workers wait; a run takes one. `run` answers
//! `Ok(Finished)` for everything a program can do to itself, and `Err` only when our own machinery is broken.

mod frames;
mod output;
mod pool;
mod protocol;
mod run;
mod scratch;
mod worker;
mod zygote;

use std::path::PathBuf;
use std::sync::Arc;

use sha2::{Digest, Sha256};
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

pub use output::Line;
pub use pool::{PoolState, RuntimeFacts, Status};
pub use protocol::Mesh;
pub use run::{Artifact, Finished, RunEvent, RunRequest};
pub use scratch::ScratchRoot;
pub use zygote::Launch;

use crate::domain::limits::{RUN_ATTEMPTS_MAX, RUN_EVENTS_QUEUE, RunLimits, WORKER_WAIT};
use crate::domain::outcome::Outcome;
use pool::Pool;
use worker::Worker;

/// What the runner needs to know.
#[derive(Clone, Debug)]
pub struct Settings {
    pub launch: Launch,
    /// Workers kept warm.
    pub workers: usize,
    /// Where scratch folders are made.
    pub scratch: PathBuf,
    pub limits: RunLimits,
}

/// The runner cannot do its work. Never the program's fault.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    #[error("The scratch folder `{path}` cannot be used")]
    Scratch {
        path: PathBuf,
        #[source]
        source: std::io::Error,
    },
    #[error("The Python runtime does not work: {0}")]
    Broken(String),
    #[error("No warm worker was free within {0} s")]
    Busy(u64),
    #[error("The Python runtime ended while the program ran, {RUN_ATTEMPTS_MAX} times over")]
    Lost,
}

/// Handle of the runner; cheap to clone. The last one dropped ends the zygote and its workers.
#[derive(Clone)]
pub struct Runner {
    pool: Arc<Pool>,
    limits: RunLimits,
    _keeper: Arc<Keeper>,
}

/// Ends the task that fills the pool, and with it the zygote.
struct Keeper(tokio::task::JoinHandle<()>);

impl Drop for Keeper {
    fn drop(&mut self) {
        self.0.abort();
    }
}

impl Runner {
    /// Starts filling the pool in the background and returns at once.
    pub fn start(settings: Settings) -> Result<Self, Error> {
        let root = ScratchRoot::create(&settings.scratch)
            .map_err(|source| Error::Scratch { path: settings.scratch.clone(), source })?;
        let pool = Arc::new(Pool::new(settings.workers));
        let limits = settings.limits.clone();
        let keeper = tokio::spawn(pool.clone().keep(settings, Arc::new(root)));
        Ok(Self { pool, limits, _keeper: Arc::new(Keeper(keeper)) })
    }

    pub fn status(&self) -> Status {
        self.pool.status().borrow().clone()
    }

    /// Waits until a worker is warm or the runner is broken.
    pub async fn ready(&self) -> Result<Status, Error> {
        self.wait_for(|status| status.workers_ready > 0).await
    }

    /// Waits until every worker is warm or the runner is broken.
    pub async fn at_rest(&self) -> Result<Status, Error> {
        self.wait_for(|status| status.workers_ready == status.workers).await
    }

    async fn wait_for(&self, good: impl Fn(&Status) -> bool) -> Result<Status, Error> {
        let mut status = self.pool.status();
        let waiting = status.wait_for(|status| status.state == PoolState::Broken || good(status));
        let status = match tokio::time::timeout(WORKER_WAIT, waiting).await {
            Ok(Ok(status)) => status.clone(),
            Ok(Err(_)) => return Err(Error::Broken("it was shut down".into())),
            Err(_) => return Err(Error::Busy(WORKER_WAIT.as_secs())),
        };
        match status {
            Status { state: PoolState::Broken, message, .. } => {
                Err(Error::Broken(message.unwrap_or_default()))
            }
            status => Ok(status),
        }
    }

    /// Runs a program once. Events go to `events` while it runs; cancelling ends the process at once.
    pub async fn run(
        &self,
        request: &RunRequest,
        events: &mpsc::Sender<RunEvent>,
        cancel: &CancellationToken,
    ) -> Result<Finished, Error> {
        let program = fingerprint(request);
        let mut kept = self.pool.take_lingering(program);
        for _ in 0..RUN_ATTEMPTS_MAX {
            let worker = tokio::select! {
                () = cancel.cancelled() => {
                    return Ok(Finished { outcome: Outcome::Cancelled, artifacts: Vec::new() });
                }
                worker = self.worker(kept.take()) => worker,
            };
            let mut worker = worker?;
            match run::drive(&mut worker, request, &self.limits, events, cancel).await {
                Ok((finished, reusable)) => {
                    if reusable {
                        self.pool.linger(program, worker);
                    }
                    return Ok(finished);
                }
                Err(lost) => tracing::warn!(?lost, "a worker was gone before its run was over"),
            }
        }
        Err(Error::Lost)
    }

    /// Runs once for somebody who only wants the end: every file comes with it, and what is printed goes unheard.
    pub async fn run_to_end(
        &self,
        request: &RunRequest,
        cancel: &CancellationToken,
    ) -> Result<Finished, Error> {
        let (events, mut heard) = mpsc::channel(RUN_EVENTS_QUEUE);
        let running = async {
            let finished = self.run(request, &events, cancel).await;
            drop(events);
            finished
        };
        let listening = async {
            let mut shown = Vec::new();
            while let Some(event) = heard.recv().await {
                if let RunEvent::Part { artifacts, .. } = event {
                    shown.extend(artifacts);
                }
            }
            shown
        };
        let (finished, shown) = tokio::join!(running, listening);
        let mut finished = finished?;
        finished.artifacts.extend(shown);
        Ok(finished)
    }

    async fn worker(&self, kept: Option<Worker>) -> Result<Worker, Error> {
        if let Some(worker) = kept {
            return Ok(worker);
        }
        loop {
            if let Some(worker) = self.pool.take() {
                return Ok(worker);
            }
            self.ready().await?;
        }
    }
}

/// SHA-256 of a program's text.
type Fingerprint = [u8; 32];

/// A worker is only ever reused for the very same text.
fn fingerprint(request: &RunRequest) -> Fingerprint {
    Sha256::digest(request.program.as_str()).into()
}
