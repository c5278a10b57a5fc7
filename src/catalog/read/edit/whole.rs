//! What is done to a whole part: scaled, mirrored, copied, renamed, two of its sizes swapped.

use std::collections::BTreeSet;

use super::Editor;
use super::segments::{Segment, deeds};
use super::sizes::{Named, mapped};
use crate::catalog::deeds::{Deed, Verb};
use crate::catalog::read::instance::{Context, Given, Instance};
use crate::catalog::read::pieces::What;
use crate::catalog::scene::{USUAL_FACE, arguments_of, placement_of, sides};
use crate::catalog::table::{Kind, Type};
use crate::catalog::words::Sense;
use crate::domain::plan::{Body, Seat, Side, Value};
use crate::domain::quantity::{Unit, round};

/// Air between a part and its copy when none was asked for.
const COPY_GAP_MM: f64 = 10.0;

impl Editor<'_, '_> {
    /// "scale by 1.5", "scale it to 150 %", "scale down to half".
    pub(super) fn scale_said(&mut self, segment: &Segment) -> Result<(), String> {
        let ctx = self.ctx;
        let by = segment.pieces.clone().find_map(|i| {
            let percent = |number: f64| if number > 0.0 { number / 100.0 } else { 1.0 };
            let factor = match &ctx.pieces[i].what {
                What::Numbers(numbers) if numbers.len() == 1 => {
                    let quantity = &numbers[0].quantity;
                    match quantity.unit {
                        Unit::Percent => Some(percent(quantity.value)),
                        Unit::None => Some(quantity.value),
                        _ => None,
                    }
                }
                What::Count(count) => Some(f64::from(*count)),
                _ => deeds(&ctx.pieces[i])
                    .find_map(|deed| if let Deed::Factor(by) = deed { Some(*by) } else { None }),
            };
            factor.map(|factor| (i, factor))
        });
        let Some((piece, mut factor)) = by.filter(|(_, factor)| *factor > 0.0) else {
            return Err(
                "By how much should it be scaled? For example `scale by 1.5` or `scale to 80%`.".to_owned()
            );
        };
        // "scale it up by 20 %", "scale down by 20 %"
        let percent = matches!(&ctx.pieces[piece].what, What::Numbers(numbers) if numbers[0].quantity.unit == Unit::Percent);
        let by_word = (segment.pieces.start..piece).any(|i| ctx.pieces[i].words == "by");
        let words =
            |word: &str| segment.pieces.clone().any(|i| ctx.pieces[i].words.split(' ').any(|w| w == word));
        if percent && by_word && words("up") {
            factor += 1.0;
        } else if percent && by_word && words("down") {
            factor = 1.0 - factor;
        } else if !percent && words("down") && factor > 1.0 {
            factor = 1.0 / factor;
        }
        for i in segment.pieces.clone() {
            let said = deeds(&ctx.pieces[i]).any(|deed| {
                matches!(
                    deed,
                    Deed::Verb(Verb::Scale) | Deed::Times | Deed::Direction(_) | Deed::Compare { .. }
                )
            });
            if said || i == piece {
                self.note(i, &format!("times {factor}"));
            }
        }
        self.scale(factor);
        Ok(())
    }

    /// Every length of every step, by one factor.
    pub(super) fn scale(&mut self, factor: f64) {
        for id in self.draft.all() {
            self.stretch(id, factor);
            if let Some(lift) = self.draft.step_mut(id).and_then(|step| step.lift.as_mut()) {
                *lift = round(*lift * factor);
            }
        }
        for body in &mut self.draft.plan.bodies {
            if let Some(seat) = &mut body.place {
                seat.gap = round(seat.gap * factor);
                if let Some(at) = &seat.at
                    && let Some(place) = self.ctx.catalog.step(&at.name)
                {
                    let given = arguments_of(place, &at.detail);
                    seat.at =
                        Some(placement_of(place, super::sizes::stretched(&place.arguments, &given, factor)));
                }
            }
        }
        self.assume(format!("all lengths times {factor}"), "the whole part was scaled, its holes too");
        self.acted = true;
    }

    /// "swap length and width"; of two steps, one takes the other's place.
    pub(super) fn swap(&mut self, segment: &Segment) -> Result<(), String> {
        let ctx = self.ctx;
        let ids = self.draft.all();
        let base = self.draft.base(self.body);
        let order = base.into_iter().chain(ids.into_iter().filter(|id| Some(*id) != base));
        let mention = self.mentions(segment).into_iter().find(|mention| !self.matching(mention).is_empty());
        let only = mention.as_ref().map(|mention| self.matching(mention));
        for id in order {
            if only.as_ref().is_some_and(|only| !only.contains(&id)) {
                continue;
            }
            let words: Vec<(usize, Named)> = segment
                .pieces
                .clone()
                .filter_map(|i| Some((i, self.named(id, ctx.pieces[i].senses())?)))
                .filter(|(_, named)| named.names.len() == 1 && !named.placed)
                .collect();
            let [(first_piece, first), (second_piece, second)] = words.as_slice() else { continue };
            if first.names == second.names {
                continue;
            }
            let (a, b) =
                (self.current(id, &first.names[0], false), self.current(id, &second.names[0], false));
            let (Some(a), Some(b)) = (a, b) else { continue };
            let step = self.draft.step(id).and_then(|step| ctx.catalog.index_of(&step.do_)).unwrap_or(0);
            let mut fresh = Instance { step, ..Instance::default() };
            let said = format!("{} and {} change places", first.names[0], second.names[0]);
            fresh.note(*first_piece, &said);
            fresh.note(*second_piece, &said);
            fresh.own.insert(first.names[0].clone(), Given { value: b, text: String::new() });
            fresh.own.insert(second.names[0].clone(), Given { value: a, text: String::new() });
            self.mark(segment, Verb::Swap, "swapped");
            return self.amend(&Context { ..*ctx }, id, &fresh);
        }
        if self.mentions(segment).len() > 1 {
            return self.replace(segment);
        }
        Err(format!(
            "Which two sizes should change places? The part has {}.",
            base.map_or_else(String::new, |base| self.sizes_of(base))
        ))
    }

    fn mark(&mut self, segment: &Segment, verb: Verb, said: &str) {
        for i in segment.pieces.clone() {
            if super::verb_of(&self.ctx.pieces[i]) == Some(verb) {
                self.heard.note(i, said);
            }
        }
    }

    /// The part as a mirror shows it: everything on a face changes sides, left goes right.
    pub(super) fn mirror(&mut self, segment: &Segment) -> Result<(), String> {
        let words = |word: &str| {
            segment.pieces.clone().any(|i| self.ctx.pieces[i].words.split(' ').any(|w| w == word))
        };
        let across_y = words("front") || words("back") || words("y");
        let kept = segment.pieces.clone().find(|i| {
            matches!(self.ctx.pieces[*i].what, What::Unknown)
                || self.ctx.pieces[*i].senses().iter().any(|s| matches!(s, Sense::Face(_)))
        });
        self.mark(segment, Verb::Mirror, "mirrored");
        if let Some(kept) = kept {
            self.note(kept, "mirrored");
        }
        self.mirror_body(self.body, across_y)?;
        let (from, to) = if across_y { ("front", "back") } else { ("left", "right") };
        self.assume(format!("{from} and {to} change sides"), "the part was mirrored");
        self.acted = true;
        Ok(())
    }

    fn mirror_body(&mut self, body: usize, across_y: bool) -> Result<(), String> {
        let catalog = self.ctx.catalog;
        let pair = if across_y { ["front", "back"] } else { ["left", "right"] };
        let other = |name: &str| match pair.iter().position(|side| *side == name) {
            Some(at) => pair[1 - at].to_owned(),
            None => name.to_owned(),
        };
        for id in self.draft.of_body(body).into_iter().skip(1) {
            let stand = self.draft.stand(catalog, id)?;
            let Some(step) = self.draft.step(id).cloned() else { continue };
            let Some(placement) = &step.at else { continue };
            let Some(place) = catalog.step(&placement.name) else { continue };
            // On the faces that look along the mirror's plane, its axis lies across them; x of a face turns round in every case where it does.
            let borders = stand.site.face.as_ref().and_then(|face| sides(catalog, face));
            let x_turns = borders.is_none_or(|sides| pair.contains(&sides.x_low.as_str()));
            let y_turns = borders.is_some_and(|sides| pair.contains(&sides.y_low.as_str()));
            let on_pair = step.on.as_ref().is_some_and(|on| pair.contains(&on.as_str()));
            let (x_sign, y_sign) = if on_pair || x_turns {
                (-1.0, 1.0)
            } else if y_turns {
                (1.0, -1.0)
            } else {
                (1.0, 1.0)
            };
            let given = arguments_of(place, &placement.detail);
            let mut turned = crate::domain::plan::Arguments::default();
            for (name, value) in given.iter() {
                let argument = place.argument(name);
                let type_ = argument.map(|argument| argument.type_);
                let value = match (type_, value) {
                    (Some(Type::Point), Value::List(list)) if list.len() == 2 => {
                        Value::List(vec![round(list[0] * x_sign), round(list[1] * y_sign)])
                    }
                    (Some(Type::Points), Value::Points(points)) => Value::Points(
                        points.iter().map(|[x, y]| [round(x * x_sign), round(y * y_sign)]).collect(),
                    ),
                    (Some(Type::Angle), Value::Number(angle)) if x_sign < 0.0 => {
                        Value::Number(round((540.0 - angle) % 360.0))
                    }
                    (Some(Type::Angle), Value::Number(angle)) if y_sign < 0.0 => {
                        Value::Number(round((360.0 - angle) % 360.0))
                    }
                    (_, value) => mapped(value, &|number| number),
                };
                turned.set(&other(name), value);
            }
            let on = step.on.as_deref().map(other);
            if let Some(step) = self.draft.step_mut(id) {
                step.at = Some(placement_of(place, turned));
                step.on = on;
            }
        }
        Ok(())
    }

    /// "make a second one", "copy it 100 mm to the right": a body beside the first.
    pub(super) fn copy(&mut self, segment: &Segment) -> Result<(), String> {
        let ctx = self.ctx;
        let mention = self
            .mentions(segment)
            .into_iter()
            .find(|mention| mention.steps.iter().all(|(step, _)| ctx.spec(*step).kind == Kind::Feature));
        if let Some(mention) = mention {
            let ids = self.matching(&mention);
            if !ids.is_empty() {
                return Err(format!(
                    "Where should the copy of the {} go? Say it as a new one, for example `add another one at (10, 5)`.",
                    ctx.pieces[mention.piece].words
                ));
            }
        }
        let mut side = Side::Right;
        let mut said = BTreeSet::new();
        for i in segment.pieces.clone() {
            let piece = &ctx.pieces[i];
            let to = deeds(piece).find_map(|deed| match deed {
                Deed::Direction([x, _]) if *x > 0.0 => Some(Side::Right),
                Deed::Direction([x, _]) if *x < 0.0 => Some(Side::Left),
                Deed::Direction([_, y]) if *y > 0.0 => Some(Side::Back),
                Deed::Direction(_) => Some(Side::Front),
                _ => None,
            });
            let face = piece.senses().iter().find_map(|sense| match sense {
                Sense::Face(face) if face == USUAL_FACE => Some(Side::Top),
                _ => None,
            });
            if let Some(to) = to.or(face) {
                side = to;
                said.insert(i);
            }
        }
        let number = segment.pieces.clone().find_map(|i| match &ctx.pieces[i].what {
            What::Numbers(numbers) if numbers.len() == 1 && numbers[0].quantity.unit.is_length() => {
                Some((i, ctx.plan_value(&numbers[0].quantity)))
            }
            _ => None,
        });
        let count = segment.pieces.clone().find_map(|i| match ctx.pieces[i].what {
            What::Count(count) if count > 1 => Some((i, count)),
            _ => None,
        });
        let copies = count.map_or(1, |(_, count)| count - 1).min(20);
        let walked = self.draft.walk(ctx.catalog, self.body, None)?;
        let extent = |axis: &str| {
            walked.scene.ambient(None).get(&format!("base.{axis}")).map_or(0.0, |entry| entry.number)
        };
        let length = match side {
            Side::Right | Side::Left => extent("x"),
            Side::Front | Side::Back => extent("y"),
            _ => extent("z"),
        };
        // "100 mm to the right" is how far it is moved, not the air between.
        let apart = number.is_some_and(|(i, _)| {
            ctx.pieces.get(i + 1).is_some_and(|next| {
                next.words.contains("apart") || next.words.contains("gap") || next.words.contains("between")
            })
        });
        let gap = match number {
            Some((_, by)) if apart => by,
            Some((_, by)) => by - length,
            None => COPY_GAP_MM,
        };
        let mirrored = segment.pieces.clone().any(|i| super::verb_of(&ctx.pieces[i]) == Some(Verb::Mirror));
        let original = self.draft.plan.bodies[self.body].clone();
        let mut last = original.name.clone();
        for _ in 0..copies {
            let name = self.free_name(&original.name);
            let seat = Seat { to: last.clone(), side, gap: round(gap), at: None, turn: None };
            self.draft.push_body(Body { name: name.clone(), place: Some(seat), ..original.clone() });
            if mirrored {
                let body = self.draft.plan.bodies.len() - 1;
                self.mirror_body(body, matches!(side, Side::Front | Side::Back))?;
            }
            last = name;
        }
        if number.is_none() {
            self.assume(format!("the copy stands {COPY_GAP_MM} mm beside it"), "no place was given");
        }
        said.extend(number.map(|(i, _)| i));
        said.extend(count.map(|(i, _)| i));
        for i in segment.pieces.clone() {
            if said.contains(&i) || matches!(super::verb_of(&ctx.pieces[i]), Some(Verb::Copy | Verb::Mirror))
            {
                self.note(i, "a copy");
            }
        }
        self.acted = true;
        Ok(())
    }

    fn free_name(&self, name: &str) -> String {
        let taken = |name: &str| self.draft.plan.bodies.iter().any(|body| body.name == name);
        // One more number than there are bodies is always free.
        let mut numbers = 2..=self.draft.plan.bodies.len() + 2;
        numbers
            .find_map(|count| Some(format!("{name} {count}")).filter(|name| !taken(name)))
            .unwrap_or_else(|| name.to_owned())
    }

    /// "rename it to bracket", "call the plate lid"
    pub(super) fn rename(&mut self, segment: &Segment) -> Result<(), String> {
        let ctx = self.ctx;
        let verb = segment.pieces.clone().find(|i| super::verb_of(&ctx.pieces[*i]) == Some(Verb::Rename));
        let Some(verb) = verb else { return Ok(()) };
        let tie = segment
            .pieces
            .clone()
            .filter(|i| *i > verb)
            .find(|i| matches!(ctx.pieces[*i].words.as_str(), "to" | "as"));
        let idle = |i: usize| {
            let piece = &ctx.pieces[i];
            let name = matches!(piece.what, What::Name(_) | What::Text(_));
            (piece.is_idle() && !name) || deeds(piece).any(|deed| matches!(deed, Deed::Noun(_) | Deed::Idle))
        };
        let mentions = self.mentions(segment);
        // "call the plate lid": the first noun is the old name.
        let own = |i: usize| {
            let mention = mentions.iter().find(|mention| mention.piece == i);
            mention.is_some_and(|mention| mention.definite && !self.matching(mention).is_empty())
                || self.draft.plan.bodies.iter().any(|body| body.name == ctx.pieces[i].words)
        };
        let start = tie.map_or(verb + 1, |tie| tie + 1);
        let words: Vec<usize> = (start..segment.pieces.end)
            .skip_while(|i| idle(*i) || (tie.is_none() && own(*i)))
            .filter(|i| !ctx.pieces[*i].words.is_empty())
            .collect();
        for i in verb..start {
            if let Some(body) =
                self.draft.plan.bodies.iter().position(|body| body.name == ctx.pieces[i].words)
            {
                self.body = body;
                self.heard.note(i, "the part");
            }
        }
        if words.is_empty() {
            return Err("What should it be called?".to_owned());
        }
        let spelt = |i: &usize| match &ctx.pieces[*i].what {
            What::Name(name) | What::Text(name) => name.clone(),
            _ => ctx.pieces[*i].words.clone(),
        };
        let name = words.iter().map(spelt).collect::<Vec<_>>().join(" ");
        let old = self.draft.plan.bodies[self.body].name.clone();
        if self.draft.plan.bodies.iter().any(|body| body.name == name) && name != old {
            return Err(format!("There is a body `{name}` already. What else should it be called?"));
        }
        for body in &mut self.draft.plan.bodies {
            if let Some(seat) = body.place.as_mut().filter(|seat| seat.to == old) {
                seat.to.clone_from(&name);
            }
        }
        self.draft.plan.bodies[self.body].name = name;
        for i in words.into_iter().chain([verb]) {
            self.note(i, "the name");
        }
        self.acted = true;
        Ok(())
    }
}
