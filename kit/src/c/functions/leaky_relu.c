static inline float leaky_relu(float z, float slope)
{
    return z > 0.0f ? z : z * slope;
}
