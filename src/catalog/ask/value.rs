//! One argument of a step as a model wrote it, made into the plan's value: numbers with units become millimetres, names of standard sizes the
//! numbers of their tables, other words the choices that they mean.

use std::collections::BTreeMap;

use serde_json::Value as Json;

use super::super::Catalog;
use super::super::read::lexer::words_of;
use super::super::scene::Fault;
use super::super::table::{Argument, Sizes, Step, Type};
use super::super::words::{Sense, plain_size};
use super::amount::{Want, amount};
use super::words::{SIZE_DIGITS_MIN, sizes_of};
use crate::domain::plan::{Arguments, Value};
use crate::domain::quantity::round;

/// What was read otherwise than it was written.
#[derive(Debug, Clone, Default)]
pub(super) struct Told {
    pub converted: Vec<(String, String)>,
    pub renamed: Vec<(String, String)>,
}

/// A value, or the word that there is none: `null`, "through".
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Given {
    Value(Value),
    Absent,
}

/// An argument, what it is given, and the standard size that it came from.
type Named<'a> = (&'a Argument, Given, Option<Row<'a>>);

/// The step's own arguments and what each is given.
pub(super) struct Reader<'a> {
    pub catalog: &'a Catalog,
    pub spec: &'a Step,
    pub told: &'a mut Told,
}

impl<'a> Reader<'a> {
    /// All arguments of a step. A standard size also gives those that the answer left out.
    pub(super) fn arguments<'j>(
        &mut self,
        members: impl Iterator<Item = (&'j String, &'j Json)>,
    ) -> Result<Arguments, Fault> {
        let mut all = Arguments::default();
        let mut fill = None;
        for (argument, given, size) in self.given(members)? {
            if let Given::Value(value) = given {
                all.set(&argument.name, value);
            }
            fill = fill.or(size);
        }
        if let Some((sizes, row)) = fill {
            for argument in &self.spec.arguments {
                if all.get(&argument.name).is_some() {
                    continue;
                }
                let Some(value) = sizes.columns.get(&argument.name).and_then(|column| row.get(column)) else {
                    continue;
                };
                self.told.converted.push((argument.name.clone(), written(argument, *value)));
                all.set(&argument.name, Value::Number(*value));
            }
        }
        Ok(all)
    }

    /// Each argument that is named, with its value and the standard size that it came from.
    pub(super) fn given<'j>(
        &mut self,
        members: impl Iterator<Item = (&'j String, &'j Json)>,
    ) -> Result<Vec<Named<'a>>, Fault> {
        let mut all: Vec<Named<'a>> = Vec::new();
        for (key, json) in members {
            let (argument, factor) = self.named(key)?;
            if all.iter().any(|(other, ..)| other.name == argument.name) {
                let message = format!("`{key}` gives the {} twice", argument.title.to_lowercase());
                return Err(Fault::new(Some(&argument.name), message, "Give it once"));
            }
            let (given, size) = self.one(argument, json, factor)?;
            all.push((argument, given, size));
        }
        Ok(all)
    }

    /// The argument of this name, or that people call so; a radius is half a diameter.
    fn named(&mut self, key: &str) -> Result<(&'a Argument, f64), Fault> {
        let of_plans = |argument: &&Argument| !argument.read_only;
        let spec = self.spec;
        if let Some(argument) = spec.argument(key).filter(of_plans) {
            return Ok((argument, 1.0));
        }
        let phrase = words_of(&key.replace(['_', '-'], " ")).join(" ");
        let step = self.catalog.index_of(&spec.name);
        let senses = self.catalog.words.senses(&phrase).unwrap_or_default();
        let found = senses.iter().find_map(|sense| match sense {
            Sense::Argument(naming) if Some(naming.step) == step && naming.targets.len() == 1 => {
                Some((spec.arguments.get(naming.targets[0]).filter(of_plans)?, naming.factor))
            }
            Sense::Says { step: of, argument } | Sense::Choice { step: of, argument, .. }
                if Some(*of) == step =>
            {
                Some((spec.arguments.get(*argument).filter(of_plans)?, 1.0))
            }
            _ => None,
        });
        if let Some((argument, _)) = found {
            self.told.renamed.push((key.to_owned(), argument.name.clone()));
        }
        found.ok_or_else(|| {
            let names: Vec<&str> =
                spec.arguments.iter().filter(of_plans).map(|argument| argument.name.as_str()).collect();
            let hint = match names.as_slice() {
                [] => "It has no arguments".to_owned(),
                names => format!("Its arguments are {}", names.join(", ")),
            };
            Fault::new(Some(key), format!("A {} has no argument `{key}`", spec.title.to_lowercase()), hint)
        })
    }

    fn one(
        &mut self,
        argument: &'a Argument,
        json: &Json,
        factor: f64,
    ) -> Result<(Given, Option<Row<'a>>), Fault> {
        if json.is_null() || says_absent(argument, json) {
            return Ok((Given::Absent, None));
        }
        if let Some((row, value)) =
            json.as_str().and_then(|text| standard(self.catalog, self.spec, argument, text))
        {
            let text = json.as_str().unwrap_or_default().to_owned();
            self.told.converted.push((text, written(argument, value)));
            return Ok((Given::Value(Value::Number(value)), Some(row)));
        }
        let value = match argument.type_ {
            Type::Length => self.number(json, Want::Length, factor).map(Value::Number),
            Type::Angle => self.number(json, Want::Angle, factor).map(Value::Number),
            Type::Count => self.number(json, Want::Count, factor).map(Value::Number),
            Type::Choice => self.choice(argument, json),
            Type::Text => text(json).map(Value::Text),
            Type::Switch => switch(json).map(Value::Switch),
            Type::Point => self.point(json).map(|point| Value::List(point.to_vec())),
            Type::Pair => match json {
                Json::Array(_) | Json::Object(_) => self.point(json).map(|point| Value::List(point.to_vec())),
                json => self.number(json, Want::Length, factor).map(Value::Number),
            },
            Type::Points => self.points(json).map(Value::Points),
        };
        let value = value.ok_or_else(|| {
            let title = argument.title.to_lowercase();
            let message = format!("The {title} of the {} can't be `{json}`", self.spec.title.to_lowercase());
            Fault::new(Some(&argument.name), message, expected(argument))
        })?;
        Ok((Given::Value(value), None))
    }

    fn number(&mut self, json: &Json, want: Want, factor: f64) -> Option<f64> {
        let number = number(self.catalog, json, want, self.told)?;
        Some(round(number * factor))
    }

    fn choice(&mut self, argument: &Argument, json: &Json) -> Option<Value> {
        let said = json.as_str()?;
        let step = self.catalog.index_of(&self.spec.name);
        let index = self.spec.arguments.iter().position(|other| other.name == argument.name);
        if argument.choices.contains_key(said) {
            return Some(Value::Text(said.to_owned()));
        }
        let phrase = words_of(&said.replace(['_', '-'], " ")).join(" ");
        let meant =
            self.catalog.words.senses(&phrase).into_iter().flatten().find_map(|sense| match sense {
                Sense::Choice { step: of, argument, value }
                    if Some(*of) == step && Some(*argument) == index =>
                {
                    Some(value.clone())
                }
                _ => None,
            })?;
        self.told.renamed.push((said.to_owned(), meant.clone()));
        Some(Value::Text(meant))
    }

    /// `[10,5]`, `{"x":10,"y":5}`
    fn point(&mut self, json: &Json) -> Option<[f64; 2]> {
        let both = match json {
            Json::Array(list) => match list.as_slice() {
                [x, y] => [x, y],
                _ => return None,
            },
            Json::Object(named) if named.len() == 2 => [named.get("x")?, named.get("y")?],
            _ => return None,
        };
        Some([self.number(both[0], Want::Length, 1.0)?, self.number(both[1], Want::Length, 1.0)?])
    }

    fn points(&mut self, json: &Json) -> Option<Vec<[f64; 2]>> {
        match json {
            Json::Array(list)
                if !list.is_empty() && !list.iter().all(|one| one.is_number() || one.is_string()) =>
            {
                list.iter().map(|one| self.point(one)).collect()
            }
            one => self.point(one).map(|point| vec![point]),
        }
    }
}

/// "through" for a depth: the value is not there.
fn says_absent(argument: &Argument, json: &Json) -> bool {
    let Some(said) = json.as_str() else { return false };
    let same = |word: &String| word.eq_ignore_ascii_case(said);
    argument.absent.as_ref().is_some_and(same) || argument.absent_words.iter().any(same)
}

/// The value that a table has for the standard size of this name.
pub(super) fn standard<'c>(
    catalog: &'c Catalog,
    spec: &'c Step,
    argument: &'c Argument,
    name: &str,
) -> Option<(Row<'c>, f64)> {
    let name = name.trim();
    if name.is_empty() || (name.len() < SIZE_DIGITS_MIN && name.chars().all(|c| c.is_ascii_digit())) {
        return None;
    }
    let plain = plain_size(name);
    sizes_of(spec, &argument.name).find_map(|sizes| {
        let table = catalog.sizes.get(&sizes.table)?;
        let same = || table.sizes.iter().find(|(key, _)| plain_size(key) == plain);
        // "#8" is the coarse thread, which comes first.
        let begins = || {
            let start = name.starts_with('#').then(|| format!("{name}-"))?;
            table.sizes.iter().find(|(key, _)| key.starts_with(&start))
        };
        let (_, row) = table.sizes.get_key_value(name).or_else(same).or_else(begins)?;
        let value = row.get(sizes.columns.get(&argument.name)?)?;
        Some(((sizes, row), *value))
    })
}

/// A row of a table of standard sizes, and which arguments it fills.
pub(super) type Row<'a> = (&'a Sizes, &'a BTreeMap<String, f64>);

/// A number, or a quantity in quotation marks.
pub(super) fn number(catalog: &Catalog, json: &Json, want: Want, told: &mut Told) -> Option<f64> {
    match json {
        Json::Number(number) => number.as_f64().filter(|value| value.is_finite()).map(round),
        Json::String(text) => {
            let value = amount(catalog, text, want)?;
            let unit = match want {
                Want::Length => " mm",
                Want::Angle => "°",
                Want::Count => "",
            };
            told.converted.push((text.clone(), format!("{value}{unit}")));
            Some(value)
        }
        _ => None,
    }
}

fn text(json: &Json) -> Option<String> {
    match json {
        Json::String(text) => Some(text.clone()),
        Json::Number(number) => Some(number.to_string()),
        _ => None,
    }
}

fn switch(json: &Json) -> Option<bool> {
    match json {
        Json::Bool(on) => Some(*on),
        Json::String(word) => match word.to_lowercase().as_str() {
            "true" | "yes" | "on" => Some(true),
            "false" | "no" | "off" => Some(false),
            _ => None,
        },
        _ => None,
    }
}

fn written(argument: &Argument, value: f64) -> String {
    format!("{value} {}", argument.unit()).trim_end().to_owned()
}

fn expected(argument: &Argument) -> String {
    match argument.type_ {
        Type::Length => "It is a number of millimetres, or a quantity like \"2in\"".to_owned(),
        Type::Angle => "It is a number of degrees".to_owned(),
        Type::Count => "It is a whole number".to_owned(),
        Type::Choice => {
            let choices: Vec<&str> = argument.choices.keys().map(String::as_str).collect();
            format!("It is one of {}", choices.join(", "))
        }
        Type::Text => "It is a text".to_owned(),
        Type::Switch => "It is true or false".to_owned(),
        Type::Point => "It is two numbers, x and y: [10,5]".to_owned(),
        Type::Pair => "It is one number or two: 6 or [10,5]".to_owned(),
        Type::Points => "It is a list of points: [[10,5],[20,5]]".to_owned(),
    }
}
