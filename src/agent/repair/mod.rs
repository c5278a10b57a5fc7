//! What mends a program without any model: known mistakes in its text, and sizes that the kernel cannot build.

mod rewrite;
mod shrink;
mod size;

pub(super) use rewrite::rewrite;
pub(super) use shrink::{Attempt, Shrink};
