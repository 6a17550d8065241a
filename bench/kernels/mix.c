/* In the manner of CoreMark: a linked list that is sorted and searched, small integer matrices, a state machine that
 * reads numbers, and a CRC over all of it; n rounds. */
#include "kernel.h"

enum { ITEMS = 400, SIDE = 24, INPUT = 512 };
enum state { START, INTEGER, FRACTION, EXPONENT, INVALID, STATES };

struct item {
    struct item *next;
    int16_t value, index;
};

static struct item items[ITEMS];
static int16_t left[SIDE][SIDE], right[SIDE][SIDE];
static int32_t product[SIDE][SIDE];
static char input[INPUT];

static uint16_t crc(uint16_t sum, uint16_t value) {
    sum ^= value;
    for (int bit = 0; bit < 16; bit++) {
        sum = (uint16_t)(sum & 1 ? sum >> 1 ^ 0xa001 : sum >> 1);
    }
    return sum;
}

static int by_value(const struct item *a, const struct item *b) { return a->value - b->value; }
static int by_index(const struct item *a, const struct item *b) { return a->index - b->index; }

/* Merges runs of doubled length until one is left. */
static struct item *sort(struct item *list, int (*compare)(const struct item *, const struct item *)) {
    for (uint32_t run = 1;; run *= 2) {
        struct item *rest = list, *head = 0, **tail = &head;
        uint32_t merges = 0;
        while (rest) {
            struct item *a = rest, *b = rest;
            uint32_t of_a = 0, of_b = run;
            merges++;
            while (of_a < run && b) {
                of_a++, b = b->next;
            }
            while (of_a || (of_b && b)) {
                if (!of_a || (of_b && b && compare(a, b) > 0)) {
                    *tail = b, b = b->next, of_b--;
                } else {
                    *tail = a, a = a->next, of_a--;
                }
                tail = &(*tail)->next;
            }
            rest = b;
        }
        *tail = 0;
        list = head;
        if (merges <= 1) {
            return list;
        }
    }
}

static uint16_t work_list(uint16_t seed, uint16_t sum) {
    for (uint32_t i = 0; i < ITEMS; i++) {
        items[i].value = (int16_t)((seed + i * 773) & 0x7ff);
        items[i].index = (int16_t)i;
        items[i].next = i + 1 < ITEMS ? &items[i + 1] : 0;
    }
    struct item *list = sort(items, by_value);
    for (int wanted = 0; wanted < 40; wanted++) {
        const struct item *found = list;
        while (found && (found->value & 0x3f) != wanted) {
            found = found->next;
        }
        sum = crc(sum, found ? (uint16_t)found->index : 0);
    }
    list = sort(list, by_index);
    return crc(sum, (uint16_t)list->value);
}

static uint16_t work_matrix(uint16_t seed, uint16_t sum) {
    for (int i = 0; i < SIDE; i++) {
        for (int j = 0; j < SIDE; j++) {
            left[i][j] = (int16_t)(seed + i * j);
            right[i][j] = (int16_t)(seed ^ (i + j));
        }
    }
    int32_t trace = 0;
    for (int i = 0; i < SIDE; i++) {
        for (int j = 0; j < SIDE; j++) {
            int32_t cell = 0;
            for (int k = 0; k < SIDE; k++) {
                int32_t term = left[i][k] * right[k][j];
                cell += (term >> 2 & 0x0f) * (term >> 5 & 0x7f);
            }
            product[i][j] = cell;
            trace = cell > trace ? trace + 10 : trace + (cell > 100);
        }
    }
    return crc(crc(sum, (uint16_t)trace), (uint16_t)product[SIDE / 2][SIDE / 3]);
}

static uint16_t work_states(uint16_t seed, uint16_t sum) {
    static const char *const PARTS[8] = {"5012", "1234.5", "-874", "+0.12e5", "3.7e-9", "T0.3e-1F", "0x1f", "1e"};
    uint32_t length = 0, count[STATES] = {0};
    for (uint32_t i = seed; length < INPUT - 10; i = i * 5 + 3) {
        for (const char *part = PARTS[i >> 2 & 7]; *part; part++) {
            input[length++] = *part;
        }
        input[length++] = ',';
    }
    enum state state = START;
    for (uint32_t i = 0; i < length; i++) {
        char c = input[i];
        int digit = c >= '0' && c <= '9';
        if (c == ',') {
            count[state]++;
            state = START;
            continue;
        }
        switch (state) {
            case START: state = digit || c == '+' || c == '-' ? INTEGER : INVALID; break;
            case INTEGER: state = digit ? INTEGER : c == '.' ? FRACTION : c == 'e' ? EXPONENT : INVALID; break;
            case FRACTION: state = digit ? FRACTION : c == 'e' ? EXPONENT : INVALID; break;
            case EXPONENT: state = digit || c == '-' ? EXPONENT : INVALID; break;
            default: break;
        }
    }
    for (int i = 0; i < STATES; i++) {
        sum = crc(sum, (uint16_t)count[i]);
    }
    return sum;
}

uint32_t run(uint32_t n) {
    uint16_t sum = 0;
    for (uint32_t i = 0; i < n; i++) {
        sum = work_list((uint16_t)i, sum);
        sum = work_matrix((uint16_t)(i & 0xff), sum);
        sum = work_states((uint16_t)i, sum);
    }
    return sum;
}
