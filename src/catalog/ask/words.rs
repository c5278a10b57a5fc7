//! The words of the grammar: numbers, quantities as a person writes them, names of standard sizes, names and texts. All of them are bounded, so
//! that any model comes to an end.

use super::super::table::{SizeTable, Sizes, Step};
use super::notation::{Grammar, Node, maybe, text};
use crate::domain::limits::{ASKED_NAME_CHARS_MAX, ASKED_TEXT_CHARS_MAX};

/// Digits before the point; the largest size of a part is 2000 mm.
const DIGITS_MAX: u32 = 5;
/// Digits behind it: a plan is exact to a millionth.
const DECIMALS_MAX: u32 = 6;
/// A number of fewer digits in quotation marks is that number, not the size of a fan.
pub(super) const SIZE_DIGITS_MIN: usize = 3;

fn digit() -> Node {
    Node::Class("[0-9]")
}

fn digit_from_one() -> Node {
    Node::Class("[1-9]")
}

fn row(nodes: Vec<Node>) -> Node {
    Node::Row(nodes)
}

fn either(words: &[&str]) -> Node {
    Node::Either(words.iter().map(|word| text(*word)).collect())
}

/// As JSON has it: no nought in front.
fn plain_number() -> Node {
    let whole = Node::Either(vec![text("0"), row(vec![digit_from_one(), digit().times(0, DIGITS_MAX - 1)])]);
    row(vec![whole, maybe(row(vec![text("."), digit().times(1, DECIMALS_MAX)]))])
}

pub(super) fn number(grammar: &mut Grammar) -> Node {
    grammar.word("number", plain_number)
}

pub(super) fn signed_number(grammar: &mut Grammar) -> Node {
    grammar.word("signed-number", || row(vec![maybe(text("-")), plain_number()]))
}

pub(super) fn count(grammar: &mut Grammar) -> Node {
    grammar.word("count", || Node::Either(vec![text("0"), row(vec![digit_from_one(), digit().times(0, 2)])]))
}

/// The fractions of an inch that rulers and drills have, and thirds.
fn fraction() -> Node {
    let odd = || Node::Class("[13579]");
    let of = |top: Node, bottom: &str| row(vec![top, text(format!("/{bottom}"))]);
    Node::Either(vec![
        of(text("1"), "2"),
        of(Node::Class("[12]"), "3"),
        of(Node::Class("[13]"), "4"),
        of(Node::Class("[1357]"), "8"),
        of(row(vec![maybe(text("1")), Node::Class("[135]")]), "16"),
        of(Node::Class("[79]"), "16"),
        of(row(vec![maybe(Node::Class("[12]")), odd()]), "32"),
        of(row(vec![maybe(Node::Class("[1-5]")), odd()]), "64"),
    ])
}

/// `2`, `0.5`, `1/2`, `2 1/2`
fn quantity_number() -> Node {
    let whole = || digit().times(1, DIGITS_MAX);
    Node::Either(vec![
        fraction(),
        row(vec![digit().times(1, 2), text(" "), fraction()]),
        row(vec![whole(), maybe(row(vec![text("."), digit().times(1, 4)]))]),
    ])
}

/// A number that may stand behind `*` and `/`.
fn factor() -> Node {
    row(vec![digit_from_one(), digit().times(0, 2), maybe(row(vec![text("."), digit().times(1, 3)]))])
}

/// `"2in"`, `"1/2 in"`, `"5*2"`, `"60+20 mm"`. A number alone needs no quotation marks.
fn quantity_word(units: &[&str], sign: Node) -> Node {
    let unit = || row(vec![maybe(text(" ")), either(units)]);
    let sum = row(vec![Node::Class("[+-]"), quantity_number(), maybe(unit())]);
    let product = row(vec![Node::Class("[*\\x2f]"), factor()]);
    let more = Node::Either(vec![sum, product]);
    let inside = Node::Either(vec![
        row(vec![quantity_number(), unit(), maybe(more.clone())]),
        row(vec![quantity_number(), more.clone(), maybe(more)]),
    ]);
    row(vec![text("\""), sign, inside, text("\"")])
}

const LENGTH_UNITS: [&str; 6] = ["mm", "cm", "m", "in", "ft", "thou"];
const ANGLE_UNITS: [&str; 1] = ["deg"];

pub(super) fn length(grammar: &mut Grammar) -> Node {
    let number = number(grammar);
    let quantity = grammar.word("quantity", || quantity_word(&LENGTH_UNITS, row(Vec::new())));
    grammar.rule("length", |_| Node::Either(vec![number, quantity]))
}

/// One that may be negative: a place, a distance from a face.
pub(super) fn signed_length(grammar: &mut Grammar) -> Node {
    let number = signed_number(grammar);
    let quantity = grammar.word("signed-quantity", || quantity_word(&LENGTH_UNITS, maybe(text("-"))));
    grammar.rule("signed-length", |_| Node::Either(vec![number, quantity]))
}

pub(super) fn angle(grammar: &mut Grammar) -> Node {
    let number = signed_number(grammar);
    let quantity = grammar.word("angle-quantity", || quantity_word(&ANGLE_UNITS, maybe(text("-"))));
    grammar.rule("angle", |_| Node::Either(vec![number, quantity]))
}

/// A name of a standard size, for an argument that a table can fill; none for others.
pub(super) fn size(
    grammar: &mut Grammar,
    tables: &std::collections::BTreeMap<String, SizeTable>,
    spec: &Step,
    argument: &str,
) -> Vec<Node> {
    let mut names: Vec<&str> = sizes_of(spec, argument).map(|sizes| sizes.table.as_str()).collect();
    names.dedup();
    let written = |names: &[&str]| names.iter().filter_map(|name| tables.get(*name)).collect::<Vec<_>>();
    let tables = written(&names);
    tables
        .into_iter()
        .map(|table| {
            grammar.word(&format!("size-{}", table.name), || {
                let names = table.sizes.keys().filter(|name| may_be_written(name));
                let names = names.map(|name| text(name.as_str())).collect();
                row(vec![text("\""), Node::Either(names), text("\"")])
            })
        })
        .collect()
}

/// The tables that can fill an argument: the step's own first, then those of its variants.
pub(super) fn sizes_of<'s>(spec: &'s Step, argument: &'s str) -> impl Iterator<Item = &'s Sizes> {
    let variants = spec.variants.iter().filter_map(|variant| variant.sizes.as_ref());
    spec.sizes.iter().chain(variants).filter(move |sizes| sizes.columns.contains_key(argument))
}

/// A name that needs no escape in JSON, and that is no mere number.
fn may_be_written(name: &str) -> bool {
    let digits = name.chars().all(|c| c.is_ascii_digit());
    !name.contains(['"', '\\']) && name.is_ascii() && (!digits || name.len() >= SIZE_DIGITS_MIN)
}

/// The name of a body.
pub(super) fn name(grammar: &mut Grammar) -> Node {
    grammar.word("name", || {
        let more = Node::Class("[a-z0-9_ ]").times(0, ASKED_NAME_CHARS_MAX - 1);
        row(vec![text("\""), Node::Class("[a-z0-9]"), more, text("\"")])
    })
}

/// Letters for a part.
pub(super) fn letters(grammar: &mut Grammar) -> Node {
    sentence(grammar, "text", ASKED_TEXT_CHARS_MAX)
}

/// Plain signs without quotation marks and backslashes.
pub(super) fn sentence(grammar: &mut Grammar, name: &str, most: u32) -> Node {
    grammar.word(name, || {
        let sign = Node::Class("[ !#-\\[\\]-~]");
        row(vec![text("\""), Node::Class("[!#-\\[\\]-~]"), sign.times(0, most - 1), text("\"")])
    })
}

pub(super) fn colour(grammar: &mut Grammar) -> Node {
    grammar.word("colour", || row(vec![text("\"#"), Node::Class("[0-9a-f]").times(6, 6), text("\"")]))
}
