//! Numbers as C writes them.

/// A finite number as a hexadecimal constant, `0x1.8p-3f`.
///
/// C99 has the compiler round a hexadecimal constant correctly, which here means exactly. A decimal one may be off by a
/// unit in the last place (6.4.4.2).
pub(super) fn literal(x: f32) -> String {
    const FRACTION: u32 = f32::MANTISSA_DIGITS - 1;
    let bits = x.to_bits();
    let sign = if x.is_sign_negative() { "-" } else { "" };
    let (field, fraction) = ((bits >> FRACTION) & 0xff, bits & ((1 << FRACTION) - 1));
    let (exponent, fraction) = match (field, fraction) {
        (0, 0) => return format!("{sign}0x0p+0f"),
        // Subnormal: the leading one becomes the integer part.
        (0, fraction) => {
            let shift = fraction.leading_zeros() - (u32::BITS - 1 - FRACTION);
            (f32::MIN_EXP - 1 - shift.cast_signed(), (fraction << shift) & ((1 << FRACTION) - 1))
        }
        (field, fraction) => (field.cast_signed() - (f32::MAX_EXP - 1), fraction),
    };
    // 23 bits are six digits, less one bit.
    let digits = format!("{:06x}", fraction << 1);
    let digits = digits.trim_end_matches('0');
    let point = if digits.is_empty() { "" } else { "." };
    format!("{sign}0x1{point}{digits}p{exponent:+}f")
}

#[cfg(test)]
mod tests {
    use super::literal;

    // The smallest subnormal number is 2^-149, the smallest normal one 2^-126.
    #[test]
    fn hand_computed() {
        assert_eq!(literal(0.1875), "0x1.8p-3f");
        assert_eq!(literal(-1.0), "-0x1p+0f");
        assert_eq!(literal(-0.0), "-0x0p+0f");
        assert_eq!(literal(f32::from_bits(1)), "0x1p-149f");
        assert_eq!(literal(f32::from_bits(3)), "0x1.8p-148f");
        assert_eq!(literal(f32::MIN_POSITIVE), "0x1p-126f");
        assert_eq!(literal(f32::MIN_POSITIVE - f32::from_bits(1)), "0x1.fffffcp-127f");
        assert_eq!(literal(f32::MAX), "0x1.fffffep+127f");
        assert_eq!(literal(1.0 + f32::EPSILON), "0x1.000002p+0f");
    }
}
