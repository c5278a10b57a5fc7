//! Statements that show, export or print: nothing of it is needed, the part is taken from `result`.

use super::imports::bound;
use super::{Change, Seen, failing, without_line};
use crate::engine::python::{Call, Line, Scan};

/// Modules that show parts, and CAD libraries that are not here.
pub(super) const VIEWERS: [&str; 12] = [
    "ocp_vscode",
    "cadquery",
    "cq_warehouse",
    "jupyter_cadquery",
    "IPython",
    "ocp_viewer",
    "ocp_tessellate",
    "yacv_server",
    "cq_vscode",
    "cq_editor",
    "cqgi",
    "build123d_ocp_vscode",
];
const SHOWS: [&str; 11] = [
    "show",
    "show_object",
    "show_all",
    "show_clear",
    "display",
    "set_port",
    "set_defaults",
    "set_viewer_config",
    "reset_show",
    "push_object",
    "save_screenshot",
];

/// The names that imports of viewers bring.
pub(super) fn names<'a>(scan: &Scan<'a>) -> Vec<&'a str> {
    let viewer = |line: &&Line| {
        VIEWERS.contains(&scan.word(line.words.start + 1))
            && matches!(scan.word(line.words.start), "from" | "import")
    };
    scan.lines.iter().filter(viewer).flat_map(|line| bound(scan, line)).collect()
}

/// Whether a call only shows or exports; `names` are those of viewers.
pub(super) fn shows(scan: &Scan, call: &Call, names: &[&str]) -> bool {
    let name = scan.word(call.name);
    let known = name.starts_with("export") || (SHOWS.contains(&name) && !call.is_method());
    (known && !scan.defines(name)) || names.contains(&scan.word(call.first))
}

pub(super) fn shown(scan: &Scan, _: &Seen) -> Option<Change> {
    let names = names(scan);
    let (line, call) = scan.lines.iter().find_map(|line| {
        let call = scan.statement(line).filter(|call| shows(scan, call, &names))?;
        Some((line, call))
    })?;
    let told = format!("`{}(...)` is not needed: the part is taken from `result`", scan.word(call.name));
    Change::new(vec![without_line(scan, line)], told)
}

/// What is only printed must not stop a part.
pub(super) fn failing_print(scan: &Scan, seen: &Seen) -> Option<Change> {
    if seen.kind == "SyntaxError" {
        return None;
    }
    let line = failing(scan, seen)?;
    let call = scan.statement(line).filter(|call| scan.word(call.name) == "print" && !call.is_method())?;
    let told = format!("`{}(...)` failed and is left out", scan.word(call.name));
    Change::new(vec![without_line(scan, line)], told)
}
