//! Which words of a prompt belong to which step: finds the nouns that name steps, draws the borders between them, and lets each step bind its
//! own words.

use super::bind::bind;
use super::exchange::{exchange, exchange_words, give_left, merge_repeated};
use super::instance::{Context, Instance, names_step};
use super::pieces::What;
use crate::catalog::table::Kind;
use crate::catalog::words::Sense;

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
struct Open {
    /// A noun can stand for several steps; the one that explains most is taken.
    candidates: Vec<(usize, Option<usize>)>,
    anchor: Option<usize>,
    plural: bool,
    region: Vec<usize>,
    noun: String,
    host: Option<usize>,
    references: Vec<usize>,
}

/// Links that hang what follows on what stands directly before.
const HANGING: &[&str] =
    &["with", "having", "has", "have", "that has", "which has", "containing", "featuring", "including"];

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
    };
    let mut splitter = Splitter {
        ctx,
        open: standing.iter().map(stands).collect(),
        current: None,
        orphans: Vec::new(),
        cursor: 0,
        second_body: None,
        denied: Vec::new(),
    };
    for piece in 0..ctx.pieces.len() {
        if piece < splitter.cursor {
            continue;
        }
        if names_step(ctx, piece) {
            splitter.anchor(piece);
        } else if let Some(step) = splitter.unnamed(piece) {
            splitter.begin_unnamed(step, piece);
        }
    }
    splitter.extend(ctx.pieces.len());
    let Splitter { open, orphans, second_body, denied, .. } = splitter;
    let mut found: Vec<Found> = open.into_iter().map(|open| close(ctx, open)).collect();
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

struct Splitter<'a, 'c> {
    ctx: &'a Context<'c>,
    open: Vec<Open>,
    current: Option<usize>,
    /// Pieces before the first step.
    orphans: Vec<usize>,
    cursor: usize,
    second_body: Option<String>,
    denied: Vec<usize>,
}

impl Splitter<'_, '_> {
    /// Gives the pieces up to `end` to the step that is being described.
    fn extend(&mut self, end: usize) {
        let pieces = self.cursor..end;
        match self.current {
            Some(current) => self.open[current].region.extend(pieces),
            None => self.orphans.extend(pieces),
        }
        self.cursor = end.max(self.cursor);
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
        match base {
            None => self.begin(candidates, start, piece),
            Some(base) if definite => self.refer(base, start, piece),
            Some(base) if !numbers && self.open[base].candidates[0].0 == step && self.is_bare(base) => {
                self.refer(base, start, piece);
            }
            Some(base) => {
                match ctx.spec(step).as_feature.as_ref().and_then(|name| ctx.catalog.index_of(name)) {
                    Some(feature) => self.begin(vec![(feature, None)], start, piece),
                    None if numbers => {
                        self.second_body.get_or_insert_with(|| ctx.pieces[piece].words.clone());
                        self.begin(candidates, start, piece);
                    }
                    // "a plate for a motor block": a second noun without a size is no second body. Its words stay with the first, unread.
                    None => {
                        let _ = base;
                        self.cursor = resume.max(start);
                        self.extend(piece + 1);
                    }
                }
            }
        }
    }

    /// "a counterbored M8 | hole": the noun of what the step before it is.
    fn completes(&self, piece: usize) -> bool {
        let ctx = self.ctx;
        let Some(open) =
            self.current.filter(|current| *current == self.open.len() - 1).map(|current| &self.open[current])
        else {
            return false;
        };
        let between = open.anchor.map_or(piece, |anchor| anchor + 1)..piece;
        let only_sizes = between.clone().all(|i| match ctx.pieces[i].what {
            What::Numbers(_) | What::Size(_) => true,
            _ => ctx.pieces[i].is_idle() && !ctx.pieces[i].parts(),
        });
        only_sizes && ctx.namings(piece).any(|naming| naming.step == open.candidates[0].0)
    }

    /// "without any holes"
    fn is_denied(&mut self, start: usize, piece: usize) -> bool {
        let negation = |i: &usize| self.ctx.pieces[*i].has(&Sense::Negation);
        let first = (start.saturating_sub(1)..piece).find(negation);
        let feature = |sense: &Sense| matches!(sense, Sense::Step { step, .. } if self.ctx.spec(*step).kind == Kind::Feature);
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

    fn begin(&mut self, candidates: Vec<(usize, Option<usize>)>, start: usize, piece: usize) {
        let ctx = self.ctx;
        let host = self.current.filter(|current| {
            ctx.spec(self.open[*current].candidates[0].0).surface.is_some() && self.hangs(start)
        });
        let noun = ctx.pieces[piece].words.split(' ').next_back().unwrap_or_default().to_owned();
        // The first noun owns everything before it; later ones only what leads up to them.
        let orphans = if self.open.is_empty() && ctx.spec(candidates[0].0).kind == Kind::Base {
            std::mem::take(&mut self.orphans)
        } else {
            Vec::new()
        };
        let region = orphans.into_iter().chain(start..piece).collect();
        let plural = ctx.pieces[piece].plural;
        self.open.push(Open {
            candidates,
            anchor: Some(piece),
            plural,
            region,
            noun,
            host,
            references: Vec::new(),
        });
        self.current = Some(self.open.len() - 1);
        self.cursor = piece + 1;
    }

    /// The article that stands before a noun.
    fn article_before(&self, piece: usize) -> usize {
        let article = piece.checked_sub(1).filter(|i| *i >= self.cursor);
        article.filter(|i| self.ctx.catalog.words.is_definite(&self.ctx.pieces[*i].words)).unwrap_or(piece)
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
        self.open.push(Open {
            candidates: vec![(step, None)],
            anchor: None,
            plural: true,
            region: Vec::new(),
            noun: self.ctx.spec(step).name.clone(),
            host: None,
            references: Vec::new(),
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
            self.cursor = piece + 1;
            return;
        }
        self.open[open].region.extend(start..piece);
        self.current = Some(open);
        self.cursor = piece + 1;
    }

    /// "a boss **with** a bore"
    fn hangs(&self, start: usize) -> bool {
        let before =
            (0..start).rev().map(|i| &self.ctx.pieces[i]).find(|piece| !piece.is_idle() || piece.parts());
        before.is_some_and(|piece| HANGING.contains(&piece.words.as_str()))
    }

    /// Whether a noun only names a number of the step that is being described: the bore of a tube, the corner radius of a pocket.
    fn names_argument(&self, piece: usize, start: usize) -> bool {
        let Some(current) = self.current else { return false };
        let ctx = self.ctx;
        if ctx.namings(piece).next().is_none() {
            return false;
        }
        let open = &self.open[current];
        let added = start > 0 && ctx.pieces[start - 1].words == "and";
        let counted = (start..piece).any(|i| matches!(ctx.pieces[i].what, What::Count(count) if count > 1));
        let number = |i: usize| matches!(ctx.pieces[i].what, What::Numbers(_));
        let near = (start..piece).any(number) || (piece + 1..(piece + 4).min(ctx.pieces.len())).any(number);
        if counted || !near {
            return false;
        }
        let trial = bound(ctx, open, open.candidates[0]);
        let wanted = ctx.namings(piece).any(|naming| {
            let optional = naming.targets.iter().any(|t| ctx.spec(naming.step).arguments[*t].optional);
            open.candidates.iter().any(|(step, _)| *step == naming.step)
                && (trial.step != naming.step || trial.wants(ctx, naming))
                && !(optional && added)
        });
        wanted && trial.size.is_none()
    }

    /// Where the words that lead up to a noun begin: "with | four 5 mm | holes".
    fn start_of(&self, piece: usize) -> usize {
        let ctx = self.ctx;
        let mut start = piece;
        while start > self.cursor {
            if let Some(pattern) = self.pattern_of(start) {
                start = pattern;
                continue;
            }
            let other = &ctx.pieces[start - 1];
            let article = matches!(other.words.as_str(), "a" | "an");
            if !self.leads_up(start - 1) {
                return start;
            }
            start -= 1;
            if (article || matches!(other.what, What::Count(_))) && self.pattern_of(start).is_none() {
                return start;
            }
        }
        // No border in sight: the last number and what directly precedes it.
        if self.current.is_some() { self.shortest(piece) } else { start }
    }

    fn leads_up(&self, piece: usize) -> bool {
        let other = &self.ctx.pieces[piece];
        if other.parts() || other.has(&Sense::Tie) || other.has(&Sense::Aside) {
            return false;
        }
        match &other.what {
            What::Numbers(_) | What::Size(_) | What::Count(_) | What::Unknown | What::Bracket => true,
            What::Phrase(senses) => senses.iter().any(|sense| match sense {
                Sense::Step { step, .. } => {
                    self.ctx.spec(*step).kind == Kind::Placement && self.ctx.spec(*step).arguments.is_empty()
                }
                Sense::Face(_) => false,
                _ => true,
            }),
            What::Point(_) | What::Comma | What::Stop | What::Equals => false,
        }
    }

    /// The pattern that hangs before `start`: "a row of | five holes".
    fn pattern_of(&self, start: usize) -> Option<usize> {
        let is_pattern = |i: usize| {
            let senses = self.ctx.pieces[i].senses();
            senses
                .iter()
                .any(|s| matches!(s, Sense::Step { step, .. } if self.ctx.spec(*step).kind == Kind::Pattern))
        };
        let before = start.checked_sub(1).filter(|before| *before >= self.cursor)?;
        let words = &self.ctx.pieces[before].words;
        if is_pattern(before) && words.ends_with(" of") {
            return Some(before);
        }
        before
            .checked_sub(1)
            .filter(|pattern| words == "of" && *pattern >= self.cursor && is_pattern(*pattern))
    }

    fn shortest(&self, piece: usize) -> usize {
        let number = |i: usize| matches!(self.ctx.pieces[i].what, What::Numbers(_) | What::Size(_));
        let Some(last) = (self.cursor..piece).rev().find(|i| number(*i)) else { return piece };
        // "4 5 mm holes"
        let counted = last > self.cursor && number(last - 1) && self.ctx.pieces[piece].plural;
        if counted { last - 1 } else { last }
    }
}

fn bound(ctx: &Context<'_>, open: &Open, (step, variant): (usize, Option<usize>)) -> Instance {
    let mut instance = Instance::named(ctx, (step, variant), open.anchor, open.plural);
    bind(ctx, &mut instance, &open.region);
    instance
}

/// Binds a step's words. Of several steps that a noun may mean, the one that leaves least.
fn close(ctx: &Context<'_>, open: Open) -> Found {
    let best = open
        .candidates
        .iter()
        .map(|candidate| bound(ctx, &open, *candidate))
        .min_by_key(|bound| bound.left.len());
    Found {
        instance: best.unwrap_or_default(),
        noun: open.noun,
        host: open.host,
        standing_host: None,
        references: open.references,
    }
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
