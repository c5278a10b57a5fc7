//! One run on one worker: sends the program, streams what it prints, and names how it ended.

use std::collections::BTreeMap;
use std::fs::File;

use rustix::process::Signal;
use tokio::io::AsyncReadExt;
use tokio::sync::mpsc;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use super::frames::FrameError;
use super::output::{Line, Output, Stream};
use super::protocol::{FromWorker, Mesh, PartMessage, ResultMessage, ToWorker, VERSION, WorkerLimits};
use super::worker::Worker;
use crate::domain::artifact::Format;
use crate::domain::limits::{RUN_RESULT_BYTES_MAX, RunLimits};
use crate::domain::outcome::{Clock, Outcome, Part};
use crate::domain::program::{Parameters, Program};

/// What to run and what to leave.
#[derive(Clone, Debug)]
pub struct RunRequest {
    pub program: Program,
    pub parameters: Parameters,
    /// Written in this order; `Scene` comes with `Glb`.
    pub formats: Vec<Format>,
    pub mesh: Mesh,
    /// Also search for holes and check validity; left out while a slider moves.
    pub check: bool,
}

/// A file that a worker left, opened safely. The bytes are the worker's, so the receiver copies them.
#[derive(Debug)]
pub struct Artifact {
    pub format: Format,
    pub file: File,
}

/// What a run tells while it goes.
#[derive(Debug)]
pub enum RunEvent {
    Line(Line),
    /// The part can be shown; the other files follow.
    Part {
        part: Box<Part>,
        artifacts: Vec<Artifact>,
    },
}

/// A run that is over.
#[derive(Debug)]
pub struct Finished {
    pub outcome: Outcome,
    /// Files that were not yet handed over with `RunEvent::Part`.
    pub artifacts: Vec<Artifact>,
}

/// Why we ended the process ourselves.
enum Stop {
    Cancelled,
    Wall,
    Output,
}

enum Step {
    Message(Result<FromWorker, FrameError>),
    Printed(Stream, usize),
    Stop(Stop),
}

/// The worker was gone through no fault of the program: the zygote died, and its workers with it.
#[derive(Debug)]
pub(super) struct Lost;

/// Drives `worker` through `request`. The flag says whether the worker can serve another run.
pub(super) async fn drive(
    worker: &mut Worker,
    request: &RunRequest,
    limits: &RunLimits,
    events: &mpsc::Sender<RunEvent>,
    cancel: &CancellationToken,
) -> Result<(Finished, bool), Lost> {
    let mut state = Drive { worker, limits, events, output: Output::default(), part: None };
    if state.ask(request).await.is_err() {
        return Err(Lost);
    }
    let deadline = Instant::now() + limits.wall;
    let mut open = [true, true];
    let mut buffers = [Vec::with_capacity(16 << 10), Vec::with_capacity(16 << 10)];
    loop {
        match state.step(deadline, cancel, &mut open, &mut buffers).await {
            Step::Printed(stream, 0) => open[stream as usize] = false,
            Step::Printed(stream, _) => {
                let bytes = std::mem::take(&mut buffers[stream as usize]);
                if state.print(stream, &bytes).await.is_err() {
                    return Ok((finished(state.stop(Stop::Output).await), false));
                }
            }
            Step::Message(Ok(FromWorker::Part(part))) => state.show(*part).await,
            Step::Message(Ok(FromWorker::Result(result))) => {
                state.drain().await;
                return Ok(state.result(*result).await);
            }
            Step::Message(Ok(FromWorker::Ready { .. })) => {}
            Step::Message(Err(error)) => {
                let outcome = state.died(error).await?;
                state.drain().await;
                return Ok((finished(outcome), false));
            }
            Step::Stop(stop) => {
                let outcome = state.stop(stop).await;
                state.drain().await;
                return Ok((finished(outcome), false));
            }
        }
    }
}

fn finished(outcome: Outcome) -> Finished {
    Finished { outcome, artifacts: Vec::new() }
}

struct Drive<'a> {
    worker: &'a mut Worker,
    limits: &'a RunLimits,
    events: &'a mpsc::Sender<RunEvent>,
    output: Output,
    part: Option<Part>,
}

/// The program printed more than it may.
struct TooMuch;

impl Drive<'_> {
    async fn ask(&mut self, request: &RunRequest) -> Result<(), FrameError> {
        let formats: Vec<Format> =
            request.formats.iter().copied().filter(|&format| format != Format::Scene).collect();
        let message = ToWorker::Run {
            version: VERSION,
            run: &self.worker.id.clone(),
            program: request.program.as_str(),
            parameters: &request.parameters,
            formats: &formats,
            mesh: request.mesh,
            limits: WorkerLimits {
                cpu_seconds: self.limits.cpu_seconds,
                faces: self.limits.faces,
                bodies: self.limits.bodies,
                result_bytes: self.limits.result_bytes,
            },
            check: request.check,
        };
        self.worker.send(&message).await
    }

    async fn step(
        &mut self,
        deadline: Instant,
        cancel: &CancellationToken,
        open: &mut [bool; 2],
        buffers: &mut [Vec<u8>; 2],
    ) -> Step {
        let Worker { control, reader, stdout, stderr, .. } = &mut *self.worker;
        let [out, err] = buffers;
        let allowed = usize::try_from(RUN_RESULT_BYTES_MAX).unwrap_or(usize::MAX);
        tokio::select! {
            () = cancel.cancelled() => Step::Stop(Stop::Cancelled),
            () = tokio::time::sleep_until(deadline) => Step::Stop(Stop::Wall),
            read = stdout.read_buf(out), if open[0] => Step::Printed(Stream::Stdout, read.unwrap_or(0)),
            read = stderr.read_buf(err), if open[1] => Step::Printed(Stream::Stderr, read.unwrap_or(0)),
            message = reader.next(control, allowed) => Step::Message(message),
        }
    }

    async fn print(&mut self, stream: Stream, bytes: &[u8]) -> Result<(), TooMuch> {
        for line in self.output.take(stream, bytes) {
            // A listener that went away does not stop a run.
            let _ = self.events.send(RunEvent::Line(line)).await;
        }
        if self.output.total_bytes > self.limits.output_bytes { Err(TooMuch) } else { Ok(()) }
    }

    /// What is still in the pipes, and the tail that was held back.
    async fn drain(&mut self) {
        let mut bytes = vec![0; 64 << 10];
        for stream in [Stream::Stdout, Stream::Stderr] {
            while let count @ 1.. = self.worker.left(stream, &mut bytes) {
                if self.print(stream, &bytes[..count]).await.is_err() {
                    break;
                }
            }
        }
        for line in self.output.finish() {
            let _ = self.events.send(RunEvent::Line(line)).await;
        }
    }

    async fn show(&mut self, message: PartMessage) {
        let part = Part {
            kind: message.kind,
            measures: message.measures,
            warnings: message.warnings,
            declared: message.parameters,
        };
        let artifacts = match self.collect(&message.files) {
            Ok(artifacts) => artifacts,
            Err(refusal) => {
                tracing::warn!(refusal, "a file of a part was not taken over");
                Vec::new()
            }
        };
        self.part = Some(part.clone());
        let _ = self.events.send(RunEvent::Part { part: Box::new(part), artifacts }).await;
    }

    async fn result(mut self, message: ResultMessage) -> (Finished, bool) {
        let outcome = match message {
            ResultMessage::Built { files, phases, warnings } => {
                return self.built(&files, phases, warnings).await;
            }
            ResultMessage::Raised { error } => Outcome::Raised(error),
            ResultMessage::Refused { limit, message } => Outcome::Refused { limit, message },
            ResultMessage::OutOfMemory => {
                Outcome::OutOfMemory { allowed_bytes: self.limits.address_space_bytes }
            }
        };
        (finished(outcome), false)
    }

    async fn built(
        &mut self,
        files: &BTreeMap<Format, String>,
        phases: crate::domain::outcome::Phases,
        warnings: Vec<crate::domain::measure::Warning>,
    ) -> (Finished, bool) {
        let Some(mut part) = self.part.take() else {
            // Only a program that writes to our descriptor can get here.
            return (finished(self.stop(Stop::Cancelled).await).crashed(), false);
        };
        for warning in warnings {
            if !part.warnings.contains(&warning) {
                part.warnings.push(warning);
            }
        }
        match self.collect(files) {
            Ok(artifacts) => (Finished { outcome: Outcome::Built { part, phases }, artifacts }, true),
            Err(message) => (finished(Outcome::Refused { limit: "file_size".into(), message }), false),
        }
    }

    /// Opens the files a worker says it left. The names it gives are not used, only the closed set of ours.
    fn collect(&self, files: &BTreeMap<Format, String>) -> Result<Vec<Artifact>, String> {
        let mut artifacts = Vec::new();
        for &format in files.keys() {
            let opened = self.worker.scratch.open(format.scratch_file(), self.limits.file_bytes);
            match opened {
                Ok(file) => artifacts.push(Artifact { format, file }),
                Err(error) => return Err(format!("The {format} file could not be taken over: {error}")),
            }
        }
        Ok(artifacts)
    }

    /// Ends the process ourselves, and waits until the kernel says that it has.
    async fn stop(&mut self, stop: Stop) -> Outcome {
        self.worker.kill();
        let _ = self.worker.ended().await;
        match stop {
            Stop::Cancelled => Outcome::Cancelled,
            Stop::Wall => Outcome::TimedOut { clock: Clock::Wall, seconds: self.limits.wall.as_secs() },
            Stop::Output => {
                let mib = self.limits.output_bytes >> 20;
                Outcome::Refused {
                    limit: "output".into(),
                    message: format!("The program printed more than {mib} MiB and was stopped"),
                }
            }
        }
    }

    /// The channel closed or spoke nonsense: what happened to the process?
    async fn died(&mut self, error: FrameError) -> Result<Outcome, Lost> {
        if let FrameError::TooLong { bytes, .. } = error {
            self.stop(Stop::Cancelled).await;
            return Ok(Outcome::Refused {
                limit: "result_bytes".into(),
                message: format!("The part's description has {bytes} bytes, which is more than is taken"),
            });
        }
        if let FrameError::Malformed(reason) = &error {
            tracing::warn!(%reason, "a worker's message could not be read");
        }
        // A process that closed its channel but lives on is ended; its own death is told apart from ours.
        let quick = std::time::Duration::from_millis(200);
        let Some(exited) = tokio::time::timeout(quick, self.worker.ended()).await.ok().flatten() else {
            if self.worker.is_orphaned() {
                return Err(Lost);
            }
            self.stop(Stop::Cancelled).await;
            return Ok(Outcome::Crashed { signal: None, code: None });
        };
        tracing::debug!(?exited, "a worker ended on its own");
        let xcpu = Signal::XCPU.as_raw();
        let starved = exited.signal == Some(Signal::KILL.as_raw())
            || exited.max_rss_bytes > self.limits.address_space_bytes / 10 * 9;
        Ok(match exited.signal {
            Some(signal) if signal == xcpu => {
                Outcome::TimedOut { clock: Clock::Cpu, seconds: self.limits.cpu_seconds }
            }
            // Nobody but the kernel's memory killer ends our workers with this signal.
            Some(_) if starved => Outcome::OutOfMemory { allowed_bytes: self.limits.address_space_bytes },
            signal => Outcome::Crashed { signal, code: exited.code },
        })
    }
}

impl Finished {
    fn crashed(mut self) -> Self {
        self.outcome = Outcome::Crashed { signal: None, code: None };
        self
    }
}
