//! The client against servers that answer well, badly, late, endlessly, or not at all.

use std::convert::Infallible;
use std::sync::Arc;
use std::time::Instant;

use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response as Reply};
use axum::routing::{get, post};
use serde_json::{Value, json};
use tokio_stream::wrappers::ReceiverStream;

use super::*;
use crate::domain::limits::{REMOTE_ANSWER_BYTES_MAX, REMOTE_COMPLAINT_CHARS_MAX};

/// What a test's server has been sent.
#[derive(Clone, Default)]
struct Seen(Arc<Mutex<Vec<(HeaderMap, Value)>>>);

impl Seen {
    fn questions(&self) -> Vec<Value> {
        self.0.lock().unwrap().iter().map(|(_, body)| body.clone()).collect()
    }
}

/// Starts a server whose list is owned by `owner` and that answers each question by `reply`.
async fn server(
    owner: &'static str,
    reply: impl Fn(&Value) -> Reply + Clone + Send + Sync + 'static,
) -> (String, Seen) {
    let list = move || async move {
        axum::Json(json!({"object": "list", "data": [{"id": "m1", "owned_by": owner}, {"id": "m2"}]}))
    };
    let chat = move |State(seen): State<Seen>, headers: HeaderMap, axum::Json(body): axum::Json<Value>| async move {
        seen.0.lock().unwrap().push((headers, body.clone()));
        reply(&body)
    };
    let seen = Seen::default();
    let routes = Router::new().route("/v1/models", get(list)).route("/v1/chat/completions", post(chat));
    (serve(routes.with_state(seen.clone())).await, seen)
}

async fn serve(routes: Router) -> String {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(async move { axum::serve(listener, routes).await });
    url
}

/// A stream of these pieces of bytes, which then ends, or stays open where `open`.
fn stream(pieces: Vec<Vec<u8>>, open: bool) -> Reply {
    let (tx, rx) = mpsc::channel(1);
    tokio::spawn(async move {
        for piece in pieces {
            let _ = tx.send(Ok::<_, Infallible>(Bytes::from(piece))).await;
        }
        if open {
            tx.closed().await;
        }
    });
    ([("content-type", "text/event-stream")], Body::from_stream(ReceiverStream::new(rx))).into_response()
}

fn events(data: &[&str]) -> Vec<Vec<u8>> {
    data.iter().map(|data| format!("data: {data}\n\n").into_bytes()).collect()
}

const HELLO: &str = r#"{"choices":[{"delta":{"role":"assistant","content":null}}]}"#;
const BOX: &str = r#"{"choices":[{"delta":{"content":"Box("}}]}"#;
const ONE: &str = r#"{"choices":[{"delta":{"content":"Ø1)"},"finish_reason":null}]}"#;
const STOP: &str = r#"{"choices":[{"delta":{},"finish_reason":"stop"}]}"#;
const USAGE: &str = r#"{"choices":[],"usage":{"prompt_tokens":20,"completion_tokens":7,"prompt_tokens_details":{"cached_tokens":5}}}"#;

fn remote(url: &str) -> Remote {
    let waits =
        Waits { first: Duration::from_millis(400), idle: Duration::from_millis(300), ..Waits::default() };
    Remote::with_waits(settings(url), waits).unwrap()
}

fn settings(url: &str) -> RemoteSettings {
    RemoteSettings { url: url.to_owned(), model: None, key: None }
}

fn ask() -> RemoteAsk {
    RemoteAsk {
        turns: vec![Turn::system("Be brief."), Turn::user("A box")],
        prefill: None,
        max_tokens: 100,
        temperature: 0.5,
        seed: 7,
        stop: Vec::new(),
        grammar: None,
    }
}

async fn complete(remote: &Remote, ask: &RemoteAsk) -> (Result<RemoteAnswer, Error>, Vec<String>) {
    let (tx, mut rx) = mpsc::channel(1_000_000);
    let answer = remote.complete(ask, &tx, &CancellationToken::new()).await;
    drop(tx);
    let mut told = Vec::new();
    while let Some(piece) = rx.recv().await {
        told.push(piece);
    }
    (answer, told)
}

/// The error of a server that answers with `reply`.
async fn error_of(reply: impl Fn(&Value) -> Reply + Clone + Send + Sync + 'static) -> Error {
    let (url, _) = server("", reply).await;
    complete(&remote(&url), &ask()).await.0.unwrap_err()
}

#[tokio::test]
async fn a_good_stream_is_told_piece_by_piece_with_its_tokens() {
    let (url, seen) = server("", |_| stream(events(&[HELLO, BOX, ONE, STOP, USAGE, "[DONE]"]), true)).await;
    let (answer, told) = complete(&remote(&url), &ask()).await;
    let answer = answer.unwrap();
    assert_eq!((answer.text.as_str(), answer.end, answer.constrained), ("Box(Ø1)", End::Stopped, false));
    assert_eq!(told, ["Box(", "Ø1)"]);
    let usage = answer.usage;
    assert_eq!(
        (usage.model.as_str(), usage.prompt_tokens, usage.cached_tokens, usage.tokens),
        ("m1", 20, 5, 7)
    );
    assert_eq!((usage.rounds, usage.candidates), (1, 1));
    let expected = json!({
        "model": "m1", "max_tokens": 100, "temperature": 0.5, "seed": 7, "stream": true,
        "messages": [{"role": "system", "content": "Be brief."}, {"role": "user", "content": "A box"}],
        "stream_options": {"include_usage": true},
    });
    assert_eq!(seen.questions(), [expected]);
}

#[tokio::test]
async fn a_stream_cut_in_the_middle_of_a_character_is_whole_again() {
    let whole = events(&[BOX, ONE, STOP]).concat();
    let cut = whole.iter().position(|byte| *byte == 0xc3).unwrap() + 1;
    let pieces = vec![whole[..cut].to_vec(), whole[cut..].to_vec()];
    let (url, _) = server("", move |_| stream(pieces.clone(), false)).await;
    let (answer, told) = complete(&remote(&url), &ask()).await;
    assert_eq!(answer.unwrap().text, "Box(Ø1)");
    assert_eq!(told, ["Box(", "Ø1)"]);
}

#[tokio::test]
async fn an_answer_cut_at_the_longest_says_so_and_counts_without_the_servers_help() {
    let length = r#"{"choices":[{"delta":{"content":""},"finish_reason":"length"}]}"#;
    let (url, _) = server("", move |_| stream(events(&[BOX, ONE, length]), false)).await;
    let answer = complete(&remote(&url), &ask()).await.0.unwrap();
    assert_eq!((answer.end, answer.usage.tokens), (End::Length, 2));
}

#[tokio::test]
async fn llama_server_takes_grammar_and_prefill_and_tells_its_own_times() {
    let times = r#"{"choices":[{"delta":{},"finish_reason":"stop"}],"timings":{"cache_n":9,"prompt_ms":1500.0,"predicted_ms":250.0}}"#;
    let (url, seen) = server("llamacpp", move |_| stream(events(&[BOX, times, "[DONE]"]), false)).await;
    let ask = RemoteAsk {
        prefill: Some("from".to_owned()),
        grammar: Some("root ::= \"x\"".to_owned()),
        stop: vec!["```".to_owned()],
        ..ask()
    };
    let answer = complete(&remote(&url), &ask).await.0.unwrap();
    assert!(answer.constrained);
    let usage = answer.usage;
    assert_eq!((usage.cached_tokens, usage.prompt_seconds, usage.seconds), (9, 1.5, 0.25));
    let asked = &seen.questions()[0];
    assert_eq!(asked["grammar"], "root ::= \"x\"");
    assert_eq!(asked["chat_template_kwargs"], json!({"enable_thinking": false}));
    assert_eq!(asked["stop"], json!(["```"]));
    assert_eq!(asked["messages"][2], json!({"role": "assistant", "content": "from"}));
}

#[tokio::test]
async fn other_servers_are_not_sent_what_they_may_not_know() {
    let (url, seen) = server("library", |_| stream(events(&[BOX, STOP]), false)).await;
    let ask = RemoteAsk { grammar: Some("root ::= \"x\"".to_owned()), prefill: Some(String::new()), ..ask() };
    assert!(!complete(&remote(&url), &ask).await.0.unwrap().constrained);
    let asked = &seen.questions()[0];
    assert_eq!(asked["messages"].as_array().unwrap().len(), 2);
    for field in ["grammar", "stop", "chat_template_kwargs", "continue_final_message"] {
        assert_eq!(asked.get(field), None, "{field}");
    }
}

#[tokio::test]
async fn vllm_is_asked_once_more_without_its_additions_where_it_refuses_them() {
    let reply = |asked: &Value| match asked.get("chat_template_kwargs") {
        Some(_) => (StatusCode::BAD_REQUEST, "chat_template is not supported").into_response(),
        None => stream(events(&[BOX, STOP]), false),
    };
    let (url, seen) = server("vllm", reply).await;
    let ask = RemoteAsk { prefill: Some("from".to_owned()), ..ask() };
    assert_eq!(complete(&remote(&url), &ask).await.0.unwrap().text, "Box(");
    let questions = seen.questions();
    assert_eq!(
        (&questions[0]["continue_final_message"], &questions[0]["add_generation_prompt"]),
        (&json!(true), &json!(false))
    );
    assert_eq!((questions.len(), questions[1].get("continue_final_message")), (2, None));
}

#[tokio::test]
async fn the_model_and_the_key_are_sent_as_configured() {
    let (url, seen) = server("", |_| stream(events(&[BOX, STOP]), false)).await;
    let settings =
        RemoteSettings { model: Some("mine".to_owned()), key: Some("secret\n".to_owned()), ..settings(&url) };
    assert!(!format!("{settings:?}").contains("secret"));
    let remote = Remote::new(settings).unwrap();
    assert_eq!(complete(&remote, &ask()).await.0.unwrap().usage.model, "mine");
    let (headers, asked) = seen.0.lock().unwrap()[0].clone();
    assert_eq!(
        (headers["authorization"].to_str().unwrap(), &asked["model"]),
        ("Bearer secret", &json!("mine"))
    );
}

#[tokio::test]
async fn refusals_are_told_in_the_servers_words_but_shortly() {
    let error = error_of(|_| {
        let body = axum::Json(json!({"error": {"message": "slot\nis\u{7}gone", "code": 500}}));
        (StatusCode::INTERNAL_SERVER_ERROR, body).into_response()
    });
    assert_eq!(error.await.to_string(), "The server refused with status 500: slot is gone");
    let error =
        error_of(|_| (StatusCode::UNAUTHORIZED, axum::Json(json!({"detail": "no key"}))).into_response())
            .await;
    assert_eq!(error.to_string(), "The server refused with status 401: no key");
    assert!(error.hint().contains("key file"));
    let error = error_of(|_| (StatusCode::BAD_GATEWAY, "x".repeat(100_000)).into_response()).await;
    let Error::Refused { status: 502, message } = error else { panic!("{error}") };
    assert!(message.chars().count() <= REMOTE_COMPLAINT_CHARS_MAX + 1);
}

#[tokio::test]
async fn an_error_inside_the_stream_is_an_error() {
    let error = error_of(|_| stream(events(&[BOX, r#"{"error":{"message":"context full"}}"#]), false)).await;
    assert_eq!(error.to_string(), "The server reports: context full");
    let error =
        error_of(|_| stream(events(&[r#"{"object":"error","message":"context full","code":400}"#]), false))
            .await;
    assert_eq!(error.to_string(), "The server reports: context full");
    let error = error_of(|_| stream(vec![b"error: {\"error\": {\"code\": 1}}\n\n".to_vec()], false)).await;
    assert_eq!(error.to_string(), "The server reports: an error without a text");
}

#[tokio::test]
async fn an_answer_that_ends_early_or_cannot_be_read_is_an_error() {
    assert!(matches!(error_of(|_| stream(events(&[BOX]), false)).await, Error::Cut));
    assert!(matches!(error_of(|_| stream(Vec::new(), false)).await, Error::Cut));
    let error = error_of(|_| stream(events(&[BOX, "{\"choices\": ["]), false)).await;
    assert!(matches!(&error, Error::Unreadable(why) if why.contains("{\"choices\": [")), "{error}");
    let error =
        error_of(|_| axum::Json(json!({"choices": [{"message": {"content": "x"}}]})).into_response()).await;
    assert!(matches!(error, Error::Unreadable(_)), "{error}");
}

#[tokio::test]
async fn no_other_address_is_contacted() {
    let (elsewhere, seen) = server("", |_| stream(events(&[BOX, STOP]), false)).await;
    let to = format!("{elsewhere}/v1/chat/completions");
    let told = to.clone();
    let error =
        error_of(move |_| (StatusCode::TEMPORARY_REDIRECT, [("location", to.clone())]).into_response()).await;
    assert!(matches!(&error, Error::Redirected(to) if *to == told), "{error}");
    assert!(seen.questions().is_empty());
}

#[tokio::test]
async fn cancelling_ends_the_connection_at_once() {
    let (gone, mut went) = mpsc::channel::<()>(1);
    let reply = move |_: &Value| {
        let (tx, rx) = mpsc::channel(1);
        let gone = gone.clone();
        tokio::spawn(async move {
            while tx.send(Ok::<_, Infallible>(Bytes::from(format!("data: {BOX}\n\n")))).await.is_ok() {
                tokio::time::sleep(Duration::from_millis(1)).await;
            }
            let _ = gone.send(()).await;
        });
        ([("content-type", "text/event-stream")], Body::from_stream(ReceiverStream::new(rx))).into_response()
    };
    let (url, _) = server("", reply).await;
    let (tx, mut rx) = mpsc::channel(4);
    let cancel = CancellationToken::new();
    let asking = tokio::spawn({
        let (remote, cancel) = (remote(&url), cancel.clone());
        async move { remote.complete(&ask(), &tx, &cancel).await }
    });
    assert_eq!(rx.recv().await.as_deref(), Some("Box("));
    let before = Instant::now();
    cancel.cancel();
    let answer = asking.await.unwrap().unwrap();
    assert_eq!(answer.end, End::Cancelled);
    assert!(answer.text.starts_with("Box("));
    went.recv().await.unwrap();
    assert!(before.elapsed() < Duration::from_millis(500), "{:?}", before.elapsed());
}

#[tokio::test]
async fn an_answer_that_nobody_hears_is_given_up() {
    let (url, _) = server("", |_| stream(events(&[BOX, ONE]), true)).await;
    let (tx, rx) = mpsc::channel(1);
    drop(rx);
    let answer = remote(&url).complete(&ask(), &tx, &CancellationToken::new()).await.unwrap();
    assert_eq!(answer.end, End::Cancelled);
}

#[tokio::test]
async fn silence_is_not_waited_for_without_end() {
    assert!(
        matches!(error_of(|_| stream(Vec::new(), true)).await, Error::Silent(wait) if wait.as_millis() == 400)
    );
    assert!(
        matches!(error_of(|_| stream(events(&[BOX]), true)).await, Error::Silent(wait) if wait.as_millis() == 300)
    );
    // A server that keeps the line warm and says nothing.
    let drip = |_: &Value| {
        let (tx, rx) = mpsc::channel(1);
        tokio::spawn(async move {
            while tx.send(Ok::<_, Infallible>(Bytes::from_static(b": still here\n\n"))).await.is_ok() {
                tokio::time::sleep(Duration::from_millis(10)).await;
            }
        });
        ([("content-type", "text/event-stream")], Body::from_stream(ReceiverStream::new(rx))).into_response()
    };
    let (url, _) = server("", drip).await;
    let waits = Waits { answer: Duration::from_millis(300), ..Waits::default() };
    let remote = Remote::with_waits(settings(&url), waits).unwrap();
    assert!(matches!(complete(&remote, &ask()).await.0, Err(Error::Slow(_))));
    // One that accepts and never answers, and one that is not there.
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let waits = Waits { list: Duration::from_millis(200), ..Waits::default() };
    let remote = Remote::with_waits(settings(&url), waits).unwrap();
    assert!(matches!(remote.models().await, Err(Error::Silent(_))));
    drop(listener);
    assert!(matches!(remote.models().await, Err(Error::Unreachable { .. })));
}

#[tokio::test]
async fn an_answer_is_bounded() {
    let piece = |length: usize| json!({"choices": [{"delta": {"content": "x".repeat(length)}}]}).to_string();
    let half = piece(REMOTE_ANSWER_BYTES_MAX / 2);
    let most = [half.as_str(), &half, STOP].map(str::to_owned);
    let (url, _) = server("", move |_| stream(events(&most.each_ref().map(String::as_str)), false)).await;
    assert_eq!(complete(&remote(&url), &ask()).await.0.unwrap().text.len(), REMOTE_ANSWER_BYTES_MAX);
    let more = [half.clone(), half, piece(1)];
    let error = error_of(move |_| stream(events(&more.each_ref().map(String::as_str)), false)).await;
    assert!(matches!(error, Error::Large(REMOTE_ANSWER_BYTES_MAX)), "{error}");
}

#[tokio::test]
async fn the_list_of_models_is_read_with_or_without_v1_and_within_bounds() {
    let (url, _) = server("", |_| StatusCode::OK.into_response()).await;
    for form in [url.clone(), format!("{url}/"), format!("{url}/v1"), format!(" {url}/v1/ ")] {
        assert_eq!(remote(&form).models().await.unwrap(), ["m1", "m2"]);
    }
    let list = |body: String| Router::new().route("/gate/v1/models", get(|| async { body }));
    let many: Vec<Value> = (0..=REMOTE_MODELS_MAX).map(|n| json!({"id": n.to_string()})).collect();
    let url = serve(list(json!({"data": many}).to_string())).await;
    assert_eq!(remote(&format!("{url}/gate/v1")).models().await.unwrap().len(), REMOTE_MODELS_MAX);
    let url = serve(list(" ".repeat(REMOTE_LIST_BYTES_MAX + 1))).await;
    assert!(matches!(remote(&format!("{url}/gate")).models().await, Err(Error::Large(_))));
    let url = serve(list("<html>".to_owned())).await;
    assert!(matches!(remote(&format!("{url}/gate")).models().await, Err(Error::Unreadable(_))));
    let url = serve(list(json!({"data": []}).to_string())).await;
    assert!(matches!(complete(&remote(&format!("{url}/gate")), &ask()).await.0, Err(Error::NoModel)));
}

#[tokio::test]
async fn a_server_that_lists_nothing_is_asked_where_the_model_is_named() {
    let chat = post(|| async { stream(events(&[BOX, STOP]), false) });
    let url = serve(Router::new().route("/v1/chat/completions", chat)).await;
    let named = Remote::new(RemoteSettings { model: Some("mine".to_owned()), ..settings(&url) }).unwrap();
    assert_eq!(complete(&named, &ask()).await.0.unwrap().text, "Box(");
    assert!(matches!(complete(&remote(&url), &ask()).await.0, Err(Error::Refused { status: 404, .. })));
}

#[test]
fn only_plain_http_addresses_are_taken() {
    let refused =
        |url: &str| Remote::new(settings(url)).err().map(|error| error.to_string()).unwrap_or_default();
    assert!(refused("https://gpu.local").contains("TLS"));
    for url in
        ["gpu.local:8080", "localhost", "", "ftp://gpu.local", "http://", "http://a/?b=c", "http://a/#b"]
    {
        assert!(refused(url).contains("is no address"), "{url}: {}", refused(url));
    }
    let told = refused("http://me:hunter2@gpu.local:80/v1");
    assert!(told.contains("name or password") && !told.contains("hunter2"), "{told}");
    for key in ["", " \n", "a\nb"] {
        let settings = RemoteSettings { key: Some(key.to_owned()), ..settings("http://gpu.local") };
        assert!(matches!(Remote::new(settings), Err(Error::Key)), "{key:?}");
    }
}
