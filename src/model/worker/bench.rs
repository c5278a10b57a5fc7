//! How fast a model answers here, beside a bare decode loop over llama.cpp in the same process. Rounds of both alternate, so that a noisy
//! machine is noisy for both.

use std::cell::Cell;
use std::fmt::Write as _;
use std::path::Path;
use std::time::Instant;

use llama_cpp_2::llama_batch::LlamaBatch;
use llama_cpp_2::token::LlamaToken;

use super::engine::Engine;
use super::generate::{Ears, generate};
use super::log::LastWords;
use crate::model::wire::{Answer, FromWorker, Generate, Load, Piece, Problem};

/// What is measured, and with what.
#[derive(Clone, Debug)]
pub struct Bench<'a> {
    pub path: &'a Path,
    pub threads: u32,
    pub context: u32,
    pub rounds: u32,
    /// Folder for states of prompts; emptied of what the bench leaves.
    pub states: &'a Path,
    /// Plans by grammar, when there is one to try.
    pub grammar: Option<String>,
}

/// Tokens that are decoded in a round, and of the prompt that is read.
const DECODED: usize = 128;
const PREFILLED: usize = 512;
/// Tokens of the program whose change is played.
const EDITED: usize = 400;

/// Context with which all of this fits.
const CONTEXT_WANTED: f64 = 2_048.0;

/// Some plain English to make prompts from.
const TEXT: &str = "A plate of 60 by 40 by 10 millimetres has four holes for M5 screws, six millimetres from its edges, \
and its corners are rounded with a radius of five. ";

struct Nobody(Cell<bool>);

impl Ears for Nobody {
    fn tell(&self, _: FromWorker) {}

    fn cancelled(&self) -> bool {
        self.0.get()
    }
}

/// Loads the model in this very process and measures. The result is a table in Markdown.
pub fn run(bench: &Bench) -> Result<String, Problem> {
    let load = Load {
        path: bench.path.to_string_lossy().into_owned(),
        context: bench.context,
        threads: bench.threads,
        mmap: true,
        sha256: Some(format!("bench {}", bench.path.display())),
        states: Some(bench.states.to_string_lossy().into_owned()),
    };
    llama_cpp_2::send_logs_to_tracing(llama_cpp_2::LogOptions::default().with_logs_enabled(true));
    let (mut engine, facts) = Engine::load(&load, &LastWords::default(), |_| true)?;
    // A model with a short context is asked for less.
    let share = (f64::from(facts.context) / CONTEXT_WANTED).min(1.0);
    let mut table = Table::new();
    let million = facts.parameters as f64 / 1e6;
    table.row("model", &format!("{million:.1} M parameters, {:.1} MB", facts.bytes as f64 / 1e6));
    table.row("threads", &facts.threads.to_string());
    table.row("load", &format!("{} ms", facts.load_ms));
    speeds(&mut engine, bench, share, &mut table)?;
    first_tokens(&mut engine, share, &mut table)?;
    edits(&mut engine, bench, share, &mut table)?;
    if let Some(peak) = peak_memory() {
        table.row("peak memory", &format!("{peak:.0} MB"));
    }
    Ok(table.text)
}

fn speeds(engine: &mut Engine, bench: &Bench, share: f64, table: &mut Table) -> Result<(), Problem> {
    let (prefilled, decoded) = (part(PREFILLED, share), part(DECODED, share));
    let tokens = u32::try_from(decoded).unwrap_or(u32::MAX);
    let prompt = text_of(engine, prefilled);
    let (mut prefill, mut ours, mut bare, mut planned) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
    for _ in 0..bench.rounds {
        engine.forget();
        let answer = ask(engine, &prompt, 1)?;
        prefill.push(answer.timings.prompt_tokens as f64 / answer.timings.prompt_ms * 1e3);
        let answer = ask(engine, &prompt, tokens)?;
        ours.push(rate(&answer));
        bare.push(bare_loop(engine, &prompt, decoded)?);
        if let Some(grammar) = &bench.grammar {
            let rest = piece(&prompt);
            let plan = Generate { rest, grammar: Some(grammar.clone()), max_tokens: tokens, ..one() };
            planned.push(rate(&generate(engine, &plan, &Nobody(Cell::new(false)))?));
        }
    }
    table.row(&format!("prefill, {prefilled} tokens"), &format!("{:.0} t/s", median(&mut prefill)));
    table.row(&format!("decode, {decoded} tokens"), &format!("{:.0} t/s", median(&mut ours)));
    table.row("bare decode loop", &format!("{:.0} t/s", median(&mut bare)));
    table.row("ratio to the bare loop", &format!("{:.3}", median(&mut ours) / median(&mut bare)));
    if !planned.is_empty() {
        let ratio = median(&mut planned) / median(&mut ours);
        table.row("decode by the plan grammar", &format!("{:.0} t/s (x {ratio:.2})", median(&mut planned)));
    }
    Ok(())
}

/// The same number of tokens by nothing but `llama_decode` and the likeliest token.
fn bare_loop(engine: &mut Engine, prompt: &str, tokens: usize) -> Result<f64, Problem> {
    let mut token = ask(engine, prompt, 1).map(|_| engine.held.last().copied().unwrap_or(0))?;
    let mut batch = LlamaBatch::new(1, 1);
    let began = Instant::now();
    for n in 0..tokens {
        batch.clear();
        let at = i32::try_from(engine.held.len()).unwrap_or(0) + i32::try_from(n).unwrap_or(0);
        let failed = |error: String| Problem::Decode { reason: error };
        batch.add(LlamaToken(token), at, &[0], true).map_err(|error| failed(error.to_string()))?;
        engine.context.decode(&mut batch).map_err(|error| failed(error.to_string()))?;
        let logits = engine.context.get_logits_ith(0);
        let best = logits.iter().enumerate().max_by(|a, b| a.1.total_cmp(b.1)).map_or(0, |(i, _)| i);
        token = i32::try_from(best).unwrap_or(0);
    }
    let rate = tokens as f64 / began.elapsed().as_secs_f64();
    engine.forget();
    Ok(rate)
}

/// The time to the first token of a question behind a fixed prompt: read anew, from disk, from memory.
fn first_tokens(engine: &mut Engine, share: f64, table: &mut Table) -> Result<(), Problem> {
    let fixed = text_of(engine, part(2 * PREFILLED, share));
    let question = |n: u32| Generate {
        fixed: piece(&fixed),
        rest: piece(&format!("Question {n}: how long is the plate?")),
        max_tokens: 1,
        ..one()
    };
    let nobody = Nobody(Cell::new(false));
    engine.forget();
    engine.forget_states(true);
    let cold = generate(engine, &question(1), &nobody)?.timings;
    engine.forget();
    engine.forget_states(false);
    let disk = generate(engine, &question(2), &nobody)?.timings;
    engine.forget();
    let memory = generate(engine, &question(3), &nobody)?.timings;
    engine.forget_states(true);
    let told = |timings: &crate::model::wire::Timings| {
        format!(
            "{:.0} ms ({:?}, {} tokens known)",
            timings.first_token_ms, timings.cached_from, timings.cached_tokens
        )
    };
    table.row(&format!("first token behind {} tokens, cold", cold.prompt_tokens), &told(&cold));
    table.row("the same, state from disk", &told(&disk));
    table.row("the same, state from memory", &told(&memory));
    Ok(())
}

/// A text written once more with the model's own words: plain, and with prompt lookup. Both should be the same to the letter.
fn edits(engine: &mut Engine, bench: &Bench, share: f64, table: &mut Table) -> Result<(), Problem> {
    let nobody = Nobody(Cell::new(false));
    let edited = part(EDITED, share);
    let tokens = u32::try_from(edited).unwrap_or(u32::MAX);
    let prompt = text_of(engine, 64);
    let first = Generate { rest: piece(&prompt), max_tokens: tokens, ..one() };
    let source = generate(engine, &first, &nobody)?.candidates.remove(0).text;
    let (mut plain, mut copied, mut accepted, mut same) = (Vec::new(), Vec::new(), 0.0, true);
    for _ in 0..bench.rounds.min(3) {
        engine.forget();
        let answer = generate(engine, &first, &nobody)?;
        plain.push(rate(&answer));
        engine.forget();
        let lookup = Generate { copy_from: Some(source.clone()), ..first.clone() };
        let quick = generate(engine, &lookup, &nobody)?;
        copied.push(rate(&quick));
        accepted = quick.timings.accepted_tokens as f64 / quick.timings.tokens.max(1) as f64;
        same &= quick.candidates[0].text == answer.candidates[0].text;
    }
    let gain = median(&mut copied) / median(&mut plain);
    table.row(&format!("edit turn of {edited} tokens, plain"), &format!("{:.0} t/s", median(&mut plain)));
    let told = format!("{:.0} t/s (x {gain:.2}), {:.0} % copied", median(&mut copied), accepted * 100.0);
    table.row("the same with prompt lookup", &told);
    // Random weights have near ties, which the order of a sum decides; trained ones hardly ever do.
    table.row("both texts are the same", if same { "yes" } else { "no" });
    Ok(())
}

fn part(tokens: usize, share: f64) -> usize {
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "less than it was")]
    let part = (tokens as f64 * share) as usize;
    part
}

fn ask(engine: &mut Engine, prompt: &str, tokens: u32) -> Result<Answer, Problem> {
    let ask = Generate { rest: piece(prompt), max_tokens: tokens, ..one() };
    generate(engine, &ask, &Nobody(Cell::new(false)))
}

fn one() -> Generate {
    Generate { id: 1, candidates: 1, add_bos: true, ..Generate::default() }
}

fn piece(text: &str) -> Vec<Piece> {
    vec![Piece { text: text.to_owned(), special: false }]
}

/// Text of about so many tokens.
fn text_of(engine: &Engine, tokens: usize) -> String {
    let one = engine.tokenize(&piece(TEXT), false).len().max(1);
    TEXT.repeat(tokens.div_ceil(one)).trim_end().to_owned()
}

fn rate(answer: &Answer) -> f64 {
    answer.timings.tokens as f64 / answer.timings.decode_ms.max(1e-3) * 1e3
}

fn median(values: &mut [f64]) -> f64 {
    values.sort_by(f64::total_cmp);
    values.get(values.len() / 2).copied().unwrap_or(0.0)
}

/// Megabytes, from the kernel's account of this process.
fn peak_memory() -> Option<f64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    line.trim().trim_end_matches(" kB").trim().parse::<f64>().ok().map(|kilobytes| kilobytes / 1024.0)
}

struct Table {
    text: String,
}

impl Table {
    fn new() -> Self {
        Self { text: "| what | figure |\n| --- | --- |\n".into() }
    }

    fn row(&mut self, what: &str, figure: &str) {
        let _ = writeln!(self.text, "| {what} | {figure} |");
    }
}
