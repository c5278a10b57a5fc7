//! One model file of the folder, and how it is shown to a person or a program.

use std::fs;
use std::path::PathBuf;

use serde::Serialize;

use super::Error;
use crate::domain::limits::MODEL_CONTEXT_TOKENS;
use crate::model::gguf::{BadFile, Header};

/// A file that looks like a model by its name.
#[derive(Clone, Debug)]
pub struct ModelFile {
    /// The file name without `.gguf`.
    pub name: String,
    pub file: String,
    pub path: PathBuf,
    pub size_bytes: u64,
    /// None of a file that is refused.
    pub header: Option<Header>,
    /// If it was computed before, for this state of the file.
    pub sha256: Option<String>,
    /// Why it must not be loaded.
    pub problem: Option<String>,
    /// What to do about the problem.
    pub hint: Option<&'static str>,
}

/// The name of a model file without its ending; none for other and for hidden files.
pub(super) fn stem(file: &str) -> Option<&str> {
    let (stem, ending) = file.rsplit_once('.')?;
    let good = ending.eq_ignore_ascii_case("gguf") && !stem.is_empty() && !stem.starts_with('.');
    good.then_some(stem)
}

impl ModelFile {
    /// Reads the header; a file that is refused is there with its problem.
    pub(super) fn look_at(file: String, path: PathBuf) -> Self {
        let header = Header::read(&path);
        Self::with(file, path, header)
    }

    /// Reads the header of a file that must be sound.
    pub(super) fn open(file: String, path: PathBuf) -> Result<Self, Error> {
        match Header::read(&path) {
            Ok(header) => Ok(Self::with(file, path, Ok(header))),
            Err(source) => Err(Error::Bad { file, source }),
        }
    }

    fn with(file: String, path: PathBuf, header: Result<Header, BadFile>) -> Self {
        let name = stem(&file).unwrap_or(&file).to_owned();
        let size_bytes = fs::metadata(&path).map_or(0, |facts| facts.len());
        let mut model =
            Self { name, file, path, size_bytes, header: None, sha256: None, problem: None, hint: None };
        match header {
            Ok(header) => model.header = Some(header),
            Err(error) => model.refuse(error.to_string(), error.hint()),
        }
        model
    }

    pub(super) fn refuse(&mut self, problem: String, hint: &'static str) {
        self.problem = Some(problem);
        self.hint = Some(hint);
    }

    /// See `Header::ram_needed_bytes`.
    pub fn ram_needed_bytes(&self, context: u32) -> Option<u64> {
        self.header.as_ref().map(|header| header.ram_needed_bytes(context))
    }

    pub fn listed(&self) -> Listed {
        let header = self.header.as_ref();
        Listed {
            name: self.name.clone(),
            file: self.file.clone(),
            architecture: header.map(|header| header.architecture.clone()),
            title: header.and_then(|header| header.name.clone()),
            parameters: header.map(|header| header.parameters),
            quantisation: header.map(|header| header.quantisation.clone()),
            context: header.map(|header| header.context_length),
            licence: header.and_then(|header| header.licence.clone()),
            form: header.map(|header| header.form.name()),
            size_bytes: self.size_bytes,
            ram_needed_bytes: self.ram_needed_bytes(MODEL_CONTEXT_TOKENS),
            sha256: self.sha256.clone(),
            problem: self.problem.clone(),
            hint: self.hint,
        }
    }
}

/// A model as `naturalcad models --json` and `GET /api/models` show it.
#[derive(Clone, Debug, Serialize)]
pub struct Listed {
    pub name: String,
    pub file: String,
    pub architecture: Option<String>,
    pub title: Option<String>,
    pub parameters: Option<u64>,
    pub quantisation: Option<String>,
    pub context: Option<u32>,
    pub licence: Option<String>,
    pub form: Option<&'static str>,
    pub size_bytes: u64,
    /// With `MODEL_CONTEXT_TOKENS` of context.
    pub ram_needed_bytes: Option<u64>,
    pub sha256: Option<String>,
    pub problem: Option<String>,
    pub hint: Option<&'static str>,
}
