//! Flags and environment become one validated configuration. The only reader of the environment besides clap.

use std::path::{Path, PathBuf};

use crate::cli::Place;
use crate::domain::limits::{WORKERS_MAX, WORKERS_MIN};

/// Where things lie and how many workers are kept.
#[derive(Clone, Debug)]
pub struct Config {
    /// Jobs, artifacts, scratch.
    pub data: PathBuf,
    /// The bundled Python.
    pub runtime: PathBuf,
    pub workers: usize,
    /// Steps of the user's own.
    pub templates: Option<PathBuf>,
}

/// The flags do not fit together.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    #[error("There is no home folder to keep data in")]
    NoData,
    #[error("{asked} workers are asked for; {WORKERS_MIN} to {WORKERS_MAX} are possible")]
    Workers { asked: usize },
}

impl Error {
    pub fn hint(&self) -> &'static str {
        match self {
            Self::NoData => "Name a folder with `--data DIR`",
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
        let runtime = place.runtime.clone().unwrap_or_else(default_runtime);
        let cores = std::thread::available_parallelism().map_or(1, usize::from);
        let workers = place.workers.unwrap_or_else(|| cores.clamp(WORKERS_MIN, WORKERS_MAX));
        if !(WORKERS_MIN..=WORKERS_MAX).contains(&workers) {
            return Err(Error::Workers { asked: workers });
        }
        Ok(Self { data, runtime, workers, templates: place.templates.clone() })
    }
}

/// As the XDG base directory specification says.
fn default_data() -> Option<PathBuf> {
    let of = |name: &str| std::env::var_os(name).map(PathBuf::from).filter(|path| path.is_absolute());
    let base = of("XDG_DATA_HOME").or_else(|| of("HOME").map(|home| home.join(".local/share")))?;
    Some(base.join("naturalcad"))
}

/// Beside the program: `make build` leaves both in `target/`. A test's program lies one or two folders deeper.
fn default_runtime() -> PathBuf {
    let program = std::env::current_exe().ok().and_then(|path| path.canonicalize().ok());
    let folders = program.iter().flat_map(|path| path.ancestors().skip(1).take(3));
    let found = folders.map(|folder| folder.join("runtime")).find(|path| path.is_dir());
    found.unwrap_or_else(|| Path::new("runtime").to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn workers_are_bounded() {
        let place = Place { data: Some("/tmp/x".into()), runtime: None, templates: None, workers: Some(0) };
        let error = Config::new(&place).unwrap_err();
        assert!(error.to_string().contains("0 workers"), "{error}");
    }
}
