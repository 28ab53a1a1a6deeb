/* e^x - 1 */
static inline float exp_m1_f32(float x)
{
    const reduced part = reduce(at_least(at_most(x, 89.0f), -20.0f), ROUND + 126.0f);
    const float e = part.r + fused(part.r * part.r, exp_polynomial(part.r), part.c);
    const float half = power(part.sum);
    const float result = 2.0f * fused(half, e, half - 0.5f);
    return fabsf(x) <= 0x1p-26f ? x : result;
}
