//! What two plans differ in, in the table's words: `plate length: 60 mm -> 80 mm`. Steps are matched by what they are and where they are, so
//! that one removed hole does not make all later ones look changed.

use super::Catalog;
use super::scene::{USUAL_FACE, arguments_of};
use super::stand::{described, place_words, plural, told, walk};
use super::table::{Kind, Step};
use crate::domain::edit::Change;
use crate::domain::plan::{self, Arguments, Body, Plan};

pub(super) fn diff(catalog: &Catalog, before: &Plan, after: &Plan) -> Vec<Change> {
    let mut changes = Vec::new();
    let several = before.bodies.len() > 1 || after.bodies.len() > 1;
    let mut matched = vec![false; after.bodies.len()];
    for (at, old) in before.bodies.iter().enumerate() {
        let named = |new: &Body| new.name == old.name;
        // A body that has got another name stands where it stood.
        let same = after.bodies.iter().position(named).or_else(|| {
            let kept = |new: &Body| before.bodies.iter().any(|other| other.name == new.name);
            (before.bodies.len() == after.bodies.len() && !kept(&after.bodies[at])).then_some(at)
        });
        match same {
            Some(same) => {
                matched[same] = true;
                body(catalog, old, &after.bodies[same], several, &mut changes);
            }
            None => changes.push(removed(format!("body {}", old.name), "there".to_owned())),
        }
    }
    for (new, _) in after.bodies.iter().zip(&matched).filter(|(_, matched)| !**matched) {
        changes.push(added(format!("body {}", new.name), format!("{} steps", new.steps.len())));
    }
    changes
}

fn body(catalog: &Catalog, old: &Body, new: &Body, several: bool, changes: &mut Vec<Change>) {
    if old.name != new.name {
        changes.push(changed("name", old.name.clone(), new.name.clone()));
    }
    if old.colour != new.colour {
        changes.push(Change {
            what: format!("{} colour", new.name),
            from: old.colour.clone(),
            to: new.colour.clone(),
        });
    }
    let numbers = Numbers {
        catalog,
        before: pieces(catalog, old),
        after: pieces(catalog, new),
        lead: if several { format!("{} ", new.name) } else { String::new() },
    };
    let pairs = matching(&old.steps, &new.steps);
    for (at, step) in old.steps.iter().enumerate() {
        let Some(spec) = catalog.step(&step.do_) else { continue };
        let what = || format!("{}{}", numbers.lead, described(catalog, spec, step, numbers.before[at]));
        match pairs.iter().find(|(old, _)| *old == at) {
            Some((_, to)) => numbers.step(spec, (at, step), (*to, &new.steps[*to]), &new.name, changes),
            None => changes.push(removed(what(), all_told(spec, &step.arguments))),
        }
    }
    for (at, step) in new.steps.iter().enumerate().filter(|(at, _)| !pairs.iter().any(|(_, to)| to == at)) {
        let Some(spec) = catalog.step(&step.do_) else { continue };
        let what = format!("{}{}", numbers.lead, described(catalog, spec, step, numbers.after[at]));
        changes.push(added(what, all_told(spec, &step.arguments)));
    }
}

/// How many pieces each step makes; one where the plan can't be walked.
fn pieces(catalog: &Catalog, body: &Body) -> Vec<f64> {
    match walk(catalog, body, None) {
        Ok(walk) => walk.stands.iter().map(|stand| stand.as_ref().map_or(1.0, |stand| stand.total)).collect(),
        Err(_) => vec![1.0; body.steps.len()],
    }
}

struct Numbers<'a> {
    catalog: &'a Catalog,
    before: Vec<f64>,
    after: Vec<f64>,
    /// The body's name, where there are several.
    lead: String,
}

impl Numbers<'_> {
    fn step(
        &self,
        spec: &Step,
        (was_at, was): (usize, &plan::Step),
        (is_at, is): (usize, &plan::Step),
        body: &str,
        changes: &mut Vec<Change>,
    ) {
        let base = spec.kind == Kind::Base && was_at == 0;
        let (before, after) = (self.before[was_at], self.after[is_at]);
        let name = if base {
            body.to_owned()
        } else {
            format!("{}{}", self.lead, plural(&spec.title, before.max(after)))
        };
        arguments(spec, &name, &was.arguments, &is.arguments, changes);
        if was.on != is.on {
            let face = |step: &plan::Step| step.on.clone().unwrap_or_else(|| USUAL_FACE.to_owned());
            changes.push(changed(&format!("{name} face"), face(was), face(is)));
        }
        let counted = (before - after).abs() > 0.5;
        if counted {
            let noun = plural(&spec.title, 2.0);
            changes.push(changed(&format!("number of {noun}"), before.to_string(), after.to_string()));
        }
        if was.at == is.at {
            return;
        }
        let (Some(from), Some(to)) = (&was.at, &is.at) else { return };
        let (Some(old), Some(new)) = (self.catalog.step(&from.name), self.catalog.step(&to.name)) else {
            return;
        };
        if from.name != to.name {
            changes.push(changed(&format!("{name} place"), place_words(old, from), place_words(new, to)));
            return;
        }
        let told_before = changes.len();
        let (from, to) = (arguments_of(old, &from.detail), arguments_of(new, &to.detail));
        arguments(new, &name, &from, &to, changes);
        // The number was told already.
        if counted {
            let is_count = |change: &Change| {
                new.arguments.iter().any(|a| {
                    a.type_ == super::table::Type::Count && change.what.ends_with(&a.title.to_lowercase())
                })
            };
            let mut at = told_before;
            while at < changes.len() {
                if is_count(&changes[at]) {
                    changes.remove(at);
                } else {
                    at += 1;
                }
            }
        }
    }
}

fn arguments(spec: &Step, name: &str, was: &Arguments, is: &Arguments, changes: &mut Vec<Change>) {
    for argument in &spec.arguments {
        let (from, to) = (was.get(&argument.name), is.get(&argument.name));
        if from == to {
            continue;
        }
        let said = |value: Option<&plan::Value>| {
            value.map(|value| told(argument, value)).or_else(|| argument.absent.clone())
        };
        let what = format!("{name} {}", argument.title.to_lowercase());
        changes.push(Change { what, from: said(from), to: said(to) });
    }
}

fn changed(what: &str, from: String, to: String) -> Change {
    Change { what: what.to_owned(), from: Some(from), to: Some(to) }
}

fn added(what: String, how: String) -> Change {
    Change { what, from: None, to: Some(how) }
}

fn removed(what: String, how: String) -> Change {
    Change { what, from: Some(how), to: None }
}

/// `diameter 20 mm, depth 5 mm`
fn all_told(spec: &Step, given: &Arguments) -> String {
    let one = |argument: &super::table::Argument| {
        let value = given.get(&argument.name)?;
        Some(format!("{} {}", argument.title.to_lowercase(), told(argument, value)))
    };
    let told: Vec<String> = spec.arguments.iter().filter_map(one).collect();
    if told.is_empty() { spec.title.to_lowercase() } else { told.join(", ") }
}

/// Which old step became which new one: the pairs in order that have most in common.
fn matching(old: &[plan::Step], new: &[plan::Step]) -> Vec<(usize, usize)> {
    let alike = |a: &plan::Step, b: &plan::Step| -> u32 {
        if a.do_ != b.do_ {
            return 0;
        }
        4 + 2 * u32::from(a.at == b.at) + u32::from(a.on == b.on) + 2 * u32::from(a.arguments == b.arguments)
    };
    let mut best = vec![vec![0u32; new.len() + 1]; old.len() + 1];
    for i in (0..old.len()).rev() {
        for j in (0..new.len()).rev() {
            let score = alike(&old[i], &new[j]);
            let paired = if score > 0 { score + best[i + 1][j + 1] } else { 0 };
            best[i][j] = paired.max(best[i + 1][j]).max(best[i][j + 1]);
        }
    }
    let (mut i, mut j, mut pairs) = (0, 0, Vec::new());
    while i < old.len() && j < new.len() {
        let score = alike(&old[i], &new[j]);
        if score > 0 && best[i][j] == score + best[i + 1][j + 1] {
            pairs.push((i, j));
            (i, j) = (i + 1, j + 1);
        } else if best[i][j] == best[i + 1][j] {
            i += 1;
        } else {
            j += 1;
        }
    }
    pairs
}
