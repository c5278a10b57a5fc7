//! Where the size of a fillet, chamfer or offset is written in a program, what it is, and how a smaller one is put there.

use std::ops::Range;

use crate::engine::python::{Argument, Call, Kind, Line, Scan};

/// The calls whose size can be too large: word for people, keyword, position as a function and as a method.
const CALLS: [(&str, &str, &str, usize, Option<usize>); 5] = [
    ("fillet", "fillet", "radius", 1, Some(0)),
    ("chamfer", "chamfer", "length", 1, Some(0)),
    ("offset", "offset", "amount", 1, None),
    ("offset_3d", "offset", "thickness", 1, Some(1)),
    ("RectangleRounded", "corner radius", "radius", 2, None),
];
/// What selects parts of a shape: the shape stands before it.
const SELECTORS: [&str; 10] =
    ["edges", "faces", "vertices", "wires", "solids", "edge", "face", "vertex", "wire", "shells"];
const DEPTH_MAX: u32 = 8;

/// A size in a program.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Size {
    /// What it is the size of, for people.
    pub(super) what: &'static str,
    /// As it was asked for, without its sign; `None` when the text does not say it.
    pub(super) asked: Option<f64>,
    /// The rows of the statement.
    pub(super) rows: (u32, u32),
    places: Vec<Place>,
    /// The parameter on top that is changed instead of the call.
    pub(super) parameter: Option<String>,
    without: Option<(Range<usize>, String)>,
}

/// A text to replace: the number itself, or an expression that gets an upper bound.
#[derive(Clone, Debug, PartialEq)]
struct Place {
    bytes: Range<usize>,
    bounded: Option<String>,
    negative: bool,
    /// Of the largest of the call's sizes.
    share: f64,
}

impl Size {
    /// The size in the statement of a row. `asked` is what the error said of it.
    pub(super) fn find(scan: &Scan, row: u32, named: Option<&str>, asked: Option<f64>) -> Option<Self> {
        let line = scan.line_at(row)?;
        let sized = |call: &Call| CALLS.iter().find(|entry| entry.0 == scan.word(call.name));
        let fits = |call: &Call| {
            line.words.contains(&call.name)
                && sized(call).is_some_and(|entry| named.is_none_or(|name| entry.1.contains(name)))
        };
        let call = scan.calls.iter().copied().find(|call| fits(call))?;
        let entry = sized(&call)?;
        let arguments = scan.arguments(&call);
        let position = if call.is_method() { entry.4? } else { entry.3 };
        let main = argument(scan, &arguments, entry.2, position)?;
        let second =
            (entry.0 == "chamfer").then(|| argument(scan, &arguments, "length2", position + 1)).flatten();
        let both = [Some(main), second].into_iter().flatten();
        let valued: Vec<_> = both
            .filter(|a| scan.slice(&a.words) != "None")
            .map(|a| (a, evaluate(scan, &a.words, 0)))
            .collect();
        let largest = valued.iter().filter_map(|(_, value)| value.map(f64::abs)).reduce(f64::max);
        let asked = asked.map(f64::abs).or(largest);
        let mut size = Self {
            what: entry.1,
            asked,
            rows: line.rows,
            places: Vec::new(),
            parameter: None,
            without: without(scan, line, &call, &arguments),
        };
        for (argument, value) in &valued {
            let share = match (value, largest) {
                (Some(value), Some(largest)) if valued.len() > 1 && largest > 0.0 => value.abs() / largest,
                _ => 1.0,
            };
            size.put(scan, &argument.words, *value, share);
        }
        Some(size)
    }

    fn put(&mut self, scan: &Scan, words: &Range<usize>, value: Option<f64>, share: f64) {
        let signed = scan.is(words.start, "-");
        let inner = words.start + usize::from(signed)..words.end;
        let kind = scan.tokens.get(inner.start).map(|token| token.kind);
        let place = |words: &Range<usize>, bounded: Option<String>, negative| Place {
            bytes: scan.bytes(words),
            bounded,
            negative,
            share,
        };
        if inner.len() == 1 && kind == Some(Kind::Number) {
            self.places.push(place(words, None, signed));
            return;
        }
        if inner.len() == 1
            && let Some(defined) = definition(scan, inner.start).filter(|_| only_a_size(scan, inner.start))
        {
            let negative = scan.is(defined.start, "-");
            let number = defined.start + usize::from(negative);
            if number + 1 == defined.end && scan.tokens[number].kind == Kind::Number {
                self.places.push(place(&defined, None, negative));
                let name = scan.word(inner.start);
                self.parameter = name.chars().any(char::is_uppercase).then(|| name.to_owned());
                self.parameter = self.parameter.take().filter(|name| *name == name.to_uppercase());
                return;
            }
        }
        let negative = value.map_or(signed, |value| value < 0.0);
        self.places.push(place(words, Some(scan.slice(words).to_owned()), negative));
    }

    /// The program with this size, and the number as it stands in the text.
    pub(super) fn write(&self, program: &str, value: f64) -> String {
        let mut places: Vec<&Place> = self.places.iter().collect();
        places.sort_by_key(|place| std::cmp::Reverse(place.bytes.start));
        let mut text = program.to_owned();
        for place in places {
            let own = value * place.share;
            let number = number(if place.negative { -own } else { own });
            let bound = if place.negative { "max" } else { "min" };
            let new = match &place.bounded {
                Some(expression) => format!("{bound}({expression}, {number})"),
                None => number,
            };
            if text.get(place.bytes.clone()).is_some() {
                text.replace_range(place.bytes.clone(), &new);
            }
        }
        text
    }

    /// The program without the call.
    pub(super) fn left_out(&self, program: &str) -> Option<String> {
        let (bytes, new) = self.without.as_ref()?;
        let mut text = program.to_owned();
        text.get(bytes.clone())?;
        text.replace_range(bytes.clone(), new);
        Some(text)
    }
}

/// With a point, so that a parameter stays a continuous one; without the dust of binary fractions.
pub(super) fn number(value: f64) -> String {
    let rounded: f64 = format!("{value:.6e}").parse().unwrap_or(value);
    format!("{rounded:?}")
}

fn argument<'a>(scan: &Scan, all: &'a [Argument], key: &str, position: usize) -> Option<&'a Argument> {
    let keyed = all.iter().find(|argument| argument.key.is_some_and(|at| scan.word(at) == key));
    let starred = |argument: &Argument| scan.word(argument.words.start).starts_with('*');
    keyed.or_else(|| {
        let argument = all.get(position)?;
        let plain = all[..=position].iter().all(|argument| argument.key.is_none() && !starred(argument));
        plain.then_some(argument)
    })
}

/// The words that the only assignment to a name gives it.
fn definition(scan: &Scan, name: usize) -> Option<Range<usize>> {
    let word = scan.word(name);
    if !scan.is_variable(name, word) {
        return None;
    }
    let mut found = None;
    for line in &scan.lines {
        let first = line.words.start;
        let here = scan.is_variable(first, word);
        let equals = line.words.clone().find(|&at| scan.is(at, "=") && at > first);
        match equals.filter(|&at| here && (at == first + 1 || scan.is(first + 1, ":"))) {
            Some(at) if found.is_none() => found = Some(at + 1..line.words.end),
            Some(_) => return None,
            None => {
                // Loops, parameters of functions and `+=` give it other values.
                let bound = line.words.clone().filter(|&at| scan.is_variable(at, word)).any(|at| {
                    let loops =
                        scan.is(at + 1, "in") && at > 0 && (scan.is(at - 1, "for") || scan.is(at - 1, ","));
                    let augments =
                        at == first && scan.word(at + 1).ends_with('=') && scan.word(at + 1) != "==";
                    loops || augments || scan.is(first, "def") || scan.is(first, "lambda")
                });
                if bound {
                    return None;
                }
            }
        }
    }
    found
}

/// Whether a name stands for nothing else than such sizes, so that it can be changed where it is defined.
fn only_a_size(scan: &Scan, name: usize) -> bool {
    let word = scan.word(name);
    let calls = &scan.calls;
    let sized: Vec<&Call> =
        calls.iter().filter(|call| CALLS.iter().any(|entry| entry.0 == scan.word(call.name))).collect();
    let uses = (0..scan.tokens.len()).filter(|&at| scan.is_variable(at, word) && !scan.is(at + 1, "="));
    uses.into_iter().all(|at| {
        let in_call = sized.iter().any(|call| call.open < at && at < call.close);
        let line = scan.line_of(at);
        let checked = line.is_some_and(|line| {
            matches!(scan.word(line.words.start), "if" | "elif" | "raise" | "assert" | "print")
                || (line.words.start == at && scan.is(at + 1, ":"))
        });
        in_call || checked
    })
}

/// The value of plain arithmetic over numbers and names that are assigned once.
fn evaluate(scan: &Scan, words: &Range<usize>, depth: u32) -> Option<f64> {
    if depth > DEPTH_MAX {
        return None;
    }
    let mut reader = Arithmetic { scan, at: words.start, end: words.end, depth };
    let value = reader.sum()?;
    (reader.at == words.end && value.is_finite()).then_some(value)
}

struct Arithmetic<'a, 'b> {
    scan: &'a Scan<'b>,
    at: usize,
    end: usize,
    depth: u32,
}

impl Arithmetic<'_, '_> {
    fn take(&mut self, sign: &str) -> bool {
        let taken = self.at < self.end && self.scan.is(self.at, sign);
        self.at += usize::from(taken);
        taken
    }

    fn sum(&mut self) -> Option<f64> {
        let mut value = self.product()?;
        loop {
            if self.take("+") {
                value += self.product()?;
            } else if self.take("-") {
                value -= self.product()?;
            } else {
                return Some(value);
            }
        }
    }

    fn product(&mut self) -> Option<f64> {
        let mut value = self.single()?;
        loop {
            if self.take("*") {
                value *= self.single()?;
            } else if self.take("/") {
                value /= self.single()?;
            } else {
                return Some(value);
            }
        }
    }

    fn single(&mut self) -> Option<f64> {
        // Brackets and signs nest as deep as the text likes; our stack does not.
        self.depth += 1;
        if self.at >= self.end || self.depth > 8 * DEPTH_MAX {
            return None;
        }
        if self.take("-") {
            return self.single().map(|value| -value);
        }
        if self.take("(") {
            let value = self.sum()?;
            return self.take(")").then_some(value);
        }
        let at = self.at;
        self.at += 1;
        match self.scan.tokens[at].kind {
            Kind::Number => self.scan.word(at).replace('_', "").parse().ok(),
            Kind::Name if self.scan.is(at + 1, "(") => self.extreme(at),
            Kind::Name => evaluate(self.scan, &definition(self.scan, at)?, self.depth + 1),
            _ => None,
        }
    }

    fn extreme(&mut self, name: usize) -> Option<f64> {
        let pick = match self.scan.word(name) {
            "min" => f64::min,
            "max" => f64::max,
            _ => return None,
        };
        self.at = name + 2;
        let mut value = self.sum()?;
        while self.take(",") {
            value = pick(value, self.sum()?);
        }
        self.take(")").then_some(value)
    }
}

/// What stands in the place of the call when it is left out.
fn without(scan: &Scan, line: &Line, call: &Call, arguments: &[Argument]) -> Option<(Range<usize>, String)> {
    let whole = call.first..call.close + 1;
    if whole == line.words && !call.is_method() {
        let note = format!("pass  # a {} that cannot be built is left out here", scan.word(call.name));
        return Some((scan.bytes(&whole), note));
    }
    if call.is_method() {
        return Some((scan.bytes(&whole), scan.slice(&(call.first..call.name - 1)).to_owned()));
    }
    let objects = argument(scan, arguments, "objects", 0)?;
    let shape = match scan.word(call.name) {
        "fillet" | "chamfer" => selected_from(scan, &objects.words, line, 0)?,
        "offset" => scan.slice(&objects.words).to_owned(),
        _ => return None,
    };
    Some((scan.bytes(&whole), shape))
}

/// The shape whose edges these are.
fn selected_from(scan: &Scan, words: &Range<usize>, line: &Line, depth: u32) -> Option<String> {
    let inside = |call: &&Call| words.contains(&call.name);
    let calls = &scan.calls;
    let selects = |call: &&Call| call.is_method() && SELECTORS.contains(&scan.word(call.name));
    if let Some(call) = calls.iter().filter(inside).find(selects) {
        return Some(scan.slice(&(call.first..call.name - 1)).to_owned());
    }
    if let Some(call) = calls.iter().filter(inside).find(|call| scan.word(call.name) == "new_edges") {
        let arguments = scan.arguments(call);
        let combined = arguments.iter().find(|a| a.key.is_some_and(|key| scan.word(key) == "combined"))?;
        return Some(scan.slice(&combined.words).to_owned());
    }
    if words.len() != 1 || depth > DEPTH_MAX {
        return None;
    }
    let name = scan.word(words.start);
    let before = scan.lines.iter().rfind(|other| {
        other.words.end <= line.words.start
            && scan.is_variable(other.words.start, name)
            && scan.is(other.words.start + 1, "=")
    })?;
    selected_from(scan, &(before.words.start + 2..before.words.end), before, depth + 1)
}
