//! The child process that owns llama.cpp: the same binary with a hidden subcommand. Frames on stdin and stdout, the log on stderr, no socket.
//!
//! One thread owns backend, model and context and takes one question at a time. Another reads stdin: it sets the cancel flag, answers pings, and
//! ends the process when the host is gone, whatever llama.cpp is doing.

pub mod bench;
mod candidate;
mod constraint;
mod engine;
mod generate;
mod log;
mod lookup;
mod sample;
mod states;
mod text;

#[cfg(test)]
mod tests;

use std::fs::File;
use std::io::{self, Read, Write};
use std::process::ExitCode;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError, mpsc};

use tracing_subscriber::Layer;
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;

use super::wire::{FromWorker, Generate, Load, Problem, ToWorker, VERSION};
use crate::domain::limits::MODEL_MESSAGE_BYTES_MAX;
use engine::Engine;
use generate::Ears;
use log::LastWords;

/// The way back to the host; whole frames only, from either thread.
#[derive(Clone)]
struct Mouth {
    out: Arc<Mutex<File>>,
}

impl Mouth {
    /// A host that is gone is noticed by the reader.
    fn say(&self, message: &FromWorker) {
        let Ok(json) = serde_json::to_vec(message) else { return };
        let Ok(length) = u32::try_from(json.len()) else { return };
        let mut out = self.out.lock().unwrap_or_else(PoisonError::into_inner);
        let _ = out.write_all(&length.to_le_bytes()).and_then(|()| out.write_all(&json));
    }
}

struct Listener {
    mouth: Mouth,
    /// The highest number of an answer that nobody wants any more.
    cancelled: Arc<AtomicU64>,
    id: u64,
}

impl Ears for Listener {
    fn tell(&self, message: FromWorker) {
        self.mouth.say(&message);
    }

    fn cancelled(&self) -> bool {
        self.cancelled.load(Ordering::Relaxed) >= self.id
    }
}

/// The worker's whole life.
pub fn main() -> ExitCode {
    let words = LastWords::default();
    let stderr = tracing_subscriber::fmt::layer().with_writer(io::stderr).without_time().with_ansi(false);
    let filter = tracing_subscriber::EnvFilter::new("warn");
    tracing_subscriber::registry().with(words.clone()).with(stderr.with_filter(filter)).init();
    llama_cpp_2::send_logs_to_tracing(llama_cpp_2::LogOptions::default().with_logs_enabled(true));
    // When memory runs out, this process goes first: the appliance outlives it.
    let _ = std::fs::write("/proc/self/oom_score_adj", "800");
    let Ok(mouth) = private_stdout() else { return ExitCode::FAILURE };
    mouth.say(&FromWorker::Hello { version: VERSION, devices: super::devices() });
    let cancelled = Arc::new(AtomicU64::new(0));
    let (asked, asks) = mpsc::channel();
    let listening = (mouth.clone(), cancelled.clone());
    std::thread::spawn(move || listen(&listening.0, &listening.1, &asked));
    let mut engine = None;
    while let Ok(ask) = asks.recv() {
        match ask {
            Ask::Load(load) => engine = load_model(&load, &words, &mouth),
            Ask::Generate(ask) => {
                let listener = Listener { mouth: mouth.clone(), cancelled: cancelled.clone(), id: ask.id };
                let done = match &mut engine {
                    Some(engine) => generate::generate(engine, &ask, &listener),
                    None => Err(Problem::Load { reason: "no model is loaded".into() }),
                };
                mouth.say(&match done {
                    Ok(answer) => FromWorker::Done { id: ask.id, answer },
                    Err(problem) => FromWorker::Refused { id: ask.id, problem },
                });
            }
        }
    }
    ExitCode::SUCCESS
}

enum Ask {
    Load(Load),
    Generate(Box<Generate>),
}

fn load_model(load: &Load, words: &LastWords, mouth: &Mouth) -> Option<Engine> {
    let progress = mouth.clone();
    let mut last = u64::MAX;
    let loaded = Engine::load(load, words, move |done| {
        if done != last {
            last = done;
            progress.say(&FromWorker::Progress { what: "Loading the model".into(), done, total: 1000 });
        }
        true
    });
    match loaded {
        Ok((engine, facts)) => {
            mouth.say(&FromWorker::Loaded(facts));
            Some(engine)
        }
        Err(problem) => {
            mouth.say(&FromWorker::Refused { id: 0, problem });
            None
        }
    }
}

/// Reads frames until the host is gone, then ends the process.
fn listen(mouth: &Mouth, cancelled: &AtomicU64, asked: &mpsc::Sender<Ask>) {
    let mut input = io::stdin().lock();
    while let Ok(message) = frame(&mut input) {
        let sent = match message {
            ToWorker::Load(load) => asked.send(Ask::Load(load)),
            ToWorker::Generate(ask) => asked.send(Ask::Generate(ask)),
            ToWorker::Cancel { id } => {
                cancelled.fetch_max(id, Ordering::Relaxed);
                Ok(())
            }
            ToWorker::Ping { n } => {
                mouth.say(&FromWorker::Pong { n });
                Ok(())
            }
        };
        if sent.is_err() {
            break;
        }
    }
    #[expect(
        clippy::exit,
        reason = "llama.cpp may be in the middle of a long call that nobody waits for any more"
    )]
    std::process::exit(0);
}

fn frame(input: &mut impl Read) -> io::Result<ToWorker> {
    let mut length = [0; 4];
    input.read_exact(&mut length)?;
    let length = u32::from_le_bytes(length) as usize;
    if length > MODEL_MESSAGE_BYTES_MAX {
        return Err(io::Error::other("the frame is too long"));
    }
    let mut json = vec![0; length];
    input.read_exact(&mut json)?;
    serde_json::from_slice(&json).map_err(io::Error::other)
}

/// Keeps stdout for frames; whatever a library prints there goes to stderr.
fn private_stdout() -> io::Result<Mouth> {
    let out = File::from(rustix::io::fcntl_dupfd_cloexec(rustix::stdio::stdout(), 3)?);
    rustix::stdio::dup2_stdout(rustix::stdio::stderr())?;
    Ok(Mouth { out: Arc::new(Mutex::new(out)) })
}
