//! Who writes when templates do not do: the local model, or a server inside the enclave. One question, one answer, the same words for both.

use std::sync::Arc;

use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

use super::remote::{self, Remote, RemoteAsk};
use crate::domain::generation::{Turn, Usage};
use crate::domain::limits::MODEL_TOLD_QUEUE;
use crate::domain::outcome::Failure;
use crate::model::chat::{self, Form};
use crate::model::gguf;
use crate::model::{Candidate, End, Generate, Model, Told};

/// What is asked.
#[derive(Clone, Debug, Default)]
pub(super) struct Question {
    /// The first is the system text, the same each time.
    pub(super) turns: Vec<Turn>,
    /// The answer begins with this.
    pub(super) prefill: String,
    /// Lark for the local model, GBNF for servers that know it.
    pub(super) grammar: Option<Notations>,
    pub(super) candidates: u32,
    pub(super) max_tokens: u32,
    pub(super) stops: Vec<String>,
    /// A text that the answer will largely repeat.
    pub(super) copy_from: Option<String>,
    /// For our own small model, which has a form of its own and no system text: the part as it was, if it is changed.
    pub(super) own: Option<Own>,
}

/// One grammar in two notations.
#[derive(Clone, Debug)]
pub(super) struct Notations {
    pub(super) lark: String,
    pub(super) gbnf: String,
}

/// What our own small model is told.
#[derive(Clone, Debug)]
pub(super) enum Own {
    Plan { prompt: String },
    Patch { listing: String, prompt: String },
}

/// Sampling of all candidates but the first.
const TEMPERATURE: f32 = 0.7;
/// Fixed, so that the same question gives the same answers.
const SEED: u32 = 20;

#[derive(Clone)]
pub(super) enum Writer {
    Local(Model),
    Remote(Arc<Remote>),
}

impl Writer {
    /// Its name, as it is shown.
    pub(super) fn name(&self) -> String {
        match self {
            Self::Local(model) => model.chosen().map_or_else(|_| "model".to_owned(), |file| file.name),
            Self::Remote(remote) => remote.name(),
        }
    }

    /// Whether it is our own small model, which knows plans and nothing else.
    pub(super) fn knows_plans_only(&self) -> bool {
        match self {
            Self::Local(model) => model.chosen().is_ok_and(|file| {
                file.header.is_some_and(|header| matches!(header.form, gguf::Form::NaturalcadPlan { .. }))
            }),
            Self::Remote(_) => false,
        }
    }

    /// Whether it is small enough to need several tries.
    pub(super) fn is_small(&self) -> bool {
        match self {
            Self::Local(model) => model
                .chosen()
                .is_ok_and(|file| file.header.is_some_and(|header| header.parameters < SMALL_PARAMETERS)),
            Self::Remote(_) => false,
        }
    }

    /// Writes the candidates; the first comes first. What it writes is told on the way.
    pub(super) async fn write(
        &self,
        question: Question,
        tell: &mpsc::Sender<Told>,
        cancel: &CancellationToken,
    ) -> Result<(Vec<Candidate>, Usage), Failure> {
        match self {
            Self::Local(model) => local(model, question, tell, cancel).await,
            Self::Remote(remote) => far(remote, question, tell, cancel).await,
        }
    }
}

/// Models below this are asked for several candidates.
const SMALL_PARAMETERS: u64 = 1_000_000_000;

async fn local(
    model: &Model,
    question: Question,
    tell: &mpsc::Sender<Told>,
    cancel: &CancellationToken,
) -> Result<(Vec<Candidate>, Usage), Failure> {
    let failed = |error: crate::model::Error| Failure::new(error.code(), error.to_string(), error.hint());
    let file = model.chosen().map_err(failed)?;
    let header = file.header.clone().ok_or_else(|| {
        Failure::new("model_refused", file.problem.clone().unwrap_or_default(), "Choose another model")
    })?;
    let ours = matches!(header.form, gguf::Form::NaturalcadPlan { .. });
    let rendered = match (&question.own, ours) {
        (Some(Own::Plan { prompt }), true) => chat::render_plan(prompt),
        (Some(Own::Patch { listing, prompt }), true) => chat::render_patch(listing, prompt),
        _ => chat::render(&Form::of(&header), &question.turns, &question.prefill)
            .map_err(|error| Failure::new("model_failed", error.to_string(), error.hint()))?,
    };
    let mut stops = question.stops;
    stops.extend(rendered.stops);
    let ask = Generate {
        id: 0,
        fixed: rendered.fixed,
        rest: rendered.rest,
        add_bos: rendered.add_bos,
        grammar: question.grammar.map(|grammar| grammar.lark),
        candidates: question.candidates,
        temperature: TEMPERATURE,
        seed: u64::from(SEED),
        max_tokens: question.max_tokens,
        stops,
        copy_from: question.copy_from,
    };
    let answer = model.generate(ask, tell, cancel).await.map_err(failed)?;
    let timings = &answer.timings;
    let usage = Usage {
        model: file.name,
        prompt_tokens: timings.prompt_tokens,
        cached_tokens: timings.cached_tokens,
        tokens: timings.tokens,
        copied_tokens: timings.accepted_tokens,
        prompt_seconds: timings.prompt_ms / 1e3,
        seconds: timings.decode_ms / 1e3,
        rounds: 1,
        candidates: u32::try_from(answer.candidates.len()).unwrap_or(u32::MAX),
    };
    Ok((answer.candidates, usage))
}

async fn far(
    remote: &Remote,
    question: Question,
    tell: &mpsc::Sender<Told>,
    cancel: &CancellationToken,
) -> Result<(Vec<Candidate>, Usage), Failure> {
    let ask = RemoteAsk {
        turns: question.turns,
        // Servers differ in what they make of a begun answer, and one that begins with a fence would stop at it.
        prefill: None,
        max_tokens: question.max_tokens,
        temperature: 0.0,
        seed: SEED,
        stop: Vec::new(),
        grammar: question.grammar.map(|grammar| grammar.gbnf),
    };
    let (heard, mut hearing) = mpsc::channel(MODEL_TOLD_QUEUE);
    let passing = async {
        while let Some(text) = hearing.recv().await {
            let _ = tell.send(Told::Text(text)).await;
        }
    };
    let asking = async {
        let answer = remote.complete(&ask, &heard, cancel).await;
        drop(heard);
        answer
    };
    let (answer, ()) = tokio::join!(asking, passing);
    let answer = answer.map_err(|error| {
        let cause = std::error::Error::source(&error).map(|cause| format!(": {cause}")).unwrap_or_default();
        Failure::new("remote_failed", format!("{error}{cause}"), error.hint())
    })?;
    let end = match answer.end {
        remote::End::Stopped => End::Finished,
        remote::End::Length => End::Length,
        remote::End::Cancelled => {
            return Err(Failure::new("cancelled", "Cancelled", "Run it again when you want it"));
        }
    };
    let candidate = Candidate { text: answer.text, tokens: answer.usage.tokens, end };
    Ok((vec![candidate], answer.usage))
}
