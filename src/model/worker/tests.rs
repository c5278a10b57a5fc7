//! The engine in this very process, with the micro model: what is written does not depend on how it is written.

use std::cell::Cell;
use std::path::Path;
use std::sync::{Mutex, MutexGuard, PoisonError};

use super::engine::Engine;
use super::generate::{Ears, generate};
use super::log::LastWords;
use crate::model::wire::{CachedFrom, End, FromWorker, Generate, Load, Piece, Problem};

/// llama.cpp's backend is begun once in a process, so all tests of this file share one engine.
static ENGINE: Mutex<Option<Engine>> = Mutex::new(None);

const MODEL: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/models/train/micro/micro.gguf");

struct Engines(MutexGuard<'static, Option<Engine>>);

impl Engines {
    fn borrow() -> Self {
        let mut engine = ENGINE.lock().unwrap_or_else(PoisonError::into_inner);
        if engine.is_none() {
            let states = std::env::temp_dir().join(format!("naturalcad-states-{}", std::process::id()));
            let load = Load {
                path: std::env::var("NC_TEST_MODEL").unwrap_or_else(|_| MODEL.to_owned()),
                context: 4096,
                threads: 1,
                mmap: true,
                sha256: Some("test".into()),
                states: Some(states.to_string_lossy().into_owned()),
            };
            assert!(Path::new(&load.path).exists());
            *engine = Some(Engine::load(&load, &LastWords::default(), |_| true).unwrap().0);
        }
        Self(engine)
    }

    fn get(&mut self) -> &mut Engine {
        self.0.as_mut().unwrap()
    }
}

#[derive(Default)]
struct Listener {
    heard: Mutex<Vec<FromWorker>>,
    /// Says stop at this question.
    patience: Option<Cell<u32>>,
}

impl Ears for Listener {
    fn tell(&self, message: FromWorker) {
        self.heard.lock().unwrap().push(message);
    }

    fn cancelled(&self) -> bool {
        let Some(patience) = &self.patience else { return false };
        patience.set(patience.get().saturating_sub(1));
        patience.get() == 0
    }
}

fn piece(text: &str) -> Vec<Piece> {
    vec![Piece { text: text.into(), special: false }]
}

fn ask(text: &str, tokens: u32) -> Generate {
    Generate { id: 1, rest: piece(text), candidates: 1, max_tokens: tokens, ..Generate::default() }
}

fn long_text() -> String {
    "A plate of 60 by 40 with four holes. ".repeat(20)
}

#[test]
fn a_seeded_answer_repeats_itself_and_its_first_candidate_is_the_greedy_one() {
    let mut engines = Engines::borrow();
    let engine = engines.get();
    let several = Generate { candidates: 4, temperature: 1.5, seed: 3, ..ask("puck 30 dia", 24) };
    let listener = Listener::default();
    let first = generate(engine, &several, &listener).unwrap();
    let again = generate(engine, &several, &listener).unwrap();
    assert_eq!(first.candidates, again.candidates);
    let alone = generate(engine, &ask("puck 30 dia", 24), &listener).unwrap();
    assert_eq!(first.candidates.len(), 4);
    assert_eq!(alone.candidates[0].text, first.candidates[0].text);
}

#[test]
fn prompt_lookup_writes_what_plain_decoding_writes_token_for_token() {
    let mut engines = Engines::borrow();
    let engine = engines.get();
    let listener = Listener::default();
    for text in ["coaster 90 across", "slab 60 x 40", "x"] {
        let plain = generate(engine, &ask(text, 60), &listener).unwrap();
        for source in [plain.candidates[0].text.clone(), "something else entirely".into(), String::new()] {
            let lookup = Generate { copy_from: Some(source.clone()), ..ask(text, 60) };
            let copied = generate(engine, &lookup, &listener).unwrap();
            assert_eq!(copied.candidates, plain.candidates, "{text} {source}");
            if source == plain.candidates[0].text && plain.timings.tokens > 20 {
                assert!(copied.timings.accepted_tokens * 2 > copied.timings.tokens, "{:?}", copied.timings);
            }
        }
    }
}

#[test]
fn a_grammar_holds_whatever_the_model_wants_and_the_answer_is_brought_to_an_end() {
    let mut engines = Engines::borrow();
    let engine = engines.get();
    let grammar = r#"start: "[" (ITEM ("," ITEM)*)? "]"
ITEM: /"[a-z]{1,12}"/
"#;
    for (seed, tokens) in [(1, 24), (2, 300), (3, 1000)] {
        let ask = Generate {
            grammar: Some(grammar.into()),
            candidates: 5,
            temperature: 3.0,
            seed,
            ..ask("list", tokens)
        };
        let answer = generate(engine, &ask, &Listener::default()).unwrap();
        for candidate in &answer.candidates {
            if candidate.end == End::Finished {
                let list: Vec<String> = serde_json::from_str(&candidate.text).unwrap();
                assert!(list.iter().all(|item| item.len() <= 12), "{}", candidate.text);
            } else {
                assert_eq!((candidate.end, tokens), (End::Length, 24), "{candidate:?}");
            }
        }
    }
    let broken = Generate { grammar: Some("start: nowhere".into()), ..ask("x", 5) };
    assert!(matches!(generate(engine, &broken, &Listener::default()), Err(Problem::Grammar { .. })));
}

#[test]
fn a_fixed_prompt_is_read_once_and_its_state_gives_the_same_answer() {
    let mut engines = Engines::borrow();
    let engine = engines.get();
    let listener = Listener::default();
    let with = |fixed: &str, rest: &str| Generate { fixed: piece(fixed), ..ask(rest, 20) };
    let question = with(&long_text(), "How long is it?");
    engine.forget();
    engine.forget_states(true);
    let cold = generate(engine, &question, &listener).unwrap();
    assert_eq!(cold.timings.cached_from, CachedFrom::Nowhere);
    let warm = generate(engine, &with(&long_text(), "How wide is it?"), &listener).unwrap();
    assert_eq!(warm.timings.cached_from, CachedFrom::Context);
    generate(engine, &ask("something else", 5), &listener).unwrap();
    let memory = generate(engine, &question, &listener).unwrap();
    assert_eq!(memory.timings.cached_from, CachedFrom::Memory);
    engine.forget();
    engine.forget_states(false);
    let disk = generate(engine, &question, &listener).unwrap();
    assert_eq!(disk.timings.cached_from, CachedFrom::Disk);
    for other in [memory, disk] {
        assert_eq!(other.candidates, cold.candidates);
        assert_eq!(other.timings.cached_tokens, warm.timings.cached_tokens.min(other.timings.cached_tokens));
        assert!(other.timings.cached_tokens > 100);
    }
    engine.forget_states(true);
}

#[test]
fn what_does_not_fit_is_told_and_a_cancelled_prompt_ends_between_two_pieces() {
    let mut engines = Engines::borrow();
    let engine = engines.get();
    let huge = ask(&"word ".repeat(20_000), 5);
    let Err(Problem::TooLong { tokens, context }) = generate(engine, &huge, &Listener::default()) else {
        panic!("it fitted");
    };
    assert!(tokens > context);
    let impatient = Listener { patience: Some(Cell::new(2)), ..Listener::default() };
    let stopped = generate(engine, &ask(&long_text(), 50), &impatient);
    assert_eq!(stopped, Err(Problem::Cancelled));
    let impatient = Listener { patience: Some(Cell::new(8)), ..Listener::default() };
    let stopped = generate(engine, &ask("x", 500), &impatient).unwrap();
    assert_eq!(stopped.candidates[0].end, End::Cancelled);
    let whole = generate(engine, &ask("x", 5), &Listener::default());
    assert!(whole.is_ok(), "{whole:?}");
}

#[test]
fn what_a_person_wrote_becomes_no_control_token() {
    let mut engines = Engines::borrow();
    let engine = engines.get();
    let typed = engine.tokenize(&piece("<|end|>"), false);
    let marked = engine.tokenize(&[Piece { text: "<|end|>".into(), special: true }], false);
    assert_eq!(marked.len(), 1);
    assert!(typed.len() > 1 && !typed.contains(&marked[0]), "{typed:?}");
}
