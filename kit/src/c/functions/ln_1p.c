/* ln(1 + x) */
static inline float ln_1p_f32(float x)
{
    /* 2^-k (1 + x) is in [sqrt(1/2), sqrt(2)); 0x3f3504f3 has the bits of sqrt(1/2). */
    const uint32_t shifted = (to_bits(1.0f + x) - 0x3f3504f3u + 0x80000000u) >> 23;
    const int32_t k = (int32_t)shifted - 256;
    const float kf = (float)k;
    const float scaled = from_bits(to_bits(x) - ((shifted - 256u) << 23));
    const float f = scaled + (from_bits((uint32_t)(127 - (k < 30 ? k : 30)) << 23) - 1.0f);
    /* ln(1 + f) = f + f^2 q(f) */
    const float z = f * f;
    const float z2 = z * z;
    const float q01 = fused(f, 0x1.555548p-2f, -0x1.fffffep-2f);
    const float q23 = fused(f, 0x1.99a7a8p-3f, -0x1.000222p-2f);
    const float q45 = fused(f, 0x1.22446ap-3f, -0x1.5487e2p-3f);
    const float q67 = fused(f, 0x1.08a6a4p-3f, -0x1.0bf544p-3f);
    const float high = fused(z2, -0x1.496a5cp-4f, fused(z, q67, q45));
    const float q = fused(z2, high, fused(z, q23, q01));
    const float sum = fused(kf, LN2_HIGH, f + fused(kf, LN2_LOW, z * q));
    const float result = fabsf(x) <= 0x1p-26f ? x : sum;
    const float finite = x <= FLT_MAX ? result : x;
    const float pole = x >= -1.0f ? -INFINITY : NAN;
    return x <= -1.0f ? pole : finite;
}
