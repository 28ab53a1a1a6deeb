static inline float silu(float z)
{
    const float x = at_least(z, -746.0f);
    return x * sigmoid_f32(x);
}
