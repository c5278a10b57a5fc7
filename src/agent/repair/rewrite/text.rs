//! What is not Python in the text: fences, a margin, tabs among spaces, typographic characters, words around the program.

use std::ops::Range;

use super::{Change, Seen};
use crate::engine::extract::{dedent, extract_program};
use crate::engine::python::{Kind, Scan};

/// Typographic characters and what Python writes.
const CHARACTERS: [(char, &str); 14] = [
    ('\u{2212}', "-"),
    ('\u{2013}', "-"),
    ('\u{2014}', "-"),
    ('\u{201c}', "\""),
    ('\u{201d}', "\""),
    ('\u{2018}', "'"),
    ('\u{2019}', "'"),
    ('\u{d7}', "*"),
    ('\u{f7}', "/"),
    ('\u{a0}', " "),
    ('\u{202f}', " "),
    ('\u{200b}', ""),
    ('\u{2060}', ""),
    ('\u{feff}', ""),
];

/// Lines of a Markdown fence.
pub(super) fn fences(scan: &Scan, _: &Seen) -> Option<Change> {
    let fence = |at: usize| scan.is(at, "`") || scan.is(at, "~");
    let fenced = scan.lines.iter().find(|line| {
        let first = line.words.start;
        fence(first) && scan.word(first) == scan.word(first + 1) && scan.word(first) == scan.word(first + 2)
    })?;
    let row_end = scan.text[fenced.bytes.start..]
        .find('\n')
        .map_or(scan.text.len(), |end| fenced.bytes.start + end + 1);
    Change::one(fenced.bytes.start..row_end, "", "A Markdown fence is no part of a program")
}

/// An indentation that all lines share.
pub(super) fn margin(scan: &Scan, _: &Seen) -> Option<Change> {
    scan.lines.first().filter(|line| line.indent > 0)?;
    Change::one(0..scan.text.len(), dedent(scan.text), "A program begins in the first column")
}

pub(super) fn tabs(scan: &Scan, seen: &Seen) -> Option<Change> {
    if seen.kind != "TabError" && seen.kind != "IndentationError" {
        return None;
    }
    let mut edits = Vec::new();
    let mut start = 0;
    for row in scan.text.split_inclusive('\n') {
        let margin = row.len() - row.trim_start_matches([' ', '\t']).len();
        let bytes = start..start + margin;
        if row[..margin].contains('\t') && !in_text(scan, start) {
            edits.push((bytes, row[..margin].replace('\t', "    ")));
        }
        start += row.len();
    }
    Change::new(edits, "Tabs in front of lines are four spaces each")
}

pub(super) fn characters(scan: &Scan, seen: &Seen) -> Option<Change> {
    if !(seen.kind == "SyntaxError" && seen.says(&["invalid character", "invalid non-printable character"])) {
        return None;
    }
    let edits = scan.text.char_indices().filter_map(|(at, c)| {
        let (_, plain) = CHARACTERS.iter().find(|(odd, _)| *odd == c).filter(|_| !in_text(scan, at))?;
        let commented = scan.text[..at].rfind('\n').map_or(0, |line| line + 1);
        let comment = scan.text[commented..at].contains('#');
        (!comment).then(|| (at..at + c.len_utf8(), (*plain).to_owned()))
    });
    Change::new(edits.collect(), "Typographic characters are written as Python writes them")
}

/// A program that does not parse may have words around it.
pub(super) fn chatter(scan: &Scan, seen: &Seen) -> Option<Change> {
    if seen.kind != "SyntaxError" && seen.kind != "IndentationError" {
        return None;
    }
    let found = extract_program(scan.text)?;
    let shorter = found.trim().len() < scan.text.trim().len();
    let whole: Range<usize> = 0..scan.text.len();
    if shorter { Change::one(whole, found, "Words around the program are left out") } else { None }
}

fn in_text(scan: &Scan, byte: usize) -> bool {
    let at = scan.tokens.partition_point(|token| token.end <= byte);
    scan.tokens.get(at).is_some_and(|token| token.kind == Kind::Text && token.start < byte)
}
