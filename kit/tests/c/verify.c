/* Returns what `digits_verify` does in the mode that the argument names. */
#include "digits.h"

#include <fenv.h>
#include <string.h>

#if defined(__SSE__)
#include <xmmintrin.h>
#endif

int main(int count, char **arguments)
{
    const char *mode = count == 2 ? arguments[1] : "default";
    if (strcmp(mode, "upward") == 0) {
        fesetround(FE_UPWARD);
    } else if (strcmp(mode, "downward") == 0) {
        fesetround(FE_DOWNWARD);
    } else if (strcmp(mode, "towards zero") == 0) {
        fesetround(FE_TOWARDZERO);
    } else if (strcmp(mode, "flush to zero") == 0) {
#if defined(__SSE__)
        _mm_setcsr(_mm_getcsr() | 0x8040);
#endif
    }
    return digits_verify();
}
