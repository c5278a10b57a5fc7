//! llguidance accepts the grammars, every walk through them ends in a plan, and the plans of the catalog's examples lie on such a walk.

use std::fmt::Write;
use std::time::Instant;

use fastrand::Rng;
use llguidance::api::TopLevelGrammar;
use llguidance::{Matcher, ParserFactory};
use toktrie::{ApproximateTokEnv, TokEnv, TokRxInfo, TokTrie};

use super::{CATALOG, examples, plan_of};
use crate::catalog::Grammar;
use crate::domain::plan::Plan;

fn bytes() -> ParserFactory {
    let mut factory = ParserFactory::new_simple(&ApproximateTokEnv::single_byte_env()).unwrap();
    factory.quiet();
    factory
}

fn matcher(factory: &ParserFactory, grammar: &Grammar) -> Matcher {
    let parser = factory.create_parser(TopLevelGrammar::from_lark(grammar.lark()));
    let mut matcher = Matcher::new(parser);
    assert_eq!(matcher.get_error(), None);
    assert_eq!(matcher.grammar_warnings(), Vec::<String>::new());
    matcher
}

/// A text of random signs that the grammar allows. `wild` says how likely a walk goes on where it may end a list.
fn walk(fresh: &Matcher, rng: &mut Rng) -> String {
    let mut matcher = fresh.deep_clone();
    let mut text = Vec::new();
    while !matcher.is_stopped() {
        let mask = matcher.compute_mask_or_eos().unwrap();
        let allowed: Vec<u32> = mask.iter().collect();
        let token = allowed[rng.usize(0..allowed.len())];
        matcher.consume_token(token).unwrap();
        text.extend(u8::try_from(token));
        assert!(text.len() < 200_000, "a walk does not end");
    }
    assert_eq!(matcher.get_error(), None);
    String::from_utf8(text).unwrap()
}

/// How many bytes of the text the grammar accepts; none when it accepts all of it as a whole.
fn refused_at(fresh: &Matcher, text: &str) -> Option<usize> {
    let mut matcher = fresh.deep_clone();
    let tokens: Vec<u32> = text.bytes().map(u32::from).collect();
    let taken = matcher.try_consume_tokens(&tokens).unwrap();
    if taken < tokens.len() { Some(taken) } else { (!matcher.is_accepting().unwrap()).then_some(taken) }
}

#[test]
fn every_walk_through_the_grammar_is_a_plan() {
    let fresh = matcher(&bytes(), &CATALOG.plan_grammar());
    for seed in 0..300 {
        let text = walk(&fresh, &mut Rng::with_seed(seed));
        let loose = CATALOG.plan_from(&text).unwrap_or_else(|problem| panic!("{problem:?}\n{text}"));
        assert!(!loose.plan.bodies.is_empty());
        // What it wrote stays a plan of the grammar when it is written anew.
        CATALOG.validate(&loose.plan);
    }
}

#[test]
fn the_plans_of_all_examples_are_in_the_grammar() {
    let fresh = matcher(&bytes(), &CATALOG.plan_grammar());
    let mut refused = String::new();
    for (example, plan) in examples() {
        let text = CATALOG.compact(&plan);
        if let Some(at) = refused_at(&fresh, &text) {
            let (read, rest) = text.split_at(at);
            writeln!(refused, "{example}\n   {read} >>> {rest}").unwrap();
        }
        let back = CATALOG.plan_from(&text).unwrap();
        assert_eq!(CATALOG.compact(&back.plan), text, "{example}");
        assert!(back.converted.is_empty() && back.renamed.is_empty(), "{example}");
    }
    assert!(refused.is_empty(), "{refused}");
}

#[test]
fn quantities_as_people_write_them_are_in_the_grammar() {
    let fresh = matcher(&bytes(), &CATALOG.plan_grammar());
    let with = |name: &str, value: &str| {
        format!(
            r#"{{"plan":1,"bodies":[{{"name":"part","steps":[{{"do":"box","length":60,"width":40,"height":10}},{{"do":"{name}","diameter":{value}}}]}}]}}"#
        )
    };
    for value in [
        "8",
        "0.5",
        "\"2in\"",
        "\"2 in\"",
        "\"1/2in\"",
        "\"2 1/2 in\"",
        "\"5*2\"",
        "\"60+20\"",
        "\"60-20 mm\"",
        "\"2in/3\"",
        "\"1/2in*3\"",
        "\"3 cm\"",
        "\"M5\"",
    ] {
        let text = with("hole", value);
        assert_eq!(refused_at(&fresh, &text), None, "{text}");
        CATALOG.plan_from(&text).unwrap();
    }
    for value in ["\"M6\"", "\"#8-32\"", "\"3/4-10\"", "\"1/4-20\"", "\"M10x1.25\""] {
        let text = with("tapped_hole", value);
        assert_eq!(refused_at(&fresh, &text), None, "{text}");
        CATALOG.plan_from(&text).unwrap();
    }
    // A number in quotation marks, a name of another table, a length of letters.
    for value in ["\"8\"", "\"NEMA 17\"", "\"big\"", "08", "1e3", "-4"] {
        assert!(refused_at(&fresh, &with("hole", value)).is_some(), "{value}");
    }
    assert!(refused_at(&fresh, &with("hole", "8").replace(":1,", ": 1,")).is_some());
}

fn edited() -> Plan {
    plan_of(
        r#"{"plan":1,"bodies":[{"name":"plate","steps":[{"do":"box","length":60,"width":40,"height":10},
        {"do":"hole","diameter":5.5,"depth":4,"on":"top","at":{"corners":{"inset":6}}},{"do":"fillet","radius":5},
        {"do":"cylinder","diameter":10,"height":5,"combine":"add","on":"top"}]},
        {"name":"lid","steps":[{"do":"bearing"}]}]}"#,
    )
}

#[test]
fn every_walk_through_the_grammar_of_patches_is_a_patch_of_the_plan() {
    let plan = edited();
    let fresh = matcher(&bytes(), &CATALOG.patch_grammar(&plan));
    let mut applied = 0;
    for seed in 0..300 {
        let text = walk(&fresh, &mut Rng::with_seed(seed));
        // What is there already, and what was removed before, is refused; everything else is understood.
        match CATALOG.apply_patch(&plan, &text) {
            Ok(_) => applied += 1,
            Err(problem) => {
                let known = ["already", "removed before", "removes", "changes nothing"];
                assert!(known.iter().any(|k| problem.message.contains(k)), "{problem:?}\n{text}");
            }
        }
    }
    assert!(applied > 150, "{applied}");
}

#[test]
fn patches_as_the_primer_shows_them_are_in_the_grammar() {
    let plan = edited();
    let fresh = matcher(&bytes(), &CATALOG.patch_grammar(&plan));
    let primer = CATALOG.primer();
    let shown: Vec<&str> = primer.lines().filter(|line| line.starts_with("{\"patch\"")).collect();
    assert!(!shown.is_empty());
    for text in shown.into_iter().chain([
        r#"{"patch":1,"changes":[{"change":"set","step":2,"values":{"depth":null}}]}"#,
        r#"{"patch":1,"changes":[{"change":"set","step":4,"values":{"height":"1/2in","lift":2}}]}"#,
        r#"{"patch":1,"changes":[{"change":"move","step":4,"at":{"at":[10,-5]}}]}"#,
        r#"{"patch":1,"changes":[{"change":"add","step":{"do":"tube","outer_diameter":20,"inner_diameter":10,"height":5},"body":3,"place":{"to":"plate","side":"top"}}]}"#,
    ]) {
        assert_eq!(refused_at(&fresh, text), None, "{text}");
        CATALOG.apply_patch(&plan, text).unwrap();
    }
    for text in [
        r#"{"patch":1,"changes":[{"change":"set","step":6,"values":{"depth":1}}]}"#,
        r#"{"patch":1,"changes":[{"change":"set","step":1,"values":{"diameter":1}}]}"#,
        r#"{"patch":1,"changes":[{"change":"set","step":1,"values":{"length":null}}]}"#,
        r#"{"patch":1,"changes":[{"change":"move","step":3,"at":"center"}]}"#,
        r#"{"patch":1,"changes":[]}"#,
    ] {
        assert!(refused_at(&fresh, text).is_some(), "{text}");
    }
}

/// As many random tokens of one to eight signs as a real vocabulary has, and all single bytes.
fn vocabulary(size: usize) -> TokEnv {
    let mut rng = Rng::with_seed(1);
    let signs = b"abcdefghijklmnopqrstuvwxyz_0123456789\"{}[]:,. -+/ABCDEFGHIJKLMNOPQRSTUVWXYZ";
    let mut words: std::collections::BTreeSet<Vec<u8>> = (0..=255).map(|byte| vec![byte]).collect();
    while words.len() < size - 1 {
        words.insert((0..rng.usize(1..9)).map(|_| signs[rng.usize(0..signs.len())]).collect());
    }
    let mut words: Vec<Vec<u8>> = words.into_iter().collect();
    words.push(b"\xff<|end|>".to_vec());
    let last = u32::try_from(words.len()).unwrap();
    let info = TokRxInfo {
        vocab_size: last,
        tok_eos: last - 1,
        tok_bos: None,
        tok_pad: None,
        tok_unk: None,
        tok_end_of_turn: None,
    };
    std::sync::Arc::new(ApproximateTokEnv::new(TokTrie::from(&info, &words)))
}

/// `cargo nextest run --run-ignored all --no-capture -E 'test(how_large_and_how_fast)'`
#[test]
#[ignore = "it measures"]
#[expect(clippy::print_stdout, reason = "figures for the reader of the test")]
fn how_large_and_how_fast() {
    let started = Instant::now();
    let factory = ParserFactory::new_simple(&vocabulary(32_768)).unwrap();
    println!("factory of 32,768 tokens: {:?}", started.elapsed());
    let plan = edited();
    for (what, grammar) in [("plan", CATALOG.plan_grammar()), ("patch", CATALOG.patch_grammar(&plan))] {
        let started = Instant::now();
        let made = if what == "plan" { CATALOG.plan_grammar() } else { CATALOG.patch_grammar(&plan) };
        let taken = started.elapsed();
        let started = Instant::now();
        let (lark, gbnf) = (made.lark(), made.gbnf());
        println!(
            "{what}: made in {taken:?}, written in {:?}; Lark {} bytes, GBNF {} bytes",
            started.elapsed(),
            lark.len(),
            gbnf.len()
        );
        let started = Instant::now();
        let fresh = matcher(&factory, &grammar);
        println!("{what}: matcher in {:?}", started.elapsed());
        let started = Instant::now();
        let _ = fresh.deep_clone();
        println!("{what}: clone of it in {:?}", started.elapsed());
        for round in 0..3 {
            let texts: Vec<String> = match what {
                "plan" => examples().iter().step_by(20).map(|(_, plan)| CATALOG.compact(plan)).collect(),
                _ => (0..20).map(|_| r#"{"patch":1,"changes":[{"change":"set","step":2,"values":{"diameter":8}},{"change":"move","step":2,"on":"front"}]}"#.to_owned()).collect(),
            };
            let (mut masks, mut spent, mut worst) =
                (0u32, std::time::Duration::ZERO, std::time::Duration::ZERO);
            for text in texts {
                let mut matcher = fresh.deep_clone();
                for token in factory.tok_env().tokenize_bytes(text.as_bytes()) {
                    let started = Instant::now();
                    let mask = matcher.compute_mask().unwrap();
                    let taken = started.elapsed();
                    assert!(mask.is_allowed(token), "{text}");
                    (masks, spent, worst) = (masks + 1, spent + taken, worst.max(taken));
                    matcher.consume_token(token).unwrap();
                }
            }
            println!("{what}, round {round}: {masks} masks, {:?} each, worst {worst:?}", spent / masks);
        }
    }
}
