//! What a program prints: cut into clean lines, the first and the last of them kept, the middle counted.

use std::collections::VecDeque;

use crate::domain::event::Level;
use crate::domain::limits::{LOG_LINE_CHARS_MAX, RUN_OUTPUT_KEPT_BYTES, RUN_OUTPUT_KEPT_LINES};

/// One line of a program's output.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    pub level: Level,
    pub text: String,
}

/// Streams the head of the output at once and hands out the tail at the end.
#[derive(Default)]
pub(super) struct Output {
    partial: [Vec<u8>; 2],
    head_bytes: usize,
    head_lines: usize,
    tail: VecDeque<Line>,
    tail_bytes: usize,
    left_out: u64,
    pub(super) total_bytes: u64,
}

/// The two streams of a process.
#[derive(Clone, Copy)]
pub(super) enum Stream {
    Stdout = 0,
    Stderr = 1,
}

impl Output {
    /// Takes bytes as they come; returns the lines that are shown at once.
    pub(super) fn take(&mut self, stream: Stream, bytes: &[u8]) -> Vec<Line> {
        self.total_bytes += bytes.len() as u64;
        let mut shown = Vec::new();
        for piece in bytes.split_inclusive(|&b| b == b'\n') {
            let partial = &mut self.partial[stream as usize];
            let room = (4 * LOG_LINE_CHARS_MAX).saturating_sub(partial.len());
            partial.extend_from_slice(&piece[..piece.len().min(room)]);
            if piece.ends_with(b"\n") {
                let line = std::mem::take(&mut self.partial[stream as usize]);
                shown.extend(self.keep(stream, &line));
            }
        }
        shown
    }

    /// The unfinished lines, the note about what was left out, and the tail.
    pub(super) fn finish(&mut self) -> Vec<Line> {
        let mut shown = Vec::new();
        for stream in [Stream::Stdout, Stream::Stderr] {
            let line = std::mem::take(&mut self.partial[stream as usize]);
            if !line.is_empty() {
                shown.extend(self.keep(stream, &line));
            }
        }
        if self.left_out > 0 {
            shown.push(Line {
                level: Level::Warning,
                text: format!("... {} bytes of output left out ...", self.left_out),
            });
        }
        shown.extend(self.tail.drain(..));
        shown
    }

    fn keep(&mut self, stream: Stream, raw: &[u8]) -> Option<Line> {
        let level = match stream {
            Stream::Stdout => Level::Info,
            Stream::Stderr => Level::Error,
        };
        let line = Line { level, text: clean(raw) };
        if self.head_bytes + raw.len() <= RUN_OUTPUT_KEPT_BYTES && self.head_lines < RUN_OUTPUT_KEPT_LINES {
            self.head_bytes += raw.len();
            self.head_lines += 1;
            return Some(line);
        }
        // Once the head is full it stays full, or lines would come out of order.
        self.head_lines = RUN_OUTPUT_KEPT_LINES;
        self.tail_bytes += line.text.len() + 1;
        self.tail.push_back(line);
        while self.tail_bytes > RUN_OUTPUT_KEPT_BYTES || self.tail.len() > RUN_OUTPUT_KEPT_LINES {
            let Some(gone) = self.tail.pop_front() else { break };
            self.tail_bytes -= gone.text.len() + 1;
            self.left_out += gone.text.len() as u64 + 1;
        }
        None
    }
}

/// Text without line ends, terminal escapes, control or direction-changing characters.
fn clean(raw: &[u8]) -> String {
    let text = String::from_utf8_lossy(raw);
    let mut clean = String::with_capacity(text.len());
    let mut chars = text.trim_end_matches(['\n', '\r']).chars().peekable();
    let mut count = 0;
    while let Some(c) = chars.next() {
        if count == LOG_LINE_CHARS_MAX {
            clean.push('…');
            break;
        }
        match c {
            '\u{1b}' if chars.peek() == Some(&'[') => {
                chars.next();
                while chars.next().is_some_and(|c| !c.is_ascii_alphabetic() && c != '~') {}
                continue;
            }
            '\t' => clean.push_str("    "),
            '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' => continue,
            c if c.is_control() => continue,
            c => clean.push(c),
        }
        count += 1;
    }
    clean
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts(lines: &[Line]) -> Vec<&str> {
        lines.iter().map(|line| line.text.as_str()).collect()
    }

    #[test]
    fn lines_are_joined_across_pieces_and_cleaned() {
        let mut output = Output::default();
        assert_eq!(texts(&output.take(Stream::Stdout, b"hel")), Vec::<&str>::new());
        let shown = output.take(Stream::Stdout, b"lo\n\x1b[31mred\x1b[0m\n\xff\nrest");
        assert_eq!(texts(&shown), ["hello", "red", "\u{fffd}"]);
        assert_eq!(texts(&output.finish()), ["rest"]);
    }

    #[test]
    fn a_flood_keeps_its_first_and_last_lines_and_counts_the_rest() {
        let mut output = Output::default();
        let mut shown = Vec::new();
        for n in 0..100_000 {
            shown.extend(output.take(Stream::Stdout, format!("line {n}\n").as_bytes()));
        }
        shown.extend(output.finish());
        let all = texts(&shown);
        assert_eq!(all[0], "line 0");
        assert_eq!(*all.last().unwrap(), "line 99999");
        assert!(all.len() <= 2 * RUN_OUTPUT_KEPT_LINES + 1);
        assert!(all.iter().any(|line| line.contains("left out")));
    }

    #[test]
    fn one_endless_line_stays_bounded() {
        let mut output = Output::default();
        for _ in 0..1_000 {
            assert!(output.take(Stream::Stderr, &vec![b'x'; 65_536]).is_empty());
        }
        assert_eq!(output.total_bytes, 65_536_000);
        let lines = output.finish();
        assert_eq!(lines.len(), 1);
        assert_eq!(lines[0].level, Level::Error);
        assert!(lines[0].text.chars().count() <= LOG_LINE_CHARS_MAX + 1);
    }
}
