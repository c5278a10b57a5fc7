//! Scratch folders: one for the appliance, one below it for each worker, all gone when their owner is.
//!
//! The host takes files out of a scratch folder only by fixed names and by safe open: the program that filled the folder is not trusted.

use std::fs::{self, File};
use std::io;
use std::os::unix::fs::{DirBuilderExt, MetadataExt};
use std::path::{Path, PathBuf};

use rustix::fs::{FlockOperation, Mode, OFlags};

/// The appliance's own folder for this start. A lock tells a later start whether we are still alive.
#[derive(Debug)]
pub struct ScratchRoot {
    path: PathBuf,
    _lock: File,
}

impl ScratchRoot {
    /// Makes a fresh folder below `parent`, and removes those that a killed appliance left there.
    pub fn create(parent: &Path) -> io::Result<Self> {
        fs::DirBuilder::new().recursive(true).mode(0o700).create(parent)?;
        sweep(parent);
        let path = parent.join(uuid::Uuid::now_v7().simple().to_string());
        fs::DirBuilder::new().mode(0o700).create(&path)?;
        let lock = File::create(path.join("lock"))?;
        rustix::fs::flock(&lock, FlockOperation::NonBlockingLockExclusive)?;
        Ok(Self { path: path.canonicalize()?, _lock: lock })
    }

    pub fn path(&self) -> &Path {
        &self.path
    }

    pub(super) fn worker(&self, id: &str) -> io::Result<Scratch> {
        let path = self.path.join(id);
        fs::DirBuilder::new().mode(0o700).create(&path)?;
        Ok(Scratch { path })
    }
}

impl Drop for ScratchRoot {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.path);
    }
}

/// Removes folders whose lock nobody holds.
fn sweep(parent: &Path) {
    let Ok(entries) = fs::read_dir(parent) else { return };
    for entry in entries.flatten() {
        let Ok(lock) = File::open(entry.path().join("lock")) else { continue };
        if rustix::fs::flock(&lock, FlockOperation::NonBlockingLockExclusive).is_ok() {
            let _ = fs::remove_dir_all(entry.path());
        }
    }
}

/// One worker's folder.
#[derive(Debug)]
pub(super) struct Scratch {
    path: PathBuf,
}

impl Scratch {
    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// Opens a file that a worker left: a regular file of ours with one name, not a link, not over `bytes_max`.
    pub(super) fn open(&self, name: &str, bytes_max: u64) -> io::Result<File> {
        let flags = OFlags::RDONLY | OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::CLOEXEC;
        let file: File = rustix::fs::open(self.path.join(name), flags, Mode::empty())?.into();
        let facts = file.metadata()?;
        if !facts.is_file() || facts.nlink() != 1 {
            return Err(io::Error::other(format!("`{name}` is not a plain file")));
        }
        if facts.len() > bytes_max {
            return Err(io::Error::other(format!(
                "`{name}` has {} bytes; {bytes_max} is the most",
                facts.len()
            )));
        }
        Ok(file)
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.path);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_scratch_folder_goes_with_its_owner_and_leftovers_with_the_next_start() {
        let parent = tempfile::tempdir().unwrap();
        let root = ScratchRoot::create(parent.path()).unwrap();
        let dead = parent.path().join("dead");
        fs::create_dir(&dead).unwrap();
        fs::write(dead.join("lock"), "").unwrap();
        let worker = root.worker("w1").unwrap();
        let kept = worker.path().to_owned();
        let second = ScratchRoot::create(parent.path()).unwrap();
        assert!(!dead.exists() && root.path().exists() && kept.exists());
        drop(worker);
        assert!(!kept.exists());
        drop((root, second));
        assert_eq!(fs::read_dir(parent.path()).unwrap().count(), 0);
    }

    #[test]
    fn links_directories_and_large_files_are_not_opened() {
        let parent = tempfile::tempdir().unwrap();
        let root = ScratchRoot::create(parent.path()).unwrap();
        let scratch = root.worker("w1").unwrap();
        let secret = parent.path().join("secret");
        fs::write(&secret, "key").unwrap();
        let at = |name: &str| scratch.path().join(name);
        std::os::unix::fs::symlink(&secret, at("part.step")).unwrap();
        fs::hard_link(&secret, at("part.stl")).unwrap();
        fs::create_dir(at("part.glb")).unwrap();
        fs::write(at("part.brep"), "12345").unwrap();
        for name in ["part.step", "part.stl", "part.glb"] {
            assert!(scratch.open(name, 100).is_err(), "{name}");
        }
        assert!(scratch.open("part.brep", 4).is_err());
        assert!(scratch.open("part.brep", 5).is_ok());
    }
}
