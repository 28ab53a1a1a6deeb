//! One hash over the elementary functions at arguments from the whole range of `f32`.

use stackprop::math::Elementary;

/// A stride that gives about 16 thousand arguments, for processors without a floating-point unit.
pub const COARSE: u32 = 262_147;
/// A stride that gives about 2 million arguments. Both strides are prime, so that all the low bits occur.
pub const FINE: u32 = 2_053;

/// FNV-1a over the bits of the results of all functions at each argument, in the order of the arguments' bits.
pub fn sweep(stride: u32) -> u64 {
    let mut hash = 0xcbf2_9ce4_8422_2325_u64;
    let mut next = Some(0_u32);
    while let Some(bits) = next {
        let x = f32::from_bits(bits);
        let results = [
            Elementary::exp(x),
            Elementary::exp_m1(x),
            Elementary::ln(x),
            Elementary::ln_1p(x),
            Elementary::tanh(x),
            Elementary::sigmoid(x),
            Elementary::erf(x),
            Elementary::gelu(x),
            Elementary::gelu_derivative(x),
        ];
        for result in results {
            // The bits of a NaN depend on the processor.
            let bits = if result.is_nan() { 0x7fc0_0000 } else { result.to_bits() };
            for byte in bits.to_le_bytes() {
                hash = (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3);
            }
        }
        next = bits.checked_add(stride);
    }
    hash
}
