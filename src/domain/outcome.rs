//! What a run gave. A program that raises, loops or crashes is an outcome, never an error of ours.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::measure::{Measures, PartKind, Warning};
use super::parameter::Declared;

/// Milliseconds by name of the phase, such as `build_ms`.
pub type Phases = BTreeMap<String, f64>;

/// A line of the user's program, counted from one.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ExcerptLine {
    pub line: u32,
    pub text: String,
}

/// What the program raised, told in terms of the user's own source.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ProgramError {
    #[serde(rename = "type")]
    pub kind: String,
    pub message: String,
    #[serde(default)]
    pub line: Option<u32>,
    #[serde(default)]
    pub column: Option<u32>,
    #[serde(default)]
    pub excerpt: Vec<ExcerptLine>,
    #[serde(default)]
    pub hint: Option<String>,
}

/// A part that was built and measured. Its files travel beside it (`runner::Artifact`).
#[derive(Clone, Debug, PartialEq)]
pub struct Part {
    pub kind: PartKind,
    pub measures: Measures,
    pub warnings: Vec<Warning>,
    /// The program's parameters, with the values it was run with.
    pub declared: Vec<Declared>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Clock {
    Wall,
    Cpu,
}

#[derive(Clone, Debug, PartialEq)]
#[expect(
    clippy::large_enum_variant,
    reason = "there is one outcome at a time, and nearly all are the large one"
)]
pub enum Outcome {
    Built {
        part: Part,
        phases: Phases,
    },
    Raised(ProgramError),
    TimedOut {
        clock: Clock,
        seconds: u64,
    },
    OutOfMemory {
        allowed_bytes: u64,
    },
    /// Ended by a signal, or left on its own (`code`) without a result.
    Crashed {
        signal: Option<i32>,
        code: Option<i32>,
    },
    /// Stopped at a limit that has a name: `faces`, `bodies`, `output`, `file_size`, `result_bytes`.
    Refused {
        limit: String,
        message: String,
    },
    Cancelled,
}

/// An outcome that is not a part, told to a person.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Failure {
    /// A short stable word: `raised`, `timed_out`, `out_of_memory`, `crashed`, `refused`, `cancelled`, `question` ...
    pub code: String,
    pub message: String,
    pub hint: Option<String>,
    /// Where in the user's program, when it is the program that failed.
    #[serde(flatten, default, skip_serializing_if = "Option::is_none")]
    pub place: Option<Box<Place>>,
}

/// The Python type of a failure and where in the user's own source it arose.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Place {
    #[serde(rename = "type")]
    pub kind: String,
    pub line: Option<u32>,
    pub column: Option<u32>,
    pub excerpt: Vec<ExcerptLine>,
}

impl Failure {
    pub fn new(code: &str, message: impl Into<String>, hint: impl Into<String>) -> Self {
        Self { code: code.into(), message: message.into(), hint: Some(hint.into()), place: None }
    }
}

/// The readable form of an outcome; `None` for a part.
pub fn failure(outcome: &Outcome) -> Option<Failure> {
    Some(match outcome {
        Outcome::Built { .. } => return None,
        Outcome::Raised(error) => raised(error),
        Outcome::TimedOut { clock, seconds } => Failure::new(
            "timed_out",
            match clock {
                Clock::Wall => format!("The program ran for more than {seconds} s and was stopped"),
                Clock::Cpu => {
                    format!("The program used more than {seconds} s of processor time and was stopped")
                }
            },
            "Look for an endless loop, fewer repeated features, or a simpler fillet or thread",
        ),
        Outcome::OutOfMemory { allowed_bytes } => Failure::new(
            "out_of_memory",
            format!("The program needed more than {} GiB of memory", allowed_bytes >> 30),
            "Build fewer or simpler features, or unite them in smaller groups",
        ),
        Outcome::Crashed { signal, code } => crashed(*signal, *code),
        Outcome::Refused { limit, message } => Failure::new(
            "refused",
            message.clone(),
            format!("The limit `{limit}` protects this machine; ask for less"),
        ),
        Outcome::Cancelled => Failure::new("cancelled", "Cancelled", "Run it again when you want it"),
    })
}

/// Values that the runner does not take; nothing of the program has run.
const VALUES_REFUSED: [&str; 2] = ["BadParameter", "UnknownParameter"];

fn raised(error: &ProgramError) -> Failure {
    if VALUES_REFUSED.contains(&error.kind.as_str()) {
        let hint = "Give another value, or change the range in the comment behind the parameter";
        return Failure::new("parameter", error.message.clone(), hint);
    }
    let message = match (error.kind.as_str(), error.line) {
        (kind, Some(line)) => format!("{kind} in line {line}: {}", error.message),
        (_, None) => error.message.clone(),
    };
    let place = Place {
        kind: error.kind.clone(),
        line: error.line,
        column: error.column,
        excerpt: error.excerpt.clone(),
    };
    Failure { code: "raised".into(), message, hint: error.hint.clone(), place: Some(Box::new(place)) }
}

fn crashed(signal: Option<i32>, code: Option<i32>) -> Failure {
    let how = match (signal, code) {
        (Some(11), _) => "crashed the geometry kernel (segmentation fault)".to_owned(),
        (Some(6), _) => "made the geometry kernel give up (abort)".to_owned(),
        (Some(8), _) => "crashed the geometry kernel (arithmetic fault)".to_owned(),
        (Some(signal), _) => format!("was ended by signal {signal}"),
        (None, Some(code)) => format!("ended its process (exit code {code}) before it left a result"),
        (None, None) => "closed the runner's channel".to_owned(),
    };
    Failure::new(
        "crashed",
        format!("The program {how}"),
        "Nothing else was harmed. Try other sizes, or build the step that fails in another way",
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_outcome_but_a_part_reads_as_a_sentence_with_a_hint() {
        let outcomes = [
            Outcome::TimedOut { clock: Clock::Cpu, seconds: 60 },
            Outcome::OutOfMemory { allowed_bytes: 6 << 30 },
            Outcome::Crashed { signal: Some(11), code: None },
            Outcome::Crashed { signal: None, code: Some(0) },
            Outcome::Refused { limit: "faces".into(), message: "Too many faces".into() },
            Outcome::Cancelled,
        ];
        for outcome in outcomes {
            let told = failure(&outcome).unwrap();
            assert!(told.message.len() > 8 && told.hint.is_some(), "{told:?}");
            assert!(!told.message.ends_with('.'), "{told:?}");
        }
    }

    #[test]
    fn a_raised_error_names_the_users_line() {
        let error = ProgramError {
            kind: "ValueError".into(),
            message: "too thin".into(),
            line: Some(3),
            column: None,
            excerpt: vec![],
            hint: None,
        };
        let told = failure(&Outcome::Raised(error)).unwrap();
        assert_eq!(told.message, "ValueError in line 3: too thin");
    }
}
