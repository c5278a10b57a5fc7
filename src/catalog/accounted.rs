//! Whether an answer accounts for the words of its prompt that the table knows: features that it names and that no plan has, removals that remove
//! nothing, comparisons that are not relative to anything. Such an answer may still be right, but it isn't sure.

use super::Catalog;
use super::deeds::{Deed, Verb};
use super::read::corrected_words;
use super::table::Kind;
use super::words::{Sense, Vocabulary};
use crate::domain::plan::Plan;

/// The phrases that `answer` does nothing about. `plans` are the plan that it gives and, for a change, the one before it.
pub(super) fn unaccounted(catalog: &Catalog, prompt: &str, answer: &str, plans: &[&Plan]) -> Vec<String> {
    let steps = plans.iter().flat_map(|plan| &plan.bodies).flat_map(|body| &body.steps);
    let made: Vec<usize> = steps.filter_map(|step| catalog.index_of(&step.do_)).collect();
    let is_change = plans.len() > 1;
    let words = if is_change { &catalog.edit_words } else { &catalog.words };
    let mut left = Vec::new();
    each_phrase(words, prompt, |phrase, senses| {
        let names_step = senses.iter().any(|sense| matches!(sense, Sense::Step { .. }));
        let missed = names_step && is_unmade(catalog, senses, &made);
        let undone = is_change && senses.iter().any(|sense| is_undone(sense, answer));
        if missed || undone {
            left.push(phrase.to_owned());
        }
    });
    left
}

/// The longest phrases of the prompt that the table knows, from the left.
fn each_phrase(words: &Vocabulary, prompt: &str, mut found: impl FnMut(&str, &[Sense])) {
    let all = corrected_words(words, prompt);
    let all: Vec<&str> = all.iter().map(String::as_str).filter(|word| !words.is_article(word)).collect();
    let mut first = 0;
    while first < all.len() {
        let longest = (all.len() - first).min(words.longest());
        let known = (1..=longest).rev().find_map(|count| {
            let phrase = all[first..first + count].join(" ");
            let senses = words.senses(&phrase)?;
            Some((count, phrase, senses))
        });
        match known {
            Some((count, phrase, senses)) => {
                found(&phrase, senses);
                first += count;
            }
            None => first += 1,
        }
    }
}

/// It can only mean features, and none of them is there, nor a step that has a size of that name.
fn is_unmade(catalog: &Catalog, senses: &[Sense], made: &[usize]) -> bool {
    let only_features = senses.iter().all(|sense| match sense {
        Sense::Step { step, .. } => catalog.steps[*step].kind == Kind::Feature,
        _ => true,
    });
    let meant = senses.iter().filter_map(|sense| match sense {
        Sense::Step { step, .. }
        | Sense::Choice { step, .. }
        | Sense::Absent { step, .. }
        | Sense::Fit { step, .. }
        | Sense::Says { step, .. } => Some(*step),
        Sense::Argument(naming) => Some(naming.step),
        _ => None,
    });
    only_features && !meant.into_iter().any(|step| made.contains(&step))
}

fn is_undone(sense: &Sense, patch: &str) -> bool {
    match sense {
        Sense::Deed(Deed::Verb(Verb::Remove)) => {
            !(patch.contains("\"remove\"") || patch.contains(":null") || patch.contains(":false"))
        }
        Sense::Deed(Deed::Factor(_)) => !is_relative(patch),
        Sense::Deed(Deed::Compare { of, .. }) => !of.is_empty() && !is_relative(patch),
        _ => false,
    }
}

/// A quantity in it is counted from another: `"10+2"`.
fn is_relative(patch: &str) -> bool {
    let bytes = patch.as_bytes();
    (1..bytes.len())
        .any(|at| matches!(bytes[at], b'+' | b'-' | b'*' | b'/') && bytes[at - 1].is_ascii_alphanumeric())
}

#[cfg(test)]
mod tests {
    use super::*;

    const PLATE: &str = r#"{"do":"box","length":60,"width":40,"height":10}"#;

    fn left(prompt: &str, before: Option<&str>, answer: &str) -> Vec<String> {
        let catalog = Catalog::embedded().unwrap();
        let plan = |text: &str| catalog.plan_from(text).unwrap().plan;
        match before {
            None => unaccounted(&catalog, prompt, answer, &[&plan(answer)]),
            Some(before) => {
                let before = plan(before);
                let after = catalog.apply_patch(&before, answer).unwrap().plan;
                unaccounted(&catalog, prompt, answer, &[&after, &before])
            }
        }
    }

    #[test]
    fn a_feature_that_is_named_and_not_made_is_told() {
        let prompt = "60x40x10 plate with a chamfer";
        assert_eq!(left(prompt, None, PLATE), ["chamfer"]);
        let chamfered =
            format!(r#"{{"plan":1,"bodies":[{{"steps":[{PLATE},{{"do":"chamfer","length":1}}]}}]}}"#);
        assert_eq!(left(prompt, None, &chamfered), Vec::<String>::new());
    }

    #[test]
    fn a_change_does_what_its_verbs_say() {
        let longer = r#"{"patch":1,"changes":[{"change":"set","step":1,"values":{"length":"60+10"}}]}"#;
        let ten = r#"{"patch":1,"changes":[{"change":"set","step":1,"values":{"length":10}}]}"#;
        assert_eq!(left("10 longer", Some(PLATE), longer), Vec::<String>::new());
        assert_eq!(left("10 longer", Some(PLATE), ten), ["longer"]);
        assert_eq!(left("remove it, and length 10", Some(PLATE), ten), ["remove"]);
    }
}
