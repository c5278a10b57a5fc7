//! Number coverage of a model's answer: does each number that the prompt states stand in the answer, or in the solid? A part whose numbers are
//! all met can still leave out half of what was asked; this is what tells.

use crate::domain::check::{Check, CheckStatus};
use crate::domain::measure::Measures;
use crate::domain::plan::{Arguments, Detail, Plan, Value};
use crate::domain::quantity::Unit;
use crate::domain::reading::Stated;

/// Where an answer's numbers are looked for.
pub(super) struct Shown<'a> {
    pub(super) plan: Option<&'a Plan>,
    /// The program's text, when there is no plan.
    pub(super) program: &'a str,
    /// Texts that the model copied, such as `2in` or `M5`.
    pub(super) copied: &'a [(String, String)],
    pub(super) measures: &'a Measures,
}

/// One check for each stated number that the answer does not show. Those it shows need none: a plan's own numbers are checked one by one, and
/// of a program's the ones that a measure shows.
pub(super) fn left_out(stated: &[Stated], shown: &Shown) -> Vec<Check> {
    let own = shown.plan.map_or_else(|| literals(shown.program), numbers_of);
    // Half and double count: a radius may be written for a diameter.
    let numbers: Vec<f64> = own.iter().flat_map(|n| [*n, n.abs(), n * 2.0, n / 2.0]).collect();
    // A plan has the diameter that goes with a thread itself; a program may have its radius.
    let threads = if shown.plan.is_some() { &own } else { &numbers };
    let counts = counts_of(shown);
    let texts: Vec<&str> = shown.plan.map(texts_of).unwrap_or_default();
    let mut checks = Vec::new();
    for number in stated {
        let among = if number.size.is_some() { threads } else { &numbers };
        let stands = [number.value, number.plain].iter().any(|&asked| among.iter().any(|&n| same(n, asked)));
        let copied =
            shown.copied.iter().any(|(text, _)| text.replace(' ', "") == number.text.replace(' ', ""));
        let named =
            number.size.as_deref().is_some_and(|size| texts.contains(&size) || is_of_size(size, threads));
        // A millimetre is not met by there being one solid.
        let counted = number.unit == Unit::None && counts.iter().any(|&n| same(n, number.plain));
        let measured = counted || measures_of(shown.measures).iter().any(|&n| same(n, number.value));
        let written = stands || copied || named;
        if measured || (written && shown.plan.is_some()) {
            continue;
        }
        let (status, why) = if written {
            (CheckStatus::NotChecked, "it stands in the program, but no measure of the solid shows it")
        } else {
            (CheckStatus::Missed, "the answer leaves it out")
        };
        checks.push(check(number, status, why));
    }
    checks
}

fn check(number: &Stated, status: CheckStatus, why: &str) -> Check {
    let what = format!("`{}`", number.text);
    Check { what, asked: number.text.clone(), got: None, status, why: Some(why.to_owned()) }
}

fn same(a: f64, b: f64) -> bool {
    (a - b).abs() <= (b.abs() * 1e-4).max(1e-3)
}

/// The numbers of a plan, as they stand there.
fn numbers_of(plan: &Plan) -> Vec<f64> {
    let mut numbers = Vec::new();
    for step in plan.bodies.iter().flat_map(|body| &body.steps) {
        collect(&step.arguments, &mut numbers);
        numbers.extend(step.lift);
        numbers.extend(step.turn.iter().flatten());
        match step.at.as_ref().map(|at| &at.detail) {
            Some(Detail::Value(value)) => of_value(value, &mut numbers),
            Some(Detail::Arguments(arguments)) => collect(arguments, &mut numbers),
            Some(Detail::Nothing(())) | None => {}
        }
    }
    numbers
}

/// How many there are of something: solids, holes, bodies, steps of a kind ("two brackets", "both ends"), points of a pattern.
fn counts_of(shown: &Shown) -> Vec<f64> {
    let mut counts = vec![f64::from(shown.measures.solids), shown.measures.holes.len() as f64];
    let Some(plan) = shown.plan else { return counts };
    counts.push(plan.bodies.len() as f64);
    let steps = || plan.bodies.iter().flat_map(|body| &body.steps);
    for step in steps() {
        counts.push(steps().filter(|other| other.do_ == step.do_).count() as f64);
        let outlines = step.arguments.iter().map(|(_, value)| value);
        let pattern = step.at.iter().filter_map(|at| match &at.detail {
            Detail::Value(value) => Some(value),
            _ => None,
        });
        counts.extend(outlines.chain(pattern).filter_map(|value| match value {
            Value::Points(points) => Some(points.len() as f64),
            _ => None,
        }));
        // A pattern whose name says how many there are.
        if step.at.as_ref().is_some_and(|at| at.name == "corners") {
            counts.push(4.0);
        }
    }
    counts
}

fn collect(arguments: &Arguments, numbers: &mut Vec<f64>) {
    for (_, value) in arguments.iter() {
        of_value(value, numbers);
    }
}

fn of_value(value: &Value, numbers: &mut Vec<f64>) {
    match value {
        Value::Number(number) => numbers.push(*number),
        Value::List(list) => numbers.extend(list),
        Value::Points(points) => numbers.extend(points.iter().flatten()),
        Value::Switch(_) | Value::Text(_) => {}
    }
}

fn texts_of(plan: &Plan) -> Vec<&str> {
    let steps = plan.bodies.iter().flat_map(|body| &body.steps);
    steps.flat_map(|step| step.arguments.iter()).filter_map(|(_, value)| value.text()).collect()
}

/// A hole for M5 has 4 mm (tapped) to 6 mm; which one is the catalog's business, that there is one is ours.
fn is_of_size(size: &str, numbers: &[f64]) -> bool {
    let nominal: Option<f64> = size.strip_prefix('M').and_then(|digits| digits.parse().ok());
    nominal.is_some_and(|nominal| numbers.iter().any(|n| (nominal * 0.7..=nominal * 1.25).contains(n)))
}

/// The numbers of a program, as they stand there.
fn literals(program: &str) -> Vec<f64> {
    let code = program.lines().map(|line| line.split_once('#').map_or(line, |(code, _)| code));
    let mut numbers = Vec::new();
    for line in code {
        let mut rest = line;
        while let Some(at) = rest.find(|c: char| c.is_ascii_digit()) {
            let word = at > 0 && rest[..at].ends_with(|c: char| c.is_alphanumeric() || c == '_');
            let end =
                rest[at..].find(|c: char| !c.is_ascii_digit() && c != '.').map_or(rest.len(), |n| at + n);
            if !word {
                numbers.extend(rest[at..end].trim_end_matches('.').parse::<f64>());
            }
            rest = &rest[end..];
        }
    }
    numbers
}

fn measures_of(measures: &Measures) -> Vec<f64> {
    let mut numbers = measures.bounding_box.size.to_vec();
    for hole in &measures.holes {
        numbers.extend([hole.diameter, hole.diameter / 2.0, hole.depth]);
    }
    numbers
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalog::Catalog;

    /// What a plan leaves out of a prompt; the solid has this box and no holes.
    fn left(prompt: &str, plan: &str) -> Vec<String> {
        let catalog = Catalog::embedded().unwrap();
        let measures: Measures = serde_json::from_value(serde_json::json!({
            "bounding_box": { "min": [-30, -20, 0], "max": [30, 20, 10], "size": [60, 40, 10] },
            "volume": 24000, "area": 6800, "centre_of_mass": [0, 0, 5], "solids": 1, "faces": 6, "edges": 12,
            "valid": true, "manifold": true, "holes": [], "bodies": [], "mass": null
        }))
        .unwrap();
        let plan = catalog.plan_from(plan).unwrap().plan;
        let shown = Shown { plan: Some(&plan), program: "", copied: &[], measures: &measures };
        let left = left_out(&catalog.stated(prompt), &shown);
        left.into_iter().map(|check| check.asked).collect()
    }

    const PLATE: &str = r#"{"do":"box","length":60,"width":40,"height":10}"#;

    #[test]
    fn half_a_width_is_no_thread() {
        let disc = r#"{"do":"cylinder","diameter":16,"height":2}"#;
        assert_eq!(left("M8 washer 16 across, 2 thick", disc), ["M8"]);
    }

    #[test]
    fn one_solid_is_no_millimetre() {
        assert_eq!(left("60x40x10 plate chamfered one mm", PLATE), ["one mm"]);
        assert_eq!(left("60x40x10 plate chamfered 1 mm", PLATE), ["1 mm"]);
        assert_eq!(left("one 60x40x10 plate", PLATE), Vec::<String>::new());
    }
}
