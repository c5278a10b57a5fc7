//! Named numbers and the Python they stand for. One expression of a catalog file (`"(face.x - keep.x) / 2"`) is evaluated here for the plan
//! (by Tera) and written out here for the program, so that both hold the same rule. There is no expression language of our own.

use std::collections::BTreeMap;

use tera::Tera;

/// A number of a plan and how the program writes it.
#[derive(Debug, Clone)]
pub(super) struct Entry {
    pub number: f64,
    pub python: String,
}

/// What the expressions of one step may name: its arguments, `base.x`, `face.reach`, `footprint.x` ...
#[derive(Debug, Clone, Default)]
pub(super) struct Scope(BTreeMap<String, Entry>);

/// Expressions are kept in Tera under this mark and their own text.
const MARK: &str = "=";

/// Makes an expression known to Tera. An error says what is wrong with it.
pub(super) fn register(tera: &mut Tera, expression: &str) -> Result<(), tera::Error> {
    tera.add_raw_template(&format!("{MARK}{expression}"), &format!("{{{{ {expression} }}}}"))
}

/// The names in an expression, with their offsets.
pub(super) fn names(expression: &str) -> Vec<(usize, &str)> {
    let part_of_name = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == '.';
    let mut found = Vec::new();
    let mut rest = 0;
    while let Some(start) = expression[rest..].find(part_of_name).map(|i| i + rest) {
        let end = expression[start..].find(|c| !part_of_name(c)).map_or(expression.len(), |i| i + start);
        if expression[start..].starts_with(|c: char| c.is_ascii_alphabetic()) {
            found.push((start, &expression[start..end]));
        }
        rest = end;
    }
    found
}

impl Entry {
    pub(super) fn nought() -> Entry {
        Entry { number: 0.0, python: "0".to_owned() }
    }
}

impl Scope {
    pub(super) fn iter(&self) -> impl Iterator<Item = (&str, &Entry)> {
        self.0.iter().map(|(name, entry)| (name.as_str(), entry))
    }

    pub(super) fn set(&mut self, name: &str, number: f64, python: &str) {
        self.0.insert(name.to_owned(), Entry { number, python: python.to_owned() });
    }

    pub(super) fn get(&self, name: &str) -> Option<&Entry> {
        self.0.get(name)
    }

    /// The value, or none when a name is unknown here or the result is no finite number.
    pub(super) fn number(&self, tera: &Tera, expression: &str) -> Option<f64> {
        if let Some(entry) = self.0.get(expression) {
            return Some(entry.number);
        }
        let mut context = tera::Context::new();
        let mut groups: BTreeMap<&str, BTreeMap<&str, f64>> = BTreeMap::new();
        for (_, name) in names(expression) {
            let number = self.0.get(name)?.number;
            match name.split_once('.') {
                Some((group, member)) => {
                    groups.entry(group).or_default().insert(member, number);
                }
                None => context.insert(name, &number),
            }
        }
        for (group, members) in groups {
            context.insert(group, &members);
        }
        let text = tera.render(&format!("{MARK}{expression}"), &context).ok()?;
        text.trim().parse().ok().filter(|number: &f64| number.is_finite())
    }

    /// The same as Python, or none when a name is unknown here.
    pub(super) fn python(&self, expression: &str) -> Option<String> {
        if let Some(entry) = self.0.get(expression) {
            return Some(entry.python.clone());
        }
        let mut text = String::new();
        let mut written = 0;
        for (start, name) in names(expression) {
            text.push_str(&expression[written..start]);
            text.push_str(&grouped(&self.0.get(name)?.python));
            written = start + name.len();
        }
        text.push_str(&expression[written..]);
        Some(tidy(&text))
    }

    /// The smallest of several expressions, and Python for it.
    pub(super) fn smallest(&self, tera: &Tera, expressions: &[String]) -> Option<Entry> {
        self.extreme(tera, expressions, "min", f64::min)
    }

    /// The largest of several expressions, and Python for it.
    pub(super) fn largest(&self, tera: &Tera, expressions: &[String]) -> Option<Entry> {
        self.extreme(tera, expressions, "max", f64::max)
    }

    fn extreme(
        &self,
        tera: &Tera,
        expressions: &[String],
        function: &str,
        pick: fn(f64, f64) -> f64,
    ) -> Option<Entry> {
        let numbers: Option<Vec<f64>> = expressions.iter().map(|e| self.number(tera, e)).collect();
        let mut pythons = Vec::new();
        for expression in expressions {
            let python = self.python(expression)?;
            if !pythons.contains(&python) {
                pythons.push(python);
            }
        }
        let python = if pythons.len() == 1 {
            pythons.remove(0)
        } else {
            format!("{function}({})", pythons.join(", "))
        };
        Some(Entry { number: numbers?.into_iter().reduce(pick)?, python })
    }
}

/// Brackets around what is more than a name, a number or a call.
pub(super) fn grouped(python: &str) -> String {
    let simple = !python.contains(' ')
        || (python.ends_with(')') && (python.starts_with("min(") || python.starts_with("max(")));
    if simple { python.to_owned() } else { format!("({python})") }
}

/// Writes out what a person would not: `0 - X` is `-X`, a subtracted nought goes.
fn tidy(text: &str) -> String {
    let text = text.strip_prefix("0 - ").map_or_else(|| text.to_owned(), |rest| format!("-{rest}"));
    let mut tidied = text.replace(" - 0)", ")");
    tidied = tidied.strip_suffix(" - 0").map(str::to_owned).unwrap_or(tidied);
    while let Some((open, close)) = bare_brackets(&tidied) {
        tidied.remove(close);
        tidied.remove(open);
    }
    if tidied.contains(|c: char| c.is_ascii_alphabetic()) || !tidied.starts_with("0 / ") {
        tidied
    } else {
        "0".to_owned()
    }
}

/// Brackets around a single name that belong to no call.
fn bare_brackets(text: &str) -> Option<(usize, usize)> {
    text.match_indices('(').find_map(|(open, _)| {
        let close = open + text[open..].find(')')?;
        let called = text[..open].ends_with(|c: char| c.is_ascii_alphanumeric());
        let name = text[open + 1..close].chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
        (!called && name).then_some((open, close))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(expression: &str, number: f64, python: &str) {
        let mut tera = Tera::default();
        register(&mut tera, expression).unwrap();
        let mut scope = Scope::default();
        scope.set("face.x", 60.0, "LENGTH");
        scope.set("face.reach", 30.0, "HEIGHT + BOSS_HEIGHT");
        scope.set("keep.x", 0.0, "0");
        scope.set("depth", 4.0, "DEPTH");
        assert_eq!(scope.number(&tera, expression), Some(number), "{expression}");
        assert_eq!(scope.python(expression).as_deref(), Some(python), "{expression}");
    }

    #[test]
    fn an_expression_is_a_number_and_the_same_in_python() {
        check("face.x", 60.0, "LENGTH");
        check("(face.x - depth) / 2", 28.0, "(LENGTH - DEPTH) / 2");
        check("(face.x - keep.x) / 2", 30.0, "LENGTH / 2");
        check("0 - (face.x - keep.x) / 2", -30.0, "-LENGTH / 2");
        check("0 - depth", -4.0, "-DEPTH");
        check("2 * face.reach", 60.0, "2 * (HEIGHT + BOSS_HEIGHT)");
        check("keep.x / 2", 0.0, "0");
        check("face.x - keep.x", 60.0, "LENGTH");
    }

    #[test]
    fn an_unknown_name_gives_nothing() {
        let mut tera = Tera::default();
        register(&mut tera, "2 * wall").unwrap();
        assert_eq!(Scope::default().number(&tera, "2 * wall"), None);
        assert_eq!(Scope::default().python("2 * wall"), None);
    }
}
