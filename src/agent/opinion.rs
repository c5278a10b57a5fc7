//! Which of several drafts is better, and whether two are the same part.

use std::collections::BTreeMap;

use super::work::Tried;
use crate::catalog::Catalog;
use crate::domain::edit::Change;
use crate::domain::plan::Plan;
use crate::domain::reading::Doubt;

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
        (Some(a), Some(b)) => {
            let close = |a: f64, b: f64| (a - b).abs() <= a.abs().max(b.abs()) * 1e-4 + 1e-6;
            let (a, b) = (&a.measures, &b.measures);
            let sizes = a.bounding_box.size.iter().zip(&b.bounding_box.size);
            close(a.volume, b.volume)
                && close(a.area, b.area)
                && sizes.into_iter().all(|(a, b)| close(*a, *b))
        }
        _ => one.draft.program.as_str() == other.draft.program.as_str(),
    }
}

/// `hole diameter: 5 mm, not 6 mm`, from a model's part to what the templates have instead.
pub(super) fn told(change: &Change) -> String {
    match (&change.from, &change.to) {
        (Some(from), Some(to)) => format!("{} {to}, not {from}", change.what),
        (None, Some(to)) => format!("{} {to} too", change.what),
        (_, None) => format!("no {}", change.what),
    }
}

/// The numbers of a plan that the other plans for the same prompt do not have, or have otherwise.
pub(super) fn doubts(catalog: &Catalog, best: &Plan, others: &[&Plan]) -> Vec<Doubt> {
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
        instead.retain(|other| *other != value);
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
        assert_eq!(doubts(&catalog, &five, &[&five]), []);
        let [doubt] = doubts(&catalog, &five, &[&five, &six]).try_into().unwrap();
        assert_eq!(
            (doubt.parameter.as_str(), doubt.value, doubt.others.as_slice()),
            ("HOLE_DIAMETER", 5.0, &[6.0][..])
        );
        assert_eq!(doubt.text(), "hole diameter 5, or 6?");
        let [doubt] = doubts(&catalog, &five, &[&none]).try_into().unwrap();
        assert_eq!(doubt.text(), "hole diameter 5, or none of that?");
    }
}
