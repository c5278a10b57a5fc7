//! `naturalcad bench plans` and `bench prompts`: figures of the catalog and of the reader. (`bench run` needs the server and starts in `main`.)

use std::fs;
use std::io::{self, Write};
use std::path::PathBuf;
use std::process::ExitCode;

use super::BenchPlansArgs;
use crate::agent::Agent;
use crate::catalog::Catalog;
use crate::eval::{plans, prompts};

/// Builds random plans; exit code 1 when one failed.
pub async fn plans(
    agent: &Agent,
    catalog: &Catalog,
    args: BenchPlansArgs,
    workers: usize,
) -> io::Result<ExitCode> {
    let settings = plans::Settings { plans: args.plans, seed: args.seed, step: args.step, workers };
    // A broken runner is told by each plan itself; the wait only keeps its seconds out of the figures.
    let _ = agent.runner().ready().await;
    let mut report = plans::run(agent, catalog, &settings).await;
    write!(io::stdout().lock(), "{}", report.text())?;
    Ok(ExitCode::from(u8::from(!report.failed.is_empty() || report.tried == 0)))
}

/// Reads and builds the sentences of these files.
pub async fn prompts(agent: &Agent, catalog: &Catalog, files: &[PathBuf]) -> io::Result<ExitCode> {
    let mut all = Vec::new();
    for file in files {
        let read = fs::read_to_string(file).map_err(|error| error.to_string());
        match read.and_then(|text| prompts::prompts_of(&text).map_err(|error| error.to_string())) {
            Ok(found) => all.extend(found),
            Err(error) => {
                writeln!(
                    io::stderr().lock(),
                    "error: `{}`: {error}\nhint: Name files like those in tests/cases",
                    file.display()
                )?;
                return Ok(ExitCode::from(2));
            }
        }
    }
    let _ = agent.runner().ready().await;
    write!(io::stdout().lock(), "{}", prompts::run(agent, catalog, &all).await)?;
    Ok(ExitCode::SUCCESS)
}
