//! `/api/conversations`: the list, and the versions of one.

use axum::Json;
use axum::extract::rejection::QueryRejection;
use axum::extract::{Path, Query, State};
use serde_json::{Value, json};

use crate::domain::limits::JOBS_PAGE_MAX;
use crate::http::Face;
use crate::http::error::ApiError;
use crate::http::wire::{self, ConversationsQuery};

pub(crate) async fn list_conversations(
    State(face): State<Face>,
    query: Result<Query<ConversationsQuery>, QueryRejection>,
) -> Result<Json<Value>, ApiError> {
    let Query(query) = query?;
    let limit = query.limit.unwrap_or(20).clamp(1, JOBS_PAGE_MAX);
    let found: Vec<Value> = face.jobs.conversations(limit).iter().map(wire::conversation_line).collect();
    Ok(Json(json!({ "conversations": found })))
}

pub(crate) async fn get_conversation(
    State(face): State<Face>,
    Path(id): Path<String>,
) -> Result<Json<Value>, ApiError> {
    let found = id.parse().ok().and_then(|id| face.jobs.conversation(id));
    let found = found.ok_or_else(|| {
        let id: String = id.chars().take(64).collect();
        ApiError::no_conversation(format!("There is no conversation `{id}`"))
    })?;
    Ok(Json(wire::conversation(&found)))
}
