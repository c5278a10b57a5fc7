//! `naturalcad batch`: a file of prompts, a line of results as soon as each is done, and a restart that skips them.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::fs::{self, File, OpenOptions};
use std::io::{self, IsTerminal, Write};
use std::path::Path;
use std::process::ExitCode;
use std::sync::{Arc, Mutex, PoisonError};

use serde::Deserialize;
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

use super::BatchArgs;
use super::item::{self, Files, Item, Talk, say};
use crate::agent::{Agent, Ask, Request};
use crate::domain::artifact::{Format, Wanted};
use crate::domain::before::Before;
use crate::domain::job::{Choice, JobState};
use crate::domain::outcome::Failure;
use crate::domain::program::Parameters;
use crate::domain::prompt::Prompt;

#[derive(Clone, Debug, Deserialize)]
struct Line {
    id: String,
    prompt: String,
    conversation: Option<String>,
    turn: Option<u64>,
}

/// Items that go on from one another, in order, each with its result when it was done in an earlier start.
type Group = Vec<(Line, Option<Item>)>;

/// What names an item in the results: its id and its turn.
type Key = (String, Option<u64>);

/// Builds every prompt of the file. Exit code 0 when every item was tried.
pub async fn batch(agent: &Agent, args: &BatchArgs, workers: usize) -> io::Result<ExitCode> {
    let text = match fs::read_to_string(&args.prompts) {
        Ok(text) => text,
        Err(error) => {
            say(&format!("error: `{}` cannot be read: {error}", args.prompts.display()))?;
            return Ok(ExitCode::from(2));
        }
    };
    let lines = match parse(&text) {
        Ok(lines) => lines,
        Err(message) => {
            say(&format!("error: {message}\nhint: Each line is one JSON object with `id` and `prompt`"))?;
            return Ok(ExitCode::from(2));
        }
    };
    fs::create_dir_all(&args.out)?;
    let results = args.out.join("results.jsonl");
    let done = finished(&results)?;
    let (total, ready) = (lines.len(), done.len());
    let left = group(lines, done);
    let writer = Arc::new(Writer::open(&results, total, ready)?);
    if let Err(error) = agent.runner().ready().await {
        say(&format!("error: {error}\nhint: Run `naturalcad doctor`"))?;
        return Ok(ExitCode::from(3));
    }
    let cancel = CancellationToken::new();
    let stopping = cancel.clone();
    tokio::spawn(async move {
        if tokio::signal::ctrl_c().await.is_ok() {
            stopping.cancel();
        }
    });
    let mut left = left.into_iter();
    let mut working = JoinSet::new();
    loop {
        while working.len() < workers && !cancel.is_cancelled() {
            let Some(lines) = left.next() else { break };
            let choice = args.engine.into();
            let (agent, out, writer, cancel) =
                (agent.clone(), args.out.clone(), writer.clone(), cancel.clone());
            working.spawn(async move { converse(&agent, lines, &out, &writer, choice, &cancel).await });
        }
        match working.join_next().await {
            Some(worked) => worked.map_err(io::Error::other)??,
            None => break,
        }
    }
    writer.close()?;
    Ok(ExitCode::from(u8::from(cancel.is_cancelled())))
}

/// One prompt, or the turns of one conversation in order. Each works on the last part that was built.
async fn converse(
    agent: &Agent,
    group: Group,
    out: &Path,
    writer: &Writer,
    choice: Choice,
    cancel: &CancellationToken,
) -> io::Result<()> {
    let mut before: Option<Before> = None;
    for (line, done) in group {
        if cancel.is_cancelled() {
            return Ok(());
        }
        let item = if let Some(mut item) = done {
            item.remember(out);
            item
        } else {
            let mut item = turn(agent, &line, before.as_ref(), out, choice, cancel).await?;
            if item.status == JobState::Cancelled {
                // It was not tried; the next start does it.
                return Ok(());
            }
            item.turn = line.turn;
            writer.write(&item)?;
            item
        };
        if let Some(part) = item.leaves(&line.prompt, before.as_ref()) {
            before = Some(part);
        }
    }
    Ok(())
}

async fn turn(
    agent: &Agent,
    line: &Line,
    before: Option<&Before>,
    out: &Path,
    choice: Choice,
    cancel: &CancellationToken,
) -> io::Result<Item> {
    let prompt = match Prompt::parse(&line.prompt) {
        Ok(prompt) => prompt,
        Err(bad) => {
            let failure = Failure::new("bad_prompt", bad.to_string(), "Write what part is wanted");
            return Ok(Item::answered(&line.id, JobState::Refused, failure));
        }
    };
    let ask = match before {
        Some(before) => Ask::Edit { before: Box::new(before.clone()), prompt },
        None => Ask::Prompt(prompt),
    };
    let wanted = Wanted::These(vec![Format::Step, Format::Stl]);
    let request = Request { ask, parameters: Parameters::new(), wanted, choice };
    let files = Files::In { folder: out, stem: &stem(line) };
    item::work(agent, request, &line.id, files, Talk::Silent, cancel.clone()).await
}

/// A file name that no id can lead out of the folder.
fn stem(line: &Line) -> String {
    let plain = |text: &str| {
        let kept = |c: char| if c.is_ascii_alphanumeric() || matches!(c, '-' | '_') { c } else { '_' };
        text.chars().map(kept).take(100).collect::<String>()
    };
    line.turn.map_or_else(|| plain(&line.id), |turn| format!("{}-{turn}", plain(&line.id)))
}

fn parse(text: &str) -> Result<Vec<Line>, String> {
    let mut lines = Vec::new();
    let mut seen = HashSet::new();
    for (number, text) in text.lines().enumerate().filter(|(_, text)| !text.trim().is_empty()) {
        let line: Line =
            serde_json::from_str(text).map_err(|error| format!("Line {}: {error}", number + 1))?;
        if !seen.insert((line.id.clone(), line.turn)) {
            return Err(format!("Line {}: the id `{}` is there twice", number + 1, line.id));
        }
        lines.push(line);
    }
    Ok(lines)
}

/// The items of an earlier start. A last line that was cut off by a kill is removed.
fn finished(results: &Path) -> io::Result<HashMap<Key, Item>> {
    let text = match fs::read_to_string(results) {
        Ok(text) => text,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(HashMap::new()),
        Err(error) => return Err(error),
    };
    let whole = text.rfind('\n').map_or(0, |end| end + 1);
    if whole < text.len() {
        OpenOptions::new().write(true).open(results)?.set_len(whole as u64)?;
    }
    let done = text[..whole].lines().filter_map(|line| serde_json::from_str::<Item>(line).ok());
    Ok(done.map(|item| ((item.id.clone(), item.turn), item)).collect())
}

/// Groups conversations, in the order of the file. A group of which all is done is left out.
fn group(lines: Vec<Line>, mut done: HashMap<Key, Item>) -> Vec<Group> {
    let mut groups: Vec<Vec<Line>> = Vec::new();
    let mut conversations: BTreeMap<String, usize> = BTreeMap::new();
    for line in lines {
        match line.conversation.clone() {
            None => groups.push(vec![line]),
            Some(name) => {
                let at = *conversations.entry(name).or_insert_with(|| {
                    groups.push(Vec::new());
                    groups.len() - 1
                });
                groups[at].push(line);
            }
        }
    }
    let groups = groups.into_iter().map(|mut lines| {
        lines.sort_by_key(|line| line.turn);
        let with_result = lines.into_iter().map(|line| {
            let result = done.remove(&(line.id.clone(), line.turn));
            (line, result)
        });
        with_result.collect::<Group>()
    });
    groups.filter(|group| group.iter().any(|(_, done)| done.is_none())).collect()
}

/// The results file and the progress line.
struct Writer {
    file: Mutex<(File, usize, usize)>,
    total: usize,
    bar: bool,
}

impl Writer {
    fn open(results: &Path, total: usize, done: usize) -> io::Result<Self> {
        let file = OpenOptions::new().create(true).append(true).open(results)?;
        Ok(Self { file: Mutex::new((file, done, 0)), total, bar: io::stderr().is_terminal() })
    }

    fn write(&self, item: &Item) -> io::Result<()> {
        let mut line = serde_json::to_vec(item)?;
        line.push(b'\n');
        let mut held = self.file.lock().unwrap_or_else(PoisonError::into_inner);
        let (file, done, built) = &mut *held;
        file.write_all(&line)?;
        *done += 1;
        *built += usize::from(item.status == JobState::Built);
        if self.bar {
            let filled = 30 * *done / self.total.max(1);
            let bar = format!("{}{}", "#".repeat(filled), ".".repeat(30 - filled.min(30)));
            write!(io::stderr().lock(), "\r[{bar}] {done}/{} tried, {built} built", self.total)?;
        }
        Ok(())
    }

    fn close(&self) -> io::Result<()> {
        let held = self.file.lock().unwrap_or_else(PoisonError::into_inner);
        let (_, done, built) = &*held;
        let end = if self.bar { "\n" } else { "" };
        say(&format!("{end}{done} of {} tried, {built} built in this start", self.total))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn conversations_stay_together_and_done_items_are_skipped() {
        let text = r#"{"id":"a","prompt":"x"}
{"id":"c","prompt":"2","conversation":"k","turn":2}

{"id":"b","prompt":"y"}
{"id":"c","prompt":"1","conversation":"k","turn":1}"#;
        let done = |id: &str, turn| {
            let item = Item::answered(id, JobState::Question, Failure::new("question", "?", ""));
            HashMap::from([((id.to_owned(), turn), item)])
        };
        let groups = group(parse(text).unwrap(), done("b", None));
        let prompts: Vec<Vec<&str>> =
            groups.iter().map(|group| group.iter().map(|(line, _)| line.prompt.as_str()).collect()).collect();
        assert_eq!(prompts, [vec!["x"], vec!["1", "2"]]);
        let resumed = group(parse(text).unwrap(), done("c", Some(1)));
        let left: Vec<bool> = resumed[1].iter().map(|(_, done)| done.is_none()).collect();
        assert_eq!(left, [false, true], "a later turn stays a later turn");
    }

    #[test]
    fn bad_lines_are_named_and_ids_cannot_leave_the_folder() {
        assert!(parse("{\"id\":\"a\",\"prompt\":\"x\"}\nnonsense").unwrap_err().starts_with("Line 2"));
        assert!(
            parse("{\"id\":\"a\",\"prompt\":\"x\"}\n{\"id\":\"a\",\"prompt\":\"x\"}")
                .unwrap_err()
                .contains("twice")
        );
        let line = Line { id: "../../etc".into(), prompt: String::new(), conversation: None, turn: Some(3) };
        assert_eq!(stem(&line), "______etc-3");
    }

    #[test]
    fn a_line_that_was_cut_off_is_done_again() {
        let folder = tempfile::tempdir().unwrap();
        let results = folder.path().join("results.jsonl");
        let item = Item::answered("a", JobState::Question, Failure::new("question", "?", ""));
        let whole = format!("{}\n", serde_json::to_string(&item).unwrap());
        fs::write(&results, format!("{whole}{{\"id\":\"b\",\"tu")).unwrap();
        let found: Vec<Key> = finished(&results).unwrap().into_keys().collect();
        assert_eq!(found, [("a".to_owned(), None)]);
        assert_eq!(fs::read_to_string(&results).unwrap(), whole);
    }
}
