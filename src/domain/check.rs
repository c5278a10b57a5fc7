//! A check: a stated quantity held against a measure of the solid.

use serde::{Deserialize, Serialize};

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CheckStatus {
    Met,
    Missed,
    NotChecked,
}

/// One line of the report: what was stated, what was asked, what the solid has.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Check {
    pub what: String,
    pub asked: String,
    pub got: Option<String>,
    pub status: CheckStatus,
    /// Why it was missed or could not be checked.
    pub why: Option<String>,
}
