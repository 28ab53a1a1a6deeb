static inline float softplus(float z)
{
    return at_least(z, 0.0f) + ln_1p_f32(exp_f32(-fabsf(z)));
}
