//! How far an enterprise's word has held: the lower 10 % quantile of Beta(kept + 1, broken + 1), counts halving in weight
//! every 180 days. The uniform prior keeps the distribution proper when one of the counts is 0.

use chrono::{DateTime, Utc};

use super::item::Trust;
use super::policy::Policy;

/// In [0, 1].
pub(super) fn trust_u(trust: Trust, as_of: DateTime<Utc>, policy: &Policy) -> f64 {
    let days = (as_of - trust.at).num_minutes().max(0) as f64 / (24.0 * 60.0);
    let ageing = (-days / policy.trust_half_life_days.max(1.0)).exp2();
    beta_quantile(policy.trust_quantile, 1.0 + trust.kept.max(0.0) * ageing, 1.0 + trust.broken.max(0.0) * ageing)
}

/// The `p` quantile of Beta(a, b) for a, b ≥ 1: Newton's method, kept within bounds that shrink around the root.
pub(super) fn beta_quantile(p: f64, a: f64, b: f64) -> f64 {
    // Of most enterprises: no promise broken, or none kept.
    if b == 1.0 {
        return p.powf(1.0 / a);
    }
    if a == 1.0 {
        return 1.0 - (1.0 - p).powf(1.0 / b);
    }
    let scale = ln_gamma(a + b) - ln_gamma(a) - ln_gamma(b);
    let (mut low, mut high, mut x) = (0.0_f64, 1.0_f64, a / (a + b));
    for _ in 0..60 {
        let excess = regularised_beta(x, a, b, scale) - p;
        if excess < 0.0 {
            low = x;
        } else {
            high = x;
        }
        let density = (scale + (a - 1.0) * x.ln() + (b - 1.0) * (1.0 - x).ln()).exp();
        let step = x - excess / density;
        let next = if step > low && step < high { step } else { (low + high) / 2.0 };
        if (next - x).abs() < 1e-13 {
            return next;
        }
        x = next;
    }
    x
}

/// Regularised incomplete beta function I_x(a, b) by continued fraction (Numerical Recipes, 6.4); `scale` is
/// ln Γ(a + b) − ln Γ(a) − ln Γ(b).
fn regularised_beta(x: f64, a: f64, b: f64, scale: f64) -> f64 {
    if x <= 0.0 || x >= 1.0 {
        return x.clamp(0.0, 1.0);
    }
    let front = (scale + a * x.ln() + b * (1.0 - x).ln()).exp();
    if x < (a + 1.0) / (a + b + 2.0) {
        front * continued_fraction(x, a, b) / a
    } else {
        1.0 - front * continued_fraction(1.0 - x, b, a) / b
    }
}

/// Modified Lentz's method.
fn continued_fraction(x: f64, a: f64, b: f64) -> f64 {
    const TINY: f64 = 1e-300;
    let away_from_zero = |v: f64| if v.abs() < TINY { TINY } else { v };
    let mut c = 1.0;
    let mut d = 1.0 / away_from_zero(1.0 - (a + b) * x / (a + 1.0));
    let mut result = d;
    for step in 1..300 {
        let m = f64::from(step);
        let even = m * (b - m) * x / ((a + 2.0 * m - 1.0) * (a + 2.0 * m));
        d = 1.0 / away_from_zero(1.0 + even * d);
        c = away_from_zero(1.0 + even / c);
        result *= d * c;
        let odd = -(a + m) * (a + b + m) * x / ((a + 2.0 * m) * (a + 2.0 * m + 1.0));
        d = 1.0 / away_from_zero(1.0 + odd * d);
        c = away_from_zero(1.0 + odd / c);
        result *= d * c;
        if (d * c - 1.0).abs() < 1e-12 {
            break;
        }
    }
    result
}

/// Lanczos approximation, g = 7, for x ≥ 1.
fn ln_gamma(x: f64) -> f64 {
    const COEFFICIENTS: [f64; 8] = [
        676.520_368_121_885_1,
        -1_259.139_216_722_402_8,
        771.323_428_777_653_1,
        -176.615_029_162_140_6,
        12.507_343_278_686_905,
        -0.138_571_095_265_720_12,
        9.984_369_578_019_572e-6,
        1.505_632_735_149_311_6e-7,
    ];
    let x = x - 1.0;
    let series = COEFFICIENTS.iter().zip(1..).fold(0.999_999_999_999_809_9, |sum, (c, i)| sum + c / (x + f64::from(i)));
    let t = x + 7.5;
    0.5 * (2.0 * std::f64::consts::PI).ln() + (x + 0.5) * t.ln() - t + series.ln()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantiles_are_those_of_the_beta_distribution() {
        // Closed forms: Beta(1, 1) is uniform, Beta(n, 1) has quantile p^(1/n), Beta(1, n) has 1 − (1 − p)^(1/n).
        for (a, b, quantile) in [
            (1.0, 1.0, 0.1),
            (2.0, 1.0, 0.1_f64.sqrt()),
            (21.0, 1.0, 0.1_f64.powf(1.0 / 21.0)),
            (1.0, 5.0, 1.0 - 0.9_f64.powf(0.2)),
            (2.0, 2.0, 0.195_800_1),
            // By Newton's method, next to a closed form.
            (21.0, 1.0 + 1e-12, 0.1_f64.powf(1.0 / 21.0)),
            (1.0 + 1e-12, 5.0, 1.0 - 0.9_f64.powf(0.2)),
        ] {
            assert!((beta_quantile(0.1, a, b) - quantile).abs() < 1e-6, "Beta({a}, {b})");
        }
    }

    #[test]
    fn promises_kept_raise_it_broken_ones_lower_it_and_both_fade() {
        let (policy, at) = (Policy::default(), DateTime::UNIX_EPOCH);
        let u = |kept, broken, days| trust_u(Trust { kept, broken, at }, at + chrono::TimeDelta::days(days), &policy);
        assert!(u(20.0, 0.0, 0) > u(5.0, 0.0, 0) && u(5.0, 0.0, 0) > u(5.0, 3.0, 0));
        assert!(u(20.0, 0.0, 360) < u(20.0, 0.0, 0));
        assert!((u(20.0, 0.0, 180) - u(10.0, 0.0, 0)).abs() < 1e-9);
    }
}
