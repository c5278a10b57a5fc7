//! The bodies of a plan: their names, colours and places beside each other, and copies of the whole.

use super::clauses::Parsed;
use super::finish::Finished;
use super::instance::Instance;
use crate::domain::plan::{Body, Plan, Seat, Side, Step};
use crate::domain::reading::Assumed;

/// The air between copies, and between bodies whose place was not said.
const GAP_MM: f64 = 10.0;

pub(super) struct Seats {
    /// Of the first body, when no words near it say one.
    colour: Option<String>,
    bodies: Vec<Body>,
}

impl Seats {
    pub(super) fn new(colour: Option<String>) -> Seats {
        Seats { colour, bodies: Vec::new() }
    }

    /// The body's own name: what it was called, else its noun, told from earlier ones by a number.
    pub(super) fn name(&self, parsed: &Parsed, body: usize, base: usize) -> String {
        let called = parsed
            .instances
            .iter()
            .filter(|found| found.instance.body == body)
            .find_map(|found| found.instance.name.clone());
        self.free(&called.unwrap_or_else(|| parsed.instances[base].noun.clone()))
    }

    fn free(&self, name: &str) -> String {
        let taken = |name: &str| self.bodies.iter().any(|body| body.name == name);
        let numbered = (2..).map(|number| format!("{name} {number}"));
        std::iter::once(name.to_owned()).chain(numbered).find(|name| !taken(name)).unwrap_or_default()
    }

    /// Adds a finished body, and says where it was put when the prompt did not.
    pub(super) fn add(&mut self, finished: &mut Finished, base: &Instance, name: &str, steps: Vec<Step>) {
        let fallback = self.colour.take_if(|_| self.bodies.is_empty());
        let colour = base.colour.clone().or(fallback);
        let place = self.bodies.first().map(|to| {
            let gap = base.gap.unwrap_or(if base.side.is_some() { 0.0 } else { GAP_MM });
            if base.side.is_none() {
                finished.assumed.push(Assumed {
                    what: format!("the {name} stands beside the {}, {gap} mm away", to.name),
                    why: "it is a body of its own, and no place was given".to_owned(),
                });
            }
            Seat { to: to.name.clone(), side: base.side.unwrap_or(Side::Right), gap, at: None, turn: None }
        });
        self.bodies.push(Body { colour, place, ..Body::of(name, steps) });
        let count = base.count.as_ref().filter(|_| base.body > 0).map_or(1, |(count, _)| *count);
        self.repeat(finished, self.bodies.len() - 1..self.bodies.len(), count);
    }

    pub(super) fn plan(mut self, finished: &mut Finished, copies: Option<u32>) -> Plan {
        let whole = 0..self.bodies.len();
        self.repeat(finished, whole, copies.unwrap_or(1));
        Plan::of(self.bodies)
    }

    /// Copies of these bodies in a row to the right.
    fn repeat(&mut self, finished: &mut Finished, bodies: std::ops::Range<usize>, count: u32) {
        if count < 2 || bodies.is_empty() {
            return;
        }
        let whole = self.bodies[bodies].to_vec();
        let mut last = whole[0].name.clone();
        for _ in 1..count {
            let mut names: Vec<(String, String)> = Vec::new();
            for body in &whole {
                let name = self.free(&body.name);
                let place = match body.place.clone() {
                    Some(seat) if !names.is_empty() => {
                        let to = names.iter().find(|(from, _)| *from == seat.to).map(|(_, to)| to.clone());
                        Seat { to: to.unwrap_or(seat.to.clone()), ..seat }
                    }
                    _ => Seat { to: last.clone(), side: Side::Right, gap: GAP_MM, at: None, turn: None },
                };
                if names.is_empty() {
                    last.clone_from(&name);
                }
                names.push((body.name.clone(), name.clone()));
                self.bodies.push(Body { name, place: Some(place), ..body.clone() });
            }
        }
        finished.assumed.push(Assumed {
            what: format!("{count} of the {}, side by side {GAP_MM} mm apart", whole[0].name),
            why: "their places were not given".to_owned(),
        });
    }
}
