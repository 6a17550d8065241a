/* n steps of five bodies that attract each other: floating point, square roots, small structures. */
#include "kernel.h"

enum { BODIES = 5 };
static struct { double x, y, z, vx, vy, vz, mass; } body[BODIES];

static void start(void) {
    for (int i = 0; i < BODIES; i++) {
        double far = i * 7.5;
        body[i].x = far, body[i].y = far * 0.3 - i, body[i].z = 0.1 * i;
        body[i].vx = 0.02 * i, body[i].vy = i == 0 ? 0 : 2.3 / i, body[i].vz = 0.01 * i;
        body[i].mass = i == 0 ? 39.5 : 0.004 * i;
    }
}

static void step(double time) {
    for (int i = 0; i < BODIES; i++) {
        for (int j = i + 1; j < BODIES; j++) {
            double dx = body[i].x - body[j].x, dy = body[i].y - body[j].y, dz = body[i].z - body[j].z;
            double square = dx * dx + dy * dy + dz * dz;
            double force = time / (square * __builtin_sqrt(square));
            double mi = body[i].mass * force, mj = body[j].mass * force;
            body[i].vx -= dx * mj, body[i].vy -= dy * mj, body[i].vz -= dz * mj;
            body[j].vx += dx * mi, body[j].vy += dy * mi, body[j].vz += dz * mi;
        }
    }
    for (int i = 0; i < BODIES; i++) {
        body[i].x += time * body[i].vx, body[i].y += time * body[i].vy, body[i].z += time * body[i].vz;
    }
}

uint32_t run(uint32_t n) {
    start();
    for (uint32_t i = 0; i < n; i++) {
        step(0.001);
    }
    double sum = 0;
    for (int i = 0; i < BODIES; i++) {
        sum += body[i].x + 2 * body[i].y + 3 * body[i].z;
    }
    return (uint32_t)(int64_t)(sum * 1e6);
}
