//! `/api/jobs`: submit, list, get, follow, cancel, export, and writing parameters into the program.

use axum::Json;
use axum::extract::rejection::{JsonRejection, QueryRejection};
use axum::extract::{Path, Query, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use serde_json::{Value, json};

use crate::domain::artifact::Wanted;
use crate::domain::id::JobId;
use crate::domain::limits::JOBS_PAGE_MAX;
use crate::domain::program::Program;
use crate::domain::prompt::Prompt;
use crate::http::error::ApiError;
use crate::http::wire::{
    self, CancelResponse, ExportRequest, ExportResponse, ListQuery, SubmitRequest, SubmitResponse,
    WriteBackRequest, WriteBackResponse,
};
use crate::http::{Face, sse};
use crate::jobs::{Submission, Wish};

pub(crate) async fn submit_job(
    State(face): State<Face>,
    body: Result<Json<SubmitRequest>, JsonRejection>,
) -> Result<(StatusCode, Json<SubmitResponse>), ApiError> {
    let Json(body) = body?;
    let wanted = body.formats.map_or(Wanted::Usual, Wanted::These);
    let goes_on = body.parent.is_some() || body.conversation.is_some();
    let wish = match (body.prompt, body.program, body.plan) {
        (Some(prompt), None, None) => Wish::Prompt(Prompt::parse(&prompt)?),
        (None, Some(program), None) => Wish::Program(Program::parse(&program)?),
        (None, None, Some(plan)) => Wish::Plan(Box::new(plan)),
        (None, None, None) if goes_on && !body.parameters.is_empty() => Wish::Again,
        _ => {
            let hint = "Send exactly one of `prompt`, `program` and `plan`, or `parent` with `parameters`";
            return Err(ApiError::bad_request("nothing_to_build", "It is not clear what to build", hint));
        }
    };
    let job = face.jobs.submit(Submission {
        wish,
        wanted,
        parameters: body.parameters,
        choice: body.engine,
        parent: body.parent,
        conversation: body.conversation,
    })?;
    let (id, conversation, version) = (job.id, job.conversation, job.version);
    Ok((StatusCode::ACCEPTED, Json(SubmitResponse { id, conversation, version })))
}

pub(crate) async fn list_jobs(
    State(face): State<Face>,
    query: Result<Query<ListQuery>, QueryRejection>,
) -> Result<Json<Value>, ApiError> {
    let Query(query) = query?;
    let limit = query.limit.unwrap_or(20).clamp(1, JOBS_PAGE_MAX);
    let records = face.jobs.list(query.before, limit);
    let next = if records.len() == limit { records.last().map(|record| record.id) } else { None };
    let records: Vec<Value> = records.iter().map(wire::record).collect();
    Ok(Json(json!({ "jobs": records, "next": next })))
}

pub(crate) async fn get_job(
    State(face): State<Face>,
    Path(id): Path<String>,
) -> Result<Json<Value>, ApiError> {
    let id = job_id(&id)?;
    let record = face.jobs.get(id).ok_or_else(|| unknown(&id.to_string()))?;
    Ok(Json(wire::record(&record)))
}

pub(crate) async fn follow_job(
    State(face): State<Face>,
    Path(id): Path<String>,
    headers: HeaderMap,
) -> Result<Response, ApiError> {
    let id = job_id(&id)?;
    let follower = face.jobs.follow(id, sse::last_seen(&headers)).ok_or_else(|| unknown(&id.to_string()))?;
    Ok(sse::stream(id, follower, |_| true).into_response())
}

pub(crate) async fn cancel_job(
    State(face): State<Face>,
    Path(id): Path<String>,
) -> Result<Json<CancelResponse>, ApiError> {
    let id = job_id(&id)?;
    let state = face.jobs.cancel(id).ok_or_else(|| unknown(&id.to_string()))?;
    Ok(Json(CancelResponse { id, state }))
}

pub(crate) async fn export_job(
    State(face): State<Face>,
    Path(id): Path<String>,
    body: Result<Json<ExportRequest>, JsonRejection>,
) -> Result<Json<ExportResponse>, ApiError> {
    let Json(ExportRequest { format }) = body?;
    let id = job_id(&id)?;
    face.jobs.export(id, format).await?;
    Ok(Json(ExportResponse { path: wire::artifact_path(id, format.extension()) }))
}

pub(crate) async fn write_parameters(
    State(face): State<Face>,
    Path(id): Path<String>,
    body: Result<Json<WriteBackRequest>, JsonRejection>,
) -> Result<Json<WriteBackResponse>, ApiError> {
    let Json(WriteBackRequest { parameters, hash }) = body?;
    let written = face.jobs.write_back(job_id(&id)?, &parameters, &hash)?;
    Ok(Json(WriteBackResponse { program: written.program, hash: written.hash }))
}

fn job_id(text: &str) -> Result<JobId, ApiError> {
    text.parse().map_err(|_| unknown(text))
}

fn unknown(text: &str) -> ApiError {
    let text: String = text.chars().take(64).collect();
    ApiError::not_found(format!("There is no job `{text}`"))
}
