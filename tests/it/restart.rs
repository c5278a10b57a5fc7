//! Ends that nobody planned: a killed appliance leaves no process and loses no finished job.

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Stdio};
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::support::{naturalcad, processes_naming};

struct Served {
    child: Child,
    url: String,
}

fn serve(folder: &Path) -> Served {
    let mut command = naturalcad(folder);
    let mut child = command.args(["serve", "--port", "0"]).stdout(Stdio::piped()).spawn().unwrap();
    let mut line = String::new();
    BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
    let url = line.split_whitespace().find(|word| word.starts_with("http://")).unwrap();
    Served { child, url: url.trim_end_matches('/').to_owned() }
}

async fn post(url: &str, body: Value) -> Value {
    let request = reqwest::Client::new().post(url).header("content-type", "application/json");
    let response = request.body(body.to_string()).send().await.unwrap();
    serde_json::from_str(&response.text().await.unwrap()).unwrap()
}

async fn get(url: &str) -> String {
    reqwest::get(url).await.unwrap().text().await.unwrap()
}

fn assert_no_process_left(folder: &Path) {
    let deadline = Instant::now() + Duration::from_secs(5);
    loop {
        let left = processes_naming(folder);
        if left.is_empty() {
            return;
        }
        assert!(Instant::now() < deadline, "left behind: {left:#?}");
        std::thread::sleep(Duration::from_millis(50));
    }
}

#[tokio::test]
async fn a_killed_appliance_leaves_no_process_and_keeps_its_finished_jobs() {
    let folder = tempfile::tempdir().unwrap();
    let mut first = serve(folder.path());
    let good = json!({ "program": "from build123d import *\nresult = Box(4, 5, 6)" });
    let job = post(&format!("{}/api/jobs", first.url), good).await["id"].as_str().unwrap().to_owned();
    let told = get(&format!("{}/api/jobs/{job}/events", first.url)).await;
    assert!(told.contains("\"success\":true"), "{told}");
    post(&format!("{}/api/jobs", first.url), json!({ "program": "while True: pass" })).await;
    std::thread::sleep(Duration::from_millis(300));
    first.child.kill().unwrap();
    first.child.wait().unwrap();
    assert_no_process_left(folder.path());

    let mut second = serve(folder.path());
    let record: Value = serde_json::from_str(&get(&format!("{}/api/jobs/{job}", second.url)).await).unwrap();
    assert_eq!((&record["state"], &record["measures"]["volume"]), (&json!("built"), &json!(120.0)));
    let retold = get(&format!("{}/api/jobs/{job}/events", second.url)).await;
    assert!(retold.contains("event: complete") && retold.contains("\"success\":true"), "{retold}");
    let step = get(&format!("{}{}", second.url, record["artifacts"]["step"].as_str().unwrap())).await;
    assert!(step.starts_with("ISO-10303-21;"));

    let terminated = std::process::Command::new("kill").arg(second.child.id().to_string()).status().unwrap();
    assert!(terminated.success());
    let ended = second.child.wait().unwrap();
    assert_eq!(ended.code(), Some(0), "SIGTERM ends it in order, not {ended:?}");
    assert_no_process_left(folder.path());
    let scratch: Vec<_> = std::fs::read_dir(folder.path().join("data/scratch")).unwrap().collect();
    assert!(scratch.is_empty(), "scratch folders are left: {scratch:?}");
}

#[tokio::test]
async fn when_the_python_side_is_killed_the_next_job_works() {
    let folder = tempfile::tempdir().unwrap();
    let mut served = serve(folder.path());
    let part = json!({ "program": "from build123d import *\nresult = Box(1, 2, 3)" });
    let jobs = format!("{}/api/jobs", served.url);
    let before = post(&jobs, part.clone()).await["id"].as_str().unwrap().to_owned();
    assert!(get(&format!("{jobs}/{before}/events")).await.contains("\"success\":true"));
    let python = processes_naming(folder.path());
    let python: Vec<u32> =
        python.into_iter().filter(|(_, line)| line.contains("zygote")).map(|(id, _)| id).collect();
    assert!(python.len() >= 2, "a zygote and a worker: {python:?}");
    for id in python {
        let _ = std::process::Command::new("kill").args(["-9", &id.to_string()]).status().unwrap();
    }
    let after = post(&jobs, part).await["id"].as_str().unwrap().to_owned();
    let told = get(&format!("{jobs}/{after}/events")).await;
    assert!(told.contains("\"success\":true"), "{told}");
    served.child.kill().unwrap();
    served.child.wait().unwrap();
}
