//! What to try next for a prompt: a pure state machine. It hears what came of a step and answers with the next one; the driver (`work`) does it.
//!
//! Cheapest first: the templates' own draft, a model's drafts, known mistakes rewritten, sizes shrunk that the kernel cannot build, the model once
//! more with what was wrong, and at last the closest that the templates know.

use crate::domain::job::{Choice, Lane};
use crate::domain::limits::REPAIR_ROUNDS_MAX;

/// What is known before anything is tried.
#[derive(Clone, Copy, Debug)]
pub(super) struct Situation {
    pub(super) choice: Choice,
    /// The templates read every word that matters.
    pub(super) complete: bool,
    /// They have a draft.
    pub(super) drafted: bool,
    /// The lane that a model would take; none when there is no model.
    pub(super) lane: Option<Lane>,
    /// It can be told what was wrong. Our own small model knows no such turns.
    pub(super) repairs: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Step {
    /// Run the templates' draft.
    RunTemplate,
    /// Ask the model; rounds after the first are told what was wrong.
    Ask { lane: Lane, round: u32 },
    /// Run its drafts, most agreed first.
    RunDrafts,
    /// Rewrite known mistakes in the last draft that failed, and run it.
    Rewrite,
    /// Find a size that the kernel can build in place of the one that failed.
    Shrink,
    /// The best there is: a part, or else the clearest failure.
    Finish,
}

/// What came of a step.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Heard {
    Began,
    /// A part without fault, or with so many numbers missed.
    Built {
        missed: usize,
    },
    /// The program raised, crashed, or ran too long.
    Broke,
    /// The model wrote drafts that were not seen before.
    Drafted,
    /// It wrote nothing new that can be run, but may do better when told why.
    Unusable,
    /// It cannot be asked, asks back, or repeats itself.
    Silent,
    /// Nothing to rewrite, nothing to shrink.
    Nothing,
    Cancelled,
}

#[derive(Debug)]
pub(super) struct Ladder {
    situation: Situation,
    last: Option<Step>,
    template_ran: bool,
    /// How often the model was asked.
    rounds: u32,
    /// There is a part without fault.
    good: bool,
    /// The model has nothing more to say.
    silent: bool,
}

impl Ladder {
    pub(super) fn new(situation: Situation) -> Self {
        Self { situation, last: None, template_ran: false, rounds: 0, silent: false, good: false }
    }

    /// The next step. `Finish` is the last.
    pub(super) fn next(&mut self, heard: Heard) -> Step {
        let step = self.decide(heard);
        match step {
            Step::RunTemplate => self.template_ran = true,
            Step::Ask { .. } => self.rounds += 1,
            _ => {}
        }
        self.last = Some(step);
        step
    }

    fn decide(&mut self, heard: Heard) -> Step {
        self.silent |= heard == Heard::Silent;
        self.good |= heard == Heard::Built { missed: 0 };
        match (heard, self.last) {
            (Heard::Began, _) => self.first(),
            (Heard::Drafted, _) => Step::RunDrafts,
            (Heard::Built { missed: 0 }, Some(Step::RunDrafts)) if self.template_may_be_better() => {
                Step::RunTemplate
            }
            (Heard::Built { missed: 0 } | Heard::Cancelled, _) => Step::Finish,
            // The templates' draft was only held against it.
            _ if self.good => Step::Finish,
            (Heard::Broke, Some(Step::RunDrafts)) => Step::Rewrite,
            (Heard::Broke, Some(Step::RunTemplate | Step::Rewrite))
            | (Heard::Nothing, Some(Step::Rewrite)) => Step::Shrink,
            // A number that is missed is not mended by shrinking; only somebody who reads can do that.
            (Heard::Built { .. } | Heard::Broke | Heard::Nothing | Heard::Unusable | Heard::Silent, _) => {
                self.ask_again()
            }
        }
    }

    fn first(&self) -> Step {
        let Situation { choice, complete, drafted, lane, .. } = self.situation;
        let forced = !matches!(choice, Choice::Auto | Choice::Template);
        match lane {
            Some(lane) if forced || (choice == Choice::Auto && !complete) => Step::Ask { lane, round: 1 },
            _ if drafted && !forced => Step::RunTemplate,
            _ => Step::Finish,
        }
    }

    /// An incomplete draft of the templates is held against the model's, unless the model was asked for by name.
    fn template_may_be_better(&self) -> bool {
        self.situation.choice == Choice::Auto && self.situation.drafted && !self.template_ran
    }

    fn ask_again(&mut self) -> Step {
        let first = self.rounds == 0;
        let allowed =
            self.situation.choice != Choice::Template && !self.silent && (first || self.situation.repairs);
        match self.situation.lane {
            Some(lane) if allowed && self.rounds <= REPAIR_ROUNDS_MAX => {
                Step::Ask { lane, round: self.rounds + 1 }
            }
            _ if self.template_may_be_better() => Step::RunTemplate,
            _ => Step::Finish,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use Step::{Finish, Rewrite, RunDrafts, RunTemplate, Shrink};

    const LANE: Lane = Lane::ModelPlan;
    const MISSED: Heard = Heard::Built { missed: 1 };
    const GOOD: Heard = Heard::Built { missed: 0 };

    fn ask(round: u32) -> Step {
        Step::Ask { lane: LANE, round }
    }

    /// Plays events and returns the steps.
    fn steps(situation: Situation, heard: &[Heard]) -> Vec<Step> {
        let mut ladder = Ladder::new(situation);
        std::iter::once(&Heard::Began).chain(heard).map(|&heard| ladder.next(heard)).collect()
    }

    fn situation(choice: Choice, complete: bool, drafted: bool, lane: Option<Lane>) -> Situation {
        Situation { choice, complete, drafted, lane, repairs: true }
    }

    #[test]
    fn a_prompt_that_templates_understand_never_reaches_the_model() {
        let complete = situation(Choice::Auto, true, true, Some(LANE));
        assert_eq!(steps(complete, &[GOOD]), [RunTemplate, Finish]);
    }

    #[test]
    fn a_prompt_that_they_do_not_goes_to_the_model_and_both_are_compared() {
        let partly = situation(Choice::Auto, false, true, Some(LANE));
        assert_eq!(steps(partly, &[Heard::Drafted, GOOD, GOOD]), [ask(1), RunDrafts, RunTemplate, Finish]);
        for worse in [MISSED, Heard::Broke] {
            assert_eq!(
                steps(partly, &[Heard::Drafted, GOOD, worse]),
                [ask(1), RunDrafts, RunTemplate, Finish]
            );
        }
        let nothing = situation(Choice::Auto, false, false, Some(LANE));
        assert_eq!(steps(nothing, &[Heard::Drafted, GOOD]), [ask(1), RunDrafts, Finish]);
    }

    #[test]
    fn without_a_model_the_templates_do_what_they_can() {
        assert_eq!(steps(situation(Choice::Auto, false, true, None), &[MISSED]), [RunTemplate, Finish]);
        assert_eq!(steps(situation(Choice::Auto, false, false, None), &[]), [Finish]);
        assert_eq!(
            steps(situation(Choice::Template, false, true, Some(LANE)), &[MISSED]),
            [RunTemplate, Finish]
        );
    }

    #[test]
    fn a_model_asked_for_by_name_answers_even_what_templates_know() {
        let forced = situation(Choice::ModelPlan, true, true, Some(LANE));
        assert_eq!(steps(forced, &[Heard::Drafted, GOOD]), [ask(1), RunDrafts, Finish]);
        // Named, but not there: nothing else pretends to be it.
        assert_eq!(steps(situation(Choice::ModelPlan, true, true, None), &[]), [Finish]);
    }

    #[test]
    fn a_broken_draft_climbs_the_ladder_to_its_top() {
        let partly = situation(Choice::Auto, false, true, Some(LANE));
        let heard = [
            Heard::Drafted,
            Heard::Broke,
            Heard::Nothing,
            Heard::Nothing,
            Heard::Drafted,
            Heard::Broke,
            Heard::Broke,
            Heard::Broke,
            Heard::Unusable,
            Heard::Unusable,
            Heard::Broke,
            Heard::Nothing,
        ];
        let expected = [
            ask(1),
            RunDrafts,
            Rewrite,
            Shrink,
            ask(2),
            RunDrafts,
            Rewrite,
            Shrink,
            ask(3),
            ask(4),
            RunTemplate,
            Shrink,
            Finish,
        ];
        assert_eq!(steps(partly, &heard), expected);
    }

    #[test]
    fn a_missed_number_is_told_to_the_model_until_it_repeats_itself() {
        let nothing = situation(Choice::Auto, false, false, Some(LANE));
        let heard = [Heard::Drafted, MISSED, Heard::Drafted, MISSED, Heard::Silent];
        assert_eq!(steps(nothing, &heard), [ask(1), RunDrafts, ask(2), RunDrafts, ask(3), Finish]);
    }

    #[test]
    fn a_model_that_takes_no_advice_is_asked_once() {
        let partly = Situation { repairs: false, ..situation(Choice::Auto, false, true, Some(LANE)) };
        assert_eq!(steps(partly, &[Heard::Drafted, MISSED, GOOD]), [ask(1), RunDrafts, RunTemplate, Finish]);
    }

    #[test]
    fn a_silent_model_leaves_the_templates_draft() {
        let partly = situation(Choice::Auto, false, true, Some(LANE));
        assert_eq!(steps(partly, &[Heard::Silent, MISSED]), [ask(1), RunTemplate, Finish]);
    }

    #[test]
    fn a_complete_draft_that_the_kernel_cannot_build_is_shrunk_and_then_handed_over() {
        let complete = situation(Choice::Auto, true, true, Some(LANE));
        assert_eq!(
            steps(complete, &[Heard::Broke, MISSED, Heard::Silent]),
            [RunTemplate, Shrink, ask(1), Finish]
        );
        let alone = situation(Choice::Auto, true, true, None);
        assert_eq!(steps(alone, &[Heard::Broke, Heard::Nothing]), [RunTemplate, Shrink, Finish]);
    }

    #[test]
    fn cancelling_ends_every_sequence_and_every_sequence_ends() {
        let all =
            [GOOD, MISSED, Heard::Broke, Heard::Drafted, Heard::Unusable, Heard::Silent, Heard::Nothing];
        let mut random = fastrand::Rng::with_seed(1);
        for _ in 0..5_000 {
            let choice = [Choice::Auto, Choice::Template, Choice::ModelCode][random.usize(..3)];
            let lane = random.bool().then_some(LANE);
            let mut ladder = Ladder::new(situation(choice, random.bool(), random.bool(), lane));
            let mut step = ladder.next(Heard::Began);
            let mut count = 0;
            while step != Finish {
                count += 1;
                assert!(count < 40, "{ladder:?}");
                step = ladder.next(all[random.usize(..all.len())]);
            }
            let mut ladder = Ladder::new(situation(choice, random.bool(), random.bool(), lane));
            ladder.next(Heard::Began);
            assert_eq!(ladder.next(Heard::Cancelled), Finish);
        }
    }
}
