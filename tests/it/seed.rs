//! The seed's contract: `/api/run` streams `log` events and one `complete`, and the artifacts are there when it does.

use serde_json::json;

use crate::support::{TestApp, events_of};

const PLATE: &str = "from build123d import *\nprint('hello')\nresult = Box(60, 40, 10)\n";

#[tokio::test]
async fn a_run_streams_logs_and_one_complete_by_get_and_by_post() {
    let app = TestApp::start().await;
    let query = reqwest::Url::parse_with_params(&format!("{}/api/run", app.url), [("code", PLATE)]).unwrap();
    let by_get = events_of(app.client.get(query).send().await.unwrap()).await;
    let by_post = events_of(app.post("/api/run", &json!({ "code": PLATE })).await).await;
    for events in [by_get, by_post] {
        let (complete, logs) = events.split_last().unwrap();
        assert!(logs.iter().all(|event| event.name == "log"), "{logs:?}");
        let job = complete.data["job"].as_str().unwrap();
        assert!(logs[0].data["message"].as_str().unwrap().contains(job), "the first log names the job");
        assert!(logs.iter().any(|event| event.data["message"] == "hello"), "{logs:?}");
        assert_eq!(complete.name, "complete");
        assert_eq!(complete.data["success"], true, "{complete:?}");
        assert_eq!(complete.data["stlPath"], format!("/artifacts/{job}.stl"));
        assert_eq!(complete.data["stepPath"], format!("/artifacts/{job}.step"));
        let stl = app.get(complete.data["stlPath"].as_str().unwrap()).await;
        assert_eq!(stl.headers()["content-type"], "model/stl");
        // Binary STL: an 80-byte head, a count, 50 bytes for each of a box's 12 triangles.
        assert_eq!(stl.bytes().await.unwrap().len(), 84 + 12 * 50);
        let step = app.get(complete.data["stepPath"].as_str().unwrap()).await.text().await.unwrap();
        assert!(step.starts_with("ISO-10303-21;") && step.contains("MANIFOLD_SOLID_BREP"));
    }
    app.stop().await;
}

#[tokio::test]
async fn a_program_that_fails_completes_with_its_error_and_nothing_to_run_is_refused() {
    let app = TestApp::start().await;
    let events =
        events_of(app.post("/api/run", &json!({ "code": "x = 1\nraise ValueError('no')" })).await).await;
    let complete = &events.last().unwrap().data;
    assert_eq!(complete["success"], false);
    assert_eq!(complete["error"], "ValueError in line 2: no");
    for empty in ["/api/run", "/api/run?code=", "/api/run?code=%20%0A"] {
        let refused = app.get(empty).await;
        assert_eq!(refused.status(), 400, "{empty}");
        assert!(refused.text().await.unwrap().contains("empty_program"), "{empty}");
    }
    app.stop().await;
}

#[tokio::test]
async fn closing_the_stream_of_a_run_stops_it() {
    let app = TestApp::start().await;
    let response = app.post("/api/run", &json!({ "code": "while True: pass" })).await;
    drop(response);
    // The only worker must be free again long before the minute that the loop may take.
    let began = std::time::Instant::now();
    assert_eq!(app.program(PLATE).await["success"], true);
    assert!(began.elapsed().as_secs() < 30);
    app.stop().await;
}
