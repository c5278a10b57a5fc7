//! `/api/models`: which models there are, which one is loaded, load and unload.

use axum::Json;
use axum::extract::State;
use axum::extract::rejection::JsonRejection;
use axum::http::StatusCode;
use serde_json::{Value, json};
use tokio_util::sync::CancellationToken;

use crate::http::Face;
use crate::http::error::ApiError;
use crate::http::wire::LoadModelRequest;
use crate::model::library::ModelFile;
use crate::model::memory;

pub(crate) async fn get_models(State(face): State<Face>) -> Json<Value> {
    let status = face.model.status();
    let library = face.model.library();
    // Headers of many large files are read from disk.
    let listing = library.clone();
    let files = tokio::task::spawn_blocking(move || listing.list()).await.unwrap_or_default();
    Json(json!({
        "folder": library.folder(),
        "state": status.state,
        "percent": status.percent,
        "model": status.model,
        "message": status.message,
        "hint": status.hint,
        "facts": status.facts,
        "tier": status.tier,
        "ram_free_bytes": memory::free_bytes(),
        "remote": face.remote.as_ref().map(|url| json!({ "url": url })),
        "models": files.iter().map(ModelFile::listed).collect::<Vec<_>>(),
    }))
}

/// Loading goes on behind the answer; `GET /api/models` tells how far it is.
pub(crate) async fn load_model(
    State(face): State<Face>,
    body: Result<Json<LoadModelRequest>, JsonRejection>,
) -> Result<(StatusCode, Json<Value>), ApiError> {
    let Json(LoadModelRequest { name }) = body?;
    face.model
        .library()
        .find(&name)
        .map_err(|error| ApiError::bad_request("unknown_model", error.to_string(), error.hint()))?;
    let model = face.model.clone();
    tokio::spawn(async move {
        if let Err(error) = model.load(&name, None, &CancellationToken::new()).await {
            tracing::warn!(%error, model = %name, "the model cannot be loaded");
        }
    });
    Ok((StatusCode::ACCEPTED, Json(json!({ "state": "loading" }))))
}

pub(crate) async fn unload_model(State(face): State<Face>) -> (StatusCode, Json<Value>) {
    face.model.unload().await;
    (StatusCode::ACCEPTED, Json(json!({ "state": face.model.status().state })))
}
