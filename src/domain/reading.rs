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
    /// What an edit changed.
    #[serde(default)]
    pub changes: Vec<Change>,
    /// The user takes the last change back.
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

/// A stated number and the measure that must agree with it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Expectation {
    /// `length`, `hole diameter` ...
    pub what: String,
    /// In millimetres, degrees or pieces.
    pub asked: f64,
    /// The unit of `asked`; `none` for counts.
    pub unit: Unit,
    /// As the user wrote it.
    pub text: String,
    pub measure: MeasureRef,
    /// For the holes' measures: how many holes must show it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub count: Option<u32>,
    /// For the holes' measures: the diameter that tells these holes from others.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub of_diameter: Option<f64>,
}

/// The closed set of measures that a stated number can be compared with.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum MeasureRef {
    /// Sizes of the bounding box.
    #[serde(rename = "box.x")]
    BoxX,
    #[serde(rename = "box.y")]
    BoxY,
    #[serde(rename = "box.z")]
    BoxZ,
    #[serde(rename = "hole.diameter")]
    HoleDiameter,
    #[serde(rename = "hole.depth")]
    HoleDepth,
    #[serde(rename = "hole.count")]
    HoleCount,
    #[serde(rename = "hole.head_diameter")]
    HoleHeadDiameter,
    #[serde(rename = "hole.head_depth")]
    HoleHeadDepth,
    /// Diameter of the circle on which the holes' centres lie.
    #[serde(rename = "hole.circle")]
    HoleCircle,
    /// Distance from one hole's centre to the next one's.
    #[serde(rename = "hole.spacing")]
    HoleSpacing,
    /// Distance of the holes' centres from the nearest sides of the body's box.
    #[serde(rename = "hole.inset")]
    HoleInset,
    /// Radius of rounded edges.
    #[serde(rename = "edge.radius")]
    EdgeRadius,
    #[serde(rename = "volume")]
    Volume,
    /// Said to the user as "not checked", with the reason.
    #[serde(rename = "not_checked")]
    NotChecked(String),
}

impl MeasureRef {
    /// Holes' measures are compared with the table of holes, not with one figure of the solid.
    pub fn is_of_holes(&self) -> bool {
        matches!(
            self,
            MeasureRef::HoleDiameter
                | MeasureRef::HoleDepth
                | MeasureRef::HoleCount
                | MeasureRef::HoleHeadDiameter
                | MeasureRef::HoleHeadDepth
                | MeasureRef::HoleCircle
                | MeasureRef::HoleSpacing
                | MeasureRef::HoleInset
        )
    }
}
