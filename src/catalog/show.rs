//! The catalog as other programs see it: `GET /api/catalog`.

use serde::Serialize;

use super::table::{self, Kind, Type};

#[derive(Debug, Clone, Serialize)]
pub struct StepInfo {
    pub name: String,
    pub kind: Kind,
    pub title: String,
    pub words: Vec<String>,
    pub examples: Vec<String>,
    pub arguments: Vec<ArgumentInfo>,
}

#[derive(Debug, Clone, Serialize)]
pub struct ArgumentInfo {
    pub name: String,
    pub title: String,
    #[serde(rename = "type")]
    pub type_: Type,
    pub unit: &'static str,
    pub required: bool,
    /// A number, an expression of other sizes, or a choice.
    pub default: Option<String>,
    /// What its absence means.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub absent: Option<String>,
    pub min: Option<f64>,
    pub max: Option<f64>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub choices: Vec<String>,
}

pub(super) fn step(step: &table::Step) -> StepInfo {
    let variants = step.variants.iter().flat_map(|variant| &variant.words);
    StepInfo {
        name: step.name.clone(),
        kind: step.kind,
        title: step.title.clone(),
        words: step.words.iter().chain(variants).cloned().collect(),
        examples: step.examples.clone(),
        arguments: step.arguments.iter().filter(|argument| !argument.read_only).map(argument).collect(),
    }
}

fn argument(argument: &table::Argument) -> ArgumentInfo {
    ArgumentInfo {
        name: argument.name.clone(),
        title: argument.title.clone(),
        type_: argument.type_,
        unit: argument.unit(),
        required: argument.required(),
        default: argument.default.clone(),
        absent: argument.absent.clone(),
        min: argument.min,
        max: argument.max,
        choices: argument.choices.keys().cloned().collect(),
    }
}
