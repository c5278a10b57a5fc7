//! The text of one candidate as it grows: bytes of tokens become whole characters, stop texts end it, and what is settled can be told.

/// Bytes so far, and how many of them were told.
#[derive(Default)]
pub(super) struct Text {
    bytes: Vec<u8>,
    told: usize,
}

impl Text {
    /// Adds a token's bytes. True when a stop text came; it and what follows are cut off.
    pub(super) fn push(&mut self, piece: &[u8], stops: &[String]) -> bool {
        let before = self.bytes.len();
        self.bytes.extend_from_slice(piece);
        let stop = stops.iter().filter(|stop| !stop.is_empty()).filter_map(|stop| {
            let from = before.saturating_sub(stop.len() - 1);
            find(&self.bytes[from..], stop.as_bytes()).map(|at| from + at)
        });
        let Some(end) = stop.min() else { return false };
        self.bytes.truncate(end);
        true
    }

    /// What became settled since the last call: whole characters that cannot be the beginning of a stop text.
    pub(super) fn news(&mut self, stops: &[String]) -> String {
        let held = stops.iter().map(|stop| begun(&self.bytes, stop.as_bytes())).max().unwrap_or(0);
        let settled = &self.bytes[self.told..self.bytes.len() - held.min(self.bytes.len() - self.told)];
        let whole = whole_characters(settled);
        let news = String::from_utf8_lossy(&settled[..whole]).into_owned();
        self.told += whole;
        news
    }

    /// What was not told yet, at the end.
    pub(super) fn rest(&mut self) -> String {
        let rest = String::from_utf8_lossy(&self.bytes[self.told.min(self.bytes.len())..]).into_owned();
        self.told = self.bytes.len();
        rest
    }

    /// All of it; bytes that are no character are replaced.
    pub(super) fn whole(&self) -> String {
        String::from_utf8_lossy(&self.bytes).into_owned()
    }
}

fn find(bytes: &[u8], wanted: &[u8]) -> Option<usize> {
    bytes.windows(wanted.len()).position(|window| window == wanted)
}

/// How many bytes at the end of `bytes` are a beginning of `stop`.
fn begun(bytes: &[u8], stop: &[u8]) -> usize {
    let longest = stop.len().saturating_sub(1).min(bytes.len());
    (1..=longest).rev().find(|&n| bytes[bytes.len() - n..] == stop[..n]).unwrap_or(0)
}

/// The length without a character that is begun but not complete.
fn whole_characters(bytes: &[u8]) -> usize {
    match std::str::from_utf8(bytes) {
        Ok(_) => bytes.len(),
        Err(error) if error.error_len().is_none() => error.valid_up_to(),
        // Bytes that never become a character are told as such, up to a possible beginning at the very end.
        Err(_) => {
            let tail = (1..4.min(bytes.len() + 1)).rev().find(|&n| {
                let end = &bytes[bytes.len() - n..];
                std::str::from_utf8(end)
                    .is_err_and(|error| error.valid_up_to() == 0 && error.error_len().is_none())
            });
            bytes.len() - tail.unwrap_or(0)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn characters_are_told_whole_and_a_begun_stop_text_is_held_back() {
        let stops = vec!["```".to_owned()];
        let mut text = Text::default();
        let bytes = "Ø6 ``x".as_bytes();
        assert!(!text.push(&bytes[..1], &stops));
        assert_eq!(text.news(&stops), "");
        assert!(!text.push(&bytes[1..6], &stops));
        assert_eq!(text.news(&stops), "Ø6 ");
        assert!(!text.push(&bytes[6..], &stops));
        assert_eq!(text.news(&stops), "``x");
        assert!(text.push(b"\n```python", &stops));
        assert_eq!(text.rest(), "\n");
        assert_eq!(text.whole(), "Ø6 ``x\n");
    }

    #[test]
    fn a_stop_text_over_several_tokens_is_found() {
        let stops = vec!["<|end|>".to_owned()];
        let mut text = Text::default();
        for piece in ["a", "<|", "en"] {
            assert!(!text.push(piece.as_bytes(), &stops));
        }
        assert_eq!(text.news(&stops), "a");
        assert!(text.push(b"d|>b", &stops));
        assert_eq!((text.rest().as_str(), text.whole().as_str()), ("", "a"));
    }

    #[test]
    fn bytes_that_are_no_characters_do_no_harm() {
        let mut text = Text::default();
        text.push(&[0xff, b'a', 0xc3], &[]);
        assert_eq!(text.news(&[]), "\u{fffd}a");
        text.push(&[0xa4], &[]);
        assert_eq!(text.news(&[]), "ä");
        assert_eq!(text.whole(), "\u{fffd}aä");
    }
}
