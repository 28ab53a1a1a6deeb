/* x y + z, rounded once. */
#if defined(__FP_FAST_FMAF) || defined(__FMA__) || defined(__ARM_FEATURE_FMA) || defined(__riscv_flen)
static inline float fused(float x, float y, float z)
{
    return fmaf(x, y, z); /* an instruction */
}
#else
/* Not the library's fmaf, which rounds twice in newlib and in some others. The product is exact in double. The sum is
   rounded to odd: cut off, and then made odd if anything was cut off. Rounding that to float is as good as rounding the
   exact sum (Boldo, Melquiond 2008). `error` is what rounding the sum to nearest cut off (Knuth's 2Sum). */
static inline float fused(float x, float y, float z)
{
    const double product = (double)x * (double)y;
    const double addend = (double)z;
    double sum = product + addend;
    const double part = sum - product;
    const double error = (product - (sum - part)) + (addend - part);
    const uint64_t inexact = error > 0.0 || error < 0.0 ? 1u : 0u;
    const uint64_t away_from_zero = (error > 0.0) != (sum > 0.0) ? inexact : 0u;
    uint64_t bits;
    memcpy(&bits, &sum, sizeof bits);
    bits = (bits - away_from_zero) | inexact;
    memcpy(&sum, &bits, sizeof sum);
    return (float)sum;
}
#endif
