/* e^(z_j) / sum e^(z_k), in place. */
static inline void softmax(float *z, size_t n)
{
    float largest = -INFINITY;
    float sum = 0.0f;
    for (size_t j = 0; j < n; j++) {
        if (z[j] > largest) {
            largest = z[j];
        }
    }
    for (size_t j = 0; j < n; j++) {
        z[j] = exp_f32(z[j] - largest);
    }
    for (size_t j = 0; j < n; j++) {
        sum += z[j];
    }
    for (size_t j = 0; j < n; j++) {
        z[j] /= sum;
    }
}
