//! Which of several drafts is better, and whether two are the same part.

use std::collections::BTreeMap;

use super::work::Tried;
use crate::catalog::Catalog;
use crate::domain::edit::Change;
use crate::domain::plan::Plan;
use crate::domain::reading::Doubt;
use crate::engine::Wish;

/// Differences between two readings that are told.
const DIFFERENCES_TOLD: usize = 3;

/// Built first, then fewest numbers missed, then agreement; of equals the earlier one stays.
pub(super) fn rank(tried: &Tried) -> (bool, std::cmp::Reverse<usize>, bool, u32) {
    (tried.part().is_some(), std::cmp::Reverse(tried.missed()), tried.trusted, tried.votes)
}

/// Votes of all drafts that build the same solid.
pub(super) fn agreeing<T>(one: &Tried, all: &[(Tried, T)]) -> u32 {
    all.iter().filter(|(other, _)| same_solid(one, other)).map(|(other, _)| other.votes).sum()
}

pub(super) fn same_solid(one: &Tried, other: &Tried) -> bool {
    match (one.part(), other.part()) {
        (Some(a), Some(b)) => a.measures.is_same_solid(&b.measures),
        _ => one.draft.program.as_str() == other.draft.program.as_str(),
    }
}

/// What the templates would have instead of a model's part, in a sentence; none when the table sees no difference.
pub(super) fn differences(catalog: &Catalog, model: &Plan, templates: &Plan) -> Option<String> {
    let all = catalog.diff(model, templates);
    let told: Vec<String> = all.iter().take(DIFFERENCES_TOLD).map(told).collect();
    (!told.is_empty()).then(|| format!("The templates would have read: {}", told.join("; ")))
}

/// `hole diameter: 5 mm, not 6 mm`, from a model's part to what the templates have instead.
fn told(change: &Change) -> String {
    match (&change.from, &change.to) {
        (Some(from), Some(to)) => format!("{} {to}, not {from}", change.what),
        (None, Some(to)) => format!("{} {to} too", change.what),
        (_, None) => format!("no {}", change.what),
    }
}

/// No word of the prompt that the catalog knows is left without effect.
pub(super) fn says_all(catalog: &Catalog, wish: &Wish, tried: &Tried) -> bool {
    let before = wish.before.as_ref().and_then(|before| before.plan.as_ref());
    let plans: Vec<&Plan> = tried.draft.plan.iter().chain(before).collect();
    catalog.unaccounted(wish.prompt.as_str(), &tried.answer, &plans).is_empty()
}

/// The numbers of a draft that the others for the same prompt do not have, or have otherwise.
pub(super) fn doubts<T>(catalog: &Catalog, best: &Tried, others: &[(Tried, T)]) -> Vec<Doubt> {
    let others: Vec<&Plan> = others.iter().filter_map(|(one, _)| one.draft.plan.as_ref()).collect();
    best.draft.plan.as_ref().map(|plan| doubts_of_plan(catalog, plan, &others)).unwrap_or_default()
}

fn doubts_of_plan(catalog: &Catalog, best: &Plan, others: &[&Plan]) -> Vec<Doubt> {
    let parameters = |plan: &Plan| -> BTreeMap<String, f64> {
        let lowered = catalog.lower(plan, "").map(|program| program.parameters).unwrap_or_default();
        lowered.into_iter().map(|parameter| (parameter.name, parameter.value)).collect()
    };
    let others: Vec<BTreeMap<String, f64>> = others.iter().map(|plan| parameters(plan)).collect();
    let doubt = |(name, value): (String, f64)| {
        if others.iter().all(|other| other.get(&name) == Some(&value)) {
            return None;
        }
        let mut instead: Vec<f64> = others.iter().filter_map(|other| other.get(&name).copied()).collect();
        instead.retain(|other| other.total_cmp(&value).is_ne());
        instead.sort_by(f64::total_cmp);
        instead.dedup();
        Some(Doubt { parameter: name, value, others: instead })
    };
    parameters(best).into_iter().filter_map(doubt).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn plan(catalog: &Catalog, hole: &str) -> Plan {
        let block = r#"{"do":"box","length":60,"width":40,"height":10}"#;
        let text = format!(r#"{{"plan":1,"bodies":[{{"name":"part","steps":[{block}{hole}]}}]}}"#);
        catalog.plan_from(&text).unwrap().plan
    }

    #[test]
    fn only_numbers_that_candidates_disagree_on_are_doubtful() {
        let catalog = Catalog::embedded().unwrap();
        let five = plan(&catalog, r#",{"do":"hole","diameter":5,"on":"top","at":"center"}"#);
        let six = plan(&catalog, r#",{"do":"hole","diameter":6,"on":"top","at":"center"}"#);
        let none = plan(&catalog, "");
        assert_eq!(doubts_of_plan(&catalog, &five, &[&five]), []);
        let [doubt] = doubts_of_plan(&catalog, &five, &[&five, &six]).try_into().unwrap();
        assert_eq!(
            (doubt.parameter.as_str(), doubt.value, doubt.others.as_slice()),
            ("HOLE_DIAMETER", 5.0, &[6.0][..])
        );
        assert_eq!(doubt.text(), "hole diameter 5, or 6?");
        let [doubt] = doubts_of_plan(&catalog, &five, &[&none]).try_into().unwrap();
        assert_eq!(doubt.text(), "hole diameter 5, or none of that?");
    }
}
