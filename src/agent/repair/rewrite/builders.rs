//! Builders: what they take, what they hold, and what they need.

use super::{Change, Seen, failing};
use crate::engine::python::{Line, Scan};

const BUILDERS: [(&str, &str); 3] = [("BuildPart", "part"), ("BuildSketch", "sketch"), ("BuildLine", "line")];
/// What a builder has itself.
const OWN: [&str; 14] = [
    "part",
    "sketch",
    "line",
    "edges",
    "faces",
    "vertices",
    "wires",
    "solids",
    "edge",
    "face",
    "vertex",
    "wire",
    "mode",
    "workplanes",
];

/// `with BuildPart(...) as p` binds `p`; its kind.
fn builder(scan: &Scan, name: &str) -> Option<&'static str> {
    scan.lines.iter().filter(|line| scan.is(line.words.start, "with")).find_map(|line| {
        let bound = line.words.clone().find(|&at| scan.is(at, "as") && scan.is_variable(at + 1, name))?;
        let made = (line.words.start..bound)
            .rev()
            .find_map(|at| BUILDERS.iter().find(|(class, _)| scan.is_variable(at, class)))?;
        Some(made.1)
    })
}

/// A builder where its part is meant.
pub(super) fn shape_of(scan: &Scan, seen: &Seen) -> Option<Change> {
    let line = failing(scan, seen)?;
    if !seen.says(&["BuildPart", "BuildSketch", "BuildLine"]) || scan.is(line.words.start, "with") {
        return None;
    }
    let edits = line.words.clone().filter_map(|at| {
        let held = scan.is_name(at).then(|| builder(scan, scan.word(at)))??;
        let alone = scan.is_variable(at, scan.word(at)) && !scan.is(at + 1, "=");
        let own = scan.is(at + 1, ".") && OWN.contains(&scan.word(at + 2));
        let end = scan.tokens[at].end;
        (alone && !own).then(|| (end..end, format!(".{held}")))
    });
    Change::new(
        edits.collect(),
        "A builder is not a shape: what it built is in its `.part`, `.sketch` or `.line`",
    )
}

/// `with BuildPart(part) as p`: a part is put in, not stood on.
pub(super) fn on_a_part(scan: &Scan, seen: &Seen) -> Option<Change> {
    let line = failing(scan, seen).filter(|_| seen.says(&["Builder does not accept placement"]))?;
    let call = scan.calls.iter().copied().find(|call| {
        line.words.contains(&call.name) && scan.is(call.name, "BuildPart") && call.close == call.open + 2
    })?;
    let named = call.open + 1;
    let next =
        scan.lines.iter().find(|other| other.words.start >= line.words.end && other.indent > line.indent)?;
    let margin = &scan.text[next.bytes.start..scan.tokens[next.words.start].start];
    let insert = format!("{margin}insert({})\n", scan.word(named));
    let edits = vec![
        (scan.tokens[named].start..scan.tokens[named].end, String::new()),
        (next.bytes.start..next.bytes.start, insert),
    ];
    Change::new(edits, "A part is put into a builder by `insert(part)`")
}

/// Lines in a sketch are no face before `make_face()`.
pub(super) fn make_face(scan: &Scan, seen: &Seen) -> Option<Change> {
    if !seen.says(&["A face or sketch must be provided"]) {
        return None;
    }
    let lines = &scan.lines;
    let opens = |line: &Line, class: &str| {
        scan.is(line.words.start, "with") && line.words.clone().any(|at| scan.is_variable(at, class))
    };
    let at = (0..lines.len()).find(|&at| {
        let drawn = opens(&lines[at], "BuildLine");
        let around = lines[..at].iter().rfind(|line| line.indent < lines[at].indent);
        let end = lines[at + 1..].iter().find(|line| line.indent <= lines[at].indent);
        let made = end.is_some_and(|line| scan.is(line.words.start, "make_face"));
        drawn && !made && around.is_some_and(|line| opens(line, "BuildSketch"))
    })?;
    let last = lines[at + 1..].iter().take_while(|line| line.indent > lines[at].indent).last()?;
    let margin = &scan.text[lines[at].bytes.start..scan.tokens[lines[at].words.start].start];
    let end = if scan.text[..last.bytes.end].ends_with('\n') { "" } else { "\n" };
    let face = format!("{end}{margin}make_face()\n");
    Change::one(last.bytes.end..last.bytes.end, face, "Lines become a face by `make_face()`")
}

/// `add(...)` inside a builder is called `insert(...)`.
pub(super) fn insert(scan: &Scan, _: &Seen) -> Option<Change> {
    if scan.defines("add") {
        return None;
    }
    let name = scan.lines.iter().filter(|line| line.indent > 0).find_map(|line| {
        let call = scan.statement(line)?;
        (!call.is_method() && scan.is(call.name, "add")).then_some(call.name)
    })?;
    let bytes = scan.tokens[name].start..scan.tokens[name].end;
    Change::one(bytes, "insert", "`add(...)` in a builder is `insert(...)`")
}

/// Builders take their plane as the first argument.
pub(super) fn placement(scan: &Scan, _: &Seen) -> Option<Change> {
    scan.calls.iter().copied().find_map(|call| {
        let (class, _) = BUILDERS.iter().find(|(class, _)| scan.is_variable(call.name, class))?;
        let arguments = scan.arguments(&call);
        let first = arguments.first()?;
        let key =
            first.key.filter(|&key| matches!(scan.word(key), "workplane" | "workplanes" | "plane" | "on"))?;
        let bytes = scan.tokens[key].start..scan.bytes(&first.words).start;
        Change::one(bytes, "", format!("`{class}` takes its plane without a keyword"))
    })
}
