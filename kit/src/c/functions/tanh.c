/* tanh x */
static inline float tanh_f32(float x)
{
    const float a = at_most(fabsf(x), 0x1.233334p+3f);
    /* tanh y of the remainder y = a - n ln(2) / 2 */
    const float round = ROUND + 126.0f;
    const float sum = fused(a, 0x1.715476p+1f, -0x1.e66666p-3f) + round;
    const float n = sum - round;
    const float y = fused(n, -0x1.62e43p-2f, a);
    const float z = y * y;
    const float q = fused(z, fused(z, -0x1.a463eep-5f, 0x1.10dd02p-3f), -0x1.55550ep-2f);
    const float t = fused(y * z, q, y);
    /* tanh a = ((s - 1) + (s + 1) t) / ((s + 1) + (s - 1) t) with s = 2^n, all halved */
    const float s = power(sum);
    const float numerator = fused(s + 0.5f, t, s - 0.5f);
    return copysignf(numerator / (numerator + (1.0f - t)), x);
}
