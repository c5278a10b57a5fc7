//! Starts the appliance on port 0 with an empty data folder, and speaks to it as a browser or a shell would.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::time::Duration;

use naturalcad::app::App;
use naturalcad::config::Config;
use naturalcad::domain::limits::RunLimits;
use naturalcad::engine::remote::RemoteSettings;
use serde_json::{Value, json};
use tokio::net::TcpListener;
use tokio::sync::oneshot;

/// No test waits longer for one answer.
const PATIENCE: Duration = Duration::from_secs(120);

pub(crate) struct TestApp {
    pub(crate) url: String,
    pub(crate) client: reqwest::Client,
    stop: Option<oneshot::Sender<()>>,
    served: tokio::task::JoinHandle<()>,
    _data: tempfile::TempDir,
}

pub(crate) fn runtime_folder() -> PathBuf {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("target/runtime");
    assert!(folder.is_dir(), "no runtime at {}; run `make runtime`", folder.display());
    folder
}

/// No models, no server, nothing of the user's own.
pub(crate) fn config(data: &Path, workers: usize) -> Config {
    Config {
        program: env!("CARGO_BIN_EXE_naturalcad").into(),
        data: data.to_owned(),
        runtime: runtime_folder(),
        workers,
        templates: None,
        models: data.join("models"),
        model: None,
        model_threads: None,
        remote: None,
        model_code: true,
    }
}

impl TestApp {
    pub(crate) async fn start() -> Self {
        Self::start_with(RunLimits::default()).await
    }

    pub(crate) async fn start_with(limits: RunLimits) -> Self {
        Self::start_as(limits, 1).await
    }

    /// So many jobs at once.
    pub(crate) async fn start_with_workers(workers: usize) -> Self {
        Self::start_as(RunLimits::default(), workers).await
    }

    /// With a folder of models, or a server that answers instead.
    pub(crate) async fn start_with_models(models: Option<PathBuf>, remote: Option<RemoteSettings>) -> Self {
        let changed = |config: Config| {
            let models = models.unwrap_or_else(|| config.models.clone());
            Config { models, remote, ..config }
        };
        Self::start_as_configured(changed).await
    }

    /// With a configuration of its own.
    pub(crate) async fn start_as_configured(change: impl FnOnce(Config) -> Config) -> Self {
        Self::start_in(RunLimits::default(), 1, change).await
    }

    async fn start_as(limits: RunLimits, workers: usize) -> Self {
        Self::start_in(limits, workers, |config| config).await
    }

    async fn start_in(limits: RunLimits, workers: usize, change: impl FnOnce(Config) -> Config) -> Self {
        let data = tempfile::tempdir().unwrap();
        let config = change(config(data.path(), workers));
        let app = App::build_with(config, limits).unwrap();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let (stop, stopped) = oneshot::channel();
        let served = tokio::spawn(async move {
            let stopped = async { drop(stopped.await) };
            app.serve(listener, stopped).await.unwrap();
        });
        Self { url, client: reqwest::Client::new(), stop: Some(stop), served, _data: data }
    }

    /// Shuts down in order. A job that was left running would keep this waiting.
    pub(crate) async fn stop(mut self) {
        drop(self.stop.take());
        tokio::time::timeout(PATIENCE, self.served).await.expect("the appliance did not stop").unwrap();
    }

    pub(crate) async fn get(&self, path: &str) -> reqwest::Response {
        self.client.get(format!("{}{path}", self.url)).send().await.unwrap()
    }

    pub(crate) async fn post(&self, path: &str, body: &Value) -> reqwest::Response {
        let request = self.client.post(format!("{}{path}", self.url));
        request.header("content-type", "application/json").body(body.to_string()).send().await.unwrap()
    }

    pub(crate) async fn submit(&self, body: Value) -> String {
        let response = self.post("/api/jobs", &body).await;
        assert_eq!(response.status(), 202);
        json_of(response).await["id"].as_str().unwrap().to_owned()
    }

    /// Every event of a job, until its stream ends.
    pub(crate) async fn events(&self, job: &str) -> Vec<Event> {
        let response = self.get(&format!("/api/jobs/{job}/events")).await;
        events_of(response).await
    }

    /// Submits and waits for the end; returns the data of `complete`.
    pub(crate) async fn make(&self, body: Value) -> Value {
        let job = self.submit(body).await;
        let events = self.events(&job).await;
        events.last().expect("a job has events").data.clone()
    }

    pub(crate) async fn prompt(&self, prompt: &str) -> Value {
        self.make(json!({ "prompt": prompt })).await
    }

    pub(crate) async fn program(&self, program: &str) -> Value {
        self.make(json!({ "program": program })).await
    }
}

#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Event {
    pub(crate) name: String,
    pub(crate) id: usize,
    pub(crate) data: Value,
}

pub(crate) async fn json_of(response: reqwest::Response) -> Value {
    serde_json::from_str(&response.text().await.unwrap()).unwrap()
}

pub(crate) async fn events_of(response: reqwest::Response) -> Vec<Event> {
    assert_eq!(response.status(), 200);
    assert!(response.headers()["content-type"].to_str().unwrap().starts_with("text/event-stream"));
    let text =
        tokio::time::timeout(PATIENCE, response.text()).await.expect("the stream did not end").unwrap();
    text.split("\n\n").filter_map(event).collect()
}

fn event(block: &str) -> Option<Event> {
    let field = |name: &str| block.lines().find_map(|line| line.strip_prefix(name).map(str::trim));
    let data = serde_json::from_str(field("data:")?).unwrap();
    Some(Event { name: field("event:")?.to_owned(), id: field("id:")?.parse().unwrap(), data })
}

/// The program itself, as a user starts it, with its own data folder.
pub(crate) fn naturalcad(data: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_naturalcad"));
    command.env_clear().env("HOME", data).arg("--data").arg(data.join("data"));
    command.arg("--runtime").arg(runtime_folder()).arg("--workers").arg("1");
    // Without the model that ships, but for those tests that name a folder.
    command.env("NATURALCAD_MODELS", data.join("models"));
    command
}

pub(crate) fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).unwrap()
}

pub(crate) fn json_line(output: &Output) -> Value {
    let stdout = text(&output.stdout);
    serde_json::from_str(&stdout).unwrap_or_else(|_| panic!("no JSON: {stdout}\n{}", text(&output.stderr)))
}

/// The processes that were started with this folder in their environment, but for this one: id and command line.
pub(crate) fn processes_naming(folder: &Path) -> Vec<(u32, String)> {
    let needle = folder.to_string_lossy().into_owned();
    let folders = std::fs::read_dir("/proc").unwrap().flatten();
    let found = folders.filter_map(|entry| {
        let id: u32 = entry.file_name().to_str()?.parse().ok()?;
        let environment = std::fs::read(entry.path().join("environ")).ok()?;
        let line = std::fs::read(entry.path().join("cmdline")).ok()?;
        let named = String::from_utf8_lossy(&environment).contains(&needle);
        (named && !line.is_empty() && id != std::process::id())
            .then(|| (id, String::from_utf8_lossy(&line).replace('\0', " ")))
    });
    found.collect()
}
