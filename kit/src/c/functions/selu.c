static inline float selu(float z)
{
    return z > 0.0f ? 0x1.0cfabep+0f * z : 0x1.c212ccp+0f * exp_m1_f32(z);
}
