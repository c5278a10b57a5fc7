//! Numbers of a prompt with their units: `60 mm`, `2 1/2 in`, `5'6"`, `Ø20 x 50`, `M5`, `(10, -5)`.

use super::lexer::{Lexeme, Token};
use super::pieces::{Cutter, Number, What};
use crate::catalog::words::Sense;
use crate::domain::quantity::{Quantity, Span, Unit};

/// The longest name of a standard size has fewer tokens.
const SIZE_TOKENS_MAX: usize = 6;

impl Cutter<'_> {
    /// `(10, -5)`, `x 10 y 5`, `at 10, 5`
    pub(super) fn point(&self, first: usize) -> Option<([Quantity; 2], usize)> {
        let opened = self.lexeme(first) == Some(&Lexeme::Open);
        let after_at =
            self.pieces.last().is_some_and(|piece| piece.words.split(' ').any(|word| word == "at"));
        // "at 10,10 and 20,20"
        let another = matches!(self.pieces.as_slice(), [.., point, and]
            if matches!(point.what, What::Point(_)) && and.words == "and");
        let after_at = after_at || another;
        let named = |at: usize, name: &str| usize::from(self.token(at).and_then(Token::word) == Some(name));
        let equals = |at: usize| usize::from(self.lexeme(at) == Some(&Lexeme::Equals));
        let mut at = first + usize::from(opened);
        let x_named = named(at, "x");
        if !opened && !after_at && x_named == 0 {
            return None;
        }
        at += x_named;
        at += equals(at);
        let (x, next) = self.signed(at)?;
        at = next;
        at += usize::from(matches!(self.lexeme(at), Some(Lexeme::Comma))) + named(at, "and");
        at += named(at, "and");
        let y_named = named(at, "y");
        if x_named != y_named || (x_named == 0 && !matches!(self.lexeme(at - 1), Some(Lexeme::Comma))) {
            return None;
        }
        at += y_named;
        at += equals(at);
        let (y, next) = self.signed(at)?;
        at = next;
        // A third number makes it a list.
        if self.lexeme(at) == Some(&Lexeme::Comma) && self.signed(at + 1).is_some() && !opened && x_named == 0
        {
            return None;
        }
        if opened {
            (self.lexeme(at) == Some(&Lexeme::Close)).then_some(([x, y], at + 1))
        } else {
            Some(([x, y], at))
        }
    }

    fn signed(&self, at: usize) -> Option<(Quantity, usize)> {
        let negative = self.lexeme(at) == Some(&Lexeme::Dash);
        let (mut quantity, end) = self.quantity(at + usize::from(negative))?;
        if negative {
            quantity.value = -quantity.value;
            quantity.span.start = self.tokens[at].start;
            quantity.text = self.text(quantity.span);
        }
        Some((quantity, end))
    }

    pub(super) fn text(&self, span: Span) -> String {
        self.chars[span.start..span.end].iter().collect()
    }

    /// `NEMA 17`, `1/4-20`: names of standard sizes, the longest first.
    fn named_size(&self, first: usize) -> Option<(String, usize)> {
        (first..(first + SIZE_TOKENS_MAX).min(self.tokens.len())).rev().find_map(|last| {
            let span = Span { start: self.tokens[first].start, end: self.tokens[last].end };
            let whole = !self
                .token(last + 1)
                .is_some_and(|next| next.glued && (next.number().is_some() || next.word().is_some()));
            let size = self.vocabulary.size(&self.text(span)).filter(|_| whole)?;
            Some((size.to_owned(), last + 1))
        })
    }

    /// `M5`, `m2.5`, `NEMA 17`
    pub(super) fn size(&self, first: usize) -> Option<(String, usize)> {
        if let Some(named) = self.named_size(first) {
            return Some(named);
        }
        let next = self.token(first + 1)?;
        let metric = self.tokens[first].word() == Some("m") && next.glued;
        let value = next.number().filter(|_| metric)?;
        // "M8 screws", but not "M8 screw holes".
        let word = |at: usize| self.token(at).and_then(Token::word);
        let is_step = |word: &str| {
            let senses = self.vocabulary.senses(word).unwrap_or_default();
            senses.iter().any(|sense| matches!(sense, Sense::Step { .. }))
        };
        let named = matches!(word(first + 2), Some("screw" | "bolt"))
            && word(first + 3) != Some("hole")
            && !word(first + 2).is_some_and(is_step);
        Some((format!("M{value}"), first + 2 + usize::from(named)))
    }

    /// `60x40x10 mm`, `60 by 40`, `Ø20 x 50`. A unit that stands once holds for all that have none.
    pub(super) fn group(&self, first: usize) -> Option<(Vec<Number>, usize)> {
        let (number, mut end) = self.prefixed(first)?;
        let mut numbers = vec![number];
        loop {
            // "60 ±0.1 x 40"
            if self.lexeme(end) == Some(&Lexeme::PlusMinus)
                && let Some(after) = self.tolerance(end)
                && self.lexeme(after) == Some(&Lexeme::Times)
            {
                end = after;
            }
            let by = self.token(end).and_then(Token::word) == Some("by");
            if !by && self.lexeme(end) != Some(&Lexeme::Times) {
                break;
            }
            match self.prefixed(end + 1) {
                Some((next, after))
                    if numbers.len() < 4
                        && !(numbers.len() == 1 && next.prefix.is_some() && whole(&numbers[0]).is_some()) =>
                {
                    numbers.push(next);
                    end = after;
                }
                _ => break,
            }
        }
        let lengths =
            |number: &Number| number.quantity.unit != Unit::None && number.quantity.unit.is_length();
        if let Some(unit) = numbers.iter().rev().find(|n| lengths(n)).map(|n| n.quantity.unit) {
            for number in numbers.iter_mut().filter(|n| n.quantity.unit == Unit::None) {
                number.quantity.unit = unit;
            }
        }
        Some((numbers, end))
    }

    pub(super) fn prefixed(&self, first: usize) -> Option<(Number, usize)> {
        let token = self.token(first)?;
        let sign = match &token.lexeme {
            Lexeme::Diameter => Some("ø".to_owned()),
            Lexeme::Word(word)
                if word != "m" && self.token(first + 1).is_some_and(|n| n.glued && n.number().is_some()) =>
            {
                self.vocabulary.prefix(word).map(|_| word.clone())
            }
            _ => None,
        };
        let (quantity, end) = self.quantity(first + usize::from(sign.is_some()))?;
        let whole_and_bare = quantity.unit == Unit::None && quantity.value.fract() == 0.0 && sign.is_none();
        Some((Number { quantity, prefix: sign, whole_and_bare }, end))
    }

    /// A number with its unit: `2 1/2 in`, `1/2"`, `5'6"`, `60 mm`, `half inch`, `ten mm`.
    pub(super) fn quantity(&self, first: usize) -> Option<(Quantity, usize)> {
        let (mut value, mut end) = self.plain_number(first).or_else(|| self.worded_fraction(first))?;
        let mut unit = Unit::None;
        if let Some((found, after)) = self.unit(end) {
            (unit, end) = (found, after);
            if unit == Unit::Foot
                && let Some((inches, after)) = self.plain_number(end)
                && let Some((Unit::Inch, after)) = self.unit(after)
            {
                value = value * 12.0 + inches;
                unit = Unit::Inch;
                end = after;
            }
        }
        let span = Span { start: self.tokens[first].start, end: self.tokens[end - 1].end };
        Some((Quantity { value, unit, text: self.text(span), span }, end))
    }

    fn plain_number(&self, first: usize) -> Option<(f64, usize)> {
        let value = self.token(first)?.number()?;
        if let Some(bottom) = self.fraction_bar(first + 1) {
            return Some((value / bottom, first + 3));
        }
        // `2 1/2`, `2-1/2`, `2½`
        let next = first + 1 + usize::from(self.lexeme(first + 1) == Some(&Lexeme::Dash));
        if value.fract() == 0.0
            && let Some(top) = self.token(next).and_then(Token::number)
        {
            if let Some(bottom) = self.fraction_bar(next + 1).filter(|bottom| top < *bottom) {
                return Some((value + top / bottom, next + 3));
            }
            if top > 0.0 && top < 1.0 && self.tokens[next].end - self.tokens[next].start == 1 {
                return Some((value + top, next + 1));
            }
        }
        Some((value, first + 1))
    }

    fn fraction_bar(&self, at: usize) -> Option<f64> {
        let bar = self.token(at).filter(|token| token.lexeme == Lexeme::Slash)?;
        let bottom = self.token(at + 1)?;
        let usable = |value: &f64| *value > 0.0 && bar.glued && bottom.glued;
        bottom.number().filter(usable)
    }

    /// "half inch", "three quarter inch", "ten mm": only before a unit.
    fn worded_fraction(&self, first: usize) -> Option<(f64, usize)> {
        let found = self.longest(first)?;
        let value = found.senses.iter().find_map(|sense| match sense {
            Sense::Fraction(value) => Some(*value),
            Sense::Count(count) => Some(f64::from(*count)),
            _ => None,
        })?;
        let skipped = usize::from(
            self.token(found.end).and_then(Token::word).is_some_and(|w| w == "an" || w == "a" || w == "of"),
        );
        self.unit(found.end + skipped)?;
        Some((value, found.end + skipped))
    }

    fn unit(&self, at: usize) -> Option<(Unit, usize)> {
        let token = self.token(at)?;
        // `10-mm`
        if token.lexeme == Lexeme::Dash
            && self
                .token(at + 1)
                .is_some_and(|next| next.glued && next.word().is_some_and(|w| Unit::named(w).is_some()))
        {
            return self.unit(at + 1);
        }
        match &token.lexeme {
            Lexeme::Word(word) => {
                // "four M5" is no four metres.
                let screw = word == "m"
                    && self.token(at + 1).is_some_and(|next| next.glued && next.number().is_some());
                if screw || (word == "in" && !self.inch(at)) {
                    return None;
                }
                Unit::named(word).map(|unit| (unit, at + 1))
            }
            Lexeme::Quote(c) if token.glued && !self.quoted => {
                let double = matches!(c, '\'' | '’')
                    && matches!(self.lexeme(at + 1), Some(Lexeme::Quote('\'' | '’')))
                    && self.tokens[at + 1].glued;
                let unit = if double || matches!(c, '"' | '″' | '”') { Unit::Inch } else { Unit::Foot };
                Some((unit, at + 1 + usize::from(double)))
            }
            _ => None,
        }
    }

    /// `in` is an inch, unless it begins "in the corners", or "in diameter" where millimetres are used.
    fn inch(&self, at: usize) -> bool {
        let Some(next) = self.token(at + 1).and_then(Token::word) else { return true };
        if self.vocabulary.is_article(next) || self.vocabulary.is_definite(next) {
            return false;
        }
        let phrase = self.longest(at).is_some_and(|found| found.words.contains(' '));
        let dimension = matches!(
            next,
            "diameter" | "length" | "width" | "height" | "depth" | "thickness" | "radius" | "dia"
        );
        if dimension { !self.metric } else { !phrase }
    }
}

/// The number as a count, when it can be one.
pub(super) fn whole(number: &Number) -> Option<u32> {
    const COUNT_MAX: f64 = 1000.0;
    let value = number.quantity.value;
    let fits = number.whole_and_bare && (1.0..=COUNT_MAX).contains(&value);
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "whole, positive and below 1000, checked in the line above"
    )]
    fits.then_some(value as u32)
}
