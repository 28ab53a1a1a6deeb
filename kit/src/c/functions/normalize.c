/* Normalises x to mean 0 and variance 1 over its n numbers; y may be x. */
static inline void normalize(const float *x, float *y, size_t n)
{
    const float count = (float)n;
    float sum = 0.0f;
    for (size_t j = 0; j < n; j++) {
        sum += x[j];
    }
    const float mean = sum / count;
    float squares = 0.0f;
    for (size_t j = 0; j < n; j++) {
        y[j] = x[j] - mean;
        squares += y[j] * y[j];
    }
    const float scale = 1.0f / sqrtf(squares / count + 0x1.4f8b58p-17f);
    for (size_t j = 0; j < n; j++) {
        y[j] *= scale;
    }
}
