//! Stretches of a prompt that are neither sizes nor words of the table: quotations, names, tolerances and fits, the numbers of a list, and
//! ranges.

use super::lexer::{Lexeme, Token};
use super::pieces::{Cutter, Number, What};
use crate::catalog::words::Sense;
use crate::domain::quantity::{Span, Unit};
use crate::domain::reading::Assumed;

/// Tokens of the longest text or name.
const TEXT_TOKENS_MAX: usize = 24;
/// Words of a text without quotation marks.
const TEXT_WORDS_MAX: usize = 4;
/// Letters of usual fits. M is a thread and R a radius, so they are none.
const FIT_LETTERS: &[&str] = &["h", "g", "f", "k", "n", "p", "js"];

impl Cutter<'_> {
    /// What begins here, if it is one of these.
    pub(super) fn marked(&mut self, first: usize) -> Option<(What, usize)> {
        if let Some(end) = self.list_number(first) {
            return Some((What::Stop, end));
        }
        if let Some(end) = self.tolerance(first) {
            self.note_tolerance(first, end);
            return Some((What::Phrase(vec![Sense::Tolerance]), end));
        }
        if let Some(found) = self.quotation(first) {
            return Some(found);
        }
        if self.after(|sense| matches!(sense, Sense::Says { .. })) {
            return self.unquoted(first);
        }
        if self.after(|sense| *sense == Sense::Called) {
            let end = self.name_end(first)?;
            return Some((What::Name(self.spelt(first, end)), end));
        }
        self.range(first)
    }

    pub(super) fn note_tolerance(&mut self, first: usize, end: usize) {
        let text = self.spelt(first, end);
        let text = text.trim_start_matches("tolerance").trim();
        self.notes.push(format!("The tolerance {text} is kept as a note; the part has the nominal size"));
    }

    /// The text of these tokens as it was written.
    fn spelt(&self, first: usize, end: usize) -> String {
        self.text(Span { start: self.tokens[first].start, end: self.tokens[end - 1].end })
    }

    fn word_at(&self, at: usize) -> Option<&str> {
        self.token(at).and_then(Token::word)
    }

    /// The piece before has such a sense; "of", "is" and a colon may stand between.
    fn after(&self, wanted: impl Fn(&Sense) -> bool) -> bool {
        let idle = |sense: &Sense| matches!(sense, Sense::Tie | Sense::Ignored);
        let before = self.pieces.iter().rev().find(|piece| {
            !(matches!(piece.what, What::Equals)
                || (!piece.senses().is_empty() && piece.senses().iter().all(idle)))
        });
        before.is_some_and(|piece| piece.senses().iter().any(wanted))
    }

    /// `1.`, `2)`, `Step 3:` at the beginning of a line or sentence.
    fn list_number(&self, first: usize) -> Option<usize> {
        let begins = self.pieces.last().is_none_or(|last| matches!(last.what, What::Stop))
            || (first > 0 && self.lexeme(first - 1) == Some(&Lexeme::Stop));
        if !begins {
            return None;
        }
        let step = usize::from(self.word_at(first) == Some("step"));
        let number = self.token(first + step)?.number().filter(|n| n.fract() == 0.0 && *n < 100.0);
        let mark = self.token(first + step + 1)?;
        let closes = mark.glued && matches!(mark.lexeme, Lexeme::Stop | Lexeme::Close)
            || (step == 1 && mark.lexeme == Lexeme::Equals);
        let more = self.token(first + step + 2).is_some_and(|next| !next.glued);
        let newline = mark.end - mark.start == 1 && self.chars[mark.start] == '\n';
        (number.is_some() && closes && more && !newline).then_some(first + step + 2)
    }

    /// `±0.1 mm`, `+0.1/-0.2`, "plus or minus 0.1", "tolerance 0.1", and `H7` behind a size.
    pub(super) fn tolerance(&self, first: usize) -> Option<usize> {
        let size = |at: usize| self.quantity(at).map(|(_, end)| end);
        if self.lexeme(first) == Some(&Lexeme::PlusMinus) {
            let end = size(first + 1)?;
            let slash = usize::from(self.lexeme(end) == Some(&Lexeme::Slash));
            let minus = self.lexeme(end + slash) == Some(&Lexeme::Dash);
            return Some(size(end + slash + 1).filter(|_| minus).unwrap_or(end));
        }
        match self.word_at(first)? {
            "plus" => {
                let or = usize::from(matches!(self.word_at(first + 1), Some("or" | "and")));
                (self.word_at(first + 1 + or) == Some("minus")).then(|| size(first + 2 + or))?
            }
            "tolerance" | "tol" => {
                let mut at = first + 1;
                while matches!(self.word_at(at), Some("of" | "is" | "within"))
                    || matches!(self.lexeme(at), Some(Lexeme::Equals | Lexeme::PlusMinus))
                {
                    at += 1;
                }
                Some(size(at).unwrap_or(first + 1))
            }
            letters if FIT_LETTERS.contains(&letters) => {
                let grade = self.token(first + 1)?;
                // "Ø20 h10" is ten high, "20h11" is a fit.
                let most = if self.tokens[first].glued { 13.0 } else { 9.0 };
                let fits = grade.glued
                    && grade.number().is_some_and(|n| n.fract() == 0.0 && (5.0..=most).contains(&n));
                let What::Numbers(numbers) = &self.pieces.last()?.what else { return None };
                // "W40 H10" are width and height.
                let plain = |n: &Number| n.prefix.as_deref().is_none_or(|sign| sign == "ø");
                let sized = numbers.len() == 1 && numbers.iter().all(plain);
                let unit = self.word_at(first + 2).is_some_and(|w| Unit::named(w).is_some());
                (fits && sized && !unit).then_some(first + 2)
            }
            _ => None,
        }
    }

    /// `"FRONT"`, where a text or a name is expected. A quotation of anything else is only brackets.
    fn quotation(&self, first: usize) -> Option<(What, usize)> {
        let Some(Lexeme::Quote(open)) = self.lexeme(first) else { return None };
        let double = |c: char| matches!(c, '"' | '“' | '”' | '″');
        let open = *open;
        let closes =
            |at: &usize| matches!(self.lexeme(*at), Some(Lexeme::Quote(c)) if double(*c) == double(open));
        let last = (first + 1..(first + TEXT_TOKENS_MAX).min(self.tokens.len())).find(closes)?;
        let text = self.text(Span { start: self.tokens[first].end, end: self.tokens[last].start });
        let text = text.trim().to_owned();
        if text.is_empty() {
            return None;
        }
        if self.after(|sense| *sense == Sense::Called) {
            return Some((What::Name(text), last + 1));
        }
        let says = |senses: &[Sense]| {
            senses.iter().any(|sense| match sense {
                Sense::Says { .. } => true,
                Sense::Step { step, .. } => self.vocabulary.writes(*step),
                _ => false,
            })
        };
        let before = self.pieces.iter().rev().take(12).any(|piece| says(piece.senses()));
        let behind =
            || (last + 1..last + 6).any(|at| self.longest(at).is_some_and(|found| says(&found.senses)));
        (before || behind()).then_some((What::Text(text), last + 1))
    }

    /// The text after "saying": words in capitals as far as they go, or a few words up to the next sign, link or number.
    fn unquoted(&self, first: usize) -> Option<(What, usize)> {
        let says = |s: &Sense| matches!(s, Sense::Says { .. } | Sense::Called);
        if self.longest(first).is_some_and(|found| found.senses.iter().any(says)) {
            return None;
        }
        let cue = self.pieces.iter().rev().find(|piece| !piece.senses().is_empty())?;
        let also_noun = cue.senses().iter().any(|sense| matches!(sense, Sense::Step { .. }));
        let capital = |at: usize| {
            let token = self.token(at)?;
            let start = self.chars[token.start];
            let plain =
                token.number().is_none() || self.quantity(at).is_some_and(|(q, _)| q.unit == Unit::None);
            Some((start.is_uppercase() || start.is_ascii_digit()) && plain)
        };
        let mut end = first;
        if capital(first)? {
            let letter = !self.tokens[first].number().is_some_and(|_| also_noun);
            while letter && end < first + TEXT_WORDS_MAX && capital(end) == Some(true) {
                end += 1;
                // "REV-2", "No.5"
                while self.token(end).is_some_and(|t| {
                    t.glued && !matches!(t.lexeme, Lexeme::Comma | Lexeme::Stop | Lexeme::Close)
                }) && end < first + TEXT_TOKENS_MAX
                {
                    end += 1;
                }
            }
        } else if !also_noun {
            while end < first + TEXT_WORDS_MAX && self.word_at(end).is_some() && !self.ends_text(end) {
                end += 1;
            }
        }
        (end > first).then(|| (What::Text(self.spelt(first, end)), end))
    }

    fn ends_text(&self, at: usize) -> bool {
        self.longest(at).is_some_and(|found| {
            found.senses.iter().any(|sense| {
                matches!(sense, Sense::Link | Sense::Aside | Sense::Face(_) | Sense::Tie | Sense::Colour(_))
            })
        })
    }

    /// "called base plate": up to the next sign, link or number.
    fn name_end(&self, first: usize) -> Option<usize> {
        const NAME_WORDS_MAX: usize = 3;
        let mut end = first;
        while end < first + NAME_WORDS_MAX && self.word_at(end).is_some() && !self.ends_text(end) {
            end += 1;
        }
        (end > first).then_some(end)
    }

    /// "between 5 and 8 mm", "5 to 8 mm": the middle of them, and said.
    fn range(&mut self, first: usize) -> Option<(What, usize)> {
        let between = self.word_at(first) == Some("between");
        let from = first + usize::from(between);
        if !between && first > 0 && matches!(self.word_at(first - 1), Some("from" | "at" | "of")) {
            return None;
        }
        let (low, middle) = self.quantity(from)?;
        let joins = match self.lexeme(middle)? {
            Lexeme::Word(word) => word == if between { "and" } else { "to" },
            Lexeme::Dash => self.chars[self.tokens[middle].start] == '–' && !between,
            _ => false,
        };
        let (mut high, end) = self.quantity(middle + 1).filter(|_| joins)?;
        let same = low.unit == high.unit || low.unit == Unit::None;
        if !same || !high.unit.is_length() || high.unit == Unit::None || low.value >= high.value {
            return None;
        }
        high.value = f64::midpoint(low.value, high.value);
        high.span.start = self.tokens[first].start;
        high.text = self.text(high.span);
        let what = format!("{} {}, the middle of `{}`", high.value, high.unit.symbol(), high.text);
        self.assumed.push(Assumed { what, why: "a range was given".to_owned() });
        Some((What::Numbers(vec![Number { quantity: high, prefix: None, whole_and_bare: false }]), end))
    }
}
