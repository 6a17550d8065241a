/* The functions of an Extism host, imported by hand. */
#pragma once
#include <stddef.h>
#include <stdint.h>

#define IMPORT(name) __attribute__((import_module("extism:host/env"), import_name(name)))
#define EXPORT(name) __attribute__((export_name(name)))

typedef uint64_t handle;

IMPORT("alloc") handle x_alloc(uint64_t length);
IMPORT("free") void x_free(handle);
IMPORT("length") uint64_t x_length(handle);
IMPORT("length_unsafe") uint64_t x_length_unsafe(handle);
IMPORT("load_u8") uint32_t x_load_u8(uint64_t at);
IMPORT("load_u64") uint64_t x_load_u64(uint64_t at);
IMPORT("store_u8") void x_store_u8(uint64_t at, uint32_t value);
IMPORT("store_u64") void x_store_u64(uint64_t at, uint64_t value);
IMPORT("input_length") uint64_t x_input_length(void);
IMPORT("input_offset") handle x_input_offset(void);
IMPORT("input_load_u8") uint32_t x_input_load_u8(uint64_t offset);
IMPORT("input_load_u64") uint64_t x_input_load_u64(uint64_t offset);
IMPORT("output_set") void x_output_set(uint64_t at, uint64_t length);
IMPORT("error_set") void x_error_set(handle);
IMPORT("error_get") handle x_error_get(void);
IMPORT("config_get") handle x_config_get(handle key);
IMPORT("var_get") handle x_var_get(handle key);
IMPORT("var_set") void x_var_set(handle key, handle value);
IMPORT("http_request") handle x_http_request(handle request, handle body);
IMPORT("http_status_code") uint32_t x_http_status_code(void);
IMPORT("http_headers") handle x_http_headers(void);
IMPORT("log_trace") void x_log_trace(handle);
IMPORT("log_debug") void x_log_debug(handle);
IMPORT("log_info") void x_log_info(handle);
IMPORT("log_warn") void x_log_warn(handle);
IMPORT("log_error") void x_log_error(handle);
IMPORT("get_log_level") uint32_t x_get_log_level(void);

static inline size_t text_length(const char *text) {
    size_t length = 0;
    while (text[length] != 0) {
        length++;
    }
    return length;
}

/* Writes bytes into a block, eight at a time as the kits do. */
static inline void x_store(handle block, const void *bytes, size_t length) {
    const uint8_t *from = bytes;
    size_t i = 0;
    for (; i + 8 <= length; i += 8) {
        uint64_t word;
        __builtin_memcpy(&word, from + i, 8);
        x_store_u64(block + i, word);
    }
    for (; i < length; i++) {
        x_store_u8(block + i, from[i]);
    }
}

static inline void x_load(handle block, void *bytes, size_t length) {
    uint8_t *to = bytes;
    size_t i = 0;
    for (; i + 8 <= length; i += 8) {
        uint64_t word = x_load_u64(block + i);
        __builtin_memcpy(to + i, &word, 8);
    }
    for (; i < length; i++) {
        to[i] = (uint8_t)x_load_u8(block + i);
    }
}

static inline handle x_bytes(const void *bytes, size_t length) {
    handle block = x_alloc(length);
    x_store(block, bytes, length);
    return block;
}

static inline handle x_text(const char *text) {
    return x_bytes(text, text_length(text));
}

static inline void x_output(handle block) {
    x_output_set(block, x_length(block));
}

static inline void x_output_text(const char *text) {
    x_output(x_text(text));
}

static inline void x_output_number(uint64_t number) {
    char digits[20];
    size_t at = sizeof digits;
    do {
        digits[--at] = (char)('0' + number % 10);
        number /= 10;
    } while (number != 0);
    x_output(x_bytes(digits + at, sizeof digits - at));
}
