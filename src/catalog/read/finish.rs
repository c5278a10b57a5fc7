//! From what was read to a plan: standard sizes, values that follow from others, defaults by stated rules, and the question to ask when
//! something is still missing.

use super::clauses::{Found, Parsed};
use super::instance::{Context, Given, Instance};
use super::place::{Placed, place};
use crate::catalog::expect::{Said, Stated, expect};
use crate::catalog::scene::{Names, Scene, Site, USUAL_FACE, arguments_of, placement_of};
use crate::catalog::stand::made;
use crate::catalog::table::{Argument, Combine, Kind, Step, Type};
use crate::domain::plan::{self, Arguments, Body, Plan, Value};
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
            "I can build one body at a time so far. Is the `{noun}` the part, or the other one?"
        ));
        return finished;
    }
    let mut order: Vec<usize> = (0..parsed.instances.len()).collect();
    order.sort_by_key(|at| parsed.instances[*at].instance.spec(ctx).kind != Kind::Base);
    if parsed.instances[order[0]].instance.spec(ctx).kind != Kind::Base {
        let what = parsed.instances[order[0]].instance.spec(ctx).title.to_lowercase();
        finished.question = Some(format!(
            "What is the {what} made in? Say the part and its sizes, for example `60x40x10 mm plate`."
        ));
        return finished;
    }
    if let Some(noun) = &parsed.implied {
        finished.assumed.push(Assumed {
            what: format!("the part is a {noun}"),
            why: "three sizes were given without a name".to_owned(),
        });
    }
    let body = parsed.instances[order[0]].noun.clone();
    let mut maker = Maker {
        ctx,
        scene: Scene::new(ctx.catalog),
        steps: Vec::new(),
        finished,
        body: body.clone(),
        pieces: Vec::new(),
    };
    for at in order {
        let host = parsed.instances[at].host.map(|host| parsed.instances[host].instance.step);
        if let Err(question) = maker.add(&mut parsed.instances[at], host) {
            maker.finished.question = Some(question);
            return maker.finished;
        }
    }
    let Maker { steps, mut finished, .. } = maker;
    let mut told = Vec::new();
    finished.assumed.retain(|assumed| {
        !told.contains(&assumed.what) && {
            told.push(assumed.what.clone());
            true
        }
    });
    let plan = Plan::of(vec![Body { colour, ..Body::of(&body, steps) }]);
    if let Some(problem) = ctx.catalog.validate(&plan).into_iter().next() {
        finished.question = Some(format!("{}. {}.", problem.message, problem.hint));
        finished.expectations.clear();
    } else {
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
        if spec.kind == Kind::Base && instance.count.as_ref().is_some_and(|(count, _)| *count > 1) {
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
        let placeable = spec.combine.is_some_and(Combine::is_placed);
        if placeable {
            let host = host.map(|host| ctx.spec(host).name.clone()).filter(|_| instance.on.is_none());
            step.on =
                Some(instance.on.clone().or_else(|| host.clone()).unwrap_or_else(|| USUAL_FACE.to_owned()));
            let hosts = host
                .and_then(|host| self.pieces.iter().rev().find(|(name, _)| *name == host))
                .map(|(_, n)| *n);
            self.place(instance, spec, &mut step, hosts)?;
        }
        let site = self.site(spec, &step)?;
        self.defaults(&mut step, spec, &site);
        let pieces = self.check_count(instance, &site)?;
        let all = pieces
            * step
                .on
                .as_ref()
                .and_then(|on| self.pieces.iter().rev().find(|(name, _)| name == on))
                .map_or(1.0, |(_, n)| *n);
        self.pieces.push((spec.name.clone(), all));
        let said = said(instance);
        let stated =
            Stated { spec, step: &step, site: &site, pieces: all, said: &said, body: None, turned: false };
        expect(&mut self.finished.expectations, &stated);
        self.scene.take(spec, &site);
        self.steps.push(step);
        Ok(())
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
        let step = spec.title.to_lowercase();
        let usual = format!("What {} should the {step} have?", argument.title.to_lowercase());
        ask.unwrap_or(&usual).replace("{body}", &self.body).replace("{step}", &step)
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
