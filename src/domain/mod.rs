//! Floor 0: the nouns. No I/O, no async, nothing of ours imported.
//!
//! Types that are also a published format (plan, measures, reading, record) derive serde here and are pinned by
//! snapshot tests; everything else stays plain.

pub mod artifact;
pub mod before;
pub mod check;
pub mod edit;
pub mod event;
pub mod expectation;
pub mod generation;
pub mod id;
pub mod job;
pub mod limits;
pub mod measure;
pub mod outcome;
pub mod parameter;
pub mod patch;
pub mod plan;
pub mod program;
pub mod prompt;
pub mod quantity;
pub mod reading;
pub mod write_back;
