//! Reads `templates/` out of the binary and holds it to its rules: every name that a file mentions has to exist, every expression has to
//! parse, every argument has to be askable or have a rule. A mistake is named with its file and key.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use rust_embed::RustEmbed;
use serde::de::DeserializeOwned;
use tera::Tera;

use super::deeds::Deeds;
use super::table::{Argument, Face, Faces, Kind, SizeTable, Sizes, Step, Type};
use super::words::{Vocabulary, Words};
use super::{Catalog, Error, scope};

#[derive(RustEmbed)]
#[folder = "templates/"]
#[include = "*.toml"]
#[include = "*.py.tera"]
#[include = "steps/*"]
#[include = "tables/*"]
struct Files;

/// Names that expressions may use beside the arguments of their own step.
const AMBIENT: &[&str] = &[
    "across.left",
    "across.right",
    "across.front",
    "across.back",
    "across.top",
    "across.bottom",
    "base.hollow",
    "base.rim",
    "base.x",
    "base.y",
    "base.z",
    "face.x",
    "face.y",
    "face.reach",
    "face.through",
    "footprint.x",
    "footprint.y",
    "last.room",
    "keep.x",
    "keep.y",
];

pub(super) fn embedded() -> Result<Catalog, Error> {
    from_files(&files())
}

/// The embedded files, with those of a folder of the same layout added or put in their place.
pub(super) fn with_folder(folder: &Path) -> Result<Catalog, Error> {
    let mut all = files();
    for part in ["", "steps", "tables"] {
        let listing = match fs::read_dir(folder.join(part)) {
            Ok(listing) => listing,
            Err(error) if part.is_empty() => return wrong(&folder.display().to_string(), error.to_string()),
            Err(_) => continue,
        };
        for entry in listing.flatten() {
            let name = Path::new(part).join(entry.file_name()).display().to_string();
            let ours =
                Path::new(&name).extension().is_some_and(|end| end == "toml") || name.ends_with(".py.tera");
            if ours {
                let text =
                    fs::read_to_string(entry.path()).or_else(|error| wrong(&name, error.to_string()))?;
                all.insert(name, text);
            }
        }
    }
    from_files(&all)
}

/// The text of every file that ships, by its path below `templates/`.
pub(super) fn files() -> BTreeMap<String, String> {
    let text = |path: &str| Files::get(path).map(|file| String::from_utf8_lossy(&file.data).into_owned());
    Files::iter().filter_map(|path| Some((path.to_string(), text(&path)?))).collect()
}

/// The catalog of these files, by path below `templates/`.
pub(super) fn from_files(files: &BTreeMap<String, String>) -> Result<Catalog, Error> {
    let mut tera = Tera::default();
    tera.autoescape_on(Vec::new());
    let mut steps = Vec::new();
    let mut sizes = BTreeMap::new();
    for (path, text) in files {
        if path.strip_suffix(".tera").is_some() {
            add_template(&mut tera, path, path, text)?;
        } else if path.starts_with("steps/") {
            let step: Step = parse(path, text)?;
            if format!("steps/{}.toml", step.name) != *path {
                return wrong(path, format!("`name` is `{}`, the file is not", step.name));
            }
            steps.push(step);
        } else if path.starts_with("tables/") {
            let table: SizeTable = parse(path, text)?;
            check_table(path, &table)?;
            sizes.insert(table.name.clone(), table);
        }
    }
    let faces: Faces = parse_named(files, "faces.toml")?;
    let words: Words = parse_named(files, "words.toml")?;
    // Bases first, then features, then places: the order in which people look for them.
    steps.sort_by_key(|step| (step.kind as u8, step.name.clone()));
    for face in &faces.faces {
        add_face(&mut tera, face)?;
    }
    for step in &steps {
        check_step(&mut tera, files, step, &steps, &sizes)?;
    }
    let words = Vocabulary::build(&steps, &faces.faces, &words, &sizes)
        .map_err(|(file, reason)| Error::File { file, reason })?;
    let deeds: Deeds = parse_named(files, "edits.toml")?;
    let edit_words = words.with_deeds(&deeds).or_else(|reason| wrong("edits.toml", reason))?;
    Ok(Catalog { steps, faces: faces.faces, sizes, words, edit_words, tera })
}

fn wrong<T>(file: &str, reason: impl Into<String>) -> Result<T, Error> {
    Err(Error::File { file: file.to_owned(), reason: reason.into() })
}

fn parse<T: DeserializeOwned>(path: &str, text: &str) -> Result<T, Error> {
    toml::from_str(text).or_else(|error| wrong(path, error.to_string()))
}

fn parse_named<T: DeserializeOwned>(files: &BTreeMap<String, String>, path: &str) -> Result<T, Error> {
    match files.get(path) {
        Some(text) => parse(path, text),
        None => wrong(path, "it is not there"),
    }
}

fn add_template(tera: &mut Tera, file: &str, name: &str, text: &str) -> Result<(), Error> {
    tera.add_raw_template(name, text).or_else(|error| wrong(file, reason_of(&error)))
}

/// Tera keeps what was wrong in the source of its error.
fn reason_of(error: &tera::Error) -> String {
    std::error::Error::source(error).map_or_else(|| error.to_string(), ToString::to_string)
}

fn add_face(tera: &mut Tera, face: &Face) -> Result<(), Error> {
    add_template(tera, "faces.toml", &format!("face/{}", face.name), &face.plane)
}

fn check_table(file: &str, table: &SizeTable) -> Result<(), Error> {
    for (size, row) in &table.sizes {
        for column in table.columns.keys() {
            if !row.contains_key(column) {
                return wrong(file, format!("`{size}` has no `{column}`"));
            }
        }
        if let Some(extra) = row.keys().find(|column| !table.columns.contains_key(*column)) {
            return wrong(file, format!("`{size}` has a column `{extra}` that `columns` does not name"));
        }
    }
    Ok(())
}

/// One step's file. `tera` learns its expressions.
fn check_step(
    tera: &mut Tera,
    files: &BTreeMap<String, String>,
    step: &Step,
    all: &[Step],
    tables: &BTreeMap<String, SizeTable>,
) -> Result<(), Error> {
    let file = format!("steps/{}.toml", step.name);
    let template = format!("steps/{}.py.tera", step.name);
    if !files.contains_key(&template) {
        return wrong(&file, format!("`{template}` is not there"));
    }
    if step.examples.is_empty() {
        return wrong(&file, "`examples` is empty");
    }
    check_arguments(&file, step)?;
    check_words(&file, step)?;
    check_kind(&file, step, all)?;
    let variant_sizes = step.variants.iter().filter_map(|variant| variant.sizes.as_ref());
    for sizes in step.sizes.iter().chain(variant_sizes) {
        check_sizes(&file, step, sizes, tables)?;
    }
    check_expressions(tera, &file, step)?;
    add_template(tera, &file, &format!("comment/{}", step.name), &step.comment)?;
    for (name, text) in &step.edges {
        add_template(tera, &file, &format!("edges/{}/{name}", step.name), text)?;
    }
    for face in &step.own_faces {
        add_template(tera, &file, &format!("face/{}/{}", step.name, face.name), &face.plane)?;
    }
    check_own(&file, step)
}

/// What a base names of its own: faces, groups of them, further bodies.
fn check_own(file: &str, step: &Step) -> Result<(), Error> {
    for name in step.together.iter().flat_map(|together| &together.faces) {
        if !step.own_faces.iter().any(|face| face.name == *name) {
            return wrong(file, format!("`together` names the face `{name}`, which is not there"));
        }
    }
    for when in step.extras.iter().filter_map(|extra| extra.when.as_ref()) {
        if step.argument(when).is_none() {
            return wrong(file, format!("`extra` asks for `{when}`, which is no argument"));
        }
    }
    if step.kind != Kind::Base
        && !(step.own_faces.is_empty() && step.extras.is_empty() && step.tags.is_empty())
    {
        return wrong(file, "only a base has faces, further bodies and tags");
    }
    Ok(())
}

fn check_arguments(file: &str, step: &Step) -> Result<(), Error> {
    let mut seen = BTreeSet::new();
    for argument in &step.arguments {
        let Argument { name, .. } = argument;
        if !seen.insert(name) {
            return wrong(file, format!("the argument `{name}` is there twice"));
        }
        if matches!(name.as_str(), "do" | "on" | "at" | "x" | "y" | "base" | "face" | "footprint" | "keep") {
            return wrong(
                file,
                format!("`{name}` is no name for an argument, plans and expressions need it"),
            );
        }
        if (argument.type_ == Type::Choice) == argument.choices.is_empty() {
            return wrong(file, format!("`{name}`: choices, and only choices, need `choices`"));
        }
        if let (Type::Choice, Some(default)) = (argument.type_, &argument.default)
            && !argument.choices.contains_key(default)
        {
            return wrong(file, format!("`{name}`: the default `{default}` is none of its choices"));
        }
        if argument.default.is_some() && argument.because.is_none() {
            return wrong(
                file,
                format!("`{name}`: a default needs `because`, nothing sizes itself silently"),
            );
        }
        if argument.required()
            && !matches!(argument.type_, Type::Choice | Type::Point | Type::Points | Type::Switch)
            && argument.ask.is_none()
        {
            return wrong(file, format!("`{name}`: a required argument needs `ask`"));
        }
        if argument.absent.is_none() && (argument.asked || !argument.absent_words.is_empty()) {
            return wrong(file, format!("`{name}`: `asked` and `absent_words` need `absent`"));
        }
        if argument.absent.is_some() && !argument.asked && argument.because.is_none() {
            return wrong(file, format!("`{name}`: `absent` needs `because` or `asked`"));
        }
        if argument.asked && argument.ask.is_none() {
            return wrong(file, format!("`{name}`: `asked` needs `ask`"));
        }
        if argument.is_numeric() && argument.measure.is_none() == argument.not_checked.is_none() {
            return wrong(file, format!("`{name}`: it needs either `measure` or `not_checked`"));
        }
    }
    Ok(())
}

/// `a=b` names two arguments.
pub(super) fn joined(text: &str) -> impl Iterator<Item = &str> {
    text.split('=')
}

fn check_words(file: &str, step: &Step) -> Result<(), Error> {
    let known = |name: &str| step.argument(name).is_some();
    let groups = step.groups.iter().chain(step.variants.iter().flat_map(|variant| &variant.groups));
    for (count, names) in groups {
        if count.parse().ok() != Some(names.len()) {
            return wrong(file, format!("`groups.{count}` has {} entries", names.len()));
        }
        for name in names.iter().flat_map(|name| joined(name)) {
            if !known(name) {
                return wrong(file, format!("`groups.{count}` names `{name}`, which is no argument"));
            }
        }
    }
    let joint = step.joints.iter().flat_map(|joint| joined(&joint.to));
    let variant = step
        .variants
        .iter()
        .flat_map(|v| v.require.iter().chain(v.set.keys()).chain(v.ask.keys()).map(String::as_str));
    let derived = step.derivations.iter().map(|derivation| derivation.argument.as_str());
    if let Some(name) = joint.chain(variant).chain(derived).find(|name| !known(name)) {
        return wrong(file, format!("`{name}` is no argument of the step"));
    }
    for (name, value) in step.variants.iter().flat_map(|variant| &variant.set) {
        let Some(argument) = step.argument(name) else { continue };
        if !argument.choices.contains_key(value) && argument.absent.as_ref() != Some(value) {
            return wrong(
                file,
                format!("`set.{name}`: `{value}` is neither a choice nor what absence means"),
            );
        }
    }
    Ok(())
}

fn check_kind(file: &str, step: &Step, all: &[Step]) -> Result<(), Error> {
    let is = |name: &str, test: fn(&Step) -> bool| all.iter().any(|other| other.name == name && test(other));
    let place = |other: &Step| matches!(other.kind, Kind::Placement | Kind::Pattern);
    match step.kind {
        Kind::Base if step.size.is_none() => wrong(file, "a base needs `size`"),
        Kind::Base if step.rim.is_none() && !step.edges.is_empty() => {
            wrong(file, "a base with `edges` needs `rim`")
        }
        Kind::Feature if step.combine.is_none() => wrong(file, "a feature needs `combine`"),
        Kind::Pattern if step.pieces.is_none() => wrong(file, "a pattern needs `pieces`"),
        _ => {
            if let Some(name) = step.placements.iter().find(|name| !is(name, place)) {
                return wrong(file, format!("`placements` names `{name}`, which is none"));
            }
            if let Some(name) =
                step.variants.iter().filter_map(|v| v.place.as_ref()).find(|name| !is(name, place))
            {
                return wrong(file, format!("`place` names `{name}`, which is no placement"));
            }
            if let Some(name) =
                step.as_feature.as_ref().filter(|name| !is(name, |other| other.kind == Kind::Feature))
            {
                return wrong(file, format!("`as_feature` names `{name}`, which is no feature"));
            }
            Ok(())
        }
    }
}

fn check_sizes(
    file: &str,
    step: &Step,
    sizes: &Sizes,
    tables: &BTreeMap<String, SizeTable>,
) -> Result<(), Error> {
    let Some(table) = tables.get(&sizes.table) else {
        return wrong(file, format!("`sizes.table` names `{}`, which is not there", sizes.table));
    };
    if let Some(name) = sizes.columns.keys().find(|name| step.argument(name).is_none()) {
        return wrong(file, format!("`sizes.{name}` is no argument of the step"));
    }
    match sizes.columns.values().chain(sizes.fits.keys()).find(|column| !table.columns.contains_key(*column))
    {
        Some(column) => wrong(file, format!("`sizes` names the column `{column}`, which is not there")),
        None => Ok(()),
    }
}

fn check_expressions(tera: &mut Tera, file: &str, step: &Step) -> Result<(), Error> {
    let mut expressions: Vec<String> = Vec::new();
    if let Some(size) = &step.size {
        expressions.extend([&size.x, &size.y, &size.z].iter().flat_map(|side| side.as_slice()).cloned());
    }
    for rule in &step.rules {
        let limits = [&rule.below, &rule.above]
            .into_iter()
            .flatten()
            .flat_map(|limit| limit.as_slice().iter().cloned());
        expressions.extend(limits);
        expressions.extend(rule.value.iter().chain(&rule.differs).cloned());
        expressions.push(rule.argument.clone());
        expressions.extend(rule.at_least.iter().cloned());
        let limits =
            [rule.below.is_some(), rule.above.is_some(), rule.at_least.is_some(), rule.differs.is_some()];
        if !limits.contains(&true) {
            return wrong(file, format!("the rule of `{}` has no limit", rule.argument));
        }
    }
    expressions.extend(step.derivations.iter().map(|derivation| derivation.from.clone()));
    expressions.extend(step.face_size.values().cloned());
    expressions.extend(step.hollow.iter().cloned());
    expressions.extend(step.rim.iter().flat_map(|rim| rim.as_slice().iter().cloned()));
    expressions.extend(step.pieces.iter().cloned());
    expressions.extend(step.footprint.iter().flat_map(|f| [f.x.clone(), f.y.clone()]));
    expressions.extend(step.surface.iter().flat_map(|s| [s.x.clone(), s.y.clone(), s.rise.clone()]));
    expressions.extend(step.own_faces.iter().flat_map(|f| [f.x.clone(), f.y.clone(), f.reach.clone()]));
    expressions.extend(step.rest.iter().cloned());
    let numeric = step.arguments.iter().filter(|argument| argument.is_numeric());
    expressions.extend(numeric.filter_map(|argument| argument.default.clone()));
    for expression in &expressions {
        for (_, name) in scope::names(expression) {
            let own = name.split('.').next().unwrap_or(name);
            if !AMBIENT.contains(&name) && step.argument(own).is_none() {
                return wrong(
                    file,
                    format!("the expression `{expression}` names `{name}`, which is not there"),
                );
            }
        }
        scope::register(tera, expression)
            .or_else(|error| wrong(file, format!("`{expression}`: {}", reason_of(&error))))?;
    }
    Ok(())
}
