//! `naturalcad make` and `naturalcad run`: one part, changed in steps if so asked, its files in a folder, its facts on stdout.

use std::fs;
use std::io::{self, Read, Write};
use std::path::Path;
use std::process::ExitCode;

use tokio_util::sync::CancellationToken;

use super::item::{self, Files, Item, Talk, say};
use super::{MakeArgs, OutArgs, RunArgs};
use crate::agent::{Agent, Ask, Request};
use crate::domain::artifact::{Wanted, file_stem};
use crate::domain::job::{Choice, JobState};
use crate::domain::program::{ParameterValue, Program};
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
    let mut edits = Vec::new();
    for edit in &args.then {
        match Prompt::parse(edit) {
            Ok(edit) => edits.push(edit),
            Err(bad) => {
                return usage(
                    &bad.to_string(),
                    "Write what to change, for example `--then \"make it 80 long\"`",
                );
            }
        }
    }
    let stem = file_stem(prompt.as_str());
    let title = prompt.as_str().to_owned();
    let first = request(Ask::Prompt(prompt), &args.param, &args.out, args.engine.into());
    answer(agent, Turns { first, title, edits }, &stem, &args.out).await
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
            Ok(plan) => {
                let first = request(Ask::Plan(Box::new(plan)), &args.param, &args.out, Choice::Auto);
                answer(agent, Turns { first, title: stem.clone(), edits: Vec::new() }, &stem, &args.out).await
            }
            Err(error) => {
                usage(&format!("This is no plan: {error}"), "A plan is what `make --json` tells as `plan`")
            }
        };
    }
    let program = match Program::parse(&source) {
        Ok(program) => program,
        Err(bad) => return usage(&bad.to_string(), "Write build123d code that leaves a shape in `result`"),
    };
    let first = request(Ask::Program(program), &args.param, &args.out, Choice::Auto);
    answer(agent, Turns { first, title: stem.clone(), edits: Vec::new() }, &stem, &args.out).await
}

/// A part, and the changes to it in their order.
struct Turns {
    first: Request,
    /// What the part is called in the program that edits lead to.
    title: String,
    edits: Vec<Prompt>,
}

fn request(ask: Ask, parameters: &[(String, ParameterValue)], out: &OutArgs, choice: Choice) -> Request {
    let parameters = parameters.iter().cloned().collect();
    Request { ask, parameters, wanted: Wanted::These(out.format.clone()), choice }
}

async fn answer(agent: &Agent, turns: Turns, stem: &str, out: &OutArgs) -> io::Result<ExitCode> {
    fs::create_dir_all(&out.out)?;
    if agent.runner().status().state != PoolState::Ready {
        say("Starting the geometry kernel ...")?;
    }
    // A broken runner is told by the job itself; the wait only keeps its seconds out of the job's.
    let _ = agent.runner().ready().await;
    let cancel = CancellationToken::new();
    let stopping = cancel.clone();
    let watching = tokio::spawn(async move {
        if tokio::signal::ctrl_c().await.is_ok() {
            stopping.cancel();
        }
    });
    let item = take(agent, turns, stem, out, &cancel).await?;
    watching.abort();
    if out.json {
        writeln!(io::stdout().lock(), "{}", serde_json::to_string(&item)?)?;
    } else {
        let text = item.text();
        if item.status == JobState::Built { writeln!(io::stdout().lock(), "{text}")? } else { say(&text)? }
    }
    Ok(exit_code(&item))
}

/// Takes the turns one after the other until one of them builds nothing. Only the last one's files are kept.
async fn take(
    agent: &Agent,
    turns: Turns,
    stem: &str,
    out: &OutArgs,
    cancel: &CancellationToken,
) -> io::Result<Item> {
    let Turns { first, title, edits } = turns;
    let choice = first.choice;
    let kept = Files::In { folder: &out.out, stem };
    let files = |left: usize| if left == 0 { kept } else { Files::Nowhere };
    let mut item = item::work(agent, first, stem, files(edits.len()), Talk::Stderr, cancel.clone()).await?;
    let mut before = item.leaves(&title, None);
    let count = edits.len();
    for (done, prompt) in edits.into_iter().enumerate() {
        let Some(part) = before else { break };
        let (said, notes) = (prompt.as_str().to_owned(), std::mem::take(&mut item.notes));
        let edit = Ask::Edit { before: Box::new(part.clone()), prompt };
        let files = files(count - done - 1);
        item = item::work(agent, request(edit, &[], out, choice), stem, files, Talk::Stderr, cancel.clone())
            .await?;
        item.notes.splice(0..0, notes);
        before = item.leaves(&said, Some(&part));
    }
    Ok(item)
}

fn exit_code(item: &Item) -> ExitCode {
    let code = match (&item.status, &item.error) {
        (JobState::Built, _) => 0,
        (JobState::Failed, Some(error)) if error.code == "runner_broken" => 3,
        (JobState::Failed, Some(error)) if error.code == "uncaged" => 4,
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
