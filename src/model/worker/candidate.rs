//! One candidate on its way: its own grammar state, sampler and text. Takes rows of logits, gives tokens.

use std::time::Instant;

use llama_cpp_2::model::LlamaModel;
use llama_cpp_2::token::LlamaToken;

use super::constraint::Constraint;
use super::sample::Sampler;
use super::text::Text;
use crate::domain::limits::MODEL_WRAP_UP_TOKENS;
use crate::model::wire::{Candidate, End, Problem};

pub(super) struct Writer<'a> {
    model: &'a LlamaModel,
    constraint: Option<Constraint>,
    sampler: Sampler,
    stops: &'a [String],
    most: usize,
    pub(super) text: Text,
    pub(super) tokens: Vec<i32>,
    pub(super) end: Option<End>,
    pub(super) first_token: Option<Instant>,
}

impl<'a> Writer<'a> {
    pub(super) fn new(
        model: &'a LlamaModel,
        constraint: Option<Constraint>,
        sampler: Sampler,
        stops: &'a [String],
        most: usize,
    ) -> Self {
        Self {
            model,
            constraint,
            sampler,
            stops,
            most,
            text: Text::default(),
            tokens: Vec::new(),
            end: None,
            first_token: None,
        }
    }

    /// Chooses the next token from a row of logits and adds it. None when the candidate has ended.
    pub(super) fn step(&mut self, logits: &[f32]) -> Result<Option<i32>, Problem> {
        if self.end.is_some() {
            return Ok(None);
        }
        let Some(chosen) = self.choose(logits)? else {
            // Nothing fits: the grammar has no way on, so the text is as complete as it gets.
            self.end = Some(End::Finished);
            return Ok(None);
        };
        let token = LlamaToken(i32::try_from(chosen).unwrap_or(i32::MAX));
        self.first_token.get_or_insert_with(Instant::now);
        if self.model.vocab().is_eog(token) {
            self.end = Some(End::Finished);
            return Ok(None);
        }
        self.tokens.push(token.0);
        let piece = self.model.vocab().token_to_piece(token, false, None);
        if self.text.push(&piece, self.stops) {
            self.end = Some(End::Stopped);
        } else if self.complete()? {
            self.end = Some(End::Finished);
        } else if self.tokens.len() >= self.most {
            self.end = Some(End::Length);
        }
        Ok(Some(token.0))
    }

    pub(super) fn finish(&self) -> Candidate {
        let tokens = self.tokens.len() as u64;
        Candidate { text: self.text.whole(), tokens, end: self.end.unwrap_or(End::Cancelled) }
    }

    fn complete(&mut self) -> Result<bool, Problem> {
        let left = self.most - self.tokens.len();
        let Some(constraint) = &mut self.constraint else { return Ok(false) };
        // A grammar that may go on or stop goes on, unless the answer must come to an end.
        Ok(constraint.is_over() || (left <= MODEL_WRAP_UP_TOKENS && constraint.is_complete()?))
    }

    fn choose(&mut self, logits: &[f32]) -> Result<Option<usize>, Problem> {
        let Some(constraint) = &mut self.constraint else {
            return Ok(self.sampler.choose(logits, |_| true));
        };
        let left = self.most - self.tokens.len();
        let hurry = self.most > MODEL_WRAP_UP_TOKENS && left <= MODEL_WRAP_UP_TOKENS;
        if !hurry {
            // Nearly always what the model wants fits, and asking about one token costs nothing beside a mask.
            let Some(wanted) = self.sampler.choose(logits, |_| true) else { return Ok(None) };
            if fits(constraint, self.model, wanted)? {
                return Ok(Some(wanted));
            }
        }
        let mask = constraint.mask()?;
        let allowed = |token: usize| u32::try_from(token).is_ok_and(|id| mask.is_allowed(id));
        let closing = |token: usize| constraint.closes(token) && allowed(token);
        let mut chosen = if hurry { self.sampler.choose(logits, closing) } else { None };
        if chosen.is_none() {
            chosen = self.sampler.choose(logits, allowed);
        }
        if let Some(token) = chosen {
            fits(constraint, self.model, token)?;
        }
        Ok(chosen)
    }
}

/// Takes the token into the grammar when it fits there.
fn fits(constraint: &mut Constraint, model: &LlamaModel, token: usize) -> Result<bool, Problem> {
    let id = LlamaToken(i32::try_from(token).unwrap_or(i32::MAX));
    if model.vocab().is_eog(id) {
        return constraint.is_complete();
    }
    constraint.take(token)
}
