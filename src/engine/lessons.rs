//! What a model is told in the code lane: the reference it works by, pairs of a request and its program, and how a failed
//! draft is given back. The texts are `templates/prompts/`; the runtime builds every program in them (`tests/runner`).

use std::collections::BTreeMap;
use std::sync::LazyLock;

use serde::{Deserialize, Serialize};
use tera::{Context, Tera};

use crate::domain::check::{Check, CheckStatus};
use crate::domain::measure::{Measures, Warning};
use crate::domain::outcome::{ExcerptLine, Failure};
use crate::domain::quantity::round;

const SYSTEM: &str = include_str!("../../templates/prompts/code.md");
const EXAMPLES: &str = include_str!("../../templates/prompts/code_examples.toml");
const REPAIR: &str = include_str!("../../templates/prompts/repair.md");

/// A request and the program that answers it.
#[derive(Clone, Debug, Deserialize)]
pub(crate) struct CodeExample {
    pub(crate) prompt: String,
    pub(crate) program: String,
}

#[derive(Deserialize)]
struct CodeExamples {
    example: Vec<CodeExample>,
}

/// What a run of the last draft showed.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Findings<'a> {
    pub(crate) failure: Option<&'a Failure>,
    /// Only the missed ones are told.
    pub(crate) checks: &'a [Check],
    pub(crate) measures: Option<&'a Measures>,
    pub(crate) warnings: &'a [Warning],
    /// The same failure as the round before.
    pub(crate) repeated: bool,
}

/// The system text of the code lane.
pub(crate) fn code_system() -> &'static str {
    SYSTEM
}

/// Shown before the user's own request.
pub(crate) fn code_examples() -> &'static [CodeExample] {
    static PARSED: LazyLock<Vec<CodeExample>> = LazyLock::new(|| {
        toml::from_str::<CodeExamples>(EXAMPLES).map(|file| file.example).unwrap_or_default()
    });
    &PARSED
}

#[derive(Serialize)]
struct Told<'a> {
    message: &'a str,
    hint: Option<&'a str>,
    line: Option<u32>,
    excerpt: &'a [ExcerptLine],
}

/// The user's turn that asks for a corrected program.
pub(crate) fn repair_turn(findings: Findings) -> String {
    let failure = findings.failure.map(|failure| {
        let place = failure.place.as_deref();
        Told {
            message: &failure.message,
            hint: failure.hint.as_deref(),
            line: place.and_then(|place| place.line),
            excerpt: place.map_or(&[], |place| &place.excerpt),
        }
    });
    let missed: Vec<&Check> =
        findings.checks.iter().filter(|check| check.status == CheckStatus::Missed).collect();
    let warnings: Vec<&str> = findings.warnings.iter().map(|warning| warning.message.as_str()).collect();
    let mut context = Context::new();
    context.insert("failure", &failure);
    context.insert("missed", &missed);
    context.insert("measured", &findings.measures.map(measured));
    context.insert("warnings", &warnings);
    context.insert("repeated", &findings.repeated);
    let rendered = Tera::one_off(REPAIR, &context, false).map(|text| text.trim().to_owned());
    // The template is ours and tested; were it broken, the message alone still helps.
    rendered.unwrap_or_else(|_| findings.failure.map(|failure| failure.message.clone()).unwrap_or_default())
}

/// `60 x 40 x 10 mm, 1 solid, 24000 mm3, holes: 4 of 5.5 mm`.
fn measured(measures: &Measures) -> String {
    let [x, y, z] = measures.bounding_box.size.map(short);
    let solids = if measures.solids == 1 { "solid" } else { "solids" };
    let volume = short(measures.volume);
    let told = format!("{x} x {y} x {z} mm, {} {solids}, {volume} mm3", measures.solids);
    let mut holes: BTreeMap<String, u32> = BTreeMap::new();
    for hole in &measures.holes {
        *holes.entry(short(hole.diameter).to_string()).or_default() += 1;
    }
    let each: Vec<String> =
        holes.iter().map(|(diameter, count)| format!("{count} of {diameter} mm")).collect();
    if each.is_empty() { told } else { format!("{told}, holes: {}", each.join(", ")) }
}

fn short(value: f64) -> f64 {
    round((value * 100.0).round() / 100.0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::measure::{BoundingBox, FaceTables, Hole, HoleKind};
    use crate::domain::outcome::Place;
    use crate::engine::extract::extract_program;

    #[test]
    fn the_lesson_is_short_and_its_examples_are_read() {
        assert!(code_system().chars().count() <= 6_000);
        assert_eq!(code_examples().len(), 5);
        for example in code_examples() {
            assert_eq!(extract_program(&example.program).as_deref(), Some(&example.program[..]));
        }
    }

    fn failure() -> Failure {
        let excerpt = ["b = Box(1, 1, 1)", "result = fillet(b.edges(), 12)"];
        let excerpt =
            (2..).zip(excerpt).map(|(line, text)| ExcerptLine { line, text: text.into() }).collect();
        let place = Place { kind: "ValueError".into(), line: Some(3), column: Some(10), excerpt };
        Failure {
            code: "raised".into(),
            message: "ValueError in line 3: Failed creating a fillet".into(),
            hint: Some("Try a smaller radius".into()),
            place: Some(Box::new(place)),
        }
    }

    #[test]
    fn a_failure_is_given_back_with_its_line() {
        let failure = failure();
        let told = repair_turn(Findings { failure: Some(&failure), repeated: true, ..Findings::default() });
        let expected = [
            "The program failed: ValueError in line 3: Failed creating a fillet\n",
            "```\n",
            "  2 | b = Box(1, 1, 1)\n",
            "> 3 | result = fillet(b.edges(), 12)\n",
            "```\n",
            "Hint: Try a smaller radius.\n",
            "The same mistake was made before: build this step in another way.\n",
            "Write the whole corrected program again, and nothing else.\n",
        ];
        assert_eq!(told, expected.concat().trim_end());
        let crashed = Failure::new("crashed", "The program crashed", "Try other sizes");
        let told = repair_turn(Findings { failure: Some(&crashed), ..Findings::default() });
        let expected = [
            "The program failed: The program crashed\n",
            "Hint: Try other sizes.\n",
            "Write the whole corrected program again, and nothing else.\n",
        ];
        assert_eq!(told, expected.concat().trim_end());
    }

    #[test]
    fn missed_numbers_are_given_back_with_the_measures() {
        let check = |what: &str, got: Option<&str>, status, why: Option<&str>| Check {
            what: what.into(),
            asked: "60 mm".into(),
            got: got.map(Into::into),
            status,
            why: why.map(Into::into),
        };
        let checks = [
            check("length", Some("58 mm"), CheckStatus::Missed, None),
            check("width", Some("60 mm"), CheckStatus::Met, None),
            check("hole diameter", None, CheckStatus::Missed, Some("there is no such hole")),
        ];
        let bounding_box = BoundingBox { min: [0.0; 3], max: [58.0, 40.0, 10.0], size: [58.0, 40.0, 10.0] };
        let hole = Hole {
            diameter: 5.5,
            depth: 10.0,
            through: true,
            kind: HoleKind::Plain,
            axis: [0.0, 0.0, 1.0],
            centre: [0.0; 3],
            head_diameter: None,
            head_depth: None,
            angle: None,
            body: None,
        };
        let measures = Measures {
            bounding_box,
            volume: 22_950.004,
            area: 1.0,
            centre_of_mass: [0.0; 3],
            solids: 2,
            faces: 7,
            edges: 14,
            valid: true,
            manifold: true,
            holes: vec![hole.clone(), hole],
            rounds: Vec::new(),
            tables: Box::new(FaceTables::default()),
            bodies: Vec::new(),
            mass: None,
            length: None,
        };
        let warning = Warning { code: "several_solids".into(), message: "It falls into 2 solids".into() };
        let told = repair_turn(Findings {
            checks: &checks,
            measures: Some(&measures),
            warnings: &[warning],
            ..Findings::default()
        });
        let expected = [
            "The program runs, but the part is not what was asked for.\n",
            "These numbers of the request are not met:\n",
            "- length: asked 60 mm, the part has 58 mm\n",
            "- hole diameter: asked 60 mm (there is no such hole)\n",
            "The part measures 58 x 40 x 10 mm, 2 solids, 22950 mm3, holes: 2 of 5.5 mm.\n",
            "Warning: It falls into 2 solids.\n",
            "Write the whole corrected program again, and nothing else.\n",
        ];
        assert_eq!(told, expected.concat().trim_end());
    }
}
