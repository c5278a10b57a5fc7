//! Floor 1: the local language model. For now only the proof that llama.cpp is linked and runs on this processor.
//!
//! llama.cpp can abort the process it lives in, so even this question is asked of a child: the same program with a
//! hidden subcommand.

use std::path::Path;
use std::process::Stdio;
use std::time::Duration;

use serde::{Deserialize, Serialize};

/// What llama.cpp finds to compute with.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Device {
    pub name: String,
    pub description: String,
}

/// llama.cpp does not work here.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    #[error("The model worker cannot be started")]
    Start(#[source] std::io::Error),
    #[error("The model worker did not answer within {0} s")]
    Silent(u64),
    #[error("The model worker ended with {0}; this processor may lack AVX2")]
    Crashed(std::process::ExitStatus),
    #[error("The model worker's answer cannot be read")]
    Answer(#[source] serde_json::Error),
}

/// Loading libraries from a slow stick takes seconds, not more.
const PROBE_WAIT: Duration = Duration::from_secs(20);

/// Asks a child process of `program` (this very executable) what llama.cpp can use.
pub async fn probe(program: &Path) -> Result<Vec<Device>, Error> {
    let mut command = tokio::process::Command::new(program);
    command.arg("model-worker").stdin(Stdio::null()).stderr(Stdio::null()).kill_on_drop(true);
    let answered = tokio::time::timeout(PROBE_WAIT, command.output()).await;
    let output = answered.map_err(|_| Error::Silent(PROBE_WAIT.as_secs()))?.map_err(Error::Start)?;
    if !output.status.success() {
        return Err(Error::Crashed(output.status));
    }
    serde_json::from_slice(&output.stdout).map_err(Error::Answer)
}

/// The child's side of `probe`.
#[cfg(feature = "llama")]
pub fn devices() -> Vec<Device> {
    let found = llama_cpp_2::list_llama_ggml_backend_devices();
    found.into_iter().map(|device| Device { name: device.name, description: device.description }).collect()
}

/// Built without the `llama` feature there is nothing to compute with.
#[cfg(not(feature = "llama"))]
pub fn devices() -> Vec<Device> {
    Vec::new()
}
