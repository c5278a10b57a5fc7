//! Writing values into a program's text: each literal is replaced where it stands, everything else stays as it is.

use std::cmp::Reverse;

use super::parameter::{BadValue, Declared, find};
use super::program::{ParameterValue, Parameters};

/// The program with these values. Nothing is changed unless every value fits.
pub fn write_back(program: &str, declared: &[Declared], values: &Parameters) -> Result<String, BadValue> {
    let mut places = Vec::new();
    for (name, value) in values {
        let parameter = find(declared, name)?;
        let value = parameter.fit(value)?;
        let moved = || BadValue::Moved { name: name.clone() };
        let [start, end] = parameter.span.map(|at| byte_of(program, at));
        let (start, end) = start.zip(end).filter(|(start, end)| start < end).ok_or_else(moved)?;
        if places.iter().any(|&(from, to, _): &(usize, usize, String)| start < to && from < end) {
            return Err(moved());
        }
        let old = &program[start..end];
        places.push((start, end, literal(&value, old)));
    }
    // From the end, so that the places before stay where they are.
    places.sort_unstable_by_key(|&(start, ..)| Reverse(start));
    let mut text = program.to_owned();
    for (start, end, new) in places {
        text.replace_range(start..end, &new);
    }
    Ok(text)
}

fn byte_of(text: &str, chars: usize) -> Option<usize> {
    text.char_indices().map(|(byte, _)| byte).chain([text.len()]).nth(chars)
}

/// The value as Python writes it, in the manner of the literal it replaces; the literal itself when it says the same.
fn literal(value: &ParameterValue, old: &str) -> String {
    let old_number = || old.replace('_', "").parse::<f64>().ok();
    match value {
        ParameterValue::Switch(on) => if *on { "True" } else { "False" }.to_owned(),
        ParameterValue::Count(count) if old_number() == Some(*count as f64) => old.to_owned(),
        ParameterValue::Number(number) if old_number() == Some(*number) => old.to_owned(),
        ParameterValue::Count(count) => count.to_string(),
        // Always with a point or an exponent, so that the parameter stays a continuous one.
        ParameterValue::Number(number) => format!("{number:?}"),
        ParameterValue::Text(text) => quoted(text, if old.starts_with('\'') { '\'' } else { '"' }),
    }
}

fn quoted(text: &str, quote: char) -> String {
    let mut written = String::from(quote);
    for c in text.chars() {
        match c {
            '\\' => written.push_str("\\\\"),
            '\n' => written.push_str("\\n"),
            '\r' => written.push_str("\\r"),
            '\t' => written.push_str("\\t"),
            c if c == quote => written.extend(['\\', c]),
            c if c.is_control() => written.extend(format!("\\u{:04x}", u32::from(c)).chars()),
            c => written.push(c),
        }
    }
    written.push(quote);
    written
}

#[cfg(test)]
mod tests {
    use super::super::parameter::ParameterKind;
    use super::*;

    /// Declares each `NAME=literal` of a program as the runner does.
    fn declare(program: &str, literals: &[(&str, ParameterKind, &str)]) -> Vec<Declared> {
        let declare = |&(name, kind, literal): &(&str, ParameterKind, &str)| {
            let at = program.find(&format!("{name} = {literal}")).unwrap() + name.len() + 3;
            let start = program[..at].chars().count();
            Declared {
                name: name.into(),
                value: ParameterValue::Count(0),
                kind,
                min: None,
                max: None,
                step: None,
                unit: None,
                label: None,
                choices: Vec::new(),
                line: 1,
                span: [start, start + literal.chars().count()],
            }
        };
        literals.iter().map(declare).collect()
    }

    fn written(program: &str, literals: &[(&str, ParameterKind, &str)], values: &str) -> String {
        write_back(program, &declare(program, literals), &serde_json::from_str(values).unwrap()).unwrap()
    }

    #[test]
    fn numbers_keep_their_manner_and_the_comment_stays() {
        use ParameterKind::{Count, Number};
        let program = "L = 60.0  # [10:0.5:200] mm | Length\nD = -2.5; N = 4\nBIG = 1_000\n";
        let literals =
            [("L", Number, "60.0"), ("D", Number, "-2.5"), ("N", Count, "4"), ("BIG", Count, "1_000")];
        let text = written(program, &literals, r#"{"L": 80, "D": -7.25, "N": 6, "BIG": 1000}"#);
        assert_eq!(text, "L = 80.0  # [10:0.5:200] mm | Length\nD = -7.25; N = 6\nBIG = 1_000\n");
        assert_eq!(written(program, &literals, r#"{"D": 1e-9}"#).lines().nth(1), Some("D = 1e-9; N = 4"));
    }

    #[test]
    fn spans_count_characters_so_text_before_them_may_be_anything() {
        use ParameterKind::{Number, Switch};
        let program = "# Größe Ø 𝒳 – 日本\nL = 1.0; ON = True  # an\nresult = 'Ø'\n";
        let literals = [("L", Number, "1.0"), ("ON", Switch, "True")];
        let text = written(program, &literals, r#"{"L": 2.5, "ON": false}"#);
        assert_eq!(text, "# Größe Ø 𝒳 – 日本\nL = 2.5; ON = False  # an\nresult = 'Ø'\n");
    }

    #[test]
    fn texts_are_quoted_as_before_and_nothing_escapes_from_them() {
        use ParameterKind::Text;
        let program = "A = 'x'\nB = \"y\"\nC = '''z'''\n";
        let literals = [("A", Text, "'x'"), ("B", Text, "\"y\""), ("C", Text, "'''z'''")];
        let values = r#"{"A": "it's \\ \"ok\"", "B": "say \"hi\"\nand", "C": "'''); import os"}"#;
        let text = written(program, &literals, values);
        assert_eq!(
            text,
            "A = 'it\\'s \\\\ \"ok\"'\nB = \"say \\\"hi\\\"\\nand\"\nC = '\\'\\'\\'); import os'\n"
        );
    }

    #[test]
    fn a_span_outside_the_text_or_over_another_is_refused() {
        use ParameterKind::Number;
        let program = "A = 1.0\nB = 2.0\n";
        let mut declared = declare(program, &[("A", Number, "1.0"), ("B", Number, "2.0")]);
        let values: Parameters = serde_json::from_str(r#"{"A": 3.0, "B": 4.0}"#).unwrap();
        declared[1].span = [5, 8];
        assert!(matches!(write_back(program, &declared, &values), Err(BadValue::Moved { .. })));
        declared[1].span = [12, 99];
        assert!(matches!(write_back(program, &declared, &values), Err(BadValue::Moved { .. })));
    }
}
