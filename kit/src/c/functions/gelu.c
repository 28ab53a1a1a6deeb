/* z P(z) with the normal distribution function P: max(z, 0) - a Q(a) with a = |z| and Q(a) = P(-a). */
static inline float gelu_f32(float z)
{
    const float a = at_most(fabsf(z), 15.0f);
    const float square = a * a;
    /* Q(a) = e^(-a^2/2) R(a), where R is a quotient of polynomials. a = h + d, and h^2 is exact. */
    const float h = (a + 0x1.8p+15f) - 0x1.8p+15f;
    const float h2 = h * h;
    const float rest = (a - h) * (a + h);
    const float round = ROUND + 190.0f;
    const float sum = fused(h2, -0x1.715476p-1f, round);
    const float n = sum - round;
    const float high = fused(n, -LN2_HIGH, h2 * -0.5f);
    const float r = high - fused(rest, 0.5f, n * LN2_LOW);
    const float e = 1.0f + fused(r * r, exp_polynomial(r), r);
    const float top_even = fused(fused(0x1.102f7ap-8f, square, 0x1.78c4bp-3f), square, 0.5f);
    const float top_odd = fused(0x1.4ee5d4p-5f, square, 0x1.c1d374p-2f);
    const float bottom_even = fused(fused(0x1.a3c1cep-4f, square, 0x1.349ec2p+0f), square, 1.0f);
    const float bottom_odd = fused(fused(0x1.55215ap-7f, square, 0x1.e2b8d4p-2f), square, 0x1.ad2beap+0f);
    const float ratio = fused(top_odd, a, top_even) / fused(bottom_odd, a, bottom_even);
    return fused(a * ratio * e * power(sum), -0x1p-63f, at_least(z, 0.0f));
}
