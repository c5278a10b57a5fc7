//! A quantity that a model copied from the prompt instead of computing it: `2in`, `2 1/2 in`, `5*2`, `60+20 mm`. The reader's own code reads the
//! numbers; here is what stands between them.

use super::super::Catalog;
use super::super::read;
use super::super::words::Sense;
use crate::domain::quantity::{Quantity, Span, Unit, round};

/// What kind of number is wanted.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Want {
    Length,
    Angle,
    Count,
}

/// Longer ones are no quantities.
const CHARS_MAX: usize = 60;

/// The value in millimetres, degrees or pieces. None when the text is nothing of the kind.
pub(super) fn amount(catalog: &Catalog, text: &str, want: Want) -> Option<f64> {
    let text = text.trim();
    if text.is_empty() || text.chars().count() > CHARS_MAX {
        return None;
    }
    if want == Want::Count {
        return pieces(catalog, text);
    }
    let sum: Option<Vec<Amount>> = parts(text, |c, _| matches!(c, '+' | '-' | '−'))
        .iter()
        .map(|(sign, part)| {
            let mut amount = product(catalog, part)?;
            if matches!(sign, '-' | '−') {
                amount.number = -amount.number;
            }
            Some(amount)
        })
        .collect();
    let sum = sum?;
    // A unit that stands once holds for all that have none, as in `60x40 mm`.
    let unit = sum.iter().map(|amount| amount.unit).find(|unit| *unit != Unit::None).unwrap_or(Unit::None);
    let value: f64 = sum
        .into_iter()
        .map(|amount| if amount.unit == Unit::None { Amount { unit, ..amount } } else { amount })
        .map(|amount| amount.in_plan_units(want))
        .sum::<Option<f64>>()?;
    Some(round(value)).filter(|value| value.is_finite())
}

#[derive(Debug, Clone, Copy)]
struct Amount {
    number: f64,
    unit: Unit,
}

impl Amount {
    fn in_plan_units(self, want: Want) -> Option<f64> {
        let fits = match want {
            Want::Length => self.unit.is_length(),
            Want::Angle | Want::Count => matches!(self.unit, Unit::Degree | Unit::None),
        };
        let quantity = Quantity {
            value: self.number,
            unit: self.unit,
            text: String::new(),
            span: Span { start: 0, end: 0 },
        };
        fits.then(|| quantity.in_plan_units())
    }
}

/// Only one factor has a unit, and no divisor has.
fn product(catalog: &Catalog, text: &str) -> Option<Amount> {
    let mut all: Option<Amount> = None;
    for (sign, part) in parts(text, |c, glued| matches!(c, '*' | '×') || (c == '/' && !glued)) {
        let quantity = read::quantity(&catalog.words, part)?;
        let Some(before) = all else {
            all = Some(Amount { number: quantity.value, unit: quantity.unit });
            continue;
        };
        let unit = match (before.unit, quantity.unit) {
            (unit, Unit::None) => unit,
            (Unit::None, unit) if sign != '/' => unit,
            _ => return None,
        };
        let number =
            if sign == '/' { before.number / quantity.value } else { before.number * quantity.value };
        all = Some(Amount { number, unit }).filter(|amount| amount.number.is_finite());
        all?;
    }
    all
}

/// Cuts at the signs that `parts` them; each part with the sign before it, the first with `+` or its own. A sign that belongs to a number stays:
/// the bar of `1/2`, the hyphen of `2-1/2` and of `10-mm`.
fn parts(text: &str, is_sign: impl Fn(char, bool) -> bool) -> Vec<(char, &str)> {
    let mut all = Vec::new();
    let (mut sign, mut from) = ('+', 0);
    for (at, c) in text.char_indices() {
        let (before, after) = (&text[from..at], &text[at + c.len_utf8()..]);
        if !is_sign(c, is_bar(before, after)) || is_hyphen(c, before, after) {
            continue;
        }
        // "-5", "60*-1": the first sign of a part is its own.
        if before.trim().is_empty() {
            if from == 0 && at == text.len() - text.trim_start().len() && matches!(c, '+' | '-' | '−') {
                (sign, from) = (c, at + c.len_utf8());
            }
            continue;
        }
        all.push((sign, before));
        (sign, from) = (c, at + c.len_utf8());
    }
    all.push((sign, &text[from..]));
    all
}

/// Between whole numbers that touch it: a fraction. A second bar divides.
fn is_bar(before: &str, after: &str) -> bool {
    let digits = before.chars().rev().take_while(char::is_ascii_digit).count();
    let head = before[..before.len() - digits].chars().next_back();
    digits > 0 && after.starts_with(|c: char| c.is_ascii_digit()) && !matches!(head, Some('/' | '.'))
}

fn is_hyphen(c: char, before: &str, after: &str) -> bool {
    if c != '-' {
        return false;
    }
    // `10-mm`
    if after.starts_with(|c: char| c.is_ascii_alphabetic()) {
        return true;
    }
    // `2-1/2`: a whole number and a proper fraction, all glued.
    let whole = !before.trim().is_empty() && before.trim_start().chars().all(|c| c.is_ascii_digit());
    let top: String = after.chars().take_while(char::is_ascii_digit).collect();
    let bottom = after[top.len()..].strip_prefix('/').unwrap_or_default();
    let bottom: String = bottom.chars().take_while(char::is_ascii_digit).collect();
    let number = |text: &str| text.parse::<u32>().ok();
    whole && matches!((number(&top), number(&bottom)), (Some(top), Some(bottom)) if 0 < top && top < bottom)
}

/// `4`, `4x`, `four`
fn pieces(catalog: &Catalog, text: &str) -> Option<f64> {
    let plain = text.trim_end_matches(['x', 'X', '×']).trim_end();
    if let Some(quantity) = read::quantity(&catalog.words, plain).filter(|found| found.unit == Unit::None) {
        return Some(quantity.value);
    }
    let senses = catalog.words.senses(&read::lexer::words_of(plain).join(" "))?;
    senses
        .iter()
        .find_map(|sense| if let Sense::Count(count) = sense { Some(f64::from(*count)) } else { None })
}
