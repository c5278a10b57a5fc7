//! Which words of a prompt belong to which step: finds the nouns that name steps, draws the borders between them, and lets each step bind its
//! own words.

use super::bind::bind;
use super::bodies::{Second, copies, denied_choices};
use super::exchange::{exchange, exchange_words, give_left, merge_repeated};
use super::instance::{Context, Instance, Role, names_step};
use super::pieces::What;
use crate::catalog::table::{Kind, Type};
use crate::catalog::words::Sense;
use crate::domain::plan::Join;

/// Everything that was found, in the order of the prompt.
pub(super) struct Parsed {
    pub instances: Vec<Found>,
    /// A second body is asked for, which a plan of one sentence can't place yet.
    pub second_body: Option<String>,
    /// The base's noun that stands for sizes given without one.
    pub implied: Option<String>,
    /// Pieces that say what is not wanted: "no holes".
    pub denied: Vec<usize>,
    /// Mentions of what stands already, when a prompt adds to a part.
    pub standing: Vec<Found>,
}

pub(super) struct Found {
    pub instance: Instance,
    /// The name that the prompt uses: "plate".
    pub noun: String,
    /// It stands on the new face of that earlier instance: "a boss with a bore".
    pub host: Option<usize>,
    /// The same for one that stands already.
    pub standing_host: Option<usize>,
    /// Further pieces that only refer to it: "the plate".
    pub references: Vec<usize>,
}

/// A step that was named, before its words are bound.
pub(super) struct Open {
    /// A noun can stand for several steps; the one that explains most is taken.
    pub(super) candidates: Vec<(usize, Option<usize>)>,
    pub(super) anchor: Option<usize>,
    pub(super) plural: bool,
    pub(super) region: Vec<usize>,
    pub(super) noun: String,
    pub(super) host: Option<usize>,
    pub(super) references: Vec<usize>,
    pub(super) role: Role,
    pub(super) body: usize,
}

pub(super) fn parse(ctx: &Context<'_>) -> Parsed {
    parse_onto(ctx, &[])
}

/// The same for a part whose steps stand already, each with its noun: "the boss" is then no new one.
pub(super) fn parse_onto(ctx: &Context<'_>, standing: &[(usize, String)]) -> Parsed {
    let stands = |(step, noun): &(usize, String)| Open {
        candidates: vec![(*step, None)],
        anchor: None,
        plural: false,
        region: Vec::new(),
        noun: noun.clone(),
        host: None,
        references: Vec::new(),
        role: Role::Body,
        body: 0,
    };
    let mut splitter = Splitter {
        ctx,
        open: standing.iter().map(stands).collect(),
        current: None,
        orphans: Vec::new(),
        cursor: 0,
        second_body: None,
        denied: denied_choices(ctx),
        bodies: 1,
        body: 0,
        copies: copies(ctx),
    };
    for piece in 0..ctx.pieces.len() {
        if piece < splitter.cursor || splitter.denied.contains(&piece) {
            continue;
        }
        if names_step(ctx, piece) {
            splitter.anchor(piece);
        } else if let Some(steps) = splitter.written(piece) {
            splitter.extend(piece);
            splitter.begin(steps, piece, piece);
            // "that reads", "the words" are one text.
            splitter.open.iter_mut().rev().take(1).for_each(|open| open.plural = false);
        } else if let Some(step) = splitter.unnamed(piece) {
            splitter.begin_unnamed(step, piece);
        }
    }
    splitter.extend(ctx.pieces.len());
    let Splitter { open, orphans, second_body, denied, copies, .. } = splitter;
    let mut found: Vec<Found> = open.into_iter().map(|open| close(ctx, open)).collect();
    if let (Some((count, pieces)), Some(first)) = (copies, found.first_mut()) {
        first.instance.copies = Some(count);
        for piece in pieces {
            first.instance.note(piece, &format!("{count} of them"));
        }
    }
    // "assembly: ..." is said of all bodies.
    if found.iter().any(|found| found.instance.body > 0)
        && let Some(first) = found.first_mut()
    {
        for piece in (0..ctx.pieces.len()).filter(|piece| ctx.pieces[*piece].has(&Sense::Apart)) {
            first.instance.note(piece, "bodies of their own");
        }
    }
    let implied = imply_base(ctx, &mut found, &orphans);
    let standing: Vec<Found> = found.drain(..standing.len()).collect();
    for found in &mut found {
        (found.standing_host, found.host) = match found.host {
            Some(host) if host < standing.len() => (Some(host), None),
            host => (None, host.map(|host| host - standing.len())),
        };
    }
    merge_repeated(ctx, &mut found);
    exchange(ctx, &mut found);
    exchange_words(ctx, &mut found, &orphans);
    Parsed { instances: found, second_body, implied, denied, standing }
}

pub(super) struct Splitter<'a, 'c> {
    pub(super) ctx: &'a Context<'c>,
    pub(super) open: Vec<Open>,
    pub(super) current: Option<usize>,
    /// Pieces before the first step.
    orphans: Vec<usize>,
    pub(super) cursor: usize,
    second_body: Option<String>,
    pub(super) denied: Vec<usize>,
    /// How many bodies there are so far, and which one is being described.
    pub(super) bodies: usize,
    pub(super) body: usize,
    /// How many of the whole part are wanted, and the pieces that say so.
    pub(super) copies: Option<(u32, Vec<usize>)>,
}

impl Splitter<'_, '_> {
    /// Gives the pieces up to `end` to the step that is being described.
    fn extend(&mut self, end: usize) {
        let pieces: Vec<usize> = (self.cursor..end).filter(|piece| !self.is_spent(*piece)).collect();
        match self.current {
            Some(current) => self.open[current].region.extend(pieces),
            None => self.orphans.extend(pieces),
        }
        self.cursor = end.max(self.cursor);
    }

    /// It is read already: what is not wanted, the number of copies.
    fn is_spent(&self, piece: usize) -> bool {
        let copies = self.copies.as_ref().is_some_and(|(_, pieces)| pieces.contains(&piece));
        copies || self.denied.contains(&piece)
    }

    fn anchor(&mut self, piece: usize) {
        let start =
            if self.ctx.pieces[piece].definite { self.article_before(piece) } else { self.start_of(piece) };
        let resume = self.cursor;
        if self.is_denied(start, piece) {
            return;
        }
        self.extend(start);
        if self.names_argument(piece, start) {
            self.extend(piece + 1);
            return;
        }
        if let Some(current) = self.current.filter(|_| self.names_size(piece, start)) {
            self.extend(piece);
            self.open[current].references.push(piece);
            self.cursor = piece + 1;
            return;
        }
        let ctx = self.ctx;
        let mut candidates: Vec<(usize, Option<usize>)> = ctx.pieces[piece]
            .senses()
            .iter()
            .filter_map(|sense| match sense {
                Sense::Step { step, variant }
                    if matches!(ctx.spec(*step).kind, Kind::Base | Kind::Feature) =>
                {
                    Some((*step, *variant))
                }
                _ => None,
            })
            .collect();
        let second = |(step, variant): &(usize, Option<usize>)| {
            variant.is_some_and(|variant| ctx.spec(*step).variants[variant].second_choice)
        };
        candidates.sort_by_key(second);
        let Some(&(step, _)) = candidates.first() else { return };
        // "the holes", "the four holes"
        let definite = (start..=piece)
            .any(|i| ctx.pieces[i].definite || ctx.catalog.words.is_definite(&ctx.pieces[i].words));
        let numbers = (start..piece).any(|i| matches!(ctx.pieces[i].what, What::Numbers(_) | What::Size(_)));
        let base = self.open.iter().position(|open| ctx.spec(open.candidates[0].0).kind == Kind::Base);
        let letters = ctx.spec(step).arguments.iter().any(|argument| argument.type_ == Type::Text);
        if ctx.spec(step).kind == Kind::Feature && letters && self.base_says() {
            self.extend(piece + 1);
            return;
        }
        if ctx.spec(step).kind == Kind::Feature {
            if self.completes(piece) {
                let last = self.open.len() - 1;
                self.open[last].plural |= ctx.pieces[piece].plural;
                return self.refer(last, start, piece);
            }
            let same = self.open.iter().rposition(|open| open.candidates[0].0 == step);
            match same.filter(|_| definite && !numbers) {
                Some(same) => self.refer(same, start, piece),
                None => self.begin(candidates, start, piece),
            }
            return;
        }
        let again = self.is_again(piece);
        match base {
            None => self.begin(candidates, start, piece),
            // "two such plates"
            Some(base) if again => self.refer(base, start, piece),
            Some(_) if definite && let Some(named) = self.named_base(piece) => {
                self.refer(named, start, piece);
            }
            Some(base) if definite => self.refer(base, start, piece),
            Some(base) if !numbers && self.open[base].candidates[0].0 == step && self.is_bare(base) => {
                self.refer(base, start, piece);
            }
            Some(_) => {
                let feature = ctx.spec(step).as_feature.as_ref().and_then(|name| ctx.catalog.index_of(name));
                match (self.second(start, piece, numbers), feature) {
                    (Some(Second::Apart), _) => self.begin_body(candidates, start, piece),
                    (Some(Second::Unclear), _) => {
                        self.second_body.get_or_insert_with(|| ctx.pieces[piece].words.clone());
                        self.begin(candidates, start, piece);
                    }
                    (Some(Second::Joined(Join::Cut)), _) => {
                        self.begin_joined(candidates, start, piece, Join::Cut);
                    }
                    (Some(Second::Joined(join)), Some(feature)) if self.says_more(step, feature, piece) => {
                        self.begin_joined(candidates, start, piece, join);
                    }
                    (_, Some(feature)) => self.begin(vec![(feature, None)], start, piece),
                    (Some(Second::Joined(join)), None) => self.begin_joined(candidates, start, piece, join),
                    // "a plate for a motor block": a second noun without a size is no second body. Its words stay with the first, unread.
                    (None, None) => {
                        self.cursor = resume.max(start);
                        self.extend(piece + 1);
                    }
                }
            }
        }
    }

    /// "without any holes"
    fn is_denied(&mut self, start: usize, piece: usize) -> bool {
        let negation = |i: &usize| self.ctx.pieces[*i].has(&Sense::Negation);
        let first = (start.saturating_sub(1)..piece).find(negation);
        let other = !self.open.is_empty();
        let feature = |sense: &Sense| matches!(sense, Sense::Step { step, .. } if other || self.ctx.spec(*step).kind == Kind::Feature);
        let feature = self.ctx.pieces[piece].senses().iter().any(feature);
        let Some(first) = first.filter(|_| feature) else { return false };
        self.extend(first);
        self.denied.extend(first..=piece);
        self.cursor = piece + 1;
        true
    }

    fn is_bare(&self, open: usize) -> bool {
        self.open[open].region.iter().all(|i| !matches!(self.ctx.pieces[*i].what, What::Numbers(_)))
    }

    pub(super) fn begin(&mut self, candidates: Vec<(usize, Option<usize>)>, start: usize, piece: usize) {
        let ctx = self.ctx;
        let host = self.current.filter(|current| {
            let open = &self.open[*current];
            let stands = open.role == Role::Joined(Join::Add);
            (stands || ctx.spec(open.candidates[0].0).surface.is_some()) && self.hangs(start)
        });
        let noun = ctx.pieces[piece].words.split(' ').next_back().unwrap_or_default().to_owned();
        // The first noun owns everything before it; later ones only what leads up to them.
        let orphans = if self.open.is_empty() && ctx.spec(candidates[0].0).kind == Kind::Base {
            std::mem::take(&mut self.orphans)
        } else {
            Vec::new()
        };
        let region = orphans.into_iter().chain((start..piece).filter(|i| !self.is_spent(*i))).collect();
        let plural = ctx.pieces[piece].plural;
        self.open.push(Open {
            candidates,
            anchor: Some(piece),
            plural,
            region,
            noun,
            host,
            references: Vec::new(),
            role: Role::Body,
            body: self.body,
        });
        self.current = Some(self.open.len() - 1);
        self.cursor = piece + 1;
    }

    /// "6x Ø11", "4 x M5": on a drawing this means holes, when no noun follows.
    fn unnamed(&self, piece: usize) -> Option<usize> {
        let ctx = self.ctx;
        let counted = matches!(ctx.pieces[piece].what, What::Count(_));
        let sized = ctx.pieces.get(piece + 1).is_some_and(|next| match &next.what {
            What::Size(_) => true,
            What::Numbers(numbers) => numbers.len() == 1 && numbers[0].prefix.as_deref() == Some("ø"),
            _ => false,
        });
        let noun =
            (piece + 1..ctx.pieces.len()).take_while(|i| !ctx.pieces[*i].parts()).any(|i| names_step(ctx, i));
        let described = self.current.is_some_and(|current| self.open[current].plural);
        if !counted || !sized || noun || described || self.open.is_empty() {
            return None;
        }
        ctx.catalog.steps.iter().position(|step| step.unnamed)
    }

    fn begin_unnamed(&mut self, step: usize, piece: usize) {
        self.extend(piece);
        // "4x Ø5.5, counterbore Ø10": what is said of it may make it another kind of hole.
        let until = (piece..self.ctx.pieces.len())
            .take_while(|i| !matches!(self.ctx.pieces[*i].what, What::Stop) && !names_step(self.ctx, *i));
        let mut candidates = vec![(step, None)];
        for naming in until.flat_map(|i| self.ctx.namings(i)) {
            let other = self.ctx.spec(naming.step);
            if other.kind == Kind::Feature && other.combine == self.ctx.spec(step).combine {
                candidates.push((naming.step, None));
            }
        }
        candidates.dedup();
        self.open.push(Open {
            candidates,
            anchor: None,
            plural: true,
            region: Vec::new(),
            noun: self.ctx.spec(step).name.clone(),
            host: None,
            references: Vec::new(),
            role: Role::Body,
            body: self.body,
        });
        self.current = Some(self.open.len() - 1);
        self.extend(piece + 1);
    }

    /// A noun that stands for what was named before. "through the boss" goes on about the hole, "the boss is" about the boss.
    fn refer(&mut self, open: usize, start: usize, piece: usize) {
        self.open[open].references.push(piece);
        let before = start.checked_sub(1).map(|i| &self.ctx.pieces[i]);
        let in_passing = before.is_some_and(|before| {
            let senses = before.senses().iter();
            before.has(&Sense::Tie)
                || before.has(&Sense::Aside)
                || senses.clone().any(|s| matches!(s, Sense::Absent { .. }))
        });
        if let Some(current) = self.current.filter(|current| in_passing && *current != open) {
            let raised = self.ctx.spec(self.open[open].candidates[0].0).surface.is_some();
            if raised && open < current {
                self.open[current].host = Some(open);
            }
            // "and a hole in the plate": of several bodies this one is meant.
            let is_base = self.is_body(open);
            if is_base && !self.is_body(current) && self.open[current].host.is_none() {
                self.open[current].body = self.open[open].body;
                self.body = self.open[open].body;
            }
            self.cursor = piece + 1;
            return;
        }
        let words: Vec<usize> = (start..piece).filter(|i| !self.is_spent(*i)).collect();
        self.open[open].region.extend(words);
        self.body = self.open[open].body;
        self.current = Some(open);
        self.cursor = piece + 1;
    }
}

pub(super) fn bound(ctx: &Context<'_>, open: &Open, (step, variant): (usize, Option<usize>)) -> Instance {
    let mut instance = Instance::named(ctx, (step, variant), open.anchor, open.plural);
    instance.role = open.role;
    instance.body = open.body;
    bind(ctx, &mut instance, &open.region);
    instance
}

/// Binds a step's words. Of several steps that a noun may mean, the one that leaves least.
fn close(ctx: &Context<'_>, open: Open) -> Found {
    let best = open
        .candidates
        .iter()
        .map(|candidate| bound(ctx, &open, *candidate))
        .min_by_key(|bound| (bound.left.len(), unread(ctx, bound, &open.region)));
    Found {
        instance: best.unwrap_or_default(),
        noun: open.noun,
        host: open.host,
        standing_host: None,
        references: open.references,
    }
}

/// How many words of a region mean nothing to a step.
fn unread(ctx: &Context<'_>, bound: &Instance, region: &[usize]) -> usize {
    let placed =
        |piece: usize| bound.place_pairs.iter().any(|pair| pair.word == piece || pair.number.piece == piece);
    let open = region.iter().filter(|piece| !ctx.pieces[**piece].is_idle());
    open.filter(|piece| !bound.fates.contains_key(piece) && !placed(**piece)).count()
}

/// Sizes without a noun are a block, when they are all there.
fn imply_base(ctx: &Context<'_>, found: &mut Vec<Found>, orphans: &[usize]) -> Option<String> {
    if found.iter().any(|found| found.instance.spec(ctx).kind == Kind::Base) {
        return None;
    }
    let (step, spec, noun) = ctx
        .catalog
        .steps
        .iter()
        .enumerate()
        .find_map(|(step, spec)| Some((step, spec, spec.implied.clone()?)))?;
    let open = Open {
        candidates: vec![(step, None)],
        anchor: None,
        plural: false,
        region: orphans.to_vec(),
        noun: noun.clone(),
        host: None,
        references: Vec::new(),
        role: Role::Body,
        body: 0,
    };
    let mut base = close(ctx, open);
    // "four 5 mm holes in 60x40x10"
    for other in found.iter_mut() {
        give_left(ctx, &mut other.instance, &mut base.instance);
    }
    let complete = spec
        .arguments
        .iter()
        .filter(|argument| argument.required())
        .all(|a| base.instance.own.contains_key(&a.name));
    if !complete {
        return None;
    }
    found.iter_mut().filter_map(|found| found.host.as_mut()).for_each(|host| *host += 1);
    found.insert(0, base);
    Some(noun)
}
