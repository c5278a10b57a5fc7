//! `naturalcad bench plans N`: random plans that the table allows, built and measured. Each must become valid solids, one for each body, that
//! show every number of the plan. What does not is told with its seed, so that it can be tried again.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::time::Instant;

use tokio::task::JoinSet;

use super::examples::ask;
use crate::agent::{Agent, Ask};
use crate::catalog::Catalog;
use crate::domain::check::CheckStatus;
use crate::domain::event::Completion;
use crate::domain::plan::Plan;

/// More failures than this are counted, not listed.
const LISTED_MAX: usize = 60;

#[derive(Debug, Clone)]
pub struct Settings {
    pub plans: u64,
    pub seed: u64,
    /// Only plans with this step.
    pub step: Option<String>,
    /// Plans on their way at once.
    pub workers: usize,
}

#[derive(Debug)]
pub struct Failed {
    pub seed: u64,
    /// A short word: `raised`, `invalid`, `solids`, `missed` ...
    pub kind: String,
    pub reason: String,
    pub plan: String,
}

#[derive(Debug, Default)]
pub struct Report {
    pub tried: usize,
    /// Seeds for which no valid plan was found.
    pub without_plan: usize,
    pub failed: Vec<Failed>,
    pub milliseconds: Vec<f64>,
    /// How often each step was in a plan.
    pub steps: BTreeMap<String, usize>,
}

/// Builds the plans of `seed`, `seed + 1` ... and judges each.
pub async fn run(agent: &Agent, catalog: &Catalog, settings: &Settings) -> Report {
    let mut report = Report::default();
    let mut working = JoinSet::new();
    for seed in settings.seed..settings.seed + settings.plans {
        if working.len() >= settings.workers
            && let Some(done) = working.join_next().await
        {
            report.count(done);
        }
        let plan = match &settings.step {
            Some(step) => catalog.sample_of(step, seed),
            None => Some(catalog.sample(seed)),
        };
        let Some(plan) = plan else {
            report.without_plan += 1;
            continue;
        };
        for step in plan.bodies.iter().flat_map(|body| &body.steps) {
            *report.steps.entry(step.do_.clone()).or_default() += 1;
        }
        let agent = agent.clone();
        working.spawn(async move {
            let began = Instant::now();
            let heard = ask(&agent, Ask::Plan(Box::new(plan.clone()))).await;
            let fault = judge(&plan, heard.completion.as_ref());
            (seed, plan, fault, began.elapsed().as_secs_f64() * 1e3)
        });
    }
    while let Some(done) = working.join_next().await {
        report.count(done);
    }
    report.failed.sort_by_key(|failed| failed.seed);
    report
}

type Done = (u64, Plan, Option<(String, String)>, f64);

impl Report {
    fn count(&mut self, done: Result<Done, tokio::task::JoinError>) {
        self.tried += 1;
        match done {
            Ok((seed, plan, fault, milliseconds)) => {
                self.milliseconds.push(milliseconds);
                if let Some((kind, reason)) = fault {
                    let plan = serde_json::to_string(&plan).unwrap_or_default();
                    self.failed.push(Failed { seed, kind, reason, plan });
                }
            }
            Err(panic) => {
                let (kind, reason) = ("defect".to_owned(), panic.to_string());
                self.failed.push(Failed { seed: 0, kind, reason, plan: String::new() });
            }
        }
    }

    /// The table that the command prints.
    pub fn text(&mut self) -> String {
        let mut text = String::new();
        let mut kinds: BTreeMap<&str, usize> = BTreeMap::new();
        for failed in &self.failed {
            *kinds.entry(&failed.kind).or_default() += 1;
        }
        for failed in self.failed.iter().take(LISTED_MAX) {
            let _ = writeln!(
                text,
                "seed {} {}: {}\n    {}",
                failed.seed, failed.kind, failed.reason, failed.plan
            );
        }
        self.milliseconds.sort_by(f64::total_cmp);
        let share = |of: usize| 100.0 * of as f64 / self.tried.max(1) as f64;
        let _ = writeln!(
            text,
            "{} plans, {} failed ({:.2} %), {} seeds without a plan; {:.0} ms p50, {:.0} ms p95; {} kinds of steps",
            self.tried,
            self.failed.len(),
            share(self.failed.len()),
            self.without_plan,
            quantile(&self.milliseconds, 0.5),
            quantile(&self.milliseconds, 0.95),
            self.steps.len(),
        );
        for (kind, count) in kinds {
            let _ = writeln!(text, "    {kind}: {count} ({:.2} %)", share(count));
        }
        text
    }
}

/// The value below which this part of a sorted list lies; nought for an empty one.
pub(super) fn quantile(sorted: &[f64], part: f64) -> f64 {
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "an index into a list that is in memory"
    )]
    let at = ((sorted.len() as f64 - 1.0) * part).round().max(0.0) as usize;
    sorted.get(at).copied().unwrap_or(0.0)
}

fn judge(plan: &Plan, completion: Option<&Completion>) -> Option<(String, String)> {
    let fault = |kind: &str, reason: String| Some((kind.to_owned(), reason));
    let Some(completion) = completion else { return fault("defect", "the job did not end".to_owned()) };
    let Some(part) = &completion.part else {
        let failure = completion.failure.as_ref();
        let code = failure.map_or("defect", |failure| failure.code.as_str());
        return fault(code, failure.map(|failure| failure.message.clone()).unwrap_or_default());
    };
    let measures = &part.measures;
    if !measures.valid {
        return fault("invalid", "the solid is not valid".to_owned());
    }
    let bodies = measures.bodies.iter().filter(|body| body.solids != 1);
    let broken: Vec<String> =
        bodies.map(|body| format!("{} has {} solids", body.name, body.solids)).collect();
    if !broken.is_empty() || (measures.bodies.is_empty() && measures.solids as usize != plan.bodies.len()) {
        return fault("solids", format!("{} {} solids", broken.join(", "), measures.solids));
    }
    let missed: Vec<String> = completion
        .checks
        .iter()
        .filter(|check| check.status == CheckStatus::Missed)
        .map(|check| {
            let why = check.why.clone().unwrap_or_default();
            format!("{} {}, got {} {why}", check.what, check.asked, check.got.clone().unwrap_or_default())
        })
        .collect();
    if missed.is_empty() { None } else { fault("missed", missed.join("; ")) }
}
