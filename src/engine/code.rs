//! The code lane: a model writes build123d itself. Free text, so the runner's cage is the wall and the checks are the judge.

use super::writer::Question;
use super::{Draft, Proposal, Proposals, Wish, extract, lessons};
use crate::domain::generation::Turn;
use crate::domain::job::Lane;
use crate::domain::limits::CODE_ANSWER_TOKENS_MAX;
use crate::domain::outcome::Failure;
use crate::domain::program::Program;
use crate::model::Candidate;

/// The answer begins with this, so that no model opens with a speech.
const PREFILL: &str = "```python\nfrom build123d import *\n";

pub(super) fn question(wish: &Wish) -> Question {
    let prompt = wish.prompt.as_str();
    let mut turns = vec![Turn::system(system())];
    match &wish.before {
        None => turns.push(Turn::user(prompt)),
        Some(before) => {
            let program = before.program.as_str();
            turns.push(Turn::user(before.title.clone()));
            turns.push(Turn::assistant(fenced(program)));
            turns.push(Turn::user(format!("Change it: {prompt}. Write the whole program again.")));
        }
    }
    if let Some(repair) = &wish.repair {
        turns.push(Turn::assistant(fenced(&repair.answer)));
        turns.push(Turn::user(repair.complaint.clone()));
    }
    let earlier = wish.repair.as_ref().map(|repair| repair.answer.as_str());
    let copy_from = earlier.or_else(|| wish.before.as_ref().map(|before| before.program.as_str()));
    // The prefill has the import already.
    let copy_from =
        copy_from.map(|program| program.trim_start_matches("from build123d import *\n").to_owned());
    Question {
        turns,
        prefill: PREFILL.to_owned(),
        candidates: 1,
        max_tokens: CODE_ANSWER_TOKENS_MAX,
        stops: vec!["```".to_owned()],
        copy_from,
        ..Question::default()
    }
}

pub(super) fn proposals(lane: Lane, candidates: &[Candidate]) -> Proposals {
    let mut proposals = Proposals::default();
    for candidate in candidates {
        proposals.candidates += 1;
        // One that begins anew does so with a fence or the import.
        let anew = candidate.text.contains("```") || candidate.text.contains("from build123d import");
        let text = if anew { candidate.text.clone() } else { format!("{PREFILL}{}", candidate.text) };
        let program = extract::extract_program(&text)
            .ok_or_else(|| {
                Failure::new("no_program", "The model wrote no program", "Ask it again in other words")
            })
            .and_then(|source| {
                let hint = "Ask it again in other words";
                Program::parse(&source).map_err(|error| Failure::new("no_program", error.to_string(), hint))
            });
        match program {
            Ok(program) => {
                let draft = Draft { lane, understood: true, ..Draft::of(program) };
                let answer = draft.program.as_str().to_owned();
                proposals.add(Proposal::of(draft, &answer, Vec::new()));
            }
            Err(failure) => proposals.unusable.push((text, failure)),
        }
    }
    proposals.by_votes();
    proposals
}

/// Reference and examples in one text that is the same for every question, so that its state is kept.
fn system() -> String {
    let examples = lessons::code_examples()
        .iter()
        .map(|example| format!("Request: {}\n{}", example.prompt.trim(), fenced(&example.program)));
    let examples: Vec<String> = examples.collect();
    format!("{}\n\nExamples\n\n{}", lessons::code_system().trim_end(), examples.join("\n\n"))
}

fn fenced(program: &str) -> String {
    format!("```python\n{}\n```", program.trim_end())
}
