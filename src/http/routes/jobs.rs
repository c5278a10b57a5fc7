//! `/api/jobs`: submit, list, get, follow, cancel, export.

use axum::Json;
use axum::extract::rejection::{JsonRejection, QueryRejection};
use axum::extract::{Path, Query, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use serde_json::{Value, json};

use crate::agent::{Ask, Request};
use crate::domain::artifact::Wanted;
use crate::domain::id::JobId;
use crate::domain::limits::JOBS_PAGE_MAX;
use crate::domain::program::Program;
use crate::domain::prompt::Prompt;
use crate::http::error::ApiError;
use crate::http::wire::{
    self, CancelResponse, ExportRequest, ExportResponse, ListQuery, SubmitRequest, SubmitResponse,
};
use crate::http::{Face, sse};

pub(crate) async fn submit_job(
    State(face): State<Face>,
    body: Result<Json<SubmitRequest>, JsonRejection>,
) -> Result<(StatusCode, Json<SubmitResponse>), ApiError> {
    let Json(body) = body?;
    let wanted = body.formats.map_or(Wanted::Usual, Wanted::These);
    let ask = match (body.prompt, body.program, body.plan) {
        (Some(prompt), None, None) => Ask::Prompt(Prompt::parse(&prompt)?),
        (None, Some(program), None) => Ask::Program(Program::parse(&program)?),
        (None, None, Some(plan)) => Ask::Plan(Box::new(plan)),
        _ => {
            let hint = "Send exactly one of `prompt`, `program` and `plan`";
            return Err(ApiError::bad_request("nothing_to_build", "It is not clear what to build", hint));
        }
    };
    let id = face.jobs.submit(Request { ask, parameters: body.parameters, wanted })?;
    Ok((StatusCode::ACCEPTED, Json(SubmitResponse { id })))
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

fn job_id(text: &str) -> Result<JobId, ApiError> {
    text.parse().map_err(|_| unknown(text))
}

fn unknown(text: &str) -> ApiError {
    let text: String = text.chars().take(64).collect();
    ApiError::not_found(format!("There is no job `{text}`"))
}
