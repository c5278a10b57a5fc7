//! A patch: what a model writes to change a plan. It names steps by their numbers, and code applies it, so that nothing else in the plan changes.

use std::fmt;

use serde::de::{self, MapAccess, Visitor};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::plan::{Placement, Seat, Step, Value};

/// The version this program reads and writes.
pub const PATCH_VERSION: u32 = 1;

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Patch {
    pub patch: u32,
    pub changes: Vec<Change>,
}

/// One change. Steps are counted from 1 over all bodies of the plan as it was before the patch.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "change", rename_all = "snake_case")]
pub enum Change {
    /// Other values of a step.
    Set {
        step: usize,
        values: Values,
    },
    /// Another place of a step.
    Move {
        step: usize,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        on: Option<String>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        at: Option<Placement>,
    },
    Remove {
        step: usize,
    },
    /// A step more, at the end of a body counted from 1; the number after the last makes a new body.
    Add {
        step: Box<Step>,
        #[serde(default = "first", skip_serializing_if = "is_first")]
        body: usize,
        /// Where a new body is.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        place: Option<Seat>,
    },
    /// The change is not clear enough to be made.
    Ask {
        question: String,
    },
}

fn first() -> usize {
    1
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde hands a reference")]
fn is_first(body: &usize) -> bool {
    *body == 1
}

/// Named values in the order they were written; none takes a value away.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Values(pub Vec<(String, Option<Value>)>);

impl Serialize for Values {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.0.iter().map(|(name, value)| (name, value)))
    }
}

impl<'de> Deserialize<'de> for Values {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Entries;
        impl<'de> Visitor<'de> for Entries {
            type Value = Values;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object of values")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Values, A::Error> {
                let mut values: Vec<(String, Option<Value>)> = Vec::new();
                while let Some((key, value)) = map.next_entry::<String, Option<Value>>()? {
                    if values.iter().any(|(other, _)| *other == key) {
                        return Err(de::Error::custom(format!("The key `{key}` is there twice")));
                    }
                    values.push((key, value));
                }
                Ok(Values(values))
            }
        }
        deserializer.deserialize_map(Entries)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_patch_is_written_as_it_is_read() {
        let text = concat!(
            r#"{"patch":1,"changes":[{"change":"set","step":3,"values":{"diameter":8,"depth":null}},"#,
            r#"{"change":"move","step":3,"on":"front","at":{"at":[10,5]}},{"change":"remove","step":2},"#,
            r#"{"change":"add","step":{"do":"hole","diameter":5}},"#,
            r#"{"change":"add","step":{"do":"box"},"body":2},{"change":"ask","question":"Which hole?"}]}"#
        );
        let patch: Patch = serde_json::from_str(text).unwrap();
        assert_eq!(serde_json::to_string(&patch).unwrap(), text);
    }
}
