//! What goes over HTTP: request and response shapes and the JSON of events. Pinned by snapshots; mirrored by `web/src/wire.ts`.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::domain::artifact::Format;
use crate::domain::event::{Completion, Event};
use crate::domain::id::{ConversationId, JobId};
use crate::domain::job::{Choice, JobState};
use crate::domain::plan::Plan;
use crate::domain::program::Parameters;
use crate::domain::reading::{Reading, Word};
use crate::jobs::{Conversation, Record};

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct SubmitRequest {
    pub(super) prompt: Option<String>,
    pub(super) program: Option<String>,
    pub(super) plan: Option<Plan>,
    #[serde(default)]
    pub(super) parameters: Parameters,
    pub(super) formats: Option<Vec<Format>>,
    #[serde(default)]
    pub(super) engine: Choice,
    pub(super) parent: Option<JobId>,
    pub(super) conversation: Option<ConversationId>,
}

#[derive(Debug, Serialize)]
pub(super) struct SubmitResponse {
    pub(super) id: JobId,
    pub(super) conversation: ConversationId,
    pub(super) version: u32,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct WriteBackRequest {
    pub(super) parameters: Parameters,
    /// SHA-256 of the program that was seen, in hexadecimal digits.
    pub(super) hash: String,
}

#[derive(Debug, Serialize)]
pub(super) struct WriteBackResponse {
    pub(super) program: String,
    pub(super) hash: String,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ConversationsQuery {
    pub(super) limit: Option<usize>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RunRequest {
    pub(super) code: Option<String>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ExportRequest {
    pub(super) format: Format,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct LoadModelRequest {
    pub(super) name: String,
}

#[derive(Debug, Serialize)]
pub(super) struct ExportResponse {
    pub(super) path: String,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ListQuery {
    pub(super) limit: Option<usize>,
    pub(super) before: Option<JobId>,
}

#[derive(Debug, Serialize)]
pub(super) struct CancelResponse {
    pub(super) id: JobId,
    pub(super) state: JobState,
}

/// Where a file of a job is fetched.
pub(super) fn artifact_path(job: JobId, extension: &str) -> String {
    format!("/artifacts/{job}.{extension}")
}

/// How a prompt was read, as the page shows it. The plan and what it is checked against are told elsewhere.
fn reading(reading: &Reading) -> Value {
    let texts = |words: &[Word]| words.iter().map(|word| word.text.clone()).collect::<Vec<_>>();
    json!({
        "used": reading.used,
        "ignored": texts(&reading.ignored),
        "unread": texts(&reading.unread),
        "assumed": reading.assumed,
        "notes": reading.notes,
        "question": reading.question,
        "complete": reading.complete(),
        "changes": reading.changes,
        "undo": reading.undo,
        "spans": reading.spans,
        "doubtful": reading.doubtful,
    })
}

/// The name of an event and its data.
pub(super) fn event(job: JobId, event: &Event) -> (&'static str, Value) {
    match event {
        Event::Log { level, message } => ("log", json!({ "message": message, "level": level })),
        Event::State { state, position: None } => ("state", json!({ "state": state })),
        Event::State { state, position } => ("state", json!({ "state": state, "position": position })),
        Event::Read(told) => ("reading", reading(told)),
        Event::Asked { lane, model, round } => {
            ("asked", json!({ "lane": lane, "model": model, "round": round }))
        }
        Event::Progress { what, done, total } => {
            ("progress", json!({ "what": what, "done": done, "total": total }))
        }
        Event::Wrote { text } => ("text", json!({ "text": text })),
        Event::Repaired { why, how } => ("repair", json!({ "why": why, "how": how })),
        Event::Drafted { lane, program, plan, parameters: _ } => {
            ("draft", json!({ "lane": lane, "program": program, "plan": plan }))
        }
        Event::Shown { part, files } => {
            let path =
                |format: Format| files.contains(&format).then(|| artifact_path(job, format.extension()));
            let data = json!({
                "glb": path(Format::Glb),
                "scene": path(Format::Scene),
                "kind": part.kind,
                "measures": part.measures,
                "warnings": part.warnings,
                "parameters": part.declared,
            });
            ("part", data)
        }
        Event::Checked { checks, sure } => ("checks", json!({ "checks": checks, "sure": sure })),
        Event::Completed(completion) => ("complete", complete(job, completion)),
    }
}

fn complete(job: JobId, completion: &Completion) -> Value {
    let Some(part) = &completion.part else {
        let failure = completion.failure.as_ref();
        return json!({
            "success": false,
            "job": job,
            "status": completion.state,
            "error": failure.map_or("The job did not finish", |failure| failure.message.as_str()),
            "detail": failure,
            "lane": completion.lane,
            "usage": completion.usage,
            "seconds": completion.seconds,
        });
    };
    let mut data = json!({
        "success": true,
        "job": job,
        "lane": completion.lane,
        "kind": part.kind,
        "programPath": artifact_path(job, "py"),
        "measures": part.measures,
        "warnings": part.warnings,
        "checks": completion.checks,
        "sure": completion.sure,
        "usage": completion.usage,
        "seconds": completion.seconds,
        "phases": completion.phases,
    });
    for format in Format::ALL {
        let path = completion.files.contains(&format).then(|| artifact_path(job, format.extension()));
        data[format!("{format}Path")] = json!(path);
    }
    data
}

/// A conversation in the list: what it began with and where it stands.
pub(super) fn conversation_line(conversation: &Conversation) -> Value {
    let (first, last) = (conversation.versions.first(), conversation.versions.last());
    json!({
        "id": conversation.id,
        "title": first.and_then(|first| first.prompt.as_deref()),
        "created": first.map(|first| first.created.as_str()),
        "count": conversation.versions.len(),
        "last": last.map(version),
    })
}

pub(super) fn conversation(conversation: &Conversation) -> Value {
    let mut data = conversation_line(conversation);
    data["versions"] = conversation.versions.iter().map(version).collect();
    data
}

fn version(record: &Record) -> Value {
    json!({
        "job": record.id,
        "version": record.version,
        "parent": record.parent,
        "origin": record.origin,
        "prompt": record.prompt,
        "changes": record.changes,
        "state": record.state,
        "sure": record.sure,
        "lane": record.lane,
        "created": record.created,
        "message": record.error.as_ref().map(|failure| failure.message.as_str()),
    })
}

/// A record as the page reads it.
pub(super) fn record(record: &Record) -> Value {
    let mut data = json!(record);
    data["reading"] = json!(record.reading.as_ref().map(reading));
    let artifacts: serde_json::Map<String, Value> = record
        .files
        .iter()
        .map(|format| (format.name().to_owned(), json!(artifact_path(record.id, format.extension()))))
        .collect();
    data["artifacts"] = Value::Object(artifacts);
    data["message"] = json!(record.error.as_ref().map(|failure| &failure.message));
    data
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::event::Level;
    use crate::domain::outcome::{ExcerptLine, Outcome, ProgramError, failure};

    #[test]
    fn a_failed_job_is_told_in_the_seeds_words_with_the_place_in_the_program() {
        let raised = Outcome::Raised(ProgramError {
            kind: "NameError".into(),
            message: "name 'x' is not defined".into(),
            line: Some(2),
            column: None,
            excerpt: vec![ExcerptLine { line: 2, text: "y = x".into() }],
            hint: Some("Define it above this line".into()),
        });
        let completion = Completion {
            state: JobState::Failed,
            lane: Some(crate::domain::job::Lane::Code),
            part: None,
            files: vec![],
            failure: failure(&raised),
            checks: vec![],
            sure: false,
            usage: None,
            seconds: 0.5,
            phases: crate::domain::outcome::Phases::new(),
        };
        let job: JobId = "01a20410-5f36-7643-a63d-db33d5986209".parse().unwrap();
        let (name, data) = event(job, &Event::Completed(Box::new(completion)));
        assert_eq!(name, "complete");
        insta::assert_json_snapshot!(data, @r#"
        {
          "success": false,
          "job": "01a20410-5f36-7643-a63d-db33d5986209",
          "status": "failed",
          "error": "NameError in line 2: name 'x' is not defined",
          "detail": {
            "code": "raised",
            "message": "NameError in line 2: name 'x' is not defined",
            "hint": "Define it above this line",
            "type": "NameError",
            "line": 2,
            "column": null,
            "excerpt": [
              {
                "line": 2,
                "text": "y = x"
              }
            ]
          },
          "lane": "code",
          "usage": null,
          "seconds": 0.5
        }
        "#);
    }

    #[test]
    fn logs_and_states_keep_the_names_the_page_listens_for() {
        let job = JobId::new();
        let (name, data) = event(job, &Event::Log { level: Level::Warning, message: "m".into() });
        assert_eq!((name, data.to_string()), ("log", r#"{"message":"m","level":"warning"}"#.into()));
        let queued = Event::State { state: JobState::Queued, position: Some(2) };
        let (name, data) = event(job, &queued);
        assert_eq!((name, data.to_string()), ("state", r#"{"state":"queued","position":2}"#.into()));
    }
}
