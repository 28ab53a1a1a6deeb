/* x = n ln 2 + r + c, with n in the low bits of sum; c is the rounding error of r. */
typedef struct {
    float sum, r, c;
} reduced;

static inline reduced reduce(float x, float round)
{
    const float sum = fused(x, 0x1.715476p+0f, round); /* log2 e */
    const float n = sum - round;
    const float high = fused(n, -LN2_HIGH, x);
    const float low = n * LN2_LOW;
    reduced result;
    result.sum = sum;
    result.r = high - low;
    result.c = (high - result.r) - low;
    return result;
}
