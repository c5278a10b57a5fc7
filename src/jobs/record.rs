//! The record of a job: what was asked, what happened, what came of it. Also the format of `<job>.json`, version 1.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use serde::{Deserialize, Serialize};

use super::conversation::Place;
use crate::domain::artifact::Format;
use crate::domain::check::Check;
use crate::domain::edit::Change;
use crate::domain::event::{Completion, Event};
use crate::domain::generation::Usage;
use crate::domain::id::{ConversationId, JobId};
use crate::domain::job::{JobState, Lane, Origin};
use crate::domain::measure::{Measures, PartKind, Warning};
use crate::domain::outcome::{Failure, Part, Phases};
use crate::domain::parameter::Declared;
use crate::domain::plan::Plan;
use crate::domain::program::Parameters;
use crate::domain::reading::Reading;

#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Record {
    /// Version of this format.
    pub record: u32,
    pub id: JobId,
    #[serde(default)]
    pub conversation: ConversationId,
    /// The job whose part this one goes on from.
    #[serde(default)]
    pub parent: Option<JobId>,
    /// Counted from one in its conversation.
    #[serde(default)]
    pub version: u32,
    #[serde(default)]
    pub origin: Origin,
    pub state: JobState,
    /// RFC 3339, UTC, milliseconds.
    pub created: String,
    pub finished: Option<String>,
    pub prompt: Option<String>,
    pub lane: Option<Lane>,
    pub program: Option<String>,
    /// Values that differ from what the program says.
    pub parameters: Parameters,
    /// The program's parameters, with the values it was run with.
    #[serde(default)]
    pub declared: Vec<Declared>,
    /// What it changed of the part it goes on from.
    #[serde(default)]
    pub changes: Vec<Change>,
    pub plan: Option<Plan>,
    pub reading: Option<Reading>,
    pub kind: Option<PartKind>,
    pub measures: Option<Measures>,
    pub warnings: Vec<Warning>,
    pub checks: Vec<Check>,
    pub sure: bool,
    #[serde(default)]
    pub usage: Option<Usage>,
    pub files: Vec<Format>,
    pub error: Option<Failure>,
    pub seconds: Option<f64>,
    pub phases: Phases,
}

/// Version of the record's format.
const VERSION: u32 = 1;

impl Record {
    pub(super) fn new(id: JobId, place: Place) -> Self {
        Self {
            record: VERSION,
            id,
            conversation: place.conversation,
            parent: place.parent,
            version: place.version,
            origin: Origin::default(),
            state: JobState::Queued,
            created: timestamp(SystemTime::now()),
            finished: None,
            prompt: None,
            lane: None,
            program: None,
            parameters: Parameters::new(),
            declared: Vec::new(),
            changes: Vec::new(),
            plan: None,
            reading: None,
            kind: None,
            measures: None,
            warnings: Vec::new(),
            checks: Vec::new(),
            sure: false,
            usage: None,
            files: Vec::new(),
            error: None,
            seconds: None,
            phases: Phases::new(),
        }
    }

    /// Reads a record from disk; one of another version is left alone.
    pub(super) fn parse(json: &[u8]) -> Option<Self> {
        let mut record: Self = serde_json::from_slice(json).ok()?;
        if record.conversation.is_none() {
            // Written before there were conversations: it is one of its own.
            (record.conversation, record.version) = (ConversationId::started_by(record.id), 1);
        }
        (record.record == VERSION).then_some(record)
    }

    /// Follows an event of the job.
    pub(super) fn apply(&mut self, event: &Event) {
        match event {
            Event::Log { .. }
            | Event::Asked { .. }
            | Event::Progress { .. }
            | Event::Wrote { .. }
            | Event::Repaired { .. } => {}
            Event::State { state, .. } => {
                if self.state.may_become(*state) {
                    self.state = *state;
                }
            }
            Event::Read(reading) => {
                self.changes.clone_from(&reading.changes);
                self.reading = Some((**reading).clone());
            }
            Event::Drafted { lane, program, plan, parameters } => {
                self.lane = Some(*lane);
                self.program = Some(program.clone());
                self.plan.clone_from(plan);
                self.parameters.clone_from(parameters);
            }
            Event::Shown { part, .. } => self.take_part(part),
            Event::Checked { checks, sure } => {
                self.checks.clone_from(checks);
                self.sure = *sure;
            }
            Event::Completed(completion) => self.complete(completion),
        }
    }

    fn take_part(&mut self, part: &Part) {
        self.kind = Some(part.kind);
        self.measures = Some(part.measures.clone());
        self.warnings.clone_from(&part.warnings);
        self.declared.clone_from(&part.declared);
    }

    fn complete(&mut self, completion: &Completion) {
        self.state = completion.state;
        self.finished = Some(timestamp(SystemTime::now()));
        self.lane = completion.lane.or(self.lane);
        self.files.clone_from(&completion.files);
        self.error.clone_from(&completion.failure);
        self.checks.clone_from(&completion.checks);
        self.sure = completion.sure;
        self.usage.clone_from(&completion.usage);
        self.seconds = Some(completion.seconds);
        self.phases.clone_from(&completion.phases);
        if let Some(part) = &completion.part {
            self.take_part(part);
        } else {
            // What was shown before it failed is not this job's result.
            (self.kind, self.measures) = (None, None);
            self.warnings.clear();
            self.declared.clear();
        }
    }

    /// The events that tell this record again, for a job whose own events are no longer kept.
    pub(super) fn retell(&self) -> Vec<Event> {
        let mut events = Vec::new();
        if let Some(reading) = &self.reading {
            events.push(Event::Read(Box::new(reading.clone())));
        }
        if let (Some(lane), Some(program)) = (self.lane, &self.program) {
            let (program, plan, parameters) = (program.clone(), self.plan.clone(), self.parameters.clone());
            events.push(Event::Drafted { lane, program, plan, parameters });
        }
        let part = self.part();
        if let Some(part) = &part {
            let files = self.files.clone();
            events.push(Event::Shown { part: Box::new(part.clone()), files });
            events.push(Event::Checked { checks: self.checks.clone(), sure: self.sure });
        }
        events.push(Event::State { state: self.state, position: None });
        if self.state.is_final() {
            events.push(Event::Completed(Box::new(Completion {
                state: self.state,
                lane: self.lane,
                part,
                files: self.files.clone(),
                failure: self.error.clone(),
                checks: self.checks.clone(),
                sure: self.sure,
                usage: self.usage.clone(),
                seconds: self.seconds.unwrap_or(0.0),
                phases: self.phases.clone(),
            })));
        }
        events
    }

    fn part(&self) -> Option<Part> {
        let (kind, measures) = (self.kind?, self.measures.clone()?);
        let (warnings, declared) = (self.warnings.clone(), self.declared.clone());
        Some(Part { kind, measures, warnings, declared })
    }
}

/// `2026-11-22T14:51:41.123Z`, by the civil calendar (days to year, month, day: H. Hinnant, "chrono-compatible
/// low-level date algorithms").
fn timestamp(time: SystemTime) -> String {
    let since = time.duration_since(UNIX_EPOCH).unwrap_or(Duration::ZERO);
    let (days, rest) = (since.as_secs() / 86_400, since.as_secs() % 86_400);
    let z = days + 719_468;
    let (era, day_of_era) = (z / 146_097, z % 146_097);
    let year_of_era = (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let shifted_month = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * shifted_month + 2) / 5 + 1;
    let month = if shifted_month < 10 { shifted_month + 3 } else { shifted_month - 9 };
    let year = year_of_era + era * 400 + u64::from(month <= 2);
    let (hour, minute, second) = (rest / 3_600, rest / 60 % 60, rest % 60);
    let millis = since.subsec_millis();
    format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}.{millis:03}Z")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_written_in_the_civil_calendar() {
        let at = |seconds, millis| UNIX_EPOCH + Duration::new(seconds, millis * 1_000_000_u32);
        assert_eq!(timestamp(at(0, 0)), "1970-01-01T00:00:00.000Z");
        assert_eq!(timestamp(at(951_782_400, 5)), "2000-02-29T00:00:00.005Z");
        assert_eq!(timestamp(at(1_795_359_101, 123)), "2026-11-22T14:51:41.123Z");
    }

    #[test]
    fn a_record_survives_its_file_and_another_version_is_left_alone() {
        let id = JobId::new();
        let place = Place { conversation: ConversationId::started_by(id), parent: None, version: 1 };
        let mut record = Record { prompt: Some("a box".into()), ..Record::new(id, place) };
        record.apply(&Event::State { state: JobState::Reading, position: None });
        let json = serde_json::to_vec(&record).unwrap();
        let again = Record::parse(&json).unwrap();
        assert_eq!(
            (again.id, again.state, again.prompt),
            (record.id, JobState::Reading, record.prompt.clone())
        );
        let mut old = serde_json::to_value(&record).unwrap();
        for newer in ["conversation", "parent", "version", "origin", "declared", "changes"] {
            old.as_object_mut().unwrap().remove(newer).unwrap();
        }
        let old = Record::parse(old.to_string().as_bytes()).unwrap();
        assert_eq!((old.conversation, old.version), (record.conversation, 1), "one of its own");
        record.record = 2;
        assert!(Record::parse(&serde_json::to_vec(&record).unwrap()).is_none());
    }
}
