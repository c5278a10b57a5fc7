//! The catalog: one table of all modelling steps (`templates/`), and what is made from it here: the reader of prompts, the validator of plans
//! and the lowering of plans to programs. It does no I/O and keeps no state.

mod accounted;
mod adjust;
mod argument;
mod ask;
mod assembly;
mod deeds;
mod diff;
mod expect;
mod joined;
mod load;
mod lower;
mod missing;
mod names;
mod outline;
mod parameters;
mod read;
mod rules;
mod sample;
mod scene;
mod scope;
mod show;
mod stand;
mod table;
mod validate;
mod words;

use std::collections::BTreeMap;
use std::path::Path;

use tera::Tera;

use crate::domain::edit::Change;
use crate::domain::plan::{Plan, Problem};
use crate::domain::program::Parameters;
use crate::domain::reading::{Expectation, Reading, Stated};

pub use ask::{Grammar, Loose, Patched};
pub use lower::{Parameter, Program};
pub use show::{ArgumentInfo, StepInfo};
pub use table::{Kind, Type};

/// Everything under `templates/`, parsed and checked.
pub struct Catalog {
    steps: Vec<table::Step>,
    faces: Vec<table::Face>,
    sizes: BTreeMap<String, table::SizeTable>,
    words: words::Vocabulary,
    /// The same with the words of follow-up sentences.
    edit_words: words::Vocabulary,
    /// Templates of steps, expressions of tables.
    tera: Tera,
}

#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// A file of the catalog is wrong. It ships inside the binary, so this is our mistake.
    #[error("The catalog's file `{file}` is wrong: {reason}")]
    File { file: String, reason: String },
    /// The plan has problems; `validate` tells all of them.
    #[error("The plan can't be lowered: {}", .0.message)]
    Plan(Problem),
    #[error("The template of `{step}` can't be written")]
    Template { step: String, source: tera::Error },
}

impl Catalog {
    /// The catalog that ships inside the binary.
    pub fn embedded() -> Result<Catalog, Error> {
        load::embedded()
    }

    /// The same with the files of a folder of that layout added or put in their place: steps of the user's own.
    pub fn with_folder(folder: &Path) -> Result<Catalog, Error> {
        load::with_folder(folder)
    }

    /// Understands as much of a prompt as the table allows, and says what it did not.
    pub fn read(&self, prompt: &str) -> Reading {
        read::read(self, prompt)
    }

    /// The numbers that a prompt states, in its order, whatever they belong to.
    pub fn stated(&self, prompt: &str) -> Vec<Stated> {
        read::stated(self, prompt)
    }

    /// Reads a follow-up sentence: the plan after the change, what changed, and what was not understood. Nothing else in the plan changes.
    pub fn edit(&self, plan: &Plan, prompt: &str) -> Reading {
        read::edit(self, plan, prompt)
    }

    /// What two plans differ in, in the table's words.
    pub fn diff(&self, before: &Plan, after: &Plan) -> Vec<Change> {
        diff::diff(self, before, after)
    }

    /// How many bodies the part has, with those that bases make beside their own. Copies are one.
    fn bodies_of(&self, plan: &Plan) -> usize {
        let steps = plan.bodies.iter().flat_map(|body| &body.steps);
        let extras = steps.filter_map(|step| Some((self.step(&step.do_)?, step))).map(|(spec, step)| {
            spec.extras.iter().filter(|extra| extra.is_made(spec, &step.arguments)).count()
        });
        plan.bodies.len() + extras.sum::<usize>()
    }

    /// Every number of a plan with the measure of the solid that must show it.
    pub fn expectations(&self, plan: &Plan) -> Vec<Expectation> {
        expect::of_plan(self, plan)
    }

    /// The plan with values that the parameters of its program were given.
    pub fn with_values(&self, plan: &Plan, values: &Parameters) -> Result<Plan, Error> {
        adjust::with_values(self, plan, values)
    }

    /// Everything that is wrong with a plan, as far as it can be told without running it. Empty for a good plan.
    pub fn validate(&self, plan: &Plan) -> Vec<Problem> {
        validate::validate(self, plan)
    }

    /// What has to be asked before the plan can be built, because nobody gave a size; none when nothing is missing.
    pub fn question(&self, plan: &Plan) -> Option<String> {
        missing::question(self, plan)
    }

    /// Words of a prompt that an answer to it does nothing about, although the table knows them: features that are not there, removals that remove
    /// nothing. `plans` are the plan that came out and, for a change, the one before it.
    pub fn unaccounted(&self, prompt: &str, answer: &str, plans: &[&Plan]) -> Vec<String> {
        accounted::unaccounted(self, prompt, answer, plans)
    }

    /// The program that builds a plan. `title` becomes its first line.
    pub fn lower(&self, plan: &Plan, title: &str) -> Result<Program, Error> {
        lower::lower(self, plan, title)
    }

    /// The box of a part that is one base, and features that only take from it, by the table's own sizes; none for other parts.
    pub fn table_box(&self, plan: &Plan) -> Option<[f64; 3]> {
        scene::table_box(self, plan)
    }

    /// A random plan that the validator accepts; the same for the same seed.
    pub fn sample(&self, seed: u64) -> Plan {
        sample::sample(self, seed)
    }

    /// A random plan with this base or feature; none when no try was valid, or for a placement.
    pub fn sample_of(&self, step: &str, seed: u64) -> Option<Plan> {
        let spec = self.step(step).filter(|spec| matches!(spec.kind, Kind::Base | Kind::Feature))?;
        sample::sample_of(self, spec, seed)
    }

    /// The grammar of plans, for models whose answers can be held to one.
    pub fn plan_grammar(&self) -> Grammar {
        ask::plan_grammar(self)
    }

    /// The grammar of patches of this plan: only its own steps can be changed, each in its own arguments.
    pub fn patch_grammar(&self, plan: &Plan) -> Grammar {
        ask::patch_grammar(self, plan)
    }

    /// The plan in a model's answer. Validation comes after it.
    pub fn plan_from(&self, text: &str) -> Result<Loose, Problem> {
        ask::plan_from(self, text)
    }

    /// The plan after the patch in a model's answer; nothing else in it changes. Validation comes after it.
    pub fn apply_patch(&self, plan: &Plan, text: &str) -> Result<Patched, Problem> {
        ask::apply(self, plan, text)
    }

    /// The plan as the grammar has it, on one line.
    pub fn compact(&self, plan: &Plan) -> String {
        ask::compact(self, plan)
    }

    /// The steps of a plan, one a line, by the numbers that a patch names them with.
    pub fn numbered(&self, plan: &Plan) -> String {
        ask::numbered(self, plan)
    }

    /// The fixed text that teaches a model the format.
    pub fn primer(&self) -> String {
        ask::primer(self)
    }

    /// The steps that fit a prompt with their arguments, best first, in at most so many characters.
    pub fn lesson(&self, prompt: &str, chars: usize) -> String {
        ask::lesson(self, prompt, chars)
    }

    /// The same with the answers that a model should give: quantities as the prompt has them ("2in", "M5"), as `plan_from` reads them.
    pub fn worked_answers(&self, prompt: &str, n: usize) -> Vec<(String, String)> {
        ask::worked_answers(self, prompt, n)
    }

    /// The answer that a model should give to a prompt that the reader understands wholly: only what it says, quantities in its words.
    pub fn said(&self, prompt: &str) -> Option<String> {
        ask::said(self, prompt)
    }

    /// The table as the page and the reference show it.
    pub fn steps(&self) -> Vec<StepInfo> {
        self.steps.iter().map(show::step).collect()
    }

    fn step(&self, name: &str) -> Option<&table::Step> {
        self.steps.iter().find(|step| step.name == name)
    }

    fn index_of(&self, name: &str) -> Option<usize> {
        self.steps.iter().position(|step| step.name == name)
    }

    fn face(&self, name: &str) -> Option<&table::Face> {
        self.faces.iter().find(|face| face.name == name)
    }
}

impl table::Step {
    fn argument(&self, name: &str) -> Option<&table::Argument> {
        self.arguments.iter().find(|argument| argument.name == name)
    }
}

#[cfg(test)]
mod tests;
