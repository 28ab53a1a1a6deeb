/* x, or the limit if x is below it. NaN stays NaN. */
static inline float at_least(float x, float limit)
{
    return x < limit ? limit : x;
}
