static inline float elu(float z, float alpha)
{
    return z > 0.0f ? z : alpha * exp_m1_f32(z);
}
