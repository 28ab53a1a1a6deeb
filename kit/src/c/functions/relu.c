static inline float relu(float z)
{
    return at_least(z, 0.0f);
}
