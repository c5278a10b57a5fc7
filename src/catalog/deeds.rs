//! The words of follow-up sentences (`templates/edits.toml`): what is to be done with the part as it is. They are senses like those of the
//! steps' words, in a vocabulary of their own, so that a first prompt never hears them.

use std::collections::BTreeMap;

use serde::Deserialize;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Verb {
    Add,
    Remove,
    Change,
    Move,
    Rotate,
    Scale,
    Swap,
    Mirror,
    Copy,
    Rename,
    Replace,
    /// "round the top edges": the step that rounds, changed or added.
    Round,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Noun {
    One,
    Many,
    Feature,
    Part,
}

#[derive(Debug, Clone, PartialEq)]
pub(super) enum Deed {
    Undo,
    Fresh,
    Verb(Verb),
    Noun(Noun),
    InsteadOf,
    More,
    Fewer,
    All,
    Other,
    Vague,
    Times,
    /// "in the same place"
    SamePlace,
    /// Grows or shrinks; the word is one by which the table knows the size, empty for the size that matters most.
    Compare {
        grows: bool,
        of: String,
    },
    Factor(f64),
    As,
    /// From 1, or -1 for the last.
    Order(i32),
    Direction([f64; 2]),
    Inwards,
    Outwards,
    /// A noun that the table knows.
    Shape(String),
    Idle,
}

/// `edits.toml`
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Deeds {
    undo: Vec<String>,
    fresh: Vec<String>,
    verbs: Verbs,
    nouns: Nouns,
    marks: Marks,
    up: BTreeMap<String, Vec<String>>,
    down: BTreeMap<String, Vec<String>>,
    factors: BTreeMap<String, f64>,
    #[serde(rename = "as")]
    as_: As,
    order: BTreeMap<String, i32>,
    directions: BTreeMap<String, [f64; 2]>,
    radial: Radial,
    shapes: BTreeMap<String, String>,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
struct Verbs {
    add: Vec<String>,
    remove: Vec<String>,
    change: Vec<String>,
    #[serde(rename = "move")]
    move_: Vec<String>,
    rotate: Vec<String>,
    scale: Vec<String>,
    swap: Vec<String>,
    mirror: Vec<String>,
    copy: Vec<String>,
    rename: Vec<String>,
    replace: Vec<String>,
    round: Vec<String>,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
struct Nouns {
    one: Vec<String>,
    many: Vec<String>,
    feature: Vec<String>,
    part: Vec<String>,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
struct Marks {
    instead_of: Vec<String>,
    instead: Vec<String>,
    more: Vec<String>,
    fewer: Vec<String>,
    all: Vec<String>,
    other: Vec<String>,
    vague: Vec<String>,
    times: Vec<String>,
    same: Vec<String>,
    same_place: Vec<String>,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
struct As {
    words: Vec<String>,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
struct Radial {
    inwards: Vec<String>,
    outwards: Vec<String>,
}

impl Deeds {
    /// Every phrase with what it asks for.
    pub(super) fn phrases(&self) -> Vec<(&str, Deed)> {
        let (verbs, nouns, marks) = (&self.verbs, &self.nouns, &self.marks);
        let lists = [
            (&self.undo, Deed::Undo),
            (&self.fresh, Deed::Fresh),
            (&verbs.add, Deed::Verb(Verb::Add)),
            (&verbs.remove, Deed::Verb(Verb::Remove)),
            (&verbs.change, Deed::Verb(Verb::Change)),
            (&verbs.move_, Deed::Verb(Verb::Move)),
            (&verbs.rotate, Deed::Verb(Verb::Rotate)),
            (&verbs.scale, Deed::Verb(Verb::Scale)),
            (&verbs.swap, Deed::Verb(Verb::Swap)),
            (&verbs.mirror, Deed::Verb(Verb::Mirror)),
            (&verbs.copy, Deed::Verb(Verb::Copy)),
            (&verbs.rename, Deed::Verb(Verb::Rename)),
            (&verbs.replace, Deed::Verb(Verb::Replace)),
            (&verbs.round, Deed::Verb(Verb::Round)),
            (&nouns.one, Deed::Noun(Noun::One)),
            (&nouns.many, Deed::Noun(Noun::Many)),
            (&nouns.feature, Deed::Noun(Noun::Feature)),
            (&nouns.part, Deed::Noun(Noun::Part)),
            (&marks.instead_of, Deed::InsteadOf),
            (&marks.instead, Deed::Idle),
            (&marks.same, Deed::Idle),
            (&marks.more, Deed::More),
            (&marks.fewer, Deed::Fewer),
            (&marks.all, Deed::All),
            (&marks.other, Deed::Other),
            (&marks.vague, Deed::Vague),
            (&marks.times, Deed::Times),
            (&marks.same_place, Deed::SamePlace),
            (&self.as_.words, Deed::As),
            (&self.radial.inwards, Deed::Inwards),
            (&self.radial.outwards, Deed::Outwards),
        ];
        let mut all: Vec<(&str, Deed)> = Vec::new();
        for (list, deed) in lists {
            all.extend(list.iter().map(|phrase| (phrase.as_str(), deed.clone())));
        }
        for (grows, comparisons) in [(true, &self.up), (false, &self.down)] {
            for (of, list) in comparisons {
                let deed = Deed::Compare { grows, of: of.clone() };
                all.extend(list.iter().map(|phrase| (phrase.as_str(), deed.clone())));
            }
        }
        all.extend(self.factors.iter().map(|(phrase, factor)| (phrase.as_str(), Deed::Factor(*factor))));
        all.extend(self.order.iter().map(|(phrase, order)| (phrase.as_str(), Deed::Order(*order))));
        all.extend(self.directions.iter().map(|(phrase, way)| (phrase.as_str(), Deed::Direction(*way))));
        all.extend(self.shapes.iter().map(|(phrase, noun)| (phrase.as_str(), Deed::Shape(noun.clone()))));
        all
    }
}
