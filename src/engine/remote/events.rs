//! Server-sent events out of a stream of bytes, each bounded. Knows nothing of what they say.
//!
//! A byte stream may be cut anywhere, in the middle of a character too, so text is made of whole lines only.

use super::Error;
use crate::domain::limits::REMOTE_EVENT_BYTES_MAX;

/// What has come of the event that is under way.
#[derive(Default)]
pub(super) struct Events {
    line: Vec<u8>,
    data: String,
    /// The last byte ended a line as CR: an LF after it belongs to it.
    after_cr: bool,
}

impl Events {
    /// Takes the next bytes and gives the data of the events that they complete.
    pub(super) fn take(&mut self, bytes: &[u8]) -> Result<Vec<String>, Error> {
        let mut complete = Vec::new();
        for byte in bytes {
            let belongs = std::mem::take(&mut self.after_cr) && *byte == b'\n';
            match byte {
                b'\n' if belongs => {}
                b'\n' | b'\r' => {
                    self.after_cr = *byte == b'\r';
                    complete.extend(self.end_line()?);
                }
                _ if self.line.len() == REMOTE_EVENT_BYTES_MAX => {
                    return Err(Error::Large(REMOTE_EVENT_BYTES_MAX));
                }
                _ => self.line.push(*byte),
            }
        }
        Ok(complete)
    }

    /// The stream has ended: an event that only lacks its blank line counts.
    pub(super) fn end(&mut self) -> Result<Option<String>, Error> {
        let ended = self.end_line()?;
        Ok(ended.or_else(|| self.event()))
    }

    fn end_line(&mut self) -> Result<Option<String>, Error> {
        let line = std::mem::take(&mut self.line);
        if line.is_empty() {
            return Ok(self.event());
        }
        let line = String::from_utf8_lossy(&line);
        let (field, value) = line.split_once(':').unwrap_or((&line, ""));
        // `error` is no field of the standard, but some llama-servers send one. Comments have an empty name.
        if matches!(field, "data" | "error") {
            let value = value.strip_prefix(' ').unwrap_or(value);
            if self.data.len() + value.len() > REMOTE_EVENT_BYTES_MAX {
                return Err(Error::Large(REMOTE_EVENT_BYTES_MAX));
            }
            if !self.data.is_empty() {
                self.data.push('\n');
            }
            self.data.push_str(value);
        }
        Ok(None)
    }

    fn event(&mut self) -> Option<String> {
        Some(std::mem::take(&mut self.data)).filter(|data| !data.is_empty())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn events(pieces: &[&[u8]]) -> Vec<String> {
        let mut events = Events::default();
        let mut found: Vec<String> = pieces.iter().flat_map(|piece| events.take(piece).unwrap()).collect();
        found.extend(events.end().unwrap());
        found
    }

    #[test]
    fn a_stream_cut_anywhere_gives_the_same_events() {
        let stream = ": hello\r\nevent: x\r\ndata: {\"a\": \"Ø 6 µm 🙂\"}\r\n\r\ndata:two\ndata: lines\n\n\n:\n\ndata: [DONE]".as_bytes();
        let expected = ["{\"a\": \"Ø 6 µm 🙂\"}", "two\nlines", "[DONE]"];
        for cut in 0..=stream.len() {
            let (before, after) = stream.split_at(cut);
            assert_eq!(events(&[before, after]), expected);
        }
        let bytes: Vec<&[u8]> = stream.chunks(1).collect();
        assert_eq!(events(&bytes), expected);
    }

    #[test]
    fn lines_may_end_as_on_old_machines() {
        assert_eq!(events(&[b"data: a\r\rdata: b\r\r"]), ["a", "b"]);
    }

    #[test]
    fn bytes_that_are_no_text_do_no_harm() {
        assert_eq!(events(&[b"data: \xff\xfe\n\n"]), ["\u{fffd}\u{fffd}"]);
    }

    #[test]
    fn an_event_is_bounded() {
        let line = vec![b'x'; REMOTE_EVENT_BYTES_MAX];
        assert!(Events::default().take(&line).is_ok());
        assert!(matches!(Events::default().take(&[line, vec![b'x']].concat()), Err(Error::Large(_))));
        let half = [b"data: ".as_slice(), &vec![b'x'; REMOTE_EVENT_BYTES_MAX / 2], b"\n"].concat();
        let mut events = Events::default();
        assert!(events.take(&half).is_ok() && events.take(&half).is_ok());
        assert!(matches!(events.take(b"data: x\n"), Err(Error::Large(_))));
    }
}
