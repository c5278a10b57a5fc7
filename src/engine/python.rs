//! Python source as words: names, numbers, texts, signs, the logical lines and the calls. No syntax tree; whatever is
//! not Python is still read to its end.

use std::collections::BTreeSet;
use std::ops::Range;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Name,
    Number,
    /// A string literal with its prefix and quotes.
    Text,
    Sign,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Token {
    pub(crate) kind: Kind,
    pub(crate) start: usize,
    pub(crate) end: usize,
}

/// A statement's line, which brackets may have spread over several rows. Comments belong to no line of their own.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Line {
    /// Its words.
    pub(crate) words: Range<usize>,
    /// Columns before the first word; a tab counts up to the next eighth.
    pub(crate) indent: usize,
    /// Bytes, with the line's end.
    pub(crate) bytes: Range<usize>,
    /// First and last row, counted from one.
    pub(crate) rows: (u32, u32),
    /// Its end was reached: every bracket is closed.
    pub(crate) whole: bool,
}

/// `name(...)`. `first` is the first word of what it is called on, `name` itself when on nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Call {
    pub(crate) first: usize,
    pub(crate) name: usize,
    pub(crate) open: usize,
    pub(crate) close: usize,
}

impl Call {
    pub(crate) fn is_method(&self) -> bool {
        self.first != self.name
    }
}

/// One argument: `words` without the keyword.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Argument {
    pub(crate) key: Option<usize>,
    pub(crate) words: Range<usize>,
}

/// A text and its words.
pub(crate) struct Scan<'a> {
    pub(crate) text: &'a str,
    pub(crate) tokens: Vec<Token>,
    pub(crate) lines: Vec<Line>,
    /// The bracket that belongs to a bracket.
    mates: Vec<Option<usize>>,
    /// Every call, in the order in which their names stand.
    pub(crate) calls: Vec<Call>,
    /// Names that the text itself gives a meaning by `def`, `class` or `as`.
    defined: BTreeSet<&'a str>,
}

const SIGNS: [&str; 23] = [
    "**=", "//=", "...", ">>=", "<<=", "**", "//", "==", "!=", "<=", ">=", "+=", "-=", "*=", "/=", "%=",
    "&=", "|=", "@=", "->", ":=", "<<", ">>",
];

/// Longest chain of attributes, calls and indices that is followed.
const CHAIN_MAX: usize = 200;

impl<'a> Scan<'a> {
    pub(crate) fn new(text: &'a str) -> Self {
        let (tokens, lines, mates, calls) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
        let mut scan = Self { text, tokens, lines, mates, calls, defined: BTreeSet::new() };
        scan.read();
        scan.mates = mates_of(&scan);
        scan.calls = scan.find_calls();
        let names = |at: &usize| ["def", "class", "as"].iter().any(|word| scan.is(at - 1, word));
        scan.defined = (1..scan.tokens.len()).filter(names).map(|at| scan.word(at)).collect();
        scan
    }

    fn read(&mut self) {
        let bytes = self.text.as_bytes();
        let (mut at, mut depth, mut row) = (0, 0_usize, 1_u32);
        let mut open: Option<Line> = None;
        let (mut row_start, mut indent, mut leading) = (0, 0, true);
        while at < bytes.len() {
            match bytes[at] {
                b'\n' => {
                    at += 1;
                    if depth == 0
                        && let Some(mut line) = open.take()
                    {
                        line.words.end = self.tokens.len();
                        line.bytes.end = at;
                        line.rows.1 = row;
                        line.whole = true;
                        self.lines.push(line);
                    }
                    row += 1;
                    (row_start, indent, leading) = (at, 0, true);
                    continue;
                }
                b'\\' if bytes.get(at + 1) == Some(&b'\n') => {
                    at += 2;
                    row += 1;
                    continue;
                }
                b'#' => {
                    at = self.text[at..].find('\n').map_or(bytes.len(), |length| at + length);
                    continue;
                }
                b'\t' if leading => indent = (indent / 8 + 1) * 8,
                b' ' if leading => indent += 1,
                b' ' | b'\t' | b'\r' | b'\x0c' => {}
                _ => {
                    leading = false;
                    let token = self.token(at);
                    open.get_or_insert(Line {
                        words: self.tokens.len()..self.tokens.len(),
                        indent,
                        bytes: row_start..bytes.len(),
                        rows: (row, row),
                        whole: false,
                    });
                    match &self.text[token.start..token.end] {
                        "(" | "[" | "{" => depth += 1,
                        ")" | "]" | "}" => depth = depth.saturating_sub(1),
                        _ => {}
                    }
                    row +=
                        u32::try_from(self.text[token.start..token.end].matches('\n').count()).unwrap_or(0);
                    at = token.end;
                    self.tokens.push(token);
                    continue;
                }
            }
            at += 1;
        }
        if let Some(mut line) = open {
            line.words.end = self.tokens.len();
            line.rows.1 = row;
            self.lines.push(line);
        }
    }

    /// The word that begins at a byte which is no space.
    fn token(&self, start: usize) -> Token {
        let rest = &self.text[start..];
        if let Some(length) = text_length(rest) {
            return Token { kind: Kind::Text, start, end: start + length };
        }
        let mut chars = rest.chars();
        let first = chars.next().unwrap_or(' ');
        if first.is_alphabetic() || first == '_' {
            let length = rest.find(|c: char| !c.is_alphanumeric() && c != '_').unwrap_or(rest.len());
            return Token { kind: Kind::Name, start, end: start + length };
        }
        if first.is_ascii_digit() || (first == '.' && chars.next().is_some_and(|c| c.is_ascii_digit())) {
            return Token { kind: Kind::Number, start, end: start + number_length(rest) };
        }
        let sign =
            SIGNS.iter().find(|sign| rest.starts_with(**sign)).map_or(first.len_utf8(), |sign| sign.len());
        Token { kind: Kind::Sign, start, end: start + sign }
    }

    /// The word at this place; an empty text past the end.
    pub(crate) fn word(&self, at: usize) -> &'a str {
        self.tokens.get(at).map_or("", |token| &self.text[token.start..token.end])
    }

    pub(crate) fn is(&self, at: usize, word: &str) -> bool {
        self.tokens.get(at).is_some_and(|token| token.kind != Kind::Text) && self.word(at) == word
    }

    pub(crate) fn is_name(&self, at: usize) -> bool {
        self.tokens.get(at).is_some_and(|token| token.kind == Kind::Name)
    }

    /// A name that stands for itself: no attribute, no keyword of a call.
    pub(crate) fn is_variable(&self, at: usize, name: &str) -> bool {
        self.is_name(at) && self.word(at) == name && !(at > 0 && self.is(at - 1, "."))
    }

    /// The text of some words, with what stands between them.
    pub(crate) fn slice(&self, words: &Range<usize>) -> &'a str {
        &self.text[self.bytes(words)]
    }

    pub(crate) fn bytes(&self, words: &Range<usize>) -> Range<usize> {
        match (self.tokens.get(words.start), words.end.checked_sub(1).and_then(|last| self.tokens.get(last)))
        {
            (Some(first), Some(last)) if words.start < words.end => first.start..last.end,
            (Some(first), _) => first.start..first.start,
            _ => self.text.len()..self.text.len(),
        }
    }

    /// The call that a line consists of.
    pub(crate) fn statement(&self, line: &Line) -> Option<Call> {
        let from = self.calls.partition_point(|call| call.name < line.words.start);
        let inside = self.calls[from..].iter().take_while(|call| call.name < line.words.end);
        inside.copied().find(|call| (call.first..call.close + 1) == line.words)
    }

    pub(crate) fn defines(&self, name: &str) -> bool {
        self.defined.contains(name)
    }

    pub(crate) fn mate(&self, at: usize) -> Option<usize> {
        self.mates.get(at).copied().flatten()
    }

    /// The line that a word belongs to.
    pub(crate) fn line_of(&self, word: usize) -> Option<&Line> {
        let at = self.lines.partition_point(|line| line.words.end <= word);
        self.lines.get(at).filter(|line| line.words.contains(&word))
    }

    /// The line that covers a row.
    pub(crate) fn line_at(&self, row: u32) -> Option<&Line> {
        let at = self.lines.partition_point(|line| line.rows.1 < row);
        self.lines.get(at).filter(|line| line.rows.0 <= row)
    }

    /// Whether a line opens a block.
    pub(crate) fn opens_block(&self, line: &Line) -> bool {
        !line.words.is_empty() && self.is(line.words.end - 1, ":")
    }

    fn find_calls(&self) -> Vec<Call> {
        let call = |open: usize| {
            let name = open.checked_sub(1)?;
            let close = self.mate(open)?;
            let defined = name > 0 && (self.is(name - 1, "def") || self.is(name - 1, "class"));
            if !self.is(open, "(") || !self.is_name(name) || is_keyword(self.word(name)) || defined {
                return None;
            }
            let first = if name > 0 && self.is(name - 1, ".") { self.chain(name - 1)? } else { name };
            Some(Call { first, name, open, close })
        };
        (0..self.tokens.len()).filter_map(call).collect()
    }

    /// The first word of the chain of names, calls and indices that ends right before this word.
    pub(crate) fn chain(&self, before: usize) -> Option<usize> {
        let mut at = before.checked_sub(1)?;
        for _ in 0..CHAIN_MAX {
            if self.is(at, ")") || self.is(at, "]") {
                let open = self.mate(at)?;
                let called = open.checked_sub(1).filter(|&name| {
                    (self.is_name(name) && !is_keyword(self.word(name)))
                        || self.is(name, ")")
                        || self.is(name, "]")
                });
                let Some(name) = called else { return Some(open) };
                at = name;
                if !self.is_name(name) {
                    continue;
                }
            }
            if self.tokens[at].kind == Kind::Sign || is_keyword(self.word(at)) {
                return None;
            }
            match at.checked_sub(1) {
                Some(dot) if self.is(dot, ".") => at = dot.checked_sub(1)?,
                _ => return Some(at),
            }
        }
        None
    }

    pub(crate) fn arguments(&self, call: &Call) -> Vec<Argument> {
        let mut found = Vec::new();
        let (mut from, mut at) = (call.open + 1, call.open + 1);
        while at <= call.close {
            if at == call.close || self.is(at, ",") {
                if from < at {
                    let keyed = self.is_name(from) && self.is(from + 1, "=");
                    let words = if keyed { from + 2..at } else { from..at };
                    found.push(Argument { key: keyed.then_some(from), words });
                }
                from = at + 1;
            }
            at = match self.mate(at) {
                Some(close) if close > at => close + 1,
                _ => at + 1,
            };
        }
        found
    }
}

/// The string literal that a text begins with.
fn text_length(rest: &str) -> Option<usize> {
    let bytes = rest.as_bytes();
    let prefix = bytes.iter().take(2).take_while(|byte| b"rRbBuUfF".contains(byte)).count();
    let quote = *bytes.get(prefix).filter(|byte| matches!(byte, b'"' | b'\''))?;
    let triple = bytes.get(prefix..prefix + 3) == Some(&[quote; 3]);
    let mut at = prefix + if triple { 3 } else { 1 };
    while at < bytes.len() {
        match bytes[at] {
            b'\\' => at += 1,
            b'\n' if !triple => return Some(at),
            byte if byte == quote && !triple => return Some(at + 1),
            byte if byte == quote && bytes.get(at..at + 3) == Some(&[quote; 3]) => return Some(at + 3),
            _ => {}
        }
        at += 1;
    }
    Some(rest.len())
}

fn number_length(rest: &str) -> usize {
    let bytes = rest.as_bytes();
    let mut at = 0;
    while at < bytes.len() {
        let exponent = at > 0 && matches!(bytes[at - 1], b'e' | b'E') && !rest.starts_with("0x");
        match bytes[at] {
            b'+' | b'-' if exponent => {}
            byte if byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'_') => {}
            _ => break,
        }
        at += 1;
    }
    at
}

fn mates_of(scan: &Scan) -> Vec<Option<usize>> {
    let mut mates = vec![None; scan.tokens.len()];
    let mut open = Vec::new();
    for (at, token) in scan.tokens.iter().enumerate() {
        if token.kind == Kind::Text {
            continue;
        }
        let closes = match scan.word(at) {
            "(" | "[" | "{" => {
                open.push(at);
                continue;
            }
            ")" => "(",
            "]" => "[",
            "}" => "{",
            _ => continue,
        };
        if open.last().is_some_and(|&last| scan.word(last) == closes)
            && let Some(last) = open.pop()
        {
            mates[at] = Some(last);
            mates[last] = Some(at);
        }
    }
    mates
}

pub(crate) fn is_keyword(word: &str) -> bool {
    matches!(
        word,
        "and"
            | "as"
            | "assert"
            | "await"
            | "break"
            | "class"
            | "continue"
            | "def"
            | "del"
            | "elif"
            | "else"
            | "except"
            | "finally"
            | "for"
            | "from"
            | "global"
            | "if"
            | "import"
            | "in"
            | "is"
            | "lambda"
            | "nonlocal"
            | "not"
            | "or"
            | "pass"
            | "raise"
            | "return"
            | "try"
            | "while"
            | "with"
            | "yield"
    )
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn words(text: &str) -> Vec<&str> {
        let scan = Scan::new(text);
        (0..scan.tokens.len()).map(|at| scan.word(at)).collect()
    }

    #[test]
    fn texts_comments_and_numbers_are_words_of_their_own() {
        let text = "x = f\"a{b}\" + r'\\' # no\ny=1e-3*.5//R_2 - '''\nz''' \"open\n0x1f-2";
        let expected = [
            "x",
            "=",
            "f\"a{b}\"",
            "+",
            "r'\\' # no",
            "y",
            "=",
            "1e-3",
            "*",
            ".5",
            "//",
            "R_2",
            "-",
            "'''\nz'''",
            "\"open",
            "0x1f",
            "-",
            "2",
        ];
        assert_eq!(words(text), expected);
    }

    #[test]
    fn brackets_and_backslashes_make_one_line_of_several_rows() {
        let text = "# a\nwith BuildPart() as p:\n    fillet(  # b\n        p.edges(),\n        2,\n    )\n\n\tx = 1 \\\n  + 2\n";
        let scan = Scan::new(text);
        let told: Vec<_> = scan.lines.iter().map(|line| (line.indent, line.rows)).collect();
        assert_eq!(told, [(0, (2, 2)), (4, (3, 6)), (8, (8, 9))]);
        assert_eq!(scan.line_at(5).map(|line| line.rows.0), Some(3));
        assert!(scan.line_at(7).is_none());
        assert!(scan.opens_block(&scan.lines[0]));
        assert_eq!(&text[scan.lines[2].bytes.clone()], "\tx = 1 \\\n  + 2\n");
    }

    #[test]
    fn a_call_knows_what_it_is_called_on_and_its_arguments() {
        let text = "r = (a + b)[0].edges().fillet(radius=2, *x, f(1, [2, 3])) + if_(1); def g(x): return (1)";
        let scan = Scan::new(text);
        let calls = &scan.calls;
        let told: Vec<_> = calls.iter().map(|call| scan.slice(&(call.first..call.name + 1))).collect();
        assert_eq!(told, ["(a + b)[0].edges", "(a + b)[0].edges().fillet", "f", "if_"]);
        let arguments = scan.arguments(&calls[1]);
        let told: Vec<_> =
            arguments.iter().map(|a| (a.key.map(|key| scan.word(key)), scan.slice(&a.words))).collect();
        assert_eq!(told, [(Some("radius"), "2"), (None, "*x"), (None, "f(1, [2, 3])")]);
        assert!(scan.arguments(&calls[0]).is_empty());
    }

    proptest! {
        #[test]
        fn any_text_is_read_to_its_end(text in "(?s).{0,200}", python in r#"[a-f()\[\]{}'",.:=+*#\\ \n\t0-9]{0,120}"#) {
            for text in [text, python] {
                let scan = Scan::new(&text);
                for call in &scan.calls {
                    let _ = (scan.arguments(call), scan.slice(&(call.first..call.close)));
                }
                let mut end = 0;
                for token in &scan.tokens {
                    prop_assert!(token.start >= end && token.end > token.start);
                    end = token.end;
                }
            }
        }
    }
}
