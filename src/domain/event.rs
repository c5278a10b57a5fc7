//! Everything the outside may learn about a job while it is on its way, in order.

use serde::{Deserialize, Serialize};

use super::artifact::Format;
use super::check::Check;
use super::generation::Usage;
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
    /// A language model begins to write; `round` counts from one, later ones are repairs.
    Asked {
        lane: Lane,
        model: String,
        round: u32,
    },
    /// How far something that takes long has come, such as `Loading the model`.
    Progress {
        what: String,
        done: u64,
        total: u64,
    },
    /// What the model wrote since the last such event.
    Wrote {
        text: String,
    },
    /// A draft did not do; what was wrong and what is tried next.
    Repaired {
        why: String,
        how: String,
    },
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
    /// What a language model had to do for it.
    pub usage: Option<Usage>,
    pub seconds: f64,
    pub phases: Phases,
}
