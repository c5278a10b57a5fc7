//! A parameter that a program declares: its kind, range and place in the text, and which values fit it.
//!
//! The runner finds parameters and holds a run's values against them (`runner/naturalcad_runner/parameters.py`); here
//! they are only needed where no Python runs: for writing a value into the text.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::edit::Change;
use super::program::{ParameterValue, Parameters};

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Declared {
    pub name: String,
    /// The value it was run with.
    pub value: ParameterValue,
    pub kind: ParameterKind,
    pub min: Option<f64>,
    pub max: Option<f64>,
    pub step: Option<f64>,
    pub unit: Option<String>,
    pub label: Option<String>,
    pub choices: Vec<ParameterValue>,
    /// Counted from one.
    pub line: u32,
    /// Character offsets of the literal in the program, end excluded.
    pub span: [usize; 2],
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ParameterKind {
    /// Continuous.
    Number,
    /// Whole numbers.
    Count,
    Switch,
    /// One of `choices`.
    Choice,
    Text,
}

/// Why a value cannot be given to a parameter.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum BadValue {
    #[error("The program has no parameter `{name}`; its parameters are: {known}")]
    Unknown { name: String, known: String },
    #[error("Parameter `{name}` takes {wanted}, not {got}")]
    Kind { name: String, wanted: &'static str, got: String },
    #[error("Parameter `{name}` is {limit}, not {got}")]
    Outside { name: String, limit: String, got: String },
    #[error("Parameter `{name}` is not where it was in the program")]
    Moved { name: String },
}

/// The parameter of that name.
pub fn find<'a>(declared: &'a [Declared], name: &str) -> Result<&'a Declared, BadValue> {
    declared.iter().find(|parameter| parameter.name == name).ok_or_else(|| {
        let known: Vec<String> = declared.iter().map(|parameter| format!("`{}`", parameter.name)).collect();
        let known = if known.is_empty() { "none".to_owned() } else { known.join(", ") };
        BadValue::Unknown { name: name.to_owned(), known }
    })
}

/// What differs from the values that the parameters had.
pub fn changes(declared: &[Declared], values: &Parameters) -> Vec<Change> {
    let moved = values.iter().filter_map(|(name, value)| {
        let parameter = declared.iter().find(|parameter| parameter.name == *name)?;
        (!same(&parameter.value, value)).then(|| parameter.change_to(value))
    });
    moved.collect()
}

/// From the parameters of one part to those of another.
pub fn differences(from: &[Declared], to: &[Declared]) -> Vec<Change> {
    let in_it = |all: &[Declared], name: &str| all.iter().any(|parameter| parameter.name == name);
    let values = to.iter().map(|parameter| (parameter.name.clone(), parameter.value.clone())).collect();
    let mut found = changes(from, &values);
    for gone in from.iter().filter(|parameter| !in_it(to, &parameter.name)) {
        found.push(Change { what: gone.title(), from: Some(gone.with_unit(&gone.value)), to: None });
    }
    for new in to.iter().filter(|parameter| !in_it(from, &parameter.name)) {
        found.push(Change { what: new.title(), from: None, to: Some(new.with_unit(&new.value)) });
    }
    found
}

impl Declared {
    /// The value in the parameter's own kind, when it fits.
    pub fn fit(&self, value: &ParameterValue) -> Result<ParameterValue, BadValue> {
        use ParameterKind::{Choice, Count, Number, Switch, Text};
        let fitting = match (self.kind, value) {
            (Choice, value) => {
                return self.choices.iter().find(|choice| same(choice, value)).cloned().ok_or_else(|| {
                    let choices: Vec<String> =
                        self.choices.iter().map(|choice| self.with_unit(choice)).collect();
                    self.outside(format!("one of {}", choices.join(", ")), value)
                });
            }
            (Number, _) => value.number().map(ParameterValue::Number),
            (Count, _) => value.number().and_then(whole).map(ParameterValue::Count),
            (Switch, ParameterValue::Switch(_)) | (Text, ParameterValue::Text(_)) => Some(value.clone()),
            (Switch | Text, _) => None,
        };
        let fitting = fitting.ok_or_else(|| {
            let wanted = match self.kind {
                Number => "a number",
                Count => "a whole number",
                Switch => "true or false",
                Choice | Text => "a text",
            };
            BadValue::Kind { name: self.name.clone(), wanted, got: value.to_string() }
        })?;
        if let Some(number) = fitting.number() {
            if let Some(min) = self.min.filter(|min| number < *min) {
                return Err(self.outside(format!("at least {}", self.with_unit(&min.into())), value));
            }
            if let Some(max) = self.max.filter(|max| number > *max) {
                return Err(self.outside(format!("at most {}", self.with_unit(&max.into())), value));
            }
        }
        Ok(fitting)
    }

    fn outside(&self, limit: String, got: &ParameterValue) -> BadValue {
        BadValue::Outside { name: self.name.clone(), limit, got: got.to_string() }
    }

    /// As a person calls it.
    pub fn title(&self) -> String {
        let title = self.label.clone().unwrap_or_else(|| self.name.replace('_', " "));
        title.to_lowercase()
    }

    pub fn change_to(&self, value: &ParameterValue) -> Change {
        let (from, to) = (self.with_unit(&self.value), self.with_unit(value));
        Change { what: self.title(), from: Some(from), to: Some(to) }
    }

    fn with_unit(&self, value: &ParameterValue) -> String {
        match (&self.unit, value.number()) {
            (Some(unit), Some(_)) => format!("{value} {unit}"),
            _ => value.to_string(),
        }
    }
}

impl ParameterValue {
    /// A finite number of either kind.
    pub fn number(&self) -> Option<f64> {
        match self {
            Self::Count(count) => Some(*count as f64),
            Self::Number(number) if number.is_finite() => Some(*number),
            _ => None,
        }
    }
}

impl From<f64> for ParameterValue {
    fn from(number: f64) -> Self {
        Self::Number(number)
    }
}

impl fmt::Display for ParameterValue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Switch(true) => f.write_str("on"),
            Self::Switch(false) => f.write_str("off"),
            Self::Count(count) => write!(f, "{count}"),
            Self::Number(number) => write!(f, "{number}"),
            Self::Text(text) => write!(f, "`{text}`"),
        }
    }
}

/// The same value, whichever way a number is written.
fn same(a: &ParameterValue, b: &ParameterValue) -> bool {
    match (a.number(), b.number()) {
        (Some(a), Some(b)) => (a - b).abs() <= 1e-12 * a.abs().max(b.abs()),
        _ => a == b,
    }
}

fn whole(number: f64) -> Option<i64> {
    const EXACT_MAX: f64 = 9e15;
    #[expect(clippy::cast_possible_truncation, reason = "whole and below 2^53, checked in this line")]
    (number.fract() == 0.0 && number.abs() < EXACT_MAX).then_some(number as i64)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn declared(kind: ParameterKind, value: ParameterValue) -> Declared {
        Declared {
            name: "WALL".into(),
            value,
            kind,
            min: Some(1.0),
            max: Some(5.0),
            step: None,
            unit: Some("mm".into()),
            label: Some("Wall thickness".into()),
            choices: Vec::new(),
            line: 1,
            span: [0, 1],
        }
    }

    #[test]
    fn a_value_is_taken_in_the_parameters_own_kind_or_its_limit_is_named() {
        let wall = declared(ParameterKind::Number, 2.0.into());
        assert_eq!(wall.fit(&ParameterValue::Count(3)), Ok(ParameterValue::Number(3.0)));
        let told = |value: ParameterValue| wall.fit(&value).unwrap_err().to_string();
        assert_eq!(told(5.5.into()), "Parameter `WALL` is at most 5 mm, not 5.5");
        assert_eq!(told(ParameterValue::Count(0)), "Parameter `WALL` is at least 1 mm, not 0");
        assert_eq!(told(ParameterValue::Switch(true)), "Parameter `WALL` takes a number, not on");
        assert_eq!(told(f64::NAN.into()), "Parameter `WALL` takes a number, not NaN");
        let count = declared(ParameterKind::Count, ParameterValue::Count(2));
        assert_eq!(count.fit(&3.0.into()), Ok(ParameterValue::Count(3)));
        assert!(count.fit(&2.5.into()).is_err());
        let mut screw = declared(ParameterKind::Choice, ParameterValue::Text("M5".into()));
        screw.choices = ["M4", "M5"].map(|text| ParameterValue::Text(text.into())).to_vec();
        assert!(screw.fit(&ParameterValue::Text("M4".into())).is_ok());
        let told = screw.fit(&ParameterValue::Text("M9".into())).unwrap_err().to_string();
        assert_eq!(told, "Parameter `WALL` is one of `M4`, `M5`, not `M9`");
        assert!(find(&[wall], "WALLS").unwrap_err().to_string().ends_with("parameters are: `WALL`"));
    }

    #[test]
    fn only_what_differs_is_a_change() {
        let wall = declared(ParameterKind::Number, 2.0.into());
        let values = |value: ParameterValue| Parameters::from([("WALL".to_owned(), value)]);
        assert_eq!(changes(std::slice::from_ref(&wall), &values(ParameterValue::Count(2))), []);
        let found = changes(&[wall], &values(3.5.into()));
        let expected =
            Change { what: "wall thickness".into(), from: Some("2 mm".into()), to: Some("3.5 mm".into()) };
        assert_eq!(found, [expected]);
    }
}
