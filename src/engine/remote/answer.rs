//! An answer as its events come in: text, end, tokens and seconds. No I/O.

use std::time::Instant;

use super::wire::{Chunk, Counted, Timings, clipped};
use super::{End, Error, RemoteAnswer};
use crate::domain::generation::Usage;
use crate::domain::limits::REMOTE_ANSWER_BYTES_MAX;

pub(super) struct Answer {
    text: String,
    model: String,
    constrained: bool,
    end: Option<End>,
    /// The server said that nothing more comes, or nobody wants more.
    over: bool,
    tokens: Option<Counted>,
    timings: Timings,
    /// Pieces of text; each is a token, nearly always.
    pieces: u64,
    asked: Instant,
    first: Option<Instant>,
}

impl Default for Answer {
    fn default() -> Self {
        Self {
            text: String::new(),
            model: String::new(),
            constrained: false,
            end: None,
            over: false,
            tokens: None,
            timings: Timings::default(),
            pieces: 0,
            asked: Instant::now(),
            first: None,
        }
    }
}

impl Answer {
    /// The question goes out now.
    pub(super) fn begin(&mut self, model: &str, constrained: bool) {
        model.clone_into(&mut self.model);
        self.constrained = constrained;
        self.asked = Instant::now();
    }

    /// Takes the data of an event and gives the text in it.
    pub(super) fn take(&mut self, data: &str) -> Result<Option<String>, Error> {
        if data.trim() == "[DONE]" {
            self.over = true;
            self.end.get_or_insert(End::Stopped);
            return Ok(None);
        }
        let chunk: Chunk = serde_json::from_str(data)
            .map_err(|error| Error::Unreadable(format!("{error} in `{}`", clipped(data))))?;
        if let Some(complaint) = chunk.complaint.text() {
            return Err(Error::Reported(complaint));
        }
        if let Some(tokens) = chunk.usage {
            self.tokens = Some(tokens);
        }
        if let Some(timings) = chunk.timings {
            self.timings = timings;
        }
        let Some(choice) = chunk.choices.unwrap_or_default().into_iter().next() else { return Ok(None) };
        if let Some(reason) = choice.finish_reason {
            self.end = Some(if reason == "length" { End::Length } else { End::Stopped });
        }
        let piece = choice.delta.and_then(|delta| delta.content).filter(|piece| !piece.is_empty());
        if let Some(piece) = &piece {
            if self.text.len() + piece.len() > REMOTE_ANSWER_BYTES_MAX {
                return Err(Error::Large(REMOTE_ANSWER_BYTES_MAX));
            }
            self.text.push_str(piece);
            self.pieces += 1;
            self.first.get_or_insert_with(Instant::now);
        }
        Ok(piece)
    }

    pub(super) fn is_over(&self) -> bool {
        self.over
    }

    pub(super) fn unheard(&mut self) {
        self.over = true;
        self.end = Some(End::Cancelled);
    }

    pub(super) fn cancelled(self) -> RemoteAnswer {
        self.told(End::Cancelled)
    }

    /// The stream is at its end. Without the server's word for it, that came too early.
    pub(super) fn finished(self) -> Result<RemoteAnswer, Error> {
        let end = self.end.ok_or(Error::Cut)?;
        Ok(self.told(end))
    }

    fn told(self, end: End) -> RemoteAnswer {
        let first = self.first.unwrap_or_else(Instant::now);
        let tokens = self.tokens.unwrap_or(Counted { completion_tokens: self.pieces, ..Counted::default() });
        let cached = tokens.prompt_tokens_details.and_then(|details| details.cached_tokens);
        let seconds =
            |told: Option<f64>| told.filter(|ms| ms.is_finite() && *ms >= 0.0).map(|ms| ms / 1000.0);
        let usage = Usage {
            model: self.model,
            prompt_tokens: tokens.prompt_tokens,
            cached_tokens: cached.or(self.timings.cache_n).unwrap_or(0),
            tokens: tokens.completion_tokens,
            copied_tokens: 0,
            prompt_seconds: seconds(self.timings.prompt_ms)
                .unwrap_or_else(|| first.duration_since(self.asked).as_secs_f64()),
            seconds: seconds(self.timings.predicted_ms).unwrap_or_else(|| first.elapsed().as_secs_f64()),
            rounds: 1,
            candidates: 1,
        };
        RemoteAnswer { text: self.text, usage, end, constrained: self.constrained }
    }
}
