//! Edits of a program that has no plan: a sentence that names its parameters changes them in the text. Every word has to
//! be accounted for; a sentence that says anything more needs the model.

mod words;

use super::{Answer, Draft};
use crate::domain::before::Before;
use crate::domain::outcome::Failure;
use crate::domain::parameter::{Declared, ParameterKind, changes};
use crate::domain::program::{ParameterValue, Parameters, Program};
use crate::domain::prompt::Prompt;
use crate::domain::quantity::{Quantity, Unit, round};
use crate::domain::reading::{Fate, Mark, Reading, Used};
use crate::domain::write_back::write_back;
use words::{Clause, Token, clauses, stems, takes_back};

/// They carry nothing beside a parameter and its value.
const AROUND: &[&str] = &[
    "make",
    "set",
    "change",
    "turn",
    "switch",
    "put",
    "use",
    "please",
    "the",
    "a",
    "an",
    "to",
    "be",
    "is",
    "of",
    "it",
    "its",
    "should",
    "must",
    "at",
    "equal",
    "now",
    "with",
    "have",
    "want",
    "i",
    "value",
    "parameter",
];
const UP: &[&str] = &["increase", "raise", "enlarge", "extend", "lengthen", "widen"];
const DOWN: &[&str] = &["decrease", "reduce", "lower", "shorten", "shrink", "narrow"];
const ON: &[&str] = &["on", "true", "yes", "enable", "enabled"];
const OFF: &[&str] = &["off", "false", "no", "disable", "disabled", "without"];
/// A parameter that counts may leave these out: `HOLE_COUNT` is meant by "six holes".
const COUNTS: &[&str] = &["count", "number", "num", "n", "no", "qty", "quantity"];

/// `take_back` gives the earlier part, for a sentence that asks for it.
pub(super) fn edit(
    before: &Before,
    prompt: &Prompt,
    take_back: impl FnOnce(&mut Reading) -> Result<Draft, Failure>,
) -> Answer {
    let mut reading = Reading::default();
    let draft = if takes_back(prompt.as_str()) {
        reading.undo = true;
        take_back(&mut reading)
    } else {
        propose(before, prompt, &mut reading)
    };
    if let Err(failure) = &draft {
        reading.question = Some(failure.message.clone());
    }
    Answer { reading, draft }
}

fn propose(before: &Before, prompt: &Prompt, reading: &mut Reading) -> Result<Draft, Failure> {
    let mut values = Parameters::new();
    for clause in clauses(prompt.as_str()) {
        let (parameter, value) = understand(&before.declared, &clause)?;
        let value = parameter.fit(&value).map_err(|bad| {
            Failure::new(
                "question",
                bad.to_string(),
                "Name another value, or change the range in the program",
            )
        })?;
        let change = parameter.change_to(&value);
        let as_ = format!("{} {}", change.what, change.to.unwrap_or_default());
        reading.spans.push(Mark { start: clause.span.start, end: clause.span.end, kind: Fate::Used });
        reading.used.push(Used { text: clause.text, as_, span: clause.span });
        values.insert(parameter.name.clone(), value);
    }
    reading.changes = changes(&before.declared, &values);
    if reading.changes.is_empty() {
        return Err(nothing_changes(&before.declared, reading));
    }
    // Values that sliders gave it go into the text too: from here on the program says what it is.
    let mut all = before.parameters.clone();
    all.extend(values);
    let text = write_back(before.program.as_str(), &before.declared, &all).map_err(|bad| unfit(&bad))?;
    let program = Program::parse(&text).map_err(|bad| unfit(&bad))?;
    Ok(Draft { lane: before.lane, understood: before.understood, ..Draft::of(program) })
}

/// The parameter that a clause names and the value it gives; every word must be one of them, or carry nothing.
fn understand<'a>(
    declared: &'a [Declared],
    clause: &Clause,
) -> Result<(&'a Declared, ParameterValue), Failure> {
    let words: Vec<&str> = clause.tokens.iter().filter_map(Token::word).collect();
    let mut meant: Vec<(usize, &Declared, ParameterValue)> = Vec::new();
    for parameter in declared {
        let Some(by) = named_by(parameter, &words) else { continue };
        let naming = |token: &&Token| token.word().is_some_and(|word| by.iter().any(|name| name == word));
        let rest: Vec<&Token> = clause.tokens.iter().filter(|token| !naming(token)).collect();
        if let Some(value) = value_of(parameter, &rest) {
            meant.push((by.len(), parameter, value));
        }
    }
    let most = meant.iter().map(|(words, ..)| *words).max();
    meant.retain(|(words, ..)| Some(*words) == most);
    if let [(_, first, _), (_, second, _), ..] = meant.as_slice() {
        let message = format!("`{}` may mean `{}` or `{}`; which one?", clause.text, first.name, second.name);
        return Err(Failure::new("question", message, "Name the parameter as the program spells it"));
    }
    let only = meant.pop().map(|(_, parameter, value)| (parameter, value));
    only.ok_or_else(|| needs_model(declared, clause))
}

/// The words of the clause that name the parameter: its name in one piece, all words of its name, or all of its label.
fn named_by(parameter: &Declared, words: &[&str]) -> Option<Vec<String>> {
    let name = parameter.name.to_lowercase();
    if words.contains(&name.as_str()) && name.contains('_') {
        // Nothing else can be meant; longer than any other match.
        return Some([vec![name.clone()], stems(&name)].concat());
    }
    let of = |text: &str| {
        let mut wanted = stems(text);
        if parameter.kind == ParameterKind::Count && wanted.len() > 1 {
            wanted.retain(|word| !COUNTS.contains(&word.as_str()) || words.contains(&word.as_str()));
        }
        let all = !wanted.is_empty() && wanted.iter().all(|word| words.contains(&word.as_str()));
        all.then_some(wanted)
    };
    let by_label = parameter.label.as_deref().and_then(of);
    [of(&name), by_label].into_iter().flatten().max_by_key(Vec::len)
}

/// What is left of a clause as a value; none when a word is left over.
fn value_of(parameter: &Declared, rest: &[&Token]) -> Option<ParameterValue> {
    let carries = |token: &&&Token| token.word().is_none_or(|word| !AROUND.contains(&word));
    let left: Vec<&Token> = rest.iter().filter(carries).copied().collect();
    match left.as_slice() {
        [Token::Number(quantity)] => number(parameter, quantity),
        [Token::Text(text)] => Some(ParameterValue::Text(text.clone())),
        [Token::Word(word)] if parameter.kind == ParameterKind::Switch => {
            let on = ON.contains(&word.as_str());
            (on || OFF.contains(&word.as_str())).then_some(ParameterValue::Switch(on))
        }
        [Token::Word(word)] => chosen(parameter, word),
        // "increase it by 5", "increase it to 25"
        [Token::Word(verb), Token::Number(to)] => towards(verb).and_then(|_| number(parameter, to)),
        [Token::Word(verb), Token::Word(by), Token::Number(amount)] if by == "by" => {
            let sign = towards(verb)?;
            let now = parameter.value.number()?;
            let amount = match amount.unit {
                Unit::Percent => now * amount.value / 100.0,
                _ => number(parameter, amount)?.number()?,
            };
            Some(ParameterValue::Number(round(now + sign * amount)))
        }
        _ => None,
    }
}

fn towards(verb: &str) -> Option<f64> {
    let up = UP.contains(&verb);
    (up || DOWN.contains(&verb)).then_some(if up { 1.0 } else { -1.0 })
}

/// In the parameter's own unit. An angle for a length, or a length for a count, is no value.
fn number(parameter: &Declared, quantity: &Quantity) -> Option<ParameterValue> {
    if quantity.unit == Unit::None {
        return Some(ParameterValue::Number(quantity.value));
    }
    let own = match parameter.unit.as_deref() {
        Some(unit) => Unit::named(&unit.to_lowercase())?,
        None if quantity.unit.is_length() => Unit::Mm,
        None => quantity.unit,
    };
    if own.is_length() != quantity.unit.is_length() || parameter.kind == ParameterKind::Count {
        return None;
    }
    let one = Quantity { value: 1.0, unit: own, ..quantity.clone() };
    Some(ParameterValue::Number(round(quantity.in_plan_units() / one.in_plan_units())))
}

fn chosen(parameter: &Declared, word: &str) -> Option<ParameterValue> {
    let is = |choice: &&ParameterValue| matches!(choice, ParameterValue::Text(text) if text.to_lowercase() == word);
    parameter.choices.iter().find(is).cloned()
}

fn needs_model(declared: &[Declared], clause: &Clause) -> Failure {
    let message = format!(
        "`{}` needs the language model, which is not installed: without it, a sentence can only change parameters of a program that has no plan",
        clause.text
    );
    Failure::new("question", message, known(declared))
}

fn nothing_changes(declared: &[Declared], reading: &Reading) -> Failure {
    let message = match reading.used.as_slice() {
        [] => "It is not said what should change".to_owned(),
        used => {
            let so = used.iter().map(|used| used.as_.as_str()).collect::<Vec<_>>().join(", ");
            format!("Nothing changes: it has {so} already")
        }
    };
    Failure::new("question", message, known(declared))
}

fn known(declared: &[Declared]) -> String {
    let names: Vec<String> = declared.iter().map(|parameter| format!("`{}`", parameter.name)).collect();
    match names.as_slice() {
        [] => "Edit the program by hand; it declares no parameters such as `LENGTH = 60.0`".to_owned(),
        names => format!("Edit the program by hand, or change one of {}", names.join(", ")),
    }
}

fn unfit(error: &impl std::error::Error) -> Failure {
    Failure::new("question", error.to_string(), "Edit the program by hand")
}

impl Token {
    fn word(&self) -> Option<&str> {
        if let Self::Word(word) = self { Some(word) } else { None }
    }
}

#[cfg(test)]
mod tests;
