//! `naturalcad doctor`: does the installation work? A short table on stdout; the first thing support asks for.

use std::io::{self, Write};
use std::path::Path;
use std::process::ExitCode;
use std::time::Instant;

use tokio_util::sync::CancellationToken;

use crate::agent::Agent;
use crate::bundle::Runtime;
use crate::domain::artifact::Format;
use crate::domain::outcome::{Outcome, failure};
use crate::domain::program::{BadProgram, Parameters, Program};
use crate::model::{self, Model};
use crate::runner::{Mesh, RunRequest};

/// A part whose volume is known: 60 x 40 x 10 with a 20 mm bore.
const PROGRAM: &str = "from build123d import *\nresult = Box(60, 40, 10) - Cylinder(10, 10)\n";
const VOLUME: f64 = 24_000.0 - std::f64::consts::PI * 1_000.0;

struct Report {
    sound: bool,
}

impl Report {
    fn line(&mut self, good: bool, what: &str, facts: &str) -> io::Result<()> {
        self.sound &= good;
        let mark = if good { "ok   " } else { "FAULT" };
        writeln!(io::stdout().lock(), "{mark}  {what:<10} {facts}")
    }
}

/// Tries every part of the installation.
pub async fn doctor(agent: &Agent, runtime: &Runtime, model: &Model, data: &Path) -> io::Result<ExitCode> {
    let mut report = Report { sound: true };
    match runtime.check() {
        Ok(manifest) => {
            let facts = format!("Python {}, {} files, whole", manifest.python, manifest.files.len());
            report.line(true, "runtime", &facts)?;
        }
        Err(error) => report.line(false, "runtime", &format!("{error}; {}", error.hint()))?,
    }
    let probe = data.join("doctor.part");
    match std::fs::write(&probe, "x").and_then(|()| std::fs::remove_file(&probe)) {
        Ok(()) => report.line(true, "data", &format!("{} can be written", data.display()))?,
        Err(error) => {
            report.line(false, "data", &format!("{} cannot be written: {error}", data.display()))?;
        }
    }
    let began = Instant::now();
    match agent.runner().at_rest().await {
        Ok(status) => {
            let seconds = began.elapsed().as_secs_f64();
            let facts = format!("{} of {} warm after {seconds:.1} s", status.workers_ready, status.workers);
            report.line(true, "workers", &facts)?;
            if let Some(runtime) = status.runtime {
                let facts = format!(
                    "build123d {}, OCP {}, import {:.0} ms, warm-up {:.0} ms",
                    runtime.build123d,
                    runtime.ocp,
                    runtime.import_ms,
                    runtime.warm_ms.unwrap_or(0.0)
                );
                report.line(true, "kernel", &facts)?;
            }
            let (good, facts) = part(agent).await;
            report.line(good, "part", &facts)?;
        }
        Err(error) => report.line(false, "workers", &error.to_string())?,
    }
    let (good, facts) = llama(model).await;
    report.line(good, "llama.cpp", &facts)?;
    let (good, facts) = answers(model).await;
    report.line(good, "model", &facts)?;
    Ok(ExitCode::from(if report.sound { 0 } else { 3 }))
}

async fn part(agent: &Agent) -> (bool, String) {
    let request = match request() {
        Ok(request) => request,
        Err(error) => return (false, error.to_string()),
    };
    let began = Instant::now();
    let finished = agent.runner().run_to_end(&request, &CancellationToken::new()).await;
    let milliseconds = began.elapsed().as_secs_f64() * 1e3;
    match finished.map(|finished| finished.outcome) {
        Ok(Outcome::Built { part, .. }) => {
            let good = (part.measures.volume - VOLUME).abs() < 1e-3;
            let told = if good { "right volume" } else { "WRONG VOLUME" };
            (good, format!("built, measured, GLB, STEP and STL in {milliseconds:.0} ms, {told}"))
        }
        Ok(outcome) => (false, failure(&outcome).map(|failure| failure.message).unwrap_or_default()),
        Err(error) => (false, error.to_string()),
    }
}

fn request() -> Result<RunRequest, BadProgram> {
    Ok(RunRequest {
        program: Program::parse(PROGRAM)?,
        parameters: Parameters::new(),
        formats: vec![Format::Glb, Format::Step, Format::Stl],
        mesh: Mesh::FINE,
        check: true,
    })
}

async fn llama(model: &Model) -> (bool, String) {
    if !cfg!(feature = "llama") {
        return (true, "left out of this build".into());
    }
    match model.devices().await {
        Ok(devices) if !devices.is_empty() => {
            let names: Vec<String> =
                devices.into_iter().map(|d| format!("{} ({})", d.name, d.description)).collect();
            (true, format!("computes on {}", names.join(", ")))
        }
        Ok(_) => (false, "finds no processor to compute with".into()),
        Err(error) => (false, error.to_string()),
    }
}

/// Loads the model that would answer.
async fn answers(model: &Model) -> (bool, String) {
    let file = match model.chosen() {
        Ok(file) => file,
        Err(model::Error::Absent { folder }) => {
            return (true, format!("none in {}; templates answer", folder.display()));
        }
        Err(error) => return (false, format!("{error}; {}", error.hint())),
    };
    match model.load(&file.name, None, &CancellationToken::new()).await {
        Ok(facts) => {
            let million = facts.parameters as f64 / 1e6;
            let told = format!(
                "{}, {million:.1} M parameters, {} tokens of context, {} threads, loaded in {} ms",
                file.name, facts.context, facts.threads, facts.load_ms
            );
            (true, told)
        }
        Err(error) => (false, format!("{}: {error}; {}", file.name, error.hint())),
    }
}
