/* Attacks on what connects the process with the daemon: its descriptors, its output, the host's functions. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "attack.h"

#define MOST_DESCRIPTORS 4096
#define FRAME_RESULT 105

extern char **environ;

static void environment(char **arguments) {
    char **entry;
    (void)arguments;
    for (entry = environ; entry != NULL && *entry != NULL; entry++) {
        note("%s", *entry);
    }
}

/* Says what is open: the kind of each and how it was opened. */
static void open_descriptors(char **arguments) {
    int i;
    (void)arguments;
    for (i = 0; i < MOST_DESCRIPTORS; i++) {
        struct stat what;
        int flags = fcntl(i, F_GETFL);
        if (flags >= 0 && fstat(i, &what) == 0) {
            note("%s%s", S_ISFIFO(what.st_mode) ? "pipe" : S_ISCHR(what.st_mode) ? "device" : S_ISREG(what.st_mode) ? "file" : S_ISDIR(what.st_mode) ? "folder" : S_ISSOCK(what.st_mode) ? "socket" : "other",
                 (flags & O_ACCMODE) == O_RDONLY ? " to read" : " to write");
        }
    }
}

static void close_all(char **arguments) {
    int i;
    (void)arguments;
    for (i = 0; i < MOST_DESCRIPTORS; i++) {
        close(i);
    }
    note("closed");
}

/* Writes the same bytes to every descriptor that takes them, without waiting for a reader. */
static void spray(const void *bytes, size_t length, int times) {
    int i;
    int round;
    for (i = 3; i < MOST_DESCRIPTORS; i++) {
        struct stat what;
        if (fstat(i, &what) < 0 || !S_ISFIFO(what.st_mode) || (fcntl(i, F_GETFL) & O_ACCMODE) == O_RDONLY) {
            continue;
        }
        for (round = 0; round < times && write(i, bytes, length) >= 0; round++) {
        }
    }
}

static void garbage(char **arguments) {
    static unsigned char bytes[64 << 10];
    unsigned seed = 1;
    size_t i;
    for (i = 0; i < sizeof bytes; i++) {
        seed = seed * 1103515245u + 12345u;
        bytes[i] = (unsigned char)(seed >> 16);
    }
    spray(bytes, sizeof bytes, atoi(arguments[0]) * 16);
    note("sprayed");
}

static void put_number(unsigned char *to, uint32_t number) {
    to[0] = (unsigned char)(number >> 24);
    to[1] = (unsigned char)(number >> 16);
    to[2] = (unsigned char)(number >> 8);
    to[3] = (unsigned char)number;
}

/* A head that promises as many bytes as the first argument says, of the kind that the second says. */
static void frame_head(char **arguments) {
    unsigned char head[12];
    put_number(head, (uint32_t)strtoul(arguments[0], NULL, 0));
    put_number(head + 4, 1);
    put_number(head + 8, (uint32_t)strtoul(arguments[1], NULL, 0));
    spray(head, sizeof head, 1);
    note("sprayed");
}

/* Answers to calls that nobody made, or that another is to answer. */
static void forged_results(char **arguments) {
    unsigned char frame[12 + 14];
    uint32_t id;
    (void)arguments;
    memset(frame, 0, sizeof frame);
    put_number(frame, sizeof frame - 12);
    put_number(frame + 8, FRAME_RESULT);
    memcpy(frame + 20, "forged", 6);
    for (id = 1000000; id < 1001000; id++) {
        put_number(frame + 4, id);
        spray(frame, sizeof frame, 1);
    }
    note("sprayed");
}

/* Takes the daemon's requests away from who should read them. */
static void read_requests(char **arguments) {
    char bytes[4096];
    int i;
    (void)arguments;
    for (i = 3; i < MOST_DESCRIPTORS; i++) {
        struct stat what;
        if (fstat(i, &what) == 0 && S_ISFIFO(what.st_mode) && (fcntl(i, F_GETFL) & O_ACCMODE) == O_RDONLY) {
            fcntl(i, F_SETFL, O_NONBLOCK);
            while (read(i, bytes, sizeof bytes) > 0) {
            }
        }
    }
    note("read");
}

static void flood(int descriptor, const char *megabytes) {
    static char line[64 << 10];
    long rounds = atol(megabytes) * 16;
    memset(line, 'x', sizeof line);
    line[sizeof line - 1] = '\n';
    while (rounds-- > 0 && write(descriptor, line, sizeof line) > 0) {
    }
    note("flooded");
}

static void flood_output(char **arguments) {
    flood(1, arguments[0]);
}

static void flood_errors(char **arguments) {
    flood(2, arguments[0]);
}

static void flood_log(char **arguments) {
    static char text[60 << 10];
    long rounds = atol(arguments[0]) * 17;
    memset(text, 'x', sizeof text);
    while (rounds-- > 0) {
        host->log(host->ctx, PLUGIN_LOG_ERROR, text, sizeof text);
    }
    note("flooded");
}

/* One text as long as the plugin likes. */
static void huge_log(char **arguments) {
    size_t length = (size_t)atol(arguments[0]) << 20;
    char *text = malloc(length);
    if (text != NULL) {
        memset(text, 'x', length);
        host->log(host->ctx, PLUGIN_LOG_ERROR, text, length);
        free(text);
    }
    note("logged");
}

/* Values and keys without end; the plugin has no grant to keep any. */
static void values(char **arguments) {
    size_t length = (size_t)atol(arguments[0]) << 20;
    uint8_t *value = calloc(1, length + 1);
    if (value == NULL) {
        note("no memory");
        return;
    }
    note("put: %d", (int)host->kv_put(host->ctx, "key", value, length));
    memset(value, 'k', length);
    note("key: %d", (int)host->kv_put(host->ctx, (const char *)value, value, 1));
    note("get: %d", (int)host->kv_get(host->ctx, (const char *)value, NULL, 0));
    free(value);
}

const struct attack protocol_attacks[] = {{"environment", environment},
                                          {"open_descriptors", open_descriptors},
                                          {"close_all", close_all},
                                          {"garbage", garbage},
                                          {"frame_head", frame_head},
                                          {"forged_results", forged_results},
                                          {"read_requests", read_requests},
                                          {"flood_output", flood_output},
                                          {"flood_errors", flood_errors},
                                          {"flood_log", flood_log},
                                          {"huge_log", huge_log},
                                          {"values", values},
                                          {NULL, NULL}};
