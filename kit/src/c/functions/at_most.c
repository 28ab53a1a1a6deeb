/* x, or the limit if x is above it. NaN stays NaN. */
static inline float at_most(float x, float limit)
{
    return x > limit ? limit : x;
}
