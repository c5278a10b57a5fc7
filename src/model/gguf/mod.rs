//! The header of a GGUF file, read without llama.cpp, which aborts on some damaged or hostile files.
//!
//! What it refuses comes with a sentence for a person. It believes no length before it has held it against the file
//! and the bounds, reads at most `MODEL_HEADER_BYTES_MAX`, and never looks at the weights: whether these are whole
//! only a hash can tell (`library`). What passes here still meets llama.cpp in a process of its own.

mod bad;
mod read;
#[cfg(test)]
pub(crate) mod sample;
mod shape;
mod table;
mod tensor;
#[cfg(test)]
mod tests;
mod vocabulary;

use std::fs::{File, OpenOptions};
use std::io::{BufReader, Read, Seek};
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

pub use bad::{BadFile, size};
use read::Bytes;
use shape::Shape;
use table::Table;
use tensor::{Tensors, file_type};
pub use vocabulary::Token;
use vocabulary::Vocabulary;

use crate::domain::limits::{MODEL_KEYS_MAX, MODEL_RAM_OVERHEAD_BYTES, MODEL_TENSORS_MAX};

/// How a model wants to be asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// Our own small model: a sentence in, a plan out. Announced by the key `naturalcad.prompt` with `plan-1`.
    NaturalcadPlan { version: u32 },
    /// By the chat template in the file.
    Chat,
    /// It only continues text.
    Plain,
}

impl Form {
    pub fn name(self) -> &'static str {
        match self {
            Self::NaturalcadPlan { .. } => "naturalcad.plan",
            Self::Chat => "chat",
            Self::Plain => "plain",
        }
    }
}

/// What a sound file says of itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Header {
    pub architecture: String,
    /// `general.name`
    pub name: Option<String>,
    /// Weights, counted from the shapes.
    pub parameters: u64,
    /// For example `Q4_K_M`.
    pub quantisation: String,
    /// Tokens that it was trained for.
    pub context_length: u32,
    pub licence: Option<String>,
    pub chat_template: Option<String>,
    pub form: Form,
    pub block_count: u32,
    pub embedding_length: u32,
    /// The largest of all layers; 0 for a model without attention.
    pub head_count: u32,
    pub head_count_kv: u32,
    /// How many different tokens there are.
    pub vocabulary: u32,
    pub bos: Option<Token>,
    pub eos: Option<Token>,
    /// End of a turn, where the file names one.
    pub eot: Option<Token>,
    /// Bytes of all weights.
    pub weight_bytes: u64,
    /// Bytes that one token of context takes: for each layer, its key/value heads times the lengths of a key and a
    /// value, in 16-bit numbers.
    pub cache_bytes_per_token: u64,
}

impl Header {
    /// Reads and checks the header of a file. Takes some ten milliseconds for a large vocabulary.
    pub fn read(path: &Path) -> Result<Self, BadFile> {
        let (file, bytes) = open(path)?;
        Self::parse(BufReader::with_capacity(1 << 16, file), bytes)
    }

    fn parse(from: impl Read + Seek, file_bytes: u64) -> Result<Self, BadFile> {
        let mut bytes = Bytes::new(from, file_bytes);
        let (tensors, keys) = begin(&mut bytes)?;
        let table = Table::read(&mut bytes, keys)?;
        refuse_strangers(&table)?;
        let tensors = Tensors::read(&mut bytes, tensors, alignment(&table)?)?;
        let shape = Shape::read(&mut bytes, &table)?;
        let vocabulary = Vocabulary::read(&mut bytes, &table)?;
        let licence = match table.text("general.license")? {
            Some(licence) => Some(licence),
            None => table.text("general.license.name")?,
        };
        let (licence, name) = (licence.and_then(label), table.text("general.name")?.and_then(label));
        let chat_template = table.text("tokenizer.chat_template")?;
        let quantisation = table.u32("general.file_type")?.and_then(file_type).unwrap_or(tensors.commonest);
        Ok(Self {
            architecture: shape.architecture,
            name,
            parameters: tensors.parameters,
            quantisation: quantisation.to_owned(),
            context_length: shape.context_length,
            licence,
            form: form(&table, chat_template.is_some())?,
            chat_template,
            block_count: shape.block_count,
            embedding_length: shape.embedding_length,
            head_count: shape.head_count,
            head_count_kv: shape.head_count_kv,
            vocabulary: vocabulary.tokens,
            bos: vocabulary.bos,
            eos: vocabulary.eos,
            eot: vocabulary.eot,
            weight_bytes: tensors.bytes,
            cache_bytes_per_token: shape.cache_bytes_per_token,
        })
    }

    /// Memory that the model needs with so many tokens of context: the weights, plus a key/value cache of
    /// 2 x layers x kv heads x head length x 2 bytes for each token (layer by layer where they differ), plus
    /// `MODEL_RAM_OVERHEAD_BYTES` for llama.cpp's own buffers. A context beyond the model's own counts as that.
    pub fn ram_needed_bytes(&self, context: u32) -> u64 {
        let tokens = u64::from(context.min(self.context_length));
        let cache = self.cache_bytes_per_token.saturating_mul(tokens);
        self.weight_bytes.saturating_add(cache).saturating_add(MODEL_RAM_OVERHEAD_BYTES)
    }
}

/// Opens a plain file; a pipe must not keep us waiting, a device must not feed us.
pub(crate) fn open(path: &Path) -> Result<(File, u64), BadFile> {
    let nonblock = rustix::fs::OFlags::NONBLOCK.bits().cast_signed();
    let file = OpenOptions::new().read(true).custom_flags(nonblock).open(path).map_err(BadFile::Open)?;
    let facts = file.metadata().map_err(BadFile::Open)?;
    match facts.file_type() {
        kind if kind.is_file() => Ok((file, facts.len())),
        kind if kind.is_dir() => Err(BadFile::NotAFile("a folder")),
        _ => Err(BadFile::NotAFile("a pipe or a device")),
    }
}

/// Magic, version and the two counts: of weights and of keys.
fn begin<R: Read + Seek>(bytes: &mut Bytes<R>) -> Result<(u64, u64), BadFile> {
    if bytes.file_bytes() == 0 {
        return Err(BadFile::Empty);
    }
    let magic: [u8; 4] = bytes.array()?;
    match &magic {
        b"GGUF" => {}
        b"vers" => return Err(BadFile::Pointer),
        other => return Err(BadFile::NotGguf(other.escape_ascii().to_string())),
    }
    let version = bytes.u32()?;
    match version {
        2 | 3 => {}
        // A small number read the wrong way round.
        _ if version != 0 && version.trailing_zeros() >= 16 => return Err(BadFile::BigEndian),
        _ => return Err(BadFile::Version(version)),
    }
    let (tensors, keys) = (bytes.u64()?, bytes.u64()?);
    for (count, what, most) in [(tensors, "weights", MODEL_TENSORS_MAX), (keys, "keys", MODEL_KEYS_MAX)] {
        if count > most {
            return Err(BadFile::Damaged(format!("it claims {count} {what}; at most {most} are believed")));
        }
    }
    Ok((tensors, keys))
}

fn alignment(table: &Table) -> Result<u64, BadFile> {
    /// `GGUF_DEFAULT_ALIGNMENT`
    const USUAL: u32 = 32;
    let alignment = table.u32("general.alignment")?.unwrap_or(USUAL);
    if !alignment.is_power_of_two() {
        return Err(BadFile::Damaged(format!("its alignment is {alignment}, which is no power of two")));
    }
    Ok(u64::from(alignment))
}

/// Sound files that are no whole model.
fn refuse_strangers(table: &Table) -> Result<(), BadFile> {
    let parts = table.unsigned("split.count")?.unwrap_or(1);
    if parts > 1 {
        let what = format!("It is one of the {parts} parts of a split model; split models are not supported");
        return Err(BadFile::Unsupported(what));
    }
    match table.text("general.type")? {
        Some(kind) if kind != "model" => {
            let kind = bad::shown(kind.as_bytes());
            Err(BadFile::Unsupported(format!("It is of the type `{kind}`, not a model by itself")))
        }
        _ => Ok(()),
    }
}

/// A text of the file as a label for people: one short line, or none.
fn label(text: impl AsRef<str>) -> Option<String> {
    const LABEL_CHARS_MAX: usize = 120;
    let words =
        text.as_ref().split(|c: char| c.is_whitespace() || c.is_control()).filter(|word| !word.is_empty());
    let line: String = words.collect::<Vec<_>>().join(" ").chars().take(LABEL_CHARS_MAX).collect();
    (!line.is_empty()).then_some(line)
}

fn form(table: &Table, has_template: bool) -> Result<Form, BadFile> {
    let Some(ours) = table.text("naturalcad.prompt")? else {
        return Ok(if has_template { Form::Chat } else { Form::Plain });
    };
    let version = ours.strip_prefix("plan-").and_then(|version| version.parse().ok());
    let unknown = || {
        let ours = bad::shown(ours.as_bytes());
        BadFile::Unsupported(format!(
            "It wants to be asked in the form `{ours}`, which this program does not know"
        ))
    };
    Ok(Form::NaturalcadPlan { version: version.ok_or_else(unknown)? })
}
