/* e^x */
static inline float exp_f32(float x)
{
    const reduced part = reduce(at_least(at_most(x, 89.0f), -104.0f), ROUND);
    const float e = 1.0f + fused(part.r * part.r, exp_polynomial(part.r), part.r);
    /* 2^n in two steps, because it need not be a normal number. The integers are modulo 2^32. */
    const uint32_t n = to_bits(part.sum) - to_bits(ROUND);
    const uint32_t half = ((n + 4096u) >> 1) - 2048u;
    return e * from_bits((half + 127u) << 23) * from_bits((n - half + 127u) << 23);
}
