//! Everything the outside may learn about a job while it is on its way, in order.

use serde::{Deserialize, Serialize};

use super::artifact::Format;
use super::check::Check;
use super::job::{JobState, Lane};
use super::outcome::{Failure, Part, Phases};
use super::plan::Plan;
use super::program::Parameters;
use super::reading::Reading;

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Level {
    Info,
    Warning,
    Error,
}

#[derive(Clone, Debug)]
pub enum Event {
    Log {
        level: Level,
        message: String,
    },
    State {
        state: JobState,
        position: Option<usize>,
    },
    Read(Box<Reading>),
    Drafted {
        lane: Lane,
        program: String,
        plan: Option<Plan>,
        /// Values it runs with that differ from what it says.
        parameters: Parameters,
    },
    /// The part can be shown; further files follow.
    Shown {
        part: Box<Part>,
        files: Vec<Format>,
    },
    Checked {
        checks: Vec<Check>,
        sure: bool,
    },
    Completed(Box<Completion>),
}

/// How a job ended. Its last event.
#[derive(Clone, Debug)]
pub struct Completion {
    pub state: JobState,
    pub lane: Option<Lane>,
    pub part: Option<Part>,
    pub files: Vec<Format>,
    pub failure: Option<Failure>,
    pub checks: Vec<Check>,
    pub sure: bool,
    pub seconds: f64,
    pub phases: Phases,
}
