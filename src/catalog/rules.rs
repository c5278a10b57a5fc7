//! The table's rules between numbers, as they hold for one step of a plan: a value, and what it must stay below or above.

use super::Catalog;
use super::scope::{Entry, Scope};
use super::table::{OneOrMore, Rule, Step};
use crate::domain::plan::Arguments;

/// The limits of a rule as they hold here, or none when it does not apply.
pub(super) struct Limit<'r> {
    pub rule: &'r Rule,
    pub value: Entry,
    pub below: Option<Entry>,
    pub above: Option<Entry>,
    pub at_least: Option<Entry>,
    pub differs: Option<Entry>,
}

/// All rules of a step that apply to these arguments.
pub(super) fn limits<'r>(
    catalog: &Catalog,
    spec: &'r Step,
    scope: &Scope,
    arguments: &Arguments,
) -> Vec<Limit<'r>> {
    let chosen: Vec<&str> = arguments.iter().filter_map(|(_, value)| value.text()).collect();
    let applies = |rule: &&Rule| {
        rule.when.as_ref().is_none_or(|when| when.split(',').any(|value| chosen.contains(&value.trim())))
    };
    spec.rules
        .iter()
        .filter(applies)
        .filter_map(|rule| {
            let value = rule.value.as_ref().unwrap_or(&rule.argument);
            let smallest = |limit: &Option<OneOrMore>| {
                limit.as_ref().and_then(|l| scope.smallest(&catalog.tera, l.as_slice()))
            };
            Some(Limit {
                rule,
                value: scope.largest(&catalog.tera, std::slice::from_ref(value))?,
                below: smallest(&rule.below),
                above: rule.above.as_ref().and_then(|l| scope.largest(&catalog.tera, l.as_slice())),
                at_least: rule
                    .at_least
                    .as_ref()
                    .and_then(|l| scope.largest(&catalog.tera, std::slice::from_ref(l))),
                differs: rule
                    .differs
                    .as_ref()
                    .and_then(|d| scope.smallest(&catalog.tera, std::slice::from_ref(d))),
            })
        })
        .collect()
}
