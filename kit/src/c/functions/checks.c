/* What the functions rely on. The numbers are volatile, so that the compiler does not compute any of this itself. */

/* Whether sums are rounded to nearest, and subnormal numbers are not replaced by zero. */
static int mode_is_default(void)
{
    volatile float one = 1.0f;
    volatile float more = 0x1.8p-24f; /* three quarters of the step from 1 to the next float */
    volatile float less = 0x1p-25f;   /* a quarter of it */
    volatile float smallest = FLT_MIN;
    volatile float half = 0.5f;
    const float up = one + more;
    const float down = one + less;
    const float subnormal = smallest * half;
    return to_bits(up) == to_bits(0x1.000002p+0f) && to_bits(down) == to_bits(1.0f) && to_bits(subnormal) == 0x400000u;
}

/* Whether fused(x, y, z) is rounded once: x * x lies in the middle of two floats, and z decides. */
static int fused_rounds_once(void)
{
    volatile float x = 0x1.001p+0f;
    volatile float z = 0x1p-60f;
    const float result = fused(x, x, z);
    return to_bits(result) == to_bits(0x1.002002p+0f);
}

/* Whether the compiler leaves a product and a sum apart: the product rounds to -z. */
static int products_are_rounded(void)
{
    volatile float factor = 0x1.001p+0f;
    volatile float z = -0x1.002p+0f;
    const float x = factor;
    const float result = x * x + z;
    return to_bits(result) == 0;
}
