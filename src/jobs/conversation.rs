//! Versions of one part: which part a new job works on, what taking a change back leads to, and how versions are told.
//!
//! Everything is read from the records, so that it survives a restart.

use super::{Entry, Error, Record, State};
use crate::agent::Ask;
use crate::domain::artifact::Wanted;
use crate::domain::before::Before;
use crate::domain::edit::Change;
use crate::domain::id::{ConversationId, JobId};
use crate::domain::job::{Choice, JobState, Lane, Origin};
use crate::domain::parameter::changes;
use crate::domain::plan::Plan;
use crate::domain::program::{Parameters, Program};
use crate::domain::prompt::Prompt;
use crate::domain::reading::Reading;

/// What somebody wants built, and the part it goes on from.
#[derive(Clone, Debug)]
pub struct Submission {
    pub wish: Wish,
    pub parameters: Parameters,
    pub wanted: Wanted,
    /// Who answers a prompt.
    pub choice: Choice,
    pub parent: Option<JobId>,
    /// Without a parent: the last part that was built in it.
    pub conversation: Option<ConversationId>,
}

#[derive(Clone, Debug)]
pub enum Wish {
    /// Of a part that is there already, it is an edit.
    Prompt(Prompt),
    Program(Program),
    Plan(Box<Plan>),
    /// The parent's program with other values of its parameters.
    Again,
}

/// One conversation in the list of them.
#[derive(Clone, Debug)]
pub struct Conversation {
    pub id: ConversationId,
    /// In version order.
    pub versions: Vec<Record>,
}

/// Where a job stands in its conversation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Place {
    pub(super) conversation: ConversationId,
    pub(super) parent: Option<JobId>,
    /// Counted from one.
    pub(super) version: u32,
}

/// A submission that has found its place.
pub(super) struct Placed {
    pub(super) place: Place,
    pub(super) origin: Origin,
    pub(super) ask: Ask,
    pub(super) prompt: Option<String>,
    pub(super) changes: Vec<Change>,
}

impl Submission {
    /// A conversation's first job.
    pub fn first(wish: Wish) -> Self {
        Self {
            wish,
            parameters: Parameters::new(),
            wanted: Wanted::Usual,
            choice: Choice::Auto,
            parent: None,
            conversation: None,
        }
    }
}

impl State {
    /// Finds what the job works on.
    pub(super) fn place(&self, id: JobId, submission: &Submission) -> Result<Placed, Error> {
        let place = self.place_of(id, submission.parent, submission.conversation)?;
        let base = place.parent.and_then(|parent| self.built(parent));
        let prompt = match &submission.wish {
            Wish::Prompt(prompt) => Some(prompt.as_str().to_owned()),
            _ => None,
        };
        let goes_on = matches!(submission.wish, Wish::Prompt(_) | Wish::Again);
        if let Some(parent) = place.parent.filter(|_| goes_on)
            && self.record(parent).is_some_and(|parent| !parent.state.is_final())
        {
            return Err(Error::Unfinished(parent));
        }
        let before = base.filter(|_| goes_on).and_then(|base| self.before(base));
        let (origin, ask, changes) = match (submission.wish.clone(), before) {
            (Wish::Prompt(prompt), Some(before)) => {
                (Origin::Edit, Ask::Edit { before: Box::new(before), prompt }, Vec::new())
            }
            (Wish::Prompt(prompt), None) => (Origin::Prompt, Ask::Prompt(prompt), Vec::new()),
            (Wish::Program(program), _) => (Origin::Program, Ask::Program(program), Vec::new()),
            (Wish::Plan(plan), _) => (Origin::Plan, Ask::Plan(plan), Vec::new()),
            (Wish::Again, Some(before)) => {
                let changes = changes(&before.declared, &submission.parameters);
                (Origin::Parameters, Ask::Again(Box::new(before)), changes)
            }
            (Wish::Again, None) => return Err(Error::NoPart(place.parent.unwrap_or(id))),
        };
        Ok(Placed { place, origin, ask, prompt, changes })
    }

    fn place_of(
        &self,
        id: JobId,
        parent: Option<JobId>,
        conversation: Option<ConversationId>,
    ) -> Result<Place, Error> {
        let (conversation, parent) = match (parent, conversation) {
            (None, None) => {
                return Ok(Place { conversation: ConversationId::started_by(id), parent: None, version: 1 });
            }
            (Some(parent), conversation) => {
                let own = self.record(parent).ok_or(Error::Unknown(parent))?.conversation;
                if conversation.is_some_and(|conversation| conversation != own) {
                    return Err(Error::OtherConversation(parent));
                }
                (own, Some(parent))
            }
            (None, Some(conversation)) => {
                let last = self.versions(conversation).max_by_key(|record| record.version);
                let last = last.ok_or(Error::UnknownConversation(conversation))?;
                let built = self.versions(conversation).filter(|record| record.state == JobState::Built);
                let built = built.max_by_key(|record| record.version).unwrap_or(last);
                (conversation, Some(built.id))
            }
        };
        let last = self.versions(conversation).map(|record| record.version).max().unwrap_or(0);
        Ok(Place { conversation, parent, version: last + 1 })
    }

    pub(super) fn versions(&self, conversation: ConversationId) -> impl Iterator<Item = &Record> {
        self.entries
            .values()
            .map(|entry| &entry.record)
            .filter(move |record| record.conversation == conversation)
    }

    pub(super) fn record(&self, id: JobId) -> Option<&Record> {
        self.entries.get(&id).map(|Entry { record, .. }| record)
    }

    /// The job, or the nearest one before it that built a part.
    fn built(&self, from: JobId) -> Option<&Record> {
        let mut record = self.record(from)?;
        while record.state != JobState::Built {
            record = self.record(record.parent?)?;
        }
        Some(record)
    }

    /// The job whose part this one shows: another one where a change was taken back.
    fn source<'a>(&'a self, record: &'a Record) -> &'a Record {
        if !record.reading.as_ref().is_some_and(|reading| reading.undo) {
            return record;
        }
        let base = record.parent.and_then(|parent| self.built(parent));
        base.and_then(|base| self.earlier(base)).unwrap_or(record)
    }

    /// The part before the last change of this one.
    fn earlier<'a>(&'a self, record: &'a Record) -> Option<&'a Record> {
        let earlier = self.built(self.source(record).parent?)?;
        Some(self.source(earlier))
    }

    fn before(&self, record: &Record) -> Option<Before> {
        let earlier = self.earlier(record).and_then(|earlier| self.alone(earlier)).map(Box::new);
        Some(Before { earlier, ..self.alone(record)? })
    }

    /// Without what was before it.
    fn alone(&self, record: &Record) -> Option<Before> {
        let mut said = Vec::new();
        let mut understood = true;
        let mut step = Some(self.source(record));
        while let Some(record) = step {
            said.extend(record.prompt.as_deref());
            understood &= record.reading.as_ref().is_none_or(Reading::complete);
            let goes_on = matches!(record.origin, Origin::Edit | Origin::Parameters);
            step = if goes_on { self.earlier(record) } else { None };
        }
        said.reverse();
        Some(Before {
            lane: record.lane.unwrap_or(Lane::Code),
            program: Program::parse(record.program.as_deref()?).ok()?,
            plan: record.plan.clone(),
            parameters: record.parameters.clone(),
            declared: record.declared.clone(),
            title: if said.is_empty() { "A part".to_owned() } else { said.join("; then ") },
            understood,
            earlier: None,
        })
    }
}

impl super::Jobs {
    /// Newest first: the one with the newest job is the first.
    pub fn conversations(&self, limit: usize) -> Vec<Conversation> {
        let state = self.shared.lock();
        let mut ids: Vec<ConversationId> = Vec::new();
        for entry in state.entries.values().rev() {
            if !ids.contains(&entry.record.conversation) {
                ids.push(entry.record.conversation);
            }
            if ids.len() == limit {
                break;
            }
        }
        ids.into_iter().filter_map(|id| state.conversation(id)).collect()
    }

    pub fn conversation(&self, id: ConversationId) -> Option<Conversation> {
        self.shared.lock().conversation(id)
    }
}

impl State {
    fn conversation(&self, id: ConversationId) -> Option<Conversation> {
        let mut versions: Vec<Record> = self.versions(id).cloned().collect();
        versions.sort_by_key(|record| record.version);
        (!versions.is_empty()).then_some(Conversation { id, versions })
    }
}

#[cfg(test)]
mod tests {
    use tokio_util::sync::CancellationToken;

    use super::*;

    /// A conversation as a list of jobs: how each came, on which it goes on, and whether it was built.
    struct Story {
        state: State,
        jobs: Vec<JobId>,
    }

    impl Story {
        fn new() -> Self {
            Self { state: State::default(), jobs: Vec::new() }
        }

        fn tell(&mut self, prompt: &str, parent: Option<usize>, outcome: JobState) -> usize {
            let id = JobId::new();
            let parent = parent.map(|index| self.jobs[index]);
            let place = self.state.place_of(id, parent, None).unwrap();
            let mut record = Record::new(id, place);
            record.prompt = Some(prompt.to_owned());
            record.origin = if parent.is_some() { Origin::Edit } else { Origin::Prompt };
            record.program = Some(format!("# {prompt}"));
            record.state = outcome;
            record.reading = Some(Reading { undo: prompt == "undo", ..Reading::default() });
            let entry = Entry { record, feed: None, cancel: CancellationToken::new() };
            self.state.entries.insert(id, entry);
            self.jobs.push(id);
            self.jobs.len() - 1
        }

        fn record(&self, index: usize) -> &Record {
            self.state.record(self.jobs[index]).unwrap()
        }

        fn earlier(&self, index: usize) -> Option<&str> {
            self.state.earlier(self.record(index)).and_then(|record| record.prompt.as_deref())
        }
    }

    #[test]
    fn a_failed_turn_is_passed_over_and_versions_are_counted() {
        let mut story = Story::new();
        let first = story.tell("plate", None, JobState::Built);
        let failed = story.tell("holes", Some(first), JobState::Failed);
        let third = story.tell("longer", Some(failed), JobState::Built);
        assert_eq!(story.record(third).version, 3);
        assert_eq!(story.record(third).conversation, ConversationId::started_by(story.jobs[0]));
        assert_eq!(story.state.built(story.jobs[failed]).unwrap().id, story.jobs[first]);
        assert_eq!(story.earlier(third), Some("plate"));
        let before = story.state.before(story.record(third)).unwrap();
        assert_eq!(before.title, "plate; then longer");
        assert!(!before.understood, "an empty reading is not complete");
        let other = story.tell("rod", None, JobState::Built);
        assert_eq!(story.record(other).version, 1);
        let mixed = story.state.place_of(
            JobId::new(),
            Some(story.jobs[other]),
            Some(story.record(first).conversation),
        );
        assert!(matches!(mixed, Err(Error::OtherConversation(_))));
    }

    #[test]
    fn taking_back_twice_goes_back_twice_and_then_on_from_there() {
        let mut story = Story::new();
        let one = story.tell("one", None, JobState::Built);
        let two = story.tell("two", Some(one), JobState::Built);
        let three = story.tell("three", Some(two), JobState::Built);
        assert_eq!(story.earlier(three), Some("two"));
        let back = story.tell("undo", Some(three), JobState::Built);
        assert_eq!(story.state.source(story.record(back)).id, story.jobs[two]);
        assert_eq!(story.earlier(back), Some("one"));
        let again = story.tell("undo", Some(back), JobState::Built);
        assert_eq!(story.state.source(story.record(again)).id, story.jobs[one]);
        assert_eq!(story.earlier(again), None);
        let on = story.tell("four", Some(again), JobState::Built);
        assert_eq!(story.earlier(on), Some("one"));
        assert_eq!(story.state.before(story.record(on)).unwrap().title, "one; then four");
    }

    #[test]
    fn without_a_parent_a_conversation_goes_on_from_its_last_part() {
        let mut story = Story::new();
        let first = story.tell("plate", None, JobState::Built);
        story.tell("holes", Some(first), JobState::Question);
        let conversation = story.record(first).conversation;
        let place = story.state.place_of(JobId::new(), None, Some(conversation)).unwrap();
        assert_eq!(place, Place { conversation, parent: Some(story.jobs[first]), version: 3 });
        let unknown = story.state.place_of(JobId::new(), None, Some(ConversationId::default()));
        assert!(matches!(unknown, Err(Error::UnknownConversation(_))));
    }
}
