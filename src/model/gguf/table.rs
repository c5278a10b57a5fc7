//! The keys and values of a GGUF header. Numbers and texts are kept; of a list only where it lies.

use std::collections::HashMap;
use std::io::{Read, Seek};

use super::bad::{BadFile, shown};
use super::read::Bytes;

/// The kinds of values, by their number in the file (`enum gguf_type` of ggml's `gguf.h`, read in llama-cpp-sys-2 0.1.160).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    U8,
    I8,
    U16,
    I16,
    U32,
    I32,
    F32,
    Bool,
    Text,
    List,
    U64,
    I64,
    F64,
}

impl Kind {
    const ALL: [Self; 13] = [
        Self::U8,
        Self::I8,
        Self::U16,
        Self::I16,
        Self::U32,
        Self::I32,
        Self::F32,
        Self::Bool,
        Self::Text,
        Self::List,
        Self::U64,
        Self::I64,
        Self::F64,
    ];

    fn read<R: Read + Seek>(bytes: &mut Bytes<R>, key: &str) -> Result<Self, BadFile> {
        let number = bytes.u32()?;
        let kind = usize::try_from(number).ok().and_then(|number| Self::ALL.get(number));
        let unknown = || {
            BadFile::Damaged(format!("`{}` has a value of the unknown kind {number}", shown(key.as_bytes())))
        };
        kind.copied().ok_or_else(unknown)
    }

    /// Of a text, its length; of a list, its kind and length.
    fn bytes_min(self) -> u64 {
        match self {
            Self::U8 | Self::I8 | Self::Bool => 1,
            Self::U16 | Self::I16 => 2,
            Self::U32 | Self::I32 | Self::F32 => 4,
            Self::Text | Self::U64 | Self::I64 | Self::F64 => 8,
            Self::List => 12,
        }
    }

    pub(super) fn name(self) -> &'static str {
        match self {
            Self::U8 => "u8",
            Self::I8 => "i8",
            Self::U16 => "u16",
            Self::I16 => "i16",
            Self::U32 => "u32",
            Self::I32 => "i32",
            Self::F32 => "f32",
            Self::Bool => "bool",
            Self::Text => "a text",
            Self::List => "a list",
            Self::U64 => "u64",
            Self::I64 => "i64",
            Self::F64 => "f64",
        }
    }
}

/// Where a list lies in the file.
#[derive(Clone, Copy, Debug)]
pub(super) struct List {
    pub(super) element: Kind,
    pub(super) count: u64,
    pub(super) at: u64,
}

#[derive(Debug)]
enum Value {
    Number { kind: Kind, bits: u64 },
    Text(Vec<u8>),
    LongText,
    List(List),
}

impl Value {
    fn read<R: Read + Seek>(bytes: &mut Bytes<R>, key: &str) -> Result<Self, BadFile> {
        let kind = Kind::read(bytes, key)?;
        match kind {
            Kind::Text => Ok(bytes.text()?.map_or(Self::LongText, Self::Text)),
            Kind::List => List::pass(bytes, key).map(Self::List),
            _ => {
                let bits = match kind.bytes_min() {
                    1 => u64::from(bytes.array::<1>()?[0]),
                    2 => u64::from(u16::from_le_bytes(bytes.array()?)),
                    4 => u64::from(bytes.u32()?),
                    _ => bytes.u64()?,
                };
                Ok(Self::Number { kind, bits })
            }
        }
    }

    fn kind(&self) -> &'static str {
        match self {
            Self::Number { kind, .. } => kind.name(),
            Self::Text(_) => "a text",
            Self::LongText => "a text of more than 1 MiB",
            Self::List(_) => "a list",
        }
    }
}

impl List {
    /// Takes the list's facts and goes to its end.
    fn pass<R: Read + Seek>(bytes: &mut Bytes<R>, key: &str) -> Result<Self, BadFile> {
        let element = Kind::read(bytes, key)?;
        let count = bytes.u64()?;
        let at = bytes.at();
        bytes.expect(count, element.bytes_min())?;
        match element {
            Kind::List => {
                let key = shown(key.as_bytes());
                return Err(BadFile::Damaged(format!("`{key}` is a list of lists, which no model has")));
            }
            Kind::Text => {
                for _ in 0..count {
                    let length = bytes.u64()?;
                    bytes.skip(length)?;
                }
            }
            _ => bytes.skip(count * element.bytes_min())?,
        }
        Ok(Self { element, count, at })
    }
}

/// All keys.
pub(super) struct Table {
    values: HashMap<String, Value>,
}

impl Table {
    pub(super) fn read<R: Read + Seek>(bytes: &mut Bytes<R>, count: u64) -> Result<Self, BadFile> {
        let mut values = HashMap::new();
        for place in 1..=count {
            let nameless = || BadFile::Damaged(format!("key {place} of {count} has no proper name"));
            let key = bytes.text()?.and_then(|key| String::from_utf8(key).ok()).filter(|key| !key.is_empty());
            let key = key.ok_or_else(nameless)?;
            let value = Value::read(bytes, &key)?;
            let name = shown(key.as_bytes());
            if values.insert(key, value).is_some() {
                return Err(BadFile::Damaged(format!("it has the key `{name}` twice")));
            }
        }
        Ok(Self { values })
    }

    /// llama.cpp takes the exact kind only, so another one would fail there with less to say.
    fn number(&self, key: &str, wanted: &[Kind]) -> Result<Option<u64>, BadFile> {
        match self.values.get(key) {
            None => Ok(None),
            Some(Value::Number { kind, bits }) if wanted.contains(kind) => Ok(Some(*bits)),
            Some(other) => Err(wrong(key, other.kind(), wanted[0].name())),
        }
    }

    pub(super) fn u32(&self, key: &str) -> Result<Option<u32>, BadFile> {
        Ok(self.number(key, &[Kind::U32])?.and_then(|bits| u32::try_from(bits).ok()))
    }

    /// A count of any unsigned kind.
    pub(super) fn unsigned(&self, key: &str) -> Result<Option<u64>, BadFile> {
        self.number(key, &[Kind::U16, Kind::U8, Kind::U32, Kind::U64])
    }

    pub(super) fn text(&self, key: &str) -> Result<Option<String>, BadFile> {
        match self.values.get(key) {
            None => Ok(None),
            Some(Value::Text(text)) => Ok(Some(String::from_utf8_lossy(text).into_owned())),
            Some(other) => Err(wrong(key, other.kind(), "a text")),
        }
    }

    /// A list whose elements are one of these kinds.
    pub(super) fn list(&self, key: &str, wanted: &[Kind]) -> Result<Option<List>, BadFile> {
        match self.values.get(key) {
            None => Ok(None),
            Some(Value::List(list)) if wanted.contains(&list.element) => Ok(Some(*list)),
            Some(Value::List(list)) => {
                let (is, should) = (format!("a list of {}", list.element.name()), wanted[0].name());
                Err(wrong(key, &is, &format!("a list of {should}")))
            }
            Some(other) => Err(wrong(key, other.kind(), &format!("a list of {}", wanted[0].name()))),
        }
    }

    pub(super) fn is_list(&self, key: &str) -> bool {
        matches!(self.values.get(key), Some(Value::List(_)))
    }
}

fn wrong(key: &str, is: &str, should: &str) -> BadFile {
    BadFile::Damaged(format!("`{}` should be {should} but is {is}", shown(key.as_bytes())))
}
