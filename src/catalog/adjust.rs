//! From sliders back to the plan: values of a program's parameters are written where the plan holds them.

use super::scene::arguments_of;
use super::{Catalog, Error, lower};
use crate::domain::plan::{Arguments, Detail, Placement, Plan, Step, Value};
use crate::domain::program::{ParameterValue, Parameters};

/// The plan with these values; a name that is no parameter of its program, or no number, changes nothing.
pub(super) fn with_values(catalog: &Catalog, plan: &Plan, values: &Parameters) -> Result<Plan, Error> {
    let mut adjusted = plan.clone();
    for parameter in lower::lower(catalog, plan, "")?.parameters {
        let Some(value) = values.get(&parameter.name).and_then(ParameterValue::number) else { continue };
        let Some(body) = adjusted.bodies.get_mut(parameter.body) else { continue };
        if let Some(path) = parameter.argument.strip_prefix("place.at.") {
            if let Some(placement) = body.place.as_mut().and_then(|seat| seat.at.as_mut()) {
                put_at(catalog, placement, path, value);
            }
        } else if let Some(step) = body.steps.get_mut(parameter.step) {
            put(catalog, step, &parameter.argument, value);
        }
    }
    Ok(adjusted)
}

/// `argument` is a path: `diameter`, `size.x`, `at.inset`, `at.offset.y`.
fn put(catalog: &Catalog, step: &mut Step, argument: &str, value: f64) {
    match (argument.strip_prefix("at."), &mut step.at) {
        (Some(path), Some(placement)) => put_at(catalog, placement, path, value),
        _ => put_in(&mut step.arguments, argument, value),
    }
}

fn put_at(catalog: &Catalog, placement: &mut Placement, path: &str, value: f64) {
    let Some(spec) = catalog.step(&placement.name) else { return };
    let mut arguments = arguments_of(spec, &placement.detail);
    put_in(&mut arguments, path, value);
    let first = spec.arguments.first().and_then(|first| arguments.get(&first.name)).cloned();
    placement.detail = match (&placement.detail, first) {
        (Detail::Value(_), Some(first)) => Detail::Value(first),
        _ => Detail::Arguments(arguments),
    };
}

fn put_in(arguments: &mut Arguments, path: &str, value: f64) {
    let (name, axis) = match path.rsplit_once('.') {
        Some((name, axis @ ("x" | "y"))) => (name, Some(axis)),
        _ => (path, None),
    };
    let new = match (axis, arguments.get(name)) {
        (Some(axis), Some(Value::List(list))) if list.len() == 2 => {
            let mut list = list.clone();
            list[usize::from(axis == "y")] = value;
            Value::List(list)
        }
        _ => Value::Number(value),
    };
    arguments.set(name, new);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_parameter_of_each_example_finds_its_place_in_the_plan() {
        let catalog = Catalog::embedded().unwrap();
        let (mut moved, mut refused) = (0, 0);
        for example in catalog.steps().iter().flat_map(|step| step.examples.clone()) {
            let plan = catalog.read(&example).plan.unwrap();
            for parameter in catalog.lower(&plan, "").unwrap().parameters {
                let value = parameter.value + 1.0;
                let values = Parameters::from([(parameter.name.clone(), ParameterValue::Number(value))]);
                let adjusted = with_values(&catalog, &plan, &values).unwrap();
                assert_ne!(adjusted, plan, "`{}` of `{example}`", parameter.name);
                // Some parts break a rule of the table when they grow; their plan holds the value all the same.
                let Ok(after) = catalog.lower(&adjusted, "") else {
                    refused += 1;
                    continue;
                };
                let found = after.parameters.iter().find(|after| after.name == parameter.name).unwrap();
                assert!((found.value - value).abs() < 1e-9, "`{}` of `{example}`", parameter.name);
                moved += 1;
            }
        }
        assert!(moved > 10 * refused, "{moved} moved, {refused} refused");
    }

    #[test]
    fn a_pair_and_a_point_move_by_one_axis() {
        let catalog = Catalog::embedded().unwrap();
        let text = r#"{"plan":1,"bodies":[{"name":"plate","steps":[
            {"do":"box","length":60,"width":40,"height":10},
            {"do":"hole","diameter":5,"on":"top","at":{"corners":{"inset":[6,8]}}},
            {"do":"hole","diameter":4,"on":"top","at":{"at":[10,5]}}]}]}"#;
        let plan: Plan = serde_json::from_str(text).unwrap();
        let parameters = catalog.lower(&plan, "").unwrap().parameters;
        let named = |argument: &str| {
            parameters.iter().find(|parameter| parameter.argument == argument).unwrap().name.clone()
        };
        let axis =
            |path: &str| parameters.iter().find(|p| p.argument.ends_with(path) && p.step == 2).unwrap();
        let values = Parameters::from([
            (named("at.inset.y"), ParameterValue::Number(9.0)),
            (axis(".x").name.clone(), ParameterValue::Number(-12.0)),
            ("NOTHING".to_owned(), ParameterValue::Number(1.0)),
        ]);
        let moved = serde_json::to_string(&with_values(&catalog, &plan, &values).unwrap()).unwrap();
        assert!(moved.contains(r#""at":{"corners":{"inset":[6,9]}}"#), "{moved}");
        assert!(moved.contains(r#""at":{"at":[-12,5]}"#), "{moved}");
    }
}
