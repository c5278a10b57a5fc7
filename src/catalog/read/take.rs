//! What an instance makes of a word that carries no number: a choice, a face, a fit, a text, a name, a placement.

use super::instance::{Context, Given, Instance, Role};
use super::pieces::What;
use crate::catalog::table::{Argument, Combine, Kind, Type};
use crate::catalog::words::Sense;
use crate::domain::plan::{Join, Side, Value};

impl Instance {
    /// Uses a word that carries no number: a choice, a face, a fit. False when it means nothing here.
    pub(super) fn take_word(&mut self, ctx: &Context<'_>, piece: usize, last_was_place: bool) -> bool {
        let spec = self.spec(ctx);
        if self.take_letters(ctx, piece) {
            return true;
        }
        for sense in ctx.pieces[piece].senses() {
            match sense {
                Sense::Beside(side)
                    if self.is_beside(ctx) && self.side.is_none_or(|known| known == *side) =>
                {
                    self.side = Some(*side);
                    self.note(piece, "its place beside the other body");
                    return true;
                }
                Sense::Face(face) if self.is_beside(ctx) && self.side.is_none() => {
                    let Some(side) = side_named(face) else { continue };
                    self.side = Some(side);
                    self.note(piece, "its place beside the other body");
                    return true;
                }
                Sense::Beside(Side::Top | Side::Inside) if self.is_placed(ctx) && self.on.is_none() => {
                    self.note(piece, "on the body");
                    return true;
                }
                Sense::Apart if self.is_beside(ctx) => {
                    self.note(piece, "a body of its own");
                    return true;
                }
                Sense::Corner(sides) if self.is_placed(ctx) && self.corner.is_none() => {
                    self.corner = Some(sides.clone());
                    self.note(piece, &format!("in the {} {} corner", sides[1], sides[0]));
                    return true;
                }
                Sense::Taken if self.role == Role::Joined(Join::Cut) => {
                    self.note(piece, "cut away");
                    return true;
                }
                Sense::Colour(colour) if spec.kind == Kind::Base && self.colour.is_none() => {
                    self.colour = Some(colour.clone());
                    self.note(piece, "the colour");
                    return true;
                }
                Sense::Faces { step, faces }
                    if self.is_placed(ctx) && self.each.is_empty() && ctx.names_base(*step) =>
                {
                    self.each.clone_from(faces);
                    self.note(piece, &format!("on the faces {}", faces.join(" and ")));
                    return true;
                }
                Sense::Choice { step, argument, value } if *step == self.step && !last_was_place => {
                    let argument = &spec.arguments[*argument];
                    if self.choices.get(&argument.name).is_none_or(|known| known == value) {
                        self.choices.insert(argument.name.clone(), value.clone());
                        self.note(piece, &format!("{} {value}", argument.title.to_lowercase()));
                        return true;
                    }
                }
                Sense::Choice { step, argument, value }
                    if self.allows(ctx, *step) && (self.placed() || self.count.is_some() || self.plural) =>
                {
                    let argument = &ctx.spec(*step).arguments[*argument];
                    self.place_choices.insert(argument.name.clone(), value.clone());
                    self.note(piece, &format!("{} {value}", argument.title.to_lowercase()));
                    return true;
                }
                // "a chamfer on the top": the face stands for its edges.
                Sense::Face(face) if spec.combine == Some(Combine::Edges) => {
                    let argument = spec.arguments.iter().find(|argument| argument.choices.contains_key(face));
                    if let Some(argument) =
                        argument.filter(|argument| !self.choices.contains_key(&argument.name))
                    {
                        self.choices.insert(argument.name.clone(), face.clone());
                        self.note(piece, &format!("{} {face}", argument.title.to_lowercase()));
                        return true;
                    }
                }
                Sense::Absent { step, argument } if *step == self.step => {
                    let argument = &spec.arguments[*argument];
                    if !self.own.contains_key(&argument.name) {
                        self.absent.insert(argument.name.clone());
                        self.note(piece, argument.absent.as_deref().unwrap_or_default());
                        return true;
                    }
                }
                Sense::Fit { step, column } if *step == self.step => {
                    self.fit = Some(column.clone());
                    self.note(piece, &column.replace('_', " "));
                    return true;
                }
                Sense::Face(face)
                    if self.is_placed(ctx)
                        && ctx.has_face(face)
                        && self.on.as_ref().is_none_or(|known| known == face) =>
                {
                    self.on = Some(face.clone());
                    self.note(piece, &format!("on the {face} face"));
                    return true;
                }
                _ => {}
            }
        }
        // "along x" may say the direction of the step itself after all.
        last_was_place && self.take_word(ctx, piece, false)
    }

    /// Takes a text or a name, and the words that say one.
    fn take_letters(&mut self, ctx: &Context<'_>, piece: usize) -> bool {
        let spec = self.spec(ctx);
        match &ctx.pieces[piece].what {
            What::Name(name) if self.name.is_none() => {
                self.name = Some(name.clone());
                self.note(piece, "the name");
                true
            }
            What::Text(text) => {
                let free = |a: &&Argument| a.type_ == Type::Text && !self.own.contains_key(&a.name);
                let Some(argument) = spec.arguments.iter().find(free) else { return false };
                let given = Given { value: Value::Text(text.clone()), text: text.clone() };
                self.own.insert(argument.name.clone(), given);
                self.note(piece, &format!("{} {text}", argument.title.to_lowercase()));
                true
            }
            _ => {
                let says = |s: &Sense| matches!(s, Sense::Says { step, .. } if *step == self.step);
                let said = ctx.pieces[piece].senses().iter().any(says);
                if said {
                    self.note(piece, "the text");
                }
                said
            }
        }
    }

    /// It has no place yet, or this very one.
    pub(super) fn may_go(&self, ctx: &Context<'_>, piece: usize) -> bool {
        let known = |sense: &Sense| matches!(sense, Sense::Step { step, .. } if self.places.contains(step));
        !self.placed() || ctx.pieces[piece].senses().iter().any(known)
    }

    /// Takes a placement's name. A choice of the step itself ("corners" of a fillet) goes first.
    pub(super) fn take_place(&mut self, ctx: &Context<'_>, piece: usize) -> bool {
        let place = ctx.pieces[piece].senses().iter().find_map(|sense| match sense {
            Sense::Step { step, .. } if self.allows(ctx, *step) => Some(*step),
            _ => None,
        });
        let Some(place) = place else { return false };
        if !self.places.contains(&place) {
            self.places.push(place);
        }
        let spec = ctx.spec(place);
        let said =
            if spec.where_.is_empty() { spec.title.to_lowercase() } else { spec.where_.trim().to_owned() };
        self.note(piece, &said);
        true
    }
}

/// The side of a body that a face's name says.
fn side_named(face: &str) -> Option<Side> {
    match face {
        "top" => Some(Side::Top),
        "bottom" => Some(Side::Bottom),
        "left" => Some(Side::Left),
        "right" => Some(Side::Right),
        "front" => Some(Side::Front),
        "back" => Some(Side::Back),
        _ => None,
    }
}
