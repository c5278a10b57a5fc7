//! The folder of models: what lies in it, what each file says of itself, and whether it is what it was.
//!
//! Nothing here loads a model. Names are looked up among the folder's entries and never joined to a path, so no name
//! leads out of the folder; a link that somebody put into it may.

mod file;
mod manifest;
#[cfg(test)]
mod tests;

use std::collections::HashMap;
use std::ffi::OsString;
use std::fs;
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use sha2::{Digest, Sha256};
use tokio_util::sync::CancellationToken;

pub use file::{Listed, ModelFile};
use manifest::{FILE, Manifest, Measured, Stamp};

use crate::domain::limits::{MODEL_HASH_BLOCK_BYTES, MODELS_LISTED_MAX};
use crate::model::gguf::{self, BadFile};

#[derive(Debug, thiserror::Error)]
pub enum Error {
    #[error("The models folder `{}` cannot be read", folder.display())]
    Folder {
        folder: PathBuf,
        #[source]
        source: io::Error,
    },
    #[error("`{}` is no model's name", name.escape_debug())]
    Name { name: String },
    #[error("There is no model `{}` in `{}`", name.escape_debug(), folder.display())]
    Unknown { name: String, folder: PathBuf },
    #[error("`{}` cannot be used", file.escape_debug())]
    Bad {
        file: String,
        #[source]
        source: BadFile,
    },
    #[error("`{}` cannot be read to its end", file.escape_debug())]
    Read {
        file: String,
        #[source]
        source: io::Error,
    },
    #[error("`{}` was changed while it was read", file.escape_debug())]
    Changed { file: String },
    #[error("The check of `{}` was cancelled", file.escape_debug())]
    Cancelled { file: String },
    #[error("`{}` cannot be used: {what}", path.display())]
    Manifest { path: PathBuf, what: String },
    #[error("`{}` is not the file that it should be: its SHA-256 is {found} instead of {expected}", file.escape_debug())]
    Mismatch { file: String, expected: String, found: String },
}

impl Error {
    pub fn hint(&self) -> &'static str {
        match self {
            Self::Folder { .. } => "Name a folder that you may read with `--models DIR`",
            Self::Name { .. } => {
                "Give the name of a file in the models folder, with or without `.gguf`, and no folders"
            }
            Self::Unknown { .. } => "`naturalcad models` lists those that are there",
            Self::Bad { source, .. } => source.hint(),
            Self::Read { .. } => "Check that its disk or stick is still there and sound",
            Self::Changed { .. } => "Wait until it is copied whole, then try again",
            Self::Cancelled { .. } => "Start it again when there is time",
            Self::Manifest { .. } => "Mend the file, or remove it if it came with no model",
            Self::Mismatch { .. } => "Do not load it; copy it again from where it came",
        }
    }
}

/// What a hash was held against.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Against {
    /// The hash that came with the model.
    Shipped,
    /// The hash that the same file had before.
    Seen,
    /// Nothing: it is known from now on.
    Nothing,
}

/// A sound header, and a hash that nothing speaks against.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Verified {
    pub sha256: String,
    pub against: Against,
}

/// Handle of a folder; cheap to clone.
#[derive(Clone, Debug)]
pub struct Library {
    folder: PathBuf,
    /// Where hashes are kept when the folder cannot be written to.
    cache: Option<PathBuf>,
    /// Sound files of the last scan: the page asks each second while a model loads, and a large vocabulary takes 20 ms.
    seen: Arc<Mutex<HashMap<PathBuf, (Stamp, ModelFile)>>>,
}

impl Library {
    pub fn new(folder: PathBuf) -> Self {
        Self { folder, cache: None, seen: Arc::default() }
    }

    /// Names the folder that keeps the hashes of models on read-only media.
    #[must_use]
    pub fn with_cache(self, cache: PathBuf) -> Self {
        Self { cache: Some(cache), ..self }
    }

    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// Every model file, by name; a file that is refused says why. A folder that is not there holds none.
    pub fn scan(&self) -> Result<Vec<ModelFile>, Error> {
        // A broken manifest must not hide the models; `verify` tells of it.
        let manifests = self.manifests().unwrap_or_default();
        let files = self.files()?.into_iter().take(MODELS_LISTED_MAX);
        let mut seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        let mut now = HashMap::new();
        let mut models = Vec::new();
        for (file, path) in files {
            let stamp = stamp(&file, &path).ok();
            let model = match seen.remove(&path) {
                Some((before, model)) if Some(&before) == stamp.as_ref() => model,
                _ => ModelFile::look_at(file, path),
            };
            if let Some(stamp) = stamp.filter(|_| model.header.is_some()) {
                now.insert(model.path.clone(), (stamp, model.clone()));
            }
            models.push(manifests.complete(model));
        }
        *seen = now;
        Ok(models)
    }

    /// As `scan`; a folder that cannot be read holds none.
    pub fn list(&self) -> Vec<ModelFile> {
        self.scan().unwrap_or_else(|error| {
            tracing::warn!(%error, "no models");
            Vec::new()
        })
    }

    /// A sound model by its file name, or by that without `.gguf`.
    pub fn find(&self, name: &str) -> Result<ModelFile, Error> {
        let (file, path) = self.entry(name)?;
        let now = stamp(&file, &path)?;
        let mut model = self.sound(&now, file, path)?;
        let manifests = self.manifests()?;
        model.sha256 = manifests.measured(&now);
        if let Some(sha256) = &model.sha256 {
            manifests.hold(&model.file, sha256)?;
        }
        Ok(model)
    }

    /// A sound model; the header of a file that did not change is read once, because each prompt asks for it.
    fn sound(&self, now: &Stamp, file: String, path: PathBuf) -> Result<ModelFile, Error> {
        let mut seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((before, model)) = seen.get(&path)
            && before == now
        {
            return Ok(model.clone());
        }
        let model = ModelFile::open(file, path)?;
        seen.insert(model.path.clone(), (now.clone(), model.clone()));
        Ok(model)
    }

    /// The hash of a model, computed once for each state of the file. Fails when the model came with another one.
    /// `progress` hears how many bytes are done and how many there are.
    pub fn sha256(
        &self,
        name: &str,
        cancel: &CancellationToken,
        progress: impl FnMut(u64, u64),
    ) -> Result<String, Error> {
        let (file, path) = self.entry(name)?;
        let manifests = self.manifests()?;
        let known = stamp(&file, &path)?;
        let sha256 = if let Some(sha256) = manifests.measured(&known) {
            sha256
        } else {
            let (now, sha256) = hash(&file, &path, cancel, progress)?;
            self.keep(now, &sha256);
            sha256
        };
        manifests.hold(&file, &sha256)?;
        Ok(sha256)
    }

    /// Reads the header and the whole file anew, and holds its hash against the one that it came with, else against
    /// the one that it had before.
    pub fn verify(
        &self,
        name: &str,
        cancel: &CancellationToken,
        progress: impl FnMut(u64, u64),
    ) -> Result<Verified, Error> {
        let (file, path) = self.entry(name)?;
        ModelFile::open(file.clone(), path.clone())?;
        let manifests = self.manifests()?;
        let (now, sha256) = hash(&file, &path, cancel, progress)?;
        let before = manifests.measured(&now);
        if manifests.own.shipped(&file).is_some() {
            // A wrong one is kept too, so that the list tells of it from now on.
            self.keep(now, &sha256);
            manifests.hold(&file, &sha256)?;
            return Ok(Verified { sha256, against: Against::Shipped });
        }
        match before {
            Some(before) if before == sha256 => Ok(Verified { sha256, against: Against::Seen }),
            Some(expected) => Err(Error::Mismatch { file, expected, found: sha256 }),
            None => {
                self.keep(now, &sha256);
                Ok(Verified { sha256, against: Against::Nothing })
            }
        }
    }

    /// The model files by name, hidden ones left out: macOS puts such companions onto every stick.
    fn files(&self) -> Result<Vec<(String, PathBuf)>, Error> {
        let failed = |source| Error::Folder { folder: self.folder.clone(), source };
        let entries = match fs::read_dir(&self.folder) {
            Ok(entries) => entries,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
            Err(error) => return Err(failed(error)),
        };
        let mut files = Vec::new();
        for entry in entries {
            let entry = entry.map_err(failed)?;
            let file = entry.file_name().to_string_lossy().into_owned();
            if file::stem(&file).is_some() {
                files.push((file, entry.path()));
            }
        }
        files.sort_unstable();
        Ok(files)
    }

    fn entry(&self, name: &str) -> Result<(String, PathBuf), Error> {
        if name.is_empty() || name.starts_with('.') || name.contains(['/', '\\', '\0']) {
            return Err(Error::Name { name: name.to_owned() });
        }
        let files = self.files()?;
        let exact = files.iter().find(|(file, _)| file == name);
        let found = exact.or_else(|| files.iter().find(|(file, _)| file::stem(file) == Some(name)));
        let unknown = || Error::Unknown { name: name.to_owned(), folder: self.folder.clone() };
        found.cloned().ok_or_else(unknown)
    }

    fn cache_file(&self) -> Option<PathBuf> {
        self.cache.as_ref().map(|cache| cache.join("models.toml"))
    }

    fn manifests(&self) -> Result<Manifests, Error> {
        let path = self.folder.join(FILE);
        let own = Manifest::read(&path).map_err(|what| Error::Manifest { path, what })?;
        // A cache may be lost at any time.
        let cache = self.cache_file().and_then(|path| Manifest::read(&path).ok()).unwrap_or_default();
        Ok(Manifests { own, cache })
    }

    /// Into the manifest, or on read-only media into the cache. A hash that cannot be kept is only computed again.
    fn keep(&self, stamp: Stamp, sha256: &str) {
        let measured = Measured { stamp, sha256: sha256.to_owned() };
        let mut failure = match put(&self.folder.join(FILE), measured.clone()) {
            Ok(()) => return,
            Err(error) => error,
        };
        if let Some(path) = self.cache_file() {
            let made = path.parent().map_or(Ok(()), fs::create_dir_all);
            match made.and_then(|()| put(&path, measured)) {
                Ok(()) => return,
                Err(error) => failure = error,
            }
        }
        tracing::warn!(error = %failure, "the hash of a model cannot be kept");
    }
}

fn put(path: &Path, measured: Measured) -> io::Result<()> {
    // What cannot be understood is never written over.
    let mut manifest = Manifest::read(path).map_err(io::Error::other)?;
    manifest.keep(measured);
    manifest.write(path)
}

/// What is known from the folder's own manifest and from the cache.
#[derive(Default)]
struct Manifests {
    own: Manifest,
    cache: Manifest,
}

impl Manifests {
    fn measured(&self, stamp: &Stamp) -> Option<String> {
        self.own.measured(stamp).or_else(|| self.cache.measured(stamp))
    }

    /// Fails when the file came with another hash.
    fn hold(&self, file: &str, found: &str) -> Result<(), Error> {
        match self.own.shipped(file).filter(|expected| expected != found) {
            Some(expected) => {
                Err(Error::Mismatch { file: file.to_owned(), expected, found: found.to_owned() })
            }
            None => Ok(()),
        }
    }

    /// Adds what is known of the hash.
    fn complete(&self, mut model: ModelFile) -> ModelFile {
        model.sha256 = stamp(&model.file, &model.path).ok().and_then(|stamp| self.measured(&stamp));
        if let Some(sha256) = &model.sha256
            && let Err(error) = self.hold(&model.file, sha256)
        {
            model.refuse(error.to_string(), error.hint());
        }
        model
    }
}

fn stamp(file: &str, path: &Path) -> Result<Stamp, Error> {
    let facts = fs::metadata(path).map_err(|source| Error::Read { file: file.to_owned(), source })?;
    Ok(stamp_of(file, &facts))
}

fn stamp_of(file: &str, facts: &fs::Metadata) -> Stamp {
    use std::os::unix::fs::MetadataExt;
    let modified_ns = facts.mtime().saturating_mul(1_000_000_000).saturating_add(facts.mtime_nsec());
    Stamp { file: file.to_owned(), size_bytes: facts.len(), modified_ns }
}

/// Reads a file to its end. The stamp is of the very bytes that were hashed.
fn hash(
    file: &str,
    path: &Path,
    cancel: &CancellationToken,
    mut progress: impl FnMut(u64, u64),
) -> Result<(Stamp, String), Error> {
    let failed = |source| Error::Read { file: file.to_owned(), source };
    let (mut input, _) = gguf::open(path).map_err(|source| Error::Bad { file: file.to_owned(), source })?;
    let before = stamp_of(file, &input.metadata().map_err(failed)?);
    let mut hasher = Sha256::new();
    let mut block = vec![0; MODEL_HASH_BLOCK_BYTES];
    let mut done = 0_u64;
    loop {
        if cancel.is_cancelled() {
            return Err(Error::Cancelled { file: file.to_owned() });
        }
        let read = match input.read(&mut block) {
            Ok(0) => break,
            Ok(read) => read,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            Err(error) => return Err(failed(error)),
        };
        hasher.update(&block[..read]);
        done += read as u64;
        if done > before.size_bytes {
            break;
        }
        progress(done, before.size_bytes);
    }
    let after = stamp_of(file, &input.metadata().map_err(failed)?);
    if done != before.size_bytes || after != before {
        return Err(Error::Changed { file: file.to_owned() });
    }
    Ok((before, hexadecimal(&hasher.finalize())))
}

fn hexadecimal(bytes: &[u8]) -> String {
    let digit = |half: u8| char::from_digit(u32::from(half), 16).unwrap_or_default();
    bytes.iter().flat_map(|byte| [digit(byte >> 4), digit(byte & 15)]).collect()
}

/// A model anywhere, by its path.
pub fn open(path: &Path) -> Result<ModelFile, Error> {
    let file = path.file_name().map_or_else(OsString::new, ToOwned::to_owned).to_string_lossy().into_owned();
    ModelFile::open(file, path.to_owned())
}
