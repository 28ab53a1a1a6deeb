//! Numbers, names and dates for people.

use std::time::{SystemTime, UNIX_EPOCH};

/// A number with four digits, without zeros at its end.
pub(super) fn short(x: f64) -> String {
    let (text, exponent) = match x.abs() {
        size if (1e-4..1e5).contains(&size) => {
            let digits = (3 - size.log10().floor() as i32).max(0) as usize;
            (format!("{x:.digits$}"), String::new())
        }
        size if size > 0.0 && size.is_finite() => {
            let text = format!("{x:.3e}");
            let (number, exponent) = text.split_once('e').unwrap_or((&text, "0"));
            (number.into(), format!("e{exponent}"))
        }
        _ => return x.to_string(),
    };
    let number = if text.contains('.') { text.trim_end_matches('0').trim_end_matches('.') } else { &text };
    format!("{number}{exponent}")
}

/// The name of a type without the paths of its parts.
pub(super) fn plain(name: &str) -> String {
    let is_name = |c: char| c.is_alphanumeric() || matches!(c, '_' | ':' | '{' | '}');
    let pieces = name.split_inclusive(|c: char| !is_name(c));
    pieces
        .map(|piece| {
            let path = piece.trim_end_matches(|c| !is_name(c));
            // A closure is named by the function that it is in.
            let function = path.trim_end_matches("::{{closure}}");
            let start = function.rfind("::").map_or(0, |at| at + 2);
            &piece[start..]
        })
        .collect()
}

/// The date and the time in UTC, such as `2025-01-31T23:59:59Z`.
pub(super) fn date(time: SystemTime) -> String {
    let seconds = time.duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs());
    let (days, second) = (seconds / 86_400, seconds % 86_400);
    // Howard Hinnant: "chrono-compatible low-level date algorithms", civil_from_days. Years begin in March, so that a leap day
    // is the last one.
    let days = days + 719_468; // since 0000-03-01
    let (era, day_of_era) = (days / 146_097, days % 146_097);
    let year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let from_march = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * from_march + 2) / 5 + 1;
    let month = if from_march < 10 { from_march + 3 } else { from_march - 9 };
    let year = era * 400 + year_of_era + u64::from(month <= 2);
    let (hour, minute, second) = (second / 3600, second / 60 % 60, second % 60);
    format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}Z")
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn numbers() {
        let cases = [
            (0.0, "0"),
            (0.003, "0.003"),
            (2.71728, "2.717"),
            (-0.97222222, "-0.9722"),
            (1.0, "1"),
            (12_345.6, "12346"),
            (100.0, "100"),
            (1e-7, "1e-7"),
            (-4.512e12, "-4.512e12"),
            (f64::NEG_INFINITY, "-inf"),
            (f64::NAN, "NaN"),
        ];
        for (number, text) in cases {
            assert_eq!(short(number), text);
        }
    }

    #[test]
    fn names() {
        assert_eq!(
            plain("stackprop::layer::Dense<64, 10, stackprop::activation::Relu>"),
            "Dense<64, 10, Relu>"
        );
        assert_eq!(plain("&mut program::Losses"), "&mut Losses");
        assert_eq!(plain("program::main::{{closure}}"), "main::{{closure}}");
    }

    // `date -u -d @SECONDS +%FT%TZ`
    #[test]
    fn dates() {
        let cases = [
            (0, "1970-01-01T00:00:00Z"),
            (951_782_399, "2000-02-28T23:59:59Z"),
            (951_782_400, "2000-02-29T00:00:00Z"),
            (1_735_689_599, "2024-12-31T23:59:59Z"),
            (4_107_542_400, "2100-03-01T00:00:00Z"),
        ];
        for (seconds, text) in cases {
            assert_eq!(date(UNIX_EPOCH + Duration::from_secs(seconds)), text);
        }
    }
}
