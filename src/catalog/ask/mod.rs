//! Asking a language model: the grammar that its answer keeps to, the text that teaches it the format, and the way back from its answer to a
//! plan. Everything comes from the table, so that a new step can be asked for without a word here.

mod amount;
mod answer;
mod arguments;
mod compact;
mod grammar;
mod lesson;
mod loose;
mod notation;
mod patch;
mod patch_grammar;
mod place;
mod stated;
mod value;
mod words;

pub use loose::Loose;
pub use notation::Grammar;
pub use patch::Patched;

pub(super) use compact::{compact, numbered};
pub(super) use grammar::plan_grammar;
pub(super) use lesson::{lesson, primer, worked_answers};
pub(super) use loose::plan_from;
pub(super) use patch::apply;
pub(super) use patch_grammar::patch_grammar;
pub(super) use stated::said;

#[cfg(test)]
mod tests;
