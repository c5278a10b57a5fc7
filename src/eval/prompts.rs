//! `naturalcad bench prompts FILE...`: how fast and how completely sentences are read, and how long each takes to a checked part. Figures only;
//! whether the parts are right is what `make test` asks of the same files.

use std::fmt::Write as _;
use std::time::Instant;

use serde::Deserialize;

use super::examples::ask;
use super::plans::quantile;
use crate::agent::{Agent, Ask};
use crate::catalog::Catalog;
use crate::domain::job::JobState;
use crate::domain::prompt::Prompt;

/// Reading is timed this often for each sentence; the middle counts.
const ROUNDS: usize = 5;

/// Of a file of cases, only what is asked.
#[derive(Debug, Deserialize)]
struct Cases {
    #[serde(default)]
    case: Vec<Case>,
}

#[derive(Debug, Deserialize)]
struct Case {
    /// A first prompt, or the one that edits start from.
    #[serde(alias = "start")]
    prompt: String,
}

/// The prompts of a TOML file of cases (`tests/cases`).
pub fn prompts_of(text: &str) -> Result<Vec<Prompt>, toml::de::Error> {
    let cases: Cases = toml::from_str(text)?;
    // A case without words has nothing to time.
    Ok(cases.case.iter().filter_map(|case| Prompt::parse(&case.prompt).ok()).collect())
}

#[derive(Debug, Default)]
struct Figures {
    read_ms: Vec<f64>,
    built_ms: Vec<f64>,
    complete: usize,
    built: usize,
    asked: usize,
    sure: usize,
    words: usize,
    unread: usize,
}

/// Reads, lowers and builds every prompt, one after the other, and tells the figures as a table.
pub async fn run(agent: &Agent, catalog: &Catalog, prompts: &[Prompt]) -> String {
    let mut figures = Figures::default();
    for prompt in prompts {
        figures.read_ms.push(reading_time(catalog, prompt));
        let began = Instant::now();
        let heard = ask(agent, Ask::Prompt(prompt.clone())).await;
        let milliseconds = began.elapsed().as_secs_f64() * 1e3;
        if let Some(reading) = &heard.reading {
            figures.complete += usize::from(reading.complete());
            figures.unread += reading.unread.len();
            figures.words += reading.unread.len() + reading.used.len() + reading.ignored.len();
        }
        let Some(completion) = heard.completion else { continue };
        figures.asked += usize::from(completion.state == JobState::Question);
        if completion.state == JobState::Built {
            figures.built += 1;
            figures.sure += usize::from(completion.sure);
            figures.built_ms.push(milliseconds);
        }
    }
    figures.text(prompts.len())
}

/// Milliseconds from the sentence to the program, the middle of several rounds.
fn reading_time(catalog: &Catalog, prompt: &Prompt) -> f64 {
    let mut times: Vec<f64> = (0..ROUNDS)
        .map(|_| {
            let began = Instant::now();
            let reading = catalog.read(prompt.as_str());
            if let Some(plan) = &reading.plan {
                // What can't be lowered took its time too.
                let _ = catalog.lower(plan, prompt.as_str());
            }
            began.elapsed().as_secs_f64() * 1e3
        })
        .collect();
    times.sort_by(f64::total_cmp);
    quantile(&times, 0.5)
}

impl Figures {
    fn text(mut self, prompts: usize) -> String {
        self.read_ms.sort_by(f64::total_cmp);
        self.built_ms.sort_by(f64::total_cmp);
        let share = |part: usize, of: usize| 100.0 * part as f64 / of.max(1) as f64;
        let mut text = String::new();
        let mut line = |what: &str, figure: String| {
            // Writing to a string can't fail.
            let _ = writeln!(text, "{what:<36} {figure}");
        };
        let times = |sorted: &[f64]| {
            format!(
                "{:.2} ms p50, {:.2} ms p95, {:.2} ms most",
                quantile(sorted, 0.5),
                quantile(sorted, 0.95),
                quantile(sorted, 1.0)
            )
        };
        line("prompts", prompts.to_string());
        line("built", format!("{} ({:.1} %)", self.built, share(self.built, prompts)));
        line("ended in a question", format!("{} ({:.1} %)", self.asked, share(self.asked, prompts)));
        line("complete", format!("{} ({:.1} %)", self.complete, share(self.complete, prompts)));
        line("sure", format!("{} ({:.1} %)", self.sure, share(self.sure, prompts)));
        line(
            "unread words",
            format!("{} of {} ({:.2} %)", self.unread, self.words, share(self.unread, self.words)),
        );
        line("reading and lowering", times(&self.read_ms));
        line("prompt to complete", times(&self.built_ms));
        text
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn prompts_are_taken_from_both_kinds_of_case_files() {
        let text = "[[case]]\nprompt = \"a cube\"\nexpect = \"built\"\n[[case]]\nstart = \"a plate\"\nedits = []\n[[case]]\nprompt = \" \"\n";
        let prompts = prompts_of(text).unwrap();
        assert_eq!(prompts.iter().map(Prompt::as_str).collect::<Vec<_>>(), ["a cube", "a plate"]);
    }
}
