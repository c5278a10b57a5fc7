//! Floor 1: the local language model. llama.cpp lives in a child process (`worker`), because its asserts, exceptions and illegal instructions
//! end the process that hosts it; this side lists files (`library`), renders prompts (`chat`), asks and supervises. Knows nothing of parts.

pub mod chat;
mod child;
mod error;
pub mod gguf;
pub mod library;
pub mod memory;
mod supervisor;
pub mod tier;
mod wire;
#[cfg(feature = "llama")]
pub mod worker;

use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};

use serde::{Deserialize, Serialize};
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

use crate::domain::limits::MODEL_CONTEXT_TOKENS;
pub use error::Error;
use gguf::Header;
use library::{Library, ModelFile};
use supervisor::{Source, Supervisor};
pub use supervisor::{State, Status, Told};
use tier::Tier;
use wire::Load;
pub use wire::{Answer, CachedFrom, Candidate, End, Facts, Generate, Piece, Problem, Timings};

/// What llama.cpp finds to compute with.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Device {
    pub name: String,
    pub description: String,
}

/// Where things lie and how the model is run.
#[derive(Clone, Debug)]
pub struct Settings {
    /// Builds of the worker, the best first.
    pub tiers: Vec<Tier>,
    /// Where GGUF files lie.
    pub folder: PathBuf,
    /// Where states of prompts and the last choice are kept.
    pub cache: PathBuf,
    /// The model to use; without it the last one chosen, else the best there is.
    pub model: Option<String>,
    pub threads: Option<u32>,
}

/// Handle of the model; cheap to clone. The last one dropped ends the worker.
#[derive(Clone)]
pub struct Model {
    supervisor: Arc<Supervisor>,
    library: Arc<Library>,
    settings: Arc<Settings>,
    chosen: Arc<Mutex<Option<String>>>,
}

/// A model smaller than this computes faster on one core than it can divide its work.
const ONE_THREAD_PARAMETERS: u64 = 60_000_000;
/// Decoding is bound by memory; more threads than this only wait for it.
const THREADS_MAX: u32 = 8;
/// The file in the cache folder that names the last model chosen by hand.
const CHOICE: &str = "chosen-model";

impl Model {
    /// Looks for a model and loads nothing yet. Needs a tokio runtime.
    pub fn start(settings: Settings) -> Self {
        let library = Library::new(settings.folder.clone()).with_cache(settings.cache.clone());
        let chosen = first_choice(&settings, &library);
        let state = if chosen.is_some() { State::Idle } else { State::Absent };
        let status = Status {
            state,
            percent: 0,
            model: chosen.clone(),
            message: None,
            hint: None,
            facts: None,
            pid: None,
            tier: None,
        };
        let supervisor = Supervisor::start(settings.tiers.clone(), status);
        let chosen = Arc::new(Mutex::new(chosen));
        Self { supervisor, library: Arc::new(library), settings: Arc::new(settings), chosen }
    }

    pub fn library(&self) -> &Library {
        &self.library
    }

    pub fn status(&self) -> Status {
        self.supervisor.status()
    }

    /// The model that is asked; looks again when there was none, because a file may have been put there since.
    pub fn chosen(&self) -> Result<ModelFile, Error> {
        if !cfg!(feature = "llama") {
            return Err(Error::NotBuilt);
        }
        let mut chosen = self.chosen.lock().unwrap_or_else(PoisonError::into_inner);
        if chosen.is_none() {
            chosen.clone_from(&first_choice(&self.settings, &self.library));
            if let Some(name) = chosen.as_ref() {
                self.supervisor
                    .tell(|status| (status.state, status.model) = (State::Idle, Some(name.clone())));
            }
        }
        let name = chosen.clone().ok_or_else(|| Error::Absent { folder: self.settings.folder.clone() })?;
        drop(chosen);
        self.library.find(&name).map_err(|error| of_file(&error))
    }

    /// Chooses a model by hand and loads it. Forgives earlier crashes.
    pub async fn load(
        &self,
        name: &str,
        tell: Option<&mpsc::Sender<Told>>,
        cancel: &CancellationToken,
    ) -> Result<Facts, Error> {
        let file = self.library.find(name).map_err(|error| of_file(&error))?;
        *self.chosen.lock().unwrap_or_else(PoisonError::into_inner) = Some(file.name.clone());
        let kept = std::fs::create_dir_all(&self.settings.cache)
            .and_then(|()| std::fs::write(self.settings.cache.join(CHOICE), &file.name));
        if let Err(error) = kept {
            tracing::warn!(%error, "the choice of a model cannot be kept");
        }
        let source = self.source(&file, tell).await?;
        self.supervisor.load(source, true, tell, cancel).await
    }

    /// What llama.cpp can use here, as a worker of its own tells.
    pub async fn devices(&self) -> Result<Vec<Device>, Error> {
        self.supervisor.devices().await
    }

    /// Frees the model's memory, and ends the answer it is at. It is loaded again when it is asked.
    pub async fn unload(&self) {
        self.supervisor.unload().await;
    }

    /// Asks the chosen model, which is loaded first if it must be. One question at a time; others wait.
    pub async fn generate(
        &self,
        ask: Generate,
        tell: &mpsc::Sender<Told>,
        cancel: &CancellationToken,
    ) -> Result<Answer, Error> {
        let file = self.chosen()?;
        let source = self.source(&file, Some(tell)).await?;
        self.supervisor.generate(source, ask, tell, cancel).await
    }

    async fn source(&self, file: &ModelFile, tell: Option<&mpsc::Sender<Told>>) -> Result<Source, Error> {
        let header = file.header.as_ref().ok_or_else(|| Error::File {
            message: file.problem.clone().unwrap_or_else(|| format!("`{}` cannot be used", file.name)),
            hint: "Choose another model, or copy the file again".into(),
        })?;
        let (library, name, told) = (self.library.clone(), file.name.clone(), tell.cloned());
        // Reading gigabytes once: the result is kept.
        let summing = tokio::task::spawn_blocking(move || {
            library.sha256(&name, &CancellationToken::new(), |done, total| {
                if let Some(told) = &told {
                    let what = "Checking the model's file".to_owned();
                    let _ = told.try_send(Told::Progress { what, done, total });
                }
            })
        });
        let sha256 = match summing.await {
            Ok(Ok(sum)) => Some(sum),
            Ok(Err(error)) => return Err(of_file(&error)),
            Err(_) => None,
        };
        let load = Load {
            path: file.path.to_string_lossy().into_owned(),
            context: MODEL_CONTEXT_TOKENS,
            threads: self.settings.threads.unwrap_or_else(|| threads(header)),
            mmap: true,
            sha256,
            states: Some(self.settings.cache.join("states").to_string_lossy().into_owned()),
        };
        Ok(Source { name: file.name.clone(), load })
    }
}

/// The model named by flag, else the last one chosen by hand, else ours, else the smallest that is sound.
fn first_choice(settings: &Settings, library: &Library) -> Option<String> {
    if let Some(name) = &settings.model {
        return Some(name.clone());
    }
    let files: Vec<ModelFile> = library.list().into_iter().filter(|file| file.problem.is_none()).collect();
    let kept = std::fs::read_to_string(settings.cache.join(CHOICE)).ok();
    let chosen = kept.and_then(|name| files.iter().find(|file| file.name == name.trim()));
    let ours = |file: &&ModelFile| {
        file.header.as_ref().is_some_and(|header| matches!(header.form, gguf::Form::NaturalcadPlan { .. }))
    };
    let best = chosen
        .or_else(|| files.iter().find(ours))
        .or_else(|| files.iter().min_by_key(|file| file.size_bytes));
    best.map(|file| file.name.clone())
}

/// Threads that suit a model on this machine.
pub fn threads(header: &Header) -> u32 {
    if header.parameters < ONE_THREAD_PARAMETERS {
        return 1;
    }
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    u32::try_from(cores).unwrap_or(1).clamp(1, THREADS_MAX)
}

fn of_file(error: &library::Error) -> Error {
    let cause = std::error::Error::source(error).map(|cause| format!(": {cause}")).unwrap_or_default();
    Error::File { message: format!("{error}{cause}"), hint: error.hint().to_owned() }
}

/// The worker's side of `Model::devices`.
#[cfg(feature = "llama")]
fn devices() -> Vec<Device> {
    let found = llama_cpp_2::list_llama_ggml_backend_devices();
    found.into_iter().map(|device| Device { name: device.name, description: device.description }).collect()
}
