//! The plan while it is being changed. Steps keep their number when others come and go, so that "it" still means the same one.

use crate::catalog::Catalog;
use crate::catalog::scene::Fault;
use crate::catalog::stand::{Stand, Walk, walk};
use crate::domain::plan::{self, Body, Plan};

pub(super) type Id = usize;

pub(super) struct Draft {
    pub plan: Plan,
    /// The steps' numbers, by body.
    ids: Vec<Vec<Id>>,
    next: Id,
}

impl Draft {
    pub(super) fn of(plan: &Plan) -> Draft {
        let mut next = 0;
        let mut number = |body: &Body| {
            let ids = (next..next + body.steps.len()).collect();
            next += body.steps.len();
            ids
        };
        let ids = plan.bodies.iter().map(&mut number).collect();
        Draft { plan: plan.clone(), ids, next }
    }

    /// Body and index of a step.
    pub(super) fn find(&self, id: Id) -> Option<(usize, usize)> {
        let at = |ids: &Vec<Id>| ids.iter().position(|other| *other == id);
        self.ids.iter().enumerate().find_map(|(body, ids)| Some((body, at(ids)?)))
    }

    pub(super) fn step(&self, id: Id) -> Option<&plan::Step> {
        let (body, at) = self.find(id)?;
        self.plan.bodies[body].steps.get(at)
    }

    pub(super) fn step_mut(&mut self, id: Id) -> Option<&mut plan::Step> {
        let (body, at) = self.find(id)?;
        self.plan.bodies[body].steps.get_mut(at)
    }

    /// The step that a body begins with.
    pub(super) fn base(&self, body: usize) -> Option<Id> {
        self.ids.get(body).and_then(|ids| ids.first()).copied()
    }

    pub(super) fn is_base(&self, id: Id) -> bool {
        self.ids.iter().any(|ids| ids.first() == Some(&id))
    }

    /// All steps, body by body, in order.
    pub(super) fn all(&self) -> Vec<Id> {
        self.ids.iter().flatten().copied().collect()
    }

    /// The steps of a body in order.
    pub(super) fn of_body(&self, body: usize) -> Vec<Id> {
        self.ids.get(body).cloned().unwrap_or_default()
    }

    pub(super) fn push(&mut self, body: usize, step: plan::Step) -> Id {
        let id = self.next;
        self.next += 1;
        self.plan.bodies[body].steps.push(step);
        self.ids[body].push(id);
        id
    }

    pub(super) fn push_body(&mut self, body: Body) {
        self.ids.push((self.next..self.next + body.steps.len()).collect());
        self.next += body.steps.len();
        self.plan.bodies.push(body);
    }

    pub(super) fn remove(&mut self, id: Id) {
        if let Some((body, at)) = self.find(id) {
            self.plan.bodies[body].steps.remove(at);
            self.ids[body].remove(at);
        }
    }

    pub(super) fn remove_body(&mut self, body: usize) {
        self.ids.remove(body);
        self.plan.bodies.remove(body);
    }

    /// A step as it stands now.
    pub(super) fn stand<'c>(&self, catalog: &'c Catalog, id: Id) -> Result<Stand<'c>, String> {
        let Some((body, at)) = self.find(id) else { return Err(lost()) };
        let mut walked = walk(catalog, &self.plan.bodies[body], None).map_err(told)?;
        walked.stands[at].take().ok_or_else(lost)
    }

    /// The body as it is when a step is built; all of it for none.
    pub(super) fn walk<'c>(
        &self,
        catalog: &'c Catalog,
        body: usize,
        until: Option<usize>,
    ) -> Result<Walk<'c>, String> {
        walk(catalog, &self.plan.bodies[body], until).map_err(told)
    }
}

#[expect(clippy::needless_pass_by_value, reason = "it is the mapper of an error")]
pub(super) fn told(fault: Fault) -> String {
    format!("{}. {}.", fault.message, fault.hint)
}

fn lost() -> String {
    "This step of the part is not known any more. Say it in another way.".to_owned()
}
