/* Bytes ABI: counts its calls, and the rooms that it gave and got back. */
#include <stddef.h>
#include <stdint.h>

#define EXPORT(name) __attribute__((export_name(name)))

static uint8_t rooms[64][256];
static uint8_t taken[64];
static uint8_t calls;
static uint8_t given_back;

EXPORT("allocate") uint8_t *allocate(size_t length) {
    for (size_t i = 0; i < 64 && length <= 256; i++) {
        if (!taken[i]) {
            taken[i] = 1;
            return rooms[i];
        }
    }
    return 0;
}

/* Traps for what is no room, and for a room that comes back twice. */
EXPORT("dealloc") void deallocate(uint8_t *room, size_t length) {
    size_t i = (size_t)(room - rooms[0]) / 256;
    if (i >= 64 || room != rooms[i] || !taken[i] || length > 256) {
        __builtin_trap();
    }
    taken[i] = 0;
    given_back++;
}

static uint64_t digits(uint8_t *reply, uint8_t number) {
    reply[0] = (uint8_t)('0' + number / 100);
    reply[1] = (uint8_t)('0' + number / 10 % 10);
    reply[2] = (uint8_t)('0' + number % 10);
    return (uint64_t)(uintptr_t)reply << 32 | 3;
}

EXPORT("count") uint64_t count(uint8_t *payload, size_t length) {
    (void)payload, (void)length;
    return digits(allocate(3), ++calls);
}

EXPORT("given_back") uint64_t report(uint8_t *payload, size_t length) {
    (void)payload, (void)length;
    return digits(allocate(3), given_back);
}

/* The result lies inside the payload's room. */
EXPORT("rest") uint64_t rest(uint8_t *payload, size_t length) {
    return (uint64_t)(uintptr_t)(payload + 1) << 32 | (length - 1);
}

EXPORT("trap") uint64_t trap(uint8_t *payload, size_t length) {
    (void)payload, (void)length;
    __builtin_trap();
}

/* Counts, and keeps the instance busy meanwhile: a second thread in it would lose counts. */
EXPORT("busy") uint64_t busy(uint8_t *payload, size_t length) {
    (void)payload, (void)length;
    uint8_t before = calls;
    for (volatile int i = 0; i < 20000; i++) {
    }
    calls = (uint8_t)(before + 1);
    return digits(allocate(3), calls);
}

EXPORT("loop") uint64_t loop(uint8_t *payload, size_t length) {
    for (volatile uint32_t i = 0;; i++) {
    }
    return (uint64_t)(uintptr_t)payload << 32 | length;
}
