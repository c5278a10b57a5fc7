//! Handlers, one file per resource.

pub(super) mod artifacts;
pub(super) mod conversations;
pub(super) mod jobs;
pub(super) mod models;
pub(super) mod run;
pub(super) mod system;
