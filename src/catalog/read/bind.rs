//! Binds the numbers and words of one clause to the arguments of its step: first numbers with a word that names them, then places, counts
//! and sizes, then bare numbers by the table's groups. What fits nowhere is left for the other steps of the prompt.

use super::instance::{Context, Given, Instance, Left, Named, PlacePair, Role, Span};
use super::pieces::{Number, What};
use crate::catalog::table::{Step, Type};
use crate::catalog::words::{Naming, Sense};
use crate::domain::plan::{Join, Value};

/// Reads the pieces `region` (in order, without the anchor) into the instance.
pub(super) fn bind(ctx: &Context<'_>, instance: &mut Instance, region: &[usize]) {
    let mut binder = Binder { ctx, region, spans: Vec::new(), paired: Vec::new() };
    binder.spans = region.iter().filter_map(|piece| whole_span(ctx, *piece)).collect();
    binder.places(instance);
    binder.numbered_size(instance);
    binder.gap(instance);
    binder.rows(instance);
    binder.shifts(instance);
    binder.pairs(instance);
    binder.places_numbers(instance);
    binder.words(instance);
    binder.points(instance);
    binder.prefixed(instance);
    binder.counts(instance);
    binder.bare(instance);
    binder.last_missing(instance);
    binder.leave(instance);
}

fn whole_span(ctx: &Context<'_>, piece: usize) -> Option<Span> {
    match &ctx.pieces[piece].what {
        What::Numbers(numbers) => Some(Span { piece, from: 0, to: numbers.len() }),
        _ => None,
    }
}

pub(super) struct Binder<'a, 'c> {
    pub(super) ctx: &'a Context<'c>,
    pub(super) region: &'a [usize],
    /// Numbers not bound yet.
    pub(super) spans: Vec<Span>,
    /// Words that have their number.
    pub(super) paired: Vec<usize>,
}

impl Binder<'_, '_> {
    /// Placements that are named outright.
    fn places(&mut self, instance: &mut Instance) {
        for piece in self.region {
            let chosen = self.ctx.pieces[*piece]
                .senses()
                .iter()
                .any(|s| matches!(s, Sense::Choice { step, .. } if *step == instance.step));
            if !chosen {
                instance.take_place(self.ctx, *piece);
            }
        }
    }

    /// The next piece in the text that matters, in steps of `by`; none across a comma or a link. Looking ahead, `of` and `is` are passed over.
    pub(super) fn neighbour(&self, piece: usize, by: isize) -> Option<usize> {
        let mut at = piece;
        loop {
            at = at.checked_add_signed(by).filter(|at| self.region.contains(at))?;
            let other = &self.ctx.pieces[at];
            let tie = other.has(&Sense::Tie) || matches!(other.what, What::Equals);
            if other.parts() || other.has(&Sense::Aside) || (by < 0 && tie) {
                return None;
            }
            if !other.is_idle() {
                return Some(at);
            }
        }
    }

    pub(super) fn free_span(&self, piece: Option<usize>) -> Option<Span> {
        piece.and_then(|piece| self.spans.iter().find(|span| span.piece == piece).copied())
    }

    pub(super) fn use_span(&mut self, used: Span) {
        let Some(at) = self
            .spans
            .iter()
            .position(|span| span.piece == used.piece && span.from <= used.from && span.to >= used.to)
        else {
            return;
        };
        let whole = self.spans.remove(at);
        for (from, to) in [(whole.from, used.from), (used.to, whole.to)] {
            if from < to {
                self.spans.push(Span { piece: whole.piece, from, to });
            }
        }
        self.spans.sort_by_key(|span| (span.piece, span.from));
    }

    /// What the word may name here; if nothing, what it names elsewhere, so that its number is not taken for something else.
    fn namings(&self, instance: &Instance, word: usize) -> Vec<Naming> {
        let all: Vec<&Naming> = self.ctx.namings(word).collect();
        let here = |naming: &&&Naming| naming.step == instance.step || instance.allows(self.ctx, naming.step);
        let relevant: Vec<Naming> = all.iter().filter(here).map(|naming| (*naming).clone()).collect();
        if !relevant.is_empty() {
            return relevant;
        }
        let deep = all.iter().any(|naming| {
            naming.targets.iter().any(|target| self.ctx.spec(naming.step).arguments[*target].name == "depth")
        });
        match instance.height(self.ctx).filter(|_| deep && instance.role == Role::Joined(Join::Cut)) {
            // How deep a shape is cut is how high it is.
            Some(target) => {
                vec![Naming { step: instance.step, targets: vec![target], after_only: false, factor: 1.0 }]
            }
            None => all.into_iter().cloned().collect(),
        }
    }

    /// Numbers with the word that names them. Words that follow their number ("20 long") choose first.
    fn pairs(&mut self, instance: &mut Instance) {
        let names = |piece: &usize| {
            self.ctx.namings(*piece).next().is_some()
                && !self.counts_places(instance, *piece)
                && (self.knows(instance, *piece) || !self.chooses(instance, *piece))
        };
        let words: Vec<usize> = self.region.iter().copied().filter(names).collect();
        let after_only =
            |this: &Self, word: usize| this.namings(instance, word).iter().all(|naming| naming.after_only);
        let (after, either): (Vec<usize>, Vec<usize>) =
            words.iter().partition(|word| after_only(self, **word));
        let mut found: Vec<(usize, Span)> = Vec::new();
        let mut echoes: Vec<(usize, usize)> = Vec::new();
        for word in &after {
            if let Some(span) = self.free_span(self.neighbour(*word, -1)) {
                found.push((*word, self.claim(instance, *word, span, true)));
            }
        }
        for word in &either {
            if self.paired.contains(word) {
                continue;
            }
            let left = self.free_span(self.neighbour(*word, -1));
            let right = self.free_span(self.neighbour(*word, 1));
            let choice = match (left, right) {
                (Some(left), Some(right)) => {
                    if self.belongs_right(instance, *word, right, &either) {
                        (right, false)
                    } else {
                        (left, true)
                    }
                }
                (Some(left), None) => (left, true),
                (None, Some(right)) => (right, false),
                (None, None) => continue,
            };
            found.push((*word, self.claim(instance, *word, choice.0, choice.1)));
            // "spaced 30 mm apart": both words say the same.
            let beyond = self
                .neighbour(choice.0.piece, 1)
                .filter(|beyond| !choice.1 && self.says_same(instance, *word, *beyond));
            if let Some(beyond) = beyond {
                self.paired.push(beyond);
                echoes.push((*word, beyond));
            }
        }
        for word in after {
            if !self.paired.contains(&word)
                && self.knows(instance, word)
                && let Some(span) = self.free_span(self.neighbour(word, 1))
            {
                found.push((word, self.claim(instance, word, span, false)));
            }
        }
        found.sort_by_key(|(word, _)| *word);
        for (word, span) in found {
            if self.give(instance, word, span) {
                for (_, echo) in echoes.iter().filter(|(first, _)| *first == word) {
                    instance.note(*echo, &self.ctx.pieces[word].words);
                }
            } else {
                instance.left.push(Left::Pair { word, number: span });
            }
        }
    }

    /// The word names a number of this step or of a placement it may have.
    fn knows(&self, instance: &Instance, word: usize) -> bool {
        self.namings(instance, word)
            .iter()
            .any(|naming| naming.step == instance.step || instance.allows(self.ctx, naming.step))
    }

    /// The word stands for itself here: "through" of a hole, though a counterbore has a number of that name.
    fn chooses(&self, instance: &Instance, word: usize) -> bool {
        self.ctx.pieces[word].senses().iter().any(|sense| match sense {
            Sense::Choice { step, .. } | Sense::Absent { step, .. } | Sense::Fit { step, .. } => {
                *step == instance.step
            }
            _ => false,
        })
    }

    fn says_same(&self, instance: &Instance, word: usize, other: usize) -> bool {
        let meant = |naming: &&Naming| naming.step == instance.step || instance.allows(self.ctx, naming.step);
        self.ctx
            .namings(word)
            .filter(meant)
            .any(|a| self.ctx.namings(other).any(|b| a.step == b.step && a.targets == b.targets))
    }

    /// With a number on either side, a word takes the right one after "of", "is" or a colon, and when no other word waits for it.
    fn belongs_right(&self, instance: &Instance, word: usize, right: Span, words: &[usize]) -> bool {
        let tied = self
            .ctx
            .pieces
            .get(word + 1)
            .is_some_and(|next| next.has(&Sense::Tie) || matches!(next.what, What::Equals));
        let echoed = self.neighbour(right.piece, 1).is_some_and(|next| self.says_same(instance, word, next));
        let waiting = self
            .neighbour(right.piece, 1)
            .is_some_and(|next| words.contains(&next) && !self.paired.contains(&next));
        tied || echoed || !waiting
    }

    /// Takes from a group only the element next to the word, unless the word's argument takes two.
    fn claim(&mut self, instance: &Instance, word: usize, span: Span, before_word: bool) -> Span {
        let fits = self.namings(instance, word).iter().any(|naming| {
            let spec = self.ctx.spec(naming.step);
            naming
                .targets
                .iter()
                .all(|t| self.ctx.value(&spec.arguments[*t], self.ctx.numbers(span), 1.0).is_some())
        });
        let claimed = if fits || span.to - span.from == 1 {
            span
        } else if before_word {
            Span { from: span.to - 1, ..span }
        } else {
            Span { to: span.from + 1, ..span }
        };
        self.use_span(claimed);
        self.paired.push(word);
        claimed
    }

    /// The placement named just before goes first, then the step itself, then any placement.
    fn give(&self, instance: &mut Instance, word: usize, span: Span) -> bool {
        let namings = self.namings(instance, word);
        let after_anchor =
            |piece: &usize| instance.anchor.is_none_or(|anchor| *piece > anchor) && *piece < word;
        let place_before = self.region.iter().rev().filter(|piece| after_anchor(piece)).find_map(|piece| {
            let senses = self.ctx.pieces[*piece].senses();
            senses.iter().find_map(|s| {
                if let Sense::Step { step, .. } = s {
                    instance.places.contains(step).then_some(*step)
                } else {
                    None
                }
            })
        });
        let taken = |instance: &Instance, naming: &Naming| {
            let names = |word: usize| {
                self.ctx
                    .namings(word)
                    .any(|other| other.step == naming.step && other.targets == naming.targets)
            };
            instance.place_pairs.iter().any(|other| other.named == Named::Argument && names(other.word))
        };
        if let Some(naming) = namings.iter().find(|naming| Some(naming.step) == place_before)
            && !taken(instance, naming)
        {
            instance.place_pairs.push(PlacePair { word, number: span, named: Named::Argument });
            return true;
        }
        if namings.iter().any(|naming| instance.take_named(self.ctx, naming, Some(word), span)) {
            return true;
        }
        let place =
            namings.iter().find(|naming| instance.allows(self.ctx, naming.step) && !taken(instance, naming));
        if place.is_some() {
            instance.place_pairs.push(PlacePair { word, number: span, named: Named::Argument });
        }
        place.is_some()
    }

    /// "a 3 x 2 grid": two whole numbers before a pattern are its columns and rows, not a spacing.
    fn counts_places(&self, instance: &Instance, piece: usize) -> bool {
        let pattern =
            self.place_of(instance, piece).is_some_and(|place| !self.ctx.spec(place).groups.is_empty());
        let before =
            self.free_span(self.neighbour(piece, -1)).map(|span| self.ctx.numbers(span)).unwrap_or_default();
        pattern && before.len() > 1 && before.iter().all(|number| number.whole_and_bare)
    }

    /// The placement that a piece names: by its own words, or as the noun of a step ("hole pattern").
    fn place_of(&self, instance: &Instance, piece: usize) -> Option<usize> {
        if instance.anchor == Some(piece) {
            return instance
                .variant(self.ctx)?
                .place
                .as_ref()
                .and_then(|place| self.ctx.catalog.index_of(place));
        }
        let senses = self.ctx.pieces[piece].senses();
        senses.iter().find_map(|s| {
            if let Sense::Step { step, .. } = s {
                instance.places.contains(step).then_some(*step)
            } else {
                None
            }
        })
    }

    /// "a 40 mm bolt circle", "PCD 40", "a 3 x 2 grid"
    fn places_numbers(&mut self, instance: &mut Instance) {
        for piece in self.region.iter().copied().chain(instance.anchor) {
            let Some(place) = self.place_of(instance, piece) else { continue };
            let spec = self.ctx.spec(place);
            if spec.groups.is_empty() {
                continue;
            }
            let sides = [self.free_span(self.neighbour(piece, -1)), self.free_span(self.neighbour(piece, 1))];
            let fitting = sides
                .into_iter()
                .flatten()
                .find(|span| self.fits_place(spec, self.ctx.numbers(*span)).is_some());
            if let Some(span) = fitting
                && let Some(named) = self.fits_place(spec, self.ctx.numbers(span))
            {
                self.use_span(span);
                instance.place_pairs.push(PlacePair { word: piece, number: span, named });
            }
        }
    }

    /// What bare numbers beside a placement's name are: its counts, else its distances.
    fn fits_place(&self, place: &Step, numbers: &[Number]) -> Option<Named> {
        let fits = |(name, number): (&String, &Number)| {
            let argument = place.argument(name);
            let value =
                argument.and_then(|argument| self.ctx.value(argument, std::slice::from_ref(number), 1.0));
            let most = argument.and_then(|argument| argument.max).unwrap_or(f64::MAX);
            value.and_then(|value| value.number()).is_some_and(|number| number <= most)
        };
        let group = place.groups.get(&numbers.len().to_string())?;
        if group.iter().zip(numbers).all(fits) {
            return Some(Named::Place);
        }
        let distances = place.arguments.iter().find(|argument| argument.type_ == Type::Pair)?;
        self.ctx.value(distances, numbers, 1.0).map(|_| Named::Distances)
    }

    /// Choices, faces, fits, "through".
    fn words(&mut self, instance: &mut Instance) {
        for piece in self.region {
            let place_before =
                (0..*piece).rev().find(|before| !self.ctx.pieces[*before].is_idle()).is_some_and(|before| {
                    instance.place_pairs.iter().any(|pair| pair.word == before)
                        || self.ctx.pieces[before]
                            .senses()
                            .iter()
                            .any(|s| matches!(s, Sense::Step { step, .. } if instance.places.contains(step)))
                });
            if !self.paired.contains(piece) {
                instance.take_word(self.ctx, *piece, place_before);
            }
            if let What::Size(size) = &self.ctx.pieces[*piece].what
                && instance.size.is_none()
                && instance
                    .sizes(self.ctx)
                    .is_some_and(|sizes| self.ctx.catalog.sizes[&sizes.table].sizes.contains_key(size))
            {
                instance.size = Some((size.clone(), *piece));
                instance.note(*piece, size);
            }
        }
    }

    /// "at (10, 5)", "at (10, 5) and (-10, 5)"
    fn points(&mut self, instance: &mut Instance) {
        let points: Vec<(usize, [f64; 2])> = self
            .region
            .iter()
            .filter_map(|piece| match &self.ctx.pieces[*piece].what {
                What::Point(point) => {
                    Some((*piece, [self.ctx.plan_value(&point[0]), self.ctx.plan_value(&point[1])]))
                }
                _ => None,
            })
            .collect();
        if !points.is_empty() && self.outline(instance, &points) {
            return;
        }
        let type_ = if points.len() == 1 { Type::Point } else { Type::Points };
        let takes =
            |place: &usize| self.ctx.spec(*place).arguments.first().is_some_and(|first| first.type_ == type_);
        let places = instance.placements(self.ctx);
        let Some(place) = places.into_iter().filter(|_| !points.is_empty()).find(takes) else { return };
        let value = match points.as_slice() {
            [(_, [x, y])] => Value::List(vec![*x, *y]),
            several => Value::Points(several.iter().map(|(_, point)| *point).collect()),
        };
        for (piece, [x, y]) in &points {
            instance.note(*piece, &format!("at {x}, {y}"));
        }
        let name = self.ctx.spec(place).arguments[0].name.clone();
        instance.place_given.insert(name, Given { value, text: String::new() });
        instance.places.push(place);
    }

    /// The corners of a base that is drawn by them.
    fn outline(&self, instance: &mut Instance, points: &[(usize, [f64; 2])]) -> bool {
        let mut arguments = instance.spec(self.ctx).arguments.iter();
        let Some(argument) = arguments.find(|argument| argument.type_ == Type::Points) else { return false };
        if instance.own.contains_key(&argument.name) {
            return false;
        }
        for (piece, [x, y]) in points {
            instance.note(*piece, &format!("corner at {x}, {y}"));
        }
        let value = Value::Points(points.iter().map(|(_, point)| *point).collect());
        instance
            .own
            .insert(argument.name.clone(), Given { value, text: format!("{} corners", points.len()) });
        true
    }

    /// `Ø5`, `R3`
    fn prefixed(&mut self, instance: &mut Instance) {
        for span in self.spans.clone() {
            let [number] = self.ctx.numbers(span) else { continue };
            let Some(namings) = number.prefix.as_ref().and_then(|sign| self.ctx.catalog.words.prefix(sign))
            else {
                continue;
            };
            if namings.iter().any(|naming| instance.take_named(self.ctx, naming, None, span)) {
                self.use_span(span);
            }
        }
    }

    fn leave(&mut self, instance: &mut Instance) {
        instance.left.extend(self.spans.iter().copied().map(Left::Number));
    }
}
