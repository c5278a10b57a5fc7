//! Places that no row of the table says by itself: rows of so many, one corner, a shift from the middle, positions from a corner, and patterns
//! that fill an edge.

use super::bind::Binder;
use super::instance::{Context, Given, Instance, Span};
use super::pieces::What;
use super::place::{Placed, with_numbers};
use super::quantities::whole;
use crate::catalog::scene::{Face, placement_of};
use crate::catalog::table::{Step, Type};
use crate::catalog::words::Sense;
use crate::domain::plan::{Arguments, Value};
use crate::domain::quantity::round;
use crate::domain::reading::Assumed;

impl Binder<'_, '_> {
    /// A count: "four", "4", and its span if it is a number.
    fn counted(&self, piece: usize) -> Option<(u32, Option<Span>)> {
        match &self.ctx.pieces.get(piece)?.what {
            What::Count(count) => Some((*count, None)),
            What::Numbers(_) => {
                let span = self.free_span(Some(piece))?;
                let [one] = self.ctx.numbers(span) else { return None };
                whole(one).map(|count| (count, Some(span)))
            }
            _ => None,
        }
    }

    /// "two rows of four", "3 across and 2 down"
    pub(super) fn rows(&mut self, instance: &mut Instance) {
        let Some(grid) =
            instance.placements(self.ctx).into_iter().find(|p| !self.ctx.spec(*p).layouts.is_empty())
        else {
            return;
        };
        let Some([columns, rows]) = self.ctx.spec(grid).groups.get("2").map(Vec::as_slice) else { return };
        let words = |at: usize| self.ctx.pieces.get(at).map_or("", |piece| piece.words.as_str());
        let found = self.region.iter().copied().find_map(|at| {
            let first = self.counted(at)?;
            let of = usize::from(words(at + 2) == "of");
            if matches!(words(at + 1), "row" | "row of") && (of == 1 || words(at + 1) == "row of") {
                let second = self.counted(at + 2 + of)?;
                return Some(([at, at + 1, at + 2 + of, at + 1], second, first));
            }
            let down = at + 2 + usize::from(words(at + 2) == "and" || words(at + 2) == "by");
            let across =
                words(at + 1) == "across" && matches!(words(down + 1), "down" | "up" | "deep" | "high");
            let second = self.counted(down).filter(|_| across)?;
            Some(([at, at + 1, down, down + 1], first, second))
        });
        let Some((pieces, (across, a), (along, b))) = found else { return };
        for (name, number) in [(columns, across), (rows, along)] {
            let given = Given { value: Value::Number(f64::from(number)), text: String::new() };
            instance.place_given.insert(name.clone(), given);
        }
        instance.count = Some((across * along, format!("{along} rows of {across}")));
        instance.places = vec![grid];
        for piece in pieces {
            instance.note(piece, &format!("{along} rows of {across}"));
            self.paired.push(piece);
        }
        for span in [a, b].into_iter().flatten() {
            self.use_span(span);
        }
    }

    /// "10 mm to the right of the centre"
    pub(super) fn shifts(&mut self, instance: &mut Instance) {
        if !instance.is_placed(self.ctx) {
            return;
        }
        for word in self.region.iter().copied() {
            let by = self.ctx.pieces[word].senses().iter().find_map(|sense| match sense {
                Sense::Shift(by) => Some(*by),
                _ => None,
            });
            let span = self.free_span(self.neighbour(word, -1)).filter(|span| span.to - span.from == 1);
            let (Some([x, y]), Some(span)) = (by, span) else { continue };
            let [number] = self.ctx.numbers(span) else { continue };
            let distance = self.ctx.plan_value(&number.quantity);
            let [so_x, so_y] = instance.shift.unwrap_or_default();
            instance.shift = Some([so_x + f64::from(x) * distance, so_y + f64::from(y) * distance]);
            instance.note(span.piece, "the distance from the centre");
            instance.note(word, "the distance from the centre");
            self.paired.push(word);
            self.use_span(span);
        }
    }
}

/// The placement by these words, if any of them was said.
pub(super) fn spot(ctx: &Context<'_>, instance: &mut Instance, face: &Face) -> Option<Placed> {
    if let Some([x, y]) = instance.shift.take() {
        let point = by_type(ctx, instance, Type::Point)?;
        return Some(at(ctx, point, vec![(0, Value::List(vec![round(x), round(y)]))]));
    }
    if let Some(sides) = instance.corner.take() {
        return Some(corner(ctx, instance, face, &sides));
    }
    from_corner(ctx, instance, face);
    None
}

fn by_type(ctx: &Context<'_>, instance: &Instance, type_: Type) -> Option<usize> {
    let first = |place: &usize| ctx.spec(*place).arguments.first().is_some_and(|first| first.type_ == type_);
    instance.placements(ctx).into_iter().find(first)
}

fn at(ctx: &Context<'_>, place: usize, given: Vec<(usize, Value)>) -> Placed {
    let spec = ctx.spec(place);
    let mut arguments = Arguments::default();
    for (argument, value) in given {
        arguments.set(&spec.arguments[argument].name, value);
    }
    Placed::At { placement: placement_of(spec, arguments), assumed: None }
}

/// "in the top left corner, 10 mm from the edges"
fn corner(ctx: &Context<'_>, instance: &mut Instance, face: &Face, sides: &[String; 2]) -> Placed {
    let also = ctx.catalog.face(&face.side).map(|row| &row.also);
    let names = sides.each_ref().map(|side| also.and_then(|also| also.get(side)).unwrap_or(side));
    let takes = |place: &usize| names.iter().all(|name| ctx.spec(*place).argument(name).is_some());
    let title = instance.spec(ctx).title.to_lowercase();
    let ask = || Placed::Ask(format!("How far from the edges should the {title} in the corner be?"));
    let Some(place) = instance.placements(ctx).into_iter().find(takes) else { return ask() };
    let mut insets: Option<[f64; 2]> = None;
    for pair in std::mem::take(&mut instance.place_pairs) {
        let values: Vec<f64> = ctx.numbers(pair.number).iter().map(|n| ctx.plan_value(&n.quantity)).collect();
        insets = match values.as_slice() {
            [one] => Some([*one, *one]),
            [x, y] => Some([*x, *y]),
            _ => insets,
        };
        instance.note(pair.number.piece, "the distance from the edges");
        instance.note(pair.word, "the distance from the edges");
    }
    let footprint = instance.spec(ctx).footprint.as_ref();
    let width = footprint.and_then(|footprint| instance.own.get(&footprint.x)).and_then(|g| g.value.number());
    let assumed = insets.is_none().then(|| Assumed {
        what: format!("{title} {} mm from both edges", round(width.unwrap_or_default() * 1.5)),
        why: "one and a half times its width, as no distance from the edges was given".to_owned(),
    });
    let Some([x, y]) = insets.or(width.map(|width| [round(width * 1.5); 2])) else { return ask() };
    let index = |name: &str| ctx.spec(place).arguments.iter().position(|argument| argument.name == name);
    let given = [(names[0], x), (names[1], y)]
        .into_iter()
        .filter_map(|(name, value)| Some((index(name)?, Value::Number(value))))
        .collect();
    match at(ctx, place, given) {
        Placed::At { placement, .. } => Placed::At { placement, assumed },
        ask @ Placed::Ask(_) => ask,
    }
}

/// "origin at the lower left corner": positions become positions from the centre.
fn from_corner(ctx: &Context<'_>, instance: &mut Instance, face: &Face) {
    let Some(piece) = ctx.pieces.iter().position(|piece| piece.has(&Sense::Origin)) else { return };
    let (x, y) = (face.x.number / 2.0, face.y.number / 2.0);
    let mut moved = false;
    for given in instance.place_given.values_mut() {
        match &mut given.value {
            Value::List(point) if point.len() == 2 => {
                *point = vec![round(point[0] - x), round(point[1] - y)];
                moved = true;
            }
            Value::Points(points) => {
                for point in points {
                    *point = [round(point[0] - x), round(point[1] - y)];
                }
                moved = true;
            }
            _ => {}
        }
    }
    if moved {
        instance.note(piece, "positions from that corner");
        instance.told.push(format!(
            "Positions are counted from the lower left corner, {x} and {y} mm from the centre"
        ));
    }
}

/// "every 20 mm along the length": as many as the edge has room for.
pub(super) fn every(ctx: &Context<'_>, instance: &mut Instance, face: &Face, spec: &Step) -> Option<Assumed> {
    let spacing = instance.place_given.get("spacing")?.value.number().filter(|spacing| *spacing > 0.0)?;
    let says = |piece: &usize| ctx.pieces[*piece].words.split(' ').any(|word| word == "every");
    let counts = spec.argument("count").is_some_and(|argument| argument.type_ == Type::Count);
    let open = instance.count.is_none() && !instance.place_given.contains_key("count");
    if !(counts && open && instance.fates.keys().any(says)) {
        return None;
    }
    let length = along(instance, face);
    let count = (length / spacing).floor();
    let given = Given { value: Value::Number(count), text: String::new() };
    instance.place_given.insert("count".to_owned(), given);
    let title = instance.spec(ctx).title.to_lowercase();
    Some(Assumed {
        what: format!("{count} {title}s"),
        why: format!("{length} mm have room for so many, {spacing} mm apart"),
    })
}

fn along(instance: &Instance, face: &Face) -> f64 {
    let across = instance.place_choices.values().any(|direction| direction == "y");
    if across { face.y.number } else { face.x.number }
}

/// "six holes along the length": a line from end to end, half a spacing from the ends.
pub(super) fn spread(ctx: &Context<'_>, instance: &mut Instance, face: &Face) -> Option<Placed> {
    let (count, _) = instance.count.clone()?;
    if instance.place_choices.is_empty() || count < 2 {
        return None;
    }
    let line = instance.placements(ctx).into_iter().find(|place| {
        let spec = ctx.spec(*place);
        instance.place_choices.keys().all(|name| spec.argument(name).is_some())
            && spec.argument("spacing").is_some()
    })?;
    let spacing = round(along(instance, face) / f64::from(count));
    let given = Given { value: Value::Number(spacing), text: String::new() };
    instance.place_given.insert("spacing".to_owned(), given);
    let title = instance.spec(ctx).title.to_lowercase();
    match with_numbers(ctx, instance, face, line) {
        Placed::At { placement, .. } => Some(Placed::At {
            placement,
            assumed: Some(Assumed {
                what: format!("{title}s {spacing} mm apart"),
                why: "spread over the whole length, half a spacing from the ends".to_owned(),
            }),
        }),
        ask @ Placed::Ask(_) => Some(ask),
    }
}
