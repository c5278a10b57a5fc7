//! The life of a job: its states and the moves between them that are legal, and the lane an answer came by.

use serde::{Deserialize, Serialize};

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum JobState {
    Queued,
    Reading,
    /// A language model writes.
    Writing,
    Running,
    Exporting,
    Built,
    /// The appliance needs to know something first.
    Question,
    Failed,
    Refused,
    TimedOut,
    Cancelled,
    /// The appliance ended while the job was on its way.
    Interrupted,
}

impl JobState {
    pub fn is_final(self) -> bool {
        !matches!(self, Self::Queued | Self::Reading | Self::Writing | Self::Running | Self::Exporting)
    }

    /// Forward only; a final state is never left.
    pub fn may_become(self, next: Self) -> bool {
        if self.is_final() {
            return false;
        }
        next.is_final() || next.rank() > self.rank()
    }

    fn rank(self) -> u8 {
        match self {
            Self::Queued => 0,
            Self::Reading => 1,
            Self::Writing => 2,
            Self::Running => 3,
            Self::Exporting => 4,
            _ => 5,
        }
    }
}

/// The way an answer came (design section 2).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Lane {
    Template,
    ModelPlan,
    ModelCode,
    Remote,
    /// Typed by the user.
    Code,
}

/// Who is to answer a prompt.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Choice {
    /// The templates when they understand all of it, else whoever is checked best.
    #[default]
    Auto,
    Template,
    /// The model, in the way that suits it.
    Model,
    ModelPlan,
    ModelCode,
    Remote,
}

/// How a job came to be.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Origin {
    /// A part described from nothing.
    #[default]
    Prompt,
    Program,
    Plan,
    /// A prompt that changed a part.
    Edit,
    /// Other values of a part's parameters.
    Parameters,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_final_state_is_never_left_and_no_state_goes_back() {
        use JobState::{Built, Cancelled, Exporting, Queued, Reading, Running};
        for done in [Built, Cancelled, JobState::Failed, JobState::Interrupted] {
            for next in [Queued, Reading, Running, Exporting, Built, Cancelled] {
                assert!(!done.may_become(next), "{done:?} -> {next:?}");
            }
        }
        assert!(Queued.may_become(Running) && Queued.may_become(Cancelled));
        assert!(!Running.may_become(Reading) && !Running.may_become(Running));
    }
}
