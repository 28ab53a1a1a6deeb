/* x y + z, rounded once. */
#if defined(__FP_FAST_FMAF) || defined(__FMA__) || defined(__ARM_FEATURE_FMA) || defined(__riscv_flen)
static inline float fused(float x, float y, float z)
{
    return fmaf(x, y, z); /* an instruction */
}
#else
/* Not the library's fmaf, which rounds twice in newlib and in some others. The product is exact in double. The
   rounded sum is made odd if it is not exact, so that rounding it to float is as good as rounding the exact sum
   (Boldo, Melquiond 2008). `error` is the rounding error of the sum (Knuth's 2Sum). */
static inline float fused(float x, float y, float z)
{
    const double product = (double)x * (double)y;
    const double addend = (double)z;
    double sum = product + addend;
    const double part = sum - product;
    const double error = (product - (sum - part)) + (addend - part);
    uint64_t bits;
    memcpy(&bits, &sum, sizeof bits);
    if ((error > 0.0 || error < 0.0) && (bits & 1u) == 0) {
        bits += (error > 0.0) == (sum > 0.0) ? 1u : UINT64_MAX;
        memcpy(&sum, &bits, sizeof sum);
    }
    return (float)sum;
}
#endif
