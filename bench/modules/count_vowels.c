/* The example that every Extism user knows: counts the vowels of its input and keeps a total in a variable. Config
 * "vowels" says which letters count. Written against the ABI of extism:host/env, without a kit. */
#include <stdint.h>

#define HOST(name) __attribute__((import_module("extism:host/env"), import_name(#name)))

HOST(input_length) uint64_t input_length(void);
HOST(input_load_u8) uint32_t input_load_u8(uint64_t at);
HOST(alloc) uint64_t alloc(uint64_t bytes);
HOST(length) uint64_t length(uint64_t handle);
HOST(load_u8) uint32_t load_u8(uint64_t at);
HOST(store_u8) void store_u8(uint64_t at, uint32_t value);
HOST(output_set) void output_set(uint64_t handle, uint64_t bytes);
HOST(config_get) uint64_t config_get(uint64_t key);
HOST(var_get) uint64_t var_get(uint64_t key);
HOST(var_set) void var_set(uint64_t key, uint64_t value);

static uint64_t block(const char *text, uint32_t bytes) {
    uint64_t handle = alloc(bytes);
    for (uint32_t i = 0; i < bytes; i++) {
        store_u8(handle + i, (uint8_t)text[i]);
    }
    return handle;
}

#define BLOCK(text) block(text, sizeof(text) - 1)

static uint32_t append(char *to, uint32_t at, const char *text) {
    while (*text) {
        to[at++] = *text++;
    }
    return at;
}

static uint32_t append_number(char *to, uint32_t at, uint32_t number) {
    char digits[11];
    uint32_t first = 10;
    digits[10] = 0;
    do {
        digits[--first] = (char)('0' + number % 10);
        number /= 10;
    } while (number);
    return append(to, at, digits + first);
}

static uint32_t read_total(void) {
    uint64_t kept = var_get(BLOCK("total"));
    uint32_t total = 0;
    for (uint32_t i = 0; kept && i < 4; i++) {
        total |= load_u8(kept + i) << 8 * i;
    }
    return total;
}

static void write_total(uint32_t total) {
    char bytes[4];
    for (uint32_t i = 0; i < 4; i++) {
        bytes[i] = (char)(total >> 8 * i);
    }
    var_set(BLOCK("total"), block(bytes, 4));
}

__attribute__((export_name("count_vowels"))) int32_t count_vowels(void) {
    char vowels[64] = "aeiouAEIOU";
    uint64_t wanted = config_get(BLOCK("vowels"));
    if (wanted) {
        uint32_t bytes = (uint32_t)length(wanted);
        for (uint32_t i = 0; i < bytes && i < sizeof vowels - 1; i++) {
            vowels[i] = (char)load_u8(wanted + i);
            vowels[i + 1] = 0;
        }
    }
    uint64_t bytes = input_length();
    uint32_t count = 0;
    for (uint64_t i = 0; i < bytes; i++) {
        uint32_t letter = input_load_u8(i);
        for (const char *vowel = vowels; *vowel; vowel++) {
            count += letter == (uint8_t)*vowel;
        }
    }
    uint32_t total = read_total() + count;
    write_total(total);
    char out[160];
    uint32_t end = append(out, 0, "{\"count\":");
    end = append_number(out, end, count);
    end = append(out, end, ",\"total\":");
    end = append_number(out, end, total);
    end = append(out, end, ",\"vowels\":\"");
    end = append(out, end, vowels);
    end = append(out, end, "\"}");
    output_set(block(out, end), end);
    return 0;
}
