/* Runs exported networks. For each network in turn, reads from stdin how many inputs follow (a uint32_t) and the inputs,
   and writes the outputs to stdout. Numbers are in the bytes of this machine. NETWORKS comes from the test:
   #define NETWORKS(entry) entry(a, A) entry(b, B) */
#include "networks.h"

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

typedef struct {
    const char *name;
    size_t inputs, outputs;
    void (*predict)(const float *input, float *output);
    int (*verify)(void);
} network;

#define ENTRY(lower, UPPER) {#lower, UPPER##_INPUTS, UPPER##_OUTPUTS, lower##_predict, lower##_verify},

static const network networks[] = {NETWORKS(ENTRY)};

int main(void)
{
    static float input[1024];
    static float output[1024];
    for (size_t n = 0; n < sizeof networks / sizeof networks[0]; n++) {
        const network *of = &networks[n];
        const int result = of->verify();
        if (result != 0) {
            fprintf(stderr, "%s_verify returned %d\n", of->name, result);
            return 1;
        }
        uint32_t samples;
        if (of->inputs > 1024 || of->outputs > 1024 || fread(&samples, sizeof samples, 1, stdin) != 1) {
            return 2;
        }
        for (uint32_t s = 0; s < samples; s++) {
            if (fread(input, sizeof(float), of->inputs, stdin) != of->inputs) {
                return 3;
            }
            of->predict(input, output);
            if (fwrite(output, sizeof(float), of->outputs, stdout) != of->outputs) {
                return 4;
            }
        }
    }
    return 0;
}
