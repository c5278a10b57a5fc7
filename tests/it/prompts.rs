//! Sentences as users write them (`tests/cases`), through the front door, against what a person expects.

use std::fs;
use std::path::Path;

use futures_util::{StreamExt as _, stream};
use serde::Deserialize;
use serde_json::Value;

use crate::measured::{self, Holes};
use crate::support::TestApp;

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Case {
    prompt: String,
    expect: String,
    #[serde(rename = "box")]
    size: Option<[f64; 3]>,
    volume: Option<f64>,
    holes: Option<Vec<Holes>>,
    complete: Option<bool>,
    #[serde(default)]
    unread: Vec<String>,
}

#[derive(Deserialize)]
struct Cases {
    case: Vec<Case>,
}

/// The files of `tests/cases` that hold first prompts: all but the follow-up sentences.
fn cases() -> Vec<Case> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cases");
    let mut files: Vec<_> = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.retain(|file| file.extension().is_some_and(|end| end == "toml") && !file.ends_with("edits.toml"));
    files.sort();
    let read = |file: &Path| toml::from_str::<Cases>(&fs::read_to_string(file).unwrap());
    files
        .into_iter()
        .flat_map(|file| read(&file).unwrap_or_else(|e| panic!("{}: {e}", file.display())).case)
        .collect()
}

/// What differs from the expectation, in words.
fn differences(case: &Case, reading: &Value, complete: &Value) -> Vec<String> {
    let mut wrong = Vec::new();
    let status =
        if complete["success"] == true { "built" } else { complete["status"].as_str().unwrap_or("?") };
    if status != case.expect {
        wrong.push(format!("{status} instead of {}: {}", case.expect, complete["error"]));
        return wrong;
    }
    let measures = &complete["measures"];
    wrong.extend(measured::differences(case.size, case.volume, case.holes.as_deref(), measures));
    if let Some(wanted) = &case.holes {
        let all = measures["holes"].as_array().unwrap().len();
        let stated: usize = wanted.iter().map(|holes| holes.count).sum();
        if all != stated {
            wrong.push(format!("{all} holes in all instead of {stated}"));
        }
    }
    if case.complete.is_some_and(|wanted| reading["complete"] != wanted) {
        wrong.push(format!("complete is {}", reading["complete"]));
    }
    let unread: Vec<&str> = reading["unread"].as_array().unwrap().iter().filter_map(Value::as_str).collect();
    for word in &case.unread {
        if !unread.contains(&word.as_str()) {
            wrong.push(format!("`{word}` should be unread; {unread:?} are"));
        }
    }
    if case.complete == Some(true) {
        let missed =
            complete["checks"].as_array().into_iter().flatten().filter(|check| check["status"] == "missed");
        wrong.extend(missed.map(|check| format!("missed: {check}")));
    }
    wrong
}

/// Reads and builds one sentence; what is wrong, in words.
async fn fault(app: &TestApp, case: &Case) -> Option<String> {
    let body = serde_json::json!({ "prompt": case.prompt });
    if case.prompt.trim().is_empty() {
        // Nothing to read: the door itself asks what is wanted.
        assert_eq!(app.post("/api/jobs", &body).await.status(), 400);
        return None;
    }
    let job = app.submit(body).await;
    let events = app.events(&job).await;
    let reading = events.iter().find(|event| event.name == "reading").expect("every prompt is read");
    let wrong = differences(case, &reading.data, &events.last().unwrap().data);
    (!wrong.is_empty()).then(|| format!("{:?}: {}", case.prompt, wrong.join("; ")))
}

#[tokio::test(flavor = "multi_thread")]
async fn sentences_become_the_parts_that_a_person_expects() {
    const WORKERS: usize = 2;
    let cases = cases();
    let questions = cases.iter().filter(|case| case.expect == "question").count();
    assert!(cases.len() >= 300 && questions >= 40, "only {} cases, {questions} questions", cases.len());
    let app = TestApp::start_with_workers(WORKERS).await;
    let trying = stream::iter(&cases).map(|case| fault(&app, case)).buffered(WORKERS);
    let failures: Vec<String> = trying.filter_map(|fault| async { fault }).collect().await;
    app.stop().await;
    assert!(failures.is_empty(), "{} of {}:\n{}", failures.len(), cases.len(), failures.join("\n"));
}
