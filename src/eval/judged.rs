//! `naturalcad eval`: prompts with the plans that they mean, asked as a user would, and how many come out right.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::time::Instant;

use futures_util::StreamExt as _;
use serde::Deserialize;

use super::examples::{Heard, ask_by};
use super::plans::quantile;
use crate::agent::{Agent, Ask};
use crate::catalog::Catalog;
use crate::domain::before::Before;
use crate::domain::job::{Choice, JobState, Lane};
use crate::domain::plan::Plan;
use crate::domain::program::{Parameters, Program};
use crate::domain::prompt::Prompt;

/// Two-sided 95 % of the normal distribution.
const Z: f64 = 1.959_964;

/// One line of a file of cases: a prompt, the plan before it when it changes a part, and the answer that it means, a plan or a patch.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Case {
    pub prompt: String,
    pub before: Option<String>,
    pub answer: String,
    pub voice: String,
    pub category: String,
}

/// What a case should end in.
enum Expected {
    Part(Box<Plan>),
    /// Something that is needed was not said.
    Question,
}

/// What became of one case.
#[derive(Debug)]
pub struct Judged {
    pub case: Case,
    pub lane: Option<Lane>,
    pub right: bool,
    pub sure: bool,
    pub asked: bool,
    pub seconds: f64,
    /// What came out, for the list of wrong ones.
    pub got: String,
}

/// The cases of a JSONL file.
pub fn cases_of(text: &str) -> Result<Vec<Case>, serde_json::Error> {
    text.lines().filter(|line| !line.trim().is_empty()).map(serde_json::from_str).collect()
}

/// Asks all cases, so many at once. A case that is itself broken is an error that names it.
pub async fn run(
    agent: &Agent,
    catalog: &Catalog,
    cases: Vec<Case>,
    choice: Choice,
    at_once: usize,
) -> Result<Vec<Judged>, String> {
    let judging = cases.into_iter().map(|case| judge(agent, catalog, case, choice));
    let all: Vec<Result<Judged, String>> =
        futures_util::stream::iter(judging).buffered(at_once).collect().await;
    all.into_iter().collect()
}

async fn judge(agent: &Agent, catalog: &Catalog, case: Case, choice: Choice) -> Result<Judged, String> {
    let broken = |why: String| format!("The case `{}` is broken: {why}", case.prompt);
    let before = case.before.as_deref().map(|text| plan_of(catalog, text)).transpose().map_err(broken)?;
    let expected = expected(catalog, &case, before.as_ref()).map_err(broken)?;
    let prompt = Prompt::parse(&case.prompt).map_err(|bad| broken(bad.to_string()))?;
    let wish = match before {
        None => Ask::Prompt(prompt),
        Some(plan) => Ask::Edit { before: Box::new(stands(catalog, plan).map_err(broken)?), prompt },
    };
    let began = Instant::now();
    let heard = ask_by(agent, wish, choice).await;
    let seconds = began.elapsed().as_secs_f64();
    let state = heard.completion.as_ref().map(|completion| completion.state);
    let right = match &expected {
        Expected::Question => state == Some(JobState::Question),
        Expected::Part(plan) => is_right(agent, catalog, plan, &heard).await,
    };
    let completion = heard.completion;
    let got = match (&heard.plan, state) {
        (Some(plan), Some(JobState::Built)) => catalog.compact(plan),
        _ => completion
            .as_ref()
            .and_then(|completion| completion.failure.as_ref())
            .map_or_else(|| format!("{state:?}"), |failure| failure.message.clone()),
    };
    Ok(Judged {
        lane: completion.as_ref().and_then(|completion| completion.lane),
        sure: completion.as_ref().is_some_and(|completion| completion.sure),
        asked: state == Some(JobState::Question),
        case,
        right,
        seconds,
        got,
    })
}

fn plan_of(catalog: &Catalog, text: &str) -> Result<Plan, String> {
    catalog.plan_from(text).map(|loose| loose.plan).map_err(|problem| problem.message)
}

fn expected(catalog: &Catalog, case: &Case, before: Option<&Plan>) -> Result<Expected, String> {
    let plan = match before {
        None => plan_of(catalog, &case.answer)?,
        Some(before) => {
            let patched = catalog.apply_patch(before, &case.answer).map_err(|problem| problem.message)?;
            if patched.question.is_some() {
                return Ok(Expected::Question);
            }
            patched.plan
        }
    };
    if catalog.question(&plan).is_some() {
        return Ok(Expected::Question);
    }
    match catalog.validate(&plan).first() {
        Some(problem) => Err(problem.message.clone()),
        None => Ok(Expected::Part(Box::new(plan))),
    }
}

/// The part that a change starts from, as a job would have left it.
fn stands(catalog: &Catalog, plan: Plan) -> Result<Before, String> {
    let lowered = catalog.lower(&plan, "A part").map_err(|error| error.to_string())?;
    let program = Program::parse(&lowered.source).map_err(|bad| bad.to_string())?;
    Ok(Before {
        lane: Lane::Template,
        program,
        plan: Some(plan),
        parameters: Parameters::new(),
        declared: Vec::new(),
        title: "A part".to_owned(),
        understood: true,
        earlier: None,
    })
}

/// The same program, or else the same solid: two ways to say a part are equally right.
async fn is_right(agent: &Agent, catalog: &Catalog, wanted: &Plan, heard: &Heard) -> bool {
    let Some(part) = heard.completion.as_ref().and_then(|completion| completion.part.as_ref()) else {
        return false;
    };
    let source = |plan: &Plan| catalog.lower(&nameless(plan), "").map(|program| program.source).ok();
    if heard.plan.as_ref().and_then(source).is_some_and(|got| Some(got) == source(wanted)) {
        return true;
    }
    let meant = ask_by(agent, Ask::Plan(Box::new(wanted.clone())), Choice::Template).await;
    let meant = meant.completion.and_then(|completion| completion.part);
    meant.is_some_and(|meant| meant.measures.is_same_solid(&part.measures))
}

/// Names of bodies say nothing about the part.
fn nameless(plan: &Plan) -> Plan {
    let mut plan = plan.clone();
    if let [only] = plan.bodies.as_mut_slice() {
        "part".clone_into(&mut only.name);
    }
    plan
}

/// What cases are grouped by.
type Key<'a> = &'a dyn Fn(&Judged) -> String;

/// The table: all, then by lane, category and voice.
pub fn report(all: &[Judged]) -> String {
    let mut text = String::new();
    let head = ["", "cases", "right", "sure", "right when sure", "asked", "p50", "p95"];
    row(&mut text, &head.map(str::to_owned));
    row(&mut text, &figures("all", &all.iter().collect::<Vec<_>>()));
    let lane =
        |one: &Judged| one.lane.map_or_else(|| "none".to_owned(), |lane| format!("{lane:?}").to_lowercase());
    let sections: [(&str, Key<'_>); 3] = [
        ("lane", &lane),
        ("category", &|one| one.case.category.clone()),
        ("voice", &|one| one.case.voice.clone()),
    ];
    for (title, key) in sections {
        let mut groups: BTreeMap<String, Vec<&Judged>> = BTreeMap::new();
        for one in all {
            groups.entry(key(one)).or_default().push(one);
        }
        for (name, group) in groups {
            row(&mut text, &figures(&format!("{title} {name}"), &group));
        }
    }
    text
}

fn row(text: &mut String, cells: &[String; 8]) {
    let [name, cases, right, sure, when_sure, asked, p50, p95] = cells;
    // Writing to a string can't fail.
    let _ = writeln!(
        text,
        "{name:<24} {cases:>5}  {right:<18} {sure:<18} {when_sure:<18} {asked:>6} {p50:>8} {p95:>8}"
    );
}

fn figures(name: &str, group: &[&Judged]) -> [String; 8] {
    let count = |wanted: &dyn Fn(&&&Judged) -> bool| group.iter().filter(wanted).count();
    let sure = count(&|one| one.sure);
    let mut seconds: Vec<f64> = group.iter().map(|one| one.seconds).collect();
    seconds.sort_by(f64::total_cmp);
    [
        name.to_owned(),
        group.len().to_string(),
        share(count(&|one| one.right), group.len()),
        share(sure, group.len()),
        share(count(&|one| one.sure && one.right), sure),
        count(&|one| one.asked).to_string(),
        format!("{:.0} ms", quantile(&seconds, 0.5) * 1e3),
        format!("{:.0} ms", quantile(&seconds, 0.95) * 1e3),
    ]
}

/// `92.0 % (88-95)`: a share with its 95 % interval after Wilson, "Probable inference, the law of succession, and statistical inference",
/// Journal of the American Statistical Association 22 (1927).
fn share(part: usize, of: usize) -> String {
    if of == 0 {
        return "-".to_owned();
    }
    let (n, p) = (of as f64, part as f64 / of as f64);
    let middle = (p + Z * Z / (2.0 * n)) / (1.0 + Z * Z / n);
    let half = Z / (1.0 + Z * Z / n) * (p * (1.0 - p) / n + Z * Z / (4.0 * n * n)).sqrt();
    format!("{:.1} % ({:.0}-{:.0})", 100.0 * p, 100.0 * (middle - half), 100.0 * (middle + half))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shares_have_wilsons_interval() {
        assert_eq!(share(37, 50), "74.0 % (60-84)");
        assert_eq!(share(0, 0), "-");
    }

    #[test]
    fn a_line_with_an_unknown_key_is_refused() {
        let line = r#"{"prompt":"a cube","before":null,"answer":"{}","voice":"maker","category":"block"}"#;
        assert_eq!(cases_of(&format!("{line}\n\n{line}\n")).unwrap().len(), 2);
        assert!(cases_of(&line.replace("voice", "tone")).is_err());
    }
}
