//! Which placement the words about places mean, and the numbers they give it.

use super::instance::{Context, Given, Instance, Left, describe};
use crate::catalog::scene::{Face, placement_of};
use crate::catalog::table::{Kind, Step, Type};
use crate::catalog::words::Sense;
use crate::domain::plan::{Arguments, Placement, Value};

/// The placement of a step, or what has to be asked.
pub enum Placed {
    At { placement: Placement, assumed: Option<String> },
    Ask(String),
}

/// Decides the placement of a feature, once all words have been given out.
pub fn place(ctx: &Context<'_>, instance: &mut Instance, face: &Face, hosted: bool) -> Placed {
    let many = match instance.count {
        Some((count, _)) => count > 1,
        None => instance.plural,
    };
    let name = instance.spec(ctx).title.to_lowercase();
    match choose(ctx, instance) {
        Some(place) => with_numbers(ctx, instance, place),
        None if !many => {
            let assumed = (!hosted).then(|| format!("{name} in the centre"));
            Placed::At { placement: Placement::named("center"), assumed }
        }
        None => unsaid(ctx, instance, face).unwrap_or_else(|| {
            let count =
                instance.count.as_ref().map_or_else(|| "several".to_owned(), |(count, _)| count.to_string());
            let example = if face.rectangular {
                "in the corners 8 mm from the edges, or in a row 20 mm apart"
            } else {
                "on a 30 mm bolt circle"
            };
            Placed::Ask(format!("Where should the {count} {name}s go? For example: {example}."))
        }),
    }
}

/// The placement that was named, else the one that explains most numbers.
fn choose(ctx: &Context<'_>, instance: &Instance) -> Option<usize> {
    let noun = instance
        .variant(ctx)
        .and_then(|variant| variant.place.as_ref())
        .and_then(|place| ctx.catalog.index_of(place));
    let explains = |place: usize, word: usize| {
        (instance.anchor == Some(word) && noun == Some(place)) || explains(ctx, place, word)
    };
    let allowed = instance.spec(ctx).placements.iter().filter_map(|name| ctx.catalog.index_of(name));
    let score = |place: &usize| {
        let pairs = instance.place_pairs.iter().filter(|(word, _)| explains(*place, *word)).count();
        let named = usize::from(instance.places.contains(place));
        // "a bolt circle in the centre": the centre says least.
        let plain = usize::from(ctx.spec(*place).arguments.is_empty());
        // Rows and columns are known from the count, or the words gave them.
        (pairs * 4 + named * 3).saturating_sub(plain)
    };
    let best = allowed.map(|place| (score(&place), place)).filter(|(score, _)| *score > 0);
    // Of equals the later one is simpler: a line before a grid. A spacing in two directions is a grid's, though.
    let two = instance.place_pairs.iter().any(|(_, span)| span.to - span.from == 2);
    let chosen = best.max_by_key(|(score, place)| (*score, two == is_grid(ctx.spec(*place)), *place));
    chosen.map(|(_, place)| place)
}

fn is_grid(spec: &Step) -> bool {
    !spec.layouts.is_empty()
}

fn explains(ctx: &Context<'_>, place: usize, word: usize) -> bool {
    ctx.pieces[word].senses().iter().any(|sense| match sense {
        Sense::Argument(naming) => naming.step == place,
        Sense::Step { step, .. } => *step == place,
        _ => false,
    })
}

fn with_numbers(ctx: &Context<'_>, instance: &mut Instance, place: usize) -> Placed {
    let spec = ctx.spec(place);
    for (word, span) in std::mem::take(&mut instance.place_pairs) {
        let named = ctx.namings(word).find(|naming| naming.step == place);
        let elements = ctx.numbers(span);
        let targets: Vec<(&str, f64, usize, usize)> = match named {
            Some(naming) => naming
                .targets
                .iter()
                .map(|t| (spec.arguments[*t].name.as_str(), naming.factor, span.from, span.to))
                .collect(),
            None => {
                let group =
                    spec.groups.get(&elements.len().to_string()).map(Vec::as_slice).unwrap_or_default();
                group
                    .iter()
                    .enumerate()
                    .map(|(i, name)| (name.as_str(), 1.0, span.from + i, span.from + i + 1))
                    .collect()
            }
        };
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
    if let Err(question) = fill_counts(ctx, instance, spec) {
        return Placed::Ask(question);
    }
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
    Placed::At { placement: placement_of(spec, arguments), assumed: None }
}

/// The number of pieces fills what the pattern was not told: a count, or rows and columns.
fn fill_counts(ctx: &Context<'_>, instance: &mut Instance, spec: &Step) -> Result<(), String> {
    let name = instance.spec(ctx).title.to_lowercase();
    let count = instance.count.as_ref().map(|(count, _)| *count);
    let given = |count: u32| Given {
        value: Value::Number(f64::from(count)),
        text: String::new(),
        size: None,
        factor: 1.0,
    };
    if let Some(count) = count
        && spec.argument("count").is_some_and(|argument| argument.type_ == Type::Count)
        && !instance.place_given.contains_key("count")
    {
        instance.place_given.insert("count".to_owned(), given(count));
    }
    if !is_grid(spec) {
        return Ok(());
    }
    let known = |key: &str| instance.place_given.get(key).and_then(|given| given.value.number());
    let counts = spec.groups.get("2").map(Vec::as_slice).unwrap_or_default();
    let [columns, rows] = counts else { return Ok(()) };
    let divided = |by: f64| count.map(f64::from).filter(|count| count % by == 0.0).map(|count| count / by);
    let (across, along) = match (known(columns), known(rows), count) {
        (Some(_), Some(_), _) => return Ok(()),
        (None, Some(rows), Some(_)) => (divided(rows), Some(rows)),
        (Some(columns), None, Some(_)) => (Some(columns), divided(columns)),
        (None, None, Some(count)) => {
            let layout = spec.layouts.get(&count.to_string());
            (layout.map(|l| f64::from(l[0])), layout.map(|l| f64::from(l[1])))
        }
        _ => (None, None),
    };
    let (Some(across), Some(along)) = (across, along) else {
        return Err(format!("How many columns and rows should the {name}s have?"));
    };
    for (key, number) in [(columns, across), (rows, along)] {
        instance.place_given.insert(
            key.clone(),
            Given { value: Value::Number(number), text: String::new(), size: None, factor: 1.0 },
        );
    }
    Ok(())
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
    match with_numbers(ctx, instance, place) {
        Placed::At { placement, .. } => Some(Placed::At { placement, assumed: Some(assumed) }),
        ask @ Placed::Ask(_) => Some(ask),
    }
}
