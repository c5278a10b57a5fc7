//! What has to be asked before a plan can be built: sizes that a step can't do without and that nobody gave.

use super::Catalog;
use super::table::{Argument, Step};
use crate::domain::plan::Plan;

/// The question for the first missing size, in the table's words; none when nothing is missing.
pub(super) fn question(catalog: &Catalog, plan: &Plan) -> Option<String> {
    let bodies = plan.bodies.iter();
    let steps = bodies.flat_map(|body| body.steps.iter().map(move |step| (body, step)));
    steps.filter_map(|(body, step)| Some((body, catalog.step(&step.do_)?, step))).find_map(
        |(body, spec, step)| {
            let missing =
                |argument: &&Argument| argument.required() && step.arguments.get(&argument.name).is_none();
            let argument = spec.arguments.iter().find(missing)?;
            Some(asked(spec, argument, argument.ask.as_ref(), &body.name))
        },
    )
}

/// The table's question for an argument, or a plain one. `body` is what the part is called.
pub(super) fn asked(spec: &Step, argument: &Argument, ask: Option<&String>, body: &str) -> String {
    let step = spec.title.to_lowercase();
    let usual = format!("What {} should the {step} have?", argument.title.to_lowercase());
    ask.unwrap_or(&usual).replace("{body}", body).replace("{step}", &step)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_size_that_nobody_gave_is_asked_for() {
        let catalog = Catalog::embedded().unwrap();
        let asked = |steps: &str| {
            let text = format!(r#"{{"plan":1,"bodies":[{{"name":"slab","steps":[{steps}]}}]}}"#);
            question(&catalog, &catalog.plan_from(&text).unwrap().plan)
        };
        assert_eq!(asked(r#"{"do":"box","length":60,"width":40,"height":10}"#), None);
        let height = asked(r#"{"do":"box","length":60,"width":40},{"do":"hole"}"#);
        assert_eq!(height.as_deref(), Some("How high should the slab be?"));
        // What has a default is not asked for.
        assert_eq!(asked(r#"{"do":"angle_bracket"}"#), None);
    }
}
