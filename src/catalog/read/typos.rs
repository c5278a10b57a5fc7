//! Misspelt words: one wrong, missing, doubled or swapped letter away from a single word of the catalog. Every correction is told. A word that
//! is near to several is left as it is: it stays unread rather than misread.

use super::lexer::{Lexeme, Token, fold, lex};
use crate::catalog::words::Vocabulary;
use crate::domain::quantity::Unit;

/// Shorter words are near to too many others.
const LETTERS_MIN: usize = 4;
/// In a word this short a changed letter mostly makes another word; a missing or swapped one is still a slip.
const LETTERS_CHANGED_MIN: usize = 6;
/// More unknown words than this are no slips of the pen.
const CORRECTIONS_MAX: usize = 12;

/// The words of a text, folded, with slips of the pen corrected.
pub(in crate::catalog) fn corrected_words(vocabulary: &Vocabulary, text: &str) -> Vec<String> {
    let mut tokens = lex(text);
    correct(vocabulary, &mut tokens);
    tokens.iter().filter_map(|token| token.word().map(str::to_owned)).collect()
}

/// Corrects the words in place and returns what to tell.
pub(super) fn correct(vocabulary: &Vocabulary, tokens: &mut [Token]) -> Vec<String> {
    let mut tried: Vec<(String, Option<String>)> = Vec::new();
    let mut quoted = false;
    for token in tokens {
        if matches!(token.lexeme, Lexeme::Quote(_)) && !token.glued {
            quoted = true;
        }
        let Some(word) = token.word().filter(|word| !quoted && may_be_misspelt(vocabulary, word)) else {
            quoted &= !(matches!(token.lexeme, Lexeme::Quote(_)) && token.glued);
            continue;
        };
        let known = tried.iter().find(|(from, _)| from == word).map(|(_, to)| to.clone());
        let found = match known {
            Some(found) => found,
            None if tried.len() < CORRECTIONS_MAX => {
                let found = nearest(vocabulary, word);
                tried.push((word.to_owned(), found.clone()));
                found
            }
            None => None,
        };
        if let Some(found) = found {
            token.lexeme = Lexeme::Word(found);
        }
    }
    tried.into_iter().filter_map(|(from, to)| Some(format!("Read `{from}` as `{}`", to?))).collect()
}

fn may_be_misspelt(vocabulary: &Vocabulary, word: &str) -> bool {
    word.len() >= LETTERS_MIN
        && word.is_ascii()
        && word.chars().all(|c| c.is_ascii_lowercase())
        && !vocabulary.knows(word)
        && Unit::named(word).is_none()
}

fn nearest(vocabulary: &Vocabulary, word: &str) -> Option<String> {
    let mut near: Vec<&str> = vocabulary.known().filter(|other| is_slip(word, other)).collect();
    // A word that means something alone goes before one that is only part of a phrase.
    if near.len() > 1 {
        near.retain(|other| vocabulary.senses(other).is_some());
    }
    let first = *near.first()?;
    let same = near.iter().all(|other| vocabulary.senses(other) == vocabulary.senses(first));
    // "platte" must not become an ordinary word that means nothing here.
    let means = vocabulary.senses(first).is_some() || vocabulary.in_phrase(first);
    (same && means && fold(first).0 == first).then(|| first.to_owned())
}

/// One edit apart, with the same first letter: that one is seldom wrong.
fn is_slip(word: &str, other: &str) -> bool {
    let (a, b) = (word.as_bytes(), other.as_bytes());
    if b.len() < LETTERS_MIN || a.len().abs_diff(b.len()) > 1 || a.first() != b.first() {
        return false;
    }
    let head = a.iter().zip(b).take_while(|(x, y)| x == y).count();
    let tail = a.iter().rev().zip(b.iter().rev()).take_while(|(x, y)| x == y).count();
    let shorter = a.len().min(b.len());
    if a.len() != b.len() {
        return head + tail >= shorter;
    }
    if head + tail + 1 >= shorter {
        return a.len() >= LETTERS_CHANGED_MIN;
    }
    head + tail + 2 == shorter && a[head] == b[head + 1] && a[head + 1] == b[head]
}
