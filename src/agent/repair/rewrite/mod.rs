//! Known mistakes that models make with build123d 0.13, mended in the text: names of older releases, of other libraries,
//! and what a viewer or an exporter needs. Each of them is one case of `tests/cases/repair/rewrites.toml`.

mod attributes;
mod builders;
mod calls;
mod imports;
mod keywords;
mod left;
mod selectors;
mod text;
mod viewers;

use std::cmp::Reverse;
use std::ops::Range;

use crate::domain::limits::{REWRITE_BYTES_MAX, REWRITES_MAX};
use crate::domain::outcome::Failure;
use crate::engine::python::{Line, Scan};

/// A mended program, and what was done to it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Rewritten {
    pub(crate) program: String,
    pub(crate) told: Vec<String>,
}

/// One change: texts that replace others, none of them over another.
struct Change {
    edits: Vec<(Range<usize>, String)>,
    told: String,
}

impl Change {
    fn new(edits: Vec<(Range<usize>, String)>, told: impl Into<String>) -> Option<Self> {
        (!edits.is_empty()).then(|| Self { edits, told: told.into() })
    }

    fn one(bytes: Range<usize>, new: impl Into<String>, told: impl Into<String>) -> Option<Self> {
        Self::new(vec![(bytes, new.into())], told)
    }
}

/// What a run said; empty before the first.
#[derive(Clone, Debug, Default)]
struct Seen {
    kind: String,
    message: String,
    row: u32,
}

impl Seen {
    fn of(failure: Option<&Failure>) -> Self {
        let Some(failure) = failure else { return Self::default() };
        let place = failure.place.as_deref();
        Self {
            kind: place.map(|place| place.kind.clone()).unwrap_or_default(),
            message: failure.message.clone(),
            row: place.and_then(|place| place.line).unwrap_or(0),
        }
    }

    fn says(&self, words: &[&str]) -> bool {
        words.iter().any(|word| self.message.contains(word))
    }

    /// What stands between quotes behind these words.
    fn quoted(&self, before: &str) -> Option<&str> {
        let rest = self.message.split_once(before)?.1.strip_prefix('\'')?;
        rest.split_once('\'').map(|(name, _)| name)
    }
}

type Rule = fn(&Scan, &Seen) -> Option<Change>;

/// What answers a failure comes first: it goes by rows, which others move.
const RULES: &[Rule] = &[
    text::characters,
    text::tabs,
    text::chatter,
    calls::place_first,
    calls::hole_depth,
    calls::edges_of,
    calls::closed,
    calls::face_of,
    builders::shape_of,
    builders::on_a_part,
    builders::make_face,
    attributes::letters,
    attributes::brackets,
    attributes::called,
    attributes::other_names,
    viewers::failing_print,
    imports::from_parts,
    imports::missing,
    text::fences,
    text::margin,
    imports::build123d,
    left::result,
    viewers::shown,
    imports::viewers,
    attributes::converted,
    attributes::properties,
    attributes::renamed,
    builders::insert,
    builders::placement,
    keywords::enums,
    keywords::flat_sides,
    keywords::arc_size,
    keywords::centered,
    keywords::colours,
    keywords::keywords,
    selectors::by_text,
    selectors::plane_names,
    calls::methods,
    calls::order,
    calls::shells,
    calls::makers,
];

/// The program without the mistakes that are known; `None` when there is none of them in it. Some are only mended where
/// the failure of a run names them.
pub(crate) fn rewrite(program: &str, failure: Option<&Failure>) -> Option<Rewritten> {
    if program.len() > REWRITE_BYTES_MAX {
        return None;
    }
    let mut seen = Seen::of(failure);
    let mut text = program.to_owned();
    let mut told: Vec<String> = Vec::new();
    let mut left = REWRITES_MAX;
    let mut at = 0;
    while left > 0 {
        let scan = Scan::new(&text);
        let found = (at..RULES.len()).find_map(|rule| RULES[rule](&scan, &seen).map(|change| (rule, change)));
        let Some((rule, change)) = found else { break };
        let watched = row_start(&text, seen.row);
        let Some((new, moved)) = applied(&text, change.edits, watched) else {
            at = rule + 1;
            continue;
        };
        at = rule;
        left -= 1;
        seen.row = seen.row.saturating_add_signed(moved);
        text = new;
        if !told.contains(&change.told) {
            told.push(change.told);
        }
    }
    (text != program).then_some(Rewritten { program: text, told })
}

fn row_start(text: &str, row: u32) -> usize {
    let before = row.saturating_sub(1) as usize;
    text.split_inclusive('\n').take(before).map(str::len).sum()
}

/// The text with the edits, and by how many rows the row at `watched` moved. `None` when nothing changes.
fn applied(text: &str, mut edits: Vec<(Range<usize>, String)>, watched: usize) -> Option<(String, i32)> {
    edits.sort_by_key(|(bytes, _)| Reverse(bytes.start));
    let mut new = text.to_owned();
    let mut moved = 0;
    for (bytes, with) in edits {
        let old = new.get(bytes.clone())?;
        let rows = |text: &str| i32::try_from(text.matches('\n').count()).unwrap_or(0);
        if bytes.start < watched || (bytes.start == watched && bytes.end == watched) {
            moved += rows(&with) - rows(old);
        }
        new.replace_range(bytes, &with);
    }
    (new != text).then_some((new, moved))
}

/// Takes a statement away; `pass` stays where a block would be empty.
fn without_line(scan: &Scan, line: &Line) -> (Range<usize>, String) {
    let at = scan.lines.iter().position(|other| other == line).unwrap_or(0);
    let first = at.checked_sub(1).is_some_and(|before| {
        let before = &scan.lines[before];
        scan.opens_block(before) && before.indent < line.indent
    });
    let last = scan.lines.get(at + 1).is_none_or(|after| after.indent < line.indent);
    if first && last { (scan.bytes(&line.words), "pass".into()) } else { (line.bytes.clone(), String::new()) }
}

/// The words of the statement in which the run failed.
fn failing<'a>(scan: &'a Scan, seen: &Seen) -> Option<&'a Line> {
    scan.line_at(seen.row).filter(|_| seen.row > 0)
}

#[cfg(test)]
mod tests;
