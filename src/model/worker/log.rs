//! llama.cpp's log. Errors are only ever told there, so the last of them are kept; everything goes on to stderr, where the host keeps it.

use std::collections::VecDeque;
use std::fmt::Write as _;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tracing::field::{Field, Visit};
use tracing::{Event, Level, Subscriber};
use tracing_subscriber::Layer;
use tracing_subscriber::layer::Context;

const KEPT: usize = 12;

/// The last errors of the log; cheap to clone.
#[derive(Clone, Default)]
pub(super) struct LastWords {
    lines: Arc<Mutex<VecDeque<String>>>,
}

impl LastWords {
    pub(super) fn forget(&self) {
        self.lock().clear();
    }

    /// The first error since `forget` says most: those after it follow from it.
    pub(super) fn of_an_error(&self) -> Option<String> {
        let lines = self.lock();
        let line = lines.front()?;
        // `llama_model_load: error loading model: tensor ... is corrupted`
        let reason = line.rsplit_once("error loading model: ").map_or(line.as_str(), |(_, reason)| reason);
        Some(reason.trim().to_owned())
    }

    fn lock(&self) -> MutexGuard<'_, VecDeque<String>> {
        self.lines.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<S: Subscriber> Layer<S> for LastWords {
    fn on_event(&self, event: &Event<'_>, _: Context<'_, S>) {
        if *event.metadata().level() > Level::ERROR {
            return;
        }
        let mut message = Message(String::new());
        event.record(&mut message);
        let mut lines = self.lock();
        if lines.len() < KEPT && !message.0.trim().is_empty() {
            lines.push_back(message.0);
        }
    }
}

struct Message(String);

impl Visit for Message {
    fn record_str(&mut self, field: &Field, value: &str) {
        if field.name() == "message" {
            value.clone_into(&mut self.0);
        }
    }

    fn record_debug(&mut self, field: &Field, value: &dyn std::fmt::Debug) {
        if field.name() == "message" {
            let _ = write!(self.0, "{value:?}");
        }
    }
}
