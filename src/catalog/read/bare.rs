//! Numbers that no word names: sizes by the table's groups, standard sizes, the only size that is missing.

use super::bind::Binder;
use super::counts::pieces_of;
use super::instance::{Instance, Span};
use super::pieces::What;
use super::quantities::whole;
use crate::catalog::table::{Kind, Type};
use crate::catalog::words::{Naming, Sense};
use crate::domain::quantity::Unit;

impl Binder<'_, '_> {
    /// A number that names a standard size of this step: "a 608 bearing".
    pub(super) fn numbered_size(&mut self, instance: &mut Instance) {
        let Some(sizes) = instance.sizes(self.ctx).filter(|_| instance.size.is_none()) else { return };
        let table = &self.ctx.catalog.sizes[&sizes.table].sizes;
        let found = self.spans.iter().copied().find_map(|span| match self.ctx.numbers(span) {
            [one] if one.whole_and_bare && table.contains_key(&one.quantity.text) => {
                Some((span, one.quantity.text.clone()))
            }
            _ => None,
        });
        if let Some((span, size)) = found {
            instance.note(span.piece, &size);
            instance.size = Some((size, span.piece));
            self.use_span(span);
        }
    }

    /// Bare numbers, by the table's groups: all of them together, else one after the other.
    pub(super) fn bare(&mut self, instance: &mut Instance) {
        let all = self.spans.clone();
        let same_clause = all.windows(2).all(|pair| {
            !(pair[0].piece..pair[1].piece).any(|i| matches!(self.ctx.pieces[i].what, What::Stop))
        });
        // "60, 40, 10 block"; with a group among them ("a 10 mm plate 80 x 80") each stands for itself.
        let all_single = all.iter().all(|span| span.to - span.from == 1);
        if all.len() > 1 && all_single && same_clause && instance.take_group(self.ctx, &all) {
            self.spans.clear();
            return;
        }
        // Groups first: in "a 17 motor plate 42x42x5" the lone number must not spoil the sizes.
        let mut by_size = all;
        by_size.sort_by_key(|span| std::cmp::Reverse(span.to - span.from));
        // "four holes of 5 mm each, 60 by 40": the number at a feature's own noun is its size.
        if let Some(anchor) = instance.anchor.filter(|_| instance.spec(self.ctx).kind == Kind::Feature) {
            by_size.sort_by_key(|span| span.piece.abs_diff(anchor) > 2);
        }
        for span in by_size {
            if instance.take_group(self.ctx, &[span]) {
                self.use_span(span);
            }
        }
        self.bare_angle(instance);
        // "holes: 4, diameter 5"
        if instance.plural && instance.count.is_none() {
            let counted = self.spans.iter().copied().find_map(|span| match self.ctx.numbers(span) {
                [one] => whole(one).map(|count| (span, count, one.quantity.text.clone())),
                _ => None,
            });
            if let Some((span, count, text)) = counted {
                instance.count = Some((count, text));
                instance.note(span.piece, &pieces_of(count));
                self.use_span(span);
            }
        }
    }

    /// "60 deg", where the step has one angle only.
    fn bare_angle(&mut self, instance: &mut Instance) {
        let spec = instance.spec(self.ctx);
        let mut angles =
            spec.arguments.iter().enumerate().filter(|(_, argument)| argument.type_ == Type::Angle);
        let (Some((target, _)), None) = (angles.next(), angles.next()) else { return };
        let degrees =
            |span: &Span| matches!(self.ctx.numbers(*span), [one] if one.quantity.unit == Unit::Degree);
        let Some(span) = self.spans.iter().copied().find(degrees) else { return };
        let naming = Naming { step: instance.step, targets: vec![target], after_only: false, factor: 1.0 };
        if instance.take_named(self.ctx, &naming, None, span) {
            self.use_span(span);
        }
    }

    /// "40 mm dia x 15 mm disc": the only number left is the only size missing. That is a guess, and said.
    pub(super) fn last_missing(&mut self, instance: &mut Instance) {
        instance.derive(self.ctx);
        let spec = instance.spec(self.ctx);
        let mut missing = spec
            .arguments
            .iter()
            .enumerate()
            .filter(|(_, a)| a.required() && !instance.own.contains_key(&a.name));
        let (Some((target, argument)), None) = (missing.next(), missing.next()) else { return };
        let [span] = self.spans[..] else { return };
        if spec.kind != Kind::Base || instance.own.is_empty() || instance.size.is_some() {
            return;
        }
        let naming = Naming { step: instance.step, targets: vec![target], after_only: false, factor: 1.0 };
        if instance.take_named(self.ctx, &naming, None, span) {
            self.use_span(span);
            let text = self.ctx.numbers(span).first().map(|n| n.quantity.text.clone()).unwrap_or_default();
            instance.guesses.push(format!("{text} is the {}", argument.title.to_lowercase()));
        }
    }

    /// "2 mm gap": the air between two bodies.
    pub(super) fn gap(&mut self, instance: &mut Instance) {
        if instance.body == 0 {
            return;
        }
        let words = self.region.iter().copied().filter(|piece| self.ctx.pieces[*piece].has(&Sense::Gap));
        let beside = |piece: usize| [self.neighbour(piece, -1), self.neighbour(piece, 1)];
        let found = words.into_iter().find_map(|word| {
            let spans = beside(word).into_iter().filter_map(|piece| self.free_span(piece));
            spans.into_iter().find(|span| span.to - span.from == 1).map(|span| (word, span))
        });
        let Some((word, span)) = found else { return };
        let [number] = self.ctx.numbers(span) else { return };
        instance.gap = Some(self.ctx.plan_value(&number.quantity));
        instance.note(span.piece, "the gap between the bodies");
        instance.note(word, "the gap between the bodies");
        self.paired.push(word);
        self.use_span(span);
    }
}
