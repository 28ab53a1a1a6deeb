static inline float hard_tanh(float z)
{
    return at_most(at_least(z, -1.0f), 1.0f);
}
