//! A grammar in a form of our own, and the two notations that it is handed over in: Lark for llguidance, GBNF for llama.cpp's servers.

use std::collections::HashMap;

/// Something that can stand in a text.
#[derive(Debug, Clone)]
pub(super) enum Node {
    /// Exactly this.
    Text(String),
    /// One character of a class, written as both notations write it: `[0-9]`.
    Class(&'static str),
    /// Another rule.
    Rule(String),
    Row(Vec<Node>),
    Either(Vec<Node>),
    /// So many times, at least and at most.
    Times(Box<Node>, u32, u32),
}

pub(super) fn text(text: impl Into<String>) -> Node {
    Node::Text(text.into())
}

pub(super) fn maybe(node: Node) -> Node {
    node.times(0, 1)
}

impl Node {
    pub(super) fn times(self, least: u32, most: u32) -> Node {
        Node::Times(Box::new(self), least, most)
    }
}

/// One of a plan or a patch, made from the table.
#[derive(Debug, Clone, Default)]
pub struct Grammar {
    rules: Vec<Definition>,
}

#[derive(Debug, Clone)]
struct Definition {
    name: String,
    /// A word: Lark reads it as one regular expression, and its parser sees it as a whole.
    word: bool,
    node: Node,
}

#[derive(Clone, Copy, PartialEq)]
enum Notation {
    Lark,
    Gbnf,
}

impl Grammar {
    /// Adds a rule and returns what stands for it. A rule that is there already stays.
    pub(super) fn rule(&mut self, name: &str, node: impl FnOnce(&mut Grammar) -> Node) -> Node {
        self.define(name, false, node)
    }

    /// The same for a word: text without rules in it.
    pub(super) fn word(&mut self, name: &str, node: impl FnOnce() -> Node) -> Node {
        self.define(name, true, |_| node())
    }

    fn define(&mut self, name: &str, word: bool, node: impl FnOnce(&mut Grammar) -> Node) -> Node {
        if !self.rules.iter().any(|rule| rule.name == name) {
            // The place is taken first: the rule comes before those that it needs.
            let at = self.rules.len();
            self.rules.push(Definition { name: name.to_owned(), word, node: Node::Row(Vec::new()) });
            let node = node(self);
            self.rules[at].node = node;
        }
        Node::Rule(name.to_owned())
    }

    /// In llguidance's dialect of Lark.
    pub fn lark(&self) -> String {
        self.written(Notation::Lark)
    }

    /// In llama.cpp's GBNF.
    pub fn gbnf(&self) -> String {
        self.written(Notation::Gbnf)
    }

    fn written(&self, notation: Notation) -> String {
        let mut writer = Writer { notation, names: HashMap::new(), out: String::new() };
        for (at, rule) in self.rules.iter().enumerate() {
            let name = if at == 0 { notation.first().to_owned() } else { writer.free_name(rule, at) };
            writer.names.insert(&rule.name, name);
        }
        for rule in &self.rules {
            writer.out.push_str(&writer.names[rule.name.as_str()]);
            writer.out.push_str(notation.is());
            writer.node(&rule.node, Place::Whole);
            writer.out.push('\n');
        }
        writer.out
    }
}

struct Writer<'g> {
    notation: Notation,
    names: HashMap<&'g str, String>,
    out: String,
}

impl Writer<'_> {
    /// The name that the notation allows. The number keeps names apart that differ only in letters that it does not allow.
    fn free_name(&self, rule: &Definition, at: usize) -> String {
        let allowed = |c: char| if c.is_ascii_alphanumeric() { c.to_ascii_lowercase() } else { '-' };
        let mut name: String = rule.name.chars().map(allowed).collect();
        if self.notation == Notation::Lark && rule.word {
            name.make_ascii_uppercase();
        }
        if self.names.values().any(|taken| *taken == name) {
            name = format!("{name}-{at}");
        }
        name
    }

    fn node(&mut self, node: &Node, place: Place) {
        match node {
            Node::Text(text) => self.out.push_str(&serde_json::Value::from(text.as_str()).to_string()),
            Node::Class(class) if self.notation == Notation::Lark => self.out.extend(["/", *class, "/"]),
            Node::Class(class) => self.out.push_str(class),
            Node::Rule(name) => {
                let name = self.names.get(name.as_str()).cloned().unwrap_or_default();
                self.out.push_str(&name);
            }
            Node::Row(nodes) => self.joined(nodes, " ", place == Place::Once, Place::InRow),
            Node::Either(nodes) => self.joined(nodes, " | ", place != Place::Whole, Place::InChoice),
            // `a{1,4}?` is no repetition of a repetition in either notation.
            Node::Times(..) if place == Place::Once => {
                self.out.push('(');
                self.node(node, Place::Whole);
                self.out.push(')');
            }
            Node::Times(node, least, most) => {
                self.node(node, Place::Once);
                let sign = match (least, most) {
                    (0, 1) => "?".to_owned(),
                    (least, most) if least == most => format!("{{{least}}}"),
                    (least, most) => format!("{{{least},{most}}}"),
                };
                self.out.push_str(&sign);
            }
        }
    }

    fn joined(&mut self, nodes: &[Node], between: &str, brackets: bool, place: Place) {
        // One alone stands where the row stands.
        if let [node] = nodes {
            return self.node(node, if brackets { Place::Once } else { place });
        }
        if brackets {
            self.out.push('(');
        }
        for (at, node) in nodes.iter().enumerate() {
            if at > 0 {
                self.out.push_str(between);
            }
            self.node(node, place);
        }
        if brackets {
            self.out.push(')');
        }
    }
}

/// Where a node stands, which decides whether it needs brackets.
#[derive(Clone, Copy, PartialEq)]
enum Place {
    Whole,
    InRow,
    InChoice,
    /// Before a sign of repetition.
    Once,
}

impl Notation {
    fn first(self) -> &'static str {
        match self {
            Notation::Lark => "start",
            Notation::Gbnf => "root",
        }
    }

    fn is(self) -> &'static str {
        match self {
            Notation::Lark => ": ",
            Notation::Gbnf => " ::= ",
        }
    }
}
