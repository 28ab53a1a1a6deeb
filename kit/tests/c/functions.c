/* Applies the functions of an exported network, whose source this includes, to numbers. Reads from stdin which function
   (a uint32_t); then, for `fused`, triples of numbers until the end; for the others, the first argument, the step and the
   number of arguments, as bits. Writes the results to stdout. */
#include "functions_net.c"

#include <stdio.h>

#define BLOCK 4096

static float number(uint32_t function, float x)
{
    switch (function) {
    case 0: return exp_f32(x);
    case 1: return exp_m1_f32(x);
    case 2: return ln_1p_f32(x);
    case 3: return tanh_f32(x);
    case 4: return sigmoid_f32(x);
    case 5: return gelu_f32(x);
    default: return NAN;
    }
}

int main(void)
{
    static float block[BLOCK];
    uint32_t function;
    if (fread(&function, sizeof function, 1, stdin) != 1) {
        return 1;
    }
    if (function == 6) {
        float triple[3];
        while (fread(triple, sizeof triple, 1, stdin) == 1) {
            const float result = fused(triple[0], triple[1], triple[2]);
            fwrite(&result, sizeof result, 1, stdout);
        }
        return 0;
    }
    uint32_t range[3];
    if (fread(range, sizeof range, 1, stdin) != 1) {
        return 2;
    }
    uint32_t bits = range[0];
    for (uint32_t left = range[2]; left > 0;) {
        const uint32_t count = left < BLOCK ? left : BLOCK;
        for (uint32_t i = 0; i < count; i++) {
            block[i] = number(function, from_bits(bits));
            bits += range[1];
        }
        if (fwrite(block, sizeof(float), count, stdout) != count) {
            return 3;
        }
        left -= count;
    }
    return 0;
}
