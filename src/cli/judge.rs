//! `naturalcad catalog sample` and `judge`: random plans, and what the catalog makes of written answers. The training data of the small
//! model is made and tested with them (`models/train`).

use std::io::{self, BufRead, BufWriter, Write};
use std::process::ExitCode;

use serde::{Deserialize, Serialize};
use serde_json::json;

use crate::catalog::Catalog;
use crate::domain::plan::{Plan, Problem};

/// Random plans, one a line.
pub fn sample(catalog: &Catalog, count: u64, seed: u64) -> io::Result<ExitCode> {
    let mut out = BufWriter::new(io::stdout().lock());
    for seed in seed..seed.saturating_add(count) {
        writeln!(out, "{}", catalog.compact(&catalog.sample(seed)))?;
    }
    Ok(ExitCode::SUCCESS)
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Asked {
    prompt: Option<String>,
    /// A plan as a model writes it; the answer is then a patch of it.
    before: Option<String>,
    answer: Option<String>,
}

#[derive(Debug, Default, Serialize)]
struct Judged {
    /// The plan in the answer, or after its patch, in millimetres and degrees.
    #[serde(skip_serializing_if = "Option::is_none")]
    plan: Option<String>,
    /// The steps of the plan before, as the question of a patch shows them.
    #[serde(skip_serializing_if = "Option::is_none")]
    listing: Option<String>,
    /// What a patch asks.
    #[serde(skip_serializing_if = "Option::is_none")]
    question: Option<String>,
    problems: Vec<String>,
    /// What the reader makes of the prompt.
    #[serde(skip_serializing_if = "Option::is_none")]
    reader: Option<serde_json::Value>,
}

/// A line out for each line in. Exit code 1 when one of them could not be understood at all.
pub fn judge(catalog: &Catalog) -> io::Result<ExitCode> {
    let mut out = BufWriter::new(io::stdout().lock());
    let mut broken = false;
    for line in io::stdin().lock().lines() {
        let judged = match serde_json::from_str::<Asked>(&line?) {
            Ok(asked) => judged(catalog, &asked),
            Err(error) => {
                broken = true;
                Judged { problems: vec![format!("The line is not understood: {error}")], ..Judged::default() }
            }
        };
        writeln!(out, "{}", serde_json::to_string(&judged)?)?;
    }
    Ok(ExitCode::from(u8::from(broken)))
}

fn judged(catalog: &Catalog, asked: &Asked) -> Judged {
    let mut judged = Judged::default();
    let before = asked.before.as_deref().and_then(|text| plan(catalog, text, &mut judged.problems));
    if asked.before.is_some() && before.is_none() {
        return judged;
    }
    judged.listing = before.as_ref().map(|plan| catalog.numbered(plan));
    match (&before, &asked.answer) {
        (Some(before), Some(answer)) => match catalog.apply_patch(before, answer) {
            Ok(patched) => {
                judged.question = patched.question;
                checked(catalog, &patched.plan, &mut judged.problems);
                judged.plan = Some(catalog.compact(&patched.plan));
            }
            Err(problem) => judged.problems.push(told(&problem)),
        },
        (None, Some(answer)) => {
            judged.plan = plan(catalog, answer, &mut judged.problems).map(|plan| catalog.compact(&plan));
        }
        (_, None) => {}
    }
    judged.reader = asked.prompt.as_deref().map(|prompt| {
        let said = before.is_none().then(|| catalog.said(prompt)).flatten();
        let reading = match &before {
            Some(before) => catalog.edit(before, prompt),
            None => catalog.read(prompt),
        };
        json!({
            "complete": reading.complete(),
            "plan": reading.plan.as_ref().map(|plan| catalog.compact(plan)),
            "question": reading.question,
            "said": said,
            "unread": reading.unread.iter().map(|word| &word.text).collect::<Vec<_>>(),
            "undo": reading.undo,
        })
    });
    judged
}

fn plan(catalog: &Catalog, text: &str, problems: &mut Vec<String>) -> Option<Plan> {
    match catalog.plan_from(text) {
        Ok(loose) => {
            checked(catalog, &loose.plan, problems);
            Some(loose.plan)
        }
        Err(problem) => {
            problems.push(told(&problem));
            None
        }
    }
}

fn checked(catalog: &Catalog, plan: &Plan, problems: &mut Vec<String>) {
    problems.extend(catalog.validate(plan).iter().map(told));
}

fn told(problem: &Problem) -> String {
    let step = problem.step.map(|step| format!("step {}: ", step + 1)).unwrap_or_default();
    format!("{step}{}. {}", problem.message, problem.hint)
}
