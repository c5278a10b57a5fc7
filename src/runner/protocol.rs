//! The messages between host, zygote and workers, version 1. Mirrored by `runner/naturalcad_runner/wire.py`.
//!
//! Zygote: one JSON object per packet of a `SOCK_SEQPACKET` socket. Worker: frames of a 4-byte big-endian length and
//! that many bytes of JSON. Unknown fields and types are errors on both sides: the two are always shipped together.

use serde::{Deserialize, Serialize};

use crate::domain::artifact::Format;
use crate::domain::measure::{Measures, PartKind, Warning};
use crate::domain::outcome::{Phases, ProgramError};
use crate::domain::parameter::Declared;
use crate::domain::program::Parameters;

pub(super) const VERSION: u32 = 1;

#[derive(Debug, Serialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub(super) enum ToZygote<'a> {
    Fork { version: u32, worker: &'a str, scratch: &'a str, rlimits: Rlimits },
}

#[derive(Clone, Copy, Debug, Serialize)]
pub(super) struct Rlimits {
    pub(super) address_space_bytes: u64,
    pub(super) file_size_bytes: u64,
    pub(super) open_files: u64,
}

/// What the zygote says of itself once build123d is imported.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Hello {
    pub version: u32,
    pub python: String,
    pub build123d: String,
    pub ocp: String,
    pub import_ms: f64,
    pub pid: i32,
}

/// How the kernel says a worker ended.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Exited {
    pub(super) worker: String,
    #[expect(dead_code, reason = "for the log; the pidfd is what we act on")]
    pub(super) pid: i32,
    pub(super) signal: Option<i32>,
    pub(super) code: Option<i32>,
    pub(super) max_rss_bytes: u64,
    #[expect(dead_code, reason = "for the log")]
    pub(super) cpu_ms: f64,
}

#[derive(Debug, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub(super) enum FromZygote {
    Hello(Hello),
    Forked { worker: String, pid: i32 },
    Exited(Exited),
    Error { worker: Option<String>, message: String },
}

#[derive(Debug, Serialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub(super) enum ToWorker<'a> {
    Run {
        version: u32,
        run: &'a str,
        program: &'a str,
        parameters: &'a Parameters,
        formats: &'a [Format],
        mesh: Mesh,
        limits: WorkerLimits,
        check: bool,
    },
}

/// Deflection of the mesh that the page shows.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Mesh {
    pub linear_mm: f64,
    pub angular_rad: f64,
}

impl Mesh {
    /// A part at rest on the screen.
    pub const FINE: Self = Self { linear_mm: 0.1, angular_rad: 0.3 };
    /// While a slider moves.
    pub const COARSE: Self = Self { linear_mm: 0.3, angular_rad: 0.5 };
}

#[derive(Clone, Copy, Debug, Serialize)]
pub(super) struct WorkerLimits {
    pub(super) cpu_seconds: u64,
    pub(super) faces: u64,
    pub(super) bodies: u64,
    pub(super) result_bytes: u64,
}

#[derive(Debug, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub(super) enum FromWorker {
    Ready {
        version: u32,
        #[serde(rename = "pid")]
        _pid: i32,
        warm_ms: f64,
    },
    Part(Box<PartMessage>),
    Result(Box<ResultMessage>),
}

#[derive(Debug, Deserialize)]
pub(super) struct PartMessage {
    pub(super) kind: PartKind,
    pub(super) files: std::collections::BTreeMap<Format, String>,
    pub(super) measures: Measures,
    #[serde(default)]
    pub(super) warnings: Vec<Warning>,
    #[serde(default)]
    pub(super) parameters: Vec<Declared>,
}

#[derive(Debug, Deserialize)]
#[serde(tag = "outcome", rename_all = "snake_case")]
pub(super) enum ResultMessage {
    Built {
        files: std::collections::BTreeMap<Format, String>,
        #[serde(default)]
        phases: Phases,
        #[serde(default)]
        warnings: Vec<Warning>,
    },
    Raised {
        error: ProgramError,
    },
    Refused {
        limit: String,
        message: String,
    },
    OutOfMemory,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fork_request_is_spelled_as_the_python_side_expects() {
        let rlimits = Rlimits { address_space_bytes: 1, file_size_bytes: 2, open_files: 3 };
        let fork = ToZygote::Fork { version: VERSION, worker: "w1", scratch: "/s", rlimits };
        assert_eq!(
            serde_json::to_string(&fork).unwrap(),
            r#"{"type":"fork","version":1,"worker":"w1","scratch":"/s","rlimits":{"address_space_bytes":1,"file_size_bytes":2,"open_files":3}}"#
        );
    }

    #[test]
    fn results_and_deaths_are_read() {
        let raised = r#"{"type":"result","outcome":"raised","error":{"type":"ValueError","message":"m","line":2,"column":null,"excerpt":[{"line":2,"text":"x"}],"hint":null}}"#;
        assert!(matches!(
            serde_json::from_str(raised).unwrap(),
            FromWorker::Result(r) if matches!(*r, ResultMessage::Raised { .. })
        ));
        let exited = r#"{"type":"exited","worker":"w","pid":7,"signal":11,"code":null,"max_rss_bytes":5,"cpu_ms":1.5}"#;
        assert!(matches!(
            serde_json::from_str(exited).unwrap(),
            FromZygote::Exited(Exited { signal: Some(11), .. })
        ));
        assert!(serde_json::from_str::<FromZygote>(r#"{"type":"gossip"}"#).is_err());
    }
}
