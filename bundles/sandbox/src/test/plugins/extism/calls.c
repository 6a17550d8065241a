/* A plugin that does with its host what plugins do, and what they should not. */
#include "extism.h"

static uint32_t calls;
static handle kept;

EXPORT("echo") int32_t echo(void) {
    uint64_t length = x_input_length();
    handle out = x_alloc(length);
    uint64_t i = 0;
    for (; i + 8 <= length; i += 8) {
        x_store_u64(out + i, x_input_load_u64(i));
    }
    for (; i < length; i++) {
        x_store_u8(out + i, x_input_load_u8(i));
    }
    x_output_set(out, length);
    return 0;
}

EXPORT("echo_input_block") void echo_input_block(void) {
    x_output_set(x_input_offset(), x_length(x_input_offset()));
}

EXPORT("count_vowels") int32_t count_vowels(void) {
    uint64_t length = x_input_length();
    uint64_t vowels = 0;
    for (uint64_t i = 0; i < length; i++) {
        switch (x_input_load_u8(i)) {
        case 'a': case 'e': case 'i': case 'o': case 'u':
        case 'A': case 'E': case 'I': case 'O': case 'U':
            vowels++;
        }
    }
    x_output_number(vowels);
    return 0;
}

/* Globals and linear memory of the guest. */
EXPORT("count_calls") int32_t count_calls(void) {
    x_output_number(++calls);
    return 0;
}

EXPORT("output_part") int32_t output_part(void) {
    handle text = x_text("left middle right");
    x_output_set(text, 4);
    x_output_set(text + 5, 6);
    x_output_set(text + 5, 600);
    x_output_set(1, 2);
    return 0;
}

EXPORT("output_nothing_after_all") int32_t output_nothing_after_all(void) {
    x_output_text("something");
    x_output_set(0, 0);
    return 0;
}

EXPORT("output_freed") int32_t output_freed(void) {
    handle text = x_text("freed");
    x_output(text);
    x_free(text);
    return 0;
}

EXPORT("large") int32_t large(void) {
    handle block = x_alloc(1 << 20);
    x_output_set(block, 1 << 20);
    return 0;
}

/* Every line is a number that a test expects. */
#define CHECK(condition) do { if (!(condition)) { x_output_number(__LINE__); return 0; } } while (0)

EXPORT("memory_rules") int32_t memory_rules(void) {
    CHECK(x_alloc(0) == 0);
    handle a = x_alloc(11);
    handle b = x_alloc(100);
    CHECK(a != 0 && b != 0 && a != b);
    CHECK(x_length(a) == 11 && x_length_unsafe(a) == 11 && x_length(b) == 100);
    CHECK(x_length(a + 1) == 0 && x_length(0) == 0 && x_length(~0ULL) == 0 && x_length(1ULL << 40) == 0);
    CHECK(x_load_u64(a) == 0 && x_load_u8(a + 10) == 0);
    x_store_u64(a + 3, 0x1122334455667788);
    CHECK(x_load_u64(a + 3) == 0x1122334455667788 && x_load_u8(a + 3) == 0x88 && x_load_u8(a + 10) == 0x11);
    /* Beyond the end there is nothing to read and nothing to write. */
    CHECK(x_load_u8(a + 11) == 0 && x_load_u64(a + 11) == 0);
    CHECK(x_load_u64(a + 8) == 0x112233);
    x_store_u8(a + 11, 7);
    CHECK(x_load_u8(a + 11) == 0);
    x_store_u64(a + 9, ~0ULL);
    CHECK(x_load_u8(a + 9) == 0xff && x_load_u8(a + 10) == 0xff && x_load_u8(b) == 0);
    CHECK(x_load_u8(0) == 0 && x_load_u8(1) == 0 && x_load_u64(~0ULL) == 0 && x_load_u64(~0ULL - 6) == 0);
    CHECK(x_load_u64(1ULL << 32) == 0 && x_load_u64(a + (1ULL << 32)) == 0 && x_load_u8(1ULL << 63) == 0);
    x_store_u64(~0ULL, 1);
    x_store_u8(a + (1ULL << 32), 1);
    x_store_u64(0, ~0ULL);
    CHECK(x_load_u64(a + 3) != 1);
    /* What is freed is gone, once. */
    x_free(a);
    CHECK(x_length(a) == 0 && x_load_u64(a) == 0);
    x_store_u8(a, 1);
    x_free(a);
    x_free(0);
    x_free(12345);
    x_free(~0ULL);
    handle c = x_alloc(11);
    CHECK(c != 0 && c != b && x_length(c) == 11 && x_load_u64(c + 3) == 0);
    /* A part of a block is no block. */
    x_free(b + 16);
    CHECK(x_length(b) == 100);
    CHECK(x_alloc(~0ULL) == 0 && x_alloc(1ULL << 62) == 0 && x_alloc(0x7fffffff) == 0);
    x_output_text("all right");
    return 0;
}

EXPORT("input_rules") int32_t input_rules(void) {
    CHECK(x_input_length() == 11 && x_length(x_input_offset()) == 11);
    CHECK(x_input_load_u8(0) == 'h' && x_input_load_u8(10) == 'd');
    CHECK(x_input_load_u8(11) == 0 && x_input_load_u8(~0ULL) == 0 && x_input_load_u8(1ULL << 32) == 0);
    CHECK(x_input_load_u64(3) != 0 && x_input_load_u64(4) == 0 && x_input_load_u64(~0ULL) == 0);
    CHECK(x_load_u8(x_input_offset() + 10) == 'd');
    x_free(x_input_offset());
    CHECK(x_input_length() == 0 && x_input_load_u8(0) == 0);
    x_output_text("all right");
    return 0;
}

EXPORT("error_rules") int32_t error_rules(void) {
    CHECK(x_error_get() == 0);
    handle text = x_text("no");
    x_error_set(text);
    CHECK(x_error_get() == text);
    x_error_set(text + 1);
    x_error_set(99999);
    CHECK(x_error_get() == text);
    x_error_set(0);
    CHECK(x_error_get() == 0);
    x_output_text("all right");
    return 0;
}

/* Handles of an earlier call are dead. */
EXPORT("keep_handle") int32_t keep_handle(void) {
    x_output_number(kept == 0 ? 9 : x_load_u8(kept + 3000));
    x_alloc(4000 - 16);
    kept = x_alloc(4000);
    x_store_u8(kept + 3000, 'k');
    return 0;
}

/* Until there is no more; then all is freed, and there is again. */
EXPORT("alloc_all") int32_t alloc_all(void) {
    uint64_t pieces = 0;
    handle first = 0;
    handle last = 0;
    for (handle block; (block = x_alloc(1000)) != 0; pieces++) {
        first = first == 0 ? block : first;
        last = block;
        x_store_u8(block + 999, 1);
    }
    for (handle block = first; block <= last; block += 16) {
        x_free(block);
    }
    handle all = x_alloc(pieces * 1000);
    if (all == 0) {
        return 1;
    }
    x_free(all);
    x_output_number(pieces);
    return 0;
}

EXPORT("alloc_and_free") int32_t alloc_and_free(void) {
    for (uint32_t i = 0; i < 1000000; i++) {
        handle small = x_alloc(24 + i % 64);
        handle large = x_alloc(4096 + i % 1024);
        if (small == 0 || large == 0) {
            return 1;
        }
        x_store_u8(large + 4000, 1);
        x_free(small);
        x_free(large);
    }
    return 0;
}

EXPORT("alloc_tiny") int32_t alloc_tiny(void) {
    uint64_t count = 0;
    handle last = 0;
    for (handle block; (block = x_alloc(1)) != 0; count++) {
        last = block;
    }
    x_free(last);
    x_output_number(count);
    return 0;
}

EXPORT("fail_with_text") int32_t fail_with_text(void) {
    x_error_set(x_text("the wheel came off"));
    return 1;
}

EXPORT("fail_although_zero") int32_t fail_although_zero(void) {
    calls++;
    x_error_set(x_text("not so fine"));
    return 0;
}

EXPORT("fail_with_code") int32_t fail_with_code(void) {
    x_output_text("never seen");
    return 7;
}

EXPORT("trap") int32_t trap(void) {
    __builtin_trap();
}

EXPORT("trap_with_text") int32_t trap_with_text(void) {
    x_error_set(x_text("I meant to do this"));
    __builtin_trap();
}

EXPORT("loop") void loop(void) {
    for (volatile int i = 0;; i++) {
    }
}

EXPORT("no_result") void no_result(void) {
    x_output_text("done");
}

EXPORT("get_config") int32_t get_config(void) {
    handle key = x_input_offset();
    handle value = x_config_get(key);
    /* The key's block is gone; its place may be the value's. */
    CHECK((key == value || x_length(key) == 0) && x_input_length() == 0);
    if (value == 0) {
        x_output_text("(unset)");
    } else {
        x_output(value);
    }
    return 0;
}

EXPORT("get_var") int32_t get_var(void) {
    handle key = x_input_offset();
    handle value = x_var_get(key);
    CHECK(key == value || x_length(key) == 0);
    if (value == 0) {
        x_output_text("(unset)");
    } else {
        x_output(value);
    }
    return 0;
}

/* The input is the value. */
EXPORT("set_var") int32_t set_var(void) {
    handle key = x_text("v");
    handle value = x_input_offset();
    x_var_set(key, value);
    CHECK(x_length(key) == 0 && x_length(value) == 0);
    return 0;
}

EXPORT("delete_var") int32_t delete_var(void) {
    x_var_set(x_text("v"), 0);
    return 0;
}

/* Many variables, each with a name of its own. */
EXPORT("fill_vars") int32_t fill_vars(void) {
    for (uint32_t i = 0;; i++) {
        x_var_set(x_bytes(&i, sizeof i), x_text("x"));
    }
}

EXPORT("bad_handle") int32_t bad_handle(void) {
    x_var_get(4242);
    return 0;
}

/* Remembers, allocates and forgets: what a busy plugin does. */
EXPORT("soak") int32_t soak(void) {
    handle old = x_var_get(x_text("n"));
    uint64_t n = old == 0 ? 0 : x_load_u64(old);
    n++;
    x_var_set(x_text("n"), x_bytes(&n, sizeof n));
    handle scratch = x_alloc(100 + n % 5000);
    x_store_u64(scratch + 92, n);
    x_free(scratch);
    x_alloc(300);
    x_output_number(x_load_u64(x_var_get(x_text("n"))));
    return 0;
}

EXPORT("say") int32_t say(void) {
    x_log_trace(x_text("a trace"));
    x_log_debug(x_text("a detail"));
    x_log_info(x_text("two\nlines\n"));
    x_log_warn(x_text("a warning"));
    x_log_error(x_input_offset());
    x_log_info(x_alloc(0));
    CHECK(x_input_length() == 0);
    x_output_number(x_get_log_level());
    return 0;
}

EXPORT("say_much") int32_t say_much(void) {
    for (int i = 0; i < 100000; i++) {
        x_log_info(x_text("and another line of no use to anyone"));
    }
    return 0;
}

/* The input is the request; the answer is status, a blank, headers, a newline and the body. */
EXPORT("fetch") int32_t fetch(void) {
    CHECK(x_http_status_code() == 0 && x_http_headers() == 0);
    handle body = x_http_request(x_input_offset(), 0);
    uint32_t status = x_http_status_code();
    handle headers = x_http_headers();
    uint64_t length = 4 + x_length(headers) + 1 + x_length(body);
    handle out = x_alloc(length);
    x_store_u8(out, '0' + status / 100);
    x_store_u8(out + 1, '0' + status / 10 % 10);
    x_store_u8(out + 2, '0' + status % 10);
    x_store_u8(out + 3, ' ');
    uint64_t at = 4;
    for (uint64_t i = 0; i < x_length(headers); i++) {
        x_store_u8(out + at++, x_load_u8(headers + i));
    }
    x_store_u8(out + at++, '\n');
    for (uint64_t i = 0; i < x_length(body); i++) {
        x_store_u8(out + at++, x_load_u8(body + i));
    }
    x_output_set(out, length);
    return 0;
}

EXPORT("post") int32_t post(void) {
    x_output(x_http_request(x_input_offset(), x_text("the body")));
    return 0;
}
