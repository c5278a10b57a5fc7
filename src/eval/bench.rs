//! `naturalcad bench run`: the same five programs (a) through HTTP to `complete`, (b) in a warm Python process, (c) with a
//! fresh Python each, side by side in one run. The machine is never quiet, so the ratios count.

use std::fmt::Write as _;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::Stdio;
use std::time::{Duration, Instant};

use serde::{Deserialize, Serialize};
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader, Lines};
use tokio::net::TcpStream;
use tokio::process::{Child, ChildStdin, ChildStdout, Command};

use crate::bundle::Runtime;
use crate::runner::Runner;

const PROGRAMS: [(&str, &str); 5] = [
    ("plate, 4 holes", include_str!("programs/plate.py")),
    ("enclosure", include_str!("programs/enclosure.py")),
    ("gear, 24 teeth", include_str!("programs/gear.py")),
    ("lofted duct", include_str!("programs/loft.py")),
    ("panel, 60 holes", include_str!("programs/panel.py")),
];

/// Rounds that are run first and not counted.
const UNCOUNTED_ROUNDS: usize = 2;
/// One run that takes longer is a fault, not a figure.
const ROUND_WAIT: Duration = Duration::from_secs(120);

#[derive(Debug, thiserror::Error)]
pub enum Error {
    #[error("The runner does not work")]
    Runner(#[from] crate::runner::Error),
    #[error("The comparison process failed: {0}")]
    Process(String),
    #[error("`{program}` was not built: {answer}")]
    NotBuilt { program: &'static str, answer: String },
    #[error("A round took longer than {0} s")]
    Slow(u64),
    #[error("Input or output failed")]
    Io(#[from] std::io::Error),
}

/// What the benchmark compares.
pub struct Bench {
    pub address: SocketAddr,
    pub runtime: Runtime,
    pub runner: Runner,
    /// Folder of the runner's Python package.
    pub packages: PathBuf,
    pub rounds: usize,
    pub cold_rounds: usize,
    /// Another Python for column (c).
    pub fresh_python: Option<PathBuf>,
}

#[derive(Default)]
struct Times {
    http: Vec<f64>,
    again: Vec<f64>,
    warm: Vec<f64>,
    cold: Vec<f64>,
}

impl Bench {
    /// Runs everything and returns the table.
    pub async fn run(&self) -> Result<String, Error> {
        self.runner.ready().await?;
        let folder = std::env::temp_dir().join(format!("naturalcad-bench-{}", std::process::id()));
        std::fs::create_dir_all(&folder)?;
        let measured = self.measure(&folder).await;
        let _ = std::fs::remove_dir_all(&folder);
        Ok(table(&measured?))
    }

    async fn measure(&self, folder: &std::path::Path) -> Result<Vec<(&'static str, Times)>, Error> {
        let mut warm = Warm::start(self, folder)?;
        let mut measured = Vec::new();
        for (name, source) in PROGRAMS {
            let mut times = Times::default();
            for round in 0..self.rounds + UNCOUNTED_ROUNDS {
                let counted = round >= UNCOUNTED_ROUNDS;
                // A different text each round: no worker has seen it before.
                let program = format!("{source}# round {round}\n");
                self.runner.at_rest().await?;
                let http = self.through_http(name, &program).await?;
                self.runner.at_rest().await?;
                let again = self.through_http(name, &program).await?;
                let in_process = warm.run(&program).await?;
                if counted {
                    times.http.push(http);
                    times.again.push(again);
                    times.warm.push(in_process);
                }
            }
            for _ in 0..self.cold_rounds {
                times.cold.push(self.cold(source, folder).await?);
            }
            measured.push((name, times));
        }
        Ok(measured)
    }

    /// Milliseconds from connecting to the end of the `complete` event.
    async fn through_http(&self, name: &'static str, program: &str) -> Result<f64, Error> {
        let body = serde_json::json!({ "code": program }).to_string();
        let (address, length) = (self.address, body.len());
        let request = format!(
            "POST /api/run HTTP/1.1\r\nhost: {address}\r\ncontent-type: application/json\r\n\
             content-length: {length}\r\nconnection: close\r\n\r\n{body}"
        );
        let began = Instant::now();
        let mut stream = TcpStream::connect(address).await?;
        stream.set_nodelay(true)?;
        stream.write_all(request.as_bytes()).await?;
        let mut answer = Vec::new();
        let reading = async {
            loop {
                let count = stream.read_buf(&mut answer).await?;
                let text = String::from_utf8_lossy(&answer);
                if count == 0 || text.find("event: complete").is_some_and(|at| text[at..].contains("\n\n")) {
                    return Ok::<String, std::io::Error>(text.into_owned());
                }
            }
        };
        let answer = in_time(reading).await??;
        let milliseconds = began.elapsed().as_secs_f64() * 1e3;
        if answer.contains("\"success\":true") {
            Ok(milliseconds)
        } else {
            let end: String = answer.chars().rev().take(400).collect::<Vec<_>>().into_iter().rev().collect();
            Err(Error::NotBuilt { program: name, answer: end })
        }
    }

    /// Milliseconds of a whole fresh Python that runs the program and exports, as the seed does.
    async fn cold(&self, program: &str, folder: &std::path::Path) -> Result<f64, Error> {
        let path = folder.join("cold.py");
        std::fs::write(&path, program)?;
        let began = Instant::now();
        let mut command = match &self.fresh_python {
            Some(python) => {
                let mut command = Command::new(python);
                command.env("PYTHONPATH", &self.packages).current_dir(folder).kill_on_drop(true);
                command.args(["-m", "naturalcad_runner.bench", "cold"]);
                command
            }
            None => self.python("cold", folder),
        };
        let running = command.arg(&path).stdin(Stdio::null()).output();
        let output = in_time(running).await??;
        if !output.status.success() {
            return Err(Error::Process(String::from_utf8_lossy(&output.stderr).into_owned()));
        }
        Ok(began.elapsed().as_secs_f64() * 1e3)
    }

    fn python(&self, mode: &str, folder: &std::path::Path) -> Command {
        let (program, arguments) = self.runtime.command();
        let mut command = Command::new(program);
        command
            .args(arguments)
            .args(["-m", "naturalcad_runner.bench", mode])
            .env_clear()
            .envs(self.runtime.environment(&self.packages))
            .env("HOME", folder)
            .current_dir(folder)
            .kill_on_drop(true);
        command
    }
}

async fn in_time<T>(work: impl Future<Output = T>) -> Result<T, Error> {
    tokio::time::timeout(ROUND_WAIT, work).await.map_err(|_| Error::Slow(ROUND_WAIT.as_secs()))
}

/// The long-lived Python of column (b): a line in, a line out.
struct Warm {
    _child: Child,
    ask: ChildStdin,
    answers: Lines<BufReader<ChildStdout>>,
}

#[derive(Serialize)]
struct WarmAsk<'a> {
    program: &'a str,
}

#[derive(Deserialize)]
struct WarmAnswer {
    ms: f64,
}

impl Warm {
    fn start(bench: &Bench, folder: &std::path::Path) -> Result<Self, Error> {
        let mut command = bench.python("warm", folder);
        let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null()).spawn()?;
        let (Some(ask), Some(answers)) = (child.stdin.take(), child.stdout.take()) else {
            return Err(Error::Process("it has no pipes".into()));
        };
        Ok(Self { _child: child, ask, answers: BufReader::new(answers).lines() })
    }

    async fn run(&mut self, program: &str) -> Result<f64, Error> {
        let mut line = serde_json::to_vec(&WarmAsk { program }).unwrap_or_default();
        line.push(b'\n');
        self.ask.write_all(&line).await?;
        let answer = in_time(self.answers.next_line()).await??;
        let answer = answer.ok_or_else(|| Error::Process("it ended".into()))?;
        let answer: WarmAnswer =
            serde_json::from_str(&answer).map_err(|error| Error::Process(error.to_string()))?;
        Ok(answer.ms)
    }
}

/// Markdown, as it stands in the README.
fn table(measured: &[(&'static str, Times)]) -> String {
    let mut text = String::from(
        "| program | (a) HTTP to `complete` | again, same program | (b) warm Python | (c) fresh Python | a / b | again / b | c / a |\n\
         | --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: |\n",
    );
    for (name, times) in measured {
        let [http, again, warm, cold] =
            [&times.http, &times.again, &times.warm, &times.cold].map(|times| p50(times));
        let _ = writeln!(
            text,
            "| {name} | {http:.0} ms | {again:.0} ms | {warm:.0} ms | {cold:.0} ms | {:.2} | {:.2} | {:.0} |",
            http / warm,
            again / warm,
            cold / http,
        );
    }
    text.trim_end().to_owned()
}

fn p50(times: &[f64]) -> f64 {
    let mut sorted = times.to_vec();
    sorted.sort_by(f64::total_cmp);
    sorted.get(sorted.len() / 2).copied().unwrap_or(f64::NAN)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_shows_medians_and_their_ratios() {
        let times =
            Times { http: vec![30.0, 20.0, 900.0], again: vec![20.0], warm: vec![15.0], cold: vec![3_000.0] };
        let table = table(&[("plate", times)]);
        assert!(
            table.ends_with("| plate | 30 ms | 20 ms | 15 ms | 3000 ms | 2.00 | 1.33 | 100 |"),
            "{table}"
        );
    }
}
