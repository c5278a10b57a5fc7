//! What a model is told before it is asked: the format once and for all, the steps that fit the prompt, and worked examples of them. The same
//! prompt always gives the same text.

use std::collections::{BTreeMap, BTreeSet};

use super::super::Catalog;
use super::super::read::corrected_words;
use super::super::read::lexer::words_of;
use super::super::table::{Argument, Combine, Kind, Step, Type};
use super::super::words::Sense;
use super::arguments::in_turn;
use super::stated;
use super::words::sizes_of;
use crate::domain::limits::{PRIMER_CHARS_MAX, PROMPT_CHARS_MAX, WORKED_EXAMPLES_TRIED_MAX};
use crate::domain::plan::Plan;
use crate::domain::reading::Reading;

const PRIMER: &str = include_str!("../../../templates/prompts/plan.md");

/// Other words that are told for a step.
const WORDS_TOLD: usize = 6;
/// An unknown word is like a word of the table from this share of common letter triples on.
const LIKE_MIN: f64 = 0.5;

/// The fixed text: format, rules, all names.
pub(in crate::catalog) fn primer(catalog: &Catalog) -> String {
    let names = |wanted: &dyn Fn(&&Step) -> bool| -> String {
        let steps = catalog.steps.iter().filter(wanted);
        steps.map(|spec| spec.name.as_str()).collect::<Vec<_>>().join(", ")
    };
    let common = catalog.faces.iter().map(|face| face.name.as_str());
    let own = catalog.steps.iter().flat_map(|spec| &spec.own_faces).map(|face| face.name.as_str());
    let mut faces: Vec<&str> = Vec::new();
    for face in common.chain(own) {
        if !faces.contains(&face) {
            faces.push(face);
        }
    }
    let places = catalog.steps.iter().filter(|spec| is_place(spec)).map(place).collect::<Vec<_>>();
    let text = PRIMER
        .replace("{{ faces }}", &faces.join(", "))
        .replace("{{ surfaces }}", &names(&|spec| spec.surface.is_some()))
        .replace("{{ places }}", &places.join(", "))
        .replace("{{ bases }}", &names(&|spec| spec.kind == Kind::Base))
        .replace("{{ features }}", &names(&|spec| spec.kind == Kind::Feature));
    text.chars().take(PRIMER_CHARS_MAX).collect()
}

fn is_place(spec: &Step) -> bool {
    matches!(spec.kind, Kind::Placement | Kind::Pattern)
}

/// `{"corners":{"inset":..}}`; what may be missing has a question mark.
fn place(spec: &Step) -> String {
    let (required, optional) = in_turn(spec);
    match [required.as_slice(), optional.as_slice()].concat().as_slice() {
        [] => format!("\"{}\"", spec.name),
        [only] if only.type_ == Type::Point => format!("{{\"{}\":[x,y]}}", spec.name),
        [only] if only.type_ == Type::Points => format!("{{\"{}\":[[x,y],..]}}", spec.name),
        all => {
            let told = |argument: &&Argument| {
                let mark = if argument.required() { "" } else { "?" };
                format!("{}{mark}", argument.name)
            };
            format!("{{\"{}\":{{{}}}}}", spec.name, all.iter().map(told).collect::<Vec<_>>().join(","))
        }
    }
}

/// The steps that fit the prompt, best first, one line each, as far as they go into so many characters.
pub(in crate::catalog) fn lesson(catalog: &Catalog, prompt: &str, chars: usize) -> String {
    let mut text = String::new();
    let mut left = chars;
    for spec in fitting_or_plain(catalog, prompt) {
        let line = line(catalog, spec);
        let needed = line.chars().count() + 1;
        // A shorter one behind it may still go in.
        if needed > left {
            continue;
        }
        left -= needed;
        text.push_str(&line);
        text.push('\n');
    }
    text
}

/// `hole (feature on a face; drilled hole, bore): diameter mm or "M5"; depth mm, else through`
fn line(catalog: &Catalog, spec: &Step) -> String {
    let kind = match (spec.kind, spec.combine) {
        (Kind::Base, _) => "base",
        (_, Some(how)) if how.is_placed() => "feature on a face",
        (_, Some(Combine::Edges)) => "feature of edges",
        _ => "feature",
    };
    let name = spec.name.replace('_', " ");
    let variants = spec.variants.iter().flat_map(|variant| &variant.words);
    let also: Vec<&str> = spec.words.iter().chain(variants).map(String::as_str).collect();
    let also: Vec<&str> = also.into_iter().filter(|word| *word != name).take(WORDS_TOLD).collect();
    let (required, optional) = in_turn(spec);
    let arguments: Vec<String> =
        required.iter().chain(&optional).map(|argument| told(catalog, spec, argument)).collect();
    let arguments = if arguments.is_empty() { "nothing more".to_owned() } else { arguments.join("; ") };
    format!("{} ({kind}; {}): {arguments}", spec.name, also.join(", "))
}

fn told(catalog: &Catalog, spec: &Step, argument: &Argument) -> String {
    let what = match argument.type_ {
        Type::Length => " mm".to_owned(),
        Type::Angle => " deg".to_owned(),
        Type::Count => " count".to_owned(),
        Type::Choice => {
            format!(" {}", argument.choices.keys().map(String::as_str).collect::<Vec<_>>().join("|"))
        }
        Type::Point => " [x,y]".to_owned(),
        Type::Pair => " mm or [x,y]".to_owned(),
        Type::Points => " [[x,y],..]".to_owned(),
        Type::Text => " text".to_owned(),
        Type::Switch => " true|false".to_owned(),
    };
    let size = sizes_of(spec, &argument.name)
        .find_map(|sizes| catalog.sizes.get(&sizes.table))
        .and_then(|table| table.sizes.keys().find(|name| *name == "M5").or(table.sizes.keys().next()))
        .map(|name| format!(" or \"{name}\""))
        .unwrap_or_default();
    let missing = match (&argument.default, &argument.absent) {
        (Some(default), _) => format!(", else {default}"),
        (None, Some(absent)) => format!(", else {absent}"),
        (None, None) if argument.required() => String::new(),
        (None, None) => ", if any".to_owned(),
    };
    format!("{}{what}{size}{missing}", argument.name)
}

/// Examples of the fitting steps with the answers that a model should give: only those that the reader understands wholly, and in them only what
/// they say, in their own words, not what it assumed.
pub(in crate::catalog) fn worked_answers(catalog: &Catalog, prompt: &str, n: usize) -> Vec<(String, String)> {
    let answered = |(example, plan, reading): (String, Plan, Reading)| {
        let answer = stated::answer(catalog, &plan, &reading);
        (example, answer)
    };
    examples(catalog, prompt, n).into_iter().map(answered).collect()
}

fn examples(catalog: &Catalog, prompt: &str, n: usize) -> Vec<(String, Plan, Reading)> {
    let words: BTreeSet<String> = words_of(prompt).into_iter().collect();
    let common = |example: &&String| words_of(example).iter().filter(|word| words.contains(*word)).count();
    let ranked: Vec<Vec<&String>> = fitting_or_plain(catalog, prompt)
        .into_iter()
        .map(|spec| {
            let mut examples: Vec<&String> = spec.examples.iter().collect();
            examples.sort_by_key(|example| std::cmp::Reverse(common(example)));
            examples
        })
        .collect();
    // One of each step before a second of any.
    let longest = ranked.iter().map(Vec::len).max().unwrap_or_default();
    let turns = (0..longest).flat_map(|turn| ranked.iter().filter_map(move |examples| examples.get(turn)));
    let mut found: Vec<(String, Plan, Reading)> = Vec::new();
    for example in turns.take(WORKED_EXAMPLES_TRIED_MAX) {
        if found.len() >= n {
            break;
        }
        let reading = catalog.read(example);
        if !reading.complete() || found.iter().any(|(other, ..)| other == *example) {
            continue;
        }
        if let Some(plan) = stated::stated(catalog, &reading).filter(|plan| catalog.validate(plan).is_empty())
        {
            found.push(((*example).clone(), plan, reading));
        }
    }
    found
}

/// The fitting steps, and behind them those that most parts are made of.
fn fitting_or_plain<'c>(catalog: &'c Catalog, prompt: &str) -> Vec<&'c Step> {
    let mut all = fitting(catalog, prompt);
    let bare = |spec: &&Step| spec.arguments.iter().all(|argument| argument.default.is_none());
    let plain = |spec: &&Step| {
        let shaft = spec.tags.iter().any(|tag| tag == "shaft") && bare(spec);
        spec.implied.is_some() || spec.unnamed || !spec.stages.is_empty() || shaft
    };
    for spec in catalog.steps.iter().filter(plain) {
        if !all.iter().any(|other| other.name == spec.name) {
            all.push(spec);
        }
    }
    all
}

/// Bases and features that the words of the text speak of, best first.
pub(super) fn fitting<'c>(catalog: &'c Catalog, text: &str) -> Vec<&'c Step> {
    let text: String = text.chars().take(PROMPT_CHARS_MAX).collect();
    let words = corrected_words(&catalog.words, &text);
    let words: Vec<&str> =
        words.iter().map(String::as_str).filter(|word| !catalog.words.is_article(word)).collect();
    let mut scores = vec![Score::default(); catalog.steps.len()];
    for first in 0..words.len() {
        let longest = (words.len() - first).min(catalog.words.longest());
        for count in 1..=longest {
            let phrase = words[first..first + count].join(" ");
            for sense in catalog.words.senses(&phrase).into_iter().flatten() {
                note(&mut scores, sense, count);
            }
        }
    }
    let unknown: BTreeSet<&str> = words.into_iter().filter(|word| !catalog.words.knows(word)).collect();
    let unknown: Vec<BTreeSet<[char; 3]>> = unknown.into_iter().map(triples).collect();
    if !unknown.is_empty() {
        for (spec, score) in catalog.steps.iter().zip(&mut scores) {
            score.noun += likeness(spec, &unknown);
        }
    }
    let mut ranked: Vec<(f64, &Step)> = scores
        .iter()
        .zip(&catalog.steps)
        .map(|(score, spec)| (score.sum(), spec))
        .filter(|(score, spec)| *score > 0.0 && matches!(spec.kind, Kind::Base | Kind::Feature))
        .collect();
    ranked.sort_by(|(a, _), (b, _)| b.total_cmp(a));
    ranked.into_iter().map(|(_, spec)| spec).collect()
}

/// What speaks for a step: its own words, and words of its arguments, which many steps share.
#[derive(Debug, Clone, Default)]
struct Score {
    noun: f64,
    details: f64,
}

impl Score {
    /// Details only rank steps that are named.
    fn sum(&self) -> f64 {
        const DETAILS_MAX: f64 = 4.0;
        if self.noun > 0.0 { self.noun + self.details.min(DETAILS_MAX) } else { 0.0 }
    }
}

fn note(scores: &mut [Score], sense: &Sense, words: usize) {
    const WORD: f64 = 10.0;
    let words = words as f64;
    match sense {
        Sense::Step { step, .. } => scores[*step].noun += WORD * words,
        Sense::Says { step, .. } | Sense::Faces { step, .. } => scores[*step].noun += WORD / 2.0 * words,
        Sense::Argument(naming) => scores[naming.step].details += 0.5 * words,
        Sense::Choice { step, .. } | Sense::Absent { step, .. } | Sense::Fit { step, .. } => {
            scores[*step].details += 0.5 * words;
        }
        _ => {}
    }
}

/// How much the unknown words look like the words of a step: a word that is its whole name says more than one of several.
fn likeness(spec: &Step, unknown: &[BTreeSet<[char; 3]>]) -> f64 {
    const WORD: f64 = 6.0;
    const IN_PHRASE: f64 = 0.7;
    let variants = spec.variants.iter().flat_map(|variant| &variant.words);
    let mut own: BTreeMap<&str, f64> = BTreeMap::new();
    for phrase in spec.words.iter().chain(variants) {
        let weight = if phrase.contains(' ') { IN_PHRASE } else { 1.0 };
        for word in phrase.split(' ') {
            let known = own.entry(word).or_insert(weight);
            *known = known.max(weight);
        }
    }
    let own: Vec<(BTreeSet<[char; 3]>, f64)> =
        own.into_iter().map(|(word, weight)| (triples(word), weight)).collect();
    let best = |word: &BTreeSet<[char; 3]>| {
        let alike = own.iter().map(|(other, weight)| (alike(word, other), weight));
        alike
            .filter(|(alike, _)| *alike >= LIKE_MIN)
            .map(|(alike, weight)| alike * weight)
            .fold(0.0, f64::max)
    };
    unknown.iter().map(best).sum::<f64>() * WORD
}

/// Groups of three letters, with the ends of the word.
fn triples(word: &str) -> BTreeSet<[char; 3]> {
    let letters: Vec<char> = std::iter::once(' ').chain(word.chars()).chain([' ']).collect();
    letters.windows(3).map(|three| [three[0], three[1], three[2]]).collect()
}

fn alike(a: &BTreeSet<[char; 3]>, b: &BTreeSet<[char; 3]>) -> f64 {
    if a.is_empty() || b.is_empty() {
        return 0.0;
    }
    2.0 * a.intersection(b).count() as f64 / (a.len() + b.len()) as f64
}
