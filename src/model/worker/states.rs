//! States of fixed prompts: what llama.cpp has computed for a system text, kept in memory and on disk, so that a second question and a second
//! start do not read it again.
//!
//! llama.cpp's own files carry no hash of model or tokens and are not checked for damage, so each has a header of ours in front: what it was
//! made for, and the SHA-256 of what follows. A file that does not fit or is damaged is removed and made anew.

use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use llama_cpp_2::context::LlamaContext;
use llama_cpp_2::context::session::{LlamaStateSeqFlags, SeqState};
use llama_cpp_2::token::LlamaToken;
use sha2::{Digest, Sha256};

use crate::domain::limits::{
    MODEL_STATE_BYTES_MAX, MODEL_STATE_FILES_MAX, MODEL_STATE_TOKENS_MIN, MODEL_STATES_KEPT,
};

/// Everything besides model and tokens that a state depends on. Raise it with llama.cpp or the context's settings.
pub(super) const ENGINE: &str = "llama-cpp-sys-2 0.1.160, KV f16, flash attention off, unified, version 1";

/// The sequence that prompts are read into.
const SEQUENCE: i32 = 0;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Found {
    Memory,
    Disk,
}

pub(super) struct States {
    /// Newest last.
    kept: Vec<(Vec<i32>, SeqState)>,
    disk: Option<Disk>,
}

struct Disk {
    folder: PathBuf,
    model: String,
}

impl States {
    pub(super) fn new(folder: Option<PathBuf>, model: Option<String>) -> Self {
        let disk = folder.zip(model).map(|(folder, model)| Disk { folder, model });
        Self { kept: Vec::new(), disk }
    }

    /// Puts the state of these tokens into the context.
    pub(super) fn restore(&mut self, context: &mut LlamaContext, tokens: &[i32]) -> Option<Found> {
        if tokens.len() < MODEL_STATE_TOKENS_MIN {
            return None;
        }
        if let Some(at) = self.kept.iter().position(|(of, _)| of == tokens) {
            let entry = self.kept.remove(at);
            let restored = context.state_seq_set(&entry.1, SEQUENCE).is_ok();
            if restored {
                self.kept.push(entry);
            }
            return restored.then_some(Found::Memory);
        }
        let disk = self.disk.as_ref()?;
        disk.load(context, tokens)?;
        self.keep(context, tokens);
        Some(Found::Disk)
    }

    /// Keeps the state of the context's tokens, which are exactly these.
    pub(super) fn store(&mut self, context: &LlamaContext, tokens: &[i32]) {
        if tokens.len() < MODEL_STATE_TOKENS_MIN {
            return;
        }
        self.keep(context, tokens);
        if let Some(disk) = &self.disk
            && let Err(error) = disk.save(context, tokens)
        {
            tracing::warn!(%error, "the state of a prompt cannot be kept on disk");
        }
    }

    /// Forgets what is in memory, and on disk when asked.
    pub(super) fn forget(&mut self, on_disk: bool) {
        self.kept.clear();
        let folder = self.disk.as_ref().filter(|_| on_disk).and_then(|disk| fs::read_dir(&disk.folder).ok());
        for entry in folder.into_iter().flatten().flatten() {
            if entry.path().extension().is_some_and(|end| end == "state") {
                let _ = fs::remove_file(entry.path());
            }
        }
    }

    fn keep(&mut self, context: &LlamaContext, tokens: &[i32]) {
        if let Ok(state) = context.state_seq_get(SEQUENCE, LlamaStateSeqFlags::empty()) {
            self.kept.retain(|(of, _)| of != tokens);
            self.kept.push((tokens.to_vec(), state));
            let too_many = self.kept.len().saturating_sub(MODEL_STATES_KEPT);
            self.kept.drain(..too_many);
        }
    }
}

impl Disk {
    fn load(&self, context: &mut LlamaContext, tokens: &[i32]) -> Option<()> {
        let path = self.path(tokens);
        let bytes = fs::read(&path).ok()?;
        let state = unsealed(&bytes, &self.seal(tokens));
        // llama.cpp reads states from files only; it gets one that was checked, under another name.
        let loaded = state.and_then(|state| {
            let bare = path.with_extension(format!("{}.bare", std::process::id()));
            fs::write(&bare, state).ok()?;
            let loaded = context.state_seq_load_file(&bare, SEQUENCE, tokens.len());
            let _ = fs::remove_file(&bare);
            loaded.ok().filter(|(of, _)| of.iter().map(|token| token.0).eq(tokens.iter().copied()))
        });
        if loaded.is_none() {
            tracing::warn!(path = %path.display(), "a prompt's state on disk is damaged and is made anew");
            let _ = fs::remove_file(&path);
            context.clear_kv_cache();
        }
        loaded.map(|_| ())
    }

    fn save(&self, context: &LlamaContext, tokens: &[i32]) -> io::Result<()> {
        fs::create_dir_all(&self.folder)?;
        let path = self.path(tokens);
        let bare = path.with_extension(format!("{}.bare", std::process::id()));
        let of: Vec<LlamaToken> = tokens.iter().copied().map(LlamaToken).collect();
        let written = context.state_seq_save_file(&bare, SEQUENCE, &of).map_err(io::Error::other);
        let state = written.and_then(|_| fs::read(&bare));
        let _ = fs::remove_file(&bare);
        let state = state?;
        let fresh = path.with_extension(format!("{}.new", std::process::id()));
        let mut file = fs::File::create(&fresh)?;
        file.write_all(&self.seal(tokens))?;
        file.write_all(&Sha256::digest(&state))?;
        file.write_all(&state)?;
        file.sync_all()?;
        fs::rename(&fresh, &path)?;
        prune(&self.folder, &path);
        Ok(())
    }

    fn path(&self, tokens: &[i32]) -> PathBuf {
        let seal = self.seal(tokens);
        let (high, low) = (u64_of(&seal[..8]), u64_of(&seal[8..16]));
        self.folder.join(format!("{high:016x}{low:016x}.state"))
    }

    /// What the state was made for, as 32 bytes.
    fn seal(&self, tokens: &[i32]) -> [u8; 32] {
        let mut hash = Sha256::new();
        hash.update(ENGINE);
        hash.update([0]);
        hash.update(&self.model);
        for token in tokens {
            hash.update(token.to_le_bytes());
        }
        hash.finalize().into()
    }
}

fn u64_of(bytes: &[u8]) -> u64 {
    bytes.iter().fold(0, |number, &byte| number << 8 | u64::from(byte))
}

/// The state in a file's bytes, when it was made for this and is whole.
fn unsealed<'a>(bytes: &'a [u8], seal: &[u8; 32]) -> Option<&'a [u8]> {
    let (found, rest) = bytes.split_at_checked(32)?;
    let (digest, state) = rest.split_at_checked(32)?;
    let whole = found == seal && digest == Sha256::digest(state).as_slice();
    whole.then_some(state)
}

/// Removes the oldest files beyond the bounds, but never the one that was just written.
fn prune(folder: &Path, newest: &Path) {
    let Ok(entries) = fs::read_dir(folder) else { return };
    let mut files: Vec<_> = entries
        .flatten()
        .filter(|entry| entry.path().extension().is_some_and(|end| end == "state"))
        .filter_map(|entry| {
            let facts = entry.metadata().ok()?;
            Some((facts.modified().ok()?, facts.len(), entry.path()))
        })
        .collect();
    files.sort();
    let mut bytes: u64 = files.iter().map(|(_, bytes, _)| bytes).sum();
    let mut count = files.len();
    for (_, size, path) in files.iter().filter(|(_, _, path)| path != newest) {
        if count <= MODEL_STATE_FILES_MAX && bytes <= MODEL_STATE_BYTES_MAX {
            return;
        }
        let _ = fs::remove_file(path);
        (count, bytes) = (count - 1, bytes - size);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_for_something_else_or_with_a_flipped_bit_is_not_believed() {
        let seal = [7; 32];
        let mut bytes = seal.to_vec();
        bytes.extend(Sha256::digest(b"state"));
        bytes.extend(b"state");
        assert_eq!(unsealed(&bytes, &seal), Some(b"state".as_slice()));
        assert_eq!(unsealed(&bytes, &[8; 32]), None);
        for length in [0, 31, 40, 64, bytes.len() - 1] {
            assert_eq!(unsealed(&bytes[..length], &seal), None, "{length}");
        }
        for at in 0..bytes.len() {
            let mut flipped = bytes.clone();
            flipped[at] ^= 1;
            assert_eq!(unsealed(&flipped, &seal), None, "{at}");
        }
    }

    #[test]
    fn old_states_make_room_for_new_ones() {
        let folder = tempfile::tempdir().unwrap();
        let path = |n: usize| folder.path().join(format!("{n}.state"));
        for n in 0..MODEL_STATE_FILES_MAX + 3 {
            fs::write(path(n), "x").unwrap();
            let time = std::time::UNIX_EPOCH + std::time::Duration::from_secs(n as u64);
            fs::File::options().write(true).open(path(n)).unwrap().set_modified(time).unwrap();
        }
        // The newest is the oldest by its time: it stays all the same.
        prune(folder.path(), &path(0));
        let left = fs::read_dir(folder.path()).unwrap().count();
        assert_eq!(left, MODEL_STATE_FILES_MAX);
        assert!(path(0).exists() && !path(1).exists());
    }
}
