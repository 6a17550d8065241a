/* Bytes ABI; asks the host for its services and tells what it answered. */
#include "../../../../../plugins/include/plugin_wasm.h"

#define EXPORT(name) __attribute__((export_name(name)))

static uint8_t room[65536];
static char answer[65536];
static size_t answered;

EXPORT("plugin_alloc") uint8_t *plugin_alloc(size_t length) {
    return length < sizeof room ? room : 0;
}

static void add(const char *text, size_t length) {
    for (size_t i = 0; i < length; i++) {
        answer[answered++] = text[i];
    }
}

static void add_number(int64_t number) {
    char digits[20];
    size_t count = 0;
    uint64_t left = number < 0 ? -(uint64_t)number : (uint64_t)number;
    do {
        digits[sizeof digits - ++count] = (char)('0' + left % 10);
        left /= 10;
    } while (left > 0);
    if (number < 0) {
        add("-", 1);
    }
    add(digits + sizeof digits - count, count);
}

static uint64_t done(void) {
    uint64_t length = answered;
    answered = 0;
    return (uint64_t)(uintptr_t)answer << 32 | length;
}

/* The length up to the next character of this kind. */
static size_t until(const char *text, size_t length, char end) {
    size_t i = 0;
    while (i < length && text[i] != end) {
        i++;
    }
    return i;
}

/* key=value */
EXPORT("put") uint64_t put(const char *text, size_t length) {
    size_t key = until(text, length, '=');
    add_number(plugin_kv_put(text, key, text + key + 1, length - key - 1));
    return done();
}

/* The number of bytes of a value. */
EXPORT("put_large") uint64_t put_large(const char *text, size_t length) {
    size_t count = 0;
    for (size_t i = 0; i < length; i++) {
        count = count * 10 + (size_t)(text[i] - '0');
    }
    add_number(plugin_kv_put("large", 5, answer, count));
    return done();
}

EXPORT("remove") uint64_t remove_key(const char *key, size_t length) {
    add_number(plugin_kv_put(key, length, NULL, 0));
    return done();
}

EXPORT("get") uint64_t get(const char *key, size_t length) {
    char value[64];
    int64_t found = plugin_kv_get(key, length, value, sizeof value);
    add_number(found);
    add(" ", 1);
    add(value, found < 0 ? 0 : found > 64 ? 64 : (size_t)found);
    return done();
}

EXPORT("get_into_three_bytes") uint64_t get_short(const char *key, size_t length) {
    char value[] = "-----";
    add_number(plugin_kv_get(key, length, value + 1, 3));
    add(" ", 1);
    add(value, 5);
    return done();
}

/* Names that can be no keys: of no bytes, too long, not UTF-8. */
EXPORT("odd_keys") uint64_t odd_keys(const char *text, size_t length) {
    (void)text, (void)length;
    char longest[256];
    for (size_t i = 0; i < sizeof longest; i++) {
        longest[i] = 'k';
    }
    add_number(plugin_kv_put(longest, 0, "v", 1));
    add_number(plugin_kv_put(longest, 256, "v", 1));
    add_number(plugin_kv_put("\xff", 1, "v", 1));
    add_number(plugin_kv_get("\xc3", 1, answer, 0));
    add_number(plugin_kv_put(longest, 255, "v", 1));
    return done();
}

static void add_result(int64_t found) {
    static char result[65536];
    add_number(found);
    add(" ", 1);
    int64_t length = plugin_call_result(result, sizeof result);
    add(result, (size_t)length < 200 ? (size_t)length : 200);
}

/* plugin function payload */
EXPORT("call") uint64_t call(const char *text, size_t length) {
    size_t plugin = until(text, length, ' ');
    size_t function = until(text + plugin + 1, length - plugin - 1, ' ');
    const char *payload = text + plugin + function + 2;
    add_result(plugin_call(text, plugin, text + plugin + 1, function, payload, length - plugin - function - 2));
    return done();
}

EXPORT("call_with_large_payload") uint64_t call_large(const char *text, size_t length) {
    add_result(plugin_call("other", 5, "f", 1, answer, 65000 + (size_t)(text[0] - '0') * 1000));
    (void)length;
    return done();
}

EXPORT("result_without_call") uint64_t result_without_call(const char *text, size_t length) {
    (void)text, (void)length;
    add_number(plugin_call_result(answer, sizeof answer));
    return done();
}

EXPORT("odd_names") uint64_t odd_names(const char *text, size_t length) {
    (void)text, (void)length;
    add_result(plugin_call("other", 0, "f", 1, "", 0));
    add_result(plugin_call("Other", 5, "f", 1, "", 0));
    add_result(plugin_call("other", 5, "\xff", 1, "", 0));
    return done();
}

/* Ranges outside of the memory, by number. */
EXPORT("outside") uint64_t outside(const char *text, size_t length) {
    (void)length;
    char *end = (char *)(__builtin_wasm_memory_size(0) * 65536);
    switch (text[0]) {
    case '0':
        return (uint64_t)plugin_kv_get(end - 1, 2, answer, 1);
    case '1':
        return (uint64_t)plugin_kv_get("k", 1, end, 1);
    case '2':
        return (uint64_t)plugin_kv_get("k", 1, answer, 0xffffffffu);
    case '3':
        return (uint64_t)plugin_kv_put("k", 1, end - 1, 2);
    case '4':
        return (uint64_t)plugin_kv_put("k", 1, (void *)1, 0xffffffffu);
    case '5':
        return (uint64_t)plugin_kv_put((void *)0xfffffff0u, 64, "v", 1);
    case '6':
        return (uint64_t)plugin_call(end, 1, "f", 1, "", 0);
    case '7':
        return (uint64_t)plugin_call("other", 5, end, 1, "", 0);
    case '8':
        return (uint64_t)plugin_call("other", 5, "f", 1, end - 4, 5);
    default:
        return (uint64_t)plugin_call_result(end - 4, 5);
    }
}

/* Not a loop: each level is a frame. */
static int64_t deeper(int64_t level) {
    int64_t code = plugin_kv_get("k", 1, answer, 1);
    return code == -100 ? level : deeper(level + 1) + code;
}

EXPORT("recurse") uint64_t recurse(const char *text, size_t length) {
    (void)text, (void)length;
    return (uint64_t)deeper(0);
}
