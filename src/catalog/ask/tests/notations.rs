//! Both notations of a grammar: brackets where they are needed, names that are allowed, no rule that is not there.

use std::collections::BTreeSet;

use super::CATALOG;
use crate::catalog::ask::notation::{Grammar, Node, maybe, text};

#[test]
fn rules_are_written_as_each_notation_has_them() {
    let mut grammar = Grammar::default();
    grammar.rule("all", |grammar| {
        let word = grammar.word("a_word", || {
            let digits = Node::Class("[0-9]").times(1, 4);
            Node::Row(vec![text("\""), maybe(digits), Node::Either(vec![text("a"), text("b")]).times(2, 2)])
        });
        // The same name for a notation that has no underscores.
        let other = grammar.rule("a-word", |_| text("\\"));
        Node::Either(vec![Node::Row(vec![word.clone(), maybe(Node::Row(vec![text(","), other]))]), word])
    });
    insta::assert_snapshot!(grammar.lark(), @r#"
    start: A-WORD ("," a-word)? | A-WORD
    A-WORD: "\"" (/[0-9]/{1,4})? ("a" | "b"){2}
    a-word: "\\"
    "#);
    insta::assert_snapshot!(grammar.gbnf(), @r#"
    root ::= a-word ("," a-word-2)? | a-word
    a-word ::= "\"" ([0-9]{1,4})? ("a" | "b"){2}
    a-word-2 ::= "\\"
    "#);
}

/// The names in a rule's right side, outside of quotation marks and classes.
fn named(right: &str) -> Vec<String> {
    let mut names = vec![String::new()];
    let (mut inside, mut escaped) = (None, false);
    for c in right.chars() {
        match inside {
            Some(_) if escaped => escaped = false,
            Some(_) if c == '\\' => escaped = true,
            Some(end) if c == end => inside = None,
            Some(_) => {}
            None if c == '"' => inside = Some('"'),
            None if c == '[' => inside = Some(']'),
            None if c == '{' => inside = Some('}'),
            None if c.is_ascii_alphanumeric() || c == '-' => names.last_mut().unwrap().push(c),
            None => names.push(String::new()),
        }
    }
    names.retain(|name| !name.is_empty());
    names
}

#[test]
fn every_rule_of_the_gbnf_is_there_once_and_has_a_name_that_it_allows() {
    let plan = CATALOG.sample(3);
    for text in [CATALOG.plan_grammar().gbnf(), CATALOG.patch_grammar(&plan).gbnf()] {
        let rules: Vec<(&str, &str)> = text.lines().map(|line| line.split_once(" ::= ").unwrap()).collect();
        let names: BTreeSet<&str> = rules.iter().map(|(name, _)| *name).collect();
        assert_eq!(names.len(), rules.len());
        for (name, right) in &rules {
            assert!(name.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-'), "{name}");
            for used in named(right) {
                assert!(names.contains(used.as_str()), "{name} names {used}");
            }
        }
    }
}
