//! Names and lines of a program's parameters: unique, `UPPER_CASE`, with a range that a slider can use.

use std::collections::BTreeSet;
use std::fmt::Write;

use super::table::{Argument, Type};

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
        let lower: String =
            name.to_lowercase().chars().map(|c| if c.is_ascii_alphanumeric() { c } else { '_' }).collect();
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

/// `LENGTH = 60.0  # [10:0.5:200] mm | Length`
pub(super) fn parameter_line(
    name: &str,
    value: f64,
    argument: &Argument,
    label: &str,
    signed: bool,
) -> String {
    let mut line = String::new();
    let (low, step, high) = range(value, argument, signed);
    // Writing to a string can't fail.
    let _ = match argument.type_ {
        Type::Count => write!(line, "{name} = {value:.0}"),
        _ => write!(line, "{name} = {value:?}"),
    };
    let unit = argument.unit();
    let unit = if unit.is_empty() { String::new() } else { format!(" {unit}") };
    let _ = write!(line, "  # [{low}:{step}:{high}]{unit} | {label}");
    line
}

/// From a quarter to four times the value, in round numbers, inside the argument's own limits.
fn range(value: f64, argument: &Argument, signed: bool) -> (f64, f64, f64) {
    let size = value.abs();
    if argument.type_ == Type::Count {
        let low = argument.min.unwrap_or(1.0);
        return (low, 1.0, (value * 4.0).clamp(low, argument.max.unwrap_or(f64::MAX)));
    }
    if argument.type_ == Type::Angle {
        return (argument.min.unwrap_or(-360.0), 1.0, argument.max.unwrap_or(360.0));
    }
    let step = step_for(size);
    let (mut low, mut high) =
        if size == 0.0 { (0.0, 10.0) } else { (nice_below(size / 4.0), nice_near(size * 4.0)) };
    if signed {
        low = -high;
    }
    if let Some(min) = argument.min {
        low = low.max(min);
    }
    if let Some(max) = argument.max {
        high = high.min(max);
    }
    (low.min(value), step, high.max(value))
}

/// Half a millimetre or finer, so that the value itself lies on a step; coarser only for what is large.
fn step_for(size: f64) -> f64 {
    let first = if size >= 200.0 {
        1.0
    } else if size >= 5.0 {
        0.5
    } else {
        0.1
    };
    let fits = |step: &&f64| ((size / **step) - (size / **step).round()).abs() < 1e-6;
    [1.0, 0.5, 0.1, 0.05, 0.01].iter().filter(|step| **step <= first).find(fits).copied().unwrap_or(0.01)
}

/// The largest of 1, 2, 5, 10, 20 ... that is not above.
fn nice_below(value: f64) -> f64 {
    let power = 10f64.powf(value.log10().floor());
    let mantissa = value / power;
    let digit = if mantissa >= 5.0 {
        5.0
    } else if mantissa >= 2.0 {
        2.0
    } else {
        1.0
    };
    crate::domain::quantity::round(digit * power)
}

/// The nearest of them, as ratios go.
fn nice_near(value: f64) -> f64 {
    let below = nice_below(value);
    let candidates = [below, below * 2.0, below * 2.5];
    let distance = |candidate: f64| (candidate / value).ln().abs();
    let above = if nice_below(below * 2.5).to_bits() == (below * 2.5).to_bits() {
        candidates[2]
    } else {
        candidates[1]
    };
    if distance(above) < distance(below) { above } else { below }
}
