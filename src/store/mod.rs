//! Floor 1: what jobs leave behind. Artifact files and one record file per finished job in a folder; an index in memory.
//!
//! A record is written only when its files are, by write, sync and rename, so a killed appliance finds whole jobs
//! or none. The record's text belongs to the floor above; here it is only kept.

use std::fs::{self, File};
use std::io::{self, Write};
use std::os::unix::fs::DirBuilderExt;
use std::path::{Path, PathBuf};

use crate::domain::artifact::Format;
use crate::domain::id::JobId;
use crate::domain::limits::{RECORDS_MAX, RUN_FILE_BYTES_MAX};

#[derive(Debug, thiserror::Error)]
#[error("`{path}` cannot be {what}")]
pub struct Error {
    path: PathBuf,
    what: &'static str,
    #[source]
    source: io::Error,
}

/// Handle of the folder; cheap to clone.
#[derive(Clone, Debug)]
pub struct Store {
    folder: PathBuf,
}

impl Store {
    /// Opens or makes the folder, and removes what an interrupted write left.
    pub fn open(folder: &Path) -> Result<Self, Error> {
        let failed = |source| Error { path: folder.to_owned(), what: "used as data folder", source };
        fs::DirBuilder::new().recursive(true).mode(0o700).create(folder).map_err(failed)?;
        for entry in fs::read_dir(folder).map_err(failed)?.flatten() {
            if entry.path().extension().is_some_and(|extension| extension == "part") {
                let _ = fs::remove_file(entry.path());
            }
        }
        Ok(Self { folder: folder.to_owned() })
    }

    /// Copies a file that a run left. The source stays its owner's: only its bytes are taken.
    pub fn put(&self, job: JobId, format: Format, mut file: &File) -> Result<(), Error> {
        self.write(&format!("{job}.{}", format.extension()), |out| {
            let copied = io::copy(&mut io::Read::take(&mut file, RUN_FILE_BYTES_MAX + 1), out)?;
            if copied > RUN_FILE_BYTES_MAX {
                return Err(io::Error::other("it grew over the limit while it was copied"));
            }
            Ok(())
        })
    }

    /// Keeps the program of a job.
    pub fn put_program(&self, job: JobId, source: &str) -> Result<(), Error> {
        self.write(&format!("{job}.py"), |out| out.write_all(source.as_bytes()))
    }

    /// Keeps the record of a finished job.
    pub fn put_record(&self, job: JobId, json: &[u8]) -> Result<(), Error> {
        self.write(&format!("{job}.json"), |out| {
            out.write_all(json)?;
            out.sync_all()
        })
    }

    /// Where a job's file lies, if it is there.
    pub fn path(&self, job: JobId, extension: &str) -> Option<PathBuf> {
        let path = self.folder.join(format!("{job}.{extension}"));
        path.is_file().then_some(path)
    }

    /// The records on disk, newest first, at most `RECORDS_MAX`.
    pub fn records(&self) -> Vec<(JobId, Vec<u8>)> {
        let Ok(entries) = fs::read_dir(&self.folder) else { return Vec::new() };
        let mut ids: Vec<JobId> = entries
            .flatten()
            .filter_map(|entry| entry.file_name().to_str()?.strip_suffix(".json")?.parse().ok())
            .collect();
        ids.sort_unstable();
        let newest = ids.into_iter().rev().take(RECORDS_MAX);
        newest.filter_map(|id| Some((id, fs::read(self.path(id, "json")?).ok()?))).collect()
    }

    /// Writes beside the name and renames, so that a reader never sees half a file.
    fn write(&self, name: &str, fill: impl FnOnce(&mut File) -> io::Result<()>) -> Result<(), Error> {
        let path = self.folder.join(name);
        let partial = self.folder.join(format!("{name}.part"));
        let written = File::create(&partial).and_then(|mut out| fill(&mut out));
        written.and_then(|()| fs::rename(&partial, &path)).map_err(|source| {
            let _ = fs::remove_file(&partial);
            Error { path, what: "written", source }
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_and_records_are_found_again_newest_first() {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(folder.path()).unwrap();
        let (old, new) = (JobId::new(), JobId::new());
        for job in [old, new] {
            store.put_program(job, "result = 1").unwrap();
            store.put_record(job, b"{}").unwrap();
        }
        let mut source = tempfile::tempfile().unwrap();
        source.write_all(b"solid").unwrap();
        io::Seek::rewind(&mut source).unwrap();
        store.put(new, Format::Stl, &source).unwrap();
        let reopened = Store::open(folder.path()).unwrap();
        let found: Vec<JobId> = reopened.records().into_iter().map(|(id, _)| id).collect();
        assert_eq!(found, [new, old]);
        assert_eq!(fs::read(reopened.path(new, "stl").unwrap()).unwrap(), b"solid");
        assert_eq!(reopened.path(old, "stl"), None);
    }

    #[test]
    fn half_written_files_are_swept_at_the_next_start() {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(folder.path()).unwrap();
        let job = JobId::new();
        fs::write(folder.path().join(format!("{job}.step.part")), "half").unwrap();
        let failed = store.write("x.step", |_| Err(io::Error::other("disk full")));
        assert!(failed.is_err());
        Store::open(folder.path()).unwrap();
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0);
    }
}
