//! One thing instead of another: slots for holes, chamfers for fillets, a disc for a plate. What the two have in common stays, and what has no
//! place in the new one is told.

use std::collections::BTreeSet;

use super::Editor;
use super::choose::Mention;
use super::draft::Id;
use super::segments::{Segment, deeds};
use crate::catalog::deeds::Deed;
use crate::catalog::read::bind::bind;
use crate::catalog::read::clauses::Found;
use crate::catalog::read::instance::{Context, Given, Instance};
use crate::catalog::read::pieces::What;
use crate::catalog::scene::arguments_of;
use crate::catalog::stand::{counted, told, whole};
use crate::catalog::table::{Argument, Kind, Step, Type};
use crate::domain::plan::{self, Value};
use crate::domain::reading::MeasureRef;

impl Editor<'_, '_> {
    /// "slots instead of holes", "M6 instead of M5", "use 8 holes instead of 6".
    pub(super) fn instead(&mut self, segment: &Segment) -> Result<(), String> {
        let mark = |i: &usize| deeds(&self.ctx.pieces[*i]).any(|deed| *deed == Deed::InsteadOf);
        let Some(mark) = segment.pieces.clone().find(mark) else { return Ok(()) };
        let new = Segment { verb: segment.verb, pieces: segment.pieces.start..mark };
        let old = Segment { verb: None, pieces: mark + 1..segment.pieces.end };
        self.note(mark, "in its place");
        let new_mention = self.mentions(&new).into_iter().find(|mention| !mention.aside);
        let old_mention = self.mentions(&old).into_iter().find(|mention| !mention.aside);
        if self.shape_of(&new.pieces).is_some() {
            for i in old.pieces.clone() {
                self.hear_old(i);
            }
            if let Some(result) = self.shape(&new) {
                return result;
            }
        }
        match (new_mention, old_mention) {
            (Some(new_mention), Some(old_mention)) => {
                if self.is_base(&new_mention) {
                    self.note(old_mention.piece, "as it was");
                    return self.reshape(&new, &new_mention);
                }
                if new_mention
                    .steps
                    .iter()
                    .any(|(step, _)| old_mention.steps.iter().any(|(old, _)| old == step))
                    && !self.matching(&new_mention).is_empty()
                {
                    let mut eaten = BTreeSet::new();
                    let definite = Mention { definite: true, ..old_mention };
                    let ids = self.select(&old, &definite, &mut eaten)?;
                    return self.set_ids(&new, &ids, Some(&new_mention), eaten);
                }
                let mut eaten = BTreeSet::new();
                let all = Mention { definite: true, ..old_mention };
                let ids = self.select(&old, &all, &mut eaten)?;
                self.convert(&new, &ids, &new_mention)
            }
            (None, Some(old_mention)) => {
                let mut eaten = BTreeSet::new();
                let definite = Mention { definite: true, ..old_mention };
                let ids = self.select(&old, &definite, &mut eaten)?;
                self.set_ids(&new, &ids, None, eaten)
            }
            (new_mention, None) => self.instead_of_value(&new, &old, new_mention.as_ref()),
        }
    }

    /// The old one is a number, a size or a place: it says which step is meant.
    fn instead_of_value(
        &mut self,
        new: &Segment,
        old: &Segment,
        mention: Option<&Mention>,
    ) -> Result<(), String> {
        let values: Vec<usize> = old
            .pieces
            .clone()
            .filter(|i| matches!(self.ctx.pieces[*i].what, What::Numbers(_) | What::Size(_) | What::Count(_)))
            .collect();
        let candidates = match mention {
            Some(mention) if !self.matching(mention).is_empty() => self.matching(mention),
            _ => self.draft.all(),
        };
        let shown: Vec<Id> =
            candidates.iter().copied().filter(|id| values.iter().all(|i| self.shows(*id, *i))).collect();
        for i in old.pieces.clone() {
            self.hear_old(i);
        }
        if values.is_empty() {
            return self.set(new, mention);
        }
        if shown.is_empty() {
            let text: Vec<String> = values.iter().map(|i| self.spoken(*i)).collect();
            return Err(format!(
                "Nothing here is {} now. The part has {}.",
                text.join(", "),
                self.contents()
            ));
        }
        let sizes = |id: &Id| !self.says_nothing(new, *id, mention);
        let fitting: Vec<Id> = shown.iter().copied().filter(sizes).collect();
        let ids = if fitting.is_empty() { shown } else { fitting };
        let features: Vec<Id> = ids.iter().copied().filter(|id| !self.draft.is_base(*id)).collect();
        let ids = if features.len() == 1 { features } else { ids };
        if ids.len() > 1 {
            return Err(self.which(&ids));
        }
        self.set_ids(new, &ids, mention, BTreeSet::new())
    }

    fn hear_old(&mut self, piece: usize) {
        let content = super::is_content(&self.ctx.pieces[piece])
            || deeds(&self.ctx.pieces[piece]).any(|deed| matches!(deed, Deed::Shape(_)));
        if content && !matches!(self.ctx.pieces[piece].what, What::Unknown) {
            self.note(piece, "as it was");
        }
    }

    pub(super) fn spoken(&self, piece: usize) -> String {
        match &self.ctx.pieces[piece].what {
            What::Numbers(numbers) => {
                numbers.iter().map(|n| n.quantity.text.clone()).collect::<Vec<_>>().join(" x ")
            }
            What::Size(size) => size.clone(),
            What::Count(count) => count.to_string(),
            _ => self.ctx.pieces[piece].words.clone(),
        }
    }

    /// "replace the holes with slots", "turn it into a disc", "swap the fillet for a chamfer".
    pub(super) fn replace(&mut self, segment: &Segment) -> Result<(), String> {
        if self.has(segment, &Deed::InsteadOf) {
            return self.instead(segment);
        }
        let mentions = self.mentions(segment);
        for i in segment.pieces.clone() {
            if super::verb_of(&self.ctx.pieces[i]).is_some() {
                self.heard.note(i, "in its place");
            }
        }
        match mentions.as_slice() {
            [old, new, ..] if self.is_base(new) && self.is_base(old) => {
                self.note(old.piece, "as it was");
                self.reshape(segment, &new.clone())
            }
            [old, new, ..] => self.convert_to(segment, &old.clone(), &new.clone()),
            [new] if self.is_base(new) => self.reshape(segment, &new.clone()),
            [new] => {
                if !self.matching(new).is_empty() {
                    return self.set(segment, Some(&new.clone()));
                }
                match self.pronoun(segment) {
                    Some(ids) if ids.iter().all(|id| !self.draft.is_base(*id)) => {
                        self.convert(segment, &ids, &new.clone())
                    }
                    _ => self.convert_family(segment, &new.clone()),
                }
            }
            [] => self.shape(segment).unwrap_or_else(|| self.set(segment, None)),
        }
    }

    pub(super) fn is_base(&self, mention: &Mention) -> bool {
        mention.steps.iter().all(|(step, _)| self.ctx.spec(*step).kind == Kind::Base)
    }

    /// The first noun is what is there, the second what it becomes.
    pub(super) fn convert_to(
        &mut self,
        segment: &Segment,
        old: &Mention,
        new: &Mention,
    ) -> Result<(), String> {
        let first = Segment { verb: segment.verb, pieces: segment.pieces.start..old.piece + 1 };
        let rest = Segment { verb: segment.verb, pieces: old.piece + 1..segment.pieces.end };
        let mut eaten = BTreeSet::new();
        let definite = Mention { definite: true, ..old.clone() };
        let ids = self.select(&first, &definite, &mut eaten)?;
        self.convert(&rest, &ids, new)
    }

    /// "counterbored holes instead": what is of the same family gives way.
    pub(super) fn convert_family(&mut self, segment: &Segment, new: &Mention) -> Result<(), String> {
        let Some((step, _)) = new.steps.first() else { return self.add(segment) };
        let spec = self.ctx.spec(*step);
        let holes = |spec: &Step| spec.arguments.iter().any(|a| a.measure == Some(MeasureRef::HoleDiameter));
        let alike = |id: &Id| {
            let other = self.draft.step(*id).and_then(|step| self.ctx.catalog.step(&step.do_));
            other.is_some_and(|other| {
                other.kind == Kind::Feature
                    && other.combine == spec.combine
                    && (other.combine == Some(crate::catalog::table::Combine::Edges)
                        || holes(other) == holes(spec))
            })
        };
        let mut ids: Vec<Id> = self.draft.of_body(self.body).into_iter().filter(alike).collect();
        if ids.len() > 1 && self.last.len() == 1 && ids.contains(&self.last[0]) {
            ids = self.last.clone();
        }
        match ids.len() {
            0 => self.add(segment),
            1 => self.convert(segment, &ids, new),
            _ => Err(self.which(&ids)),
        }
    }

    /// Makes other steps of these, with what is said of them and what they had in common.
    pub(super) fn convert(&mut self, segment: &Segment, ids: &[Id], new: &Mention) -> Result<(), String> {
        let masked: BTreeSet<usize> =
            segment.pieces.clone().filter(|i| self.heard.fates.contains_key(i) && *i != new.piece).collect();
        let view = self.view(&segment.pieces, &masked);
        let ctx = Context { pieces: &view, ..*self.ctx };
        let Some(candidate) =
            new.steps.iter().copied().find(|(step, _)| ctx.spec(*step).kind == Kind::Feature)
        else {
            return Err(self.no_such(new));
        };
        for id in ids {
            let Some(old) = self.draft.step(*id).cloned() else { continue };
            let Some(old_spec) = self.ctx.catalog.step(&old.do_) else { continue };
            let Some((body, at)) = self.draft.find(*id) else { continue };
            let stand = self.draft.stand(self.ctx.catalog, *id)?;
            let before = counted(old_spec, stand.pieces);
            let mut instance = Instance::named(&ctx, candidate, Some(new.piece), stand.pieces > 1.5);
            let region: Vec<usize> = segment.pieces.clone().filter(|i| *i != new.piece).collect();
            bind(&ctx, &mut instance, &region);
            // "counterbored M5 **holes**" is one noun.
            for i in new.piece + 1..segment.pieces.end {
                if ctx.namings(i).any(|naming| naming.step == candidate.0) && !instance.fates.contains_key(&i)
                {
                    instance.note(i, &ctx.spec(candidate.0).title.to_lowercase());
                }
            }
            let kept = self.inherit(&ctx, &mut instance, &old, old_spec, stand.pieces);
            let mut found = Found {
                instance,
                noun: ctx.pieces[new.piece].words.clone(),
                host: None,
                standing_host: None,
                references: Vec::new(),
            };
            // A face that an earlier step left is named like that step.
            let mut step = self.make(&ctx, body, Some(at), &mut found, None)?;
            step.lift = old.lift.or(step.lift);
            if let Some(place) = self.draft.step_mut(*id) {
                *place = step;
            }
            let kept: Vec<String> = kept.into_iter().chain(found.instance.own.keys().cloned()).collect();
            self.drop_told(old_spec, &old, &kept, &before, ctx.spec(candidate.0));
            self.found.push(found);
        }
        self.last = ids.to_vec();
        self.acted = true;
        Ok(())
    }

    /// What the old step had and the new one can have too. Returns the names that were kept.
    fn inherit(
        &mut self,
        ctx: &Context<'_>,
        instance: &mut Instance,
        old: &plan::Step,
        old_spec: &Step,
        pieces: f64,
    ) -> Vec<String> {
        let spec = instance.spec(ctx);
        let mut kept = Vec::new();
        let given = |value: &Value| Given { value: value.clone(), text: String::new() };
        for argument in spec.arguments.iter().filter(|argument| !argument.read_only) {
            let name = &argument.name;
            let said = instance.own.contains_key(name)
                || instance.choices.contains_key(name)
                || instance.absent.contains(name);
            let sized = instance.size.is_some()
                && instance.sizes(ctx).is_some_and(|sizes| sizes.columns.contains_key(name));
            // A slot is as wide as the hole's diameter, since the table calls its width by that name too.
            let called = || {
                let mut others =
                    old_spec.arguments.iter().filter(|other| argument.words.contains(&other.name));
                others.next().filter(|other| argument.required() && other.type_ == argument.type_)
            };
            let source =
                old.arguments.get(name).map(|value| (name, value)).or_else(|| {
                    called().and_then(|other| Some((&other.name, old.arguments.get(&other.name)?)))
                });
            let Some((source, value)) = source.filter(|_| !said && !sized) else { continue };
            match value {
                Value::Text(choice) if argument.choices.contains_key(choice) => {
                    instance.choices.insert(name.clone(), choice.clone());
                }
                Value::Text(_) | Value::Switch(_) => continue,
                value => {
                    instance.own.insert(name.clone(), given(value));
                }
            }
            kept.push(source.clone());
        }
        // The one size of a fillet is the one size of a chamfer.
        let sizes = |spec: &'_ Step| -> Vec<String> {
            let length = |a: &&Argument| a.required() && a.type_ == Type::Length;
            spec.arguments.iter().filter(length).map(|a| a.name.clone()).collect()
        };
        if let ([old_name], [new_name]) = (sizes(old_spec).as_slice(), sizes(spec).as_slice())
            && !instance.own.contains_key(new_name)
            && let Some(value) = old.arguments.get(old_name)
        {
            instance.own.insert(new_name.clone(), given(value));
            kept.push(old_name.clone());
        }
        self.infer_size(ctx, instance);
        if instance.on.is_none() {
            instance.on.clone_from(&old.on);
        }
        let placed = !instance.places.is_empty()
            || !instance.place_pairs.is_empty()
            || !instance.place_given.is_empty();
        if let Some(placement) = old.at.as_ref().filter(|_| !placed && instance.count.is_none())
            && let Some(place) =
                ctx.catalog.index_of(&placement.name).filter(|place| instance.allows(ctx, *place))
        {
            instance.places = vec![place];
            for (name, value) in arguments_of(ctx.spec(place), &placement.detail).iter() {
                match value {
                    Value::Text(choice) => {
                        instance.place_choices.insert(name.to_owned(), choice.clone());
                    }
                    value => {
                        instance.place_given.insert(name.to_owned(), given(value));
                    }
                }
            }
        } else if instance.count.is_none() && pieces > 1.5 {
            let count = whole(pieces);
            instance.count = Some((count, count.to_string()));
        }
        kept
    }

    /// A kept diameter that is one of a standard size brings the rest of that size: the head of a screw.
    fn infer_size(&mut self, ctx: &Context<'_>, instance: &mut Instance) {
        let missing = instance
            .spec(ctx)
            .arguments
            .iter()
            .any(|argument| argument.required() && !instance.own.contains_key(&argument.name));
        let Some(sizes) = instance.sizes(ctx).filter(|_| missing && instance.size.is_none()) else { return };
        let Some(table) = self.ctx.catalog.sizes.get(&sizes.table) else { return };
        let fits = |row: &std::collections::BTreeMap<String, f64>| {
            sizes.columns.iter().any(|(name, column)| {
                let own = instance.own.get(name).and_then(|given| given.value.number());
                own.is_some_and(|own| row.get(column).is_some_and(|value| (value - own).abs() < 1e-6))
            })
        };
        let mut matching = table.sizes.iter().filter(|(_, row)| fits(row)).map(|(size, _)| size.clone());
        if let (Some(size), None) = (matching.next(), matching.next()) {
            self.assumed.push(crate::domain::reading::Assumed {
                what: format!(
                    "the {} are for {size}",
                    crate::catalog::stand::plural(&instance.spec(ctx).title, 2.0)
                ),
                why: "their diameter is that of its clearance hole".to_owned(),
            });
            instance.size = Some((size, instance.anchor.unwrap_or_default()));
        }
    }

    fn drop_told(&mut self, old_spec: &Step, old: &plan::Step, kept: &[String], before: &str, new: &Step) {
        let gone: Vec<String> = old_spec
            .arguments
            .iter()
            .filter(|argument| !kept.contains(&argument.name))
            .filter_map(|argument| {
                let value = old.arguments.get(&argument.name)?;
                Some(format!("{} {}", argument.title.to_lowercase(), told(argument, value)))
            })
            .collect();
        if !gone.is_empty() {
            self.notes.push(format!(
                "Of the {before}, {} did not go into the {}",
                gone.join(", "),
                new.title.to_lowercase()
            ));
        }
    }
}
