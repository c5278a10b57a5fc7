//! The words of an edit that names a parameter: cut into clauses, each a list of words, numbers and quoted texts.

use std::sync::LazyLock;

use regex::Regex;

use crate::domain::quantity::{Quantity, Span, Unit};

/// One piece of a clause.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Token {
    /// Lower case, without the `s` of a plural.
    Word(String),
    Number(Quantity),
    /// Quoted by the user.
    Text(String),
}

/// "make the wall thickness 3", between two `and`s.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Clause {
    pub(super) text: String,
    /// Character offsets in the prompt.
    pub(super) span: Span,
    pub(super) tokens: Vec<Token>,
}

const PARTS: &[&str] = &["and", "then", "also", "plus"];
const NUMBERS: &[&str] = &[
    "zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve",
];
/// How people say the adjective of a measure.
const MEASURES: &[(&str, &str)] = &[
    ("long", "length"),
    ("wide", "width"),
    ("broad", "width"),
    ("tall", "height"),
    ("high", "height"),
    ("thick", "thickness"),
    ("deep", "depth"),
];
/// They take the last change back.
const BACK: &[&str] =
    &["undo", "revert", "take that back", "take it back", "go back", "back", "previous version"];

/// Either kind of quoted text, a number with its unit, a word, or what parts two clauses.
static PIECES: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(
        r#"(?x) "(?P<double>[^"]*)" | '(?P<single>[^']*)'
        | (?P<number>[-+]?(?:\d+(?:\.\d+)?|\.\d+)) \s* (?P<unit>(?:mm|millimet(?:er|re)s?|cm|m|in|inch(?:es)?|deg|degrees?|thou|ft)\b|[°%])?
        | (?P<word>[\p{L}_][\p{L}\p{N}_]*) | (?P<part>[,;.!?]) "#,
    )
    .ok()
});

/// The clauses of a prompt, without empty ones.
pub(super) fn clauses(prompt: &str) -> Vec<Clause> {
    let Some(pieces) = PIECES.as_ref() else { return Vec::new() };
    let mut found: Vec<Clause> = Vec::new();
    let mut open = false;
    let chars = |byte: usize| prompt[..byte].chars().count();
    for piece in pieces.captures_iter(prompt) {
        let Some(whole) = piece.get(0) else { continue };
        let word = piece.name("word").map(|word| word.as_str().to_lowercase());
        if piece.name("part").is_some() || word.as_deref().is_some_and(|word| PARTS.contains(&word)) {
            open = false;
            continue;
        }
        let token = if let Some(text) = piece.name("double").or_else(|| piece.name("single")) {
            Token::Text(text.as_str().to_owned())
        } else if let Some(number) = piece.name("number") {
            let unit = piece.name("unit").map_or("", |unit| unit.as_str());
            quantity(number.as_str(), unit, whole.as_str())
        } else {
            self::word(&word.unwrap_or_default())
        };
        let span = Span { start: chars(whole.start()), end: chars(whole.end()) };
        match found.last_mut().filter(|_| open) {
            Some(clause) => {
                clause.span.end = span.end;
                clause.tokens.push(token);
            }
            None => found.push(Clause { text: String::new(), span, tokens: vec![token] }),
        }
        open = true;
    }
    for clause in &mut found {
        let Span { start, end } = clause.span;
        clause.text = prompt.chars().skip(start).take(end - start).collect();
    }
    found
}

fn quantity(number: &str, unit: &str, text: &str) -> Token {
    let lower = unit.to_lowercase();
    let unit = Unit::named(&lower).or_else(|| Unit::named(lower.trim_end_matches('s'))).unwrap_or(Unit::None);
    let span = Span { start: 0, end: 0 };
    // The pattern lets only numbers through.
    Token::Number(Quantity { value: number.parse().unwrap_or(f64::NAN), unit, text: text.to_owned(), span })
}

fn word(word: &str) -> Token {
    if let Some(value) = NUMBERS.iter().position(|number| *number == word) {
        return quantity(&value.to_string(), "", word);
    }
    let measure = MEASURES.iter().find(|(said, _)| *said == word).map(|(_, measure)| *measure);
    Token::Word(measure.map_or_else(|| stem(word), str::to_owned))
}

/// The words of a parameter's name or label, as `clauses` gives them.
pub(super) fn stems(text: &str) -> Vec<String> {
    let words = text.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty());
    words.map(|word| stem(&word.to_lowercase())).collect()
}

fn stem(word: &str) -> String {
    let plural = word.len() > 3 && word.ends_with('s') && !word.ends_with("ss");
    if plural { word[..word.len() - 1].to_owned() } else { word.to_owned() }
}

/// Whether the prompt only takes the last change back.
pub(super) fn takes_back(prompt: &str) -> bool {
    const AROUND: &[&str] = &[
        "please", "that", "it", "this", "the", "to", "last", "change", "edit", "step", "one", "go",
        "previous", "version",
    ];
    let lower = prompt.to_lowercase();
    let words: Vec<&str> =
        lower.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty()).collect();
    let text = words.join(" ");
    BACK.iter().any(|back| {
        text.split_once(back).is_some_and(|(front, rest)| {
            front.split_whitespace().chain(rest.split_whitespace()).all(|word| AROUND.contains(&word))
        })
    })
}
