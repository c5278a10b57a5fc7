//! `naturalcad catalog check`: every example prompt of the catalog through the agent, and what is wrong with the part that came out. It is how
//! a new step is tried, from a folder, without building the program again.

use std::fmt::Write as _;

use futures_util::StreamExt as _;
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

use crate::agent::{Agent, Ask, Request, Told};
use crate::catalog::{Catalog, Kind, StepInfo};
use crate::domain::artifact::{Format, Wanted};
use crate::domain::check::CheckStatus;
use crate::domain::event::{Completion, Event};
use crate::domain::job::Choice;
use crate::domain::limits::RUN_EVENTS_QUEUE;
use crate::domain::plan::Plan;
use crate::domain::program::Parameters;
use crate::domain::prompt::Prompt;
use crate::domain::reading::Reading;

/// Sizes of the box may differ from the table's by this much of a millimetre.
const CLOSE_MM: f64 = 0.01;

/// What became of one example.
#[derive(Debug)]
pub struct Tried {
    pub step: String,
    pub example: String,
    /// What is wrong, in words; empty when the example is sound.
    pub faults: Vec<String>,
    /// Box, volume, what was assumed.
    pub facts: String,
    pub program: String,
}

/// What an agent told of one request.
#[derive(Debug, Default)]
pub(super) struct Heard {
    pub reading: Option<Reading>,
    pub plan: Option<Plan>,
    pub program: String,
    pub completion: Option<Completion>,
}

/// Asks the templates and listens to the end.
pub(super) async fn ask(agent: &Agent, ask: Ask) -> Heard {
    ask_by(agent, ask, Choice::Template).await
}

/// The same by anybody's choice.
pub(super) async fn ask_by(agent: &Agent, ask: Ask, choice: Choice) -> Heard {
    let (tell, mut told) = mpsc::channel(RUN_EVENTS_QUEUE);
    let wanted = Wanted::These(vec![Format::Stl]);
    let request = Request { ask, parameters: Parameters::new(), wanted, choice };
    let working = agent.make(request, tell, CancellationToken::new());
    let listening = async {
        let mut heard = Heard::default();
        while let Some(told) = told.recv().await {
            match told {
                Told::Event(Event::Read(reading)) => heard.reading = Some(*reading),
                Told::Event(Event::Drafted { program, plan, .. }) => {
                    heard.program = program;
                    heard.plan = plan;
                }
                Told::Event(Event::Completed(completion)) => heard.completion = Some(*completion),
                _ => {}
            }
        }
        heard
    };
    tokio::join!(working, listening).1
}

/// Every example of these steps (all when none is named), in the order of the catalog; so many at once.
pub async fn try_examples(agent: &Agent, catalog: &Catalog, names: &[String], workers: usize) -> Vec<Tried> {
    let steps = catalog.steps();
    let wanted = steps.iter().filter(|step| names.is_empty() || names.contains(&step.name));
    let examples = wanted.flat_map(|step| step.examples.iter().map(move |example| (step, example)));
    let trying = examples.map(|(step, example)| try_one(agent, catalog, step, example));
    futures_util::stream::iter(trying).buffered(workers).collect().await
}

async fn try_one(agent: &Agent, catalog: &Catalog, step: &StepInfo, example: &str) -> Tried {
    let mut tried = Tried {
        step: step.name.clone(),
        example: example.to_owned(),
        faults: Vec::new(),
        facts: String::new(),
        program: String::new(),
    };
    let prompt = match Prompt::parse(example) {
        Ok(prompt) => prompt,
        Err(bad) => {
            tried.faults.push(bad.to_string());
            return tried;
        }
    };
    let heard = ask(agent, Ask::Prompt(prompt)).await;
    tried.program = heard.program;
    if let Some(reading) = &heard.reading {
        tried.faults.extend(reading_faults(reading, step));
    }
    let Some(completion) = heard.completion else {
        tried.faults.push("the job did not end".to_owned());
        return tried;
    };
    if let Some(failure) = &completion.failure {
        tried.faults.push(format!(
            "not built: {}. {}",
            failure.message,
            failure.hint.clone().unwrap_or_default()
        ));
    }
    for check in completion.checks.iter().filter(|check| check.status == CheckStatus::Missed) {
        let got = check.got.clone().unwrap_or_else(|| "nothing".to_owned());
        let why = check.why.clone().unwrap_or_default();
        tried.faults.push(format!("missed: {} {}, got {got} {why}", check.what, check.asked));
    }
    let Some(part) = &completion.part else { return tried };
    let size = part.measures.bounding_box.size;
    if !part.measures.valid {
        tried.faults.push("the solid is not valid".to_owned());
    }
    tried.faults.extend(part.warnings.iter().map(|warning| format!("warning: {}", warning.message)));
    let table = heard.plan.as_ref().and_then(|plan| catalog.table_box(plan));
    if let Some(table) = table
        && table.iter().zip(size).any(|(table, size)| (table - size).abs() > CLOSE_MM)
    {
        tried.faults.push(format!("the table's box is {table:?}, the solid's is {size:?}"));
    }
    let measures = &part.measures;
    let _ = write!(
        tried.facts,
        "{:.2} x {:.2} x {:.2} mm, {:.1} mm3, {} solids, {} faces, {} holes",
        size[0],
        size[1],
        size[2],
        measures.volume,
        measures.solids,
        measures.faces,
        measures.holes.len()
    );
    if let Some(reading) = &heard.reading {
        for assumed in &reading.assumed {
            let _ = write!(tried.facts, "\n        assumed: {} ({})", assumed.what, assumed.why);
        }
    }
    tried
}

/// An example is read to the last word, and names its own step and no other base.
fn reading_faults(reading: &Reading, step: &StepInfo) -> Vec<String> {
    let mut faults = Vec::new();
    if !reading.unread.is_empty() {
        let words: Vec<&str> = reading.unread.iter().map(|word| word.text.as_str()).collect();
        faults.push(format!("unread: {}", words.join(", ")));
    }
    let Some(plan) = &reading.plan else { return faults };
    let steps = || plan.bodies.iter().flat_map(|body| &body.steps);
    let places = steps()
        .filter_map(|step| step.at.as_ref())
        .chain(plan.bodies.iter().filter_map(|body| body.place.as_ref().and_then(|place| place.at.as_ref())));
    let used = match step.kind {
        Kind::Base | Kind::Feature => steps().any(|other| other.do_ == step.name),
        Kind::Placement | Kind::Pattern => places.into_iter().any(|place| place.name == step.name),
    };
    if !used {
        let names: Vec<&str> = steps().map(|step| step.do_.as_str()).collect();
        faults.push(format!("read as {}, not as {}", names.join(" + "), step.name));
    }
    faults
}
