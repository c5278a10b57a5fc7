//! Random plans that the table allows: what the property tests run. Everything comes from the table, so that a new step is tried without a
//! word here. Numbers start from the steps' own examples, scaled and jittered, and are kept only when the validator has nothing to say.

use fastrand::Rng;

use super::Catalog;
use super::scene::{Names, Scene, in_order, placement_of};
use super::table::{Argument, Combine, Kind, Step, Type};
use crate::domain::plan::{self, Arguments, Body, Join, Placement, Plan, Seat, Side, Value};
use crate::domain::quantity::round;
use crate::domain::reading::MeasureRef;

/// Tries at one base before another one is taken.
const BASE_TRIES: usize = 30;
/// Tries at one feature before it is left out.
const FEATURE_TRIES: usize = 12;

/// The plan of a seed: a base, for a plain one also one step on a face of it or on its edges, and now and then a second body. Two steps on
/// faces could meet inside the body, and on a gear a pocket may meet a tooth; then no solid shows the numbers of both, and nobody asks for that.
pub(super) fn sample(catalog: &Catalog, seed: u64) -> Plan {
    let mut rng = Rng::with_seed(seed);
    // Half of the plans are about one base, the others about a step on a plain one.
    let on_plain_base = rng.bool();
    let first = loop {
        let mut bases = of_kind(catalog, Kind::Base);
        bases.retain(|spec| !on_plain_base || is_plain_base(spec));
        if let Some(spec) = pick(&mut rng, &bases)
            && let Some(body) = body(catalog, &mut rng, spec, "part")
        {
            break body;
        }
    };
    let mut plan = Plan::of(vec![first]);
    if is_plain(catalog, &plan.bodies[0]) {
        if rng.u8(0..4) > 0 {
            add_feature(catalog, &mut rng, &mut plan, Combine::is_placed);
        } else {
            add_feature(catalog, &mut rng, &mut plan, |combine| combine == Combine::Edges);
        }
    }
    if rng.u8(0..10) == 0 {
        add_body(catalog, &mut rng, &mut plan);
    }
    plan
}

/// The plan of a seed that has this step, or none when no try was valid.
pub(super) fn sample_of(catalog: &Catalog, spec: &Step, seed: u64) -> Option<Plan> {
    let mut rng = Rng::with_seed(seed);
    if spec.kind == Kind::Base {
        return Some(Plan::of(vec![body(catalog, &mut rng, spec, "part")?]));
    }
    (0..BASE_TRIES).find_map(|_| {
        let mut bases = of_kind(catalog, Kind::Base);
        bases.retain(|spec| is_plain_base(spec));
        let base = pick(&mut rng, &bases)?;
        let mut plan = Plan::of(vec![body(catalog, &mut rng, base, "part")?]);
        try_feature(catalog, &mut rng, &mut plan, spec).then_some(plan)
    })
}

/// A block or a disc: whole faces, nothing on them yet.
fn is_plain_base(spec: &Step) -> bool {
    spec.implied.is_some() || (spec.tags.iter().any(|tag| tag == "shaft") && spec.hollow.is_none())
}

fn is_plain(catalog: &Catalog, body: &Body) -> bool {
    body.steps.first().and_then(|step| catalog.step(&step.do_)).is_some_and(is_plain_base)
}

fn of_kind(catalog: &Catalog, kind: Kind) -> Vec<&Step> {
    catalog.steps.iter().filter(|step| step.kind == kind).collect()
}

fn pick<T: Copy>(rng: &mut Rng, all: &[T]) -> Option<T> {
    (!all.is_empty()).then(|| all[rng.usize(0..all.len())])
}

/// A factor between the two, small ones as likely as large ones.
fn factor(rng: &mut Rng, low: f64, high: f64) -> f64 {
    (low.ln() + rng.f64() * (high.ln() - low.ln())).exp()
}

fn body(catalog: &Catalog, rng: &mut Rng, spec: &Step, name: &str) -> Option<Body> {
    (0..BASE_TRIES).find_map(|attempt| {
        let scale = factor(rng, 0.5, 3.0);
        // Wild at first, then closer and closer to the example.
        let jitter = 1.0 + 1.5 * (1.0 - attempt as f64 / BASE_TRIES as f64);
        let arguments = arguments(catalog, rng, spec, scale, jitter)?;
        let body = Body::of(name, vec![plan::Step::named(&spec.name, arguments)]);
        catalog.validate(&Plan::of(vec![body.clone()])).is_empty().then_some(body)
    })
}

/// The arguments of one example of a step, changed at random.
fn arguments(catalog: &Catalog, rng: &mut Rng, spec: &Step, scale: f64, jitter: f64) -> Option<Arguments> {
    let example = pick(rng, &spec.examples.iter().collect::<Vec<_>>())?;
    let read = catalog.read(example).plan?;
    let mut steps = read.bodies.iter().flat_map(|body| &body.steps);
    let given = &steps.find(|step| step.do_ == spec.name)?.arguments;
    let mut all = Arguments::default();
    for argument in spec.arguments.iter().filter(|argument| !argument.read_only) {
        let Some(value) = given.get(&argument.name) else {
            if argument.type_ == Type::Switch && rng.bool() {
                all.set(&argument.name, Value::Switch(true));
            }
            continue;
        };
        let may_go = argument.optional || argument.default.is_some();
        if may_go && rng.u8(0..4) == 0 {
            continue;
        }
        all.set(&argument.name, change(rng, argument, value, scale, jitter));
    }
    Some(all)
}

fn change(rng: &mut Rng, argument: &Argument, value: &Value, scale: f64, jitter: f64) -> Value {
    let choices: Vec<&String> = argument.choices.keys().collect();
    match (argument.type_, value) {
        (Type::Choice, _) if rng.bool() => {
            pick(rng, &choices).map_or_else(|| value.clone(), |choice| Value::Text(choice.clone()))
        }
        (Type::Count, Value::Number(number)) => {
            let changed = (number * factor(rng, 1.0 / jitter, jitter)).round();
            Value::Number(within(argument, changed))
        }
        (Type::Angle, Value::Number(number)) => {
            Value::Number(within(argument, (number * factor(rng, 1.0 / jitter, jitter)).round()))
        }
        (Type::Length | Type::Pair, Value::Number(number)) => {
            let changed = tenths(number * scale * factor(rng, 1.0 / jitter, jitter));
            Value::Number(within(argument, changed))
        }
        (Type::Pair | Type::Point, Value::List(list)) => {
            Value::List(list.iter().map(|number| tenths(number * scale)).collect())
        }
        (Type::Points, Value::Points(points)) => {
            Value::Points(points.iter().map(|point| point.map(|number| tenths(number * scale))).collect())
        }
        _ => value.clone(),
    }
}

/// A tenth of a millimetre, as people write sizes.
fn tenths(number: f64) -> f64 {
    round((number * 10.0).round() / 10.0)
}

fn within(argument: &Argument, number: f64) -> f64 {
    number.clamp(argument.min.unwrap_or(f64::MIN), argument.max.unwrap_or(f64::MAX))
}

fn add_feature(catalog: &Catalog, rng: &mut Rng, plan: &mut Plan, fits: fn(Combine) -> bool) {
    if fits(Combine::Add) && rng.u8(0..8) == 0 {
        join_base(catalog, rng, plan);
        return;
    }
    let mut features = of_kind(catalog, Kind::Feature);
    features.retain(|spec| spec.combine.is_some_and(fits));
    if let Some(spec) = pick(rng, &features) {
        try_feature(catalog, rng, plan, spec);
    }
}

/// Adds the feature somewhere on the first body. False when no try was valid.
fn try_feature(catalog: &Catalog, rng: &mut Rng, plan: &mut Plan, spec: &Step) -> bool {
    for _ in 0..FEATURE_TRIES {
        let Some(room) = room(catalog, &plan.bodies[0]) else { return false };
        // The example's largest length becomes a part of the room that the base has.
        let Some(mut arguments) = arguments(catalog, rng, spec, 1.0, 1.5) else { return false };
        let largest = longest(spec, &arguments);
        if largest > 0.0 {
            let scale = room * factor(rng, 0.05, 0.5) / largest;
            arguments = scaled(spec, &arguments, scale);
        }
        let mut step = plan::Step::named(&spec.name, arguments);
        if spec.combine.is_some_and(Combine::is_placed) {
            step.on = Some(face(catalog, rng, &plan.bodies[0]));
            step.at = placement(catalog, rng, spec, &plan.bodies[0], room);
        }
        if push(catalog, plan, step) {
            return true;
        }
    }
    false
}

fn longest(spec: &Step, arguments: &Arguments) -> f64 {
    let lengths = spec.arguments.iter().filter(|argument| argument.type_ == Type::Length);
    lengths.filter_map(|argument| arguments.number(&argument.name)).fold(0.0, f64::max)
}

fn scaled(spec: &Step, arguments: &Arguments, scale: f64) -> Arguments {
    let mut all = arguments.clone();
    for argument in spec.arguments.iter().filter(|argument| argument.type_ == Type::Length) {
        if let Some(number) = arguments.number(&argument.name) {
            all.set(&argument.name, Value::Number(within(argument, tenths(number * scale))));
        }
    }
    all
}

/// A base on the first body: added, cut away.
fn join_base(catalog: &Catalog, rng: &mut Rng, plan: &mut Plan) {
    // What has openings of its own leaves cores behind when it is cut out.
    let opens = |argument: &Argument| {
        argument.measure.as_ref().is_some_and(|measure| {
            measure.is_of_pieces()
                || matches!(measure, MeasureRef::BoreDiameter | MeasureRef::Gap | MeasureRef::Wall)
        })
    };
    let mut bases = of_kind(catalog, Kind::Base);
    bases.retain(|spec| spec.hollow.is_none() && !spec.arguments.iter().any(opens));
    for _ in 0..FEATURE_TRIES {
        let (Some(spec), Some(room)) = (pick(rng, &bases), room(catalog, &plan.bodies[0])) else { return };
        let Some(given) = arguments(catalog, rng, spec, 1.0, 1.5) else { return };
        let largest = longest(spec, &given);
        if largest <= 0.0 || !spec.extras.is_empty() {
            continue;
        }
        let mut step =
            plan::Step::named(&spec.name, scaled(spec, &given, room * factor(rng, 0.1, 0.4) / largest));
        step.combine = Some(if rng.bool() { Join::Add } else { Join::Cut });
        step.on = Some(face(catalog, rng, &plan.bodies[0]));
        step.at = Some(Placement::named("center"));
        if push(catalog, plan, step) {
            return;
        }
    }
}

fn push(catalog: &Catalog, plan: &mut Plan, step: plan::Step) -> bool {
    plan.bodies[0].steps.push(step);
    let good = catalog.validate(plan).is_empty();
    if !good {
        plan.bodies[0].steps.pop();
    }
    good
}

/// The smallest side of the base's box.
fn room(catalog: &Catalog, body: &Body) -> Option<f64> {
    let mut scene = Scene::new(catalog);
    let (_, spec, step) = in_order(catalog, body).into_iter().next()?;
    let site = scene.site(spec, step, &Names::default()).ok()?;
    scene.take(spec, &site);
    scene.extent().map(|[x, y, z, _]| x.number.min(y.number).min(z.number * 2.0))
}

fn face(catalog: &Catalog, rng: &mut Rng, body: &Body) -> String {
    let base = body.steps.first().and_then(|step| catalog.step(&step.do_));
    let names: Vec<&str> = base
        .iter()
        .flat_map(|base| {
            base.flat_faces
                .iter()
                .map(String::as_str)
                .chain(base.own_faces.iter().map(|face| face.name.as_str()))
        })
        .collect();
    pick(rng, &names).unwrap_or("top").to_owned()
}

/// A placement that a person would choose there: free points and distances from two edges may fall anywhere, and on a round or hollow part
/// only the middle is surely material or surely open.
fn placement(catalog: &Catalog, rng: &mut Rng, spec: &Step, body: &Body, room: f64) -> Option<Placement> {
    let base = catalog.step(&body.steps.first()?.do_)?;
    let plain = !base.round && base.hollow.is_none();
    let wanted = |place: &&Step| {
        let free = |argument: &Argument| matches!(argument.type_, Type::Point | Type::Points);
        let sides = place.arguments.len() > 3 && place.kind == Kind::Placement;
        let several = place.kind == Kind::Pattern || !place.arguments.is_empty();
        !place.arguments.iter().any(free) && !sides && (plain || !several)
    };
    let names = spec.placements.iter().filter_map(|name| catalog.step(name)).filter(wanted);
    let place = pick(rng, &names.collect::<Vec<_>>())?;
    let mut all = Arguments::default();
    for argument in &place.arguments {
        if (argument.optional || argument.default.is_some()) && rng.bool() {
            continue;
        }
        let length = |rng: &mut Rng| within(argument, tenths(room * factor(rng, 0.05, 0.6)));
        let around = |rng: &mut Rng| tenths(room * (rng.f64() - 0.5) * 0.7);
        let value = match argument.type_ {
            Type::Length | Type::Pair => Value::Number(length(rng)),
            Type::Angle => Value::Number(within(argument, f64::from(rng.u16(0..360)))),
            Type::Count => Value::Number(within(argument, f64::from(rng.u8(2..7)))),
            Type::Point => Value::List(vec![around(rng), around(rng)]),
            Type::Points => Value::Points((0..2).map(|_| [around(rng), around(rng)]).collect()),
            Type::Choice => Value::Text(pick(rng, &argument.choices.keys().collect::<Vec<_>>())?.clone()),
            Type::Text | Type::Switch => continue,
        };
        all.set(&argument.name, value);
    }
    Some(placement_of(place, all))
}

/// A second body beside or on the first.
fn add_body(catalog: &Catalog, rng: &mut Rng, plan: &mut Plan) {
    let bases = of_kind(catalog, Kind::Base);
    let Some(mut second) = pick(rng, &bases).and_then(|spec| body(catalog, rng, spec, "other")) else {
        return;
    };
    let sides = [Side::Top, Side::Bottom, Side::Left, Side::Right, Side::Front, Side::Back];
    let side = sides[rng.usize(0..sides.len())];
    let gap = f64::from(rng.u8(1..6));
    second.place = Some(Seat { to: plan.bodies[0].name.clone(), side, gap, at: None, turn: None });
    plan.bodies.push(second);
    if !catalog.validate(plan).is_empty() {
        plan.bodies.pop();
    }
}
