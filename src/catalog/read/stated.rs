//! The numbers of a prompt on their own, whatever they may belong to: an answer that somebody else wrote is held against them.

use super::pieces::{self, What};
use super::{bare_unit, is_heard, spoken_of};
use crate::catalog::Catalog;
use crate::domain::quantity::{Quantity, Span, Unit, round};
use crate::domain::reading::Stated;

/// In the order of the prompt. A number without a unit has the one unit of the prompt, else millimetres.
pub(in crate::catalog) fn stated(catalog: &Catalog, prompt: &str) -> Vec<Stated> {
    let heard = |sense: &_| is_heard(&spoken_of(catalog, None, &[]), sense);
    let pieces = pieces::cut(&catalog.words, prompt, &heard).pieces;
    let (bare, _) = bare_unit(&pieces);
    let chars: Vec<char> = prompt.chars().collect();
    let mut stated = Vec::new();
    for piece in &pieces {
        let span = Span { start: piece.start, end: piece.end };
        let text = || chars[span.start..span.end].iter().collect::<String>();
        match &piece.what {
            What::Numbers(numbers) => {
                stated.extend(numbers.iter().map(|number| of(&number.quantity, bare)));
            }
            What::Point(point) => stated.extend(point.iter().map(|quantity| of(quantity, bare))),
            What::Count(count) => {
                let value = f64::from(*count);
                stated.push(Stated { text: text(), span, value, plain: value, unit: Unit::None, size: None });
            }
            What::Size(name) => {
                // "M5" may become 5, a clearance or a tapping hole, or stay a name.
                let digits: String = name
                    .chars()
                    .skip_while(|c| !c.is_ascii_digit())
                    .take_while(|c| c.is_ascii_digit() || *c == '.')
                    .collect();
                let value = digits.parse().unwrap_or(0.0);
                let size = Some(name.clone());
                stated.push(Stated { text: text(), span, value, plain: value, unit: Unit::None, size });
            }
            _ => {}
        }
    }
    stated
}

fn of(quantity: &Quantity, bare: Unit) -> Stated {
    let unit = if quantity.unit == Unit::None { bare } else { quantity.unit };
    let value = Quantity { unit, ..quantity.clone() }.in_plan_units();
    Stated {
        text: quantity.text.clone(),
        span: quantity.span,
        value,
        plain: round(quantity.value),
        unit: quantity.unit,
        size: None,
    }
}
