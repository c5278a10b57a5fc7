//! How the appliance stands: health, versions, limits, and the catalog.

use axum::Json;
use axum::extract::State;
use serde_json::{Value, json};

use crate::domain::limits::{
    RUN_ADDRESS_SPACE_BYTES, RUN_BODIES_MAX, RUN_CPU_SECONDS, RUN_FACES_MAX, RUN_WALL_SECONDS,
};
use crate::http::Face;
use crate::runner::PoolState;

pub(crate) async fn get_health(State(face): State<Face>) -> Json<Value> {
    let runner = face.jobs.agent().runner().status();
    let status = match runner.state {
        PoolState::Ready => "ok",
        PoolState::Starting | PoolState::Warming => "warming",
        PoolState::Broken => "broken",
    };
    Json(json!({ "status": status, "runner": runner, "version": env!("CARGO_PKG_VERSION") }))
}

pub(crate) async fn get_system(State(face): State<Face>) -> Json<Value> {
    let runner = face.jobs.agent().runner().status();
    Json(json!({
        "version": env!("CARGO_PKG_VERSION"),
        "runtime": runner.runtime,
        "runner": runner,
        "llama": { "linked": cfg!(feature = "llama") },
        "model": face.model.status(),
        "limits": {
            "wall_seconds": RUN_WALL_SECONDS,
            "cpu_seconds": RUN_CPU_SECONDS,
            "address_space_bytes": RUN_ADDRESS_SPACE_BYTES,
            "faces": RUN_FACES_MAX,
            "bodies": RUN_BODIES_MAX,
        },
    }))
}

pub(crate) async fn get_catalog(State(face): State<Face>) -> Json<Value> {
    Json(json!({ "steps": face.catalog.steps() }))
}
