//! Why a model file is refused: a sentence for a person, and what to do about it.

use std::fmt::Write;
use std::io;

/// The file is not a model that can be loaded.
#[derive(Debug, thiserror::Error)]
pub enum BadFile {
    #[error("The file cannot be opened: {0}")]
    Open(io::Error),
    #[error("The file cannot be read: {0}")]
    Read(io::Error),
    #[error("It is {0}, not a file")]
    NotAFile(&'static str),
    #[error("The file is empty")]
    Empty,
    #[error("It is not a GGUF file: it begins with `{0}` instead of `GGUF`")]
    NotGguf(String),
    #[error("It is a Git LFS pointer, a short text that stands for the model")]
    Pointer,
    #[error("It is a big-endian GGUF file, made for another kind of processor")]
    BigEndian,
    #[error("It has version {0} of the GGUF format; versions 2 and 3 can be read")]
    Version(u32),
    #[error("The file ends inside its {part}; it was not copied whole ({} are there)", of(*has, *needs))]
    CutOff { part: &'static str, has: u64, needs: u64 },
    /// The header contradicts itself.
    #[error("The file is damaged: {0}")]
    Damaged(String),
    #[error("The file does not say {0}")]
    Missing(String),
    /// A sound file of a kind that is not served.
    #[error("{0}")]
    Unsupported(String),
}

impl BadFile {
    pub fn hint(&self) -> &'static str {
        match self {
            Self::Open(error) if error.kind() == io::ErrorKind::PermissionDenied => {
                "Give yourself the right to read it, for example with `chmod u+r FILE`"
            }
            Self::Open(error) if error.kind() == io::ErrorKind::NotFound => {
                "If it is a link, the file that it points to is gone; copy the model itself"
            }
            Self::Open(_) | Self::Read(_) => "Check that its disk or stick is still there and sound",
            Self::NotAFile(_) => "Move it out of the models folder",
            Self::Empty | Self::CutOff { .. } => "Copy it again and compare its size with the original's",
            Self::Damaged(_) => {
                "Copy it again; if it stays so, the original is damaged or was made to do harm"
            }
            Self::NotGguf(_) => "Take a model in the GGUF format; its name ends in `.gguf`",
            Self::Pointer => "Download the model itself, for example with `git lfs pull`, and copy that",
            Self::BigEndian => "Take the little-endian file of this model",
            Self::Version(_) => "Take a file that was made for a llama.cpp of 2024 or later",
            Self::Missing(_) | Self::Unsupported(_) => {
                "Take a GGUF file that holds a whole language model: text in, text out"
            }
        }
    }
}

/// `12.0 MB of at least 48.0 MB`; in bytes where the rounded figures would look the same.
fn of(has: u64, needs: u64) -> String {
    let (short, whole) = (size(has), size(needs));
    if short == whole {
        format!("{has} of at least {needs} bytes")
    } else {
        format!("{short} of at least {whole}")
    }
}

/// A number of bytes as people write it, in powers of 1,000.
pub fn size(bytes: u64) -> String {
    let mut value = bytes as f64;
    let mut unit = "bytes";
    for next in ["kB", "MB", "GB", "TB"] {
        if value < 999.5 {
            break;
        }
        value /= 1000.0;
        unit = next;
    }
    match unit {
        "bytes" => format!("{bytes} bytes"),
        _ if value < 99.95 => format!("{value:.1} {unit}"),
        _ => format!("{value:.0} {unit}"),
    }
}

/// Text of a file that may be hostile, short and harmless enough for a message.
pub(super) fn shown(text: &[u8]) -> String {
    const SHOWN_CHARS: usize = 60;
    let text = String::from_utf8_lossy(text);
    let mut short = String::new();
    for c in text.chars().take(SHOWN_CHARS) {
        let _ = write!(short, "{}", c.escape_debug());
    }
    if text.chars().nth(SHOWN_CHARS).is_some() {
        short.push('…');
    }
    short
}
