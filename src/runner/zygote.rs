//! The zygote's host side: starts the bundled Python, asks it for forks, and learns from it how workers ended.
//!
//! The only file that starts a process. The zygote imports and forks, it never computes; its socket is its stdin, and
//! when that closes it kills its workers and leaves, so a killed appliance leaves nothing behind.

use std::collections::{HashMap, VecDeque};
use std::ffi::OsString;
use std::io::{IoSlice, IoSliceMut};
use std::mem::MaybeUninit;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::path::Path;
use std::process::Stdio;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use rustix::net::{
    AddressFamily, RecvAncillaryBuffer, RecvAncillaryMessage, RecvFlags, SendAncillaryBuffer,
    SendAncillaryMessage, SendFlags, SocketFlags, SocketType,
};
use tokio::io::{AsyncBufReadExt, AsyncRead, BufReader, Interest};
use tokio::net::UnixDatagram;
use tokio::process::{Child, Command};
use tokio::sync::{oneshot, watch};

use super::protocol::{Exited, FromZygote, Hello, Rlimits, ToZygote, VERSION};
use crate::domain::limits::{FORK_WAIT, ZYGOTE_HELLO_WAIT, ZYGOTE_MESSAGE_BYTES_MAX, ZYGOTE_STDERR_LINES};

/// How to start the runtime's Python: program, arguments before ours, and its whole environment.
#[derive(Clone, Debug)]
pub struct Launch {
    pub program: OsString,
    pub arguments: Vec<OsString>,
    pub environment: Vec<(OsString, OsString)>,
}

/// The zygote does not do what it is for.
#[derive(Debug, thiserror::Error)]
pub(super) enum ZygoteError {
    #[error("Cannot start the Python runtime `{program}`")]
    Start {
        program: String,
        #[source]
        source: std::io::Error,
    },
    #[error("The Python runtime ended: {said}")]
    Gone { said: String },
    #[error("The Python runtime did not answer within {seconds} s: {said}")]
    Silent { seconds: u64, said: String },
    #[error("The Python runtime speaks version {theirs} of the protocol, this program {VERSION}")]
    Version { theirs: u32 },
    #[error("The Python runtime refused to fork: {message}")]
    Refused { message: String },
    #[error("Talking to the Python runtime failed")]
    Io(#[from] std::io::Error),
}

/// A worker as the kernel knows it.
pub(super) struct Forked {
    pub(super) pid: i32,
    pub(super) pidfd: OwnedFd,
    pub(super) exit: watch::Receiver<Option<Exited>>,
}

/// The descriptors a worker is born with.
pub(super) struct WorkerEnds {
    pub(super) control: OwnedFd,
    pub(super) stdout: OwnedFd,
    pub(super) stderr: OwnedFd,
}

type ForkAnswer = oneshot::Sender<Result<(i32, OwnedFd), ZygoteError>>;

#[derive(Default)]
struct Ledger {
    forks: HashMap<String, ForkAnswer>,
    exits: HashMap<String, watch::Sender<Option<Exited>>>,
    gone: bool,
}

/// A running zygote. Dropping it closes its socket, which ends it and its workers.
pub(super) struct Zygote {
    socket: Arc<UnixDatagram>,
    ledger: Arc<Mutex<Ledger>>,
    said: Arc<Mutex<VecDeque<String>>>,
    pub(super) hello: Hello,
    reader: tokio::task::JoinHandle<()>,
}

impl Drop for Zygote {
    fn drop(&mut self) {
        // The reader task owns the child and the other handle of the socket.
        let _ = rustix::net::shutdown(&self.socket, rustix::net::Shutdown::Both);
        self.reader.abort();
    }
}

impl Zygote {
    /// Starts the runtime and waits until it has imported build123d.
    pub(super) async fn start(launch: &Launch, folder: &Path) -> Result<Self, ZygoteError> {
        let flags = SocketFlags::CLOEXEC | SocketFlags::NONBLOCK;
        let (ours, theirs) = rustix::net::socketpair(AddressFamily::UNIX, SocketType::SEQPACKET, flags, None)
            .map_err(std::io::Error::from)?;
        // The Python side reads with a blocking poll loop of its own.
        rustix::io::ioctl_fionbio(&theirs, false).map_err(std::io::Error::from)?;
        let mut child = spawn(launch, folder, theirs)?;
        let said = Arc::new(Mutex::new(VecDeque::new()));
        listen(child.stdout.take(), &said);
        listen(child.stderr.take(), &said);
        // Packets with descriptors need `sendmsg`; the datagram type only lends its readiness to it.
        let socket = Arc::new(UnixDatagram::from_std(ours.into())?);
        let ledger = Arc::new(Mutex::new(Ledger::default()));
        let (hello_tx, hello_rx) = oneshot::channel();
        let reader = tokio::spawn(read_loop(socket.clone(), ledger.clone(), hello_tx, child));
        let starting = StartGuard(Some(reader));
        let hello = match tokio::time::timeout(ZYGOTE_HELLO_WAIT, hello_rx).await {
            Ok(Ok(hello)) => hello,
            Ok(Err(_)) => {
                // Its last words arrive on another pipe, a moment later.
                tokio::time::sleep(std::time::Duration::from_millis(50)).await;
                return Err(ZygoteError::Gone { said: last_words(&said) });
            }
            Err(_) => {
                let seconds = ZYGOTE_HELLO_WAIT.as_secs();
                return Err(ZygoteError::Silent { seconds, said: last_words(&said) });
            }
        };
        if hello.version != VERSION {
            return Err(ZygoteError::Version { theirs: hello.version });
        }
        let reader = starting.keep();
        Ok(Self { socket, ledger, said, hello, reader })
    }

    pub(super) fn is_gone(&self) -> bool {
        lock(&self.ledger).gone
    }

    /// Asks for one worker.
    pub(super) async fn fork(
        &self,
        worker: &str,
        scratch: &Path,
        rlimits: Rlimits,
        ends: WorkerEnds,
    ) -> Result<Forked, ZygoteError> {
        let (answer_tx, answer_rx) = oneshot::channel();
        let (exit_tx, exit_rx) = watch::channel(None);
        {
            let mut ledger = lock(&self.ledger);
            if ledger.gone {
                return Err(ZygoteError::Gone { said: last_words(&self.said) });
            }
            ledger.forks.insert(worker.to_owned(), answer_tx);
            ledger.exits.insert(worker.to_owned(), exit_tx);
        }
        let scratch = scratch.to_string_lossy();
        let request = ToZygote::Fork { version: VERSION, worker, scratch: &scratch, rlimits };
        let asked = self.ask(&request, &ends).await;
        drop(ends);
        let answer = match asked {
            Ok(()) => tokio::time::timeout(FORK_WAIT, answer_rx).await,
            Err(error) => Ok(Ok(Err(error.into()))),
        };
        let result = match answer {
            Ok(Ok(Ok((pid, pidfd)))) => return Ok(Forked { pid, pidfd, exit: exit_rx }),
            Ok(Ok(Err(error))) => Err(error),
            Ok(Err(_)) => Err(ZygoteError::Gone { said: last_words(&self.said) }),
            Err(_) => {
                let seconds = FORK_WAIT.as_secs();
                Err(ZygoteError::Silent { seconds, said: last_words(&self.said) })
            }
        };
        let mut ledger = lock(&self.ledger);
        ledger.forks.remove(worker);
        ledger.exits.remove(worker);
        result
    }

    async fn ask(&self, request: &ToZygote<'_>, ends: &WorkerEnds) -> std::io::Result<()> {
        let packet = serde_json::to_vec(request)?;
        let fds = [ends.control.as_fd(), ends.stdout.as_fd(), ends.stderr.as_fd()];
        loop {
            self.socket.writable().await?;
            let send = || send(self.socket.as_fd(), &packet, &fds);
            match self.socket.try_io(Interest::WRITABLE, send) {
                Err(error) if error.kind() == std::io::ErrorKind::WouldBlock => {}
                result => return result,
            }
        }
    }
}

/// Ends the reader, and with it the child, when a start fails or is given up.
struct StartGuard(Option<tokio::task::JoinHandle<()>>);

impl StartGuard {
    #[expect(clippy::expect_used, reason = "`keep` consumes the guard, so the handle is always there")]
    fn keep(mut self) -> tokio::task::JoinHandle<()> {
        self.0.take().expect("the handle is taken once")
    }
}

impl Drop for StartGuard {
    fn drop(&mut self) {
        if let Some(reader) = &self.0 {
            reader.abort();
        }
    }
}

fn spawn(launch: &Launch, folder: &Path, socket: OwnedFd) -> Result<Child, ZygoteError> {
    Command::new(&launch.program)
        .args(&launch.arguments)
        .env_clear()
        .envs(launch.environment.iter().cloned())
        // What libraries write at home goes with the scratch folder.
        .env("HOME", folder)
        .env("TMPDIR", folder)
        .current_dir(folder)
        .stdin(Stdio::from(socket))
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        // A Ctrl+C in the terminal is for us; we end the zygote in order.
        .process_group(0)
        .kill_on_drop(true)
        .spawn()
        .map_err(|source| ZygoteError::Start {
            program: launch.program.to_string_lossy().into_owned(),
            source,
        })
}

/// Keeps the last lines a child printed; they explain its death.
fn listen(pipe: Option<impl AsyncRead + Unpin + Send + 'static>, said: &Arc<Mutex<VecDeque<String>>>) {
    let Some(pipe) = pipe else { return };
    let said = said.clone();
    tokio::spawn(async move {
        let mut lines = BufReader::new(pipe).lines();
        while let Ok(Some(line)) = lines.next_line().await {
            tracing::debug!(target: "zygote", "{line}");
            let mut said = lock(&said);
            if said.len() == ZYGOTE_STDERR_LINES {
                said.pop_front();
            }
            said.push_back(line);
        }
    });
}

fn last_words(said: &Mutex<VecDeque<String>>) -> String {
    let said = lock(said);
    match said.iter().rev().find(|line| !line.trim().is_empty()) {
        Some(line) => line.trim().to_owned(),
        None => "it said nothing".to_owned(),
    }
}

async fn read_loop(
    socket: Arc<UnixDatagram>,
    ledger: Arc<Mutex<Ledger>>,
    hello: oneshot::Sender<Hello>,
    mut child: Child,
) {
    let mut hello = Some(hello);
    loop {
        let received = match socket.readable().await {
            Ok(()) => socket.try_io(Interest::READABLE, || receive(socket.as_fd())),
            Err(error) => Err(error),
        };
        match received {
            Err(error) if error.kind() == std::io::ErrorKind::WouldBlock => {}
            Ok(Some((message, pidfd))) => note(&ledger, &mut hello, message, pidfd),
            Ok(None) => break,
            Err(error) => {
                tracing::warn!(%error, "the runner's zygote sent what is no message");
                break;
            }
        }
    }
    {
        let mut ledger = lock(&ledger);
        ledger.gone = true;
        ledger.forks.clear();
        ledger.exits.clear();
    }
    let _ = child.kill().await;
}

fn note(
    ledger: &Mutex<Ledger>,
    hello: &mut Option<oneshot::Sender<Hello>>,
    message: FromZygote,
    pidfd: Option<OwnedFd>,
) {
    let mut ledger = lock(ledger);
    match message {
        FromZygote::Hello(said) => {
            if let Some(hello) = hello.take() {
                let _ = hello.send(said);
            }
        }
        FromZygote::Forked { worker, pid } => {
            if let (Some(answer), Some(pidfd)) = (ledger.forks.remove(&worker), pidfd) {
                let _ = answer.send(Ok((pid, pidfd)));
            }
        }
        FromZygote::Exited(exited) => {
            if let Some(exit) = ledger.exits.remove(&exited.worker) {
                exit.send_replace(Some(exited));
            }
        }
        FromZygote::Error { worker, message } => {
            tracing::warn!(?worker, message, "the runner's zygote reports an error");
            if let Some(answer) = worker.and_then(|worker| ledger.forks.remove(&worker)) {
                let _ = answer.send(Err(ZygoteError::Refused { message }));
            }
        }
    }
}

fn send(socket: BorrowedFd<'_>, packet: &[u8], fds: &[BorrowedFd<'_>]) -> std::io::Result<()> {
    let mut space = [MaybeUninit::uninit(); rustix::cmsg_space!(ScmRights(3))];
    let mut ancillary = SendAncillaryBuffer::new(&mut space);
    if !ancillary.push(SendAncillaryMessage::ScmRights(fds)) {
        return Err(std::io::Error::other("too many descriptors for one message"));
    }
    rustix::net::sendmsg(socket, &[IoSlice::new(packet)], &mut ancillary, SendFlags::NOSIGNAL)?;
    Ok(())
}

/// One packet and the descriptor that may come with it; `None` at the end.
fn receive(socket: BorrowedFd<'_>) -> std::io::Result<Option<(FromZygote, Option<OwnedFd>)>> {
    let mut packet = vec![0; ZYGOTE_MESSAGE_BYTES_MAX];
    let mut space = [MaybeUninit::uninit(); rustix::cmsg_space!(ScmRights(1))];
    let mut ancillary = RecvAncillaryBuffer::new(&mut space);
    let received = rustix::net::recvmsg(
        socket,
        &mut [IoSliceMut::new(&mut packet)],
        &mut ancillary,
        RecvFlags::CMSG_CLOEXEC | RecvFlags::DONTWAIT,
    )?;
    if received.bytes == 0 {
        return Ok(None);
    }
    let pidfd = ancillary.drain().find_map(|message| match message {
        RecvAncillaryMessage::ScmRights(mut fds) => fds.next(),
        _ => None,
    });
    let message = serde_json::from_slice(&packet[..received.bytes])?;
    Ok(Some((message, pidfd)))
}

/// These locks guard plain tables; one that was poisoned by a panic elsewhere still holds a usable table.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
