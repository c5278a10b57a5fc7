//! Looks for the largest fillet, chamfer or wall that the kernel can build, when the asked one fails: a bisection over
//! sizes of two digits that asks for one run at a time. It runs nothing itself.

use super::size::{Size, number};
use crate::domain::limits::{SHRINK_FLOOR, SHRINK_TRIES_MAX};
use crate::domain::outcome::{Failure, Place};
use crate::engine::python::Scan;

/// A program to run.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Attempt {
    pub(crate) program: String,
    /// The parameter on top that was changed; where a run is given values, this one has to be among them.
    pub(crate) parameter: Option<(String, f64)>,
}

/// What the search ended with.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Shrunk {
    pub(crate) program: String,
    /// For the user.
    pub(crate) told: String,
    pub(crate) parameter: Option<(String, f64)>,
    /// The call is gone: no size of it can be built.
    pub(crate) left_out: bool,
}

/// A search on its way.
#[derive(Clone, Debug)]
pub(crate) struct Shrink {
    program: String,
    size: Size,
    row: u32,
    /// Sizes to try, rising; all are below the asked one.
    sizes: Vec<f64>,
    /// The largest that worked.
    low: Option<usize>,
    /// The smallest that failed.
    high: usize,
    tries: u32,
    asked_for: Option<Try>,
    /// `Some(worked)` after a run without the call.
    without: Option<bool>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Try {
    Size(usize),
    Without,
}

impl Shrink {
    /// `program` is the text as it ran, with the values that the run was given. `None` when the failure is of another
    /// kind, or its line holds no size.
    pub(crate) fn begin(program: &str, failure: &Failure) -> Option<Self> {
        let place = failure.place.as_deref()?;
        let reason = Reason::of(place, &failure.message)?;
        let row = place.line?;
        let scan = Scan::new(program);
        let asked = radius_in(&failure.message);
        let size = Size::find(&scan, row, reason.named(), asked)?;
        let sizes = match (reason, size.asked) {
            (Reason::NothingSelected, _) => Vec::new(),
            (_, asked) => ladder(asked?),
        };
        let high = sizes.len();
        let shrink = Self {
            program: program.to_owned(),
            size,
            row,
            sizes,
            low: None,
            high,
            tries: 0,
            asked_for: None,
            without: None,
        };
        Some(shrink)
    }

    /// The next program to run; the same again until its end was `heard`. `None` at the end of the search.
    pub(crate) fn next(&mut self) -> Option<Attempt> {
        if self.asked_for.is_none() {
            self.asked_for = self.choose();
            self.tries += u32::from(self.asked_for.is_some());
        }
        match self.asked_for? {
            Try::Size(at) => Some(self.attempt(at)),
            Try::Without => Some(Attempt { program: self.size.left_out(&self.program)?, parameter: None }),
        }
    }

    /// How the run of `next` went; see `worked`.
    pub(crate) fn heard(&mut self, worked: bool) {
        match (self.asked_for.take(), worked) {
            (Some(Try::Size(at)), true) => self.low = Some(self.low.map_or(at, |low| low.max(at))),
            (Some(Try::Size(at)), false) => self.high = self.high.min(at),
            (Some(Try::Without), worked) => self.without = Some(worked),
            (None, _) => {}
        }
    }

    /// Whether a run got past the call: it built, or it failed further down.
    pub(crate) fn worked(&self, failure: Option<&Failure>) -> bool {
        let Some(failure) = failure else { return true };
        let line = failure.place.as_deref().and_then(|place| place.line);
        line.is_some_and(|line| line > self.size.rows.1)
    }

    /// What was found; `None` when nothing worked.
    pub(crate) fn end(self) -> Option<Shrunk> {
        let (what, row) = (self.size.what, self.row);
        let asked = self.size.asked.map(|asked| format!(" of {} mm", plain(asked))).unwrap_or_default();
        if let Some(low) = self.low {
            let Attempt { program, parameter } = self.attempt(low);
            let found = plain(self.sizes[low]);
            let told = format!(
                "The {what}{asked} in line {row} cannot be built; {found} mm is the largest that works"
            );
            let told = match &parameter {
                Some((name, _)) => format!("{told} (`{name}`)"),
                None => told,
            };
            return Some(Shrunk { program, told, parameter, left_out: false });
        }
        self.without.filter(|worked| *worked)?;
        let program = self.size.left_out(&self.program)?;
        let why = if self.size.asked.is_none() || self.sizes.is_empty() { "" } else { " in any size" };
        let told = format!("The {what}{asked} in line {row} cannot be built{why}; it was left out");
        Some(Shrunk { program, told, parameter: None, left_out: true })
    }

    fn attempt(&self, at: usize) -> Attempt {
        let value = self.sizes[at];
        Attempt {
            program: self.size.write(&self.program, value),
            parameter: self.size.parameter.clone().map(|name| (name, value)),
        }
    }

    fn choose(&self) -> Option<Try> {
        if self.tries >= SHRINK_TRIES_MAX {
            return None;
        }
        // The smallest first: when even that fails, no size helps.
        let Some(low) = self.low else {
            return match self.high {
                0 if self.without.is_none() && self.size.left_out(&self.program).is_some() => {
                    Some(Try::Without)
                }
                0 => None,
                _ => Some(Try::Size(0)),
            };
        };
        if self.high - low <= 1 {
            return None;
        }
        // Then the next below the asked one: half a width exactly is the commonest mistake.
        let last = self.sizes.len() - 1;
        if self.high > last {
            Some(Try::Size(last))
        } else {
            Some(Try::Size(usize::midpoint(low, self.high)))
        }
    }
}

/// Why such a call failed, as far as it matters here.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Reason {
    Fillet,
    Chamfer,
    /// The kernel gave up without a name.
    Kernel,
    /// No size helps when there is nothing to round.
    NothingSelected,
}

impl Reason {
    fn of(place: &Place, message: &str) -> Option<Self> {
        let kind = place.kind.as_str();
        let says = |words: &[&str]| words.iter().any(|word| message.contains(word));
        if kind == "IndexError" && says(&["list index out of range"]) {
            return Some(Self::NothingSelected);
        }
        if !matches!(kind, "ValueError" | "RuntimeError") && !is_kernel(kind) {
            return None;
        }
        if says(&["creating a fillet", "Fillet algorithm failed"]) {
            return Some(Self::Fillet);
        }
        if says(&["creating a chamfer", "Chamfer algorithm failed"]) {
            return Some(Self::Chamfer);
        }
        let kernel = is_kernel(kind)
            || says(&["Unexpected result type", "Null TopoDS_Shape", "offset Error", "Offset", "> 2*radius"]);
        kernel.then_some(Self::Kernel)
    }

    fn named(self) -> Option<&'static str> {
        match self {
            Self::Fillet => Some("fillet"),
            Self::Chamfer => Some("chamfer"),
            Self::Kernel | Self::NothingSelected => None,
        }
    }
}

fn is_kernel(kind: &str) -> bool {
    ["Standard_", "StdFail_", "gp_", "BRep"].iter().any(|head| kind.starts_with(head))
}

/// What build123d says of a fillet that failed: "... with radius of 6, try ...", "... with radius 6".
fn radius_in(message: &str) -> Option<f64> {
    let rest = message.split_once("with radius ")?.1;
    let rest = rest.strip_prefix("of ").unwrap_or(rest);
    let end = rest
        .find(|c: char| !(c.is_ascii_digit() || matches!(c, '.' | 'e' | '-' | '+')))
        .unwrap_or(rest.len());
    rest[..end].trim_end_matches('.').parse().ok().filter(|radius: &f64| radius.is_finite())
}

/// Every size of two digits from the floor up to the asked one, which is left out.
fn ladder(asked: f64) -> Vec<f64> {
    if !(asked > 1e-6 && asked < 1e6) {
        return Vec::new();
    }
    let floor = asked * SHRINK_FLOOR * (1.0 - 1e-9);
    let mut sizes = Vec::new();
    for exponent in -9..6 {
        for digits in 10..100_u32 {
            // From the decimal text, so that 0.7 is 0.7.
            let value: f64 = format!("{digits}e{exponent}").parse().unwrap_or(0.0);
            if value >= floor && value < asked * (1.0 - 1e-9) {
                sizes.push(value);
            }
        }
    }
    sizes
}

/// As people write it.
fn plain(value: f64) -> String {
    let text = number(value);
    text.strip_suffix(".0").map(str::to_owned).unwrap_or(text)
}

#[cfg(test)]
#[path = "shrink_tests.rs"]
mod tests;
