//! `/api/run`, the seed's contract: an event stream of `log` and one `complete`. Closing the stream cancels the job.

use axum::Json;
use axum::extract::rejection::{JsonRejection, QueryRejection};
use axum::extract::{Query, State};
use axum::response::{IntoResponse, Response};

use crate::domain::id::JobId;
use crate::domain::program::Program;
use crate::http::error::ApiError;
use crate::http::wire::RunRequest;
use crate::http::{Face, sse};
use crate::jobs::{Jobs, Submission, Wish};

pub(crate) async fn run_query(
    State(face): State<Face>,
    query: Result<Query<RunRequest>, QueryRejection>,
) -> Result<Response, ApiError> {
    run(&face, query?.0)
}

pub(crate) async fn run_body(
    State(face): State<Face>,
    body: Result<Json<RunRequest>, JsonRejection>,
) -> Result<Response, ApiError> {
    run(&face, body?.0)
}

fn run(face: &Face, request: RunRequest) -> Result<Response, ApiError> {
    let program = Program::parse(&request.code.unwrap_or_default())?;
    let id = face.jobs.submit(Submission::first(Wish::Program(program)))?.id;
    let follower = face.jobs.follow(id, 0).ok_or_else(|| ApiError::not_found("The job is gone"))?;
    let leaving = CancelOnLeaving { jobs: face.jobs.clone(), id };
    let keep = move |name: &str| {
        let _held = &leaving;
        matches!(name, "log" | "complete")
    };
    Ok(sse::stream(id, follower, keep).into_response())
}

/// The seed stops a run when its stream is closed; there is no other way for such a client to say so.
struct CancelOnLeaving {
    jobs: Jobs,
    id: JobId,
}

impl Drop for CancelOnLeaving {
    fn drop(&mut self) {
        self.jobs.cancel(self.id);
    }
}
