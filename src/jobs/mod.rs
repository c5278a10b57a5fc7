//! Floor 4: many jobs over time. A bounded queue, workers that take one job at a time, the feed and the record of each.
//!
//! Every job that was accepted ends with exactly one `Completed` event and one record on disk.

mod conversation;
mod feed;
mod record;
mod write_back;

use std::collections::{BTreeMap, VecDeque};
use std::ops::Bound;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::{Notify, mpsc};
use tokio_util::sync::CancellationToken;

pub use conversation::{Conversation, Submission, Wish};
pub use feed::{Feed, Follower};
pub use record::Record;
pub use write_back::Written;

use crate::agent::{Agent, Request, Told, note};
use crate::domain::artifact::Format;
use crate::domain::event::{Completion, Event};
use crate::domain::id::{ConversationId, JobId};
use crate::domain::job::JobState;
use crate::domain::limits::{FEEDS_MAX, QUEUE_JOBS_MAX, RECORDS_MAX, RUN_EVENTS_QUEUE};
use crate::domain::outcome::{Failure, Phases};
use crate::domain::parameter::BadValue;
use crate::domain::program::Program;
use crate::runner::Artifact;
use crate::store::{self, Store};

#[derive(Debug, thiserror::Error)]
pub enum Error {
    #[error("{QUEUE_JOBS_MAX} jobs are waiting already")]
    QueueFull,
    #[error("The appliance is shutting down")]
    ShuttingDown,
    #[error("There is no job `{0}`")]
    Unknown(JobId),
    #[error("Job `{0}` has no part to export")]
    NoPart(JobId),
    #[error("{}", .0.message)]
    NotExported(Failure),
    #[error("There is no conversation `{0}`")]
    UnknownConversation(ConversationId),
    #[error("Job `{0}` belongs to another conversation")]
    OtherConversation(JobId),
    #[error("Job `{0}` is still on its way")]
    Unfinished(JobId),
    #[error("The program is not the one that was seen")]
    Changed,
    #[error(transparent)]
    Value(#[from] BadValue),
    #[error("A file of the job cannot be kept")]
    Store(#[from] store::Error),
}

struct Entry {
    record: Record,
    /// `None` once the job is old; its record can still be told.
    feed: Option<Arc<Feed>>,
    cancel: CancellationToken,
}

#[derive(Default)]
struct State {
    entries: BTreeMap<JobId, Entry>,
    queue: VecDeque<(JobId, Request)>,
    closed: bool,
}

struct Shared {
    agent: Agent,
    store: Store,
    state: Mutex<State>,
    arrived: Notify,
}

/// Handle of the jobs; cheap to clone.
#[derive(Clone)]
pub struct Jobs {
    shared: Arc<Shared>,
}

impl Jobs {
    /// Loads the records that are on disk and starts `workers` workers.
    pub fn start(agent: Agent, store: Store, workers: usize) -> Self {
        let mut state = State::default();
        for (id, json) in store.records() {
            let Some(record) = Record::parse(&json) else {
                tracing::warn!(job.id = %id, "the record of a job cannot be read and is left alone");
                continue;
            };
            let cancel = CancellationToken::new();
            state.entries.insert(id, Entry { record, feed: None, cancel });
        }
        let shared = Arc::new(Shared { agent, store, state: Mutex::new(state), arrived: Notify::new() });
        for _ in 0..workers {
            tokio::spawn(shared.clone().work());
        }
        Self { shared }
    }

    pub fn agent(&self) -> &Agent {
        &self.shared.agent
    }

    pub fn store(&self) -> &Store {
        &self.shared.store
    }

    /// Queues a job.
    pub fn submit(&self, submission: Submission) -> Result<Record, Error> {
        let id = JobId::new();
        let mut state = self.shared.lock();
        if state.closed {
            return Err(Error::ShuttingDown);
        }
        if state.queue.len() >= QUEUE_JOBS_MAX {
            return Err(Error::QueueFull);
        }
        let placed = state.place(id, &submission)?;
        let Submission { parameters, wanted, choice, .. } = submission;
        let record = Record {
            origin: placed.origin,
            prompt: placed.prompt,
            parameters: parameters.clone(),
            changes: placed.changes,
            ..Record::new(id, placed.place)
        };
        let request = Request { ask: placed.ask, parameters, wanted, choice };
        let feed = Arc::new(Feed::default());
        feed.push(note(format!("Job {id}")));
        feed.push(Event::State { state: JobState::Queued, position: Some(state.queue.len()) });
        let cancel = CancellationToken::new();
        state.entries.insert(id, Entry { record: record.clone(), feed: Some(feed), cancel });
        state.queue.push_back((id, request));
        state.forget_the_oldest();
        drop(state);
        self.shared.arrived.notify_one();
        Ok(record)
    }

    pub fn get(&self, id: JobId) -> Option<Record> {
        self.shared.lock().entries.get(&id).map(|entry| entry.record.clone())
    }

    /// Newest first, older than `before`.
    pub fn list(&self, before: Option<JobId>, limit: usize) -> Vec<Record> {
        let state = self.shared.lock();
        let end = before.map_or(Bound::Unbounded, Bound::Excluded);
        let older = state.entries.range((Bound::Unbounded, end)).rev();
        older.take(limit).map(|(_, entry)| entry.record.clone()).collect()
    }

    /// Follows a job's events from the one after number `seen`.
    pub fn follow(&self, id: JobId, seen: usize) -> Option<Follower> {
        let state = self.shared.lock();
        let entry = state.entries.get(&id)?;
        let feed = entry.feed.clone().unwrap_or_else(|| Arc::new(Feed::told(entry.record.retell())));
        Some(feed.follow(seen))
    }

    /// Cancels a job; harmless when it is over. Returns the state it is in now.
    pub fn cancel(&self, id: JobId) -> Option<JobState> {
        let mut state = self.shared.lock();
        let entry = state.entries.get(&id)?;
        entry.cancel.cancel();
        let waiting = state.queue.iter().position(|(queued, _)| *queued == id);
        if let Some(position) = waiting {
            state.queue.remove(position);
            drop(state);
            self.shared.end(id, cancelled());
            return self.get(id).map(|record| record.state);
        }
        state.entries.get(&id).map(|entry| entry.record.state)
    }

    /// One more file of a finished part; makes it when it is not there yet.
    pub async fn export(&self, id: JobId, format: Format) -> Result<(), Error> {
        let record = self.get(id).ok_or(Error::Unknown(id))?;
        if record.files.contains(&format) {
            return Ok(());
        }
        let source = record.program.filter(|_| record.state == JobState::Built).ok_or(Error::NoPart(id))?;
        let program = Program::parse(&source).map_err(|_| Error::NoPart(id))?;
        let exported = self.shared.agent.export(&program, &record.parameters, format).await;
        let artifact = exported.map_err(Error::NotExported)?;
        self.shared.put(id, vec![artifact]).await?;
        let mut state = self.shared.lock();
        if let Some(entry) = state.entries.get_mut(&id) {
            if !entry.record.files.contains(&format) {
                entry.record.files.push(format);
            }
            self.shared.save(&entry.record)?;
        }
        Ok(())
    }

    /// Takes no more jobs, cancels those on their way and waits until they have ended.
    pub async fn shut_down(&self) {
        let on_their_way: Vec<JobId> = {
            let mut state = self.shared.lock();
            state.closed = true;
            let open = state.entries.values().filter(|entry| !entry.record.state.is_final());
            open.map(|entry| entry.record.id).collect()
        };
        for &id in &on_their_way {
            self.cancel(id);
        }
        for id in on_their_way {
            if let Some(mut follower) = self.follow(id, 0) {
                while follower.next().await.is_some() {}
            }
        }
    }
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    async fn work(self: Arc<Self>) {
        loop {
            let next = self.lock().queue.pop_front();
            let Some((id, request)) = next else {
                self.arrived.notified().await;
                continue;
            };
            // Another worker may sleep while more than one job waits.
            self.arrived.notify_one();
            self.clone().run(id, request).await;
            if self.lock().closed && self.lock().queue.is_empty() {
                return;
            }
        }
    }

    async fn run(self: Arc<Self>, id: JobId, request: Request) {
        let Some(cancel) = self.lock().entries.get(&id).map(|entry| entry.cancel.clone()) else { return };
        let (tell, mut told) = mpsc::channel(RUN_EVENTS_QUEUE);
        let agent = self.agent.clone();
        let making = tokio::spawn(async move { agent.make(request, tell, cancel).await });
        let mut lost = None;
        let mut completion = None;
        while let Some(told) = told.recv().await {
            match told {
                Told::Artifacts(artifacts) => {
                    if let Err(error) = self.put(id, artifacts).await {
                        tracing::error!(job.id = %id, %error, "a file of a job cannot be kept");
                        lost = Some(not_kept(&error));
                    }
                }
                Told::Event(Event::Completed(done)) => completion = Some(*done),
                Told::Event(event) => self.tell(id, event),
            }
        }
        if let Err(panic) = making.await {
            tracing::error!(job.id = %id, %panic, "a job ended in a defect of ours");
        }
        let completion = match (completion, lost) {
            (Some(done), Some(failure)) if done.state == JobState::Built => ended(JobState::Failed, failure),
            (Some(done), _) => done,
            (None, _) => ended(JobState::Failed, defect()),
        };
        self.end(id, completion);
    }

    /// Tells an event and lets the record follow it.
    fn tell(&self, id: JobId, event: Event) {
        let mut state = self.lock();
        let Some(entry) = state.entries.get_mut(&id) else { return };
        entry.record.apply(&event);
        if let Some(feed) = &entry.feed {
            feed.push(event);
        }
    }

    /// Ends a job: the record is on disk before anybody hears of the end.
    fn end(&self, id: JobId, completion: Completion) {
        let mut state = self.lock();
        let Some(entry) = state.entries.get_mut(&id) else { return };
        let event = Event::Completed(Box::new(completion));
        entry.record.apply(&event);
        let record = entry.record.clone();
        let feed = entry.feed.clone();
        drop(state);
        if let Err(error) = self.save(&record) {
            tracing::error!(job.id = %id, %error, "the record of a job cannot be kept");
        }
        if let Some(feed) = feed {
            feed.push(Event::State { state: record.state, position: None });
            feed.push(event);
        }
    }

    fn save(&self, record: &Record) -> Result<(), store::Error> {
        if let Some(program) = &record.program {
            self.store.put_program(record.id, program)?;
        }
        // A record of plain data always serialises.
        let json = serde_json::to_vec(record).unwrap_or_default();
        self.store.put_record(record.id, &json)
    }

    async fn put(&self, id: JobId, artifacts: Vec<Artifact>) -> Result<(), store::Error> {
        let store = self.store.clone();
        let copying = tokio::task::spawn_blocking(move || {
            artifacts.iter().try_for_each(|artifact| store.put(id, artifact.format, &artifact.file))
        });
        match copying.await {
            Ok(copied) => copied,
            Err(panic) => std::panic::resume_unwind(panic.into_panic()),
        }
    }
}

impl State {
    /// Old feeds go first; old records stay on disk only.
    fn forget_the_oldest(&mut self) {
        let too_many = self.entries.len().saturating_sub(FEEDS_MAX);
        for entry in self.entries.values_mut().take(too_many) {
            if entry.record.state.is_final() {
                entry.feed = None;
            }
        }
        while self.entries.len() > RECORDS_MAX {
            match self.entries.first_entry() {
                Some(oldest) if oldest.get().record.state.is_final() => drop(oldest.remove()),
                _ => return,
            }
        }
    }
}

fn ended(state: JobState, failure: Failure) -> Completion {
    Completion {
        state,
        lane: None,
        part: None,
        files: Vec::new(),
        failure: Some(failure),
        checks: Vec::new(),
        sure: false,
        usage: None,
        seconds: 0.0,
        phases: Phases::new(),
    }
}

fn cancelled() -> Completion {
    ended(JobState::Cancelled, Failure::new("cancelled", "Cancelled before it started", "Submit it again"))
}

fn defect() -> Failure {
    Failure::new(
        "defect",
        "The appliance made a mistake of its own",
        "Please report it with the log of the server",
    )
}

fn not_kept(error: &store::Error) -> Failure {
    let cause = std::error::Error::source(error).map(ToString::to_string).unwrap_or_default();
    Failure::new(
        "not_kept",
        format!("{error}: {cause}"),
        "Is the disk full? Free some space, or start with another `--data` folder",
    )
}
