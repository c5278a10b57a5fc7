//! The one error envelope: `{"error": {"code", "message", "hint"}}`.

use axum::Json;
use axum::extract::rejection::{JsonRejection, QueryRejection};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde_json::json;

use crate::domain::program::BadProgram;
use crate::domain::prompt::BadPrompt;
use crate::jobs;

#[derive(Debug)]
pub(super) struct ApiError {
    status: StatusCode,
    code: &'static str,
    message: String,
    hint: String,
}

impl ApiError {
    pub(super) fn new(
        status: StatusCode,
        code: &'static str,
        message: impl Into<String>,
        hint: impl Into<String>,
    ) -> Self {
        Self { status, code, message: message.into(), hint: hint.into() }
    }

    pub(super) fn bad_request(
        code: &'static str,
        message: impl Into<String>,
        hint: impl Into<String>,
    ) -> Self {
        Self::new(StatusCode::BAD_REQUEST, code, message, hint)
    }

    pub(super) fn not_found(message: impl Into<String>) -> Self {
        Self::new(StatusCode::NOT_FOUND, "not_found", message, "`GET /api/jobs` lists what is there")
    }

    pub(super) fn no_conversation(message: impl Into<String>) -> Self {
        let hint = "`GET /api/conversations` lists what is there";
        Self::new(StatusCode::NOT_FOUND, "not_found", message, hint)
    }
}

impl IntoResponse for ApiError {
    fn into_response(self) -> Response {
        let error = json!({ "code": self.code, "message": self.message, "hint": self.hint });
        (self.status, Json(json!({ "error": error }))).into_response()
    }
}

impl From<BadPrompt> for ApiError {
    fn from(bad: BadPrompt) -> Self {
        let (code, hint) = match bad {
            BadPrompt::Empty => ("empty_prompt", "Write what part you want, for example `60x40x10 mm plate`"),
            BadPrompt::TooLong { .. } => ("prompt_too_long", "Describe one part at a time"),
        };
        Self::bad_request(code, bad.to_string(), hint)
    }
}

impl From<BadProgram> for ApiError {
    fn from(bad: BadProgram) -> Self {
        let (code, hint) = match bad {
            BadProgram::Empty => ("empty_program", "Write build123d code that leaves a shape in `result`"),
            BadProgram::TooLong { .. } => ("program_too_long", "Move tables of numbers into loops"),
            BadProgram::Nul => ("bad_program", "Save the program as plain text"),
        };
        Self::bad_request(code, bad.to_string(), hint)
    }
}

impl From<jobs::Error> for ApiError {
    fn from(error: jobs::Error) -> Self {
        let message = error.to_string();
        match error {
            jobs::Error::QueueFull => Self::new(
                StatusCode::SERVICE_UNAVAILABLE,
                "queue_full",
                message,
                "Wait for a job to finish, or cancel one",
            ),
            jobs::Error::ShuttingDown => {
                Self::new(StatusCode::SERVICE_UNAVAILABLE, "shutting_down", message, "Start it again")
            }
            jobs::Error::Unknown(_) => Self::not_found(message),
            jobs::Error::NoPart(_) => {
                Self::new(StatusCode::CONFLICT, "no_part", message, "Only a job that built a part has files")
            }
            jobs::Error::NotExported(failure) => {
                let hint = failure.hint.unwrap_or_default();
                Self::new(StatusCode::UNPROCESSABLE_ENTITY, "not_exported", failure.message, hint)
            }
            jobs::Error::UnknownConversation(_) => Self::no_conversation(message),
            jobs::Error::OtherConversation(_) => Self::bad_request(
                "other_conversation",
                message,
                "Leave `conversation` out; the parent names it",
            ),
            jobs::Error::Unfinished(_) => {
                let hint = "Wait for it, or cancel it and go on from the part before";
                Self::new(StatusCode::CONFLICT, "unfinished", message, hint)
            }
            jobs::Error::Changed => {
                let hint = "Run the program as it is now, then write the values into it";
                Self::new(StatusCode::CONFLICT, "changed", message, hint)
            }
            jobs::Error::Value(_) => {
                let hint = "`declared` in the job's record tells each parameter's kind and range";
                Self::new(StatusCode::UNPROCESSABLE_ENTITY, "parameter", message, hint)
            }
            jobs::Error::Store(ref source) => {
                tracing::error!(%source, "a file cannot be kept");
                let hint = "Is the disk full? Free some space, or start with another `--data` folder";
                Self::new(StatusCode::INTERNAL_SERVER_ERROR, "not_kept", message, hint)
            }
        }
    }
}

impl From<JsonRejection> for ApiError {
    fn from(rejection: JsonRejection) -> Self {
        let hint = "Send a JSON object with `content-type: application/json`; `prompt`, `program` or `plan` says what to build";
        Self::new(rejection.status(), "bad_json", rejection.body_text(), hint)
    }
}

impl From<QueryRejection> for ApiError {
    fn from(rejection: QueryRejection) -> Self {
        Self::new(
            rejection.status(),
            "bad_query",
            rejection.body_text(),
            "Check the names and values in the address",
        )
    }
}
