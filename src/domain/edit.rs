//! One difference between a part and the part before it, as it is told to the user.

use serde::{Deserialize, Serialize};

/// `plate length: 60 mm -> 80 mm`. Without `from` something was added, without `to` it was removed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Change {
    pub what: String,
    pub from: Option<String>,
    pub to: Option<String>,
}
