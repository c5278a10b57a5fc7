//! A server inside the network answers: the code lane and the whole ladder of repairs, played with answers that a test chooses.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use axum::extract::State;
use axum::response::IntoResponse;
use axum::routing::{get, post};
use axum::{Json, Router};
use naturalcad::config::Config;
use naturalcad::engine::remote::RemoteSettings;
use serde_json::{Value, json};

use crate::support::{TestApp, json_of};

/// A server that gives these answers in turn, the last one again and again, and remembers what it was asked.
#[derive(Clone, Default)]
struct Server {
    answers: Arc<Mutex<VecDeque<String>>>,
    asked: Arc<Mutex<Vec<Value>>>,
}

impl Server {
    async fn start(answers: &[&str]) -> (Self, RemoteSettings) {
        let server = Self::default();
        server.answers.lock().unwrap().extend(answers.iter().map(|&answer| answer.to_owned()));
        let router = Router::new()
            .route(
                "/v1/models",
                get(async || Json(json!({ "data": [{ "id": "tester", "owned_by": "us" }] }))),
            )
            .route("/v1/chat/completions", post(complete))
            .with_state(server.clone());
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
        (server, RemoteSettings { url, model: None, key: None })
    }

    fn asked(&self) -> Vec<Value> {
        self.asked.lock().unwrap().clone()
    }
}

async fn complete(State(server): State<Server>, Json(body): Json<Value>) -> impl IntoResponse {
    server.asked.lock().unwrap().push(body);
    let answer = {
        let mut answers = server.answers.lock().unwrap();
        if answers.len() > 1 { answers.pop_front() } else { answers.front().cloned() }.unwrap_or_default()
    };
    if answer == "silence" {
        tokio::time::sleep(Duration::from_secs(600)).await;
    }
    let pieces: Vec<String> =
        answer.chars().collect::<Vec<_>>().chunks(12).map(|piece| piece.iter().collect()).collect();
    let chunks = pieces.into_iter().map(
        |piece| json!({ "model": "tester", "choices": [{ "index": 0, "delta": { "content": piece } }] }),
    );
    let last = json!({
        "model": "tester",
        "choices": [{ "index": 0, "delta": {}, "finish_reason": "stop" }],
        "usage": { "prompt_tokens": 100, "completion_tokens": 20 },
    });
    let events: Vec<String> = chunks.chain([last]).map(|chunk| format!("data: {chunk}\n\n")).collect();
    let events = format!("{}data: [DONE]\n\n", events.concat());
    ([("content-type", "text/event-stream")], events)
}

/// A sentence whose part the templates do not know.
const PROMPT: &str = "a doohickey of 50 by 30 by 8 mm";

fn fenced(program: &str) -> String {
    format!("Here it is:\n```python\nfrom build123d import *\n{program}\n```\nEnjoy!")
}

struct Told {
    done: Value,
    names: Vec<String>,
    repairs: Vec<String>,
    record: Value,
}

async fn make(app: &TestApp, body: Value) -> Told {
    let job = app.submit(body).await;
    let events = app.events(&job).await;
    let repairs = events.iter().filter(|event| event.name == "repair");
    let repairs = repairs.map(|event| format!("{} -> {}", event.data["why"], event.data["how"])).collect();
    Told {
        done: events.last().unwrap().data.clone(),
        names: events.iter().map(|event| event.name.clone()).collect(),
        repairs,
        record: json_of(app.get(&format!("/api/jobs/{job}")).await).await,
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_answers_with_a_program_that_is_streamed_built_and_checked() {
    let (server, settings) = Server::start(&[&fenced("result = Box(50, 30, 8)")]).await;
    let app = TestApp::start_with_models(None, Some(settings)).await;
    for engine in ["auto", "remote"] {
        let Told { done, names, .. } = make(&app, json!({ "prompt": PROMPT, "engine": engine })).await;
        assert_eq!((&done["success"], &done["lane"]), (&json!(true), &json!("remote")), "{done:#}");
        assert_eq!(done["measures"]["bounding_box"]["size"], json!([50.0, 30.0, 8.0]));
        assert_eq!((&done["usage"]["model"], &done["usage"]["tokens"]), (&json!("tester"), &json!(20)));
        assert!(names.iter().filter(|name| *name == "text").count() > 3, "{names:?}");
        // One opinion is no agreement.
        assert_eq!(done["sure"], false);
    }
    let system = server.asked()[0]["messages"][0].clone();
    assert_eq!(system["role"], "system");
    assert!(system["content"].as_str().unwrap().contains("build123d 0.13"));
    assert!(
        json_of(app.get("/api/models").await).await["remote"]["url"].as_str().unwrap().starts_with("http")
    );
    app.stop().await;
}

/// Without leave to run a model's programs, a server is asked for a plan.
#[tokio::test(flavor = "multi_thread")]
async fn without_leave_for_code_a_server_is_asked_for_a_plan() {
    let plan = r#"Sure: {"plan":1,"bodies":[{"name":"part","steps":[{"do":"box","length":50,"width":30,"height":"8 mm"}]}]}"#;
    let (server, settings) = Server::start(&[plan]).await;
    let app =
        TestApp::start_as_configured(|config| Config { remote: Some(settings), model_code: false, ..config })
            .await;
    let told = make(&app, json!({ "prompt": PROMPT, "engine": "remote" })).await;
    assert_eq!(
        (&told.done["success"], &told.done["lane"]),
        (&json!(true), &json!("remote")),
        "{:#}",
        told.done
    );
    assert!(told.record["plan"].is_object());
    assert!(server.asked()[0]["messages"][0]["content"].as_str().unwrap().contains(r#"{"plan":1"#));
    let program = app.submit(json!({ "program": "from build123d import *\nresult = Box(1, 2, 3)" })).await;
    app.events(&program).await;
    let edit = json!({ "prompt": "make it rounder somehow", "parent": program, "engine": "remote" });
    let refused = make(&app, edit).await;
    assert_eq!(refused.done["detail"]["code"], "uncaged", "{:#}", refused.done);
    app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_edit_sends_the_program_as_it_is() {
    let answers = [fenced("result = Box(50, 30, 8)"), fenced("result = Box(70, 30, 8)")];
    let (server, settings) = Server::start(&[&answers[0], &answers[1]]).await;
    let app = TestApp::start_with_models(None, Some(settings)).await;
    let job = app.submit(json!({ "prompt": PROMPT })).await;
    app.events(&job).await;
    let told = make(
        &app,
        json!({ "prompt": "the doohickey wants to be 70 in x", "parent": job, "engine": "remote" }),
    )
    .await;
    assert_eq!(told.done["measures"]["bounding_box"]["size"], json!([70.0, 30.0, 8.0]), "{:#}", told.done);
    let messages = server.asked()[1]["messages"].clone();
    assert!(messages.to_string().contains("Box(50, 30, 8)"), "{messages:#}");
    app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn known_mistakes_are_rewritten_without_asking_again() {
    let program = "b = Box(50, 30, 8)\nv = b.vertices()[0].to_tuple()\nshow_object(b)\nresult = b";
    let (server, settings) = Server::start(&[&fenced(program)]).await;
    let app = TestApp::start_with_models(None, Some(settings)).await;
    let told = make(&app, json!({ "prompt": PROMPT, "engine": "remote" })).await;
    assert_eq!(told.done["success"], true, "{:#}", told.done);
    assert_eq!(server.asked().len(), 1);
    let notes = told.record["reading"]["notes"].to_string();
    assert!(notes.contains("to_tuple") || notes.contains("show_object"), "{notes}");
    app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_fillet_that_cannot_be_built_is_shrunk_and_that_is_said() {
    let program = "b = Box(50, 30, 8)\nresult = fillet(b.edges().filter_by(Axis.Z), 25)";
    let (server, settings) = Server::start(&[&fenced(program)]).await;
    let app = TestApp::start_with_models(None, Some(settings)).await;
    let told = make(&app, json!({ "prompt": PROMPT, "engine": "remote" })).await;
    assert_eq!(told.done["success"], true, "{:#}", told.done);
    assert_eq!(told.done["sure"], false);
    assert_eq!(server.asked().len(), 1, "{:?}", told.repairs);
    assert!(told.repairs.iter().any(|repair| repair.contains("largest that works")), "{:?}", told.repairs);
    assert!(
        told.record["reading"]["notes"].to_string().contains("fillet of 25"),
        "{:#}",
        told.record["reading"]
    );
    app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_program_that_raises_goes_back_with_its_line_until_it_is_right() {
    let answers =
        [fenced("result = Bocks(50, 30, 8)"), "I cannot.".to_owned(), fenced("result = Box(50, 30, 8)")];
    let (server, settings) = Server::start(&[&answers[0], &answers[1], &answers[2]]).await;
    let app = TestApp::start_with_models(None, Some(settings)).await;
    let told = make(&app, json!({ "prompt": PROMPT, "engine": "remote" })).await;
    assert_eq!(told.done["success"], true, "{:#}", told.done);
    assert_eq!(told.done["usage"]["rounds"], 3);
    let second = server.asked()[1]["messages"].to_string();
    assert!(second.contains("Bocks") && second.contains("not defined"), "{second}");
    app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_number_that_is_missed_goes_back_and_the_best_draft_wins() {
    let answers = [fenced("result = Box(50, 30, 9)"), fenced("result = Box(40, 20, 9)")];
    let (server, settings) = Server::start(&[&answers[0], &answers[1]]).await;
    let app = TestApp::start_with_models(None, Some(settings)).await;
    let told = make(&app, json!({ "prompt": PROMPT, "engine": "remote" })).await;
    // The second one is worse, and the third the same as the second: it stops there.
    assert_eq!(told.done["measures"]["bounding_box"]["size"], json!([50.0, 30.0, 9.0]), "{:#}", told.done);
    assert_eq!(server.asked().len(), 3);
    let missed: Vec<&Value> =
        told.done["checks"].as_array().unwrap().iter().filter(|check| check["status"] == "missed").collect();
    assert_eq!(missed.len(), 1, "{:#}", told.done["checks"]);
    assert!(missed[0]["asked"].as_str().unwrap().contains('8'));
    assert!(
        told.record["program"].as_str().unwrap().contains("Box(50, 30, 9)"),
        "the record tells the part's own program"
    );
    assert!(server.asked()[1]["messages"].to_string().contains("leaves it out"));
    app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_closest_that_templates_know_is_the_last_resort_and_says_what_it_leaves_out() {
    let (_server, settings) = Server::start(&["I would rather not."]).await;
    let app = TestApp::start_with_models(None, Some(settings)).await;
    let told = make(&app, json!({ "prompt": "60x40x10 plate with a flabbergaster" })).await;
    assert_eq!(
        (&told.done["success"], &told.done["lane"]),
        (&json!(true), &json!("template")),
        "{:#}",
        told.done
    );
    assert_eq!(told.done["sure"], false);
    let notes = told.record["reading"]["notes"].to_string();
    assert!(notes.contains("leaves out: flabbergaster"), "{notes}");
    app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_says_nothing_is_cancelled_at_once() {
    let (_server, settings) = Server::start(&["silence"]).await;
    let app = TestApp::start_with_models(None, Some(settings)).await;
    let job = app.submit(json!({ "prompt": PROMPT, "engine": "remote" })).await;
    let following = app.events(&job);
    let cancelling = async {
        tokio::time::sleep(Duration::from_millis(300)).await;
        let began = Instant::now();
        app.post(&format!("/api/jobs/{job}/cancel"), &json!({})).await;
        began
    };
    let (events, began) = tokio::join!(following, cancelling);
    assert!(began.elapsed() < Duration::from_millis(500), "{:?}", began.elapsed());
    assert_eq!(events.last().unwrap().data["status"], "cancelled");
    app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_is_not_there_is_told_and_templates_go_on() {
    let settings = RemoteSettings { url: "http://127.0.0.1:9".into(), model: None, key: None };
    let app = TestApp::start_with_models(None, Some(settings)).await;
    let told = make(&app, json!({ "prompt": PROMPT, "engine": "remote" })).await;
    assert_eq!(told.done["detail"]["code"], "remote_failed", "{:#}", told.done);
    assert_eq!(app.prompt("60x40x10 plate").await["success"], true);
    app.stop().await;
}
