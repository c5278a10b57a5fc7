//! Moving and turning what is on a face: "move the hole 10 mm to the left", "the holes 5 mm in", "rotate the pattern 45 degrees".

use std::collections::BTreeSet;

use super::Editor;
use super::draft::Id;
use super::segments::{Segment, deeds};
use super::sizes::mapped;
use crate::catalog::deeds::{Deed, Verb};
use crate::catalog::read::instance::{Context, Given, Instance};
use crate::catalog::read::pieces::What;
use crate::catalog::scene::arguments_of;
use crate::catalog::scene::sides;
use crate::catalog::stand::plural;
use crate::catalog::table::{Kind, Step, Type};
use crate::catalog::words::Sense;
use crate::domain::plan::Value;
use crate::domain::quantity::{Unit, round};
use crate::domain::reading::MeasureRef;

/// One step of a move.
#[derive(Debug, Clone, Copy)]
enum Way {
    Across([f64; 2]),
    In(f64),
}

impl Editor<'_, '_> {
    pub(super) fn shift(&mut self, segment: &Segment) -> Result<(), String> {
        let mut eaten = BTreeSet::new();
        let ids = self.placed_targets(segment, &mut eaten)?;
        let (ways, used) = self.ways(segment)?;
        if ways.is_empty() {
            let mention = self.mentions(segment).into_iter().find(|mention| !mention.aside);
            self.mark_verb(segment, "moved");
            if ids.iter().all(|id| self.says_nothing(segment, *id, mention.as_ref())) {
                return Err(format!(
                    "Where should {} go? For example `10 mm to the left`, `to (10, 5)` or `10 mm from the edges`.",
                    ids.first().map_or_else(String::new, |id| self.name(*id))
                ));
            }
            return self.set_ids(segment, &ids, mention.as_ref(), eaten);
        }
        for id in &ids {
            for way in &ways {
                self.move_by(*id, *way)?;
            }
        }
        for piece in used {
            self.note(piece, "moved");
        }
        self.mark_verb(segment, "moved");
        self.last = ids;
        self.acted = true;
        Ok(())
    }

    fn mark_verb(&mut self, segment: &Segment, said: &str) {
        for i in segment.pieces.clone() {
            let verb = super::verb_of(&self.ctx.pieces[i]);
            if matches!(verb, Some(Verb::Move | Verb::Rotate)) {
                self.heard.note(i, said);
            }
        }
    }

    /// What is moved: the noun, the pronoun, or the only thing that has a place.
    fn placed_targets(&mut self, segment: &Segment, eaten: &mut BTreeSet<usize>) -> Result<Vec<Id>, String> {
        let mention = self.mentions(segment).into_iter().find(|mention| !mention.aside);
        if let Some(mention) = mention {
            let ids = self.select(segment, &mention, eaten)?;
            eaten.insert(mention.piece);
            return Ok(ids);
        }
        let placed = |this: &Self, id: &Id| this.draft.step(*id).is_some_and(|step| step.at.is_some());
        let pronoun = self.pronoun(segment).unwrap_or_default();
        let of_pronoun: Vec<Id> = pronoun.into_iter().filter(|id| placed(self, id)).collect();
        if !of_pronoun.is_empty() {
            return Ok(of_pronoun);
        }
        let last: Vec<Id> = self.last.iter().copied().filter(|id| placed(self, id)).collect();
        if !last.is_empty() {
            return Ok(last);
        }
        let pattern = segment.pieces.clone().find(|i| {
            let kind = |s: &Sense| matches!(s, Sense::Step { step, .. } if self.ctx.spec(*step).kind == Kind::Pattern);
            self.ctx.pieces[*i].senses().iter().any(kind)
        });
        let all: Vec<Id> = self.draft.of_body(self.body).into_iter().filter(|id| placed(self, id)).collect();
        let patterns: Vec<Id> = all.iter().copied().filter(|id| self.pieces_of(*id) > 1.5).collect();
        let choice = if pattern.is_some() && patterns.len() == 1 { patterns } else { all };
        match choice.len() {
            0 => Err(format!(
                "What should move? The part has {}; nothing in it has a place of its own.",
                self.contents()
            )),
            1 => {
                if let Some(pattern) = pattern {
                    eaten.insert(pattern);
                    let name = self.name(choice[0]);
                    self.note(pattern, &name);
                }
                Ok(choice)
            }
            _ => Err(self.which(&choice)),
        }
    }

    /// "10 mm to the left and 5 mm up", "2 mm closer to the edges".
    fn ways(&self, segment: &Segment) -> Result<(Vec<Way>, Vec<usize>), String> {
        let ctx = self.ctx;
        let mut free: Vec<usize> = segment
            .pieces
            .clone()
            .filter(|i| matches!(&ctx.pieces[*i].what, What::Numbers(numbers) if numbers.len() == 1))
            .filter(|i| !self.heard.fates.contains_key(i))
            .collect();
        let (mut ways, mut used) = (Vec::new(), Vec::new());
        for i in segment.pieces.clone() {
            let way = deeds(&ctx.pieces[i]).find_map(|deed| match deed {
                Deed::Direction(way) => Some(Way::Across(*way)),
                Deed::Inwards => Some(Way::In(1.0)),
                Deed::Outwards => Some(Way::In(-1.0)),
                _ => None,
            });
            // "in the corners" is a place, and a lone "in" before one is no direction.
            let Some(way) = way.filter(|_| self.stands_alone(segment, i)) else { continue };
            let before = free.iter().rposition(|number| *number < i);
            let after = free.iter().position(|number| *number > i);
            let Some(at) = before.or(after) else {
                if used.is_empty() {
                    return Err(format!("How far {}? For example 5 mm.", ctx.pieces[i].words));
                }
                continue;
            };
            let number = free.remove(at);
            let What::Numbers(numbers) = &ctx.pieces[number].what else { continue };
            let Some(first) = numbers.first().filter(|number| number.quantity.unit != Unit::Percent) else {
                return Err("A move is a length, for example 5 mm. How far should it be?".to_owned());
            };
            let by = ctx.plan_value(&first.quantity);
            ways.push(match way {
                Way::Across([x, y]) => Way::Across([x * by, y * by]),
                Way::In(sign) => Way::In(sign * by),
            });
            used.extend([i, number]);
        }
        Ok((ways, used))
    }

    /// A direction at the end of its phrase, not the beginning of "in the middle of the plate".
    fn stands_alone(&self, segment: &Segment, piece: usize) -> bool {
        if self.ctx.pieces[piece].words.contains(' ') || !self.ctx.pieces[piece].has(&Sense::Aside) {
            return true;
        }
        (piece + 1..segment.pieces.end).next().is_none_or(|next| {
            let next = &self.ctx.pieces[next];
            next.parts() || next.words == "by" || matches!(next.what, What::Numbers(_) | What::Stop)
        })
    }

    fn move_by(&mut self, id: Id, way: Way) -> Result<(), String> {
        let catalog = self.ctx.catalog;
        let Some(step) = self.draft.step(id).cloned() else { return Ok(()) };
        let Some(spec) = catalog.step(&step.do_) else { return Ok(()) };
        let stand = self.draft.stand(catalog, id)?;
        let Some(placement) = &step.at else {
            return Err(format!(
                "{} has no place of its own. It follows the edges of the part.",
                self.name(id)
            ));
        };
        let Some(place) = catalog.step(&placement.name) else { return Ok(()) };
        let given = arguments_of(place, &placement.detail);
        let index = catalog.index_of(&spec.name).unwrap_or(0);
        let mut fresh = Instance { step: index, ..Instance::default() };
        let stuck = |what: &str| {
            let name = self.name(id);
            format!(
                "{what} {name} as a pattern that is centred on its face. Where should they be instead? For example in a line 20 mm apart, or at (10, 5) and (-10, 5)."
            )
        };
        match way {
            Way::In(by) => {
                let measured = |measure: &MeasureRef| {
                    place.arguments.iter().find(|argument| argument.measure.as_ref() == Some(measure))
                };
                if let Some(inset) = measured(&MeasureRef::HoleInset) {
                    let now = given.get(&inset.name).cloned().ok_or_else(|| stuck("I know"))?;
                    let value = mapped(&now, &|number| number + by);
                    fresh.place_given.insert(inset.name.clone(), stated(value, by));
                } else if let Some(circle) = measured(&MeasureRef::HoleCircle) {
                    let now = given.get(&circle.name).cloned().ok_or_else(|| stuck("I know"))?;
                    let value = mapped(&now, &|number| number - 2.0 * by);
                    fresh.place_given.insert(circle.name.clone(), stated(value, by));
                } else if let Some(from) = edge_distances(place, &given) {
                    for (name, number) in from {
                        fresh.place_given.insert(name, stated(Value::Number(round(number + by)), by));
                    }
                } else {
                    return Err(format!(
                        "In which direction? {} can go left, right, back or forward, by so many millimetres.",
                        self.name(id)
                    ));
                }
            }
            Way::Across([dx, dy]) => {
                let point = |value: &Value| match value {
                    Value::List(list) if list.len() == 2 => {
                        Some(Value::List(vec![round(list[0] + dx), round(list[1] + dy)]))
                    }
                    Value::Points(points) => Some(Value::Points(
                        points.iter().map(|[x, y]| [round(x + dx), round(y + dy)]).collect(),
                    )),
                    _ => None,
                };
                let pointed = place.arguments.iter().find(|a| matches!(a.type_, Type::Point | Type::Points));
                if let Some(argument) = pointed {
                    let now = given.get(&argument.name).and_then(point).ok_or_else(|| stuck("I know"))?;
                    fresh
                        .place_given
                        .insert(argument.name.clone(), Given { value: now, text: String::new() });
                } else if edge_distances(place, &given).is_some() {
                    let borders = stand.site.face.as_ref().and_then(|face| sides(catalog, face));
                    let Some(borders) = borders else { return Err(stuck("I know")) };
                    for (name, by) in [
                        (&borders.x_low, dx),
                        (&borders.x_high, -dx),
                        (&borders.y_low, dy),
                        (&borders.y_high, -dy),
                    ] {
                        if let Some(now) = given.number(name).filter(|_| by != 0.0) {
                            fresh
                                .place_given
                                .insert(name.clone(), stated(Value::Number(round(now + by)), by));
                        }
                    }
                    if fresh.place_given.is_empty() {
                        return Err(stuck("I know"));
                    }
                } else if place.arguments.is_empty() && stand.pieces < 1.5 {
                    // From the middle it goes to a point.
                    let single = |index: &usize| {
                        let first = self.ctx.spec(*index).arguments.first();
                        first.is_some_and(|first| first.type_ == Type::Point)
                    };
                    let to = spec.placements.iter().filter_map(|name| catalog.index_of(name)).find(single);
                    let Some(to) = to else { return Err(stuck("I know")) };
                    let name = self.ctx.spec(to).arguments[0].name.clone();
                    fresh.places = vec![to];
                    let value = Value::List(vec![round(dx), round(dy)]);
                    fresh.place_given.insert(name, Given { value, text: String::new() });
                } else {
                    return Err(stuck("I place"));
                }
            }
        }
        let ctx = Context { ..*self.ctx };
        self.amend(&ctx, id, &fresh)
    }

    /// "rotate the pattern by 45 degrees", "turn the slot by 90°".
    pub(super) fn rotate(&mut self, segment: &Segment) -> Result<(), String> {
        let angle = segment.pieces.clone().find_map(|i| match &self.ctx.pieces[i].what {
            What::Numbers(numbers)
                if numbers.len() == 1 && matches!(numbers[0].quantity.unit, Unit::Degree | Unit::None) =>
            {
                Some((i, numbers[0].quantity.value))
            }
            _ => None,
        });
        // "turn it into a disc", "turn the holes into slots" change what it is.
        if angle.is_none() {
            return self.replace(segment);
        }
        let mut eaten = BTreeSet::new();
        let ids = self.placed_targets(segment, &mut eaten)?;
        let Some((piece, mut by)) = angle else { return Ok(()) };
        let clockwise = segment.pieces.clone().any(|i| self.ctx.pieces[i].words == "clockwise");
        if clockwise {
            by = -by;
        }
        for id in &ids {
            self.turn(*id, by)?;
        }
        for i in segment.pieces.clone() {
            if self.ctx.pieces[i].words.ends_with("clockwise") {
                self.note(i, "turned");
            }
        }
        self.note(piece, &format!("turned by {by}°"));
        self.mark_verb(segment, "turned");
        self.last = ids;
        self.acted = true;
        Ok(())
    }

    fn turn(&mut self, id: Id, by: f64) -> Result<(), String> {
        let catalog = self.ctx.catalog;
        let Some(step) = self.draft.step(id).cloned() else { return Ok(()) };
        let (Some(spec), Some(place)) =
            (catalog.step(&step.do_), step.at.as_ref().and_then(|at| catalog.step(&at.name)))
        else {
            return Ok(());
        };
        let mut fresh = Instance { step: catalog.index_of(&spec.name).unwrap_or(0), ..Instance::default() };
        let wrapped = |angle: f64| round((angle + 360.0) % 360.0);
        let pattern = place.arguments.iter().find(|argument| argument.type_ == Type::Angle);
        let own = spec.arguments.iter().find(|argument| argument.type_ == Type::Angle && !argument.read_only);
        // A choice between two directions is a quarter turn.
        let quarter = (by / 90.0).round();
        let crossed = spec.arguments.iter().chain(&place.arguments).find(|argument| {
            argument.choices.len() == 2
                && argument.choices.contains_key("x")
                && argument.choices.contains_key("y")
        });
        if let Some(argument) = pattern {
            let now = self.current(id, &argument.name, true).and_then(|value| value.number()).unwrap_or(0.0);
            let value = Value::Number(wrapped(now + by));
            fresh.place_given.insert(argument.name.clone(), Given { value, text: format!("{by}°") });
        } else if let Some(argument) = own {
            let now = step.arguments.number(&argument.name).unwrap_or(0.0);
            fresh.own.insert(
                argument.name.clone(),
                Given { value: Value::Number(wrapped(now + by)), text: format!("{by}°") },
            );
        } else if let Some(argument) = crossed.filter(|_| (by - quarter * 90.0).abs() < 1e-9) {
            if quarter.rem_euclid(2.0) > 0.5 {
                let placed =
                    place.argument(&argument.name).is_some() && spec.argument(&argument.name).is_none();
                let now = self.current(id, &argument.name, placed);
                let now = now.as_ref().and_then(Value::text).or(argument.default.as_deref()).unwrap_or("x");
                let other = if now == "x" { "y" } else { "x" };
                let choices = if placed { &mut fresh.place_choices } else { &mut fresh.choices };
                choices.insert(argument.name.clone(), other.to_owned());
            }
        } else {
            return Err(format!(
                "I can't turn {}: only {} on a bolt circle, or something long, can be turned.",
                self.name(id),
                plural(&spec.title, 2.0)
            ));
        }
        let ctx = Context { ..*self.ctx };
        self.amend(&ctx, id, &fresh)
    }
}

fn stated(value: Value, by: f64) -> Given {
    Given { value, text: format!("moved by {} mm", by.abs()) }
}

/// The given distances of a place that is measured from borders of the face.
fn edge_distances(place: &Step, given: &crate::domain::plan::Arguments) -> Option<Vec<(String, f64)>> {
    let lengths: Vec<(String, f64)> = place
        .arguments
        .iter()
        .filter(|argument| argument.type_ == Type::Length && argument.optional)
        .filter_map(|argument| Some((argument.name.clone(), given.number(&argument.name)?)))
        .collect();
    (place.kind == Kind::Placement && !lengths.is_empty()).then_some(lengths)
}
