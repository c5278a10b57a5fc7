//! Flags and environment become one validated configuration. The only reader of the environment besides clap.

use std::path::{Path, PathBuf};

use crate::cli::Place;
use crate::domain::limits::{MODEL_THREADS_MAX, WORKERS_MAX, WORKERS_MIN};
use crate::engine::remote::RemoteSettings;

/// Where things lie and how many workers are kept.
#[derive(Clone, Debug)]
pub struct Config {
    /// This executable; its hidden subcommand is the model worker.
    pub program: PathBuf,
    /// Jobs, artifacts, scratch.
    pub data: PathBuf,
    /// The bundled Python.
    pub runtime: PathBuf,
    pub workers: usize,
    /// Steps of the user's own.
    pub templates: Option<PathBuf>,
    /// Language models, as GGUF files.
    pub models: PathBuf,
    /// The one to use.
    pub model: Option<String>,
    pub model_threads: Option<u32>,
    /// The only address that is ever contacted, and only if it is named.
    pub remote: Option<RemoteSettings>,
    /// Models may write programs themselves.
    pub model_code: bool,
}

/// The flags do not fit together.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    #[error("There is no home folder to keep data in")]
    NoData,
    #[error("{asked} workers are asked for; {WORKERS_MIN} to {WORKERS_MAX} are possible")]
    Workers { asked: usize },
    #[error("This program cannot find itself")]
    Program(#[source] std::io::Error),
    #[error("{asked} threads are asked for; {WORKERS_MIN} to {MODEL_THREADS_MAX} are possible")]
    Threads { asked: u32 },
    #[error("The key file `{}` cannot be read", .path.display())]
    Key {
        path: PathBuf,
        #[source]
        source: std::io::Error,
    },
}

impl Error {
    pub fn hint(&self) -> &'static str {
        match self {
            Self::NoData => "Name a folder with `--data DIR`",
            Self::Program(_) => "Start it by its full path",
            Self::Threads { .. } => "Leave `--model-threads` out: the physical cores are a good number",
            Self::Key { .. } => "Name a file that holds the key and nothing else with `--remote-key FILE`",
            Self::Workers { .. } => "Leave `--workers` out: one for each core is a good number",
        }
    }
}

impl Config {
    pub fn new(place: &Place) -> Result<Self, Error> {
        let data = match &place.data {
            Some(data) => data.clone(),
            None => default_data().ok_or(Error::NoData)?,
        };
        let runtime = place.runtime.clone().unwrap_or_else(|| beside_program("runtime"));
        let models = place.models.clone().unwrap_or_else(|| beside_program("models"));
        let cores = std::thread::available_parallelism().map_or(1, usize::from);
        let workers = place.workers.unwrap_or_else(|| cores.clamp(WORKERS_MIN, WORKERS_MAX));
        if !(WORKERS_MIN..=WORKERS_MAX).contains(&workers) {
            return Err(Error::Workers { asked: workers });
        }
        let threads = place.model_threads;
        if let Some(asked) = threads.filter(|asked| !(1..=MODEL_THREADS_MAX).contains(asked)) {
            return Err(Error::Threads { asked });
        }
        let templates = place.templates.clone();
        let (model, remote, model_code) = (place.model.clone(), remote(place)?, place.allow_model_code);
        let program = std::env::current_exe().map_err(Error::Program)?;
        Ok(Self {
            program,
            data,
            runtime,
            workers,
            templates,
            models,
            model,
            model_threads: threads,
            remote,
            model_code,
        })
    }
}

fn remote(place: &Place) -> Result<Option<RemoteSettings>, Error> {
    let Some(url) = place.remote.clone() else { return Ok(None) };
    let read = |path: &PathBuf| {
        std::fs::read_to_string(path)
            .map(|key| key.trim().to_owned())
            .map_err(|source| Error::Key { path: path.clone(), source })
    };
    let key = place.remote_key.as_ref().map(read).transpose()?;
    Ok(Some(RemoteSettings { url, model: place.remote_model.clone(), key }))
}

/// As the XDG base directory specification says.
fn default_data() -> Option<PathBuf> {
    let of = |name: &str| std::env::var_os(name).map(PathBuf::from).filter(|path| path.is_absolute());
    let base = of("XDG_DATA_HOME").or_else(|| of("HOME").map(|home| home.join(".local/share")))?;
    Some(base.join("naturalcad"))
}

/// A folder beside the program: `make build` leaves the runtime in `target/`. A test's program lies one or two folders
/// deeper. If there is none, the place directly beside the program, for the message that it is missing.
fn beside_program(name: &str) -> PathBuf {
    let program = std::env::current_exe().ok().and_then(|path| path.canonicalize().ok());
    let mut folders = program.iter().flat_map(|path| path.ancestors().skip(1).take(3));
    let nearest = folders.clone().next().unwrap_or(Path::new("")).join(name);
    folders.find_map(|folder| Some(folder.join(name)).filter(|path| path.is_dir())).unwrap_or(nearest)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn workers_are_bounded() {
        let place = Place { data: Some("/tmp/x".into()), workers: Some(0), ..Place::default() };
        let error = Config::new(&place).unwrap_err();
        assert!(error.to_string().contains("0 workers"), "{error}");
    }

    #[test]
    fn models_lie_beside_the_program_unless_a_folder_is_named() {
        let mut place = Place { data: Some("/tmp/x".into()), workers: Some(1), ..Place::default() };
        let found = Config::new(&place).unwrap().models;
        assert!(found.is_absolute() && found.ends_with("models"), "{}", found.display());
        place.models = Some("/stick/models".into());
        assert_eq!(Config::new(&place).unwrap().models, Path::new("/stick/models"));
    }
}
