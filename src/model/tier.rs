//! Which build of the worker runs here. llama.cpp is compiled for AVX2 into this program; a second one, compiled for AVX-512 with VNNI, may lie
//! beside it and is preferred where the processor has what it needs.

use std::path::{Path, PathBuf};

use serde::Serialize;

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Name {
    Avx2,
    Avx512,
}

/// A program whose hidden subcommand is the worker.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tier {
    pub name: Name,
    pub program: PathBuf,
}

/// The best first. The last one is this very program, which is always there.
pub fn tiers(program: &Path) -> Vec<Tier> {
    let own = Tier { name: Name::Avx2, program: program.to_owned() };
    let beside = program.with_file_name("naturalcad-avx512");
    if has_avx512() && beside.metadata().is_ok_and(|facts| facts.is_file() && facts.len() > 0) {
        vec![Tier { name: Name::Avx512, program: beside }, own]
    } else {
        vec![own]
    }
}

/// What the second build is compiled for; asks the operating system too, which has to save the wider registers.
fn has_avx512() -> bool {
    std::arch::is_x86_feature_detected!("avx512f")
        && std::arch::is_x86_feature_detected!("avx512bw")
        && std::arch::is_x86_feature_detected!("avx512dq")
        && std::arch::is_x86_feature_detected!("avx512vl")
        && std::arch::is_x86_feature_detected!("avx512vbmi")
        && std::arch::is_x86_feature_detected!("avx512vnni")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn this_program_is_always_the_last_resort() {
        let folder = tempfile::tempdir().unwrap();
        let program = folder.path().join("naturalcad");
        assert_eq!(tiers(&program), [Tier { name: Name::Avx2, program: program.clone() }]);
        std::fs::write(folder.path().join("naturalcad-avx512"), "x").unwrap();
        let found = tiers(&program);
        assert_eq!(found.last().unwrap().program, program);
        assert_eq!(found.len(), if has_avx512() { 2 } else { 1 });
    }
}
