/* Writes a list of records as JSON, parses it into a tree and writes the tree again with indents; n times. */
#include <string.h>

#include "kernel.h"

enum { TEXT = 1 << 18, NODES = 1 << 14, RECORDS = 200 };
enum kind { OBJECT, ARRAY, STRING, NUMBER, WORD };

struct node {
    enum kind kind;
    const char *text, *key; /* into the source: nothing is copied */
    uint32_t length, key_length;
    struct node *child, *next;
};

static char source[TEXT], target[TEXT];
static struct node nodes[NODES];
static uint32_t used, at, written;

static void put(const char *text, uint32_t length) {
    memcpy(target + written, text, length);
    written += length;
}

#define PUT(text) put(text, sizeof(text) - 1)

static void put_number(uint32_t number) {
    char digits[10];
    uint32_t count = 0;
    do {
        digits[count++] = (char)('0' + number % 10);
        number /= 10;
    } while (number);
    while (count) {
        target[written++] = digits[--count];
    }
}

static void make_source(void) {
    written = 0;
    PUT("[");
    for (uint32_t i = 0; i < RECORDS; i++) {
        put(",", i > 0);
        PUT("{\"id\":");
        put_number(i * 7919);
        PUT(",\"name\":\"record \\u00e9 \\\"");
        put_number(i);
        PUT("\\\"\",\"tags\":[\"alpha\",\"beta\",\"gamma\"],\"at\":{\"x\":");
        put_number(i * i);
        PUT(",\"y\":-12.5e3,\"ok\":true,\"no\":null}}");
    }
    PUT("]");
    memcpy(source, target, written);
    source[written] = 0;
}

static void skip_blanks(void) {
    while (source[at] == ' ' || source[at] == '\n' || source[at] == '\t' || source[at] == '\r') {
        at++;
    }
}

static uint32_t string_end(uint32_t from) {
    while (source[from] != '"') {
        from += source[from] == '\\' ? 2 : 1;
    }
    return from;
}

static struct node *value(void) {
    struct node *made = &nodes[used++];
    skip_blanks();
    made->child = made->next = 0;
    made->text = source + at;
    made->length = made->key_length = 0;
    char first = source[at];
    if (first == '{' || first == '[') {
        made->kind = first == '{' ? OBJECT : ARRAY;
        char end = first == '{' ? '}' : ']';
        struct node **last = &made->child;
        for (at++, skip_blanks(); source[at] != end; skip_blanks()) {
            const char *key = 0;
            uint32_t key_length = 0;
            if (made->kind == OBJECT) {
                uint32_t stop = string_end(at + 1);
                key = source + at + 1, key_length = stop - at - 1;
                at = stop + 1, skip_blanks(), at++;
            }
            *last = value();
            (*last)->key = key, (*last)->key_length = key_length;
            last = &(*last)->next;
            skip_blanks();
            if (source[at] == ',') {
                at++;
            }
        }
        at++;
    } else if (first == '"') {
        uint32_t stop = string_end(at + 1);
        made->kind = STRING, made->text++, made->length = stop - at - 1;
        at = stop + 1;
    } else {
        uint32_t from = at;
        made->kind = first == '-' || (first >= '0' && first <= '9') ? NUMBER : WORD;
        while (source[at] && !strchr(",]} \n", source[at])) {
            at++;
        }
        made->length = at - from;
    }
    return made;
}

static void write_node(const struct node *node, uint32_t depth) {
    static const char BLANKS[] = "                                ";
    if (node->kind > ARRAY) {
        put("\"", node->kind == STRING);
        put(node->text, node->length);
        put("\"", node->kind == STRING);
        return;
    }
    put(node->kind == OBJECT ? "{\n" : "[\n", 2);
    for (const struct node *child = node->child; child; child = child->next) {
        put(BLANKS, 2 * depth + 2);
        if (node->kind == OBJECT) {
            PUT("\""), put(child->key, child->key_length), PUT("\": ");
        }
        write_node(child, depth + 1);
        put(",\n", child->next ? 2 : 0), put("\n", !child->next);
    }
    put(BLANKS, 2 * depth);
    put(node->kind == OBJECT ? "}" : "]", 1);
}

uint32_t run(uint32_t n) {
    uint32_t hash = 2166136261u;
    make_source();
    for (uint32_t i = 0; i < n; i++) {
        at = used = written = 0;
        write_node(value(), 0);
        hash = (hash ^ (uint8_t)target[written / 2] ^ written) * 16777619u;
    }
    return hash;
}
