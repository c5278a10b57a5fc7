//! The program in what a model wrote: fences, thinking, chatter and prompts around it are left behind.

use super::python::{Line, Scan, is_keyword};

/// Where a model's own markup ends its answer.
const ENDS: [&str; 8] = [
    "<|im_end|>",
    "<|endoftext|>",
    "<|eot_id|>",
    "<|end|>",
    "<|im_start|>",
    "<end_of_turn>",
    "</s>",
    "<\u{ff5c}end",
];
const FENCES: [&str; 2] = ["```", "~~~"];
const LANGUAGES: [&str; 8] = ["", "python", "py", "python3", "build123d", "code", "text", "plaintext"];

/// The program in a model's text, ended by one newline. `None` when there is no line of code in it.
pub(crate) fn extract_program(text: &str) -> Option<String> {
    let text = plain(text);
    let blocks = blocks(&text);
    let blocks: Vec<String> = if blocks.is_empty() {
        vec![bare(&text)?]
    } else {
        blocks.iter().map(|block| without_prompts(&dedent(&block.text))).collect()
    };
    let best = blocks.iter().max_by_key(|block| (score(block), block.len()))?;
    // Some models tell the program in pieces, with words between them.
    let joined = blocks.concat();
    let program = if score(best) < SCORE_MAX && score(&joined) == SCORE_MAX { joined } else { best.clone() };
    let program = program.trim_end().trim_start_matches('\n');
    (!Scan::new(program).lines.is_empty()).then(|| format!("{program}\n"))
}

pub(crate) fn leaves_result(scan: &Scan) -> bool {
    scan.lines.iter().any(|line| is_result(scan, line))
}

/// `result = ...`, `result: Part = ...` or `result += ...`.
fn is_result(scan: &Scan, line: &Line) -> bool {
    let first = line.words.start;
    let assigned = line.words.clone().any(|at| scan.is(at, "=") && scan.mate(at).is_none());
    scan.is_variable(first, "result")
        && (scan.is(first + 1, "=")
            || (scan.is(first + 1, ":") && assigned)
            || matches!(scan.word(first + 1), "+=" | "-=" | "&=" | "*="))
}

const SCORE_MAX: u8 = 6;

fn score(block: &str) -> u8 {
    let scan = Scan::new(block);
    let imports = scan.lines.iter().any(|line| {
        let words = scan.slice(&line.words);
        (words.starts_with("from ") || words.starts_with("import ")) && words.contains("build123d")
    });
    4 * u8::from(leaves_result(&scan)) + 2 * u8::from(imports)
}

/// Unix lines, without a mark of order, thinking, and what follows the end of the answer.
fn plain(text: &str) -> String {
    let text = text.trim_start_matches('\u{feff}').replace("\r\n", "\n").replace('\r', "\n");
    let mut rest = text.as_str();
    let mut kept = String::new();
    for (open, close) in [("<think>", "</think>"), ("<thinking>", "</thinking>")] {
        // A template may have written the opening itself.
        if let Some(end) = rest.find(close)
            && !rest[..end].contains(open)
        {
            rest = &rest[end + close.len()..];
        }
    }
    while let Some(begin) = rest.find("<think") {
        kept.push_str(&rest[..begin]);
        let close = rest[begin..].find("</think").map(|end| begin + end);
        let end = close.and_then(|close| rest[close..].find('>').map(|end| close + end + 1));
        rest = end.map_or("", |end| &rest[end..]);
    }
    kept.push_str(rest);
    let end = ENDS.iter().filter_map(|mark| kept.find(mark)).min().unwrap_or(kept.len());
    kept.truncate(end);
    kept
}

struct Block {
    text: String,
}

/// The fenced blocks. What stands before a closing fence that nothing opened is one too: its opening was a prefill.
fn blocks(text: &str) -> Vec<Block> {
    let mut found = Vec::new();
    let mut open: Option<(String, &str)> = None;
    let mut before = String::new();
    for line in text.lines() {
        match &mut open {
            Some((block, fence)) => {
                if line.trim() == *fence {
                    found.push(Block { text: std::mem::take(block) });
                    open = None;
                } else if let Some(code) = line.strip_suffix(*fence).filter(|code| !code.contains(*fence)) {
                    found.push(Block { text: format!("{block}{code}\n") });
                    open = None;
                } else {
                    block.push_str(line);
                    block.push('\n');
                }
            }
            None => match opening(line) {
                Some(fence) if line.trim() == fence && found.is_empty() && score(&before) > 0 => {
                    found.push(Block { text: std::mem::take(&mut before) });
                }
                Some(fence) => open = Some((String::new(), fence)),
                None => {
                    before.push_str(line);
                    before.push('\n');
                }
            },
        }
    }
    if let Some((mut block, _)) = open {
        if !text.ends_with('\n') {
            block.pop();
        }
        found.push(Block { text: block });
    }
    found.retain(|block| !block.text.trim().is_empty());
    found
}

/// The fence that a line opens, also behind some words.
fn opening(line: &str) -> Option<&'static str> {
    FENCES.into_iter().find(|fence| {
        line.rfind(fence).is_some_and(|at| {
            let language = line[at..].trim_start_matches(&fence[..1]).trim().to_ascii_lowercase();
            let alone = line[..at].trim().is_empty();
            let known = LANGUAGES.contains(&language.as_str()) && !line[..at].contains('#');
            line.matches(fence).count() == 1 && (alone || known)
        })
    })
}

/// A program without any fence: from its first line of code to the prose behind it.
fn bare(text: &str) -> Option<String> {
    let text = without_prompts(text);
    let lines: Vec<&str> = text.split_inclusive('\n').collect();
    let begins = |line: &&str| begins_code(line);
    let import = |line: &&str| line.trim_start().starts_with("from build123d");
    let mut start = lines.iter().position(begins)?;
    if let Some(import) = lines.iter().position(import).filter(|&import| import > start)
        && lines[start..import].iter().any(|line| !line.trim().is_empty() && is_prose_line(line))
        && !lines[start].trim_start().starts_with("\"\"\"")
    {
        start = import;
    }
    while start > 0 && lines[start - 1].starts_with('#') {
        start -= 1;
    }
    let code = dedent(&lines[start..].concat());
    let scan = Scan::new(&code);
    let end = scan.lines.iter().find(|line| line.indent == 0 && is_prose(&scan, line));
    Some(code[..end.map_or(code.len(), |line| line.bytes.start)].to_owned())
}

fn begins_code(line: &str) -> bool {
    let line = line.trim();
    if line.starts_with("\"\"\"") {
        return true;
    }
    let scan = Scan::new(line);
    let (first, second) = (scan.word(0), scan.word(1));
    let statement = match first {
        "from" => (0..scan.tokens.len()).any(|at| scan.is(at, "import")),
        "import" => scan.is_name(1),
        "with" | "def" | "class" | "for" | "if" | "while" => line.ends_with(':'),
        "@" => true,
        _ => scan.is_name(0) && !is_keyword(first) && matches!(second, "=" | "(" | "." | ":" | "+=" | "-="),
    };
    let assigns = second != ":" || (0..scan.tokens.len()).any(|at| scan.is(at, "="));
    statement && assigns && !is_prose_line(line)
}

fn is_prose_line(line: &str) -> bool {
    let scan = Scan::new(line);
    scan.lines.first().is_some_and(|line| is_prose(&scan, line))
}

/// Two names in a row, a bullet, an exclamation: no Python.
fn is_prose(scan: &Scan, line: &Line) -> bool {
    let name = |at: usize| scan.is_name(at) && !is_keyword(scan.word(at));
    let words = line.words.clone();
    let in_a_row = words.clone().skip(1).any(|at| name(at) && name(at - 1));
    let first = scan.word(words.start);
    let bullet = matches!(first, "-" | "*" | "**" | "+" | ">" | "<" | "|" | "!");
    let numbered = first.ends_with('.') && first.starts_with(|c: char| c.is_ascii_digit());
    let exclaimed = words.clone().any(|at| matches!(scan.word(at), "!" | "?"));
    let heading = words.len() == 2 && name(words.start) && scan.is(words.start + 1, ":");
    in_a_row || bullet || numbered || exclaimed || heading
}

/// Without `>>> ` and `... `, and what the interpreter answered.
fn without_prompts(text: &str) -> String {
    let first = text.lines().find(|line| !line.trim().is_empty()).unwrap_or("");
    if !first.trim_start().starts_with(">>>") {
        return text.to_owned();
    }
    let mut kept = String::new();
    for line in text.lines() {
        let line = line.trim_start();
        if let Some(code) = line.strip_prefix(">>>").or_else(|| line.strip_prefix("...")) {
            kept.push_str(code.strip_prefix(' ').unwrap_or(code));
            kept.push('\n');
        }
    }
    kept
}

/// Without the indentation that all lines share.
pub(crate) fn dedent(text: &str) -> String {
    let margin = |line: &str| line.len() - line.trim_start_matches([' ', '\t']).len();
    let shared = text.lines().filter(|line| !line.trim().is_empty()).map(margin).min().unwrap_or(0);
    if shared == 0 {
        return text.to_owned();
    }
    let cut = |line: &str| line.get(shared..).unwrap_or("").trim_start_matches('\u{feff}').to_owned();
    let mut dedented: String = text.lines().map(|line| cut(line) + "\n").collect();
    if !text.ends_with('\n') {
        dedented.pop();
    }
    dedented
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const PROGRAM: &str = "from build123d import *\n\nSIZE = 10.0  # mm\nresult = Box(SIZE, 2, 3)\n";

    fn extracted(text: &str) -> String {
        extract_program(text).unwrap_or_default()
    }

    #[test]
    fn fences_thinking_and_chatter_are_left_behind() {
        let indented: String = PROGRAM.lines().flat_map(|line| ["   ", line, "\n"]).collect();
        let prompts: String = PROGRAM.lines().flat_map(|line| [">>> ", line, "\n"]).collect();
        let texts = [
            PROGRAM.to_owned(),
            format!("\u{feff}{}", PROGRAM.replace('\n', "\r\n")),
            format!("```python\n{PROGRAM}```\n"),
            format!("Here is it:\n\n```py\n{PROGRAM}```\nIt's a box with `SIZE`."),
            format!("Sure! ```python\n{PROGRAM}"),
            format!("~~~\n{PROGRAM}~~~"),
            format!("{PROGRAM}```\n\nThis program builds a box:\n- it has a size"),
            format!("<think>\nfirst ```python\nresult = 1\n``` no\n</think>\n\n{PROGRAM}"),
            format!("so I think\n</think>\n```python\n{PROGRAM}```"),
            format!("Here is the program.\n\n{PROGRAM}\nThe box is 10 mm long.\nEnjoy!"),
            format!("{PROGRAM}<|im_end|>\nmore"),
            format!("1. The program:\n\n   ```python\n{indented}   ```\n"),
            format!("{prompts}<Box at 0x1>\n"),
            format!("```python\n{prompts}```"),
            format!("Install it:\n```bash\npip install build123d\n```\n```python\n{PROGRAM}```\n"),
            format!("```\nresult\n```\n```python\n{PROGRAM}```\nor\n```python\nBox(1, 1, 1)\n```"),
        ];
        for text in texts {
            assert_eq!(extracted(&text), PROGRAM, "{text}");
        }
    }

    #[test]
    fn a_program_in_pieces_is_joined_and_one_that_restarts_is_not() {
        let (head, tail) = PROGRAM.split_once("\n\n").unwrap();
        let pieces = format!("First:\n```python\n{head}\n\n```\nthen\n```python\n{tail}```\n");
        assert_eq!(extracted(&pieces), PROGRAM);
        assert_eq!(extracted(&format!("from build123d import *\n```python\n{PROGRAM}```")), PROGRAM);
    }

    #[test]
    fn docstrings_and_comments_on_top_stay() {
        let program = format!("\"\"\"A plate for you.\n\nIt is flat!\n\"\"\"\n\n{PROGRAM}");
        assert_eq!(extracted(&format!("Here you are:\n{program}")), program);
        let program = format!("# A plate\n{PROGRAM}");
        assert_eq!(extracted(&format!("Well, this is it:\n\n{program}")), program);
    }

    #[test]
    fn nothing_is_found_in_words_alone() {
        for text in ["", "I cannot do that.", "<think>still", "```\n```", "# only a title", "Sorry: no"] {
            assert_eq!(extract_program(text), None, "{text}");
        }
    }

    proptest! {
        #[test]
        fn any_text_is_survived(
            text in "(?s).{0,200}",
            parts in proptest::collection::vec(
                prop::sample::select(vec![
                    "```", "python", "\n", "<think>", "</think>", ">>> ", "    ", "result", " = ", "box", "(", "'",
                    "\"\"\"", "#", "from build123d import *", "\r\n", "\u{feff}", "é", "~~~", "Here it is", "<|",
                ]),
                0..40,
            ),
        ) {
            for text in [text, parts.concat()] {
                if let Some(program) = extract_program(&text) {
                    prop_assert!(program.ends_with('\n') && !program.trim().is_empty());
                }
            }
        }
    }
}
