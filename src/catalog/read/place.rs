//! Which placement the words about places mean, and the numbers they give it.

use super::instance::{Context, Given, Instance, Left, Named, PlacePair, describe};
use crate::catalog::scene::{Face, placement_of};
use crate::catalog::table::{Kind, Step, Type};
use crate::catalog::words::Sense;
use crate::domain::plan::{Arguments, Placement, Value};
use crate::domain::reading::Assumed;

/// The placement of a step, or what has to be asked.
pub(super) enum Placed {
    At { placement: Placement, assumed: Option<Assumed> },
    Ask(String),
}

/// Decides the placement of a feature, once all words have been given out.
pub(super) fn place(ctx: &Context<'_>, instance: &mut Instance, face: &Face, hosts: Option<f64>) -> Placed {
    // "four bosses with holes": one on each.
    let on_each = |count: u32| hosts.is_some_and(|hosts| (hosts - f64::from(count)).abs() < 0.5);
    let many = match instance.count {
        Some((count, _)) => count > 1 && !on_each(count),
        None => instance.plural && !hosts.is_some_and(|hosts| hosts > 1.0),
    };
    let name = instance.spec(ctx).title.to_lowercase();
    match choose(ctx, instance).map(|place| squeeze(ctx, instance, face, place)) {
        Some(place) => with_numbers(ctx, instance, face, place),
        None if !many => {
            let assumed = hosts.is_none().then(|| unplaced(format!("{name} in the centre")));
            Placed::At { placement: Placement::named("center"), assumed }
        }
        None => unsaid(ctx, instance, face).unwrap_or_else(|| {
            let count = instance.count.as_ref().map_or_else(String::new, |(count, _)| format!("{count} "));
            let example = if face.rectangular {
                "in the corners 8 mm from the edges, or in a row 20 mm apart"
            } else {
                "on a 30 mm bolt circle"
            };
            Placed::Ask(format!("Where should the {count}{name}s go? For example: {example}."))
        }),
    }
}

/// The placement that was named, else the one that explains most numbers.
fn choose(ctx: &Context<'_>, instance: &Instance) -> Option<usize> {
    let allowed = instance.spec(ctx).placements.iter().filter_map(|name| ctx.catalog.index_of(name));
    let score = |place: &usize| {
        let pairs = instance.place_pairs.iter().filter(|pair| explains(ctx, instance, *place, pair)).count();
        let named = usize::from(instance.places.contains(place));
        // "a bolt circle in the centre": the centre says least.
        let plain = usize::from(ctx.spec(*place).arguments.is_empty());
        // Rows and columns are known from the count, or the words gave them.
        (pairs * 4 + named * 3).saturating_sub(plain)
    };
    let best = allowed.map(|place| (score(&place), place)).filter(|(score, _)| *score > 0);
    // Of equals the later one is simpler: a line before a grid. A spacing in two directions is a grid's, though.
    let two = instance
        .place_pairs
        .iter()
        .any(|pair| pair.named == Named::Argument && pair.number.to - pair.number.from == 2);
    let chosen = best.max_by_key(|(score, place)| (*score, two == is_grid(ctx.spec(*place)), *place));
    chosen.map(|(_, place)| place)
}

pub(super) fn is_grid(spec: &Step) -> bool {
    !spec.layouts.is_empty()
}

/// Whether a placement can take this number. A noun may name the placement too: "hole pattern".
pub(super) fn explains(ctx: &Context<'_>, instance: &Instance, place: usize, pair: &PlacePair) -> bool {
    if pair.named != Named::Argument && instance.anchor == Some(pair.word) {
        let noun = instance.variant(ctx).and_then(|variant| variant.place.as_ref());
        return noun == Some(&ctx.spec(place).name);
    }
    ctx.pieces[pair.word].senses().iter().any(|sense| match sense {
        Sense::Argument(naming) => naming.step == place && pair.named == Named::Argument,
        Sense::Step { step, .. } => *step == place && pair.named != Named::Argument,
        _ => false,
    })
}

/// The arguments of a placement that a pair's numbers go to, each with its factor and its part of the numbers.
pub(super) fn targets<'c>(
    ctx: &Context<'c>,
    face: &Face,
    place: usize,
    pair: PlacePair,
) -> Vec<(&'c str, f64, usize, usize)> {
    let (spec, span) = (ctx.spec(place), pair.number);
    let also = ctx.catalog.face(&face.side).map(|row| &row.also);
    let called = |name: &'c str| also.and_then(|also| also.get(name)).map_or(name, String::as_str);
    let named = ctx.namings(pair.word).find(|naming| naming.step == place && pair.named == Named::Argument);
    let distance = spec.arguments.iter().find(|argument| argument.type_ == Type::Pair);
    if let (Named::Distances, Some(distance)) = (pair.named, distance) {
        return vec![(called(&distance.name), 1.0, span.from, span.to)];
    }
    if let Some(naming) = named {
        let name = |target: &usize| called(&spec.arguments[*target].name);
        return naming.targets.iter().map(|t| (name(t), naming.factor, span.from, span.to)).collect();
    }
    let group = spec.groups.get(&ctx.numbers(span).len().to_string()).map(Vec::as_slice).unwrap_or_default();
    let one = |(i, name): (usize, &'c String)| (called(name), 1.0, span.from + i, span.from + i + 1);
    group.iter().enumerate().map(one).collect()
}

fn with_numbers(ctx: &Context<'_>, instance: &mut Instance, face: &Face, place: usize) -> Placed {
    let spec = ctx.spec(place);
    for PlacePair { word, number: span, named: how } in std::mem::take(&mut instance.place_pairs) {
        let targets = targets(ctx, face, place, PlacePair { word, number: span, named: how });
        let mut taken = false;
        for (name, factor, from, to) in targets {
            let Some(argument) = spec.argument(name).filter(|_| !instance.place_given.contains_key(name))
            else {
                continue;
            };
            let part = super::instance::Span { piece: span.piece, from, to };
            if let Some(given) = ctx.given(argument, part, factor) {
                let said = describe(&[argument], std::slice::from_ref(&given));
                instance.note(span.piece, &said);
                instance.note(word, &said);
                instance.place_given.insert(name.to_owned(), given);
                taken = true;
            }
        }
        if !taken {
            instance.left.push(Left::Pair { word, number: span });
        }
    }
    let assumed = match fill_counts(ctx, instance, spec) {
        Ok(assumed) => assumed,
        Err(question) => return Placed::Ask(question),
    };
    let mut arguments = Arguments::default();
    for argument in &spec.arguments {
        if let Some(given) = instance.place_given.get(&argument.name) {
            arguments.set(&argument.name, given.value.clone());
        } else if let Some(choice) = instance.place_choices.get(&argument.name) {
            arguments.set(&argument.name, Value::Text(choice.clone()));
        } else if argument.required() {
            let ask = argument
                .ask
                .clone()
                .unwrap_or_else(|| format!("What is the {}?", argument.title.to_lowercase()));
            return Placed::Ask(ask);
        }
    }
    Placed::At { placement: placement_of(spec, arguments), assumed }
}

/// The number of pieces fills what the pattern was not told: a count, or rows and columns.
fn fill_counts(ctx: &Context<'_>, instance: &mut Instance, spec: &Step) -> Result<Option<Assumed>, String> {
    let name = instance.spec(ctx).title.to_lowercase();
    let count = instance.count.as_ref().map(|(count, _)| *count);
    let given = |count: u32| Given { value: Value::Number(f64::from(count)), text: String::new() };
    if let Some(count) = count
        && spec.argument("count").is_some_and(|argument| argument.type_ == Type::Count)
        && !instance.place_given.contains_key("count")
    {
        instance.place_given.insert("count".to_owned(), given(count));
    }
    if !is_grid(spec) {
        return Ok(None);
    }
    let known = |key: &str| instance.place_given.get(key).and_then(|given| given.value.number());
    let counts = spec.groups.get("2").map(Vec::as_slice).unwrap_or_default();
    let [columns, rows] = counts else { return Ok(None) };
    let divided = |by: f64| count.map(f64::from).filter(|count| count % by == 0.0).map(|count| count / by);
    let arranged = known(columns).is_none() && known(rows).is_none();
    let (across, along) = match (known(columns), known(rows), count) {
        (None, Some(rows), Some(_)) => (divided(rows), Some(rows)),
        (Some(columns), None, Some(_)) => (Some(columns), divided(columns)),
        (None, None, Some(count)) => {
            let layout = spec.layouts.get(&count.to_string());
            (layout.map(|l| f64::from(l[0])), layout.map(|l| f64::from(l[1])))
        }
        // All is said, or nothing and the table's default holds.
        (Some(_), Some(_), _) | (None, None, None) => return Ok(None),
        _ => (None, None),
    };
    let (Some(across), Some(along)) = (across, along) else {
        return Err(format!("How many columns and rows should the {name}s have?"));
    };
    for (key, number) in [(columns, across), (rows, along)] {
        instance.place_given.insert(key.clone(), Given { value: Value::Number(number), text: String::new() });
    }
    let told = arranged.then(|| Assumed {
        what: format!("{name}s in {across} columns and {along} rows"),
        why: "rows and columns were not given".to_owned(),
    });
    Ok(told)
}

/// Nothing was said about the place.
fn unplaced(what: String) -> Assumed {
    Assumed { what, why: "no place was given".to_owned() }
}

/// "four holes 31 mm apart": when no line of them fits on the face, rows and columns are meant.
fn squeeze(ctx: &Context<'_>, instance: &Instance, face: &Face, place: usize) -> usize {
    let (Some((count, _)), [pair]) = (&instance.count, instance.place_pairs.as_slice()) else { return place };
    let said = instance.places.contains(&place) || !instance.place_choices.is_empty();
    let spacing = ctx.numbers(pair.number).first().map_or(0.0, |number| ctx.plan_value(&number.quantity));
    let fits = f64::from(count.saturating_sub(1)) * spacing < face.x.number;
    if said || fits || is_grid(ctx.spec(place)) {
        return place;
    }
    let mut allowed = instance.spec(ctx).placements.iter().filter_map(|name| ctx.catalog.index_of(name));
    let rows = |other: &usize| {
        ctx.spec(*other).layouts.contains_key(&count.to_string()) && explains(ctx, instance, *other, pair)
    };
    allowed.find(rows).unwrap_or(place)
}

/// The pattern that so many pieces take when none was named: four go into the corners, more than two on round parts on a circle.
fn unsaid(ctx: &Context<'_>, instance: &mut Instance, face: &Face) -> Option<Placed> {
    let (count, _) = instance.count.as_ref()?;
    let count = *count;
    let fits = |place: &Step| {
        place.kind == Kind::Pattern
            && if face.rectangular {
                place.unsaid_for == Some(count)
            } else {
                place.unsaid_for_round.is_some_and(|least| count >= least) && !place.rectangular
            }
    };
    let name = instance.spec(ctx).placements.iter().find(|name| ctx.catalog.step(name).is_some_and(fits))?;
    let place = ctx.catalog.index_of(name)?;
    let assumed = format!("{} {}s{}", count, instance.spec(ctx).title.to_lowercase(), ctx.spec(place).where_);
    match with_numbers(ctx, instance, face, place) {
        Placed::At { placement, .. } => Some(Placed::At { placement, assumed: Some(unplaced(assumed)) }),
        ask @ Placed::Ask(_) => Some(ask),
    }
}
