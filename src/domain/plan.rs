//! A plan: the typed list of modelling steps, and the one domain type that is also a format (JSON, version 1). It knows no step by name;
//! what a step may hold is the catalog's matter, and what it may not is a `Problem`.

use std::fmt;

use serde::de::{self, MapAccess, Visitor};
use serde::ser::SerializeMap;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// The version this program reads and writes.
pub const PLAN_VERSION: u32 = 1;

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Plan {
    pub plan: u32,
    pub bodies: Vec<Body>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Body {
    pub name: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub colour: Option<String>,
    /// Where it is, when it is not where its steps made it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub place: Option<Seat>,
    pub steps: Vec<Step>,
}

/// Where a body is: beside an earlier one.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Seat {
    /// The name of an earlier body.
    pub to: String,
    pub side: Side,
    /// Millimetres of air between the two; negative when it goes in.
    #[serde(default, skip_serializing_if = "is_nought")]
    pub gap: f64,
    /// Where on that side; several places make several copies. Nothing is the middle.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub at: Option<Placement>,
    /// Degrees about X, Y and Z before it is put there.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub turn: Option<[f64; 3]>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Side {
    /// It stands on the other's top.
    Top,
    /// It hangs under it.
    Bottom,
    Front,
    Back,
    Left,
    Right,
    /// In the same middle, bottoms level when there is no gap.
    Inside,
}

/// How a base that is not the first step of its body goes together with what is there.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Join {
    Add,
    Cut,
    /// What both have stays.
    Common,
}

/// One step. Keys other than those named here are its arguments.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Step {
    #[serde(rename = "do")]
    pub do_: String,
    /// For a base that is put on a body: how.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub combine: Option<Join>,
    /// For such a base: degrees about X, Y and Z, as the face is seen.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub turn: Option<[f64; 3]>,
    /// For such a base: millimetres out of the face; negative goes in.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lift: Option<f64>,
    #[serde(flatten)]
    pub arguments: Arguments,
    /// A named face of the body (`top`, `front` ...), or the last step of that name (`boss`, `pocket`).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub on: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub at: Option<Placement>,
}

/// Named values in the order they were written, which is also the order of a program's parameters.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Arguments(Vec<(String, Value)>);

/// Lengths are millimetres, angles degrees.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(untagged)]
pub enum Value {
    Switch(bool),
    Number(f64),
    Text(String),
    List(Vec<f64>),
    Points(Vec<[f64; 2]>),
}

/// Where a step goes: `"center"`, `{"at": [10, 5]}`, `{"corners": {"inset": 6}}`. The names are the catalog's.
#[derive(Debug, Clone, PartialEq)]
pub struct Placement {
    pub name: String,
    pub detail: Detail,
}

/// What stands behind a placement's name.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(untagged)]
pub enum Detail {
    Nothing(()),
    /// The placement's only argument.
    Value(Value),
    Arguments(Arguments),
}

/// Why a plan can't be built, in words, and where.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Problem {
    /// Index of the body and of the step in it; none when the plan as a whole is meant.
    pub body: Option<usize>,
    pub step: Option<usize>,
    pub argument: Option<String>,
    pub message: String,
    /// What the user can do about it.
    pub hint: String,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde hands a reference")]
fn is_nought(gap: &f64) -> bool {
    *gap == 0.0
}

impl Body {
    pub fn of(name: &str, steps: Vec<Step>) -> Body {
        Body { name: name.to_owned(), colour: None, place: None, steps }
    }
}

impl Step {
    /// A step with its name and arguments only.
    pub fn named(do_: &str, arguments: Arguments) -> Step {
        Step { do_: do_.to_owned(), combine: None, turn: None, lift: None, arguments, on: None, at: None }
    }
}

impl Plan {
    pub fn of(bodies: Vec<Body>) -> Plan {
        Plan { plan: PLAN_VERSION, bodies }
    }
}

impl Arguments {
    pub fn get(&self, name: &str) -> Option<&Value> {
        self.0.iter().find(|(key, _)| key == name).map(|(_, value)| value)
    }

    pub fn number(&self, name: &str) -> Option<f64> {
        self.get(name).and_then(Value::number)
    }

    /// Replaces the value in its place, or adds it at the end.
    pub fn set(&mut self, name: &str, value: Value) {
        match self.0.iter_mut().find(|(key, _)| key == name) {
            Some(entry) => entry.1 = value,
            None => self.0.push((name.to_owned(), value)),
        }
    }

    pub fn iter(&self) -> impl Iterator<Item = (&str, &Value)> {
        self.0.iter().map(|(key, value)| (key.as_str(), value))
    }

    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl Value {
    pub fn number(&self) -> Option<f64> {
        if let Value::Number(number) = self { Some(*number) } else { None }
    }

    pub fn text(&self) -> Option<&str> {
        if let Value::Text(text) = self { Some(text) } else { None }
    }

    /// Both numbers of a pair; one number stands for both.
    pub fn pair(&self) -> Option<[f64; 2]> {
        match self {
            Value::Number(number) => Some([*number, *number]),
            Value::List(list) if list.len() == 2 => Some([list[0], list[1]]),
            _ => None,
        }
    }
}

impl Placement {
    /// A placement without arguments.
    pub fn named(name: &str) -> Placement {
        Placement { name: name.to_owned(), detail: Detail::Nothing(()) }
    }
}

impl fmt::Display for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Value::Switch(on) => write!(f, "{on}"),
            Value::Number(number) => write!(f, "{number}"),
            Value::Text(text) => f.write_str(text),
            Value::List(list) => {
                f.write_str(&list.iter().map(f64::to_string).collect::<Vec<_>>().join(" x "))
            }
            Value::Points(points) => write!(f, "{} points", points.len()),
        }
    }
}

/// Whole numbers are written without a fraction, as a person writes them.
struct Plain(f64);

impl Serialize for Plain {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        if self.0.fract() == 0.0 && self.0.abs() < 1e15 {
            #[expect(
                clippy::cast_possible_truncation,
                reason = "whole and below 2^53, checked in the line above"
            )]
            serializer.serialize_i64(self.0 as i64)
        } else {
            serializer.serialize_f64(self.0)
        }
    }
}

impl Serialize for Value {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Value::Switch(on) => serializer.serialize_bool(*on),
            Value::Number(number) => Plain(*number).serialize(serializer),
            Value::Text(text) => serializer.serialize_str(text),
            Value::List(list) => serializer.collect_seq(list.iter().copied().map(Plain)),
            Value::Points(points) => {
                serializer.collect_seq(points.iter().map(|p| [Plain(p[0]), Plain(p[1])]))
            }
        }
    }
}

impl Serialize for Arguments {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.iter())
    }
}

impl<'de> Deserialize<'de> for Arguments {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Entries;
        impl<'de> Visitor<'de> for Entries {
            type Value = Arguments;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object of arguments")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Arguments, A::Error> {
                let mut arguments = Arguments::default();
                while let Some((key, value)) = map.next_entry::<String, Value>()? {
                    if arguments.get(&key).is_some() {
                        return Err(de::Error::custom(format!("The key `{key}` is there twice")));
                    }
                    arguments.0.push((key, value));
                }
                Ok(arguments)
            }
        }
        deserializer.deserialize_map(Entries)
    }
}

impl Serialize for Placement {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        if let Detail::Nothing(()) = self.detail {
            return serializer.serialize_str(&self.name);
        }
        let mut map = serializer.serialize_map(Some(1))?;
        match &self.detail {
            Detail::Nothing(()) => {}
            Detail::Value(value) => map.serialize_entry(&self.name, value)?,
            Detail::Arguments(arguments) => map.serialize_entry(&self.name, arguments)?,
        }
        map.end()
    }
}

impl<'de> Deserialize<'de> for Placement {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct NameOrObject;
        impl<'de> Visitor<'de> for NameOrObject {
            type Value = Placement;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a placement: a name, or an object with one name as its key")
            }

            fn visit_str<E: de::Error>(self, name: &str) -> Result<Placement, E> {
                Ok(Placement::named(name))
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Placement, A::Error> {
                let Some((name, detail)) = map.next_entry::<String, Detail>()? else {
                    return Err(de::Error::custom("A placement needs a name"));
                };
                if let Some(second) = map.next_key::<String>()? {
                    return Err(de::Error::custom(format!("A placement has one name, not also `{second}`")));
                }
                Ok(Placement { name, detail })
            }
        }
        deserializer.deserialize_any(NameOrObject)
    }
}

#[cfg(test)]
mod tests;
