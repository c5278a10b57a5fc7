//! Why the model gave no answer, in words, with what to do about it.

use std::path::PathBuf;

use super::wire::Problem;

#[derive(Debug, thiserror::Error)]
pub enum Error {
    #[error("There is no model in `{folder}`")]
    Absent { folder: PathBuf },
    #[error("This program was built without llama.cpp")]
    NotBuilt,
    #[error("{message}")]
    File { message: String, hint: String },
    #[error("The model worker cannot be started")]
    Start(#[source] std::io::Error),
    #[error("The model worker ended: {reason}")]
    Crashed { reason: String, hint: &'static str },
    #[error("This processor lacks instructions that the model worker uses (AVX2 and FMA)")]
    Illegal,
    #[error("The model worker said nothing for {seconds} s and was ended")]
    Silent { seconds: u64 },
    #[error("The model worker cannot be understood: {0}")]
    Nonsense(String),
    #[error("The model `{model}` ended its worker {times} times in a row and is left alone: {last}")]
    GivenUp { model: String, times: u32, last: String },
    #[error(transparent)]
    Refused(#[from] Problem),
    #[error("Cancelled")]
    Cancelled,
}

impl Error {
    /// A short stable word for programs.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Absent { .. } | Self::NotBuilt => "no_model",
            Self::File { .. } | Self::Refused(Problem::Load { .. }) => "model_refused",
            Self::Refused(Problem::TooLong { .. }) => "too_long",
            Self::Refused(Problem::Cancelled) | Self::Cancelled => "cancelled",
            Self::GivenUp { .. } => "model_given_up",
            _ => "model_failed",
        }
    }

    pub fn hint(&self) -> String {
        match self {
            Self::Absent { .. } => {
                "Put a GGUF file into this folder, or name another one with `--models DIR`".into()
            }
            Self::NotBuilt => "Build it with the feature `llama`".into(),
            Self::File { hint, .. } => hint.clone(),
            Self::Crashed { hint, .. } => (*hint).into(),
            Self::Illegal => {
                "Use a machine from 2014 or later; templates answer without a model meanwhile".into()
            }
            Self::GivenUp { .. } => {
                "Load it again by hand when the cause is mended, or choose another model".into()
            }
            Self::Refused(Problem::Load { .. }) => {
                "Check the file with `naturalcad models verify`; copy it again when it is damaged".into()
            }
            Self::Refused(Problem::TooLong { .. }) => {
                "Ask in fewer words, or use a model with a larger context".into()
            }
            Self::Refused(Problem::Cancelled) | Self::Cancelled => "Run it again when you want it".into(),
            Self::Silent { .. } => "Is the machine overloaded? A smaller model answers sooner".into(),
            Self::Start(_) | Self::Nonsense(_) | Self::Refused(_) => {
                "Run `naturalcad doctor`; it says what is wrong with the installation".into()
            }
        }
    }

    pub(super) fn is_cancelled(&self) -> bool {
        matches!(self, Self::Cancelled | Self::Refused(Problem::Cancelled))
    }

    /// The worker is lost; the next question needs another one.
    pub(super) fn is_fatal(&self) -> bool {
        !matches!(
            self,
            Self::Refused(_) | Self::Cancelled | Self::Absent { .. } | Self::File { .. } | Self::NotBuilt
        )
    }
}
