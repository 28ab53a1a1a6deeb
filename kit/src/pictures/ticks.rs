//! Where an axis has ticks, and numbers as text.

/// A tick of an axis, without a label if it is a minor one.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Tick {
    pub value: f64,
    pub label: Option<String>,
}

/// `digits * 10^exponent`, correctly rounded.
fn decimal(digits: i64, exponent: i32) -> f64 {
    format!("{digits}e{exponent}").parse().unwrap_or(f64::NAN)
}

/// At most about `most` multiples of 1, 2 or 5 times a power of ten; of integers only, if `whole`.
pub(super) fn linear(low: f64, high: f64, most: usize, whole: bool) -> Vec<Tick> {
    // Halves, because the whole length may overflow.
    let least_step = (high / 2.0 - low / 2.0) / most.max(1) as f64 * 2.0;
    if !least_step.is_normal() {
        return vec![];
    }
    let (mut digit, mut exponent) = (1, least_step.log10().floor() as i32);
    while decimal(digit, exponent) < least_step * (1.0 - 1e-9) && digit < 10 {
        digit = [2, 5, 10][digit as usize / 2];
    }
    if digit == 10 {
        (digit, exponent) = (1, exponent + 1);
    }
    if whole && exponent < 0 {
        (digit, exponent) = (1, 0);
    }
    let step = decimal(digit, exponent);
    let first = (low / step - 1e-6).ceil() as i64;
    let last = (high / step + 1e-6).floor() as i64;
    let multiples: Vec<i64> = (first..=last).map(|i| i * digit).collect();
    let labels = labels(&multiples, exponent);
    multiples
        .iter()
        .zip(labels)
        .map(|(&n, label)| Tick { value: decimal(n, exponent), label: Some(label) })
        .collect()
}

/// Powers of ten, and what is between them where there are few.
pub(super) fn logarithmic(low: f64, high: f64, most: usize) -> Vec<Tick> {
    let first = (low.log10() - 1e-9).ceil() as i32;
    let last = (high.log10() + 1e-9).floor() as i32;
    let every = (last - first + 1).max(1).unsigned_abs().div_ceil(most.max(1) as u32) as i32;
    let few = last - first < 1;
    let plain = low >= 1e-4 && high < 1e6;
    let mut ticks = vec![];
    for exponent in first - 1..=last {
        for digit in 1..10 {
            let value = decimal(digit, exponent);
            let labelled = if few { [1, 2, 5].contains(&digit) } else { digit == 1 && exponent % every == 0 };
            if value >= low && value <= high && (digit == 1 || every == 1) {
                let label = labelled.then(|| power(digit, exponent, plain));
                ticks.push(Tick { value, label });
            }
        }
    }
    // A part of a decade.
    if ticks.iter().filter(|tick| tick.label.is_some()).count() < 2 {
        return linear(low, high, most, false);
    }
    ticks
}

fn power(digit: i64, exponent: i32, plain: bool) -> String {
    match (plain, digit) {
        (true, _) => labels(&[digit], exponent).remove(0),
        (false, 1) => format!("10{}", superscript(exponent)),
        (false, _) => format!("{digit}×10{}", superscript(exponent)),
    }
}

/// The numbers `n * 10^exponent`, all with the same number of decimals.
fn labels(numbers: &[i64], exponent: i32) -> Vec<String> {
    let largest = numbers.iter().map(|n| n.unsigned_abs()).max().unwrap_or(0).max(1);
    // The exponent of the largest one.
    let scientific = largest.ilog10() as i32 + exponent;
    if (-4..6).contains(&scientific) {
        let zeros = "0".repeat(exponent.max(0) as usize);
        return numbers
            .iter()
            .map(|&n| if n == 0 { "0".into() } else { point(n, (-exponent).max(0) as usize) + &zeros })
            .collect();
    }
    let decimals = (scientific - exponent) as usize;
    numbers
        .iter()
        .map(|&n| {
            if n == 0 { "0".into() } else { format!("{}×10{}", point(n, decimals), superscript(scientific)) }
        })
        .collect()
}

/// `n` with a point before its last `decimals` digits.
fn point(n: i64, decimals: usize) -> String {
    let sign = if n < 0 { "−" } else { "" };
    let digits = format!("{:0>width$}", n.unsigned_abs(), width = decimals + 1);
    let (whole, part) = digits.split_at(digits.len() - decimals);
    if part.is_empty() { format!("{sign}{whole}") } else { format!("{sign}{whole}.{part}") }
}

fn superscript(exponent: i32) -> String {
    let digits = ['⁰', '¹', '²', '³', '⁴', '⁵', '⁶', '⁷', '⁸', '⁹'];
    exponent.to_string().chars().map(|c| c.to_digit(10).map_or('⁻', |digit| digits[digit as usize])).collect()
}

/// A number with four significant digits.
pub(super) fn number(value: f64) -> String {
    if !value.is_finite() {
        return if value.is_nan() {
            "NaN"
        } else if value > 0.0 {
            "∞"
        } else {
            "−∞"
        }
        .into();
    }
    // "-1.234e-5"
    let text = format!("{value:.3e}");
    let (digits, exponent) = text.split_once('e').unwrap_or((&text, "0"));
    let exponent: i32 = exponent.parse().unwrap_or(0);
    let text = if (-4..6).contains(&exponent) {
        format!("{value:.*}", (3 - exponent).max(0) as usize)
    } else {
        digits.to_string()
    };
    let text = if text.contains('.') { text.trim_end_matches('0').trim_end_matches('.') } else { &text };
    let text = text.replace('-', "−");
    if (-4..6).contains(&exponent) { text } else { format!("{text}×10{}", superscript(exponent)) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts(ticks: &[Tick]) -> Vec<&str> {
        ticks.iter().filter_map(|tick| tick.label.as_deref()).collect()
    }

    #[test]
    fn linear_ticks() {
        assert_eq!(texts(&linear(0.0, 1.0, 5, false)), ["0", "0.2", "0.4", "0.6", "0.8", "1.0"]);
        assert_eq!(texts(&linear(-0.03, 0.1, 4, false)), ["0", "0.05", "0.10"]);
        assert_eq!(texts(&linear(0.9, 3.1, 8, true)), ["1", "2", "3"]);
        assert_eq!(texts(&linear(1.0, 1000.0, 5, true)), ["200", "400", "600", "800", "1000"]);
        assert_eq!(texts(&linear(0.0, 3e-6, 3, false)), ["0", "1×10⁻⁶", "2×10⁻⁶", "3×10⁻⁶"]);
        assert_eq!(texts(&linear(0.0, 1.5e7, 3, false)), ["0", "0.5×10⁷", "1.0×10⁷", "1.5×10⁷"]);
        assert_eq!(linear(0.0, 1.0, 5, false)[3].value, 0.6);
    }

    #[test]
    fn extreme_axes_have_ticks() {
        for (low, high) in [(-f64::MAX, f64::MAX), (0.0, 1e-300), (1e9, 1e9 + 1.0), (0.1, 0.1 + 1e-9)] {
            let ticks = linear(low, high, 5, false);
            assert!((2..=7).contains(&ticks.len()), "{low} to {high}: {ticks:?}");
            assert!(ticks.iter().all(|tick| tick.value.is_finite()));
        }
    }

    #[test]
    fn logarithmic_ticks() {
        assert_eq!(texts(&logarithmic(1e-3, 10.0, 6)), ["0.001", "0.01", "0.1", "1", "10"]);
        assert_eq!(texts(&logarithmic(1e-8, 1.0, 5)), ["10⁻⁸", "10⁻⁶", "10⁻⁴", "10⁻²", "10⁰"]);
        assert_eq!(texts(&logarithmic(0.15, 3.0, 6)), ["0.2", "0.5", "1", "2"]);
        assert_eq!(texts(&logarithmic(0.30, 0.35, 3)), ["0.30", "0.32", "0.34"]);
        let minor = logarithmic(0.01, 1.0, 6);
        assert_eq!((minor.len(), minor[1].value), (19, 0.02));
        assert!(logarithmic(5e-324, f64::MAX, 8).len() > 3);
    }

    #[test]
    fn numbers() {
        let texts = [0.0, 0.25, -1234.56, 99999.9, 3.14159e-7, -2e30, f64::NAN, f64::INFINITY].map(number);
        assert_eq!(texts, ["0", "0.25", "−1235", "100000", "3.142×10⁻⁷", "−2×10³⁰", "NaN", "∞"]);
    }
}
