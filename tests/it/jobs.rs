//! Jobs over HTTP: submit, follow, resume, list, cancel, files, export, and what is refused.

use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::support::{TestApp, events_of, json_of};

const GOLDEN: &str = "60x40x10 mm plate with four 5 mm holes 6 mm from the edges and 5 mm corner radius";

#[tokio::test]
async fn the_golden_prompt_becomes_a_checked_part_with_its_files() {
    let app = TestApp::start().await;
    let job = app.submit(json!({ "prompt": GOLDEN })).await;
    let events = app.events(&job).await;
    let names: Vec<&str> = events.iter().map(|event| event.name.as_str()).collect();
    let order = ["reading", "draft", "part", "checks", "complete"];
    let places: Vec<usize> =
        order.iter().map(|name| names.iter().position(|n| n == name).expect(name)).collect();
    assert!(places.is_sorted(), "{names:?}");
    assert!(events.iter().enumerate().all(|(index, event)| event.id == index + 1));

    let complete = &events.last().unwrap().data;
    assert_eq!(complete["success"], true, "{complete}");
    assert_eq!((&complete["lane"], &complete["sure"]), (&json!("template"), &json!(true)), "{complete:#}");
    let measures = &complete["measures"];
    assert_eq!(measures["bounding_box"]["size"], json!([60.0, 40.0, 10.0]));
    let holes = measures["holes"].as_array().unwrap();
    assert_eq!(holes.len(), 4);
    assert!(holes.iter().all(|hole| hole["diameter"] == 5.0 && hole["through"] == true));
    let volume = 60.0 * 40.0 * 10.0 - (4.0 - std::f64::consts::PI) * 250.0 - std::f64::consts::PI * 250.0;
    assert!((measures["volume"].as_f64().unwrap() - volume).abs() < 0.01, "{measures}");
    let checks = complete["checks"].as_array().unwrap();
    assert!(checks.len() >= 5 && checks.iter().all(|check| check["status"] == "met"), "{checks:#?}");

    let glb = app.get(complete["glbPath"].as_str().unwrap()).await;
    assert_eq!(glb.headers()["content-type"], "model/gltf-binary");
    assert!(glb.bytes().await.unwrap().starts_with(b"glTF"));
    let scene = json_of(app.get(complete["scenePath"].as_str().unwrap()).await).await;
    assert_eq!(scene["schema"], "ncad-scene/1");
    let program = app.get(complete["programPath"].as_str().unwrap()).await.text().await.unwrap();
    assert!(program.contains("from build123d import") && program.contains("\nresult = "), "{program}");

    let record = json_of(app.get(&format!("/api/jobs/{job}")).await).await;
    assert_eq!((&record["state"], &record["prompt"]), (&json!("built"), &json!(GOLDEN)));
    assert_eq!(record["artifacts"]["step"], complete["stepPath"]);
    app.stop().await;
}

#[tokio::test]
async fn a_stream_resumes_after_the_last_event_seen_and_replays_a_finished_job() {
    let app = TestApp::start().await;
    let job = app.submit(json!({ "program": "from build123d import *\nresult = Box(1, 2, 3)" })).await;
    let all = app.events(&job).await;
    let resumed = app.client.get(format!("{}/api/jobs/{job}/events", app.url)).header("last-event-id", "3");
    let rest = events_of(resumed.send().await.unwrap()).await;
    assert_eq!(rest, all[3..]);
    app.stop().await;
}

#[tokio::test]
async fn files_have_ranges_and_download_names_and_others_are_made_on_request() {
    let app = TestApp::start().await;
    let complete = app.prompt("a box 30 x 20 x 10 mm").await;
    let job = complete["job"].as_str().unwrap();
    let step = complete["stepPath"].as_str().unwrap();
    let part = app.client.get(format!("{}{step}?download=1", app.url)).header("range", "bytes=0-11");
    let part = part.send().await.unwrap();
    assert_eq!(part.status(), 206);
    let name = part.headers()["content-disposition"].to_str().unwrap().to_owned();
    assert!(
        name.starts_with("attachment; filename=\"a-box-30-x-20-x-10-mm-") && name.ends_with(".step\""),
        "{name}"
    );
    assert_eq!(part.text().await.unwrap(), "ISO-10303-21");

    let path = format!("/artifacts/{job}.3mf");
    assert_eq!(app.get(&path).await.status(), 404);
    let exported = app.post(&format!("/api/jobs/{job}/export"), &json!({ "format": "3mf" })).await;
    assert_eq!(json_of(exported).await["path"], path);
    assert!(app.get(&path).await.bytes().await.unwrap().starts_with(b"PK"));
    let refused = app.post(&format!("/api/jobs/{job}/export"), &json!({ "format": "dxf" })).await;
    assert_eq!(refused.status(), 422, "a solid has no DXF");
    for wrong in
        ["/artifacts/x.step", "/artifacts/..%2f..%2fetc%2fpasswd", &format!("/artifacts/{job}.sqlite")]
    {
        assert_eq!(app.get(wrong).await.status(), 404, "{wrong}");
    }
    app.stop().await;
}

#[tokio::test]
async fn cancelling_stops_the_kernel_quickly_and_is_idempotent() {
    let app = TestApp::start().await;
    app.program("from build123d import *\nresult = Box(1, 1, 1)").await;
    // The quickest of three counts: a loaded machine may hold any one of them up.
    let mut quickest = Duration::MAX;
    for _ in 0..3 {
        let job = app.submit(json!({ "program": "print('up', flush=True)\nwhile True: pass" })).await;
        wait_for_log(&app, &job).await;
        let began = Instant::now();
        let cancel = format!("/api/jobs/{job}/cancel");
        assert_eq!(app.post(&cancel, &json!({})).await.status(), 200);
        let complete = app.events(&job).await.pop().unwrap().data;
        quickest = quickest.min(began.elapsed());
        assert_eq!(complete["status"], "cancelled");
        let again = json_of(app.post(&cancel, &json!({})).await).await;
        assert_eq!(again["state"], "cancelled");
    }
    assert!(quickest < Duration::from_millis(500), "{quickest:?}");
    app.stop().await;
}

async fn wait_for_log(app: &TestApp, job: &str) {
    use futures_util::StreamExt;
    let response = app.get(&format!("/api/jobs/{job}/events")).await;
    let mut chunks = response.bytes_stream();
    let mut seen = String::new();
    while !seen.contains("\"up\"") {
        let chunk = chunks.next().await.expect("the job ended before it printed").unwrap();
        seen.push_str(&String::from_utf8_lossy(&chunk));
    }
}

#[tokio::test]
async fn jobs_are_listed_newest_first_in_pages_and_the_queue_is_bounded() {
    let app = TestApp::start().await;
    let blocker = app.submit(json!({ "program": "while True: pass" })).await;
    let mut accepted = vec![blocker];
    let full = loop {
        let response = app.post("/api/jobs", &json!({ "program": "result = 1" })).await;
        if response.status() != 202 {
            break response;
        }
        accepted.push(json_of(response).await["id"].as_str().unwrap().to_owned());
        assert!(accepted.len() < 200, "the queue has no end");
    };
    assert_eq!(full.status(), 503);
    assert_eq!(json_of(full).await["error"]["code"], "queue_full");

    let first = json_of(app.get("/api/jobs?limit=3").await).await;
    let ids = |page: &Value| -> Vec<String> {
        let jobs = page["jobs"].as_array().unwrap();
        jobs.iter().map(|job| job["id"].as_str().unwrap().to_owned()).collect()
    };
    let newest: Vec<String> = accepted.iter().rev().cloned().collect();
    assert_eq!(ids(&first), newest[..3]);
    let before = first["next"].as_str().unwrap();
    let second = json_of(app.get(&format!("/api/jobs?limit=3&before={before}")).await).await;
    assert_eq!(ids(&second), newest[3..6]);
    app.stop().await;
}

#[tokio::test]
async fn a_program_runs_again_with_other_values_and_an_unknown_name_is_told() {
    let app = TestApp::start().await;
    let program = "from build123d import *\nLENGTH = 10.0  # [5:1:50] mm\nresult = Box(LENGTH, 2, 3)";
    for length in [10.0, 25.0, 40.5] {
        let complete = app.make(json!({ "program": program, "parameters": { "LENGTH": length } })).await;
        assert_eq!(complete["measures"]["bounding_box"]["size"][0], length, "{complete}");
    }
    let wrong = app.make(json!({ "program": program, "parameters": { "LENGHT": 1 } })).await;
    assert_eq!(wrong["status"], "failed");
    let error = wrong["error"].as_str().unwrap();
    assert!(error.contains("LENGHT") && error.contains("LENGTH"), "{error}");
    app.stop().await;
}

#[tokio::test]
async fn a_sketch_gives_outlines_instead_of_a_volume() {
    let app = TestApp::start().await;
    let complete = app.program("from build123d import *\nresult = Rectangle(30, 20) - Circle(4)").await;
    assert_eq!((&complete["kind"], &complete["warnings"]), (&json!("sketch"), &json!([])), "{complete:#}");
    assert!(complete["stlPath"].is_null());
    let svg = app.get(complete["svgPath"].as_str().unwrap()).await;
    assert!(svg.headers()["content-disposition"].to_str().unwrap().starts_with("attachment"), "never inline");
    assert!(svg.text().await.unwrap().contains("<svg"));
    assert!(app.get(complete["dxfPath"].as_str().unwrap()).await.text().await.unwrap().contains("SECTION"));
    app.stop().await;
}

#[tokio::test]
async fn bad_requests_say_what_is_wrong_and_what_to_do() {
    let app = TestApp::start().await;
    for (body, code) in [
        (json!({ "prompt": "  " }), "empty_prompt"),
        (json!({ "prompt": "x".repeat(6_000) }), "prompt_too_long"),
        (json!({ "program": "" }), "empty_program"),
        (json!({}), "nothing_to_build"),
        (json!({ "prompt": "a", "program": "b" }), "nothing_to_build"),
        (json!({ "promt": "a box" }), "bad_json"),
        (json!({ "prompt": "a box", "formats": ["exe"] }), "bad_json"),
    ] {
        let response = app.post("/api/jobs", &body).await;
        assert!(response.status().is_client_error(), "{body}");
        let error = json_of(response).await["error"].clone();
        assert_eq!(error["code"], code, "{body}");
        assert!(
            !error["message"].as_str().unwrap().is_empty() && !error["hint"].as_str().unwrap().is_empty()
        );
    }
    assert_eq!(app.get("/api/jobs/nonsense").await.status(), 404);
    assert_eq!(app.get("/api/nothing").await.status(), 404);
    app.stop().await;
}

#[tokio::test]
async fn other_sites_are_refused_and_the_page_is_served_with_its_policy() {
    let app = TestApp::start().await;
    let stranger = app.client.get(format!("{}/api/health", app.url)).header("host", "evil.example");
    assert_eq!(stranger.send().await.unwrap().status(), 403);
    let page = app.get("/").await;
    assert_eq!(page.status(), 200);
    assert!(page.headers()["content-security-policy"].to_str().unwrap().contains("default-src 'none'"));
    let html = page.text().await.unwrap();
    let script =
        html.split('"').find(|piece| piece.starts_with("/assets/") && !piece.ends_with("css")).unwrap();
    assert_eq!(app.get(script).await.status(), 200);
    let health = json_of(app.get("/api/health").await).await;
    assert!(["ok", "warming"].contains(&health["status"].as_str().unwrap()), "{health}");
    let catalog = json_of(app.get("/api/catalog").await).await;
    assert!(catalog["steps"].as_array().unwrap().len() >= 12);
    assert_eq!(json_of(app.get("/api/system").await).await["llama"]["linked"], true);
    app.stop().await;
}
