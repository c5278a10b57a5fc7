//! A worker's host side: one caged process that warms itself and then serves runs of one program.

use std::os::fd::OwnedFd;
use std::sync::Arc;
use std::time::Instant;

use rustix::process::{Pid, Signal};
use tokio::net::UnixStream;
use tokio::net::unix::pipe;
use tokio::sync::watch;

use super::frames::{self, FrameError, FrameReader};
use super::output::Stream;
use super::protocol::{Exited, FromWorker, Rlimits, VERSION};
use super::scratch::{Scratch, ScratchRoot};
use super::zygote::{WorkerEnds, Zygote, ZygoteError};
use crate::domain::limits::{RunLimits, WORKER_EXIT_WAIT, WORKER_READY_WAIT};

/// A warmed process that waits for a program. Dropping it kills it and removes its folder.
pub(super) struct Worker {
    pub(super) id: String,
    pid: i32,
    pidfd: OwnedFd,
    pub(super) control: UnixStream,
    pub(super) reader: FrameReader,
    pub(super) stdout: pipe::Receiver,
    pub(super) stderr: pipe::Receiver,
    exit: watch::Receiver<Option<Exited>>,
    pub(super) scratch: Scratch,
    pub(super) warm_ms: f64,
    /// Its parent lives at least as long.
    zygote: Arc<Zygote>,
}

impl Worker {
    /// Forks a worker and waits until it is warm.
    pub(super) async fn start(
        zygote: Arc<Zygote>,
        root: &ScratchRoot,
        id: String,
        limits: &RunLimits,
    ) -> Result<Self, ZygoteError> {
        let scratch = root.worker(&id)?;
        let (ours, theirs) = std::os::unix::net::UnixStream::pair()?;
        ours.set_nonblocking(true)?;
        let (stdout, stdout_end) = output_pipe()?;
        let (stderr, stderr_end) = output_pipe()?;
        let rlimits = Rlimits {
            address_space_bytes: limits.address_space_bytes,
            file_size_bytes: limits.file_bytes,
            open_files: limits.open_files,
        };
        let ends = WorkerEnds { control: theirs.into(), stdout: stdout_end, stderr: stderr_end };
        let forked = zygote.fork(&id, scratch.path(), rlimits, ends).await?;
        let mut worker = Self {
            id,
            pid: forked.pid,
            pidfd: forked.pidfd,
            control: UnixStream::from_std(ours)?,
            reader: FrameReader::default(),
            stdout,
            stderr,
            exit: forked.exit,
            scratch,
            warm_ms: 0.0,
            zygote,
        };
        worker.warm_ms = worker.wait_until_warm().await?;
        Ok(worker)
    }

    async fn wait_until_warm(&mut self) -> Result<f64, ZygoteError> {
        let waiting = self.reader.next::<FromWorker>(&mut self.control, 4096);
        let message = match tokio::time::timeout(WORKER_READY_WAIT, waiting).await {
            Ok(Ok(message)) => message,
            Ok(Err(error)) => return Err(self.not_warm(&error)),
            Err(_) => {
                let seconds = WORKER_READY_WAIT.as_secs();
                return Err(ZygoteError::Silent { seconds, said: self.last_words() });
            }
        };
        match message {
            FromWorker::Ready { version, warm_ms, .. } if version == VERSION => Ok(warm_ms),
            FromWorker::Ready { version, .. } => Err(ZygoteError::Version { theirs: version }),
            FromWorker::Part(_) | FromWorker::Result(_) => {
                Err(ZygoteError::Refused { message: "a worker answered before it was asked".into() })
            }
        }
    }

    fn not_warm(&self, error: &FrameError) -> ZygoteError {
        ZygoteError::Refused {
            message: format!("a worker could not warm itself ({error}): {}", self.last_words()),
        }
    }

    /// Takes what it has printed so far and nobody has read; returns how many bytes that is, without waiting for more.
    pub(super) fn left(&self, stream: Stream, bytes: &mut [u8]) -> usize {
        match stream {
            Stream::Stdout => read_now(&self.stdout, bytes),
            Stream::Stderr => read_now(&self.stderr, bytes),
        }
    }

    fn last_words(&self) -> String {
        let mut bytes = [0; 4096];
        let count = self.left(Stream::Stderr, &mut bytes);
        let text = String::from_utf8_lossy(&bytes[..count]);
        text.trim().lines().last().unwrap_or("it said nothing").to_owned()
    }

    pub(super) async fn send<T: serde::Serialize>(&mut self, message: &T) -> Result<(), FrameError> {
        frames::write(&mut self.control, message).await
    }

    pub(super) fn is_alive(&self) -> bool {
        self.exit.borrow().is_none() && self.exit.has_changed().is_ok()
    }

    /// Whether its zygote is gone, and it therefore too.
    pub(super) fn is_orphaned(&self) -> bool {
        self.zygote.is_gone()
    }

    /// Ends the process, and whatever it may have started in its own session, now.
    pub(super) fn kill(&self) {
        let _ = rustix::process::pidfd_send_signal(&self.pidfd, Signal::KILL);
        // The worker leads its process group; the pid cannot be reused before the zygote has reaped it.
        if self.is_alive()
            && let Some(group) = Pid::from_raw(self.pid)
        {
            let _ = rustix::process::kill_process_group(group, Signal::KILL);
        }
    }

    /// How the kernel says it ended; `None` when it still lives after the wait or the zygote is gone.
    pub(super) async fn ended(&mut self) -> Option<Exited> {
        let deadline = Instant::now() + WORKER_EXIT_WAIT;
        let told = tokio::time::timeout_at(deadline.into(), self.exit.wait_for(Option::is_some)).await;
        told.ok()?.ok()?.clone()
    }
}

impl Drop for Worker {
    fn drop(&mut self) {
        self.kill();
    }
}

/// Our end of a pipe, and the end for the worker.
fn output_pipe() -> std::io::Result<(pipe::Receiver, OwnedFd)> {
    let (read, write) = rustix::pipe::pipe_with(rustix::pipe::PipeFlags::CLOEXEC)?;
    Ok((pipe::Receiver::from_owned_fd(read)?, write))
}

/// Reads what lies in a pipe now, past tokio: its `try_read` trusts what the reactor has seen so far, and a result may
/// overtake the news of the lines that were printed before it.
fn read_now(pipe: &pipe::Receiver, bytes: &mut [u8]) -> usize {
    rustix::io::read(pipe, bytes).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use std::fs::File;
    use std::io::{ErrorKind, Write};

    use super::*;

    #[tokio::test]
    async fn what_was_printed_is_read_before_the_reactor_has_heard_of_it() {
        let (pipe, writing) = output_pipe().unwrap();
        File::from(writing).write_all(b"hello").unwrap();
        let mut bytes = [0; 16];
        // No await since the write: tokio cannot know of it yet.
        assert_eq!(pipe.try_read(&mut bytes).unwrap_err().kind(), ErrorKind::WouldBlock);
        let count = read_now(&pipe, &mut bytes);
        assert_eq!(&bytes[..count], b"hello");
        assert_eq!(read_now(&pipe, &mut bytes), 0, "nothing is left, and nothing is waited for");
    }
}
