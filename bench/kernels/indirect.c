/* n calls through a table of functions in an order that no predictor knows. */
#include "kernel.h"

static uint32_t add(uint32_t v) { return v + 0x9e3779b9; }
static uint32_t xor(uint32_t v) { return v ^ v << 13; }
static uint32_t multiply(uint32_t v) { return v * 2654435761u; }
static uint32_t rotate(uint32_t v) { return v << 5 | v >> 27; }
static uint32_t shift(uint32_t v) { return v ^ v >> 17; }
static uint32_t negate(uint32_t v) { return ~v; }
static uint32_t less(uint32_t v) { return v - 0x61c88647; }
static uint32_t spread(uint32_t v) { return v ^ v << 5; }

static uint32_t (*volatile const TABLE[8])(uint32_t) = {add, xor, multiply, rotate, shift, negate, less, spread};

uint32_t run(uint32_t n) {
    uint32_t value = 1, random = 12345;
    for (uint32_t i = 0; i < n; i++) {
        random = random * 1664525 + 1013904223;
        value = TABLE[random >> 29](value);
    }
    return value;
}
