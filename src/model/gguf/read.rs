//! The bytes of a GGUF header, one after another: never past the end of the file, never more than the bound.
//!
//! Lengths in the file are believed only after they were held against both, so nothing is allocated for a lie.

use std::io::{self, Read, Seek};

use super::bad::{BadFile, size};
use crate::domain::limits::{MODEL_HEADER_BYTES_MAX, MODEL_TEXT_BYTES_MAX};

pub(super) struct Bytes<R> {
    from: R,
    at: u64,
    /// How many there are.
    end: u64,
}

impl<R: Read + Seek> Bytes<R> {
    pub(super) fn new(from: R, file_bytes: u64) -> Self {
        Self { from, at: 0, end: file_bytes }
    }

    /// Where the next byte lies.
    pub(super) fn at(&self) -> u64 {
        self.at
    }

    pub(super) fn file_bytes(&self) -> u64 {
        self.end
    }

    /// Refuses what cannot follow: `count` things of at least `each` bytes.
    pub(super) fn expect(&self, count: u64, each: u64) -> Result<(), BadFile> {
        let end = count.checked_mul(each).and_then(|bytes| self.at.checked_add(bytes));
        match end.filter(|end| *end <= MODEL_HEADER_BYTES_MAX) {
            Some(needs) if needs > self.end => Err(self.cut_off(needs)),
            Some(_) => Ok(()),
            None => {
                let (at, most) = (self.at, size(MODEL_HEADER_BYTES_MAX));
                Err(BadFile::Damaged(format!(
                    "a length near byte {at} would make its header larger than {most}"
                )))
            }
        }
    }

    fn cut_off(&self, needs: u64) -> BadFile {
        BadFile::CutOff { part: "header", has: self.end, needs }
    }

    fn fill(&mut self, buffer: &mut [u8]) -> Result<(), BadFile> {
        let bytes = buffer.len() as u64;
        self.expect(bytes, 1)?;
        self.from.read_exact(buffer).map_err(|error| match error.kind() {
            // It became shorter while it was read.
            io::ErrorKind::UnexpectedEof => self.cut_off(self.at + bytes),
            _ => BadFile::Read(error),
        })?;
        self.at += bytes;
        Ok(())
    }

    pub(super) fn array<const N: usize>(&mut self) -> Result<[u8; N], BadFile> {
        let mut buffer = [0; N];
        self.fill(&mut buffer)?;
        Ok(buffer)
    }

    pub(super) fn u32(&mut self) -> Result<u32, BadFile> {
        self.array().map(u32::from_le_bytes)
    }

    pub(super) fn u64(&mut self) -> Result<u64, BadFile> {
        self.array().map(u64::from_le_bytes)
    }

    pub(super) fn skip(&mut self, bytes: u64) -> Result<(), BadFile> {
        self.expect(bytes, 1)?;
        self.go_to(self.at + bytes)
    }

    /// Goes to a place that was passed before, or that `expect` allowed.
    pub(super) fn go_to(&mut self, at: u64) -> Result<(), BadFile> {
        // Relative, because that keeps the buffer of a buffered reader.
        let step = at.cast_signed() - self.at.cast_signed();
        self.from.seek_relative(step).map_err(BadFile::Read)?;
        self.at = at;
        Ok(())
    }

    /// A text with its length before it. `None` for one that is too long to keep; it is passed over.
    pub(super) fn text(&mut self) -> Result<Option<Vec<u8>>, BadFile> {
        let length = self.u64()?;
        self.expect(length, 1)?;
        if length > MODEL_TEXT_BYTES_MAX {
            self.skip(length)?;
            return Ok(None);
        }
        let mut text = vec![0; usize::try_from(length).unwrap_or(0)];
        self.fill(&mut text)?;
        Ok(Some(text))
    }

    /// As `text`, into a buffer that is used again; for the texts of a long list.
    pub(super) fn text_into(&mut self, text: &mut Vec<u8>) -> Result<(), BadFile> {
        let length = self.u64()?;
        self.expect(length, 1)?;
        if length > MODEL_TEXT_BYTES_MAX {
            return Err(BadFile::Damaged(format!("a text of its vocabulary has {}", size(length))));
        }
        text.resize(usize::try_from(length).unwrap_or(0), 0);
        self.fill(text)
    }
}
