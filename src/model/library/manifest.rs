//! `manifest.toml` beside the models: the hashes they should have, if they came with any, and those they were found to have.
//!
//! ```toml
//! [[model]]              # shipped with the model, never written by this program
//! file = "small.gguf"
//! sha256 = "9f86d081..."
//!
//! [[measured]]           # written by this program
//! file = "small.gguf"
//! size_bytes = 123
//! modified_ns = 1700000000000000000
//! sha256 = "9f86d081..."
//! ```
//!
//! A measured hash counts only for a file of that name, size and time of change. Everything else in the file is kept,
//! but for comments.

use std::fs::{self, File};
use std::io::{self, Read, Write};
use std::path::Path;

use serde::{Deserialize, Serialize};
use toml::{Table, Value};
use uuid::Uuid;

use crate::domain::limits::{MODEL_MANIFEST_BYTES_MAX, MODELS_LISTED_MAX};

pub(super) const FILE: &str = "manifest.toml";

#[derive(Clone, Debug, Deserialize)]
pub(super) struct Shipped {
    pub(super) file: String,
    pub(super) sha256: String,
}

/// What tells one state of a file from another.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Stamp {
    pub(super) file: String,
    pub(super) size_bytes: u64,
    pub(super) modified_ns: i64,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Measured {
    #[serde(flatten)]
    pub(super) stamp: Stamp,
    pub(super) sha256: String,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Known {
    model: Vec<Shipped>,
    measured: Vec<Measured>,
}

/// One manifest file, read whole.
#[derive(Debug, Default)]
pub(super) struct Manifest {
    known: Known,
    /// All of it, to be written back.
    whole: Table,
}

impl Manifest {
    /// A file that is not there is an empty one.
    pub(super) fn read(path: &Path) -> Result<Self, String> {
        let file = match File::open(path) {
            Ok(file) => file,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Self::default()),
            Err(error) => return Err(error.to_string()),
        };
        let mut text = String::new();
        let read = file.take(MODEL_MANIFEST_BYTES_MAX + 1).read_to_string(&mut text);
        let bytes = read.map_err(|error| error.to_string())? as u64;
        if bytes > MODEL_MANIFEST_BYTES_MAX {
            return Err(format!("it is larger than {MODEL_MANIFEST_BYTES_MAX} bytes"));
        }
        let whole: Table = toml::from_str(&text).map_err(|error| error.message().to_owned())?;
        let known = Known::deserialize(whole.clone()).map_err(|error| error.message().to_owned())?;
        if let Some(shipped) = known.model.iter().find(|shipped| !is_hash(&shipped.sha256)) {
            return Err(format!(
                "the sha256 of `{}` has not 64 hexadecimal digits",
                shipped.file.escape_debug()
            ));
        }
        Ok(Self { known, whole })
    }

    /// The hash that came with the file of this name.
    pub(super) fn shipped(&self, file: &str) -> Option<String> {
        let found = self.known.model.iter().find(|shipped| shipped.file == file);
        found.map(|shipped| shipped.sha256.to_ascii_lowercase())
    }

    /// The hash that this very state of the file was found to have.
    pub(super) fn measured(&self, stamp: &Stamp) -> Option<String> {
        let found = self.known.measured.iter().find(|measured| measured.stamp == *stamp);
        found.map(|measured| measured.sha256.clone()).filter(|sha256| is_hash(sha256))
    }

    /// Keeps a hash in place of an older one of the same file.
    pub(super) fn keep(&mut self, measured: Measured) {
        let all = &mut self.known.measured;
        all.retain(|old| old.stamp.file != measured.stamp.file);
        // Names come and go; the oldest go first.
        let surplus = (all.len() + 1).saturating_sub(MODELS_LISTED_MAX);
        all.drain(..surplus);
        all.push(measured);
    }

    /// Writes beside the name and renames, so that a reader never sees half a file.
    pub(super) fn write(&mut self, path: &Path) -> io::Result<()> {
        let measured = Value::try_from(&self.known.measured).map_err(io::Error::other)?;
        self.whole.insert("measured".to_owned(), measured);
        let text = toml::to_string(&self.whole).map_err(io::Error::other)?;
        let folder = path.parent().ok_or(io::ErrorKind::InvalidInput)?;
        let partial = folder.join(format!(".{FILE}.{}.part", Uuid::now_v7()));
        let written = File::create_new(&partial).and_then(|mut out| {
            out.write_all(text.as_bytes())?;
            out.sync_all()
        });
        written.and_then(|()| fs::rename(&partial, path)).inspect_err(|_| {
            let _ = fs::remove_file(&partial);
        })
    }
}

fn is_hash(text: &str) -> bool {
    text.len() == 64 && text.bytes().all(|byte| byte.is_ascii_hexdigit())
}
