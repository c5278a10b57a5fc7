//! The floors (see `src/lib.rs`): who may import whom, that each file says what it is for, and that files stay small.

use std::fs;
use std::path::{Path, PathBuf};

/// Modules by floor. A module imports only from lower floors, never sideways.
const FLOORS: [&[&str]; 8] = [
    &["domain"],
    &["catalog", "model", "runner", "store", "bundle"],
    &["engine"],
    &["agent"],
    &["jobs", "eval"],
    &["http", "cli"],
    &["config"],
    &["app"],
];

const LINES_MAX: usize = 500;

fn floor(module: &str) -> usize {
    let found = FLOORS.iter().position(|modules| modules.contains(&module));
    found.unwrap_or_else(|| panic!("`{module}` stands on no floor; add it to FLOORS and to src/lib.rs"))
}

fn sources(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).unwrap().flatten() {
        let path = entry.path();
        if path.is_dir() {
            found.extend(sources(&path));
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            found.push(path);
        }
    }
    found
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("src")
}

#[test]
fn modules_import_only_from_lower_floors() {
    let mut wrong = Vec::new();
    for path in sources(&root()) {
        let inside = path.strip_prefix(root()).unwrap();
        let module = inside.iter().next().unwrap().to_string_lossy().trim_end_matches(".rs").to_owned();
        if matches!(module.as_str(), "main" | "lib") {
            continue;
        }
        let text = fs::read_to_string(&path).unwrap();
        let code = text.split("#[cfg(test)]").next().unwrap();
        for import in code.split("crate::").skip(1) {
            let name: String = import.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect();
            if name.is_empty() || name == module {
                continue;
            }
            if floor(&name) >= floor(&module) {
                wrong.push(format!("{} imports crate::{name}", inside.display()));
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn every_file_says_what_it_is_for_and_stays_small() {
    for path in sources(&root()) {
        let text = fs::read_to_string(&path).unwrap();
        assert!(text.starts_with("//! "), "{} does not open with its purpose", path.display());
        let lines = text.lines().count();
        assert!(lines <= LINES_MAX, "{} has {lines} lines; {LINES_MAX} is the alarm", path.display());
    }
}

#[test]
fn the_map_names_every_module() {
    let map = fs::read_to_string(root().join("lib.rs")).unwrap();
    for module in FLOORS.iter().flat_map(|modules| modules.iter()) {
        assert!(map.contains(&format!("`{module}`")), "src/lib.rs does not name `{module}`");
        assert!(map.contains(&format!("pub mod {module};")), "src/lib.rs does not declare `{module}`");
    }
}
