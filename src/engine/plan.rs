//! The plan lane: a model fills the catalog's grammar, or writes a patch of the plan that is there. Code converts units, validates and lowers.

use super::writer::{Notations, Own, Question};
use super::{Draft, Proposal, Proposals, Wish};
use crate::catalog::Catalog;
use crate::domain::generation::Turn;
use crate::domain::job::Lane;
use crate::domain::limits::{LESSON_CHARS_MAX, PLAN_ANSWER_TOKENS_MAX};
use crate::domain::outcome::Failure;
use crate::domain::plan::Plan;
use crate::engine::template;
use crate::model::Candidate;

/// Worked examples in front of the question.
const EXAMPLES: usize = 4;

pub(super) fn question(catalog: &Catalog, wish: &Wish, candidates: u32) -> Question {
    match wish.before.as_ref().and_then(|before| before.plan.as_ref()) {
        Some(plan) => patch_question(catalog, wish, plan, candidates),
        None => plan_question(catalog, wish, candidates),
    }
}

fn plan_question(catalog: &Catalog, wish: &Wish, candidates: u32) -> Question {
    let prompt = wish.prompt.as_str();
    let mut turns = vec![Turn::system(catalog.primer())];
    for (example, answer) in catalog.worked_answers(prompt, EXAMPLES) {
        turns.push(Turn::user(example));
        turns.push(Turn::assistant(answer));
    }
    let lesson = catalog.lesson(prompt, LESSON_CHARS_MAX);
    turns.push(Turn::user(format!("{lesson}\n\nPart: {prompt}")));
    repair_turns(wish, &mut turns);
    let grammar = catalog.plan_grammar();
    Question {
        turns,
        grammar: Some(Notations { lark: grammar.lark(), gbnf: grammar.gbnf() }),
        candidates,
        max_tokens: PLAN_ANSWER_TOKENS_MAX,
        own: wish.repair.is_none().then(|| Own::Plan { prompt: prompt.to_owned() }),
        ..Question::default()
    }
}

fn patch_question(catalog: &Catalog, wish: &Wish, plan: &Plan, candidates: u32) -> Question {
    let prompt = wish.prompt.as_str();
    let listing = catalog.numbered(plan);
    let lesson = catalog.lesson(prompt, LESSON_CHARS_MAX);
    let mut turns = vec![
        Turn::system(catalog.primer()),
        Turn::user(format!(
            "The part as it is:\n{listing}\n\n{lesson}\n\nChange: {prompt}\nAnswer with the patch."
        )),
    ];
    repair_turns(wish, &mut turns);
    let grammar = catalog.patch_grammar(plan);
    Question {
        turns,
        grammar: Some(Notations { lark: grammar.lark(), gbnf: grammar.gbnf() }),
        candidates,
        max_tokens: PLAN_ANSWER_TOKENS_MAX,
        own: wish
            .repair
            .is_none()
            .then(|| Own::Patch { listing: listing.clone(), prompt: prompt.to_owned() }),
        copy_from: (candidates == 1).then_some(listing),
        ..Question::default()
    }
}

fn repair_turns(wish: &Wish, turns: &mut Vec<Turn>) {
    if let Some(repair) = &wish.repair {
        turns.push(Turn::assistant(repair.answer.clone()));
        turns.push(Turn::user(repair.complaint.clone()));
    }
}

/// The drafts among the candidates, equal ones counted together, and what was wrong with the others.
pub(super) fn proposals(catalog: &Catalog, wish: &Wish, lane: Lane, candidates: &[Candidate]) -> Proposals {
    let mut proposals = Proposals::default();
    for candidate in candidates {
        proposals.candidates += 1;
        match draft(catalog, wish, lane, &candidate.text) {
            Ok(Drafted::Draft(proposal)) => proposals.add(*proposal),
            Ok(Drafted::Asked(question)) => {
                proposals.asked.get_or_insert(question);
                proposals.askers += 1;
            }
            Err(failure) => proposals.unusable.push((candidate.text.clone(), failure)),
        }
    }
    proposals.by_votes();
    proposals
}

enum Drafted {
    Draft(Box<Proposal>),
    Asked(String),
}

fn draft(catalog: &Catalog, wish: &Wish, lane: Lane, text: &str) -> Result<Drafted, Failure> {
    let failed = |problem: crate::domain::plan::Problem| Failure::new("plan", problem.message, problem.hint);
    let before = wish.before.as_ref().and_then(|before| Some((before, before.plan.as_ref()?)));
    let Some((before, plan)) = before else {
        let loose = catalog.plan_from(text).map_err(failed)?;
        if let Some(question) = catalog.question(&loose.plan) {
            return Ok(Drafted::Asked(question));
        }
        let draft = template::lower(catalog, &loose.plan, wish.prompt.as_str())?;
        let converted = loose.converted;
        return Ok(Drafted::Draft(Box::new(Proposal::of(Draft { lane, ..draft }, text, converted))));
    };
    let patched = catalog.apply_patch(plan, text).map_err(failed)?;
    if let Some(question) = patched.question {
        return Ok(Drafted::Asked(question));
    }
    if let Some(question) = catalog.question(&patched.plan) {
        return Ok(Drafted::Asked(question));
    }
    let title = format!("{}; then {}", before.title, wish.prompt.as_str());
    let draft = template::lower(catalog, &patched.plan, &title)?;
    let proposal =
        Proposal { changes: patched.changes, ..Proposal::of(Draft { lane, ..draft }, text, Vec::new()) };
    Ok(Drafted::Draft(Box::new(proposal)))
}
