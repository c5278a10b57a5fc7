//! The events of one job: numbered, kept, and handed to any number of followers from any number on.
//!
//! A follower that is slow or gone cannot hold the job up: it reads from the kept list at its own pace.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::watch;

use crate::domain::event::Event;
use crate::domain::limits::FEED_EVENTS_MAX;

#[derive(Debug)]
pub struct Feed {
    events: Mutex<Vec<Arc<Event>>>,
    /// How many events there are, and whether no more will come.
    progress: watch::Sender<(usize, bool)>,
}

impl Default for Feed {
    fn default() -> Self {
        Self { events: Mutex::default(), progress: watch::Sender::new((0, false)) }
    }
}

impl Feed {
    /// A feed that tells a finished story.
    pub(super) fn told(events: Vec<Event>) -> Self {
        let feed = Self::default();
        for event in events {
            feed.push(event);
        }
        feed
    }

    pub(super) fn push(&self, event: Event) {
        let last = matches!(event, Event::Completed(_));
        let mut events = lock(&self.events);
        // Only logs can be many; a bounded log is better than a lost end.
        if events.len() >= FEED_EVENTS_MAX && matches!(event, Event::Log { .. }) {
            return;
        }
        events.push(Arc::new(event));
        let count = events.len();
        drop(events);
        self.progress.send_replace((count, last));
    }

    /// Follows from the event after number `seen` (the first is number 1).
    pub fn follow(self: &Arc<Self>, seen: usize) -> Follower {
        Follower { feed: self.clone(), progress: self.progress.subscribe(), seen }
    }
}

/// One reader of a feed.
pub struct Follower {
    feed: Arc<Feed>,
    progress: watch::Receiver<(usize, bool)>,
    seen: usize,
}

impl Follower {
    /// The next event with its number, or `None` after the last.
    pub async fn next(&mut self) -> Option<(usize, Arc<Event>)> {
        loop {
            let (count, over) = *self.progress.borrow_and_update();
            if self.seen < count {
                let event = lock(&self.feed.events).get(self.seen)?.clone();
                self.seen += 1;
                return Some((self.seen, event));
            }
            if over {
                return None;
            }
            self.progress.changed().await.ok()?;
        }
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::event::{Completion, Level};
    use crate::domain::job::JobState;
    use crate::domain::outcome::Phases;

    fn log(message: &str) -> Event {
        Event::Log { level: Level::Info, message: message.into() }
    }

    fn end() -> Event {
        Event::Completed(Box::new(Completion {
            state: JobState::Failed,
            lane: None,
            part: None,
            files: vec![],
            failure: None,
            checks: vec![],
            sure: false,
            usage: None,
            seconds: 0.0,
            phases: Phases::new(),
        }))
    }

    #[tokio::test]
    async fn a_follower_resumes_where_it_stopped_and_ends_with_the_job() {
        let feed = Arc::new(Feed::default());
        feed.push(log("a"));
        feed.push(log("b"));
        let mut late = feed.follow(1);
        assert_eq!(late.next().await.unwrap().0, 2);
        let waiting =
            tokio::spawn(async move { (late.next().await.map(|e| e.0), late.next().await.map(|e| e.0)) });
        feed.push(end());
        assert_eq!(waiting.await.unwrap(), (Some(3), None));
    }

    #[tokio::test]
    async fn a_flood_of_logs_is_bounded_and_the_end_still_comes() {
        let feed = Arc::new(Feed::default());
        for _ in 0..2 * FEED_EVENTS_MAX {
            feed.push(log("x"));
        }
        feed.push(end());
        let mut follower = feed.follow(FEED_EVENTS_MAX);
        assert!(matches!(*follower.next().await.unwrap().1, Event::Completed(_)));
        assert!(follower.next().await.is_none());
    }
}
