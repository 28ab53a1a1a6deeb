/* 2^(n + k - 127), where n + k is the integer in sum: k was added to ROUND. */
static inline float power(float sum)
{
    return from_bits(to_bits(sum) << 23);
}
