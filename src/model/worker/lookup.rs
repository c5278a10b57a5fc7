//! Prompt lookup: proposes the next tokens of an answer that largely repeats a known text. The model checks the proposal in one batch, so
//! that agreed tokens cost a fraction of decoding them one by one. What is proposed never changes what is written, only how fast.
//!
//! After Saxena, "Prompt Lookup Decoding" (2023): find where the end of the answer occurs in the source, propose what follows there.

use crate::domain::limits::{LOOKUP_DRAFT_MAX, LOOKUP_DRAFT_MIN};

/// Longest and shortest end of the answer that is looked for.
const LONGEST: usize = 8;
const SHORTEST: usize = 2;

pub(super) struct Lookup {
    source: Vec<i32>,
    /// Where in the source the answer stands, as far as it has followed it.
    cursor: Option<usize>,
    length: usize,
}

impl Lookup {
    pub(super) fn new(source: Vec<i32>) -> Self {
        Self { source, cursor: Some(0), length: LOOKUP_DRAFT_MAX }
    }

    /// Tokens that may follow `written`, at most `room`.
    pub(super) fn propose(&mut self, written: &[i32], room: usize) -> &[i32] {
        if self.cursor.is_none() {
            self.cursor = self.find(written);
        }
        let Some(at) = self.cursor.filter(|&at| at < self.source.len()) else { return &[] };
        // Repacked matrices take rows in blocks of four; the token before the draft is one more row.
        let end = (at + self.length.min(room)).min(self.source.len());
        &self.source[at..end]
    }

    /// Of the last proposal, so many tokens were right; `next` was written behind them.
    pub(super) fn heard(&mut self, proposed: usize, accepted: usize, next: i32) {
        if proposed > 0 {
            let all = accepted == proposed;
            let wanted = if all { self.length * 2 + 1 } else { accepted.max(LOOKUP_DRAFT_MIN) };
            self.length = wanted.clamp(LOOKUP_DRAFT_MIN, LOOKUP_DRAFT_MAX);
        }
        self.cursor = self.cursor.map(|at| at + accepted).and_then(|at| match self.source.get(at) {
            Some(&expected) if expected == next => Some(at + 1),
            _ => None,
        });
    }

    /// The place behind the longest end of `written` that the source has, the last such place.
    fn find(&self, written: &[i32]) -> Option<usize> {
        (SHORTEST..=LONGEST.min(written.len())).rev().find_map(|length| {
            let end = &written[written.len() - length..];
            let places = self.source.windows(length).enumerate().rev();
            places
                .filter(|(_, window)| *window == end)
                .map(|(at, _)| at + length)
                .find(|&at| at < self.source.len())
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Plays a model that writes `answer`; returns the number of batches it took.
    fn batches(source: &[i32], answer: &[i32]) -> usize {
        let mut lookup = Lookup::new(source.to_vec());
        let mut written = vec![answer[0]];
        lookup.heard(0, 0, answer[0]);
        let mut batches = 0;
        while written.len() < answer.len() {
            let draft = lookup.propose(&written, 64).to_vec();
            let right = draft.iter().zip(&answer[written.len()..]).take_while(|(a, b)| a == b).count();
            let right = right.min(answer.len() - written.len() - 1);
            written.extend(&draft[..right]);
            let next = answer[written.len()];
            written.push(next);
            lookup.heard(draft.len(), right, next);
            batches += 1;
        }
        assert_eq!(written, answer);
        batches
    }

    #[test]
    fn a_copied_text_takes_few_batches_and_one_changed_token_few_more() {
        let source: Vec<i32> = (0..300).map(|i| i * 7 % 101 + i).collect();
        let whole = batches(&source, &source);
        assert!(whole <= 300 / LOOKUP_DRAFT_MAX + 4, "{whole}");
        let mut changed = source.clone();
        changed[150] = -1;
        let after = batches(&source, &changed);
        assert!(after <= whole + 10, "{after} {whole}");
    }

    #[test]
    fn an_answer_that_has_nothing_in_common_is_still_written() {
        assert_eq!(batches(&[1, 2, 3, 4], &[9, 8, 7, 6, 5]), 4);
        assert_eq!(batches(&[], &[9, 8, 7]), 2);
    }
}
