//! A program: build123d source text that leaves `result`, and the parameters it declares on top.

use std::collections::BTreeMap;
use std::convert::Infallible;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use super::limits::PROGRAM_BYTES_MAX;

/// Source text of one part.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Program(String);

/// Why a text is no program.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BadProgram {
    #[error("The program is empty")]
    Empty,
    #[error("The program has {bytes} bytes; {PROGRAM_BYTES_MAX} is the most")]
    TooLong { bytes: usize },
    #[error("The program contains a NUL character")]
    Nul,
}

impl Program {
    pub fn parse(text: &str) -> Result<Self, BadProgram> {
        if text.trim().is_empty() {
            return Err(BadProgram::Empty);
        }
        if text.len() > PROGRAM_BYTES_MAX {
            return Err(BadProgram::TooLong { bytes: text.len() });
        }
        if text.contains('\0') {
            return Err(BadProgram::Nul);
        }
        Ok(Self(text.replace("\r\n", "\n")))
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Values for a program's `UPPER_CASE` parameters that differ from what is written.
pub type Parameters = BTreeMap<String, ParameterValue>;

/// The literal kinds that a parameter can have (design section 4).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum ParameterValue {
    Switch(bool),
    Count(i64),
    Number(f64),
    Text(String),
}

/// As it is written on a command line: a truth value, a number, else a text.
impl FromStr for ParameterValue {
    type Err = Infallible;

    fn from_str(text: &str) -> Result<Self, Infallible> {
        let switch = |text: &str| match text.to_ascii_lowercase().as_str() {
            "true" => Some(true),
            "false" => Some(false),
            _ => None,
        };
        let number = |text: &str| text.parse().ok().filter(|number: &f64| number.is_finite());
        Ok(switch(text)
            .map(Self::Switch)
            .or_else(|| text.parse().ok().map(Self::Count))
            .or_else(|| number(text).map(Self::Number))
            .unwrap_or_else(|| Self::Text(text.to_owned())))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn programs_are_bounded_and_have_unix_lines() {
        assert_eq!(Program::parse("  "), Err(BadProgram::Empty));
        assert_eq!(Program::parse("a\0b"), Err(BadProgram::Nul));
        assert_eq!(Program::parse("a\r\nb").unwrap().as_str(), "a\nb");
        let long = "#".repeat(PROGRAM_BYTES_MAX + 1);
        assert!(matches!(Program::parse(&long), Err(BadProgram::TooLong { .. })));
    }

    #[test]
    fn parameter_values_keep_their_kind_through_json() {
        let text = r#"{"A":3,"B":3.5,"C":true,"D":"M5"}"#;
        let values: Parameters = serde_json::from_str(text).unwrap();
        assert_eq!(values["A"], ParameterValue::Count(3));
        assert_eq!(values["B"], ParameterValue::Number(3.5));
        assert_eq!(serde_json::to_string(&values).unwrap(), text);
        for (text, value) in [
            ("3", ParameterValue::Count(3)),
            ("-3.5", ParameterValue::Number(-3.5)),
            ("True", ParameterValue::Switch(true)),
            ("M5", ParameterValue::Text("M5".into())),
            ("nan", ParameterValue::Text("nan".into())),
        ] {
            assert_eq!(text.parse(), Ok(value));
        }
    }
}
