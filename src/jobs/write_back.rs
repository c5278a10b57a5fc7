//! Writing the values of sliders into a job's program, for a text that is still the one that was seen.

use sha2::{Digest, Sha256};

use super::{Error, Jobs};
use crate::domain::id::JobId;
use crate::domain::job::JobState;
use crate::domain::program::Parameters;
use crate::domain::write_back::write_back;

/// A program's text and what names it.
#[derive(Clone, Debug)]
pub struct Written {
    pub program: String,
    /// SHA-256 of the text, in hexadecimal digits.
    pub hash: String,
}

impl Jobs {
    /// The program of a job with these values in its text; the job itself stays as it is.
    pub fn write_back(&self, id: JobId, values: &Parameters, seen: &str) -> Result<Written, Error> {
        let record = self.get(id).ok_or(Error::Unknown(id))?;
        let program = record.program.filter(|_| record.state == JobState::Built).ok_or(Error::NoPart(id))?;
        if !hash(&program).eq_ignore_ascii_case(seen) {
            return Err(Error::Changed);
        }
        let program = write_back(&program, &record.declared, values)?;
        Ok(Written { hash: hash(&program), program })
    }
}

fn hash(text: &str) -> String {
    let digit = |half: u8| char::from_digit(u32::from(half), 16).unwrap_or('0');
    Sha256::digest(text).iter().flat_map(|byte| [digit(byte >> 4), digit(byte & 15)]).collect()
}
