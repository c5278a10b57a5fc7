//! Asking and answering: the grammar against llguidance and against the catalog's own examples, tolerance for odd answers, patches, lessons.

mod answers;
#[cfg(feature = "llama")]
mod grammar;
mod lessons;
mod notations;
mod patches;

use std::sync::LazyLock;

use crate::catalog::Catalog;
use crate::domain::plan::Plan;

static CATALOG: LazyLock<Catalog> = LazyLock::new(|| Catalog::embedded().unwrap());

fn plan_of(text: &str) -> Plan {
    serde_json::from_str(text).unwrap()
}

/// The plans that the reader makes of the catalog's own examples.
fn examples() -> Vec<(String, Plan)> {
    let all = CATALOG.steps.iter().flat_map(|spec| &spec.examples);
    all.filter_map(|example| Some((example.clone(), CATALOG.read(example).plan?))).collect()
}
