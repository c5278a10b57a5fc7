//! A program that leaves no `result`: the last thing that it built or showed.

use super::viewers::{names, shows};
use super::{Change, Seen};
use crate::engine::extract::leaves_result;
use crate::engine::python::{Kind, Line, Scan, is_keyword};

/// Attributes that lead from a shape to a number or to something smaller.
const MEASURES: [&str; 16] = [
    "volume",
    "area",
    "bounding_box",
    "center",
    "length",
    "radius",
    "is_valid",
    "edges",
    "faces",
    "vertices",
    "wires",
    "edge",
    "face",
    "vertex",
    "size",
    "label",
];
/// What makes a shape; every other class begins with a capital letter, too.
const MAKES: [&str; 16] = [
    "extrude",
    "revolve",
    "loft",
    "sweep",
    "fillet",
    "chamfer",
    "offset",
    "mirror",
    "split",
    "thicken",
    "scale",
    "draft",
    "make_face",
    "moved",
    "rotate",
    "translate",
];
const NOT_SHAPES: [&str; 13] = [
    "Axis",
    "Plane",
    "Vector",
    "Color",
    "Location",
    "Locations",
    "GridLocations",
    "PolarLocations",
    "HexLocations",
    "Align",
    "Mode",
    "GeomType",
    "Line",
];

/// A longer value is a table, not a shape.
const WORDS_MAX: usize = 2_000;

pub(super) fn result(scan: &Scan, _: &Seen) -> Option<Change> {
    let assigned = (0..scan.tokens.len()).any(|at| {
        scan.is_variable(at, "result") && matches!(scan.word(at + 1), "=" | ":" | "," | "+=" | "-=" | "in")
    });
    if leaves_result(scan) || assigned || scan.lines.is_empty() {
        return None;
    }
    let part = shown(scan)
        .or_else(|| last_expression(scan))
        .or_else(|| last_built(scan))
        .or_else(|| function(scan))?;
    let end = if scan.text.ends_with('\n') { "" } else { "\n" };
    let at = scan.text.len();
    Change::one(at..at, format!("{end}result = {part}\n"), format!("`result = {part}` was missing"))
}

/// What the program gives to a viewer or writes to a file last.
fn shown(scan: &Scan) -> Option<String> {
    let names = names(scan);
    scan.lines.iter().rev().filter(|line| line.indent == 0).find_map(|line| {
        let call = scan.statement(line).filter(|call| shows(scan, call, &names))?;
        let first = scan.arguments(&call).into_iter().find(|argument| argument.key.is_none());
        let given = match first {
            Some(argument) if scan.tokens[argument.words.start].kind == Kind::Name => argument.words,
            _ if call.is_method() && call.first + 1 < call.name => call.first..call.name - 1,
            _ => return None,
        };
        (!scan.is(given.start, "not")).then(|| scan.slice(&given).to_owned())
    })
}

/// A name at the end, as in a notebook.
fn last_expression(scan: &Scan) -> Option<String> {
    let line = scan.lines.last().filter(|line| line.indent == 0)?;
    let words = scan.slice(&line.words);
    let name = words.chars().all(|c| c.is_alphanumeric() || matches!(c, '_' | '.'));
    let named = name && scan.is_name(line.words.start) && !is_keyword(scan.word(line.words.start));
    named.then(|| words.to_owned())
}

/// The variable or builder that was last given a shape.
fn last_built(scan: &Scan) -> Option<String> {
    let mut shapes: Vec<&str> = Vec::new();
    let mut last = None;
    for line in scan.lines.iter().filter(|line| line.indent == 0) {
        let first = line.words.start;
        let name = scan.word(first);
        if scan.is(first, "with") {
            let bound = line.words.clone().find(|&at| scan.is(at, "as"));
            let kind = [("BuildPart", "part"), ("BuildSketch", "sketch")]
                .iter()
                .find(|(class, _)| line.words.clone().any(|at| scan.is_variable(at, class)));
            if let (Some(bound), Some((_, held))) = (bound, kind) {
                shapes.push(scan.word(bound + 1));
                last = Some(format!("{}.{held}", scan.word(bound + 1)));
            }
            continue;
        }
        let assigns =
            matches!(scan.word(first + 1), "=" | "+=" | "-=" | "&=") && line.words.len() <= WORDS_MAX;
        if scan.is_name(first) && assigns && makes_shape(scan, line, &shapes) {
            shapes.push(name);
            last = Some(name.to_owned());
        }
    }
    last
}

fn makes_shape(scan: &Scan, line: &Line, shapes: &[&str]) -> bool {
    let value = line.words.start + 2..line.words.end;
    let measured = |at: usize| scan.is(at + 1, ".") && MEASURES.contains(&scan.word(at + 2));
    let end = value.end.saturating_sub(1);
    // `b.faces().sort_by(Axis.Z)[-1]` is a face of it, `fillet(b.edges(), 1)` is a shape.
    let called = scan.is_name(value.start) && scan.is(value.start + 1, "(");
    let first = scan.word(value.start);
    if called && (MAKES.contains(&first) || first.starts_with("make_")) {
        return true;
    }
    if first.starts_with(char::is_uppercase)
        && NOT_SHAPES.contains(&first)
        && !value.clone().any(|at| scan.is(at, "*"))
    {
        return false;
    }
    let known =
        |at: usize| shapes.contains(&scan.word(at)) && !measured(at) && scan.is_variable(at, scan.word(at));
    let made = |at: usize| {
        let word = scan.word(at);
        let class = word.starts_with(char::is_uppercase)
            && word.chars().any(char::is_lowercase)
            && !NOT_SHAPES.contains(&word);
        scan.is(at + 1, "(") && (class || MAKES.contains(&word))
    };
    let inside = |at: usize| {
        value.clone().take_while(|&other| other < at).any(|open| {
            scan.mate(open).is_some_and(|close| close > at) && scan.is_name(open.saturating_sub(1))
        })
    };
    value.clone().any(|at| scan.is_name(at) && (known(at) || made(at)) && !inside(at))
        && !(scan.is(end, "]") && measured(value.start))
}

/// A function that returns the part and that nobody called.
fn function(scan: &Scan) -> Option<String> {
    let lines = &scan.lines;
    (0..lines.len())
        .rev()
        .filter(|&at| lines[at].indent == 0 && scan.is(lines[at].words.start, "def"))
        .find_map(|at| {
            let name = lines[at].words.start + 1;
            let close = scan.mate(name + 1)?;
            let parameters =
                scan.arguments(&crate::engine::python::Call { first: name, name, open: name + 1, close });
            let defaults = parameters.iter().all(|parameter| {
                parameter.key.is_some() || parameter.words.clone().any(|at| scan.is(at, "="))
            });
            let returns = lines[at + 1..]
                .iter()
                .take_while(|line| line.indent > 0)
                .any(|line| scan.is(line.words.start, "return") && line.words.len() > 1);
            (defaults && returns).then(|| format!("{}()", scan.word(name)))
        })
}
