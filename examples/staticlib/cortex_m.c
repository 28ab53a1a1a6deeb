/* What a Cortex-M4F needs before `_start` of newlib, which calls `main`: the vector table, and the floating-point unit
   switched on. Your board support package has both. */
#include <stdint.h>

extern void _start(void);

static void reset(void)
{
    *(volatile uint32_t *)0xE000ED88u |= 0xFu << 20; /* CPACR: access to the unit for all code */
    __asm__ volatile("dsb\n\tisb");
    _start();
}

static void fault(void)
{
    for (;;) {
    }
}

__attribute__((section(".vectors"), used)) const uintptr_t vectors[] = {
    0x20010000u, (uintptr_t)reset, (uintptr_t)fault, (uintptr_t)fault,
};
