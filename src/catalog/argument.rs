//! An argument of a step as its file writes it: what it is, how people say it, what it is when nobody does.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::domain::reading::MeasureRef;

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Type {
    Length,
    Angle,
    Count,
    Choice,
    /// x and y on the face.
    Point,
    /// One length, or one for each direction.
    Pair,
    /// Several points on the face.
    Points,
    /// Letters: what a plate says.
    Text,
    /// On or off; off when it is not there.
    Switch,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Argument {
    pub name: String,
    pub title: String,
    #[serde(rename = "type")]
    pub type_: Type,
    /// Stand on either side of the number: "radius 3", "3 mm radius".
    #[serde(default)]
    pub words: Vec<String>,
    /// Stand after the number: "20 long".
    #[serde(default)]
    pub after: Vec<String>,
    /// Signs glued before the number: "Ø5", "R3".
    #[serde(default)]
    pub before: Vec<String>,
    /// Words for a number that is a part of this one: a radius.
    #[serde(default)]
    pub scaled: Vec<Scaled>,
    #[serde(default)]
    pub min: Option<f64>,
    #[serde(default)]
    pub max: Option<f64>,
    #[serde(default)]
    pub measure: Option<MeasureRef>,
    /// Why a stated number of it is not compared with a measure.
    #[serde(default)]
    pub not_checked: Option<String>,
    /// Choices with which it means nothing, so that the solid cannot show it: how thick the lid of an open box is.
    #[serde(default)]
    pub idle_with: Vec<String>,
    /// An expression (or a choice's value), used and reported with `because` when nothing is said.
    #[serde(default)]
    pub default: Option<String>,
    #[serde(default)]
    pub because: Option<String>,
    /// What it means when it is not there: `through`. Words that say so.
    #[serde(default)]
    pub absent: Option<String>,
    #[serde(default)]
    pub absent_words: Vec<String>,
    /// Absence must be said, else the user is asked.
    #[serde(default)]
    pub asked: bool,
    /// May be missing without a word.
    #[serde(default)]
    pub optional: bool,
    /// Read from prompts and turned into other arguments by `derive`; not part of plans.
    #[serde(default)]
    pub read_only: bool,
    #[serde(default)]
    pub ask: Option<String>,
    #[serde(default)]
    pub choices: BTreeMap<String, Vec<String>>,
    /// Name of the program's parameter, where the argument's own would clash with the feature's.
    #[serde(default)]
    pub parameter: Option<String>,
}

impl Argument {
    /// Whether a plan must have it.
    pub(super) fn required(&self) -> bool {
        self.absent.is_none()
            && !self.optional
            && !self.read_only
            && self.default.is_none()
            && self.type_ != Type::Switch
    }

    /// Its value is a number or several, so that expressions can name it.
    pub(super) fn is_numeric(&self) -> bool {
        !matches!(self.type_, Type::Choice | Type::Text | Type::Switch)
    }

    /// It measures something round from side to side, as "Ø" does.
    pub(super) fn is_across(&self) -> bool {
        let said = self.words.iter().chain(&self.after).any(|word| word.contains("dia"));
        said || self.before.iter().any(|sign| sign == "ø")
    }

    pub(super) fn unit(&self) -> &'static str {
        match self.type_ {
            Type::Length | Type::Point | Type::Pair | Type::Points => "mm",
            Type::Angle => "deg",
            Type::Count | Type::Choice | Type::Text | Type::Switch => "",
        }
    }
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Scaled {
    #[serde(default)]
    pub words: Vec<String>,
    #[serde(default)]
    pub before: Vec<String>,
    pub factor: f64,
}
