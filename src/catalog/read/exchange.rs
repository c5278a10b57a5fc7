//! What one step of a prompt can't use is offered to the others, and two mentions of one step become one.

use super::bodies::denied_choices;
use super::clauses::Found;
use super::instance::{Context, Instance, Left, Named, PlacePair, Span, names_step};
use crate::catalog::table::{Argument, Combine, Kind};

/// "5 mm holes, through holes": the second mention only adds to the first.
pub(super) fn merge_repeated(ctx: &Context<'_>, found: &mut Vec<Found>) {
    let mut at = 1;
    while at < found.len() {
        let repeats = found[at].instance.step == found[at - 1].instance.step
            && found[at].instance.spec(ctx).kind == Kind::Feature
            && completes_each_other(ctx, &found[at - 1].instance, &found[at].instance)
            && found[at].host.is_none()
            && !found.iter().any(|other| other.host == Some(at));
        if !repeats {
            at += 1;
            continue;
        }
        let second = found.remove(at);
        for other in found.iter_mut().filter_map(|found| found.host.as_mut()).filter(|host| **host > at) {
            *other -= 1;
        }
        let first = &mut found[at - 1].instance;
        first.own.extend(second.instance.own);
        first.count = first.count.take().or(second.instance.count);
        first.size = first.size.take().or(second.instance.size);
        first.places.extend(second.instance.places);
        first.place_pairs.extend(second.instance.place_pairs);
        first.place_given.extend(second.instance.place_given);
        first.absent.extend(second.instance.absent);
        for (name, value) in second.instance.choices {
            first.choices.entry(name).or_insert(value);
        }
        first.on = first.on.take().or(second.instance.on);
        for (piece, said) in second.instance.fates {
            first.note(piece, &said);
        }
        first.left.extend(second.instance.left);
    }
}

/// One of the two says nothing, or the first lacks what the second tells: "2 rows of holes, 6 holes of 4 mm".
fn completes_each_other(ctx: &Context<'_>, first: &Instance, second: &Instance) -> bool {
    if second.is_bare() {
        return true;
    }
    let lacks = first.own.is_empty()
        && first.size.is_none()
        && first.spec(ctx).arguments.iter().any(Argument::required);
    // "holes 8 mm from the edges" after "four 5 mm holes" is no second kind of hole: it has no size.
    let sizeless = second.own.is_empty()
        && second.size.is_none()
        && second.count.is_none()
        && first.place_pairs.is_empty()
        && second.spec(ctx).arguments.iter().any(Argument::required);
    let both_placed = !first.places.is_empty() && !second.places.is_empty();
    sizeless && !both_placed || lacks && !both_placed && (first.count.is_none() || second.count.is_none())
}

/// Moves what `from` could not use into `to`, as far as it fits there.
pub(super) fn give_left(ctx: &Context<'_>, from: &mut Instance, to: &mut Instance) {
    let left = std::mem::take(&mut from.left);
    from.left = left.into_iter().filter(|left| !offer(ctx, to, left)).collect();
}

fn offer(ctx: &Context<'_>, to: &mut Instance, left: &Left) -> bool {
    match left {
        Left::Number(span) => span.to - span.from > 1 && to.take_group(ctx, &[*span]),
        Left::Pair { word, number } => offer_pair(ctx, to, *word, *number),
    }
}

fn offer_pair(ctx: &Context<'_>, to: &mut Instance, word: usize, span: Span) -> bool {
    if ctx.namings(word).any(|naming| to.take_named(ctx, naming, Some(word), span)) {
        return true;
    }
    let placed = ctx.namings(word).any(|naming| to.allows(ctx, naming.step)) && to.place_pairs.is_empty();
    if placed {
        to.place_pairs.push(PlacePair { word, number: span, named: Named::Argument });
    }
    placed
}

/// Offers the left numbers of every step to the steps before it (nearest first), then to those after it.
pub(super) fn exchange(ctx: &Context<'_>, found: &mut [Found]) {
    for at in 0..found.len() {
        let order = (0..at).rev().chain(at + 1..found.len());
        for other in order {
            let mut from = std::mem::take(&mut found[at].instance);
            give_left(ctx, &mut from, &mut found[other].instance);
            found[at].instance = from;
        }
    }
}

/// Words without a number ("on the top face", "through") that stand in one step's words and mean something to another: the next step first.
pub(super) fn exchange_words(ctx: &Context<'_>, found: &mut [Found], orphans: &[usize]) {
    let denied = denied_choices(ctx);
    for piece in (0..ctx.pieces.len()).filter(|piece| !denied.contains(piece)) {
        let used = found.iter().any(|found| {
            let paired = found.instance.place_pairs.iter().any(|pair| pair.word == piece);
            paired || found.instance.fates.contains_key(&piece) || found.references.contains(&piece)
        });
        if used || ctx.pieces[piece].is_idle() || names_step(ctx, piece) {
            continue;
        }
        let next = found.iter().position(|found| found.instance.anchor.is_some_and(|anchor| anchor > piece));
        let before = (0..found.len())
            .rev()
            .filter(|at| found[*at].instance.anchor.is_some_and(|anchor| anchor < piece));
        let order: Vec<usize> = if orphans.contains(&piece) {
            next.into_iter().collect()
        } else {
            next.into_iter().chain(before).collect()
        };
        for at in order {
            let instance = &mut found[at].instance;
            let edges = instance.spec(ctx).combine == Some(Combine::Edges);
            let choice_is_open = edges && instance.choices.is_empty();
            if (!edges || choice_is_open)
                && (instance.take_word(ctx, piece, false)
                    || (instance.may_go(ctx, piece) && instance.take_place(ctx, piece)))
            {
                break;
            }
        }
    }
}
