/* What the benchmark of calls calls. */
#include <stdint.h>

#define EXPORT(name) __attribute__((export_name(name)))

__attribute__((import_module("bench"), import_name("next"))) uint32_t next(uint32_t value);

EXPORT("empty") void empty(void) {}

EXPORT("add") uint32_t add(uint32_t a, uint32_t b) {
    return a + b;
}

EXPORT("call_host") uint32_t call_host(uint32_t times) {
    uint32_t value = 0;
    for (uint32_t i = 0; i < times; i++) {
        value = next(value);
    }
    return value;
}

/* Writes a byte into each 4 KiB of the first bytes of the memory, above the stack. */
EXPORT("dirty") void dirty(uint32_t bytes) {
    for (uint32_t at = 8192; at < bytes; at += 4096) {
        *(volatile uint8_t *)at = 1;
    }
}
