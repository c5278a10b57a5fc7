//! Applies a patch that a model wrote to a plan. What it does not name stays as it is; what it names must be there and must change.

use serde_json::{Map, Value as Json};

use super::super::Catalog;
use super::super::diff::diff;
use super::super::scene::{Fault, combine_of};
use super::super::table::{Combine, Step};
use super::answer::{object, whole};
use super::compact::numbered;
use super::loose::{join, lift, located, step as read_step};
use super::place::{angles, face, placement, present, seat};
use super::value::{Given, Reader, Row, Told};
use crate::domain::edit;
use crate::domain::limits::ASKED_CHANGES_MAX;
use crate::domain::patch::{Change, PATCH_VERSION, Patch, Values};
use crate::domain::plan::{self, Body, Plan, Problem, Value};

/// A plan after a patch.
#[derive(Debug, Clone)]
pub struct Patched {
    pub plan: Plan,
    /// The patch as it was understood.
    pub patch: Patch,
    /// What differs, in the table's words.
    pub changes: Vec<edit::Change>,
    /// What the model wants to know; the plan then has only the changes that it made beside.
    pub question: Option<String>,
    /// As for a plan: `2in`, `50.8 mm`.
    pub converted: Vec<(String, String)>,
    pub renamed: Vec<(String, String)>,
}

pub(in crate::catalog) fn apply(catalog: &Catalog, plan: &Plan, text: &str) -> Result<Patched, Problem> {
    let answer = object(text, &["changes", "change"])?;
    if let Some(version) =
        answer.get("patch").filter(|version| version.as_u64() != Some(PATCH_VERSION.into()))
    {
        return Err(whole(
            format!("The patch has version {version}, this program reads {PATCH_VERSION}"),
            "Write `\"patch\":1`",
        ));
    }
    let changes = match answer.get("changes") {
        None => vec![Json::from(answer)],
        Some(Json::Array(changes)) => changes.clone(),
        Some(other) => return Err(whole(format!("`changes` can't be `{other}`"), "It is a list of changes")),
    };
    if changes.is_empty() || changes.len() > ASKED_CHANGES_MAX as usize {
        return Err(whole(
            format!("The patch has {} changes", changes.len()),
            format!("It has between 1 and {ASKED_CHANGES_MAX}"),
        ));
    }
    let mut work = Work {
        catalog,
        before: plan,
        bodies: plan.bodies.iter().map(|body| body.steps.iter().cloned().map(Some).collect()).collect(),
        added: Vec::new(),
        new: Vec::new(),
        told: Told::default(),
        question: None,
        patch: Patch { patch: PATCH_VERSION, changes: Vec::new() },
    };
    for change in &changes {
        work.take(change)?;
    }
    work.finish()
}

struct Work<'a> {
    catalog: &'a Catalog,
    before: &'a Plan,
    /// The steps of each body; one that was removed leaves its place, so that all numbers stay.
    bodies: Vec<Vec<Option<plan::Step>>>,
    /// Steps that go to the end of a body.
    added: Vec<(usize, plan::Step)>,
    new: Vec<Body>,
    told: Told,
    question: Option<String>,
    patch: Patch,
}

/// A step by its number: body and step in it.
#[derive(Clone, Copy)]
struct At {
    body: usize,
    step: usize,
}

impl At {
    fn problem(self, fault: Fault) -> Problem {
        located(Some(self.body), Some(self.step), fault)
    }
}

impl Work<'_> {
    fn take(&mut self, change: &Json) -> Result<(), Problem> {
        let wrong = |what: &str| {
            whole(
                format!("{what}: `{change}`"),
                "A change is set, move, remove, add or ask, with the step's number",
            )
        };
        let Json::Object(members) = change else { return Err(wrong("A change is no object")) };
        let kind = members.get("change").and_then(Json::as_str).unwrap_or_default();
        let done = match kind {
            "set" => self.set(members)?,
            "move" => self.shift(members)?,
            "remove" => self.remove(members)?,
            "add" => self.add(members)?,
            "ask" => {
                let question = members.get("question").and_then(Json::as_str).map(str::trim);
                let question = question.filter(|question| !question.is_empty());
                let Some(question) = question else { return Err(wrong("There is no question")) };
                self.question.get_or_insert_with(|| question.to_owned());
                Change::Ask { question: question.to_owned() }
            }
            _ => return Err(wrong("There is no such change")),
        };
        self.patch.changes.push(done);
        Ok(())
    }

    /// The step that a change names. `2` and `"2"` are the same.
    fn at(&self, members: &Map<String, Json>) -> Result<(usize, At), Problem> {
        let given = members.get("step").unwrap_or(&Json::Null);
        let number = given.as_u64().or_else(|| given.as_str().and_then(|text| text.trim().parse().ok()));
        let spots = self.bodies.iter().enumerate();
        let mut spots = spots.flat_map(|(body, steps)| (0..steps.len()).map(move |step| At { body, step }));
        let found = number
            .and_then(|number| usize::try_from(number).ok())
            .filter(|number| *number > 0)
            .and_then(|number| Some((number, spots.nth(number - 1)?)));
        let Some((number, at)) = found else {
            let all: usize = self.bodies.iter().map(Vec::len).sum();
            let listing = numbered(self.catalog, self.before);
            return Err(whole(
                format!("There is no step {given}, the plan has {all}"),
                format!("The steps are:\n{listing}"),
            ));
        };
        if self.bodies[at.body][at.step].is_none() {
            let fault =
                Fault::new(None, format!("Step {number} was removed before"), "Change it or remove it");
            return Err(at.problem(fault));
        }
        Ok((number, at))
    }

    /// The step as it is so far, and its line of the table.
    fn there(&self, at: At) -> Result<(plan::Step, &Step), Problem> {
        let step = self.bodies[at.body][at.step].clone();
        let found = step.and_then(|step| Some((self.catalog.step(&step.do_)?, step)));
        let Some((spec, step)) = found else {
            return Err(at.problem(Fault::new(
                None,
                "The step is not of this catalog".to_owned(),
                "Write it anew",
            )));
        };
        Ok((step, spec))
    }

    fn set(&mut self, members: &Map<String, Json>) -> Result<Change, Problem> {
        let (number, at) = self.at(members)?;
        let (before, _) = self.there(at)?;
        let Some(Json::Object(values)) = members.get("values") else {
            let fault = Fault::new(None, "The values are missing".to_owned(), "Write `\"values\":{...}`");
            return Err(at.problem(fault));
        };
        let mut after = before.clone();
        let set = self.set_values(&mut after, values).map_err(|fault| at.problem(fault))?;
        if after == before {
            let message = format!("Step {number} has these values already");
            return Err(at.problem(Fault::new(
                None,
                message,
                "Name what is to be different, or another step",
            )));
        }
        self.bodies[at.body][at.step] = Some(after);
        Ok(Change::Set { step: number, values: Values(set) })
    }

    fn set_values(
        &mut self,
        step: &mut plan::Step,
        values: &Map<String, Json>,
    ) -> Result<Vec<(String, Option<Value>)>, Fault> {
        let catalog = self.catalog;
        let Some(spec) = catalog.step(&step.do_) else { return Ok(Vec::new()) };
        // How a base is put on the body stands beside its arguments.
        let joined =
            |key: &String| step.combine.is_some() && ["combine", "turn", "lift"].contains(&key.as_str());
        let (put, own): (Vec<_>, Vec<_>) = values.iter().partition(|(key, _)| joined(key));
        let mut set = Vec::new();
        let mut reader = Reader { catalog, spec, told: &mut self.told };
        let given = reader.given(own.into_iter())?;
        for (argument, _, size) in &given {
            if let Some((sizes, row)) = size {
                follow(catalog, step, &argument.name, (sizes, row));
            }
        }
        for (argument, given, _) in given {
            match given {
                Given::Value(value) => {
                    step.arguments.set(&argument.name, value.clone());
                    set.push((argument.name.clone(), Some(value)));
                }
                Given::Absent if argument.required() => {
                    let message = format!(
                        "The {} of the {} can't be left out",
                        argument.title.to_lowercase(),
                        spec.title.to_lowercase()
                    );
                    return Err(Fault::new(Some(&argument.name), message, "Give a value"));
                }
                Given::Absent => {
                    step.arguments = without(&step.arguments, &argument.name);
                    set.push((argument.name.clone(), None));
                }
            }
        }
        for (key, json) in put {
            set.push((key.clone(), self.put(step, key, json)?));
        }
        Ok(set)
    }

    fn put(&mut self, step: &mut plan::Step, key: &str, json: &Json) -> Result<Option<Value>, Fault> {
        let (catalog, told) = (self.catalog, &mut self.told);
        let there = !json.is_null();
        Ok(match key {
            "combine" => {
                step.combine = Some(join(json)?);
                json.as_str().map(|word| Value::Text(word.to_owned()))
            }
            "turn" => {
                step.turn = there.then(|| angles(catalog, json, told)).transpose()?;
                step.turn.map(|turn| Value::List(turn.to_vec()))
            }
            _ => {
                step.lift = there.then(|| lift(catalog, json, told)).transpose()?;
                step.lift.map(Value::Number)
            }
        })
    }

    fn shift(&mut self, members: &Map<String, Json>) -> Result<Change, Problem> {
        let (number, at) = self.at(members)?;
        let (before, spec) = self.there(at)?;
        if !combine_of(spec, &before).is_some_and(Combine::is_placed) {
            let message = format!("A {} has no place of its own", spec.title.to_lowercase());
            return Err(at.problem(Fault::new(None, message, "Move another step, or set its values")));
        }
        let catalog = self.catalog;
        let read_on = present(members, "on").map(|json| face(catalog, json, &mut self.told));
        let on = read_on.transpose().map_err(|fault| at.problem(fault))?;
        let read_at = present(members, "at").map(|json| placement(catalog, json, &mut self.told));
        let place = read_at.transpose().map_err(|fault| at.problem(fault))?;
        let mut after = before.clone();
        after.on = on.clone().or(after.on);
        after.at = place.clone().or(after.at);
        if after == before {
            let message = format!("Step {number} is there already");
            return Err(at.problem(Fault::new(None, message, "Give another face or another place")));
        }
        self.bodies[at.body][at.step] = Some(after);
        Ok(Change::Move { step: number, on, at: place })
    }

    fn remove(&mut self, members: &Map<String, Json>) -> Result<Change, Problem> {
        let (number, at) = self.at(members)?;
        // Nothing can stand without its base, so the body goes with it.
        if at.step == 0 {
            self.bodies[at.body].fill(None);
        } else {
            self.bodies[at.body][at.step] = None;
        }
        Ok(Change::Remove { step: number })
    }

    fn add(&mut self, members: &Map<String, Json>) -> Result<Change, Problem> {
        let last = self.bodies.len() + self.new.len();
        let given = members.get("body").cloned().unwrap_or(Json::from(1));
        let by_name =
            given.as_str().and_then(|name| self.before.bodies.iter().position(|body| body.name == name));
        let number = by_name.map(|at| at + 1).or_else(|| usize::try_from(given.as_u64()?).ok());
        let Some(number) = number.filter(|number| (1..=last + 1).contains(number)) else {
            let names: Vec<&str> = self.before.bodies.iter().map(|body| body.name.as_str()).collect();
            let hint = format!(
                "The bodies are {}, counted from 1; the next number makes a new one",
                names.join(", ")
            );
            return Err(whole(format!("There is no body {given}"), hint));
        };
        let problem = |fault| located(Some(number - 1), None, fault);
        let json = members.get("step").unwrap_or(&Json::Null);
        let is_new = number > last;
        let step = read_step(self.catalog, json, is_new, &mut self.told).map_err(problem)?;
        let read_place = present(members, "place").map(|json| seat(self.catalog, json, &mut self.told));
        let place = read_place.transpose().map_err(problem)?;
        if is_new {
            let name = self.free_name(&step.do_);
            self.new.push(Body { name, colour: None, place: place.clone(), steps: vec![step.clone()] });
        } else if number <= self.bodies.len() {
            self.added.push((number - 1, step.clone()));
        } else if let Some(body) = self.new.get_mut(number - 1 - self.bodies.len()) {
            body.steps.push(step.clone());
        }
        Ok(Change::Add { step: Box::new(step), body: number, place: place.filter(|_| is_new) })
    }

    fn free_name(&self, stem: &str) -> String {
        let stem = stem.replace('_', " ");
        let taken = |name: &str| self.before.bodies.iter().chain(&self.new).any(|body| body.name == name);
        let mut count = 1;
        let mut name = stem.clone();
        while taken(&name) {
            count += 1;
            name = format!("{stem} {count}");
        }
        name
    }

    fn finish(self) -> Result<Patched, Problem> {
        let mut plan = self.before.clone();
        for (body, steps) in plan.bodies.iter_mut().zip(self.bodies) {
            body.steps = steps.into_iter().flatten().collect();
        }
        for (body, step) in self.added {
            plan.bodies[body].steps.push(step);
        }
        plan.bodies.extend(self.new);
        let gone: Vec<String> =
            plan.bodies.iter().filter(|body| body.steps.is_empty()).map(|body| body.name.clone()).collect();
        plan.bodies.retain(|body| !body.steps.is_empty());
        if plan.bodies.is_empty() {
            return Err(whole(
                "The patch removes the whole part",
                "Keep the first step, or write a new plan",
            ));
        }
        let stranded = |body: &&Body| body.place.as_ref().is_some_and(|seat| gone.contains(&seat.to));
        if let Some(body) = plan.bodies.iter().find(stranded) {
            let message = format!("The body `{}` stands beside one that the patch removes", body.name);
            return Err(whole(message, "Remove it as well, or keep the other"));
        }
        if plan == *self.before && self.question.is_none() {
            return Err(whole("The patch changes nothing", "Name what is to be different"));
        }
        let changes = diff(self.catalog, self.before, &plan);
        let Told { converted, renamed } = self.told;
        Ok(Patched { plan, patch: self.patch, changes, question: self.question, converted, renamed })
    }
}

/// The arguments without this one.
fn without(all: &plan::Arguments, name: &str) -> plan::Arguments {
    let mut rest = plan::Arguments::default();
    for (key, value) in all.iter().filter(|(key, _)| *key != name) {
        rest.set(key, value.clone());
    }
    rest
}

/// Sizes that came from the standard size before come from the new one now: the head of a screw hole.
fn follow(catalog: &Catalog, step: &mut plan::Step, argument: &str, (sizes, row): Row<'_>) {
    let Some(table) = catalog.sizes.get(&sizes.table) else { return };
    let before = step.arguments.clone();
    let is_from = |old: &&std::collections::BTreeMap<String, f64>, name: &str| {
        let standard = sizes.columns.get(name).and_then(|column| old.get(column));
        standard.is_some_and(|standard| before.number(name) == Some(*standard))
    };
    let Some(old) = table.sizes.values().find(|old| is_from(old, argument)) else { return };
    for (name, column) in &sizes.columns {
        if name != argument
            && is_from(&old, name)
            && let Some(value) = row.get(column)
        {
            step.arguments.set(name, Value::Number(*value));
        }
    }
}
