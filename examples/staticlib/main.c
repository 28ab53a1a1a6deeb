/* Prints the bits of the outputs for some inputs. */
#include <inttypes.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "classifier.h"

int main(void)
{
    for (int sample = 0; sample < 8; sample++) {
        float input[CLASSIFIER_INPUTS];
        float output[CLASSIFIER_OUTPUTS];
        for (int i = 0; i < CLASSIFIER_INPUTS; i++) {
            input[i] = (float)((sample * 4 + i) * 37 % 65) / 16.0f - 2.0f;
        }
        classifier_predict(input, output);
        for (int j = 0; j < CLASSIFIER_OUTPUTS; j++) {
            uint32_t bits;
            memcpy(&bits, &output[j], sizeof bits);
            printf("%s%08" PRIx32, j == 0 ? "" : " ", bits);
        }
        printf("\n");
    }
    return 0;
}
