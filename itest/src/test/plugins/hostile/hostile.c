/* A native plugin whose functions are attacks. Each answers with one line for each try: "what: DONE" or "what: EPERM".
 *
 * Built with -DIN_CONSTRUCTOR="kind", -DIN_INIT="kind" or -DIN_SHUTDOWN="kind" it dies there in a way of crashes.c. */
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/types.h>
#include <unistd.h>

#include "attack.h"

static char report[16 << 10];
static size_t reported;

const plugin_host *host;

void note(const char *format, ...) {
    va_list values;
    int length;
    va_start(values, format);
    length = vsnprintf(report + reported, sizeof report - reported, format, values);
    va_end(values);
    if (length > 0 && reported + (size_t)length + 1 < sizeof report) {
        reported += (size_t)length;
        report[reported++] = '\n';
    }
}

void attempt(const char *what, long result) {
    const char *name = result >= 0 ? "DONE" : strerrorname_np(errno);
    note("%s: %s", what, name == NULL ? "unknown errno" : name);
}

void attempt_or(const char *what, long result, int let_through) {
    attempt(what, result < 0 && errno == let_through ? 0 : result);
}

static void who(char **arguments) {
    (void)arguments;
    note("%d", (int)getpid());
}

static void folder(char **arguments) {
    char path[4096];
    (void)arguments;
    note("%s", getcwd(path, sizeof path) == NULL ? "" : path);
}

/* Counts its calls: each instance has a count of its own. */
static void count(char **arguments) {
    static int calls;
    (void)arguments;
    note("%d", ++calls);
}

static const struct attack plain[] = {{"pid", who}, {"folder", folder}, {"count", count}, {NULL, NULL}};

static const struct attack *const tables[] = {plain,           file_attacks,   process_attacks,  kernel_attacks,
                                              network_attacks, memory_attacks, protocol_attacks, crashes};

static const struct attack *find(const char *name) {
    size_t i;
    const struct attack *attack;
    for (i = 0; i < sizeof tables / sizeof *tables; i++) {
        for (attack = tables[i]; attack->name != NULL; attack++) {
            if (strcmp(attack->name, name) == 0) {
                return attack;
            }
        }
    }
    return NULL;
}

/* Cuts the payload at the ends of its lines. */
static void split(char *text, char **arguments) {
    int i;
    for (i = 0; i < MOST_ARGUMENTS; i++) {
        arguments[i] = text;
        text += strcspn(text, "\n");
        if (*text == '\n') {
            *text++ = '\0';
        }
    }
}

uint32_t plugin_abi(void) {
    return PLUGIN_ABI_VERSION;
}

int32_t plugin_attach(const plugin_host *given) {
    host = given;
    return PLUGIN_OK;
}

void plugin_init(void) {
#ifdef IN_INIT
    crash(IN_INIT);
#endif
}

void plugin_shutdown(void) {
#ifdef IN_SHUTDOWN
    crash(IN_SHUTDOWN);
#endif
}

#ifdef IN_CONSTRUCTOR
__attribute__((constructor)) static void constructor(void) {
    crash(IN_CONSTRUCTOR);
}
#endif

int32_t plugin_invoke(const char *func, const uint8_t *in, size_t in_len, uint8_t **out, size_t *out_len) {
    const struct attack *attack = find(func);
    char *arguments[MOST_ARGUMENTS];
    char *payload;
    if (attack == NULL) {
        return PLUGIN_E_NOFUNC;
    }
    payload = calloc(1, in_len + 1);
    if (payload == NULL) {
        return PLUGIN_E_NOMEM;
    }
    if (in_len > 0) {
        memcpy(payload, in, in_len);
    }
    split(payload, arguments);
    reported = 0;
    attack->run(arguments);
    free(payload);
    *out_len = reported > 0 ? reported - 1 : 0;
    *out = malloc(*out_len + 1);
    if (*out == NULL) {
        return PLUGIN_E_NOMEM;
    }
    memcpy(*out, report, *out_len);
    return PLUGIN_OK;
}

void plugin_free(void *ptr, size_t len) {
    (void)len;
    free(ptr);
}
