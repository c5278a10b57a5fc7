//! From what was read to a plan: standard sizes, values that follow from others, defaults by stated rules, and the question to ask when
//! something is still missing.

use super::clauses::{Found, Parsed};
use super::instance::{Context, Given, Instance, Role};
use super::place::{Placed, place};
use super::seats::Seats;
use crate::catalog::expect::{Said, Stated, expect};
use crate::catalog::missing;
use crate::catalog::scene::{Names, Scene, Site, USUAL_FACE, arguments_of, placement_of};
use crate::catalog::stand::made;
use crate::catalog::table::{Argument, Combine, Kind, Step, Type};
use crate::domain::plan::{self, Arguments, Join, Plan, Value};
use crate::domain::quantity::round;
use crate::domain::reading::{Assumed, Expectation};

#[derive(Default)]
pub(super) struct Finished {
    pub plan: Option<Plan>,
    pub assumed: Vec<Assumed>,
    pub notes: Vec<String>,
    pub question: Option<String>,
    pub expectations: Vec<Expectation>,
}

/// Builds the plan step by step; the first thing that is missing or impossible becomes the question.
pub(super) fn finish(ctx: &Context<'_>, parsed: &mut Parsed, colour: Option<String>) -> Finished {
    let mut finished = Finished::default();
    if let Some(noun) = &parsed.second_body {
        finished.question = Some(format!(
            "How does the `{noun}` go together with the rest? Say for example that it is on top, cut out, or a separate part to the right."
        ));
        return finished;
    }
    let base_of = |body: usize| {
        parsed.instances.iter().position(|found| {
            let instance = &found.instance;
            instance.body == body && instance.role == Role::Body && instance.spec(ctx).kind == Kind::Base
        })
    };
    let Some(first) = base_of(0) else {
        let what = parsed.instances[0].instance.spec(ctx).title.to_lowercase();
        finished.question = Some(format!(
            "What is the {what} made in? Say the part and its sizes, for example `60x40x10 mm plate`."
        ));
        return finished;
    };
    if let Some(noun) = &parsed.implied {
        finished.assumed.push(Assumed {
            what: format!("the part is a {noun}"),
            why: "three sizes were given without a name".to_owned(),
        });
    }
    let copies = parsed.instances[first].instance.copies;
    let bodies: Vec<usize> = (0..).map_while(base_of).collect();
    let mut seats = Seats::new(colour);
    for (body, base) in bodies.iter().enumerate() {
        let noun = seats.name(parsed, body, *base);
        let mut maker = Maker {
            ctx,
            scene: Scene::new(ctx.catalog),
            steps: Vec::new(),
            finished,
            body: noun.clone(),
            pieces: Vec::new(),
        };
        let rest = (0..parsed.instances.len())
            .filter(|at| at != base && parsed.instances[*at].instance.body == body);
        let order: Vec<usize> = std::iter::once(*base).chain(rest).collect();
        for at in order {
            let host = parsed.instances[at].host.map(|host| parsed.instances[host].instance.step);
            if let Err(question) = maker.add_each(&mut parsed.instances[at], host) {
                maker.finished.question = Some(question);
                return maker.finished;
            }
        }
        let Maker { steps, finished: so_far, .. } = maker;
        finished = so_far;
        seats.add(&mut finished, &parsed.instances[*base].instance, &noun, steps);
    }
    let plan = seats.plan(&mut finished, copies);
    let mut told = Vec::new();
    finished.assumed.retain(|assumed| {
        !told.contains(&assumed.what) && {
            told.push(assumed.what.clone());
            true
        }
    });
    if let Some(problem) = ctx.catalog.validate(&plan).into_iter().next() {
        finished.question = Some(format!("{}. {}.", problem.message, problem.hint));
        finished.expectations.clear();
    } else {
        // Of several bodies each shows its own numbers, under its own name; the plan knows which.
        if ctx.catalog.bodies_of(&plan) > 1 {
            finished.expectations = ctx.catalog.expectations(&plan);
        }
        finished.plan = Some(plan);
    }
    finished
}

pub(super) struct Maker<'a, 'c> {
    pub ctx: &'a Context<'c>,
    pub scene: Scene<'c>,
    pub steps: Vec<plan::Step>,
    pub finished: Finished,
    pub body: String,
    /// How many pieces each step so far makes.
    pub pieces: Vec<(String, f64)>,
}

impl<'c> Maker<'_, 'c> {
    pub(super) fn add(&mut self, found: &mut Found, host: Option<usize>) -> Result<(), String> {
        let ctx = self.ctx;
        let instance = &mut found.instance;
        let spec = instance.spec(ctx);
        let joined = instance.role != Role::Body;
        let one = spec.kind == Kind::Base && !joined && instance.body == 0;
        if one && instance.count.as_ref().is_some_and(|(count, _)| *count > 1) {
            return Err(format!("I build one {} at a time. Shall I make one of them?", found.noun));
        }
        self.finished.notes.extend(standard_sizes(ctx, instance)?);
        instance.derive(ctx);
        let guesses = instance
            .guesses
            .iter()
            .map(|what| Assumed { what: what.clone(), why: "no other size was missing".to_owned() });
        self.finished.assumed.extend(guesses);
        let arguments = self.arguments(instance, spec)?;
        let mut step = plan::Step::named(&spec.name, arguments);
        if let Role::Joined(join) = instance.role {
            step.combine = Some(join);
            if join == Join::Add && spec.flat_faces.is_empty() {
                let noun = &found.noun;
                return Err(format!(
                    "A {noun} touches the {} in one point only, so the two do not hold together. Is it a separate body, or cut out?",
                    self.body
                ));
            }
        }
        let placeable = joined || spec.combine.is_some_and(Combine::is_placed);
        if placeable {
            let host = host.map(|host| ctx.spec(host).name.clone()).filter(|_| instance.on.is_none());
            step.on =
                Some(instance.on.clone().or_else(|| host.clone()).unwrap_or_else(|| USUAL_FACE.to_owned()));
            let hosts = host
                .and_then(|host| self.pieces.iter().rev().find(|(name, _)| *name == host))
                .map(|(_, n)| *n);
            self.place(instance, spec, &mut step, hosts)?;
            self.finished.notes.append(&mut instance.told);
        }
        let site = self.site(spec, &step)?;
        self.defaults(&mut step, spec, &site);
        if instance.role == Role::Joined(Join::Cut) {
            self.sink(&mut step, spec, &site);
        }
        let beside = spec.kind == Kind::Base && !joined;
        let pieces = if beside { 1.0 } else { self.check_count(instance, &site)? };
        let all = pieces
            * step
                .on
                .as_ref()
                .and_then(|on| self.pieces.iter().rev().find(|(name, _)| name == on))
                .map_or(1.0, |(_, n)| *n);
        self.pieces.push((spec.name.clone(), all));
        let said = said(instance);
        let stated = Stated {
            spec,
            step: &step,
            site: &site,
            pieces: all,
            said: &said,
            body: None,
            boxless: None,
            unseen: None,
        };
        expect(&mut self.finished.expectations, &stated);
        self.scene.take(spec, &site);
        self.steps.push(step);
        Ok(())
    }

    /// The same on each of several faces: "two holes in each leg".
    fn add_each(&mut self, found: &mut Found, host: Option<usize>) -> Result<(), String> {
        let faces = std::mem::take(&mut found.instance.each);
        let Some((last, others)) = faces.split_last() else { return self.add(found, host) };
        let each = found.instance.fates.keys().any(|piece| {
            let words = &self.ctx.pieces[*piece].words;
            words.split(' ').any(|word| matches!(word, "each" | "every" | "either"))
        });
        // "two holes in both legs" are one in each.
        let shared = |(count, _): &(u32, String)| !each && *count as usize == faces.len();
        if found.instance.count.as_ref().is_some_and(shared) {
            found.instance.count = None;
            found.instance.plural = false;
        }
        for face in others {
            let whole = found.instance.clone();
            found.instance.on = Some(face.clone());
            self.add(found, host)?;
            found.instance = whole;
        }
        found.instance.on = Some(last.clone());
        self.add(found, host)
    }

    /// What is cut away hangs from its face, wide end up; a ball, which has no flat face, is sunk to its middle.
    fn sink(&mut self, step: &mut plan::Step, spec: &Step, site: &Site<'_>) {
        let number = |expression: &str| site.scope.number(&self.ctx.catalog.tera, expression);
        let tall = spec.size.as_ref().and_then(|size| size.z.as_slice().first());
        let Some(height) = tall.and_then(|tall| number(tall)) else { return };
        let end = |face: &str| spec.face_size.get(face).and_then(|size| number(size));
        if spec.flat_faces.is_empty() {
            step.lift = Some(round(height / 2.0));
            self.finished.assumed.push(Assumed {
                what: format!("the {} is sunk to its middle", spec.title.to_lowercase()),
                why: "no depth was given".to_owned(),
            });
        } else if end("top").zip(end("bottom")).is_some_and(|(top, bottom)| top < bottom) {
            step.turn = Some([180.0, 0.0, 0.0]);
            step.lift = Some(round(height));
        }
    }

    fn site(&self, spec: &'c Step, step: &plan::Step) -> Result<Site<'c>, String> {
        self.scene
            .site(spec, step, &Names::default())
            .map_err(|fault| format!("{}. {}.", fault.message, fault.hint))
    }

    /// The step's arguments in the table's order; asks for what is missing.
    fn arguments(&mut self, instance: &Instance, spec: &Step) -> Result<Arguments, String> {
        let mut arguments = Arguments::default();
        let variant = instance.variant(self.ctx);
        for argument in &spec.arguments {
            let name = &argument.name;
            if let Some(given) = instance.own.get(name).filter(|_| !argument.read_only) {
                arguments.set(name, given.value.clone());
            } else if let Some(choice) = instance.choices.get(name) {
                let switch = argument.type_ == Type::Switch;
                arguments.set(name, if switch { Value::Switch(true) } else { Value::Text(choice.clone()) });
            } else if !instance.absent.contains(name) {
                let needed = variant.is_some_and(|variant| variant.require.contains(name));
                if argument.required() || argument.asked || needed {
                    let ask = variant.and_then(|variant| variant.ask.get(name)).or(argument.ask.as_ref());
                    return Err(self.ask(ask, spec, argument));
                }
                if let (Some(absent), Some(because)) = (&argument.absent, &argument.because) {
                    let what = format!("{} {absent}", spec.title.to_lowercase());
                    self.finished.assumed.push(Assumed { what, why: because.clone() });
                }
            }
        }
        Ok(arguments)
    }

    fn ask(&self, ask: Option<&String>, spec: &Step, argument: &Argument) -> String {
        missing::asked(spec, argument, ask, &self.body)
    }

    fn place(
        &mut self,
        instance: &mut Instance,
        spec: &'c Step,
        step: &mut plan::Step,
        hosts: Option<f64>,
    ) -> Result<(), String> {
        let site = self.site(spec, step)?;
        let Some(face) = &site.face else { return Ok(()) };
        match place(self.ctx, instance, face, hosts) {
            Placed::Ask(question) => Err(question),
            Placed::At { placement, assumed } => {
                self.finished.assumed.extend(assumed);
                step.at = Some(placement);
                Ok(())
            }
        }
    }

    /// Writes the table's defaults into the plan, and says so.
    fn defaults(&mut self, step: &mut plan::Step, spec: &Step, site: &Site<'_>) {
        let own = fill(spec, &step.arguments, &site.arguments, &mut self.finished.assumed, &spec.title);
        step.arguments = own;
        if let (Some((place, _)), Some(placement)) = (&site.place, &step.at) {
            let given = arguments_of(place, &placement.detail);
            let filled = fill(place, &given, &site.place_arguments, &mut self.finished.assumed, &spec.title);
            step.at = Some(placement_of(place, filled));
        }
    }

    /// The pattern has to make as many pieces as were asked for.
    fn check_count(&self, instance: &Instance, site: &Site<'_>) -> Result<f64, String> {
        let name = site.place.as_ref().map(|(place, _)| place);
        let made = made(self.ctx.catalog, site);
        let asked = instance.count.as_ref().map_or(made, |(count, _)| f64::from(*count));
        let title = instance.spec(self.ctx).title.to_lowercase();
        let asked_of_host =
            instance.count.is_some() && self.pieces.iter().any(|(_, n)| (n - asked).abs() < 0.5 && *n > 1.0);
        if (asked - made).abs() < 0.5 || asked_of_host {
            return Ok(made);
        }
        let place = name.map_or_else(String::new, |place| place.where_.trim().to_owned());
        let place = if place.is_empty() { "at that place".to_owned() } else { place };
        Err(format!(
            "You asked for {asked} ({title}), but {place} there is room for {made}. How should they be arranged?"
        ))
    }
}

/// The words of an instance, for its expectations. What a rule supplied has none.
fn said(instance: &Instance) -> Said {
    let texts = |given: &std::collections::BTreeMap<String, Given>| {
        let stated = given.iter().filter(|(_, given)| !given.text.is_empty());
        stated.map(|(name, given)| (name.clone(), given.text.clone())).collect()
    };
    Said {
        own: texts(&instance.own),
        place: texts(&instance.place_given),
        count: instance.count.as_ref().map(|(_, text)| text.clone()),
    }
}

/// `M5`: the table gives what was not said. Returns what is to be told about it.
pub(super) fn standard_sizes(ctx: &Context<'_>, instance: &mut Instance) -> Result<Vec<String>, String> {
    let (Some((size, _)), Some(sizes)) = (instance.size.clone(), instance.sizes(ctx)) else {
        return Ok(Vec::new());
    };
    let table = &ctx.catalog.sizes[&sizes.table];
    let Some(row) = table.sizes.get(&size) else {
        return Err(format!("I don't know the sizes of {size}."));
    };
    let mut notes = Vec::new();
    for (name, column) in &sizes.columns {
        if instance.own.contains_key(name) || instance.absent.contains(name) {
            continue;
        }
        // A fit chooses the column of the first argument it can stand for.
        let column = instance.fit.as_ref().filter(|fit| fit.starts_with(column.as_str())).unwrap_or(column);
        let Some(value) = row.get(column) else { continue };
        let title = instance
            .spec(ctx)
            .argument(name)
            .map(|argument| argument.title.to_lowercase())
            .unwrap_or_default();
        let source = table.columns.get(column).unwrap_or(&table.source);
        notes.push(format!("{size}: {title} {value} mm ({source})"));
        let given = Given { value: Value::Number(*value), text: size.clone() };
        instance.own.insert(name.clone(), given);
    }
    Ok(notes)
}

/// The arguments in the table's order, with the defaults of `filled`; each default is reported.
pub(super) fn fill(
    spec: &Step,
    given: &Arguments,
    filled: &Arguments,
    assumed: &mut Vec<Assumed>,
    title: &str,
) -> Arguments {
    let mut all = Arguments::default();
    for argument in &spec.arguments {
        let Some(value) = filled.get(&argument.name) else { continue };
        let value = value.number().map_or_else(|| value.clone(), |number| Value::Number(round(number)));
        if given.get(&argument.name).is_none() {
            let unit = argument.unit();
            let space = if unit.is_empty() { "" } else { " " };
            assumed.push(Assumed {
                what: format!(
                    "{} {} {value}{space}{unit}",
                    title.to_lowercase(),
                    argument.title.to_lowercase()
                ),
                why: argument.because.clone().unwrap_or_default(),
            });
        }
        all.set(&argument.name, value);
    }
    all
}
