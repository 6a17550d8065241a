/* Counts vowels. An Extism plugin without a kit: the host holds input and output, and hands them out by offset. Any
 * Extism host runs this file; the functions are those of the public plugin kits. */
#include <stddef.h>
#include <stdint.h>

#define HOST(name) __attribute__((import_module("extism:host/env"), import_name(#name)))
#define EXPORT(name) __attribute__((export_name(#name)))

HOST(alloc) uint64_t host_alloc(uint64_t length);
HOST(store_u8) void host_store_u8(uint64_t at, uint32_t byte);
HOST(input_length) uint64_t host_input_length(void);
HOST(input_load_u64) uint64_t host_input_load_u64(uint64_t offset);
HOST(input_load_u8) uint32_t host_input_load_u8(uint64_t offset);
HOST(output_set) void host_output_set(uint64_t at, uint64_t length);

static uint64_t total;

static uint64_t is_vowel(uint32_t letter) {
    switch (letter | 0x20) {
    case 'a':
    case 'e':
    case 'i':
    case 'o':
    case 'u':
        return 1;
    default:
        return 0;
    }
}

static size_t put(char *to, const char *text) {
    size_t length = 0;
    for (; text[length] != 0; length++) {
        to[length] = text[length];
    }
    return length;
}

static size_t put_number(char *to, uint64_t number) {
    char digits[20];
    size_t count = 0;
    do {
        digits[count++] = (char)('0' + number % 10);
        number /= 10;
    } while (number != 0);
    for (size_t i = 0; i < count; i++) {
        to[i] = digits[count - 1 - i];
    }
    return count;
}

/* Answers {"count":3,"total":3}; the total goes on from call to call. */
EXPORT(count_vowels) int32_t count_vowels(void) {
    uint64_t length = host_input_length();
    uint64_t count = 0;
    uint64_t at = 0;
    for (; at + 8 <= length; at += 8) {
        uint64_t letters = host_input_load_u64(at);
        for (int i = 0; i < 8; i++, letters >>= 8) {
            count += is_vowel(letters & 0xff);
        }
    }
    for (; at < length; at++) {
        count += is_vowel(host_input_load_u8(at));
    }
    total += count;
    char answer[64];
    size_t size = put(answer, "{\"count\":");
    size += put_number(answer + size, count);
    size += put(answer + size, ",\"total\":");
    size += put_number(answer + size, total);
    size += put(answer + size, "}");
    uint64_t block = host_alloc(size);
    for (size_t i = 0; i < size; i++) {
        host_store_u8(block + i, (uint8_t)answer[i]);
    }
    host_output_set(block, size);
    return 0;
}
