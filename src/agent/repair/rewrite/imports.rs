//! Imports that are missing, name modules that are not there, or serve nothing here.

use super::viewers::VIEWERS;
use super::{Change, Seen, failing, without_line};
use crate::engine::python::{Kind, Line, Scan};

const STAR: &str = "from build123d import *\n";
const MODULES: [&str; 7] = ["math", "copy", "random", "itertools", "functools", "numpy", "re"];
const MATH: [&str; 15] = [
    "sin", "cos", "tan", "asin", "acos", "atan", "atan2", "sqrt", "pi", "radians", "degrees", "hypot",
    "floor", "ceil", "tau",
];
/// Names of `bd_warehouse` and their modules.
const WAREHOUSE: [(&str, &str); 16] = [
    ("IsoThread", "thread"),
    ("TrapezoidalThread", "thread"),
    ("AcmeThread", "thread"),
    ("MetricTrapezoidalThread", "thread"),
    ("PlasticBottleThread", "thread"),
    ("Thread", "thread"),
    ("SocketHeadCapScrew", "fastener"),
    ("HexHeadScrew", "fastener"),
    ("CounterSunkScrew", "fastener"),
    ("ButtonHeadScrew", "fastener"),
    ("PanHeadScrew", "fastener"),
    ("SetScrew", "fastener"),
    ("HexNut", "fastener"),
    ("PlainWasher", "fastener"),
    ("HeatSetNut", "fastener"),
    ("SingleRowDeepGrooveBallBearing", "bearing"),
];

fn is_import(scan: &Scan, line: &Line) -> bool {
    matches!(scan.word(line.words.start), "from" | "import")
}

fn from_build123d(scan: &Scan, line: &Line) -> bool {
    is_import(scan, line) && scan.is(line.words.start + 1, "build123d")
}

fn has_star(scan: &Scan) -> bool {
    scan.lines.iter().any(|line| {
        from_build123d(scan, line)
            && scan.is(line.words.start + 2, "import")
            && scan.is(line.words.start + 3, "*")
    })
}

/// Behind the docstring and what Python wants to be first; or behind all imports at the head.
fn top(scan: &Scan, behind_imports: bool) -> usize {
    let heads = |line: &&Line| {
        let text = scan.tokens[line.words.start].kind == Kind::Text && line.words.len() == 1;
        let future = scan.is(line.words.start, "from") && scan.is(line.words.start + 1, "__future__");
        text || future || (behind_imports && is_import(scan, line))
    };
    scan.lines.iter().take_while(heads).last().map_or(0, |line| line.bytes.end)
}

fn put(scan: &Scan, import: &str, told: String) -> Option<Change> {
    let top = top(scan, import != STAR);
    let end = if top == 0 || scan.text[..top].ends_with('\n') { "" } else { "\n" };
    Change::one(top..top, format!("{end}{import}"), told)
}

pub(super) fn build123d(scan: &Scan, _: &Seen) -> Option<Change> {
    if scan.lines.is_empty() || scan.lines.iter().any(|line| from_build123d(scan, line)) {
        return None;
    }
    put(scan, STAR, "`from build123d import *` was missing".into())
}

/// A name that no import brings.
pub(super) fn missing(scan: &Scan, seen: &Seen) -> Option<Change> {
    if seen.kind != "NameError" {
        return None;
    }
    let name = seen.quoted("name ")?;
    let import = if MODULES.contains(&name) {
        format!("import {name}\n")
    } else if name == "np" {
        "import numpy as np\n".into()
    } else if MATH.contains(&name) {
        format!("from math import {name}\n")
    } else if let Some((_, module)) = WAREHOUSE.iter().find(|entry| entry.0 == name) {
        format!("from bd_warehouse.{module} import {name}\n")
    } else if !has_star(scan) && scan.lines.iter().any(|line| from_build123d(scan, line)) {
        STAR.into()
    } else {
        return None;
    };
    if scan.text.lines().any(|line| line.trim() == import.trim()) {
        return None;
    }
    let told = format!("`{}` was missing", import.trim());
    put(scan, &import, told)
}

/// Modules or names of build123d that are not there: everything comes from the top.
pub(super) fn from_parts(scan: &Scan, seen: &Seen) -> Option<Change> {
    let named = seen.says(&["No module named 'build123d", "from 'build123d"]);
    if !named || !matches!(seen.kind.as_str(), "ImportError" | "ModuleNotFoundError") {
        return None;
    }
    let line =
        failing(scan, seen).filter(|line| from_build123d(scan, line) && scan.is(line.words.start, "from"))?;
    let star = STAR.trim_end();
    Change::one(scan.bytes(&line.words), star, format!("Everything of build123d comes from `{star}`"))
}

/// Imports of viewers and of other CAD libraries that nothing uses.
pub(super) fn viewers(scan: &Scan, _: &Seen) -> Option<Change> {
    let unused = |line: &&Line| {
        is_import(scan, line) && VIEWERS.contains(&scan.word(line.words.start + 1)) && !used(scan, line)
    };
    let line = scan.lines.iter().find(unused)?;
    let told = format!("`{}` is not here and not needed", scan.word(line.words.start + 1));
    Change::new(vec![without_line(scan, line)], told)
}

/// Whether a name that the import brings is used elsewhere.
fn used(scan: &Scan, line: &Line) -> bool {
    let module = scan.word(line.words.start + 1);
    bound(scan, line).iter().any(|name| {
        (0..scan.tokens.len()).any(|at| {
            let here = line.words.contains(&at);
            let imported = scan
                .line_of(at)
                .is_some_and(|other| is_import(scan, other) && scan.word(other.words.start + 1) == module);
            scan.is_variable(at, name) && !here && !imported && !scan.is(at + 1, "=")
        })
    })
}

/// The names that an import brings. `*` brings what viewers are known for, which is taken away before.
pub(super) fn bound<'a>(scan: &Scan<'a>, line: &Line) -> Vec<&'a str> {
    let words = line.words.clone();
    let last = |at: usize| scan.is_name(at) && !scan.is(at + 1, "as") && !scan.is(at + 1, ".");
    let import = words.clone().find(|&at| scan.is(at, "import")).unwrap_or(words.start);
    if scan.is(words.start, "import") {
        let named = words.clone().skip(1).any(|at| scan.is(at, "as"));
        let from = if named { words.end - 1 } else { words.start + 1 };
        return vec![scan.word(from)];
    }
    (import + 1..words.end).filter(|&at| last(at)).map(|at| scan.word(at)).collect()
}
