//! A job's feed as server-sent events: numbered, so that a browser that was cut off resumes where it stopped.

use std::convert::Infallible;

use axum::http::HeaderMap;
use axum::response::sse::{Event, KeepAlive, Sse};
use futures_util::stream::{self, Stream};

use super::wire;
use crate::domain::id::JobId;
use crate::domain::limits::EVENTS_KEEP_ALIVE;
use crate::jobs::Follower;

/// The number of the last event that the browser has seen.
pub(super) fn last_seen(headers: &HeaderMap) -> usize {
    let id = headers.get("last-event-id").and_then(|id| id.to_str().ok());
    id.and_then(|id| id.parse().ok()).unwrap_or(0)
}

/// Streams events until the job is over; `keep` chooses which of them are told.
pub(super) fn stream(
    job: JobId,
    follower: Follower,
    keep: impl Fn(&str) -> bool + Send + 'static,
) -> Sse<impl Stream<Item = Result<Event, Infallible>>> {
    let events = stream::unfold((follower, keep), move |(mut follower, keep)| async move {
        loop {
            let (number, event) = follower.next().await?;
            let (name, data) = wire::event(job, &event);
            if keep(name) {
                let event = Event::default().event(name).id(number.to_string()).data(data.to_string());
                return Some((Ok(event), (follower, keep)));
            }
        }
    });
    Sse::new(events).keep_alive(KeepAlive::new().interval(EVENTS_KEEP_ALIVE))
}
