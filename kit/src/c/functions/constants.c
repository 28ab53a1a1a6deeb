/* Adding 1.5 * 2^23 rounds to an integer, which is then in the low bits of the sum. */
#define ROUND 0x1.8p+23f
#define LN2_HIGH 0x1.62e4p-1f
#define LN2_LOW 0x1.7f7d1cp-20f
