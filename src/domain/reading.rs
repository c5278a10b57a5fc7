//! What was understood of a prompt, word by word: the draft plan, what each part of the text became, what was assumed, what was not read,
//! and which numbers the finished solid has to show.

use serde::{Deserialize, Serialize};

use super::edit::Change;
use super::plan::Plan;
use super::quantity::{Span, Unit};

#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Reading {
    /// None when something required is missing, contradictory or not understood; `question` says what.
    pub plan: Option<Plan>,
    pub used: Vec<Used>,
    /// Words that carry nothing for the part: articles, polite words.
    pub ignored: Vec<Word>,
    /// Words and numbers that may carry something and were not understood.
    pub unread: Vec<Word>,
    pub assumed: Vec<Assumed>,
    pub notes: Vec<String>,
    /// What the user is asked before anything is built.
    pub question: Option<String>,
    pub expectations: Vec<Expectation>,
    /// The fate of each stretch of the prompt, in order.
    pub spans: Vec<Mark>,
    /// For a follow-up sentence: what it changes in the part as it was.
    #[serde(default)]
    pub changes: Vec<Change>,
    /// Numbers of a model's part that its candidates do not agree on.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub doubtful: Vec<Doubt>,
    /// The sentence asks for the part as it was before the last change.
    #[serde(default)]
    pub undo: bool,
}

impl Reading {
    /// Nothing meaningful was left unread and every required value was stated, or assumed by a rule that `assumed` names.
    pub fn complete(&self) -> bool {
        // A program has no plan; what an edit changed of it says that it was understood.
        let something = self.plan.is_some() || self.undo || !self.changes.is_empty();
        something && self.unread.is_empty() && self.question.is_none()
    }
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Used {
    pub text: String,
    /// What it became: `length 60 mm, width 40 mm`.
    #[serde(rename = "as")]
    pub as_: String,
    pub span: Span,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Word {
    pub text: String,
    pub span: Span,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Assumed {
    pub what: String,
    pub why: String,
}

/// A parameter of a part about which its author was not sure.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Doubt {
    /// Its name in the program: `HOLE_DIAMETER`.
    pub parameter: String,
    pub value: f64,
    /// What it might be instead; empty when others have no such number.
    pub others: Vec<f64>,
}

impl Doubt {
    /// `hole diameter 5, or 6?`
    pub fn text(&self) -> String {
        let name = self.parameter.to_lowercase().replace('_', " ");
        let others: Vec<String> = self.others.iter().map(f64::to_string).collect();
        if others.is_empty() {
            return format!("{name} {}, or none of that?", self.value);
        }
        format!("{name} {}, or {}?", self.value, others.join(" or "))
    }
}

/// A number that a prompt states, on its own.
#[derive(Debug, Clone, PartialEq)]
pub struct Stated {
    /// As the user wrote it.
    pub text: String,
    pub span: Span,
    /// In millimetres or degrees.
    pub value: f64,
    /// The number as it stands there: a count, when it has no unit.
    pub plain: f64,
    /// As it was written; `none` without one.
    pub unit: Unit,
    /// The name of a standard size, such as `M5`.
    pub size: Option<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Mark {
    pub start: usize,
    pub end: usize,
    pub kind: Fate,
}

/// What became of a piece of the prompt. There is no fourth: no word goes silently.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Fate {
    Used,
    Ignored,
    Unread,
}

pub use super::expectation::{Expectation, MeasureRef, Piece};
