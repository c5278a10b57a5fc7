//! Names in a program: every one is given once, and none is Python's or build123d's own.

use std::collections::BTreeSet;

/// Python words and names that `from build123d import *` brings or a program uses itself.
const RESERVED: &[&str] = &[
    "and",
    "as",
    "assert",
    "async",
    "await",
    "break",
    "class",
    "continue",
    "def",
    "del",
    "elif",
    "else",
    "except",
    "finally",
    "for",
    "from",
    "global",
    "if",
    "import",
    "in",
    "is",
    "lambda",
    "nonlocal",
    "not",
    "or",
    "pass",
    "raise",
    "return",
    "try",
    "while",
    "with",
    "yield",
    "none",
    "true",
    "false",
    "match",
    "case",
    "type",
    "min",
    "max",
    "spot",
    "result",
    "top",
    "bottom",
    "front",
    "back",
    "left",
    "right",
    "add",
    "insert",
    "fillet",
    "chamfer",
    "extrude",
    "revolve",
    "loft",
    "sweep",
    "mirror",
    "offset",
    "project",
    "scale",
    "split",
    "section",
    "thicken",
    "trace",
    "draft",
    "make_face",
    "make_hull",
    "new_edges",
    "pack",
    "copy",
    "math",
    "print",
    "list",
    "dict",
    "set",
];

/// Gives every name once; the second `hole` is `hole_2`.
#[derive(Default)]
pub(super) struct Namer(BTreeSet<String>);

impl Namer {
    /// A Python variable for a name that a person chose.
    pub(super) fn variable(&mut self, name: &str) -> String {
        let lower = plain(name).to_lowercase();
        let trimmed = lower.trim_matches('_');
        let stem = if trimmed.is_empty() || trimmed.starts_with(|c: char| c.is_ascii_digit()) {
            format!("part_{trimmed}").trim_end_matches('_').to_owned()
        } else if RESERVED.contains(&trimmed) {
            format!("{trimmed}_part")
        } else {
            trimmed.to_owned()
        };
        self.unique(&stem)
    }

    pub(super) fn unique(&mut self, stem: &str) -> String {
        let mut name = stem.to_owned();
        let mut count = 1;
        while !self.0.insert(name.clone()) {
            count += 1;
            name = format!("{stem}_{count}");
        }
        name
    }
}

/// `HOLE_INSET_X`
pub(super) fn upper(text: &str) -> String {
    plain(text).to_uppercase()
}

/// Letters, digits and single underscores.
fn plain(text: &str) -> String {
    let mut name = String::new();
    for c in text.chars() {
        if c.is_ascii_alphanumeric() {
            name.push(c);
        } else if !name.ends_with('_') {
            name.push('_');
        }
    }
    name
}
