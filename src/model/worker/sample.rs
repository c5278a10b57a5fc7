//! From logits to one token: the likeliest, or a seeded draw; a grammar is asked about the chosen token only, and masks the others on a miss.

/// How a candidate chooses.
#[derive(Clone, Debug)]
pub(super) struct Sampler {
    /// 0 takes the likeliest.
    temperature: f32,
    random: fastrand::Rng,
}

/// Tokens less likely than this share of the likeliest are not drawn ("min-p" sampling).
const MIN_P: f32 = 0.05;

impl Sampler {
    pub(super) fn greedy() -> Self {
        Self { temperature: 0.0, random: fastrand::Rng::with_seed(0) }
    }

    pub(super) fn seeded(temperature: f32, seed: u64) -> Self {
        Self { temperature, random: fastrand::Rng::with_seed(seed) }
    }

    /// The index of the chosen token among those that `allowed` lets through; none when it lets none through.
    pub(super) fn choose(&mut self, logits: &[f32], allowed: impl Fn(usize) -> bool) -> Option<usize> {
        let best = likeliest(logits, &allowed)?;
        if self.temperature <= 0.0 {
            return Some(best);
        }
        let top = logits[best];
        let floor = top + self.temperature * MIN_P.ln();
        let weight = |logit: f32| ((logit - top) / self.temperature).exp();
        let kept = || logits.iter().enumerate().filter(|&(i, &logit)| logit >= floor && allowed(i));
        let total: f32 = kept().map(|(_, &logit)| weight(logit)).sum();
        let mut left = self.random.f32() * total;
        for (i, &logit) in kept() {
            left -= weight(logit);
            if left <= 0.0 {
                return Some(i);
            }
        }
        Some(best)
    }
}

/// The first of the largest; NaN is never chosen.
fn likeliest(logits: &[f32], allowed: impl Fn(usize) -> bool) -> Option<usize> {
    let mut best: Option<(usize, f32)> = None;
    for (i, &logit) in logits.iter().enumerate() {
        if best.is_none_or(|(_, top)| logit > top) && !logit.is_nan() && allowed(i) {
            best = Some((i, logit));
        }
    }
    best.map(|(i, _)| i)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_greedy_sampler_takes_the_first_of_the_largest_that_is_allowed() {
        let logits = [0.0, 3.0, f32::NAN, 3.0, 1.0];
        let mut greedy = Sampler::greedy();
        assert_eq!(greedy.choose(&logits, |_| true), Some(1));
        assert_eq!(greedy.choose(&logits, |i| i != 1), Some(3));
        assert_eq!(greedy.choose(&logits, |_| false), None);
    }

    #[test]
    fn a_seeded_sampler_repeats_itself_and_keeps_to_likely_tokens() {
        let logits = [2.0, 1.5, -20.0, 1.9];
        let draw = |seed| {
            let mut sampler = Sampler::seeded(0.8, seed);
            (0..50).filter_map(|_| sampler.choose(&logits, |i| i != 3)).collect::<Vec<_>>()
        };
        assert_eq!(draw(7), draw(7));
        assert_ne!(draw(7), draw(8));
        assert!(draw(7).iter().all(|&i| i < 2), "{:?}", draw(7));
        assert!(draw(7).contains(&1));
    }
}
