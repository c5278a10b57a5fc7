//! One mention of a step while it is being read: what it was given so far and from which pieces of the prompt.

use std::collections::{BTreeMap, BTreeSet};

use super::pieces::{Number, Piece, What};
use super::quantities::whole;
use crate::catalog::Catalog;
use crate::catalog::load::joined;
use crate::catalog::scope::Scope;
use crate::catalog::table::{Argument, Kind, Sizes, Step, Type, Variant};
use crate::catalog::words::{Naming, Sense};
use crate::domain::plan::{Join, Side, Value};
use crate::domain::quantity::{Quantity, Unit, round};

/// What all of a reading shares.
pub(super) struct Context<'a> {
    pub catalog: &'a Catalog,
    pub pieces: &'a [Piece],
    /// What a number without a unit is in.
    pub bare: Unit,
}

/// A value and the words it came from.
#[derive(Debug, Clone)]
pub(super) struct Given {
    pub value: Value,
    /// As the user wrote it; empty for what a rule supplied.
    pub text: String,
}

/// Elements `from..to` of the numbers of a piece.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Span {
    pub piece: usize,
    pub from: usize,
    pub to: usize,
}

#[derive(Debug, Clone)]
pub(super) enum Left {
    /// A number with the word that names it.
    Pair {
        word: usize,
        number: Span,
    },
    Number(Span),
}

/// A number that belongs to a placement, with the word that says so.
#[derive(Debug, Clone, Copy)]
pub(super) struct PlacePair {
    pub word: usize,
    pub number: Span,
    pub named: Named,
}

/// What a word says of the number beside it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Named {
    /// One argument: "20 mm apart".
    Argument,
    /// The placement, whose bare numbers these are: "a 3 x 2 grid".
    Place,
    /// The placement, and these are the distances in it: "a hole pattern of 80 x 40".
    Distances,
}

#[derive(Debug, Clone, Default)]
pub(super) struct Instance {
    pub step: usize,
    pub variant: Option<usize>,
    /// The piece that names it; none for a body that was implied.
    pub anchor: Option<usize>,
    pub plural: bool,
    pub own: BTreeMap<String, Given>,
    pub choices: BTreeMap<String, String>,
    pub absent: BTreeSet<String>,
    /// Placements that were named, by index of their step.
    pub places: Vec<usize>,
    /// Numbers with a word that only placements know; which placement is decided at the end.
    pub place_pairs: Vec<PlacePair>,
    pub place_given: BTreeMap<String, Given>,
    pub place_choices: BTreeMap<String, String>,
    pub count: Option<(u32, String)>,
    pub size: Option<(String, usize)>,
    pub fit: Option<String>,
    pub on: Option<String>,
    /// What each piece became.
    pub fates: BTreeMap<usize, String>,
    pub left: Vec<Left>,
    /// Numbers that were taken for something because nothing else was left.
    pub guesses: Vec<String>,
    /// Faces that get the same each: "each leg".
    pub each: Vec<String>,
    /// What a base is to the part, when it isn't the first.
    pub role: Role,
    /// The body that it belongs to, in the order in which they are named.
    pub body: usize,
    /// The body's name and colour, as far as they were said here.
    pub name: Option<String>,
    pub colour: Option<String>,
    /// Where a body of its own is, and the air between.
    pub side: Option<Side>,
    pub gap: Option<f64>,
    /// One corner, by its two sides.
    pub corner: Option<[String; 2]>,
    /// From the middle of the face.
    pub shift: Option<[f64; 2]>,
    /// What is to be told about it.
    pub told: Vec<String>,
    /// How many of the whole part are wanted.
    pub copies: Option<u32>,
}

/// What a base is to the part.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) enum Role {
    /// The first of its body.
    #[default]
    Body,
    /// It is put on the body that is being described.
    Joined(Join),
}

impl<'a> Context<'a> {
    pub(super) fn spec(&self, step: usize) -> &'a Step {
        &self.catalog.steps[step]
    }

    /// The prompt names this base.
    pub(super) fn names_base(&self, base: usize) -> bool {
        let names = |s: &Sense| matches!(s, Sense::Step { step, .. } if *step == base);
        self.pieces.iter().any(|piece| piece.senses().iter().any(names))
    }

    /// One of the six faces of every box, or a face of a base that the prompt names.
    pub(super) fn has_face(&self, face: &str) -> bool {
        let own = |step: &usize| self.spec(*step).own_faces.iter().any(|own| own.name == face);
        self.catalog.face(face).is_some()
            || (0..self.catalog.steps.len()).filter(own).any(|base| self.names_base(base))
    }

    pub(super) fn numbers(&self, span: Span) -> &'a [Number] {
        match &self.pieces[span.piece].what {
            What::Numbers(numbers) => &numbers[span.from..span.to],
            _ => &[],
        }
    }

    pub(super) fn namings(&self, piece: usize) -> impl Iterator<Item = &'a Naming> {
        self.pieces[piece]
            .senses()
            .iter()
            .filter_map(|sense| if let Sense::Argument(naming) = sense { Some(naming) } else { None })
    }

    /// The number in the plan's units.
    pub(super) fn plan_value(&self, quantity: &Quantity) -> f64 {
        let mut quantity = quantity.clone();
        if quantity.unit == Unit::None {
            quantity.unit = self.bare;
        }
        quantity.in_plan_units()
    }

    /// The value that these numbers give to an argument, if they can.
    pub(super) fn value(&self, argument: &Argument, numbers: &[Number], factor: f64) -> Option<Value> {
        let length = |number: &Number| {
            number.quantity.unit.is_length().then(|| round(self.plan_value(&number.quantity) * factor))
        };
        match (argument.type_, numbers) {
            (Type::Length | Type::Pair, [one]) => length(one).map(Value::Number),
            (Type::Pair, [x, y]) => Some(Value::List(vec![length(x)?, length(y)?])),
            (Type::Angle, [one]) if matches!(one.quantity.unit, Unit::Degree | Unit::None) => {
                Some(Value::Number(one.quantity.value))
            }
            (Type::Count, [one]) => whole(one).map(|count| Value::Number(f64::from(count))),
            _ => None,
        }
    }

    pub(super) fn given(&self, argument: &Argument, span: Span, factor: f64) -> Option<Given> {
        let numbers = self.numbers(span);
        let value = self.value(argument, numbers, factor)?;
        let text = numbers.iter().map(|n| spoken(&n.quantity)).collect::<Vec<_>>().join(" x ");
        Some(Given { value, text })
    }
}

/// A number of a group has its unit behind the last one; it is said with each.
fn spoken(quantity: &Quantity) -> String {
    let symbol = quantity.unit.symbol();
    let has_unit = !quantity.text.ends_with(|c: char| c.is_ascii_digit());
    if has_unit || symbol.is_empty() { quantity.text.clone() } else { format!("{} {symbol}", quantity.text) }
}

impl Instance {
    /// A step with nothing but what its noun says.
    pub(super) fn named(
        ctx: &Context<'_>,
        (step, variant): (usize, Option<usize>),
        anchor: Option<usize>,
        plural: bool,
    ) -> Instance {
        let mut instance = Instance { step, variant, anchor, plural, ..Instance::default() };
        if let Some(anchor) = anchor {
            instance.note(anchor, &ctx.spec(step).title.to_lowercase());
        }
        if let Some(variant) = instance.variant(ctx) {
            for (name, value) in &variant.set {
                let Some(argument) = ctx.spec(step).argument(name) else { continue };
                if argument.absent.as_ref() == Some(value) {
                    instance.absent.insert(name.clone());
                } else {
                    instance.choices.insert(name.clone(), value.clone());
                }
            }
            instance.places.extend(variant.place.as_ref().and_then(|place| ctx.catalog.index_of(place)));
        }
        instance
    }

    pub(super) fn spec<'a>(&self, ctx: &Context<'a>) -> &'a Step {
        ctx.spec(self.step)
    }

    pub(super) fn variant<'a>(&self, ctx: &Context<'a>) -> Option<&'a Variant> {
        self.variant.and_then(|index| self.spec(ctx).variants.get(index))
    }

    pub(super) fn sizes<'a>(&self, ctx: &Context<'a>) -> Option<&'a Sizes> {
        self.variant(ctx).and_then(|variant| variant.sizes.as_ref()).or(self.spec(ctx).sizes.as_ref())
    }

    /// The arguments that so many bare numbers bind to.
    pub(super) fn group<'a>(&self, ctx: &Context<'a>, count: usize) -> Option<&'a [String]> {
        self.groups(ctx, count).next()
    }

    /// The variant's way to bind so many numbers, then the step's.
    fn groups<'a>(&self, ctx: &Context<'a>, count: usize) -> impl Iterator<Item = &'a [String]> + use<'a> {
        let key = count.to_string();
        let variant = self.variant(ctx);
        let own = variant.and_then(|variant| variant.groups.get(&key));
        let general = self.spec(ctx).groups.get(&key).filter(|_| !variant.is_some_and(|v| v.second_choice));
        own.into_iter().chain(general).map(Vec::as_slice)
    }

    /// Nothing was said about it but its name.
    pub(super) fn is_bare(&self) -> bool {
        self.own.is_empty()
            && self.count.is_none()
            && self.size.is_none()
            && self.place_pairs.is_empty()
            && self.places.is_empty()
    }

    pub(super) fn allows(&self, ctx: &Context<'_>, place: usize) -> bool {
        if self.role == Role::Body {
            return self.spec(ctx).placements.contains(&ctx.spec(place).name);
        }
        matches!(ctx.spec(place).kind, Kind::Placement | Kind::Pattern)
    }

    /// The placements it may have, in the order in which the table prefers them. A base that is put on a body may go anywhere.
    pub(super) fn placements(&self, ctx: &Context<'_>) -> Vec<usize> {
        if self.role == Role::Body {
            let names = self.spec(ctx).placements.iter();
            return names.filter_map(|name| ctx.catalog.index_of(name)).collect();
        }
        (0..ctx.catalog.steps.len()).filter(|place| self.allows(ctx, *place)).collect()
    }

    /// It goes to a face.
    pub(super) fn is_placed(&self, ctx: &Context<'_>) -> bool {
        self.role != Role::Body || !self.spec(ctx).placements.is_empty()
    }

    /// The argument of a base that is its height, and nothing else.
    pub(super) fn height(&self, ctx: &Context<'_>) -> Option<usize> {
        let spec = self.spec(ctx);
        let size = spec.size.as_ref()?;
        let height = size.z.as_slice().first().filter(|z| !size.x.as_slice().contains(z))?;
        spec.arguments.iter().position(|argument| argument.name == *height)
    }

    /// It is a body beside another one.
    pub(super) fn is_beside(&self, ctx: &Context<'_>) -> bool {
        self.body > 0 && self.role == Role::Body && self.spec(ctx).kind == Kind::Base
    }

    fn free(&self, ctx: &Context<'_>, targets: &[usize]) -> bool {
        targets.iter().all(|t| {
            let name = &self.spec(ctx).arguments[*t].name;
            !self.own.contains_key(name) && !self.absent.contains(name)
        })
    }

    /// The words of this naming would still tell something new here.
    pub(super) fn wants(&self, ctx: &Context<'_>, naming: &Naming) -> bool {
        naming.step == self.step && self.free(ctx, &naming.targets)
    }

    /// Gives a number to the arguments that its word names. False when they are taken or it doesn't fit.
    pub(super) fn take_named(
        &mut self,
        ctx: &Context<'_>,
        naming: &Naming,
        word: Option<usize>,
        span: Span,
    ) -> bool {
        if !self.wants(ctx, naming) {
            return false;
        }
        let spec = self.spec(ctx);
        let arguments: Vec<&Argument> = naming.targets.iter().map(|t| &spec.arguments[*t]).collect();
        let given: Option<Vec<Given>> = arguments.iter().map(|a| ctx.given(a, span, naming.factor)).collect();
        let Some(given) = given else { return false };
        let said = describe(&arguments, &given);
        for (argument, given) in arguments.iter().zip(given) {
            self.own.insert(argument.name.clone(), given);
        }
        self.note(span.piece, &said);
        if let Some(word) = word {
            self.note(word, &said);
        }
        true
    }

    /// Gives bare numbers to the arguments of the table's group for so many. All or nothing.
    pub(super) fn take_group(&mut self, ctx: &Context<'_>, spans: &[Span]) -> bool {
        let elements: Vec<Span> = spans
            .iter()
            .flat_map(|s| (s.from..s.to).map(|i| Span { piece: s.piece, from: i, to: i + 1 }))
            .collect();
        let groups = self.groups(ctx, elements.len());
        let Some(taken) = groups.into_iter().find_map(|group| self.fit_group(ctx, group, &elements)) else {
            return false;
        };
        for (argument, given, piece) in taken {
            let said = describe(&[argument], std::slice::from_ref(&given));
            self.note(piece, &said);
            self.own.insert(argument.name.clone(), given);
        }
        true
    }

    fn fit_group<'a>(
        &self,
        ctx: &Context<'a>,
        group: &[String],
        elements: &[Span],
    ) -> Option<Vec<(&'a Argument, Given, usize)>> {
        let mut taken = Vec::new();
        for (names, element) in group.iter().zip(elements) {
            for name in joined(names) {
                let argument = self.spec(ctx).argument(name)?;
                // "Ø20" is no side of a block.
                if ctx.numbers(*element).iter().any(|n| n.prefix.as_deref() == Some("ø"))
                    && !argument.is_across()
                {
                    return None;
                }
                // What a standard size says is not overruled by a bare number.
                let sized = self.size.is_some()
                    && self.sizes(ctx).is_some_and(|sizes| sizes.columns.contains_key(name));
                let free = !self.own.contains_key(name) && !self.absent.contains(name) && !sized;
                taken.push((argument, ctx.given(argument, *element, 1.0).filter(|_| free)?, element.piece));
            }
        }
        Some(taken)
    }

    /// Arguments that follow from others: a wall and an outside make an inside.
    pub(super) fn derive(&mut self, ctx: &Context<'_>) {
        let spec = self.spec(ctx);
        // Twice, since one derivation may need the result of another.
        for derivation in spec.derivations.iter().chain(&spec.derivations) {
            if self.own.contains_key(&derivation.argument) {
                continue;
            }
            let mut scope = Scope::default();
            for (name, given) in &self.own {
                if let Some(number) = given.value.number() {
                    scope.set(name, number, name);
                }
            }
            if let Some(number) = scope.number(&ctx.catalog.tera, &derivation.from) {
                let given = Given { value: Value::Number(round(number)), text: String::new() };
                self.own.insert(derivation.argument.clone(), given);
            }
        }
    }

    /// The same number may become several things; all are told.
    pub(super) fn note(&mut self, piece: usize, said: &str) {
        let fate = self.fates.entry(piece).or_default();
        if !fate.split(", ").any(|part| part == said) {
            if !fate.is_empty() {
                fate.push_str(", ");
            }
            fate.push_str(said);
        }
    }

    /// Some place was named, or numbers that only a place can have.
    pub(super) fn placed(&self) -> bool {
        !self.places.is_empty() || !self.place_pairs.is_empty()
    }
}

/// `length 60 mm, width 60 mm`
pub(super) fn describe(arguments: &[&Argument], given: &[Given]) -> String {
    let one = |(argument, given): (&&Argument, &Given)| {
        let unit = argument.unit();
        let unit = if unit.is_empty() { String::new() } else { format!(" {unit}") };
        format!("{} {}{unit}", argument.title.to_lowercase(), given.value)
    };
    arguments.iter().zip(given).map(one).collect::<Vec<_>>().join(", ")
}

/// Whether a piece can name a base or a feature; which one is decided by what stands around it.
pub(super) fn names_step(ctx: &Context<'_>, piece: usize) -> bool {
    ctx.pieces[piece]
        .senses()
        .iter()
        .any(|sense| matches!(sense, Sense::Step { step, .. } if matches!(ctx.spec(*step).kind, Kind::Base | Kind::Feature)))
}
