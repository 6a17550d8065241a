/* The primes below n by the sieve of Eratosthenes: byte stores with growing strides. */
#include "kernel.h"

enum { MOST = 8000000 };
static uint8_t composite[MOST];

uint32_t run(uint32_t n) {
    uint32_t primes = 0;
    for (uint32_t i = 0; i < n; i++) {
        composite[i] = 0;
    }
    for (uint32_t i = 2; i < n; i++) {
        if (composite[i]) {
            continue;
        }
        primes++;
        for (uint64_t multiple = (uint64_t)i * i; multiple < n; multiple += i) {
            composite[multiple] = 1;
        }
    }
    return primes;
}
