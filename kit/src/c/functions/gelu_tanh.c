static inline float gelu_tanh(float z)
{
    const float x = at_least(z, -746.0f);
    const float slope = fused(x * x, 0x1.2444f2p-4f, 0x1.988454p+0f);
    return x * sigmoid_f32(x * slope);
}
