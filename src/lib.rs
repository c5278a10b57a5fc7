//! NaturalCAD: from a sentence to a measured solid, on a machine without any network.
//!
//! This page is the map for the person who changes the code; `README.md` is for the person who installs it. Read in
//! this order: `domain` (the nouns), `agent` (the way of the data), then any leaf on its own.
//!
//! # The words
//!
//! *prompt* what the user wrote · *quantity* a number with a unit read from it · *plan* a typed list of modelling
//! steps · *catalog* the table of all steps · *program* build123d source that leaves `result` · *draft* what an engine
//! proposes · *run* one execution · *outcome* what a run gave · *part* what was built and measured · *check* a stated
//! quantity held against a measure · *job* a prompt or program until it is done · *artifact* a file that a job left ·
//! *lane* the way an answer came.
//!
//! # The floors
//!
//! A module imports only from lower floors, never sideways. `tests/it/architecture.rs` checks it.
//!
//! | floor | modules | what |
//! | --- | --- | --- |
//! | 0 | `domain` | the nouns, and every bound by name (`domain/limits.rs`). No I/O, no async |
//! | 1 | `catalog` | `templates/`: the steps, reading a prompt, editing, validating and lowering a plan, what the solid must show, random plans; what a model is asked in and how its answers are read (`catalog/ask`) |
//! | 1 | `runner` | program to outcome: zygote, warm one-shot workers, limits, files taken over safely |
//! | 1 | `store` | artifact files and job records in a folder |
//! | 1 | `bundle` | what ships: the Python runtime's folder and the runner's scripts |
//! | 1 | `model` | llama.cpp in a child process (`worker`), its supervisor, GGUF files, chat templates |
//! | 2 | `engine` | prompt to drafts: templates, a model that writes plans or programs, a server that does |
//! | 3 | `agent` | prompt to part: read, draft, run, check, repair (`ladder` decides, `journey` does), told as events |
//! | 4 | `jobs` | queue, workers, feed and record of each job |
//! | 4 | `eval` | benchmarks, examples of the catalog, random plans, prompts with known plans |
//! | 5 | `http`, `cli` | the faces. No axum type leaves `http`, no clap type leaves `cli` and `config` |
//! | 6 | `config` | flags and environment to one validated value |
//! | 7 | `app` | the composition root |
//!
//! # What is deliberately absent
//!
//! * `domain` does no I/O. A user's failure (a program that raises, loops, crashes) is a value, `domain::outcome`; our
//!   own is an error enum, one for each module.
//! * Nothing opens a connection to anywhere but `engine/remote`, and that only to the one address that `--remote` names;
//!   the server listens on 127.0.0.1 only and refuses other sites' pages.
//! * No llama.cpp in this process but for `bench model`: it aborts whoever hosts it.
//! * No geometry in the zygote, ever: OCCT's thread pool does not survive a fork, and its children would hang.
//! * The host never believes a worker's file names or messages further than it must: files come from a closed set of
//!   names by safe open, ends come from the kernel.
//! * `unsafe` is denied; the runner needs none, because limits are applied by the Python side of the fork.
//!
//! # One request, traced
//!
//! 1. `POST /api/jobs` reaches `http/routes/jobs.rs`; the text becomes a `domain::prompt::Prompt` or a 400 with a hint.
//! 2. `jobs` finds the part it goes on from, if any (`jobs/conversation.rs`), gives it a place in the bounded queue, a
//!    record and a feed, and answers with the id.
//! 3. A worker task calls `agent`, which asks `engine` for an answer: the reading (every word used, ignored or unread),
//!    the plan, and the program that `catalog` lowers it to.
//!    A prompt that it does not read whole goes to the model, if there is one: `engine/plan.rs` asks by the catalog's
//!    grammar, `model/worker/generate.rs` writes several candidates at once, the best-checked draft wins, and `agent/opinion.rs` says what is doubtful.
//! 4. `runner` takes a warm worker and sends it the program. `runner/naturalcad_runner` runs it, measures the solid and
//!    writes the GLB: the part is shown. STEP and STL follow while it is looked at.
//! 5. `agent/check.rs` holds the stated numbers against the measures.
//! 6. `jobs` copies each file into `store` before the event that names it; every event is numbered, so a browser that
//!    was cut off resumes with `Last-Event-ID`.
//! 7. The record is on disk before anybody hears `complete`. The worker stays for other values of the same program.
//!
//! # The cost of change
//!
//! | change | files |
//! | --- | --- |
//! | a step | two files in `templates/steps` (`templates/README.md`), one case in `tests/cases` |
//! | an export format | `domain/artifact.rs`, `runner/naturalcad_runner`'s export table, one test |
//! | a route | a handler in `http/routes`, a line in `http/mod.rs`, types in `http/wire.rs` and `web/src/wire.ts`, a test |
//! | a limit | `domain/limits.rs` |
//! | a mistake of models that is mended | a rule in `agent/repair/rewrite`, a case in `tests/cases/repair` |
//! | what is tried after a failure | `agent/ladder.rs` and its tests |
//! | what the small model is taught | `models/train/phrases` (words), `models/train/small` (data, training), then `make model` |
//! | the cage | `runner/naturalcad_runner/enter.py` and what `runner/worker.rs` hands over |

pub mod agent;
pub mod app;
pub mod bundle;
pub mod catalog;
pub mod cli;
pub mod config;
pub mod domain;
pub mod engine;
pub mod eval;
pub mod http;
pub mod jobs;
pub mod model;
pub mod runner;
pub mod store;
