//! Floor 5: the HTTP face. The only code that knows HTTP and the JSON that browsers see. Loopback only.

mod assets;
mod error;
mod guard;
mod routes;
mod sse;
mod wire;

use std::sync::Arc;

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::middleware;
use axum::routing::{get, post};

use crate::catalog::Catalog;
use crate::domain::limits::REQUEST_BYTES_MAX;
use crate::jobs::Jobs;
use crate::model::Model;

use error::ApiError;
use routes::{artifacts, conversations, jobs, models, run, system};

/// What the handlers work with.
#[derive(Clone)]
pub struct Face {
    pub jobs: Jobs,
    pub catalog: Arc<Catalog>,
    pub model: Model,
    /// The server that answers instead of a model of our own, if one is named.
    pub remote: Option<String>,
}

/// Every route in one list. `port` is the one we listen on: requests that name another host are refused.
pub fn router(face: Face, port: u16) -> Router {
    Router::new()
        .route("/", get(assets::index))
        .route("/assets/{*path}", get(assets::asset))
        .route("/api/run", get(run::run_query).post(run::run_body))
        .route("/api/jobs", get(jobs::list_jobs).post(jobs::submit_job))
        .route("/api/jobs/{id}", get(jobs::get_job))
        .route("/api/jobs/{id}/events", get(jobs::follow_job))
        .route("/api/jobs/{id}/cancel", post(jobs::cancel_job))
        .route("/api/jobs/{id}/export", post(jobs::export_job))
        .route("/api/jobs/{id}/parameters", post(jobs::write_parameters))
        .route("/api/conversations", get(conversations::list_conversations))
        .route("/api/conversations/{id}", get(conversations::get_conversation))
        .route("/api/catalog", get(system::get_catalog))
        .route("/api/models", get(models::get_models))
        .route("/api/models/load", post(models::load_model))
        .route("/api/models/unload", post(models::unload_model))
        .route("/api/health", get(system::get_health))
        .route("/api/system", get(system::get_system))
        .route("/artifacts/{name}", get(artifacts::get_artifact))
        .fallback(async || ApiError::not_found("There is nothing at this address"))
        .layer(DefaultBodyLimit::max(REQUEST_BYTES_MAX))
        .layer(middleware::from_fn_with_state(port, guard::guard))
        .with_state(face)
}
