//! Floor 1: what ships with the program, found and checked: the Python runtime's folder and the runner's scripts.
//!
//! Packing everything into one file is a later step; it will only change how `Runtime::find` comes by a folder.

use std::ffi::OsString;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use rust_embed::RustEmbed;
use serde::Deserialize;

/// The runner's Python package, as it was when this program was built.
#[derive(RustEmbed)]
#[folder = "runner/"]
#[include = "naturalcad_runner/*.py"]
struct Scripts;

/// The installation is not whole.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    #[error("No Python runtime at `{path}`")]
    Missing { path: PathBuf },
    #[error("The Python runtime at `{path}` is damaged: {what}")]
    Damaged { path: PathBuf, what: String },
    #[error("The runner's scripts cannot be written to `{path}`")]
    Scripts {
        path: PathBuf,
        #[source]
        source: io::Error,
    },
}

impl Error {
    pub fn hint(&self) -> &'static str {
        match self {
            Self::Missing { .. } | Self::Damaged { .. } => {
                "Build it with `make runtime`, or name its folder with `--runtime DIR`"
            }
            Self::Scripts { .. } => "Name a folder that you may write to with `--data DIR`",
        }
    }
}

/// A folder with an interpreter, build123d and every library they need.
#[derive(Clone, Debug)]
pub struct Runtime {
    root: PathBuf,
}

/// The part of the runtime's manifest that we read.
#[derive(Debug, Deserialize)]
pub struct Manifest {
    pub python: String,
    pub files: Vec<ManifestFile>,
}

#[derive(Debug, Deserialize)]
pub struct ManifestFile {
    pub path: String,
    pub size: u64,
}

const LOADER: &str = "lib/ld-linux-x86-64.so.2";
const INTERPRETER: &str = "bin/python3";

impl Runtime {
    /// Takes the folder if it holds an interpreter and the loader that starts it.
    pub fn find(root: &Path) -> Result<Self, Error> {
        let root = root.canonicalize().map_err(|_| Error::Missing { path: root.to_owned() })?;
        for needed in [LOADER, INTERPRETER, "manifest.json"] {
            if !root.join(needed).is_file() {
                return Err(Error::Damaged { path: root.clone(), what: format!("`{needed}` is missing") });
            }
        }
        Ok(Self { root })
    }

    pub fn root(&self) -> &Path {
        &self.root
    }

    /// Compares the folder with its manifest by name and size.
    pub fn check(&self) -> Result<Manifest, Error> {
        let damaged = |what: String| Error::Damaged { path: self.root.clone(), what };
        let text = fs::read_to_string(self.root.join("manifest.json"))
            .map_err(|error| damaged(format!("its manifest cannot be read ({error})")))?;
        let manifest: Manifest = serde_json::from_str(&text)
            .map_err(|error| damaged(format!("its manifest is not valid ({error})")))?;
        for file in &manifest.files {
            match fs::metadata(self.root.join(&file.path)) {
                Ok(facts) if facts.len() == file.size => {}
                Ok(facts) => {
                    let (path, size, has) = (&file.path, file.size, facts.len());
                    return Err(damaged(format!("`{path}` has {has} bytes instead of {size}")));
                }
                Err(_) => return Err(damaged(format!("`{}` is missing", file.path))),
            }
        }
        Ok(manifest)
    }

    /// The program and arguments that start the runtime's Python: its own loader, so that the machine's glibc is never used.
    pub fn command(&self) -> (OsString, Vec<OsString>) {
        let arguments = vec![
            "--library-path".into(),
            self.root.join("lib").into(),
            self.root.join(INTERPRETER).into(),
            // No user site, no byte code written beside read-only files, no current folder on the path.
            "-s".into(),
            "-B".into(),
            "-P".into(),
        ];
        (self.root.join(LOADER).into(), arguments)
    }

    /// The environment the runtime is started with, but for `HOME`. `packages` goes on the import path.
    pub fn environment(&self, packages: &Path) -> Vec<(OsString, OsString)> {
        let mut environment: Vec<(OsString, OsString)> = vec![
            ("PYTHONHOME".into(), self.root.clone().into()),
            ("PYTHONPATH".into(), packages.into()),
            ("PYTHONHASHSEED".into(), "0".into()),
            ("PATH".into(), "/nonexistent".into()),
            // Some distributions' Pythons keep their library in `lib64`; here it is always `lib`.
            ("PYTHONPLATLIBDIR".into(), "lib".into()),
            // The one locale that needs no files of the machine; Python's text is UTF-8 all the same.
            ("LC_ALL".into(), "C".into()),
            ("PYTHONUTF8".into(), "1".into()),
            ("TZ".into(), "UTC".into()),
        ];
        // A library that starts threads at import would make every later fork unsafe.
        for library in ["OPENBLAS", "OMP", "MKL", "NUMEXPR"] {
            environment.push((format!("{library}_NUM_THREADS").into(), "1".into()));
        }
        environment
    }
}

/// Writes the runner's package below `folder`, which then goes on Python's import path.
pub fn unpack_scripts(folder: &Path) -> Result<(), Error> {
    let failed = |source| Error::Scripts { path: folder.to_owned(), source };
    for name in Scripts::iter() {
        let Some(script) = Scripts::get(&name) else { continue };
        let path = folder.join(name.as_ref());
        if let Some(parent) = path.parent() {
            fs::create_dir_all(parent).map_err(failed)?;
        }
        fs::write(&path, script.data).map_err(failed)?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_missing_and_a_damaged_runtime_are_told_apart() {
        let folder = tempfile::tempdir().unwrap();
        assert!(matches!(Runtime::find(&folder.path().join("no")), Err(Error::Missing { .. })));
        let damaged = Runtime::find(folder.path()).unwrap_err();
        assert!(damaged.to_string().contains("ld-linux"), "{damaged}");
        assert!(damaged.hint().contains("make runtime"));
    }

    #[test]
    fn a_file_of_the_wrong_size_is_named() {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path();
        for file in [LOADER, INTERPRETER] {
            fs::create_dir_all(root.join(file).parent().unwrap()).unwrap();
            fs::write(root.join(file), "12").unwrap();
        }
        let manifest = format!(r#"{{"python":"3","files":[{{"path":"{LOADER}","size":3}}]}}"#);
        fs::write(root.join("manifest.json"), manifest).unwrap();
        let error = Runtime::find(root).unwrap().check().unwrap_err();
        assert!(error.to_string().contains("has 2 bytes instead of 3"), "{error}");
    }

    #[test]
    fn the_runner_package_is_embedded_and_lands_below_the_folder() {
        let folder = tempfile::tempdir().unwrap();
        unpack_scripts(folder.path()).unwrap();
        assert!(folder.path().join("naturalcad_runner/zygote.py").is_file());
    }
}
