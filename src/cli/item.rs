//! One answer of `make`, `run` or `batch`: collects what a job tells, keeps its files, and prints it as JSON or as text.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use serde::Serialize;
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

use crate::agent::{Agent, Request, Told};
use crate::domain::artifact::Format;
use crate::domain::check::{Check, CheckStatus};
use crate::domain::event::{Completion, Event, Level};
use crate::domain::job::{JobState, Lane};
use crate::domain::limits::RUN_EVENTS_QUEUE;
use crate::domain::measure::Measures;
use crate::domain::outcome::{Failure, Phases};
use crate::domain::plan::Plan;

/// The object of design section 7.2. Paths are relative to the output folder.
#[derive(Debug, Serialize)]
pub(super) struct Item {
    pub(super) id: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) turn: Option<u64>,
    pub(super) status: JobState,
    pub(super) sure: bool,
    pub(super) lane: Option<Lane>,
    pub(super) step: Option<String>,
    pub(super) stl: Option<String>,
    /// Every file, by format.
    pub(super) files: std::collections::BTreeMap<Format, String>,
    pub(super) program: Option<String>,
    pub(super) plan: Option<Plan>,
    pub(super) measures: Option<Measures>,
    pub(super) checks: Vec<Check>,
    pub(super) unread: Vec<String>,
    pub(super) assumed: Vec<String>,
    pub(super) message: Option<String>,
    pub(super) notes: Vec<String>,
    pub(super) error: Option<ItemError>,
    pub(super) seconds: f64,
    pub(super) phases: Phases,
    #[serde(skip)]
    failure: Option<Failure>,
}

#[derive(Debug, Serialize)]
pub(super) struct ItemError {
    pub(super) code: String,
    pub(super) message: String,
    pub(super) hint: Option<String>,
}

/// Who hears the program's output while it runs.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Talk {
    Stderr,
    Silent,
}

impl Item {
    fn new(id: &str) -> Self {
        Self {
            id: id.to_owned(),
            turn: None,
            status: JobState::Failed,
            sure: false,
            lane: None,
            step: None,
            stl: None,
            files: std::collections::BTreeMap::new(),
            program: None,
            plan: None,
            measures: None,
            checks: Vec::new(),
            unread: Vec::new(),
            assumed: Vec::new(),
            message: None,
            notes: Vec::new(),
            error: None,
            seconds: 0.0,
            phases: Phases::new(),
            failure: None,
        }
    }

    /// An answer that needed no work.
    pub(super) fn answered(id: &str, status: JobState, failure: Failure) -> Self {
        let mut item = Self::new(id);
        item.status = status;
        item.fail(failure);
        item
    }

    fn fail(&mut self, failure: Failure) {
        self.message = Some(failure.message.clone());
        if self.status != JobState::Question {
            let (code, message, hint) = (failure.code.clone(), failure.message.clone(), failure.hint.clone());
            self.error = Some(ItemError { code, message, hint });
        }
        self.failure = Some(failure);
    }

    fn hear(&mut self, event: Event, talk: Talk) -> io::Result<()> {
        match event {
            Event::Log { level, message } if talk == Talk::Stderr => {
                let mark = if level == Level::Info { "" } else { "! " };
                say(&format!("{mark}{message}"))?;
            }
            Event::Read(reading) => {
                self.unread = reading.unread.iter().map(|word| word.text.clone()).collect();
                self.assumed = reading
                    .assumed
                    .iter()
                    .map(|assumed| format!("{} ({})", assumed.what, assumed.why))
                    .collect();
                self.notes.clone_from(&reading.notes);
            }
            Event::Drafted { plan, .. } => self.plan = plan,
            Event::Completed(completion) => self.complete(*completion),
            _ => {}
        }
        Ok(())
    }

    fn complete(&mut self, completion: Completion) {
        self.status = completion.state;
        self.lane = completion.lane;
        self.sure = completion.sure;
        self.checks = completion.checks;
        self.seconds = completion.seconds;
        self.phases = completion.phases;
        if let Some(part) = completion.part {
            self.notes.extend(part.warnings.iter().map(|warning| warning.message.clone()));
            self.measures = Some(part.measures);
        }
        if let Some(failure) = completion.failure {
            self.fail(failure);
        }
    }

    /// What a person reads.
    pub(super) fn text(&self) -> String {
        let mut lines = Vec::new();
        if let Some(failure) = &self.failure {
            lines.push(failure.message.clone());
            if let Some(place) = &failure.place {
                for line in &place.excerpt {
                    let mark = if place.line == Some(line.line) { ">" } else { " " };
                    lines.push(format!("  {mark}{:4} {}", line.line, line.text));
                }
            }
            lines.extend(failure.hint.iter().map(|hint| format!("hint: {hint}")));
        }
        if let Some(measures) = &self.measures {
            let [x, y, z] = measures.bounding_box.size.map(shown);
            let solids =
                if measures.solids == 1 { "1 solid".into() } else { format!("{} solids", measures.solids) };
            lines.push(format!("{x} x {y} x {z} mm, volume {} mm3, {solids}", shown(measures.volume)));
        }
        for check in &self.checks {
            let mark = match check.status {
                CheckStatus::Met => "met",
                CheckStatus::Missed => "MISSED",
                CheckStatus::NotChecked => "not checked",
            };
            let got = check.got.as_deref().map(|got| format!(", got {got}")).unwrap_or_default();
            let why = check.why.as_deref().map(|why| format!(" ({why})")).unwrap_or_default();
            lines.push(format!("  {mark}: {} {}{got}{why}", check.what, check.asked));
        }
        lines.extend(self.assumed.iter().map(|what| format!("assumed: {what}")));
        lines.extend(self.notes.iter().map(|note| format!("note: {note}")));
        if !self.unread.is_empty() {
            lines.push(format!("not understood: {}", self.unread.join(", ")));
        }
        lines.extend(self.program.iter().chain(self.files.values()).map(|file| format!("wrote {file}")));
        lines.push(format!("{:.2} s", self.seconds));
        lines.join("\n")
    }
}

/// A number as on a drawing: three decimals at most.
fn shown(value: f64) -> String {
    let rounded = (value * 1e3).round() / 1e3;
    format!("{rounded}")
}

/// One line for people.
pub(super) fn say(line: &str) -> io::Result<()> {
    io::Write::write_fmt(&mut io::stderr().lock(), format_args!("{line}\n"))
}

/// Works through a request, keeps its files as `<stem>.<extension>` in `out`, and returns the answer.
pub(super) async fn work(
    agent: &Agent,
    request: Request,
    id: &str,
    stem: &str,
    out: &Path,
    talk: Talk,
    cancel: CancellationToken,
) -> io::Result<Item> {
    let (tell, mut told) = mpsc::channel(RUN_EVENTS_QUEUE);
    let agent = agent.clone();
    let making = tokio::spawn(async move { agent.make(request, tell, cancel).await });
    let mut item = Item::new(id);
    let mut program = None;
    let mut written: Vec<(Format, PathBuf)> = Vec::new();
    while let Some(told) = told.recv().await {
        match told {
            Told::Artifacts(artifacts) => {
                for artifact in artifacts {
                    let path = out.join(format!("{stem}.{}", artifact.format.extension()));
                    copy(&artifact.file, &path)?;
                    written.push((artifact.format, path));
                }
            }
            Told::Event(event) => {
                if let Event::Drafted { program: source, .. } = &event {
                    program = Some(source.clone());
                }
                item.hear(event, talk)?;
            }
        }
    }
    making.await.map_err(io::Error::other)?;
    if let Some(source) = program {
        let name = format!("{stem}.py");
        fs::write(out.join(&name), source)?;
        item.program = Some(name);
    }
    if item.status == JobState::Built {
        let name = |path: &PathBuf| path.file_name().map(|name| name.to_string_lossy().into_owned());
        item.files = written.iter().filter_map(|(format, path)| Some((*format, name(path)?))).collect();
        item.step = item.files.get(&Format::Step).cloned();
        item.stl = item.files.get(&Format::Stl).cloned();
    } else {
        // A part that was not finished leaves no file that looks as if it were.
        for (_, path) in &written {
            fs::remove_file(path)?;
        }
    }
    Ok(item)
}

/// Writes beside the name and renames.
fn copy(mut from: &fs::File, to: &Path) -> io::Result<()> {
    let partial = to.with_extension("partial");
    let mut out = fs::File::create(&partial)?;
    io::copy(&mut from, &mut out)?;
    fs::rename(&partial, to)
}
