/* The product of two n by n matrices: floating point and strided memory. */
#include "kernel.h"

enum { MOST = 320 };
static double a[MOST * MOST], b[MOST * MOST], c[MOST * MOST];

uint32_t run(uint32_t n) {
    for (uint32_t i = 0; i < n * n; i++) {
        a[i] = (double)(i % 17) * 0.25;
        b[i] = (double)(i % 13) * 0.5;
        c[i] = 0;
    }
    for (uint32_t i = 0; i < n; i++) {
        for (uint32_t k = 0; k < n; k++) {
            double factor = a[i * n + k];
            for (uint32_t j = 0; j < n; j++) {
                c[i * n + j] += factor * b[k * n + j];
            }
        }
    }
    double sum = 0;
    for (uint32_t i = 0; i < n * n; i++) {
        sum += c[i];
    }
    return (uint32_t)(int64_t)sum;
}
