//! From what a model wrote to a plan: tolerant in how things are said, strict in what they are. What is read otherwise than it was written is
//! told; what is nothing of the catalog is a problem with its place.

use serde_json::{Map, Value as Json};

use super::super::Catalog;
use super::super::read::lexer::words_of;
use super::super::scene::Fault;
use super::super::table::{Kind, Step};
use super::super::words::Sense;
use super::amount::Want;
use super::answer::{object, whole};
use super::place::{angles, face, placement, present, seat};
use super::value::{Reader, Told, number};
use crate::domain::plan::{self, Body, Join, PLAN_VERSION, Plan, Problem};

/// A plan that a model wrote, and what was changed to read it.
#[derive(Debug, Clone)]
pub struct Loose {
    pub plan: Plan,
    /// Quantities and standard sizes as they were written, and what they are in the plan: `2in`, `50.8 mm`. What a standard size filled in
    /// stands under the name of its argument.
    pub converted: Vec<(String, String)>,
    /// Names of steps, arguments, faces and choices that the catalog calls otherwise.
    pub renamed: Vec<(String, String)>,
}

/// Close names that are told for an unknown one.
const CLOSE_NAMES: usize = 5;

pub(in crate::catalog) fn plan_from(catalog: &Catalog, text: &str) -> Result<Loose, Problem> {
    let answer = object(text, &["bodies", "steps", "do"])?;
    if let Some(version) = answer.get("plan").filter(|version| version.as_u64() != Some(PLAN_VERSION.into()))
    {
        return Err(whole(
            format!("The plan has version {version}, this program reads {PLAN_VERSION}"),
            "Write `\"plan\":1`",
        ));
    }
    let mut told = Told::default();
    let bodies = match answer.get("bodies") {
        Some(Json::Array(bodies)) => bodies.clone(),
        Some(other) => return Err(whole(format!("`bodies` can't be `{other}`"), "It is a list of bodies")),
        None if answer.contains_key("steps") => vec![Json::from(without_plan(&answer))],
        None => vec![serde_json::json!({ "steps": [answer] })],
    };
    let bodies: Result<Vec<Body>, Problem> =
        bodies.iter().enumerate().map(|(at, json)| body(catalog, at, json, &mut told)).collect();
    Ok(Loose { plan: Plan::of(bodies?), converted: told.converted, renamed: told.renamed })
}

/// The answer was the only body.
fn without_plan(answer: &Map<String, Json>) -> Map<String, Json> {
    answer.iter().filter(|(key, _)| *key != "plan").map(|(key, json)| (key.clone(), json.clone())).collect()
}

fn body(catalog: &Catalog, at: usize, json: &Json, told: &mut Told) -> Result<Body, Problem> {
    let problem = |fault: Fault| located(Some(at), None, fault);
    let fault = |argument: &str, message: String, hint: &str| Fault::new(Some(argument), message, hint);
    let Json::Object(members) = json else {
        return Err(problem(Fault::new(
            None,
            format!("A body can't be `{json}`"),
            "It has `name` and `steps`",
        )));
    };
    let known = ["name", "colour", "color", "place", "steps"];
    if let Some(other) = members.keys().find(|key| !known.contains(&key.as_str())) {
        let message = format!("A body has no `{other}`");
        return Err(problem(fault(other, message, "It has `name`, `colour`, `place` and `steps`")));
    }
    let Some(Json::Array(steps)) = members.get("steps") else {
        return Err(problem(fault(
            "steps",
            "The body has no list of steps".to_owned(),
            "Write `\"steps\":[...]`",
        )));
    };
    let name = match present(members, "name") {
        None => format!("part{}", if at == 0 { String::new() } else { format!(" {}", at + 1) }),
        Some(Json::String(name)) if !name.trim().is_empty() => name.trim().to_owned(),
        Some(other) => {
            return Err(problem(fault(
                "name",
                format!("A body can't be called `{other}`"),
                "Give it a name",
            )));
        }
    };
    let colour = match present(members, "colour").or_else(|| present(members, "color")) {
        None => None,
        Some(Json::String(colour)) => Some(colour_of(catalog, colour, told)),
        Some(other) => {
            return Err(problem(fault("colour", format!("`{other}` is no colour"), "Write it as `#rrggbb`")));
        }
    };
    let place =
        present(members, "place").map(|json| seat(catalog, json, told)).transpose().map_err(problem)?;
    let steps: Result<Vec<plan::Step>, Problem> = steps
        .iter()
        .enumerate()
        .map(|(number, json)| {
            step(catalog, json, number == 0, told).map_err(|fault| located(Some(at), Some(number), fault))
        })
        .collect();
    Ok(Body { name, colour, place, steps: steps? })
}

pub(super) fn located(body: Option<usize>, step: Option<usize>, fault: Fault) -> Problem {
    Problem { body, step, argument: fault.argument, message: fault.message, hint: fault.hint }
}

/// "red" as the table writes it.
fn colour_of(catalog: &Catalog, said: &str, told: &mut Told) -> String {
    let senses = catalog.words.senses(&words_of(said).join(" ")).unwrap_or_default();
    let found =
        senses.iter().find_map(|sense| if let Sense::Colour(colour) = sense { Some(colour) } else { None });
    match found {
        Some(colour) => {
            told.renamed.push((said.to_owned(), colour.clone()));
            colour.clone()
        }
        None => said.to_owned(),
    }
}

/// One step. `first` is the one that makes its body.
pub(super) fn step(
    catalog: &Catalog,
    json: &Json,
    first: bool,
    told: &mut Told,
) -> Result<plan::Step, Fault> {
    let Json::Object(members) = json else {
        return Err(Fault::new(None, format!("A step can't be `{json}`"), "It is an object with `do`"));
    };
    let Some(Json::String(name)) = members.get("do") else {
        let hint = "Begin each step with `\"do\"` and its name";
        return Err(Fault::new(Some("do"), "A step does not say what it does".to_owned(), hint));
    };
    let joined = members.get("combine").is_some_and(|json| !json.is_null());
    let spec = spec_of(catalog, name, first || joined, told)?;
    let own = ["do", "on", "at", "combine", "turn", "lift"];
    let others = members.iter().filter(|(key, _)| !own.contains(&key.as_str()));
    let mut reader = Reader { catalog, spec, told };
    let arguments = reader.arguments(others)?;
    let combine = present(members, "combine").map(join).transpose()?;
    let lift = present(members, "lift").map(|json| lift(catalog, json, told)).transpose()?;
    let turn = present(members, "turn").map(|json| angles(catalog, json, told)).transpose()?;
    let on = present(members, "on").map(|json| face(catalog, json, told)).transpose()?;
    let at = present(members, "at").map(|json| placement(catalog, json, told)).transpose()?;
    Ok(plan::Step { do_: spec.name.clone(), combine, turn, lift, arguments, on, at })
}

pub(super) fn join(json: &Json) -> Result<Join, Fault> {
    serde_json::from_value(json.clone()).map_err(|_| {
        Fault::new(Some("combine"), format!("`combine` can't be `{json}`"), "It is add, cut or common")
    })
}

pub(super) fn lift(catalog: &Catalog, json: &Json, told: &mut Told) -> Result<f64, Fault> {
    number(catalog, json, Want::Length, told).ok_or_else(|| {
        Fault::new(Some("lift"), format!("`lift` can't be `{json}`"), "It is a number of millimetres")
    })
}

/// The step of this name, or that people call so: a base where a body begins, else a feature if there is one.
fn spec_of<'c>(catalog: &'c Catalog, name: &str, base: bool, told: &mut Told) -> Result<&'c Step, Fault> {
    let is_step = |spec: &&Step| matches!(spec.kind, Kind::Base | Kind::Feature);
    if let Some(spec) = catalog.step(name).filter(is_step) {
        return Ok(spec);
    }
    let wanted = if base { Kind::Base } else { Kind::Feature };
    let phrase = words_of(&name.replace(['_', '-'], " ")).join(" ");
    let senses = catalog.words.senses(&phrase).unwrap_or_default();
    let meant: Vec<&Step> = senses
        .iter()
        .filter_map(|sense| match sense {
            Sense::Step { step, .. } => catalog.steps.get(*step).filter(is_step),
            _ => None,
        })
        .collect();
    let plain = catalog
        .steps
        .iter()
        .find(|spec| is_step(spec) && words_of(&spec.name.replace('_', " ")).join(" ") == phrase);
    if let Some(spec) =
        plain.or_else(|| meant.iter().find(|spec| spec.kind == wanted).or(meant.first()).copied())
    {
        told.renamed.push((name.to_owned(), spec.name.clone()));
        return Ok(spec);
    }
    let close = super::lesson::fitting(catalog, &phrase).into_iter().filter(is_step).take(CLOSE_NAMES);
    let close: Vec<&str> = close.map(|spec| spec.name.as_str()).collect();
    let hint = match close.as_slice() {
        [] => "Take a step of the catalog, as box, cylinder, hole or fillet".to_owned(),
        close => format!("Close to it are {}", close.join(", ")),
    };
    Err(Fault::new(Some("do"), format!("There is no step `{name}`"), hint))
}
