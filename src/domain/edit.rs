//! What an edit changed, as the user reads it.

use serde::{Deserialize, Serialize};

/// One difference between a part and the one before it. Added: no `from`; removed: no `to`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Change {
    pub what: String,
    pub from: Option<String>,
    pub to: Option<String>,
}
