/* (e^r - 1 - r) / r^2 for |r| <= ln(2) / 2. */
static inline float exp_polynomial(float r)
{
    const float z = r * r;
    const float low = fused(r, 0x1.55549p-3f, 0x1.fffffap-2f);
    const float high = fused(z, 0x1.695428p-10f, fused(r, 0x1.123b08p-7f, 0x1.555a22p-5f));
    return fused(z, high, low);
}
