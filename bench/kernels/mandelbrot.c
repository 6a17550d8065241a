/* The Mandelbrot set on n by n points: floating point in registers. */
#include "kernel.h"

uint32_t run(uint32_t n) {
    uint32_t steps = 0;
    for (uint32_t row = 0; row < n; row++) {
        for (uint32_t column = 0; column < n; column++) {
            double cr = 3.0 * column / n - 2.0, ci = 2.0 * row / n - 1.0, r = 0, i = 0;
            for (int step = 0; step < 100 && r * r + i * i < 4.0; step++) {
                double next = r * r - i * i + cr;
                i = 2 * r * i + ci;
                r = next;
                steps++;
            }
        }
    }
    return steps;
}
