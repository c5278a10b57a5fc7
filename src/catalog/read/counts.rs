//! How many of a step are asked for: "four", "4x", "4 holes", "four (4) holes".

use super::bind::Binder;
use super::instance::{Instance, Span};
use super::pieces::What;
use super::quantities::whole;

impl Binder<'_, '_> {
    /// "four", "4x", and a bare whole number before a plural.
    pub(super) fn counts(&mut self, instance: &mut Instance) {
        for piece in self.region {
            if let What::Count(count) = self.ctx.pieces[*piece].what
                && instance.count.as_ref().is_none_or(|(known, _)| *known == count)
            {
                instance.count = Some((count, self.ctx.pieces[*piece].words.clone()));
                instance.note(*piece, &pieces_of(count));
            }
        }
        self.repeated_count(instance);
        let Some(anchor) = instance.anchor.filter(|_| instance.plural && instance.count.is_none()) else {
            return;
        };
        // "Holes: 4 x 5 mm" counts behind the noun.
        let tied = self.ctx.pieces.get(anchor + 1).is_some_and(|next| matches!(next.what, What::Equals));
        let first = |span: &Span| span.piece < anchor || (tied && span.piece == anchor + 2);
        let before = self.spans.iter().copied().find(first);
        let Some(first) = before else { return };
        let numbers = self.ctx.numbers(first);
        let Some(count) = numbers.first().and_then(whole) else { return };
        let alone = numbers.len() == 1;
        // "4 x 5 mm holes", where two numbers could also be diameter and depth.
        let one = instance.group(self.ctx, 1);
        let same_first =
            instance.group(self.ctx, 2).is_none_or(|two| one.is_some_and(|one| one[0] == two[0]));
        if alone || (numbers.len() == 2 && one.is_some() && same_first) {
            let span = Span { to: first.from + 1, ..first };
            instance.count = Some((count, numbers[0].quantity.text.clone()));
            instance.note(first.piece, &pieces_of(count));
            self.use_span(span);
        }
    }

    /// "four (4) holes"
    fn repeated_count(&mut self, instance: &mut Instance) {
        let Some((count, _)) = instance.count else { return };
        let again = self.spans.iter().copied().find(|span| {
            let numbers = self.ctx.numbers(*span);
            let bracketed = span.piece > 0 && matches!(self.ctx.pieces[span.piece - 1].what, What::Bracket);
            bracketed && numbers.len() == 1 && whole(&numbers[0]) == Some(count)
        });
        if let Some(span) = again {
            instance.note(span.piece, &pieces_of(count));
            self.use_span(span);
        }
    }
}

pub(super) fn pieces_of(count: u32) -> String {
    if count == 1 { "one".to_owned() } else { format!("{count} of them") }
}
