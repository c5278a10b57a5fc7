//! A number with its unit, as the user wrote it, and its one conversion to millimetres or degrees.

use serde::{Deserialize, Serialize};

/// What a number counts. `None` is a number without a unit: millimetres by rule, or a count.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Unit {
    Mm,
    Cm,
    M,
    Inch,
    Foot,
    Thou,
    Degree,
    Percent,
    None,
}

struct Row {
    unit: Unit,
    symbol: &'static str,
    words: &'static [&'static str],
    /// Millimetres (or degrees, or parts of one hundred) in one of it.
    factor: f64,
}

/// Spellings are lower case; a plural `s` is the reader's business.
const TABLE: &[Row] = &[
    Row { unit: Unit::Mm, symbol: "mm", words: &["mm", "millimetre", "millimeter"], factor: 1.0 },
    Row { unit: Unit::Cm, symbol: "cm", words: &["cm", "centimetre", "centimeter"], factor: 10.0 },
    Row { unit: Unit::M, symbol: "m", words: &["m", "metre", "meter"], factor: 1000.0 },
    Row {
        unit: Unit::Inch,
        symbol: "in",
        words: &["in", "inch", "inche", "\"", "″", "”", "''"],
        factor: 25.4,
    },
    Row { unit: Unit::Foot, symbol: "ft", words: &["ft", "foot", "feet", "'", "′"], factor: 304.8 },
    Row { unit: Unit::Thou, symbol: "thou", words: &["thou", "mil"], factor: 0.0254 },
    Row { unit: Unit::Degree, symbol: "°", words: &["°", "deg", "degree"], factor: 1.0 },
    Row { unit: Unit::Percent, symbol: "%", words: &["%", "percent"], factor: 1.0 },
    Row { unit: Unit::None, symbol: "", words: &[], factor: 1.0 },
];

impl Unit {
    /// The unit that a lower-case word or sign names.
    pub fn named(word: &str) -> Option<Unit> {
        TABLE.iter().find(|row| row.words.contains(&word)).map(|row| row.unit)
    }

    pub fn symbol(self) -> &'static str {
        self.row().symbol
    }

    pub fn is_length(self) -> bool {
        !matches!(self, Unit::Degree | Unit::Percent)
    }

    fn row(self) -> &'static Row {
        // Every unit has a row, which the test below holds; the last row is the one without a unit.
        TABLE.iter().find(|row| row.unit == self).unwrap_or(&TABLE[TABLE.len() - 1])
    }
}

/// Character offsets (not bytes) in the prompt, end excluded.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Span {
    pub start: usize,
    pub end: usize,
}

/// A number read from the prompt.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Quantity {
    pub value: f64,
    pub unit: Unit,
    /// As the user wrote it.
    pub text: String,
    pub span: Span,
}

impl Quantity {
    /// The value in the plan's unit: millimetres for lengths, degrees for angles. Rounded to a millionth, so that `2.5 in`
    /// is 63.5 and not 63.499999.
    pub fn in_plan_units(&self) -> f64 {
        round(self.value * self.unit.row().factor)
    }
}

/// To a millionth, far below what a workshop or the kernel's tolerance can tell apart.
pub fn round(value: f64) -> f64 {
    let rounded = (value * 1e6).round() / 1e6;
    if rounded == 0.0 { 0.0 } else { rounded }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn quantity(value: f64, unit: Unit) -> Quantity {
        Quantity { value, unit, text: String::new(), span: Span { start: 0, end: 0 } }
    }

    #[test]
    fn every_unit_converts_by_its_own_row() {
        for (unit, expected) in [
            (Unit::Mm, 2.5),
            (Unit::Cm, 25.0),
            (Unit::M, 2500.0),
            (Unit::Inch, 63.5),
            (Unit::Foot, 762.0),
            (Unit::Thou, 0.0635),
            (Unit::Degree, 2.5),
            (Unit::Percent, 2.5),
            (Unit::None, 2.5),
        ] {
            assert!((quantity(2.5, unit).in_plan_units() - expected).abs() < 1e-9, "{unit:?}");
        }
    }

    #[test]
    fn every_spelling_names_its_unit() {
        for row in TABLE {
            for word in row.words {
                assert_eq!(Unit::named(word), Some(row.unit), "{word}");
            }
        }
        assert_eq!(Unit::named("banana"), None);
    }
}
