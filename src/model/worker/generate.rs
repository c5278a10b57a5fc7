//! One question from its prompt to its candidates: read the prompt in pieces, then write, one batch for all candidates.

use std::time::{Duration, Instant};

use llama_cpp_2::DecodeError;
use llama_cpp_2::llama_batch::LlamaBatch;

use super::candidate::Writer;
use super::engine::Engine;
use super::lookup::Lookup;
use super::sample::Sampler;
use crate::domain::limits::{
    LOOKUP_DRAFT_MAX, MODEL_ANSWER_TOKENS_MAX, MODEL_BATCH_TOKENS, MODEL_CANDIDATES_MAX,
    MODEL_FIRST_PIECE_TOKENS, MODEL_PIECE_WAIT, MODEL_TELL_EVERY,
};
use crate::model::wire::{Answer, End, FromWorker, Generate, Problem, Timings};

/// What the outside hears and says while an answer is written.
pub(super) trait Ears {
    fn tell(&self, message: FromWorker);
    fn cancelled(&self) -> bool;
}

/// Fewest cells for each candidate with which several are begun.
const CANDIDATE_TOKENS_MIN: usize = 64;
/// Fewest tokens of room behind the prompt with which it is worth beginning.
const ROOM_MIN: usize = 16;

struct Prompt {
    tokens: Vec<i32>,
    /// How many of them are the same each time.
    fixed: usize,
    /// Tokens that the answer may have.
    room: usize,
    candidates: usize,
}

pub(super) fn generate(engine: &mut Engine, ask: &Generate, ears: &impl Ears) -> Result<Answer, Problem> {
    let done = write(engine, ask, ears);
    if done.is_err() {
        // Whatever half of a batch is in there, the next question starts clean.
        engine.forget();
    }
    done
}

fn write(engine: &mut Engine, ask: &Generate, ears: &impl Ears) -> Result<Answer, Problem> {
    let began = Instant::now();
    let prompt = prepare(engine, ask)?;
    let mut timings = Timings { prompt_tokens: prompt.tokens.len() as u64, ..Timings::default() };
    let constraints: Result<Vec<_>, _> = (0..prompt.candidates)
        .map(|_| ask.grammar.as_deref().map(|grammar| engine.constraint(grammar)).transpose())
        .collect();
    let last = read(engine, &prompt, ears, &mut timings)?;
    timings.prompt_ms = milliseconds(began.elapsed());
    let model = engine.model;
    let mut writers: Vec<Writer> = (0u64..)
        .zip(constraints?)
        .map(|(n, constraint)| {
            let sampler = match n {
                0 => Sampler::greedy(),
                n => Sampler::seeded(ask.temperature, ask.seed.wrapping_add(n)),
            };
            Writer::new(model, constraint, sampler, &ask.stops, prompt.room)
        })
        .collect();
    let writing = Instant::now();
    match (&ask.copy_from, writers.as_mut_slice()) {
        (Some(text), [writer]) if engine.may_copy() => {
            let source = model.vocab().tokenize(text.as_bytes(), false, false);
            let mut lookup = Lookup::new(source.iter().map(|token| token.0).collect());
            copy(engine, &prompt, &last, writer, &mut lookup, &mut timings, (ask, ears))?;
        }
        (_, writers) => together(engine, &prompt, &last, writers, (ask, ears))?,
    }
    timings.decode_ms = milliseconds(writing.elapsed());
    let first = writers.iter().filter_map(|writer| writer.first_token).min();
    timings.first_token_ms = milliseconds(first.unwrap_or(writing).duration_since(began));
    timings.tokens = writers.iter().map(|writer| writer.tokens.len() as u64).sum();
    let candidates = writers.iter().map(Writer::finish).collect();
    Ok(Answer { candidates, timings })
}

fn prepare(engine: &Engine, ask: &Generate) -> Result<Prompt, Problem> {
    let mut tokens = engine.tokenize(&ask.fixed, ask.add_bos);
    let fixed = tokens.len();
    tokens.extend(engine.tokenize(&ask.rest, false));
    let context = engine.context.n_ctx() as usize;
    if tokens.is_empty() || tokens.len() + ROOM_MIN > context {
        return Err(Problem::TooLong { tokens: tokens.len() as u64, context: context as u64 });
    }
    let free = context - tokens.len();
    let wanted = ask.max_tokens.clamp(1, MODEL_ANSWER_TOKENS_MAX) as usize;
    // All candidates share the cells that are free. Most need far fewer than they may have.
    let asked = ask.candidates.clamp(1, MODEL_CANDIDATES_MAX) as usize;
    let candidates = asked.min((free / CANDIDATE_TOKENS_MIN).max(1));
    Ok(Prompt { tokens, fixed, room: wanted.min(free), candidates })
}

/// Reads the prompt into the context; returns the logits behind its last token.
fn read(
    engine: &mut Engine,
    prompt: &Prompt,
    ears: &impl Ears,
    timings: &mut Timings,
) -> Result<Vec<f32>, Problem> {
    let (mut at, from) = engine.resume(&prompt.tokens, prompt.fixed);
    (timings.cached_tokens, timings.cached_from) = (at as u64, from);
    let total = prompt.tokens.len();
    let mut batch = LlamaBatch::new(MODEL_BATCH_TOKENS as usize, 1);
    let mut piece = MODEL_FIRST_PIECE_TOKENS;
    let long = total - at > 4 * MODEL_FIRST_PIECE_TOKENS;
    let mut logits = Vec::new();
    while at < total {
        if ears.cancelled() {
            return Err(Problem::Cancelled);
        }
        if long {
            let what = "Reading the question".to_owned();
            ears.tell(FromWorker::Progress { what, done: at as u64, total: total as u64 });
        }
        // The fixed part ends with a piece of its own, so that its state can be kept.
        let border = if at < prompt.fixed { prompt.fixed } else { total };
        let end = (at + piece).min(border);
        let began = Instant::now();
        batch.clear();
        for position in at..end {
            add(&mut batch, prompt.tokens[position], position, 0, position + 1 == total)?;
        }
        decode(engine, &mut batch)?;
        engine.held.extend(&prompt.tokens[at..end]);
        if end == total {
            logits = engine.context.get_logits_ith(batch.n_tokens() - 1).to_vec();
        } else {
            engine.context.synchronize();
        }
        piece = next_piece(end - at, began.elapsed());
        at = end;
        if at == prompt.fixed && at < total {
            engine.keep_state();
        }
    }
    Ok(logits)
}

/// As many tokens as take about the time of a piece.
fn next_piece(tokens: usize, took: Duration) -> usize {
    let rate = tokens as f64 / took.as_secs_f64().max(1e-6);
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "clamped in the same line")]
    let piece = (rate * MODEL_PIECE_WAIT.as_secs_f64()).clamp(8.0, f64::from(MODEL_BATCH_TOKENS)) as usize;
    piece
}

/// Writes all candidates, one token of each in a batch.
fn together(
    engine: &mut Engine,
    prompt: &Prompt,
    last: &[f32],
    writers: &mut [Writer],
    (ask, ears): (&Generate, &impl Ears),
) -> Result<(), Problem> {
    let mut batch = LlamaBatch::new(MODEL_CANDIDATES_MAX as usize, 1);
    let mut told = Instant::now();
    let start = prompt.tokens.len();
    for sequence in 1..writers.len() {
        let sequence = to_i32(sequence);
        engine.context.kv_cache_seq_cp(0, sequence, None, None).map_err(failed)?;
    }
    // The row of logits that each candidate chooses from; the first is the same for all.
    let mut first = Some(last);
    let mut rows: Vec<usize> = (0..writers.len()).collect();
    loop {
        let mut next = Vec::new();
        for (row, &writer) in rows.iter().enumerate() {
            let chosen = match &first {
                Some(logits) => writers[writer].step(logits)?,
                None => writers[writer].step(engine.context.get_logits_ith(to_i32(row)))?,
            };
            next.extend(chosen.map(|token| (writer, token)));
        }
        first = None;
        tell(&mut writers[0], (ask, ears), &mut told);
        if ears.cancelled() {
            cancel(writers);
        }
        next.retain(|&(writer, _)| writers[writer].end.is_none());
        give_way(engine.context.n_ctx() as usize - start, writers, &mut next);
        // Those that have ended free their cells; the first one's stay for the next turn of the conversation.
        for &ended in rows.iter().filter(|&&row| row > 0 && !next.iter().any(|&(writer, _)| writer == row)) {
            let _ = engine.context.kv_cache_seq_rm(to_i32(ended), None, None);
        }
        if next.is_empty() {
            break;
        }
        batch.clear();
        for &(writer, token) in &next {
            let position = start + writers[writer].tokens.len() - 1;
            add(&mut batch, token, position, to_i32(writer), true)?;
        }
        decode(engine, &mut batch)?;
        engine.held.extend(next.iter().filter(|&&(writer, _)| writer == 0).map(|&(_, token)| token));
        rows = next.into_iter().map(|(writer, _)| writer).collect();
    }
    tell_rest(&mut writers[0], ask, ears);
    Ok(())
}

/// Ends the last candidates when the context has no cells for all of them; the first has all it needs.
fn give_way(cells: usize, writers: &mut [Writer], next: &mut Vec<(usize, i32)>) {
    let active = |at: usize| at == 0 || next.iter().any(|&(writer, _)| writer == at);
    let used: usize = (0..writers.len()).filter(|&at| active(at)).map(|at| writers[at].tokens.len()).sum();
    let mut over = used.saturating_sub(cells);
    while over > 0 && next.len() > 1 {
        let Some((last, _)) = next.pop() else { return };
        over = over.saturating_sub(writers[last].tokens.len());
        writers[last].end = Some(End::Length);
    }
}

/// Writes one candidate whose text is expected to repeat a known one.
fn copy(
    engine: &mut Engine,
    prompt: &Prompt,
    last: &[f32],
    writer: &mut Writer,
    lookup: &mut Lookup,
    timings: &mut Timings,
    (ask, ears): (&Generate, &impl Ears),
) -> Result<(), Problem> {
    let mut batch = LlamaBatch::new(LOOKUP_DRAFT_MAX + 1, 1);
    let mut told = Instant::now();
    let start = prompt.tokens.len();
    let Some(mut token) = writer.step(last)? else { return Ok(()) };
    lookup.heard(0, 0, token);
    while writer.end.is_none() {
        tell(writer, (ask, ears), &mut told);
        if ears.cancelled() {
            writer.end = Some(End::Cancelled);
            break;
        }
        let room = prompt.room.saturating_sub(writer.tokens.len() + 1);
        let draft = lookup.propose(&writer.tokens, room).to_vec();
        let at = start + writer.tokens.len() - 1;
        batch.clear();
        for (offset, &token) in std::iter::once(&token).chain(&draft).enumerate() {
            add(&mut batch, token, at + offset, 0, true)?;
        }
        decode(engine, &mut batch)?;
        engine.held.push(token);
        let mut accepted = 0;
        while let Some(next) = writer.step(engine.context.get_logits_ith(to_i32(accepted)))? {
            token = next;
            if writer.end.is_some() || draft.get(accepted) != Some(&next) {
                break;
            }
            accepted += 1;
            engine.held.push(next);
        }
        timings.drafted_tokens += draft.len() as u64;
        timings.accepted_tokens += accepted as u64;
        // Tokens that were proposed in vain are still in the context.
        let length = engine.held.len();
        if draft.len() > accepted && !engine.cut(length) {
            return Err(Problem::Decode { reason: "the model cannot take back tokens".into() });
        }
        lookup.heard(draft.len(), accepted, token);
    }
    tell_rest(writer, ask, ears);
    Ok(())
}

fn cancel(writers: &mut [Writer]) {
    for writer in writers.iter_mut().filter(|writer| writer.end.is_none()) {
        writer.end = Some(End::Cancelled);
    }
}

/// The first candidate is heard as it grows.
fn tell(writer: &mut Writer, (ask, ears): (&Generate, &impl Ears), told: &mut Instant) {
    if told.elapsed() < MODEL_TELL_EVERY {
        return;
    }
    *told = Instant::now();
    let text = writer.text.news(&ask.stops);
    if !text.is_empty() {
        ears.tell(FromWorker::Delta { id: ask.id, text });
    }
}

fn tell_rest(writer: &mut Writer, ask: &Generate, ears: &impl Ears) {
    let text = writer.text.rest();
    if !text.is_empty() {
        ears.tell(FromWorker::Delta { id: ask.id, text });
    }
}

fn add(batch: &mut LlamaBatch, token: i32, at: usize, sequence: i32, logits: bool) -> Result<(), Problem> {
    let token = llama_cpp_2::token::LlamaToken(token);
    batch.add(token, to_i32(at), &[sequence], logits).map_err(failed)
}

fn decode(engine: &mut Engine, batch: &mut LlamaBatch) -> Result<(), Problem> {
    engine.context.decode(batch).map_err(|error| match error {
        DecodeError::NoKvCacheSlot => Problem::Decode { reason: "the context is full".into() },
        error => failed(error),
    })
}

fn failed(error: impl std::fmt::Display) -> Problem {
    Problem::Decode { reason: error.to_string() }
}

/// Positions and rows are far below 2^31: the context is bounded by the model's training.
fn to_i32(n: usize) -> i32 {
    i32::try_from(n).unwrap_or(i32::MAX)
}

fn milliseconds(time: Duration) -> f64 {
    time.as_secs_f64() * 1e3
}
