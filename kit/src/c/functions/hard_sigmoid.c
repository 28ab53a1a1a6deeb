static inline float hard_sigmoid(float z)
{
    return at_most(at_least(z + 3.0f, 0.0f), 6.0f) / 6.0f;
}
