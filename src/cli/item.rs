//! One answer of `make`, `run` or `batch`: collects what a job tells, keeps its files, and prints it as JSON or as text.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

use crate::agent::{Agent, Request, Told};
use crate::domain::artifact::Format;
use crate::domain::before::Before;
use crate::domain::check::{Check, CheckStatus};
use crate::domain::edit::Change;
use crate::domain::event::{Completion, Event, Level};
use crate::domain::generation::Usage;
use crate::domain::job::{JobState, Lane};
use crate::domain::limits::RUN_EVENTS_QUEUE;
use crate::domain::measure::Measures;
use crate::domain::outcome::{Failure, Phases};
use crate::domain::parameter::Declared;
use crate::domain::plan::Plan;
use crate::domain::program::{Parameters, Program};
use crate::domain::write_back::write_back;

/// The object of design section 7.2. Paths are relative to the output folder.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Item {
    pub(super) id: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
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
    /// Those of the program, with the values it was run with.
    #[serde(default)]
    pub(super) parameters: Vec<Declared>,
    pub(super) measures: Option<Measures>,
    pub(super) checks: Vec<Check>,
    pub(super) unread: Vec<String>,
    pub(super) assumed: Vec<String>,
    pub(super) message: Option<String>,
    pub(super) notes: Vec<String>,
    pub(super) error: Option<ItemError>,
    pub(super) seconds: f64,
    pub(super) phases: Phases,
    /// What a language model had to do for it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) usage: Option<Usage>,
    /// The last change was taken back.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub(super) undo: bool,
    #[serde(skip)]
    failure: Option<Failure>,
    /// What a later edit needs to know of it.
    #[serde(skip)]
    ran: Option<Ran>,
}

/// The program as it ran.
#[derive(Debug)]
struct Ran {
    program: String,
    parameters: Parameters,
}

#[derive(Debug, Serialize, Deserialize)]
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
            parameters: Vec::new(),
            measures: None,
            checks: Vec::new(),
            unread: Vec::new(),
            assumed: Vec::new(),
            message: None,
            notes: Vec::new(),
            error: None,
            seconds: 0.0,
            phases: Phases::new(),
            usage: None,
            undo: false,
            failure: None,
            ran: None,
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
            Event::Asked { lane, model, round } if talk == Talk::Stderr => {
                let what = if lane == Lane::ModelPlan { "a plan" } else { "a program" };
                let again = if round > 1 { format!(" (round {round})") } else { String::new() };
                say(&format!("{model} writes {what}{again} ..."))?;
            }
            Event::Repaired { why, how } if talk == Talk::Stderr => say(&format!("{why}: {how}"))?,
            Event::Read(reading) => {
                self.unread = reading.unread.iter().map(|word| word.text.clone()).collect();
                self.assumed = reading
                    .assumed
                    .iter()
                    .map(|assumed| format!("{} ({})", assumed.what, assumed.why))
                    .collect();
                self.notes = reading.changes.iter().map(in_words).chain(reading.notes.clone()).collect();
                self.undo = reading.undo;
            }
            Event::Drafted { plan, program, parameters, .. } => {
                self.plan = plan;
                self.ran = Some(Ran { program, parameters });
            }
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
        self.usage = completion.usage;
        if let Some(part) = completion.part {
            self.notes.extend(part.warnings.iter().map(|warning| warning.message.clone()));
            self.measures = Some(part.measures);
            self.parameters = part.declared;
        }
        if let Some(failure) = completion.failure {
            self.fail(failure);
        }
    }

    /// Reads its program again: a result of an earlier start knows only the file.
    pub(super) fn remember(&mut self, folder: &Path) {
        let text = self.program.as_ref().and_then(|name| fs::read_to_string(folder.join(name)).ok());
        self.ran = text.map(|program| Ran { program, parameters: Parameters::new() });
    }

    /// The part as the next turn of a conversation finds it; none when none was built. `before` is the part that this
    /// turn went on from.
    pub(super) fn leaves(&self, prompt: &str, before: Option<&Before>) -> Option<Before> {
        if self.status != JobState::Built {
            return None;
        }
        if self.undo {
            return before?.earlier.as_deref().cloned();
        }
        let ran = self.ran.as_ref()?;
        let title =
            before.map_or_else(|| prompt.to_owned(), |before| format!("{}; then {prompt}", before.title));
        Some(Before {
            lane: self.lane?,
            program: Program::parse(&ran.program).ok()?,
            plan: self.plan.clone(),
            parameters: ran.parameters.clone(),
            declared: self.parameters.clone(),
            title,
            understood: self.unread.is_empty() && before.is_none_or(|before| before.understood),
            earlier: before.cloned().map(Box::new),
        })
    }

    /// The text of the program. One that we wrote says the values it was built with; the user's own stays as it is.
    fn told(&self, ran: &Ran) -> String {
        let written =
            self.plan.as_ref().and_then(|_| write_back(&ran.program, &self.parameters, &ran.parameters).ok());
        written.unwrap_or_else(|| ran.program.clone())
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
        if let Some(usage) = &self.usage {
            lines.push(cost(usage));
        }
        lines.push(format!("{:.2} s", self.seconds));
        lines.join("\n")
    }
}

/// "micro wrote 84 tokens in 0.4 s (210/s), 5 candidates"
fn cost(usage: &Usage) -> String {
    let rate = usage.tokens as f64 / usage.seconds.max(1e-3);
    let rounds = if usage.rounds > 1 { format!(", {} rounds", usage.rounds) } else { String::new() };
    let candidates = if usage.candidates > usage.rounds {
        format!(", {} candidates", usage.candidates)
    } else {
        String::new()
    };
    format!(
        "{} read {} tokens ({} known already) in {:.2} s and wrote {} in {:.2} s ({rate:.0}/s){candidates}{rounds}",
        usage.model,
        usage.prompt_tokens,
        usage.cached_tokens,
        usage.prompt_seconds,
        usage.tokens,
        usage.seconds
    )
}

/// "length 60 -> 80 mm"
fn in_words(change: &Change) -> String {
    let Change { what, from, to } = change;
    match (from.as_deref(), to.as_deref()) {
        (Some(from), Some(to)) => {
            // The unit is said once when both have the same.
            let unit = to.split_once(' ').map(|(_, unit)| unit);
            let from = unit.and_then(|unit| from.strip_suffix(unit)).map_or(from, str::trim_end);
            format!("{what} {from} -> {to}")
        }
        (None, Some(to)) => format!("{what} added: {to}"),
        (Some(from), None) => format!("{what} removed (was {from})"),
        (None, None) => what.clone(),
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

/// Where a job's files go: `<stem>.<extension>` in a folder, or nowhere.
#[derive(Clone, Copy)]
pub(super) enum Files<'a> {
    In { folder: &'a Path, stem: &'a str },
    Nowhere,
}

/// Works through a request, keeps its files, and returns the answer.
pub(super) async fn work(
    agent: &Agent,
    request: Request,
    id: &str,
    files: Files<'_>,
    talk: Talk,
    cancel: CancellationToken,
) -> io::Result<Item> {
    let (tell, mut told) = mpsc::channel(RUN_EVENTS_QUEUE);
    let agent = agent.clone();
    let making = tokio::spawn(async move { agent.make(request, tell, cancel).await });
    let mut item = Item::new(id);
    let mut written: Vec<(Format, PathBuf)> = Vec::new();
    while let Some(told) = told.recv().await {
        match told {
            Told::Artifacts(artifacts) => {
                let Files::In { folder, stem } = files else { continue };
                for artifact in artifacts {
                    let path = folder.join(format!("{stem}.{}", artifact.format.extension()));
                    copy(&artifact.file, &path)?;
                    written.push((artifact.format, path));
                }
            }
            Told::Event(event) => item.hear(event, talk)?,
        }
    }
    making.await.map_err(io::Error::other)?;
    if let (Files::In { folder, stem }, Some(ran)) = (files, &item.ran) {
        let name = format!("{stem}.py");
        fs::write(folder.join(&name), item.told(ran))?;
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
