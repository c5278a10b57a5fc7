//! Cuts a prompt into words, numbers and signs. Offsets are characters. Words are folded (lower case, singular), so that the table and the
//! prompt meet in one form.

use crate::domain::quantity::Unit;

#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Lexeme {
    Number(f64),
    /// Folded.
    Word(String),
    /// `x`, `×`, `*` between numbers. `Multiplier` is the lopsided `4x 5`.
    Times,
    Multiplier,
    /// `Ø`.
    Diameter,
    /// `±`, `+/-`, and a `+` glued before a number: a tolerance follows.
    PlusMinus,
    Comma,
    /// Full stop, semicolon, new line.
    Stop,
    /// `:` or `=`.
    Equals,
    Open,
    Close,
    /// `"` or `'`, which may be inches, feet or a quotation.
    Quote(char),
    Slash,
    Dash,
    Other,
}

#[derive(Debug, Clone)]
pub(crate) struct Token {
    pub lexeme: Lexeme,
    pub start: usize,
    pub end: usize,
    /// A plural `s` was folded away.
    pub plural: bool,
    /// No space before it.
    pub glued: bool,
}

impl Token {
    pub(crate) fn word(&self) -> Option<&str> {
        if let Lexeme::Word(word) = &self.lexeme { Some(word) } else { None }
    }

    pub(crate) fn number(&self) -> Option<f64> {
        if let Lexeme::Number(number) = self.lexeme { Some(number) } else { None }
    }
}

/// Lower case and singular. Both the table's words and the prompt's go through it.
pub(crate) fn fold(word: &str) -> (String, bool) {
    let lower = word.to_lowercase().replace('’', "'");
    let lower = lower.strip_suffix("'s").map(str::to_owned).unwrap_or(lower);
    for ending in ["sses", "xes", "ches", "shes"] {
        if lower.ends_with(ending) {
            return (lower[..lower.len() - 2].to_owned(), true);
        }
    }
    if let Some(stem) = lower.strip_suffix("ies").filter(|stem| stem.len() > 1) {
        return (format!("{stem}y"), true);
    }
    let singular =
        lower.len() > 3 && lower.ends_with('s') && !["ss", "us", "is"].iter().any(|end| lower.ends_with(end));
    if singular { (lower[..lower.len() - 1].to_owned(), true) } else { (lower, false) }
}

/// The words of a phrase of the table, as the prompt's words will look.
pub(crate) fn words_of(phrase: &str) -> Vec<String> {
    lex(phrase).iter().filter_map(|token| token.word().map(str::to_owned)).collect()
}

pub(crate) fn lex(text: &str) -> Vec<Token> {
    let mut lexer = Lexer { chars: text.chars().collect(), at: 0, tokens: Vec::new() };
    while lexer.at < lexer.chars.len() {
        lexer.step();
    }
    lexer.tokens
}

struct Lexer {
    chars: Vec<char>,
    at: usize,
    tokens: Vec<Token>,
}

impl Lexer {
    fn peek(&self, ahead: usize) -> Option<char> {
        self.chars.get(self.at + ahead).copied()
    }

    fn push(&mut self, lexeme: Lexeme, start: usize, plural: bool) {
        let glued = self.tokens.last().is_some_and(|last| last.end == start);
        self.tokens.push(Token { lexeme, start, end: self.at, plural, glued });
    }

    fn step(&mut self) {
        let start = self.at;
        let c = self.chars[start];
        let digit_next = self.peek(1).is_some_and(|d| d.is_ascii_digit());
        if c == '\n' {
            self.at += 1;
            self.push(Lexeme::Stop, start, false);
        } else if c.is_whitespace() {
            self.at += 1;
        } else if c.is_ascii_digit() || (c == '.' && digit_next && !self.after_number()) {
            self.number();
        } else if let Some(value) = vulgar_fraction(c) {
            self.at += 1;
            self.push(Lexeme::Number(value), start, false);
        } else if self.is_times(c) {
            self.at += 1;
            let before = self.tokens.last().is_some_and(|last| last.end == start);
            let after = self.peek(0).is_none_or(char::is_whitespace);
            self.push(if before && after { Lexeme::Multiplier } else { Lexeme::Times }, start, false);
        } else if matches!(c, 'Ø' | 'ø' | '⌀' | '∅' | 'φ' | 'Φ') {
            self.at += 1;
            self.push(Lexeme::Diameter, start, false);
        } else if c.is_alphabetic() {
            self.word();
        } else {
            self.at += 1;
            self.sign(c, start);
        }
    }

    fn sign(&mut self, c: char, start: usize) {
        if c == '.' && self.abbreviates() {
            return;
        }
        let digit = |at: usize| self.chars.get(at).is_some_and(char::is_ascii_digit);
        if c == '+' && self.peek(0) == Some('/') && matches!(self.peek(1), Some('-' | '−' | '–')) {
            self.at += 2;
            return self.push(Lexeme::PlusMinus, start, false);
        }
        let signed = c == '+' && digit(self.at) && !(start > 0 && self.chars[start - 1].is_alphanumeric());
        let lexeme = match c {
            '±' => Lexeme::PlusMinus,
            '+' if signed => Lexeme::PlusMinus,
            // Signs of drawings.
            '⌴' => Lexeme::Word("counterbore diameter".to_owned()),
            '⌵' => Lexeme::Word("countersink diameter".to_owned()),
            '↓' | '↧' => Lexeme::Word("depth".to_owned()),
            ',' => Lexeme::Comma,
            '.' | ';' | '!' | '?' => Lexeme::Stop,
            ':' | '=' => Lexeme::Equals,
            '(' | '[' | '{' => Lexeme::Open,
            ')' | ']' | '}' => Lexeme::Close,
            '"' | '″' | '”' | '“' | '\'' | '′' | '’' | '‘' => Lexeme::Quote(c),
            '/' => Lexeme::Slash,
            '-' | '–' | '—' | '−' => Lexeme::Dash,
            '°' => Lexeme::Word("°".to_owned()),
            '%' => Lexeme::Word("%".to_owned()),
            '&' | '+' => Lexeme::Word("and".to_owned()),
            _ => Lexeme::Other,
        };
        self.push(lexeme, start, false);
    }

    /// "1/4 in. holes": the stop belongs to the unit when the sentence goes on.
    fn abbreviates(&self) -> bool {
        let unit = self.tokens.last().is_some_and(|last| {
            last.end + 1 == self.at
                && matches!(
                    last.word(),
                    Some("in" | "ft" | "dia" | "thk" | "deg" | "approx" | "diam" | "rad")
                )
        });
        let next = self.chars[self.at..].iter().find(|c| !c.is_whitespace());
        unit && next.is_some_and(|next| next.is_lowercase() || matches!(next, ',' | '('))
    }

    fn after_number(&self) -> bool {
        self.tokens.last().is_some_and(|last| last.number().is_some() && last.end == self.at)
    }

    /// `3.5`, `3,5`, `1,200`, `.5`. A comma is decimal unless three digits follow.
    fn number(&mut self) {
        let start = self.at;
        let mut text = String::new();
        let mut pointed = false;
        while let Some(c) = self.peek(0) {
            let digits = |from: usize| {
                let rest = self.chars.get(self.at + from..).unwrap_or_default();
                rest.iter().take_while(|d| d.is_ascii_digit()).count()
            };
            if c.is_ascii_digit() {
                text.push(c);
            } else if c == '.' && !pointed && digits(1) > 0 {
                text.push('.');
                pointed = true;
            } else if c == ','
                && !pointed
                && digits(1) == 3
                && text.len() <= 3
                && text != "0"
                && self.peek(4) != Some(',')
            {
                // Thousands.
            } else if c == ',' && !pointed && (1..=2).contains(&digits(1)) && !self.is_list(digits(1)) {
                text.push('.');
                pointed = true;
            } else {
                break;
            }
            self.at += 1;
        }
        // "3D printed" has no number in it.
        if self.at == start + 1
            && matches!(self.peek(0), Some('d' | 'D'))
            && self.peek(1).is_none_or(|c| !c.is_alphanumeric())
        {
            self.at += 1;
            self.push(Lexeme::Word(format!("{text}d")), start, false);
            return;
        }
        // Too long a number is no size of a part; it overflows to infinity and is dropped as unread.
        let value = text.parse().ok().filter(|value: &f64| value.is_finite() && *value < 1e9);
        self.push(value.map_or(Lexeme::Other, Lexeme::Number), start, false);
    }

    /// `60,40,10`, `(10,5)` and `at 10,5` are lists, not decimal commas.
    fn is_list(&self, digits_after: usize) -> bool {
        let before = self.tokens.iter().rev().find(|token| token.lexeme != Lexeme::Dash);
        let opened = before.is_some_and(|before| {
            matches!(before.lexeme, Lexeme::Open | Lexeme::Comma) || before.word() == Some("at")
        });
        // "at 10,10 and 20,20"
        let again = matches!(self.tokens.as_slice(), [.., comma, number, and]
            if comma.lexeme == Lexeme::Comma && number.number().is_some() && and.word() == Some("and"));
        opened || again || self.peek(digits_after + 1) == Some(',')
    }

    fn is_times(&self, c: char) -> bool {
        if matches!(c, '×' | '*' | '✕') {
            return true;
        }
        if !matches!(c, 'x' | 'X') {
            return false;
        }
        let number_like = |token: &Token| {
            token.number().is_some() || matches!(token.lexeme, Lexeme::Quote(_) | Lexeme::Close)
        };
        let measured = match self.tokens.as_slice() {
            [.., number, unit] => {
                number.number().is_some() && unit.word().is_some_and(|word| Unit::named(word).is_some())
            }
            _ => false,
        };
        let before = measured || self.tokens.last().is_some_and(number_like);
        let next = self.peek(1);
        let after = next.is_none_or(|n| !n.is_alphabetic() || matches!(n, 'Ø' | 'ø'))
            || (next.is_some_and(|n| matches!(n, 'M' | 'R' | 'D' | 'm' | 'r' | 'd'))
                && self.peek(2).is_some_and(|d| d.is_ascii_digit()));
        before && after
    }

    fn word(&mut self) {
        let start = self.at;
        while let Some(c) = self.peek(0) {
            let inner_apostrophe = matches!(c, '\'' | '’') && self.peek(1).is_some_and(char::is_alphabetic);
            // `o.d.` is one word.
            let abbreviation = c == '.'
                && self.peek(1).is_some_and(char::is_alphabetic)
                && self.at - start <= 3
                && self.dotted(start);
            if !(c.is_alphanumeric() || inner_apostrophe || abbreviation) {
                break;
            }
            // `R5`, `M5`, `dia20`: the number is a token of its own.
            let after_number =
                self.tokens.last().is_some_and(|last| last.number().is_some() && last.end == start);
            if c.is_ascii_digit() && (after_number || self.is_prefix(start)) {
                break;
            }
            self.at += 1;
        }
        let raw: String = self.chars[start..self.at].iter().filter(|c| **c != '.').collect();
        if self.peek(0) == Some('.') && raw.chars().count() >= 2 && self.chars[start..self.at].contains(&'.')
        {
            self.at += 1;
        }
        // `60mmx40mm`: the unit ends before the x.
        if let Some(unit) = raw.strip_suffix(['x', 'X'])
            && self.tokens.last().is_some_and(|last| last.number().is_some() && last.end == start)
            && Unit::named(&unit.to_lowercase()).is_some()
        {
            self.at -= 1;
            self.push(Lexeme::Word(unit.to_lowercase()), start, false);
            return;
        }
        if raw.eq_ignore_ascii_case("w") && self.peek(0) == Some('/') {
            self.at += 1;
            self.push(Lexeme::Word("with".to_owned()), start, false);
            return;
        }
        let (word, plural) = fold(&raw);
        self.push(Lexeme::Word(word), start, plural);
    }

    fn dotted(&self, start: usize) -> bool {
        self.chars[start..self.at]
            .iter()
            .enumerate()
            .all(|(i, c)| if i % 2 == 0 { c.is_alphabetic() } else { *c == '.' })
            && (self.at - start) % 2 == 1
    }

    fn is_prefix(&self, start: usize) -> bool {
        let text: String = self.chars[start..self.at].iter().collect::<String>().to_lowercase();
        ["m", "r", "d", "c", "dia", "od", "id", "pcd", "l", "w", "h", "t"].contains(&text.as_str())
    }
}

fn vulgar_fraction(c: char) -> Option<f64> {
    let (top, bottom) = match c {
        '½' => (1.0, 2.0),
        '¼' => (1.0, 4.0),
        '¾' => (3.0, 4.0),
        '⅓' => (1.0, 3.0),
        '⅔' => (2.0, 3.0),
        '⅛' => (1.0, 8.0),
        '⅜' => (3.0, 8.0),
        '⅝' => (5.0, 8.0),
        '⅞' => (7.0, 8.0),
        _ => return None,
    };
    Some(top / bottom)
}
