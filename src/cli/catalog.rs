//! `naturalcad catalog`: the table of all steps, how a prompt is read by it, and whether its examples hold.

use std::io::{self, Write};
use std::process::ExitCode;

use crate::agent::Agent;
use crate::catalog::{ArgumentInfo, Catalog, StepInfo};
use crate::eval::examples::try_examples;

/// The steps, or those named, with their arguments.
pub fn list(catalog: &Catalog, names: &[String]) -> io::Result<ExitCode> {
    let all = catalog.steps();
    if let Some(unknown) = names.iter().find(|name| !all.iter().any(|step| step.name == **name)) {
        let known: Vec<&str> = all.iter().map(|step| step.name.as_str()).collect();
        writeln!(
            io::stderr().lock(),
            "error: There is no step `{unknown}`\nhint: Steps are {}",
            known.join(", ")
        )?;
        return Ok(ExitCode::from(2));
    }
    let mut out = io::stdout().lock();
    for step in all.iter().filter(|step| names.is_empty() || names.contains(&step.name)) {
        write_step(&mut out, step)?;
    }
    Ok(ExitCode::SUCCESS)
}

fn write_step(out: &mut impl Write, step: &StepInfo) -> io::Result<()> {
    writeln!(out, "{} ({:?}): {}", step.name, step.kind, step.title)?;
    writeln!(out, "    words: {}", step.words.join(", "))?;
    for argument in &step.arguments {
        writeln!(out, "    {}", argument_line(argument))?;
    }
    for example in &step.examples {
        writeln!(out, "    e.g. {example}")?;
    }
    writeln!(out)
}

fn argument_line(argument: &ArgumentInfo) -> String {
    let mut parts = vec![format!("{}: {}", argument.name, argument.title.to_lowercase())];
    if let (Some(min), Some(max)) = (argument.min, argument.max) {
        parts.push(format!("{min} to {max} {}", argument.unit).trim_end().to_owned());
    }
    if !argument.choices.is_empty() {
        parts.push(format!("one of {}", argument.choices.join(", ")));
    }
    match (&argument.default, &argument.absent) {
        (Some(default), _) => parts.push(format!("default {default}")),
        (None, Some(absent)) => parts.push(format!("{absent} when left out")),
        (None, None) if argument.required => parts.push("required".to_owned()),
        (None, None) => {}
    }
    parts.join(", ")
}

/// The reading of a prompt, as JSON.
pub fn read(catalog: &Catalog, prompt: &str) -> io::Result<ExitCode> {
    let reading = catalog.read(prompt);
    writeln!(io::stdout().lock(), "{}", serde_json::to_string_pretty(&reading)?)?;
    Ok(ExitCode::from(u8::from(reading.plan.is_none())))
}

/// The program of a prompt, or the question that it leaves.
pub fn program(catalog: &Catalog, prompt: &str) -> io::Result<ExitCode> {
    let reading = catalog.read(prompt);
    let lowered = reading.plan.as_ref().map(|plan| catalog.lower(plan, prompt));
    match lowered {
        Some(Ok(program)) => {
            write!(io::stdout().lock(), "{}", program.source)?;
            Ok(ExitCode::SUCCESS)
        }
        Some(Err(error)) => Err(io::Error::other(error)),
        None => {
            writeln!(io::stderr().lock(), "{}", reading.question.unwrap_or_default())?;
            Ok(ExitCode::from(1))
        }
    }
}

/// Builds the examples; exit code 1 when one of them is not sound.
pub async fn check(
    agent: &Agent,
    catalog: &Catalog,
    names: &[String],
    programs: bool,
    workers: usize,
) -> io::Result<ExitCode> {
    // A broken runner is told by each example itself.
    let _ = agent.runner().ready().await;
    let tried = try_examples(agent, catalog, names, workers).await;
    let mut out = io::stdout().lock();
    for one in &tried {
        let mark = if one.faults.is_empty() { "ok   " } else { "FAULT" };
        writeln!(out, "{mark}  {:<16} {}", one.step, one.example)?;
        for fault in &one.faults {
            writeln!(out, "        FAULT {fault}")?;
        }
        if !one.facts.is_empty() {
            writeln!(out, "        {}", one.facts)?;
        }
        if programs {
            writeln!(out, "{}", one.program)?;
        }
    }
    let faulty = tried.iter().filter(|one| !one.faults.is_empty()).count();
    writeln!(out, "{} examples, {faulty} with faults", tried.len())?;
    Ok(ExitCode::from(u8::from(faulty > 0 || tried.is_empty())))
}
