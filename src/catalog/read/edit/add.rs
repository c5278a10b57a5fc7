//! Something new on the part: the reader reads it as it reads a first prompt, but the steps that stand already are known to it, so that "in the
//! boss" and "to the plate" mean those.

use std::collections::BTreeSet;

use super::Editor;
use super::choose::Mention;
use super::draft::Id;
use super::segments::{Segment, deeds, is_number};
use super::set::takes;
use crate::catalog::deeds::{Deed, Verb};
use crate::catalog::read::clauses::{Found, parse_onto};
use crate::catalog::read::finish::{Finished, Maker};
use crate::catalog::read::instance::{Context, Given, Instance};
use crate::catalog::read::pieces::{Piece, What};
use crate::catalog::stand::{counted, told, whole};
use crate::catalog::table::{Argument, Kind};
use crate::domain::plan::{self, Value};

impl Editor<'_, '_> {
    pub(super) fn add(&mut self, segment: &Segment) -> Result<(), String> {
        let masked: BTreeSet<usize> =
            segment.pieces.clone().filter(|i| self.heard.fates.contains_key(i)).collect();
        let view = self.view(&segment.pieces, &masked);
        let ctx = Context { pieces: &view, ..*self.ctx };
        let standing: Vec<(Id, usize, String)> = self
            .draft
            .of_body(self.body)
            .into_iter()
            .filter_map(|id| {
                let step = self.draft.step(id)?;
                let index = self.ctx.catalog.index_of(&step.do_)?;
                let noun = if self.draft.is_base(id) {
                    self.draft.plan.bodies[self.body].name.clone()
                } else {
                    step.do_.clone()
                };
                Some((id, index, noun))
            })
            .collect();
        let seeds: Vec<(usize, String)> =
            standing.iter().map(|(_, step, noun)| (*step, noun.clone())).collect();
        let mut parsed = parse_onto(&ctx, &seeds);
        for (standing_found, (id, _, _)) in parsed.standing.iter().zip(&standing) {
            let said = self.name(*id);
            for piece in &standing_found.references {
                self.heard.note(*piece, &said);
            }
        }
        if let Some(noun) = &parsed.second_body {
            return Err(format!(
                "I can't add a body of its own by a sentence yet. Shall the `{noun}` be a boss, or a part of its own?"
            ));
        }
        if parsed.instances.is_empty() {
            return self.nothing_to_add(segment);
        }
        let mut added = Vec::new();
        for at in 0..parsed.instances.len() {
            let found = &mut parsed.instances[at];
            if found.instance.spec(&ctx).kind == Kind::Base {
                let word = found.noun.clone();
                return Err(format!(
                    "Where does the {word} go? I can change this part, or start a new one: say `new part` first."
                ));
            }
            self.borrow(&ctx, &mut found.instance);
            let (onto, among) = (found.standing_host, found.host);
            let host = onto
                .and_then(|host| standing.get(host))
                .map(|(_, step, _)| *step)
                .or_else(|| among.map(|host| parsed.instances[host].instance.step));
            let found = &mut parsed.instances[at];
            let step = self.make(&ctx, self.body, None, found, host)?;
            let id = self.draft.push(self.body, step);
            added.push(id);
        }
        self.found.append(&mut parsed.instances);
        let leftover = parsed.standing.into_iter().filter(|found| !found.instance.left.is_empty());
        self.found.extend(leftover);
        self.last = added;
        self.acted = true;
        for i in segment.pieces.clone() {
            if deeds(&self.ctx.pieces[i]).any(|deed| matches!(deed, Deed::Verb(Verb::Add) | Deed::More)) {
                self.heard.note(i, "added");
            }
        }
        Ok(())
    }

    /// A new step of the body, by the reader's own rules.
    pub(super) fn make(
        &mut self,
        ctx: &Context<'_>,
        body: usize,
        until: Option<usize>,
        found: &mut Found,
        host: Option<usize>,
    ) -> Result<plan::Step, String> {
        let walked = self.draft.walk(self.ctx.catalog, body, until)?;
        let mut maker = Maker {
            ctx,
            scene: walked.scene,
            steps: Vec::new(),
            finished: Finished::default(),
            body: self.draft.plan.bodies[body].name.clone(),
            pieces: walked.pieces,
        };
        maker.add(found, host)?;
        self.assumed.extend(maker.finished.assumed);
        self.notes.extend(maker.finished.notes);
        maker.steps.pop().ok_or_else(|| "This step can't be written. Say it in another way.".to_owned())
    }

    /// "another hole at (10, 5)": what isn't said is as it is in the one that stands.
    fn borrow(&mut self, ctx: &Context<'_>, instance: &mut Instance) {
        let spec = instance.spec(ctx);
        let alike = self.draft.of_body(self.body).into_iter().rev().find_map(|id| {
            let step = self.draft.step(id)?;
            (step.do_ == spec.name).then(|| (step.clone(), self.name(id)))
        });
        let Some((step, name)) = alike else { return };
        let missing = |argument: &&Argument| {
            (argument.required() || argument.asked)
                && !instance.own.contains_key(&argument.name)
                && !instance.choices.contains_key(&argument.name)
                && !instance.absent.contains(&argument.name)
        };
        if instance.size.is_some() {
            return;
        }
        let missing: Vec<&Argument> = spec.arguments.iter().filter(missing).collect();
        for argument in missing {
            match step.arguments.get(&argument.name) {
                Some(Value::Text(choice)) => {
                    instance.choices.insert(argument.name.clone(), choice.clone());
                }
                Some(value) => {
                    let given = Given { value: value.clone(), text: String::new() };
                    instance.own.insert(argument.name.clone(), given);
                    let what = format!(
                        "{} {} {}",
                        spec.title.to_lowercase(),
                        argument.title.to_lowercase(),
                        told(argument, value)
                    );
                    self.assume(what, format!("as {name}"));
                }
                None => {
                    instance.absent.insert(argument.name.clone());
                }
            }
        }
    }

    fn nothing_to_add(&mut self, segment: &Segment) -> Result<(), String> {
        let words: Vec<&str> = segment
            .pieces
            .clone()
            .filter(|i| matches!(self.ctx.pieces[*i].what, What::Unknown))
            .map(|i| self.ctx.pieces[i].words.as_str())
            .collect();
        if words.is_empty() {
            // "put it at (10, 5)", "cut it 5 mm deep"
            return self.set(segment, None);
        }
        Err(format!(
            "I don't know what `{}` is, so I can't add it. I can add holes, slots, pockets, bosses, fillets and chamfers, for example.",
            words.join(" ")
        ))
    }

    /// "one more hole", "two fewer", "another hole at (10, 5)".
    pub(super) fn more(&mut self, segment: &Segment, mention: Option<&Mention>) -> Result<(), String> {
        let fewer = self.has(segment, &Deed::Fewer);
        let said = segment.pieces.clone().find_map(|i| match &self.ctx.pieces[i].what {
            What::Count(count) => Some((i, f64::from(*count))),
            What::Numbers(numbers) if numbers.len() == 1 => {
                crate::catalog::read::quantities::whole(&numbers[0])
                    .filter(|_| {
                        // "2 more holes", "another 2 holes"
                        let counts = |other: Option<&Piece>| {
                            other.is_some_and(|piece| {
                                deeds(piece).any(|d| matches!(d, Deed::More | Deed::Fewer))
                            })
                        };
                        let before = i.checked_sub(1).and_then(|before| self.ctx.pieces.get(before));
                        counts(self.ctx.pieces.get(i + 1)) || counts(before)
                    })
                    .map(|count| (i, f64::from(count)))
            }
            _ => None,
        });
        let (count_piece, by) = said.map_or((None, 1.0), |(piece, by)| (Some(piece), by));
        let mut eaten: BTreeSet<usize> = count_piece.into_iter().collect();
        let ids = if let Some(mention) = mention {
            let all = self.matching(mention);
            // With a place of its own it is a new one.
            let view = self.view(&segment.pieces, &eaten);
            let ctx = Context { pieces: &view, ..*self.ctx };
            let own = all.first().is_some_and(|id| {
                let fresh = self.bound(&ctx, segment, *id, Some(mention));
                !fresh.places.is_empty()
                    || !fresh.place_pairs.is_empty()
                    || !fresh.place_given.is_empty()
                    || !fresh.own.is_empty()
                    || fresh.size.is_some()
            });
            if own && !fewer {
                return self.add(segment);
            }
            self.select(segment, mention, &mut eaten)?
        } else {
            let many: Vec<Id> = self.draft.all().into_iter().filter(|id| self.pieces_of(*id) > 1.5).collect();
            match (self.last.as_slice(), many.as_slice()) {
                ([last], _) => vec![*last],
                ([], [one]) => vec![*one],
                ([], []) => return Err(format!("Of what? The part has {}.", self.contents())),
                _ => return Err(self.which(&many)),
            }
        };
        let [id] = ids.as_slice() else { return Err(self.which(&ids)) };
        let stand = self.draft.stand(self.ctx.catalog, *id)?;
        let now = stand.pieces;
        let after = if fewer { now - by } else { now + by };
        if after < 0.5 {
            if (after - 0.0).abs() < 0.5 && fewer {
                self.drop_steps(&[*id]);
                self.mark_count(segment, count_piece, "none left");
                return Ok(());
            }
            return Err(format!("There are only {}.", counted(stand.spec, now)));
        }
        let step = self.ctx.catalog.index_of(&stand.spec.name).unwrap_or(0);
        let count = whole(after);
        self.mark_count(segment, count_piece, &format!("{count} of them"));
        let text = format!("{by} {}", if fewer { "fewer" } else { "more" });
        let fresh = Instance { step, count: Some((count, text)), plural: true, ..Instance::default() };
        let ctx = Context { ..*self.ctx };
        self.amend(&ctx, *id, &fresh)?;
        self.last = vec![*id];
        Ok(())
    }

    fn mark_count(&mut self, segment: &Segment, count: Option<usize>, said: &str) {
        for i in segment.pieces.clone() {
            let word = deeds(&self.ctx.pieces[i]).any(|deed| matches!(deed, Deed::More | Deed::Fewer));
            if word || Some(i) == count || (is_number(&self.ctx.pieces[i]) && Some(i) == count) {
                self.heard.note(i, said);
            }
        }
        self.acted = true;
    }

    /// What the segment says of a step is nothing at all.
    pub(super) fn says_nothing(&self, segment: &Segment, id: Id, mention: Option<&Mention>) -> bool {
        let view = self.view(&segment.pieces, &BTreeSet::new());
        let ctx = Context { pieces: &view, ..*self.ctx };
        !takes(&self.bound(&ctx, segment, id, mention))
    }
}
