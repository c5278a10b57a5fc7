//! From tokens to pieces: quantities with their units, groups like `60x40x10`, counts, standard sizes, points, and phrases of the table.

use super::lexer::{Lexeme, Token, lex};
use crate::catalog::words::{Sense, Vocabulary};
use crate::domain::quantity::{Quantity, Span, Unit};

#[derive(Debug, Clone)]
pub(super) enum What {
    /// One number, or a group; each with the sign before it, if any.
    Numbers(Vec<Number>),
    /// `M5`
    Size(String),
    Count(u32),
    Point(Box<[Quantity; 2]>),
    /// A phrase of the table and what it may mean.
    Phrase(Vec<Sense>),
    Comma,
    Stop,
    /// `:` and `=`: they tie a word to its number.
    Equals,
    Bracket,
    Unknown,
}

#[derive(Debug, Clone)]
pub(super) struct Number {
    pub quantity: Quantity,
    /// `ø`, `r` ...
    pub prefix: Option<String>,
    /// Its unit was written at this very number, or at its group.
    pub whole_and_bare: bool,
}

#[derive(Debug, Clone)]
pub(super) struct Piece {
    pub what: What,
    pub start: usize,
    pub end: usize,
    /// The phrase's last word was a plural.
    pub plural: bool,
    /// "the", "these" ... stand before it.
    pub definite: bool,
    /// Folded words of a phrase or unknown word, for names and messages.
    pub words: String,
}

impl Piece {
    pub(super) fn senses(&self) -> &[Sense] {
        if let What::Phrase(senses) = &self.what { senses } else { &[] }
    }

    pub(super) fn has(&self, sense: &Sense) -> bool {
        self.senses().contains(sense)
    }

    /// It changes nothing: an article, a polite word, a comma.
    pub(super) fn is_idle(&self) -> bool {
        match &self.what {
            What::Phrase(senses) => senses.iter().all(|s| {
                matches!(
                    s,
                    Sense::Ignored
                        | Sense::Definite
                        | Sense::Material
                        | Sense::Tie
                        | Sense::Aside
                        | Sense::Link
                )
            }),
            What::Comma | What::Stop | What::Equals | What::Bracket => true,
            _ => false,
        }
    }

    /// A new clause begins after it.
    pub(super) fn parts(&self) -> bool {
        matches!(self.what, What::Comma | What::Stop) || self.has(&Sense::Link)
    }
}

pub(super) fn pieces(vocabulary: &Vocabulary, prompt: &str) -> Vec<Piece> {
    let tokens = lex(prompt);
    let chars: Vec<char> = prompt.chars().collect();
    let metric = tokens.iter().any(|t| {
        matches!(t.word(), Some("mm" | "cm" | "m"))
            || matches!(&t.lexeme, Lexeme::Word(w) if w.starts_with("millim"))
    });
    let mut cutter = Cutter {
        vocabulary,
        tokens: &tokens,
        chars: &chars,
        metric,
        at: 0,
        quoted: false,
        pieces: Vec::new(),
    };
    while cutter.at < tokens.len() {
        cutter.step();
    }
    cutter.pieces
}

struct Cutter<'a> {
    vocabulary: &'a Vocabulary,
    tokens: &'a [Token],
    chars: &'a [char],
    /// A metric unit is somewhere in the prompt, so `5 in diameter` is no inch.
    metric: bool,
    at: usize,
    /// Inside a quotation, whose closing sign is no inch.
    quoted: bool,
    pieces: Vec<Piece>,
}

/// A phrase found: its senses and the token after it.
struct Found {
    senses: Vec<Sense>,
    words: String,
    end: usize,
}

impl Cutter<'_> {
    fn token(&self, at: usize) -> Option<&Token> {
        self.tokens.get(at)
    }

    fn lexeme(&self, at: usize) -> Option<&Lexeme> {
        self.tokens.get(at).map(|token| &token.lexeme)
    }

    fn push(&mut self, what: What, first: usize, end: usize) {
        let definite = (0..first)
            .next_back()
            .and_then(|i| self.tokens[i].word())
            .is_some_and(|word| self.vocabulary.is_definite(word));
        let piece = Piece {
            what,
            start: self.tokens[first].start,
            end: self.tokens[end - 1].end,
            plural: self.tokens[first..end].iter().any(|token| token.plural),
            definite,
            words: self.tokens[first..end].iter().filter_map(Token::word).collect::<Vec<_>>().join(" "),
        };
        self.pieces.push(piece);
        self.at = end;
    }

    fn step(&mut self) {
        let first = self.at;
        if let Some((point, end)) = self.point(first) {
            self.push(What::Point(Box::new(point)), first, end);
        } else if let Some((size, end)) = self.size(first) {
            self.push(What::Size(size), first, end);
        } else if let Some((numbers, end)) = self.group(first) {
            self.numbers(numbers, first, end);
        } else {
            match &self.tokens[first].lexeme {
                // A cross that stands between other things than numbers ("40 mm dia x 15 mm").
                Lexeme::Word(word) if word == "x" => self.push(What::Comma, first, first + 1),
                Lexeme::Word(_) => self.phrase(first),
                Lexeme::Comma => self.push(What::Comma, first, first + 1),
                Lexeme::Stop => self.push(What::Stop, first, first + 1),
                Lexeme::Open | Lexeme::Close => self.push(What::Bracket, first, first + 1),
                Lexeme::Equals => self.push(What::Equals, first, first + 1),
                Lexeme::Quote(_) => {
                    self.quoted = !self.quoted;
                    self.push(What::Comma, first, first + 1);
                }
                // A cross between other things than numbers ("20 wide x 30 long") only parts them.
                Lexeme::Times | Lexeme::Multiplier | Lexeme::Slash | Lexeme::Dash => {
                    self.push(What::Comma, first, first + 1);
                }
                Lexeme::Diameter => {
                    let senses = self.vocabulary.senses("diameter").unwrap_or_default().to_vec();
                    self.push(What::Phrase(senses), first, first + 1);
                }
                Lexeme::Number(_) | Lexeme::Other => self.push(What::Unknown, first, first + 1),
            }
        }
    }

    /// `4x 5 mm` is four of five; everything else is a size or a group of sizes.
    fn numbers(&mut self, numbers: Vec<Number>, first: usize, end: usize) {
        let multiplied = matches!(self.lexeme(end), Some(Lexeme::Times | Lexeme::Multiplier));
        if let [single] = numbers.as_slice()
            && multiplied
            && let Some(count) = whole(single)
        {
            self.push(What::Count(count), first, end + 1);
        } else {
            self.push(What::Numbers(numbers), first, end);
        }
    }

    /// `(10, -5)`, `x 10 y 5`, `at 10, 5`
    fn point(&self, first: usize) -> Option<([Quantity; 2], usize)> {
        let opened = self.lexeme(first) == Some(&Lexeme::Open);
        let after_at =
            self.pieces.last().is_some_and(|piece| piece.words.split(' ').any(|word| word == "at"));
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

    fn text(&self, span: Span) -> String {
        self.chars[span.start..span.end].iter().collect()
    }

    /// `M5`, `m2.5`
    fn size(&self, first: usize) -> Option<(String, usize)> {
        let next = self.token(first + 1)?;
        let metric = self.tokens[first].word() == Some("m") && next.glued;
        let value = next.number().filter(|_| metric)?;
        Some((format!("M{value}"), first + 2))
    }

    /// `60x40x10 mm`, `60 by 40`, `Ø20 x 50`. A unit that stands once holds for all that have none.
    fn group(&self, first: usize) -> Option<(Vec<Number>, usize)> {
        let (number, mut end) = self.prefixed(first)?;
        let mut numbers = vec![number];
        loop {
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

    fn prefixed(&self, first: usize) -> Option<(Number, usize)> {
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
    fn quantity(&self, first: usize) -> Option<(Quantity, usize)> {
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

    fn phrase(&mut self, first: usize) {
        match self.best(first) {
            Some(found) => {
                let end = found.end;
                if let Some(Sense::Count(count)) =
                    found.senses.iter().find(|sense| matches!(sense, Sense::Count(_)))
                {
                    let count = *count;
                    // "four x M5": the cross belongs to the count.
                    let cross =
                        usize::from(matches!(self.lexeme(end), Some(Lexeme::Times | Lexeme::Multiplier)));
                    self.push(What::Count(count), first, end + cross);
                } else {
                    self.push(What::Phrase(found.senses), first, end);
                }
            }
            None if self.tokens[first].word().is_some_and(|word| self.vocabulary.is_article(word)) => {
                self.push(What::Phrase(vec![Sense::Ignored]), first, first + 1);
            }
            None => self.push(What::Unknown, first, first + 1),
        }
    }

    /// The longest phrase here, cut short where a phrase that starts inside it reaches further: "on | top edges", not "on top | edges".
    fn best(&self, first: usize) -> Option<Found> {
        let mut found = self.longest(first)?;
        let mut inside = first + 1;
        while inside < found.end {
            if self.longest(inside).is_some_and(|other| other.end > found.end && other.end > inside + 1) {
                found = self.longest_until(first, inside)?;
            }
            inside += 1;
        }
        Some(found)
    }

    fn longest(&self, first: usize) -> Option<Found> {
        self.longest_until(first, self.tokens.len())
    }

    fn longest_until(&self, first: usize, limit: usize) -> Option<Found> {
        let mut words = Vec::new();
        let mut found = None;
        let mut at = first;
        while at < limit && words.len() < self.vocabulary.longest() {
            let Some(word) = self.token(at).and_then(Token::word) else {
                // "through-hole", "counter-bored": a hyphen joins words.
                if at > first
                    && self.lexeme(at) == Some(&Lexeme::Dash)
                    && self.token(at + 1).is_some_and(|t| t.glued && t.word().is_some())
                {
                    at += 1;
                    continue;
                }
                break;
            };
            at += 1;
            if self.vocabulary.is_article(word) {
                if words.is_empty() {
                    break;
                }
                continue;
            }
            words.push(word);
            let phrase = words.join(" ");
            if let Some(senses) = self.vocabulary.senses(&phrase) {
                found = Some(Found { senses: senses.to_vec(), words: phrase, end: at });
            }
        }
        found
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
