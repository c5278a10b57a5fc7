//! From tokens to pieces: numbers (read in `quantities`), counts, and phrases of the table.

use super::lexer::{Lexeme, Token, lex};
use super::quantities::whole;
use super::relative::Relative;
use super::typos::correct;
use crate::catalog::words::{Sense, Vocabulary};
use crate::domain::quantity::Quantity;
use crate::domain::reading::Assumed;

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
    /// Letters for the part: a quotation, or what stands after "saying".
    Text(String),
    /// "called lid": the name of a body.
    Name(String),
    /// "twice as wide as long": a number that another one gives.
    Relative(Box<Relative>),
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
            What::Phrase(senses) => {
                senses.iter().all(|sense| sense.is_idle() || matches!(sense, Sense::Tolerance))
            }
            What::Name(_) | What::Comma | What::Stop | What::Equals | What::Bracket => true,
            _ => false,
        }
    }

    /// A new clause begins after it.
    pub(super) fn parts(&self) -> bool {
        matches!(self.what, What::Comma | What::Stop) || self.has(&Sense::Link)
    }
}

/// The pieces of a prompt, and what is to be told about how they were read.
pub(super) struct Cut {
    pub pieces: Vec<Piece>,
    pub notes: Vec<String>,
    pub assumed: Vec<Assumed>,
}

/// A phrase of several words is only heard when one of its senses is, so that "pocket depth" of a step that nobody speaks of does not hide
/// the pocket.
pub(super) fn cut(vocabulary: &Vocabulary, prompt: &str, heard: &dyn Fn(&Sense) -> bool) -> Cut {
    let mut tokens = lex(prompt);
    let notes = correct(vocabulary, &mut tokens);
    let metric = tokens.iter().any(|t| {
        matches!(t.word(), Some("mm" | "cm" | "m"))
            || matches!(&t.lexeme, Lexeme::Word(w) if w.starts_with("millim"))
    });
    cut_tokens(vocabulary, prompt, &tokens, About { metric, standing: false }, notes, heard)
}

/// What is known of the part before the sentence is read.
#[derive(Clone, Copy)]
struct About {
    metric: bool,
    standing: bool,
}

/// The pieces of a sentence about a part that stands, in millimetres: "15 in diameter" is no inch, and "twice as wide" compares with what it is.
pub(super) fn cut_metric(vocabulary: &Vocabulary, prompt: &str, heard: &dyn Fn(&Sense) -> bool) -> Cut {
    let mut tokens = lex(prompt);
    let notes = correct(vocabulary, &mut tokens);
    cut_tokens(vocabulary, prompt, &tokens, About { metric: true, standing: true }, notes, heard)
}

fn cut_tokens(
    vocabulary: &Vocabulary,
    prompt: &str,
    tokens: &[Token],
    about: About,
    notes: Vec<String>,
    heard: &dyn Fn(&Sense) -> bool,
) -> Cut {
    let chars: Vec<char> = prompt.chars().collect();
    let mut cutter = Cutter {
        vocabulary,
        tokens,
        chars: &chars,
        metric: about.metric,
        standing: about.standing,
        heard,
        at: 0,
        quoted: false,
        pieces: Vec::new(),
        notes,
        assumed: Vec::new(),
    };
    while cutter.at < tokens.len() {
        cutter.step();
    }
    Cut { pieces: cutter.pieces, notes: cutter.notes, assumed: cutter.assumed }
}

/// The one quantity that the whole text is: `2 1/2 in`, `5'6"`, `Ø5`. Where it stands alone nothing tells a unit, so it has its own or none.
pub(in crate::catalog) fn quantity(vocabulary: &Vocabulary, text: &str) -> Option<Quantity> {
    let tokens = lex(text);
    let chars: Vec<char> = text.chars().collect();
    let cutter = Cutter {
        vocabulary,
        tokens: &tokens,
        chars: &chars,
        metric: false,
        standing: false,
        heard: &|_| true,
        at: 0,
        quoted: false,
        pieces: Vec::new(),
        notes: Vec::new(),
        assumed: Vec::new(),
    };
    let (number, end) = cutter.prefixed(0)?;
    let plain = number.prefix.is_none_or(|sign| sign == "ø");
    (plain && end == tokens.len()).then_some(number.quantity)
}

pub(super) struct Cutter<'a> {
    pub(super) vocabulary: &'a Vocabulary,
    pub(super) tokens: &'a [Token],
    pub(super) chars: &'a [char],
    /// A metric unit is somewhere in the prompt, so `5 in diameter` is no inch.
    pub(super) metric: bool,
    /// The part stands already, so comparisons are with its sizes as they are.
    standing: bool,
    heard: &'a dyn Fn(&Sense) -> bool,
    pub(super) at: usize,
    /// Inside a quotation, whose closing sign is no inch.
    pub(super) quoted: bool,
    pub(super) pieces: Vec<Piece>,
    pub(super) notes: Vec<String>,
    pub(super) assumed: Vec<Assumed>,
}

/// A phrase found: its senses and the token after it.
pub(super) struct Found {
    pub(super) senses: Vec<Sense>,
    pub(super) words: String,
    pub(super) end: usize,
}

impl Cutter<'_> {
    pub(super) fn token(&self, at: usize) -> Option<&Token> {
        self.tokens.get(at)
    }

    pub(super) fn lexeme(&self, at: usize) -> Option<&Lexeme> {
        self.tokens.get(at).map(|token| &token.lexeme)
    }

    pub(super) fn push(&mut self, what: What, first: usize, end: usize) {
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
        if let Some((what, end)) = self.marked(first) {
            self.push(what, first, end);
        } else if let Some(end) = self.comparison_tail(first) {
            self.push(What::Phrase(vec![Sense::Ignored]), first, end);
        } else if self.is_long_noun(first) {
            self.phrase(first);
        } else if let Some((relative, end)) = self.between_sizes(first) {
            self.push(What::Relative(Box::new(relative)), first, end);
        } else if let Some((point, end)) = self.point(first) {
            self.push(What::Point(Box::new(point)), first, end);
        } else if let Some((size, end)) = self.size(first) {
            self.push(What::Size(size), first, end);
        } else if let Some((numbers, end)) = self.group(first) {
            let toleranced = (first..end).find(|at| self.lexeme(*at) == Some(&Lexeme::PlusMinus));
            if let Some(until) = toleranced.and_then(|at| self.tolerance(at).map(|end| (at, end))) {
                self.note_tolerance(until.0, until.1);
            }
            self.numbers(numbers, first, end);
        } else {
            match &self.tokens[first].lexeme {
                // A cross that stands between other things than numbers ("40 mm dia x 15 mm").
                Lexeme::Word(word) if word == "x" && self.prefixed(first + 1).is_some() => {
                    self.push(What::Comma, first, first + 1);
                }
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
                Lexeme::Number(_) | Lexeme::PlusMinus | Lexeme::Other => {
                    self.push(What::Unknown, first, first + 1);
                }
            }
        }
    }

    fn between_sizes(&mut self, first: usize) -> Option<(Relative, usize)> {
        if self.standing {
            return None;
        }
        self.relative(first).or_else(|| self.diameters(first))
    }

    /// "half round bar" is a shape, not half of something.
    fn is_long_noun(&self, first: usize) -> bool {
        let noun = |sense: &Sense| matches!(sense, Sense::Step { .. });
        self.longest(first).is_some_and(|found| found.words.contains(' ') && found.senses.iter().any(noun))
    }

    /// `4x 5 mm` is four of five; everything else is a size or a group of sizes.
    fn numbers(&mut self, numbers: Vec<Number>, first: usize, end: usize) {
        let multiplied = matches!(self.lexeme(end), Some(Lexeme::Times | Lexeme::Multiplier));
        if let [single] = numbers.as_slice()
            && multiplied
            && let Some(count) = whole(single)
        {
            self.push(What::Count(count), first, end + 1);
        } else if let ([single], true) = (numbers.as_slice(), self.says_pieces(end))
            && let Some(count) = whole(single)
        {
            self.push(What::Count(count), first, end + 1);
        } else {
            self.push(What::Numbers(numbers), first, end);
        }
    }

    /// "4 off", "4 pcs"; "4 off the edge" is a distance.
    fn says_pieces(&self, at: usize) -> bool {
        let word = |at: usize| self.token(at).and_then(Token::word);
        match word(at) {
            Some("pcs" | "nos" | "piece") => true,
            Some("off") => {
                self.longest(at).is_none_or(|found| found.end == at + 1) && word(at + 1) != Some("centre")
            }
            _ => false,
        }
    }

    /// "R4 corners", "Corners: R5": a drawing's way to say the corner radius.
    fn is_rounded_corner(&self, found: &Found) -> bool {
        let radius = |number: &Number| number.prefix.as_deref() == Some("r");
        let before = matches!(self.pieces.last().map(|piece| &piece.what),
            Some(What::Numbers(numbers)) if numbers.len() == 1 && radius(&numbers[0]));
        let tied = usize::from(self.lexeme(found.end) == Some(&Lexeme::Equals));
        let behind = || self.prefixed(found.end + tied).is_some_and(|(number, _)| radius(&number));
        found.words.split(' ').all(|word| matches!(word, "corner" | "all" | "each" | "every" | "four"))
            && (before || behind())
    }

    fn phrase(&mut self, first: usize) {
        if let Some(found) = self.longest(first).filter(|found| self.is_rounded_corner(found))
            && let Some(senses) = self.vocabulary.senses("corner radius")
        {
            return self.push(What::Phrase(senses.to_vec()), first, found.end);
        }
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
        // Three words that belong together are not cut: "from the front edge | on top".
        let long = found.words.split(' ').count() > 2;
        while !long && inside < found.end {
            if self.longest(inside).is_some_and(|other| other.end > found.end && other.end > inside + 1) {
                found = self.longest_until(first, inside)?;
            }
            inside += 1;
        }
        Some(found)
    }

    pub(super) fn longest(&self, first: usize) -> Option<Found> {
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
                // What only steps mean that nobody speaks of is left out, as long as anything else is left.
                let heard: Vec<Sense> = senses.iter().filter(|sense| (self.heard)(sense)).cloned().collect();
                if words.len() == 1 || !heard.is_empty() {
                    let senses = if heard.is_empty() { senses.to_vec() } else { heard };
                    found = Some(Found { senses, words: phrase, end: at });
                }
            }
        }
        found
    }
}
