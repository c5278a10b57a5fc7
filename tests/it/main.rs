//! The one integration binary. Everything goes through the front doors: HTTP on port 0 and the command line.
//! The real Python runtime is used; `make test` builds it first.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test that cannot go on fails")]

mod architecture;
mod catalog;
mod cli;
mod conversations;
mod edits;
mod hostile;
mod jobs;
mod measured;
mod models;
mod prompts;
mod remote;
mod restart;
mod seed;
mod support;
