//! Floor 4: figures. Benchmarks are commands of the product, so that anybody can measure on their own machine.

pub mod bench;
pub mod examples;
pub mod judged;
pub mod plans;
pub mod prompts;
