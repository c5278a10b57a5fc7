//! The worker's process as the host sees it: start, frames, last words, and what its death means. The only file that starts it.

use std::collections::VecDeque;
use std::os::unix::process::ExitStatusExt;
use std::path::Path;
use std::process::{ExitStatus, Stdio};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use futures_util::{SinkExt, StreamExt};
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::process::{ChildStderr, ChildStdin, ChildStdout, Command};
use tokio_util::bytes::Bytes;
use tokio_util::codec::{FramedRead, FramedWrite, LengthDelimitedCodec};

use super::Device;
use super::error::Error;
use super::wire::{FromWorker, ToWorker, VERSION};
use crate::domain::limits::{
    LOG_LINE_CHARS_MAX, MODEL_HELLO_WAIT, MODEL_MESSAGE_BYTES_MAX, MODEL_STDERR_LINES,
};

/// The signal of a processor that does not know an instruction.
const ILLEGAL_INSTRUCTION: i32 = 4;

type Lines = Arc<Mutex<VecDeque<String>>>;

/// A running worker. Dropping it kills it.
pub(super) struct Child {
    process: tokio::process::Child,
    input: FramedWrite<ChildStdin, LengthDelimitedCodec>,
    output: FramedRead<ChildStdout, LengthDelimitedCodec>,
    said: Lines,
    pub(super) devices: Vec<Device>,
    killed: bool,
}

impl Child {
    /// Starts `program` (this very executable) as a worker and waits for its first word.
    pub(super) async fn start(program: &Path) -> Result<Self, Error> {
        let mut command = Command::new(program);
        command
            .arg("model-worker")
            .env_clear()
            // Threads that wait must not burn the cores that the geometry kernel needs.
            .env("OMP_WAIT_POLICY", "passive")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .kill_on_drop(true);
        let mut process = command.spawn().map_err(Error::Start)?;
        let (Some(input), Some(output), Some(stderr)) =
            (process.stdin.take(), process.stdout.take(), process.stderr.take())
        else {
            return Err(Error::Start(std::io::Error::other("its pipes are missing")));
        };
        let said = Lines::default();
        tokio::spawn(keep_lines(stderr, said.clone()));
        let (input, output) = (FramedWrite::new(input, codec()), FramedRead::new(output, codec()));
        let mut child = Self { process, input, output, said, devices: Vec::new(), killed: false };
        match child.hear(MODEL_HELLO_WAIT).await? {
            FromWorker::Hello { version: VERSION, devices } => child.devices = devices,
            other => return Err(Error::Nonsense(format!("{other:?}"))),
        }
        Ok(child)
    }

    pub(super) async fn send(&mut self, message: &ToWorker) -> Result<(), Error> {
        let json = serde_json::to_vec(message).map_err(|error| Error::Nonsense(error.to_string()))?;
        match self.input.send(Bytes::from(json)).await {
            Ok(()) => Ok(()),
            Err(_) => Err(self.death().await),
        }
    }

    /// The next message. Cancel safe: a message is taken whole or not at all.
    pub(super) async fn hear(&mut self, silence: Duration) -> Result<FromWorker, Error> {
        match tokio::time::timeout(silence, self.output.next()).await {
            Ok(Some(Ok(frame))) => {
                serde_json::from_slice(&frame).map_err(|error| Error::Nonsense(error.to_string()))
            }
            Ok(Some(Err(_)) | None) => Err(self.death().await),
            Err(_) => Err(Error::Silent { seconds: silence.as_secs() }),
        }
    }

    /// Ends it at once.
    pub(super) fn kill(&mut self) {
        self.killed = true;
        let _ = self.process.start_kill();
    }

    pub(super) fn is_killed(&self) -> bool {
        self.killed
    }

    pub(super) fn pid(&self) -> Option<u32> {
        self.process.id()
    }

    /// Its end, told by the kernel, with its last words.
    async fn death(&mut self) -> Error {
        // A worker that closed its pipes but lives on is of no use.
        let ended = tokio::time::timeout(Duration::from_millis(500), self.process.wait()).await;
        let Ok(Ok(status)) = ended else {
            let _ = self.process.kill().await;
            return Error::Nonsense("it closed its pipes".into());
        };
        if status.signal() == Some(ILLEGAL_INSTRUCTION) {
            return Error::Illegal;
        }
        let said: Vec<String> =
            self.said.lock().unwrap_or_else(PoisonError::into_inner).iter().cloned().collect();
        let (reason, hint) = cause(status, &said);
        Error::Crashed { reason, hint }
    }
}

fn codec() -> LengthDelimitedCodec {
    LengthDelimitedCodec::builder().little_endian().max_frame_length(MODEL_MESSAGE_BYTES_MAX).new_codec()
}

async fn keep_lines(stderr: ChildStderr, said: Lines) {
    let mut lines = BufReader::new(stderr).lines();
    while let Ok(Some(line)) = lines.next_line().await {
        tracing::debug!(target: "naturalcad::model", "{line}");
        let mut said = said.lock().unwrap_or_else(PoisonError::into_inner);
        if said.len() >= MODEL_STDERR_LINES {
            said.pop_front();
        }
        said.push_back(line.chars().take(LOG_LINE_CHARS_MAX).collect());
    }
}

/// What a worker's end means, and what to do about it.
fn cause(status: ExitStatus, said: &[String]) -> (String, &'static str) {
    let assertion =
        said.iter().rev().find(|line| line.contains("GGML_ASSERT") || line.contains("terminate called"));
    let shortage = said.iter().any(|line| line.contains("failed to allocate") || line.contains("bad_alloc"));
    match status.signal() {
        Some(7) => (
            "the model's file cannot be read any more".into(),
            "Was the stick pulled out, or the file changed? Copy the model to the local disk and load it again",
        ),
        Some(9) => (
            "it was killed, most likely because memory ran out".into(),
            "Close other programs, or use a smaller model or a stronger quantisation",
        ),
        _ if shortage => (
            "memory ran out".into(),
            "Close other programs, or use a smaller model or a stronger quantisation",
        ),
        Some(signal) => {
            let why = assertion.map_or_else(|| format!("signal {signal}"), |line| line.trim().to_owned());
            (
                format!("llama.cpp gave up ({why})"),
                "The file may be damaged: check it with `naturalcad models verify`",
            )
        }
        None => {
            let last = said.last().map_or("it said nothing", |line| line.trim());
            (format!("it left with code {} ({last})", status.code().unwrap_or(-1)), "Load the model again")
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_death_has_a_reason_and_a_way_out() {
        let told = |signal: i32, said: &[&str]| {
            let said: Vec<String> = said.iter().map(|&line| line.to_owned()).collect();
            cause(ExitStatus::from_raw(signal), &said)
        };
        assert!(told(9, &[]).0.contains("memory"));
        assert!(told(7, &[]).1.contains("stick"));
        assert!(told(6, &["x", "ggml.c:1: GGML_ASSERT(a == b) failed"]).0.contains("GGML_ASSERT(a == b)"));
        assert!(told(6, &["failed to allocate 3 GB"]).1.contains("smaller model"));
        assert!(told(3 << 8, &["last line"]).0.contains("code 3 (last line)"));
    }
}
