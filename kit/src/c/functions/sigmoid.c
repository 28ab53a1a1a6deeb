/* 1 / (1 + e^-x) */
static inline float sigmoid_f32(float x)
{
    /* All terms of the quotient are multiplied by 2^-65, so that none overflows. */
    const float unit = 0x1p-65f;
    const reduced part = reduce(-at_least(at_most(x, 40.0f), -104.0f), ROUND + 62.0f);
    const float e = fused(part.r * part.r, exp_polynomial(part.r), part.r);
    const float scaled = power(part.sum);
    const float sum = unit + scaled;
    const float rest = unit - (sum - scaled);
    return unit / (sum + fused(e, scaled, rest));
}
