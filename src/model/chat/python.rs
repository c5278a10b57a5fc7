//! The Python that chat templates lean on: methods of strings and dicts, `tojson` as `json.dumps` writes it, and dates.
//!
//! Only what templates of published models use. Whatever else is called is an error, and the model is asked in the
//! plain form.

use std::io;

use minijinja::value::{Kwargs, Value, ValueKind, from_args};
use minijinja::{Error, ErrorKind, State};
use serde::Serialize;

/// The day that templates are told it is. A fixed one: the prompt then is the same every day, and its cache is kept.
const TODAY: [(char, &str); 11] = [
    ('d', "26"),
    ('m', "07"),
    ('Y', "2024"),
    ('y', "24"),
    ('b', "Jul"),
    ('B', "July"),
    ('a', "Fri"),
    ('A', "Friday"),
    ('H', "12"),
    ('M', "00"),
    ('S', "00"),
];

/// `strftime_now(format)` of the transformers library.
pub(super) fn strftime_now(format: &str) -> String {
    let mut written = String::new();
    let mut letters = format.chars();
    while let Some(letter) = letters.next() {
        if letter != '%' {
            written.push(letter);
            continue;
        }
        // `%-d` is a day without its leading zero; the fixed day has none.
        let code = letters.find(|code| *code != '-');
        match code.and_then(|code| TODAY.iter().find(|(known, _)| *known == code)) {
            Some((_, text)) => written.push_str(text),
            None => written.extend(code),
        }
    }
    written
}

/// Called when minijinja knows no such method of `value`.
pub(super) fn method(_: &mut State, value: &Value, name: &str, args: &[Value]) -> Result<Value, Error> {
    if let Some(text) = value.as_str() {
        return of_text(text, name, args);
    }
    if value.kind() == ValueKind::Map {
        return of_dict(value, name, args);
    }
    Err(unknown(name))
}

fn unknown(name: &str) -> Error {
    Error::new(ErrorKind::UnknownMethod, format!("`{name}` is no method that is known here"))
}

fn of_dict(dict: &Value, name: &str, args: &[Value]) -> Result<Value, Error> {
    match name {
        "get" => {
            let (key, default): (&Value, Option<Value>) = from_args(args)?;
            let found = dict.get_item(key)?;
            Ok(if found.is_undefined() { default.unwrap_or_else(|| Value::from(())) } else { found })
        }
        "keys" => {
            let () = from_args(args)?;
            Ok(dict.try_iter()?.collect())
        }
        "values" => {
            let () = from_args(args)?;
            let values: Result<Vec<Value>, Error> = dict.try_iter()?.map(|key| dict.get_item(&key)).collect();
            values.map(Value::from)
        }
        "items" => {
            let () = from_args(args)?;
            let pair = |key: Value| Ok(Value::from(vec![key.clone(), dict.get_item(&key)?]));
            let pairs: Result<Vec<Value>, Error> = dict.try_iter()?.map(pair).collect();
            pairs.map(Value::from)
        }
        _ => Err(unknown(name)),
    }
}

fn of_text(text: &str, name: &str, args: &[Value]) -> Result<Value, Error> {
    Ok(match name {
        "strip" | "lstrip" | "rstrip" => stripped(text, name, from_args::<(Option<&str>,)>(args)?.0),
        "split" | "rsplit" => split(text, name, args)?,
        "splitlines" => {
            let () = from_args(args)?;
            text.lines().map(Value::from).collect()
        }
        "startswith" | "endswith" => {
            let (ends,): (&Value,) = from_args(args)?;
            Value::from(any_of(ends, |end| {
                if name == "startswith" { text.starts_with(end) } else { text.ends_with(end) }
            })?)
        }
        "removeprefix" => {
            let (prefix,): (&str,) = from_args(args)?;
            Value::from(text.strip_prefix(prefix).unwrap_or(text))
        }
        "removesuffix" => {
            let (suffix,): (&str,) = from_args(args)?;
            Value::from(text.strip_suffix(suffix).unwrap_or(text))
        }
        "replace" => {
            let (from, to, count): (&str, &str, Option<i64>) = from_args(args)?;
            match count.and_then(|count| usize::try_from(count).ok()) {
                Some(count) => Value::from(text.replacen(from, to, count)),
                None => Value::from(text.replace(from, to)),
            }
        }
        "find" | "rfind" => {
            let (wanted,): (&str,) = from_args(args)?;
            let at = if name == "find" { text.find(wanted) } else { text.rfind(wanted) };
            at.map_or(Value::from(-1), |at| Value::from(text[..at].chars().count()))
        }
        "count" => {
            let (wanted,): (&str,) = from_args(args)?;
            Value::from(text.matches(wanted).count())
        }
        "join" => {
            let (parts,): (&Value,) = from_args(args)?;
            let parts: Vec<String> = parts.try_iter()?.map(|part| part.to_string()).collect();
            Value::from(parts.join(text))
        }
        _ => {
            let () = from_args(args)?;
            plain(text, name)?
        }
    })
}

/// The methods without arguments.
fn plain(text: &str, name: &str) -> Result<Value, Error> {
    let all = |wanted: fn(char) -> bool| Value::from(!text.is_empty() && text.chars().all(wanted));
    Ok(match name {
        "upper" => Value::from(text.to_uppercase()),
        "lower" => Value::from(text.to_lowercase()),
        "capitalize" => Value::from(capitalised(text)),
        "title" => {
            let words: Vec<String> = text.split(' ').map(capitalised).collect();
            Value::from(words.join(" "))
        }
        "isdigit" => all(|c| c.is_ascii_digit()),
        "isalpha" => all(char::is_alphabetic),
        "isalnum" => all(char::is_alphanumeric),
        "isspace" => all(char::is_whitespace),
        _ => return Err(unknown(name)),
    })
}

fn capitalised(word: &str) -> String {
    let mut letters = word.chars();
    letters.next().map_or_else(String::new, |first| {
        first.to_uppercase().chain(letters.flat_map(char::to_lowercase)).collect()
    })
}

fn stripped(text: &str, name: &str, letters: Option<&str>) -> Value {
    let goes = |c: char| letters.map_or_else(|| c.is_whitespace(), |letters| letters.contains(c));
    let text = if name == "rstrip" { text } else { text.trim_start_matches(goes) };
    Value::from(if name == "lstrip" { text } else { text.trim_end_matches(goes) })
}

fn split(text: &str, name: &str, args: &[Value]) -> Result<Value, Error> {
    let (separator, most): (Option<&str>, Option<i64>) = from_args(args)?;
    if separator == Some("") {
        return Err(Error::new(ErrorKind::InvalidOperation, "empty separator"));
    }
    let pieces =
        most.and_then(|most| usize::try_from(most).ok()).map_or(usize::MAX, |most| most.saturating_add(1));
    let Some(separator) = separator else {
        // Python's split without a separator is by runs of white space. A limit there is not seen in templates.
        return Ok(text.split_whitespace().map(Value::from).collect());
    };
    if name == "split" {
        return Ok(text.splitn(pieces, separator).map(Value::from).collect());
    }
    let mut found: Vec<Value> = text.rsplitn(pieces, separator).map(Value::from).collect();
    found.reverse();
    Ok(Value::from(found))
}

/// Python's `startswith` takes a text or a tuple of them.
fn any_of(ends: &Value, fits: impl Fn(&str) -> bool) -> Result<bool, Error> {
    if let Some(end) = ends.as_str() {
        return Ok(fits(end));
    }
    Ok(ends.try_iter()?.any(|end| end.as_str().is_some_and(&fits)))
}

/// Jinja2's `is iterable`: texts are, `none` is not. Minijinja sees both the other way round.
pub(super) fn is_iterable(value: &Value) -> bool {
    !value.is_none() && (value.as_str().is_some() || value.try_iter().is_ok())
}

/// Jinja2's `is sequence`: whatever has a length and takes an index, so texts and dicts too.
pub(super) fn is_sequence(value: &Value) -> bool {
    matches!(value.kind(), ValueKind::String | ValueKind::Seq | ValueKind::Map)
}

/// `tojson` as transformers defines it: `json.dumps(value, ensure_ascii=False, indent=indent)`, without the escaping
/// for HTML pages that minijinja's own does.
pub(super) fn tojson(value: &Value, options: Kwargs) -> Result<String, Error> {
    let indent = options.get::<Option<usize>>("indent")?;
    // Other words of `json.dumps` (`ensure_ascii`, `separators`) change nothing that a model minds.
    drop(options);
    let mut written = Vec::new();
    let done = match indent {
        Some(indent) => {
            let spaces = " ".repeat(indent.min(8));
            let style = serde_json::ser::PrettyFormatter::with_indent(spaces.as_bytes());
            value.serialize(&mut serde_json::Serializer::with_formatter(&mut written, style))
        }
        None => value.serialize(&mut serde_json::Serializer::with_formatter(&mut written, Spaced)),
    };
    let refused = |source| Error::new(ErrorKind::BadSerialization, "no JSON").with_source(source);
    done.map_err(refused)?;
    String::from_utf8(written).map_err(|_| Error::new(ErrorKind::BadSerialization, "no text"))
}

/// Python's separators: a space after each comma and colon.
struct Spaced;

impl serde_json::ser::Formatter for Spaced {
    fn begin_array_value<W: ?Sized + io::Write>(&mut self, writer: &mut W, first: bool) -> io::Result<()> {
        if first { Ok(()) } else { writer.write_all(b", ") }
    }

    fn begin_object_key<W: ?Sized + io::Write>(&mut self, writer: &mut W, first: bool) -> io::Result<()> {
        if first { Ok(()) } else { writer.write_all(b", ") }
    }

    fn begin_object_value<W: ?Sized + io::Write>(&mut self, writer: &mut W) -> io::Result<()> {
        writer.write_all(b": ")
    }
}
