//! `naturalcad make` and `naturalcad run`: one part, its files in a folder, its facts on stdout.

use std::fs;
use std::io::{self, Read, Write};
use std::path::Path;
use std::process::ExitCode;

use tokio_util::sync::CancellationToken;

use super::item::{self, Item, Talk, say};
use super::{MakeArgs, OutArgs, RunArgs};
use crate::agent::{Agent, Ask, Request};
use crate::domain::artifact::{Wanted, file_stem};
use crate::domain::job::JobState;
use crate::domain::program::{Parameters, Program};
use crate::domain::prompt::Prompt;
use crate::runner::PoolState;

/// Builds a part from a sentence.
pub async fn make(agent: &Agent, args: &MakeArgs) -> io::Result<ExitCode> {
    let prompt = match Prompt::parse(&args.prompt) {
        Ok(prompt) => prompt,
        Err(bad) => {
            return usage(&bad.to_string(), "Write what part you want, for example `60x40x10 mm plate`");
        }
    };
    let stem = file_stem(prompt.as_str());
    answer(agent, Ask::Prompt(prompt), &stem, &args.out).await
}

/// Runs a program of the user's.
pub async fn run(agent: &Agent, args: &RunArgs) -> io::Result<ExitCode> {
    let source = match read(&args.file) {
        Ok(source) => source,
        Err(error) => {
            return usage(
                &format!("`{}` cannot be read: {error}", args.file.display()),
                "Name a Python file, a plan (`.json`), or `-`",
            );
        }
    };
    let stem = args.file.file_stem().map_or("part".into(), |stem| stem.to_string_lossy().into_owned());
    let stem = if stem == "-" { "part".to_owned() } else { stem };
    if args.file.extension().is_some_and(|end| end == "json") {
        return match serde_json::from_str(&source) {
            Ok(plan) => answer(agent, Ask::Plan(Box::new(plan)), &stem, &args.out).await,
            Err(error) => {
                usage(&format!("This is no plan: {error}"), "A plan is what `make --json` tells as `plan`")
            }
        };
    }
    let program = match Program::parse(&source) {
        Ok(program) => program,
        Err(bad) => return usage(&bad.to_string(), "Write build123d code that leaves a shape in `result`"),
    };
    answer(agent, Ask::Program(program), &stem, &args.out).await
}

async fn answer(agent: &Agent, ask: Ask, stem: &str, out: &OutArgs) -> io::Result<ExitCode> {
    fs::create_dir_all(&out.out)?;
    if agent.runner().status().state != PoolState::Ready {
        say("Starting the geometry kernel ...")?;
    }
    // A broken runner is told by the job itself; the wait only keeps its seconds out of the job's.
    let _ = agent.runner().ready().await;
    let request = Request { ask, parameters: Parameters::new(), wanted: Wanted::These(out.format.clone()) };
    let cancel = CancellationToken::new();
    let stopping = cancel.clone();
    let watching = tokio::spawn(async move {
        if tokio::signal::ctrl_c().await.is_ok() {
            stopping.cancel();
        }
    });
    let item = item::work(agent, request, stem, stem, &out.out, Talk::Stderr, cancel).await?;
    watching.abort();
    if out.json {
        writeln!(io::stdout().lock(), "{}", serde_json::to_string(&item)?)?;
    } else {
        let text = item.text();
        if item.status == JobState::Built { writeln!(io::stdout().lock(), "{text}")? } else { say(&text)? }
    }
    Ok(exit_code(&item))
}

fn exit_code(item: &Item) -> ExitCode {
    let code = match (&item.status, &item.error) {
        (JobState::Built, _) => 0,
        (JobState::Failed, Some(error)) if error.code == "runner_broken" => 3,
        _ => 1,
    };
    ExitCode::from(code)
}

fn usage(message: &str, hint: &str) -> io::Result<ExitCode> {
    say(&format!("error: {message}\nhint: {hint}"))?;
    Ok(ExitCode::from(2))
}

fn read(file: &Path) -> io::Result<String> {
    if file == Path::new("-") {
        let mut source = String::new();
        io::stdin().lock().read_to_string(&mut source)?;
        return Ok(source);
    }
    fs::read_to_string(file)
}
