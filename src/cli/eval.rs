//! `naturalcad eval`: how many prompts come out right.

use std::fs;
use std::io::{self, Write};
use std::process::ExitCode;

use super::EvalArgs;
use crate::agent::Agent;
use crate::catalog::Catalog;
use crate::eval::judged;

/// Asks the cases of these files. Exit code 2 when a file is no such file.
pub async fn eval(agent: &Agent, catalog: &Catalog, args: &EvalArgs) -> io::Result<ExitCode> {
    let mut cases = Vec::new();
    for file in &args.files {
        let read = fs::read_to_string(file).map_err(|error| error.to_string());
        match read.and_then(|text| judged::cases_of(&text).map_err(|error| error.to_string())) {
            Ok(found) => cases.extend(found),
            Err(error) => {
                let hint = "A line is one JSON object like those in tests/eval";
                writeln!(io::stderr().lock(), "error: `{}`: {error}\nhint: {hint}", file.display())?;
                return Ok(ExitCode::from(2));
            }
        }
    }
    let _ = agent.runner().ready().await;
    let all = match judged::run(agent, catalog, cases, args.engine.into(), args.at_once.max(1)).await {
        Ok(all) => all,
        Err(error) => {
            writeln!(io::stderr().lock(), "error: {error}\nhint: Mend the case or leave it out")?;
            return Ok(ExitCode::from(2));
        }
    };
    let mut out = io::stdout().lock();
    for one in all.iter().filter(|one| args.wrong && !one.right) {
        let sure = if one.sure { "SURE " } else { "" };
        writeln!(out, "{sure}wrong: {}", one.case.prompt)?;
        if let Some(before) = &one.case.before {
            writeln!(out, "    before {before}")?;
        }
        writeln!(out, "    meant  {}\n    got    {}", one.case.answer, one.got)?;
    }
    write!(out, "{}", judged::report(&all))?;
    Ok(ExitCode::SUCCESS)
}
