//! Follow-up sentences (`tests/cases/edits.toml`): what each changes in the plan of a part, told as a person would, and what stays unclear is
//! asked. Cases with a box, a volume or holes are built through the front door too.

use std::fs;
use std::path::Path;

use naturalcad::catalog::Catalog;
use naturalcad::domain::edit::Change;
use naturalcad::domain::plan::Plan;
use naturalcad::domain::reading::Reading;
use serde::Deserialize;
use serde_json::Value;

use crate::measured::{self, Holes};
use crate::support::TestApp;

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Case {
    start: String,
    /// All but the last must change something.
    edits: Vec<String>,
    /// What the last one changes: `plate length: 60 mm -> 80 mm`; `-` where there was or is nothing.
    changes: Option<Vec<String>>,
    /// Part of the question that the last one leads to.
    question: Option<String>,
    #[serde(default)]
    undo: bool,
    /// The last one starts a new part.
    #[serde(default)]
    fresh: bool,
    #[serde(default)]
    unread: Vec<String>,
    #[serde(rename = "box")]
    size: Option<[f64; 3]>,
    volume: Option<f64>,
    holes: Option<Vec<Holes>>,
}

#[derive(Deserialize)]
struct Cases {
    case: Vec<Case>,
}

fn cases() -> Vec<Case> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cases/edits.toml");
    toml::from_str::<Cases>(&fs::read_to_string(path).unwrap()).unwrap().case
}

fn told(change: &Change) -> String {
    let side = |side: &Option<String>| side.clone().unwrap_or_else(|| "-".to_owned());
    format!("{}: {} -> {}", change.what, side(&change.from), side(&change.to))
}

/// The plan before the last edit, and how that was read.
fn read(catalog: &Catalog, case: &Case) -> (Plan, Reading) {
    let mut plan = catalog.read(&case.start).plan.expect("the start is a part");
    let (last, before) = case.edits.split_last().expect("a case has an edit");
    for edit in before {
        plan = catalog.edit(&plan, edit).plan.unwrap_or_else(|| panic!("{edit:?} changes nothing"));
    }
    let reading = catalog.edit(&plan, last);
    (plan, reading)
}

/// What differs from the expectation, in words.
fn differences(case: &Case, before: &Plan, reading: &Reading) -> Vec<String> {
    let mut wrong = Vec::new();
    if reading.undo != case.undo {
        wrong.push(format!("undo is {}", reading.undo));
    }
    let fresh = reading.notes.iter().any(|note| note.contains("new part"));
    if fresh != case.fresh {
        wrong.push(if fresh { "a new part".to_owned() } else { "no new part".to_owned() });
    }
    match (&case.question, &reading.question) {
        (Some(wanted), Some(got)) if got.contains(wanted.as_str()) => {}
        (None, None) => {}
        (wanted, got) => wrong.push(format!("asks {got:?} instead of {wanted:?}")),
    }
    if case.question.is_some() && reading.plan.is_some() {
        wrong.push("a plan beside a question".to_owned());
    }
    if let Some(wanted) = &case.changes {
        let got: Vec<String> = reading.changes.iter().map(told).collect();
        if got != *wanted {
            wrong.push(format!("changes {got:?} instead of {wanted:?}"));
        }
        if reading.plan.as_ref() == Some(before) && !wanted.is_empty() {
            wrong.push("the plan is as it was".to_owned());
        }
    }
    let unread: Vec<&str> = reading.unread.iter().map(|word| word.text.as_str()).collect();
    if case.question.is_none() && unread != case.unread {
        wrong.push(format!("unread {unread:?} instead of {:?}", case.unread));
    }
    wrong
}

#[test]
fn sentences_change_what_they_say_and_nothing_else() {
    let catalog = Catalog::embedded().unwrap();
    let cases = cases();
    assert!(cases.len() >= 110, "only {} cases", cases.len());
    let mut failures = Vec::new();
    for case in &cases {
        let (before, reading) = read(&catalog, case);
        let wrong = differences(case, &before, &reading);
        if !wrong.is_empty() {
            failures.push(format!("{:?} + {:?}: {}", case.start, case.edits, wrong.join("; ")));
        }
    }
    assert!(failures.is_empty(), "{} of {}:\n{}", failures.len(), cases.len(), failures.join("\n"));
}

#[test]
fn every_word_of_an_edit_has_one_fate() {
    let catalog = Catalog::embedded().unwrap();
    for case in &cases() {
        let (_, reading) = read(&catalog, case);
        let prompt = case.edits.last().unwrap();
        let mut fates = vec![0; prompt.chars().count()];
        for mark in &reading.spans {
            for fate in &mut fates[mark.start..mark.end] {
                *fate += 1;
            }
        }
        for (at, letter) in prompt.chars().enumerate().filter(|(_, letter)| letter.is_alphanumeric()) {
            assert_eq!(fates[at], 1, "{prompt:?}: {letter:?} at {at} has {} fates", fates[at]);
        }
    }
}

#[tokio::test]
async fn changed_parts_are_built_as_they_were_told() {
    let catalog = Catalog::embedded().unwrap();
    let cases: Vec<Case> = cases().into_iter().filter(|case| case.size.is_some()).collect();
    assert!(cases.len() >= 24, "only {} cases are built", cases.len());
    let app = TestApp::start().await;
    let mut failures = Vec::new();
    for case in &cases {
        let (_, reading) = read(&catalog, case);
        let plan = reading.plan.expect("a case that is built has a plan");
        let job = app.submit(serde_json::json!({ "plan": plan })).await;
        let events = app.events(&job).await;
        let wrong = measured(case, &events.last().unwrap().data);
        if !wrong.is_empty() {
            failures.push(format!("{:?} + {:?}: {}", case.start, case.edits, wrong.join("; ")));
        }
    }
    app.stop().await;
    assert!(failures.is_empty(), "{} of {}:\n{}", failures.len(), cases.len(), failures.join("\n"));
}

fn measured(case: &Case, complete: &Value) -> Vec<String> {
    if complete["success"] != true {
        return vec![format!("not built: {complete}")];
    }
    measured::differences(case.size, case.volume, case.holes.as_deref(), &complete["measures"])
}
