/* A plugin of level 1 whose functions do what a test asks. */
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "plugin.h"

#define THREADS 8
#define QUESTIONS 200

static const plugin_host *host;
static char order[256];
static pthread_t home;
static int calls;
static int frees;
static pthread_barrier_t barrier;

static void note(const char *what) {
    strcat(order, what);
    strcat(order, pthread_equal(home, pthread_self()) ? " " : "! ");
}

__attribute__((constructor)) static void constructor(void) {
    home = pthread_self();
    note("constructor");
}

#ifndef ABI
#define ABI PLUGIN_ABI_VERSION
#endif
#ifndef ATTACHED
#define ATTACHED PLUGIN_OK
#endif

uint32_t plugin_abi(void) {
    note("abi");
    return ABI;
}

int32_t plugin_attach(const plugin_host *given) {
    note("attach");
    host = given;
    return ATTACHED;
}

void plugin_init(void) {
    note("init");
}

void other_entry(void) {
    note("other");
}

const char *plugin_describe(void) {
    note("describe");
    return "{\"functions\":[]}";
}

void plugin_free(void *ptr, size_t len) {
    (void)len;
    frees++;
    free(ptr);
}

void plugin_shutdown(void) {
    host->log(host->ctx, PLUGIN_LOG_WARN, "shut down", 9);
}

static int32_t answer(const void *bytes, size_t len, uint8_t **out, size_t *out_len) {
    *out = malloc(len == 0 ? 1 : len);
    if (*out == NULL) {
        return PLUGIN_E_NOMEM;
    }
    memcpy(*out, bytes, len);
    *out_len = len;
    return PLUGIN_OK;
}

static int32_t answer_text(const char *text, uint8_t **out, size_t *out_len) {
    return answer(text, strlen(text), out, out_len);
}

static int32_t answer_number(int64_t number, uint8_t **out, size_t *out_len) {
    char text[24];
    snprintf(text, sizeof text, "%lld", (long long)number);
    return answer_text(text, out, out_len);
}

static void *wait_until_cancelled(void *unused) {
    while (!host->cancelled(host->ctx)) {
        usleep(100);
    }
    return unused;
}

/* Asks for a key of its own; each answer must be the key. */
static void *ask(void *argument) {
    char key[16];
    char value[16];
    int i;
    for (i = 0; i < QUESTIONS; i++) {
        snprintf(key, sizeof key, "%d/%d", (int)(intptr_t)argument, i);
        int64_t length = host->kv_get(host->ctx, key, (uint8_t *)value, sizeof value);
        if (length != (int64_t)strlen(key) || memcmp(key, value, strlen(key)) != 0) {
            return "wrong answer";
        }
        if (i % 2 == 0 && host->kv_put(host->ctx, key, (uint8_t *)value, (size_t)length) != PLUGIN_OK) {
            return "wrong code";
        }
    }
    return NULL;
}

static int32_t ask_from_threads(uint8_t **out, size_t *out_len) {
    pthread_t threads[THREADS];
    void *problem = NULL;
    int i;
    for (i = 0; i < THREADS; i++) {
        pthread_create(&threads[i], NULL, ask, (void *)(intptr_t)i);
    }
    for (i = 0; i < THREADS; i++) {
        void *result;
        pthread_join(threads[i], &result);
        problem = result != NULL ? result : problem;
    }
    return answer_text(problem == NULL ? "ok" : problem, out, out_len);
}

static void *hold_stdout(void *unused) {
    flockfile(stdout);
    pthread_barrier_wait(&barrier);
    for (;;) {
        pause();
    }
    return unused;
}

/* Says whether one of the process's descriptors is open on a file. */
static const char *has_open(const char *path) {
    struct stat wanted;
    struct stat found;
    int fd;
    if (stat(path, &wanted) != 0) {
        return "no such file";
    }
    for (fd = 0; fd < 1024; fd++) {
        if (fstat(fd, &found) == 0 && found.st_ino == wanted.st_ino && found.st_dev == wanted.st_dev) {
            return "open";
        }
    }
    return "closed";
}

static void write_to(int fd, long bytes) {
    static char block[1 << 16];
    while (bytes > 0) {
        ssize_t count = write(fd, block, sizeof block);
        if (count <= 0) {
            return;
        }
        bytes -= count;
    }
}

int32_t plugin_invoke(const char *func, const uint8_t *in, size_t in_len, uint8_t **out, size_t *out_len) {
    char text[8192];
    size_t length = in_len < sizeof text - 1 ? in_len : sizeof text - 1;
    memcpy(text, in, length);
    text[length] = 0;
    if (strcmp(func, "echo") == 0) {
        return answer(in, in_len, out, out_len);
    }
    if (strcmp(func, "code") == 0) {
        /* payload "7 text": answers code 7 with that text */
        char *rest;
        long code = strtol(text, &rest, 10);
        if (*rest == ' ') {
            answer_text(rest + 1, out, out_len);
        }
        return (int32_t)code;
    }
    if (strcmp(func, "count") == 0) {
        return answer_number(++calls, out, out_len);
    }
    if (strcmp(func, "frees") == 0) {
        return answer_number(frees, out, out_len);
    }
    if (strcmp(func, "order") == 0) {
        note("invoke");
        return answer_text(order, out, out_len);
    }
    if (strcmp(func, "null") == 0) {
        *out_len = 5;
        return PLUGIN_OK;
    }
    if (strcmp(func, "bytes") == 0) {
        size_t wanted = strtoul(text, NULL, 10);
        *out = malloc(wanted);
        memset(*out, 'x', wanted);
        *out_len = wanted;
        return PLUGIN_OK;
    }
    if (strcmp(func, "meet") == 0) {
        pthread_barrier_wait(&barrier);
        return PLUGIN_OK;
    }
    if (strcmp(func, "barrier") == 0) {
        pthread_barrier_init(&barrier, NULL, (unsigned)atoi(text));
        return PLUGIN_OK;
    }
    /* the host */
    if (strcmp(func, "host") == 0) {
        snprintf(text, sizeof text, "%u %u %d", (unsigned)host->size, (unsigned)host->abi,
                 host->extension(host->ctx, "timer/1") == NULL);
        return answer_text(text, out, out_len);
    }
    if (strcmp(func, "config") == 0) {
        uint8_t small[3] = {'-', '-', '-'};
        int64_t full = host->config_get(host->ctx, text, small, 2);
        snprintf(text, sizeof text, "%d %c%c%c", (int)full, small[0], small[1], small[2]);
        return answer_text(text, out, out_len);
    }
    if (strcmp(func, "log") == 0) {
        host->log(host->ctx, PLUGIN_LOG_ERROR, (const char *)in, in_len);
        return PLUGIN_OK;
    }
    if (strcmp(func, "get") == 0) {
        uint8_t value[8];
        int64_t full = host->kv_get(host->ctx, text, value, sizeof value);
        int shown = full < 0 ? 0 : full < 8 ? (int)full : 8;
        snprintf(text, sizeof text, "%lld %.*s", (long long)full, shown, (char *)value);
        return answer_text(text, out, out_len);
    }
    if (strcmp(func, "put") == 0) {
        return answer_number(host->kv_put(host->ctx, "key", in, in_len), out, out_len);
    }
    if (strcmp(func, "delete") == 0) {
        return answer_number(host->kv_put(host->ctx, text, NULL, 0), out, out_len);
    }
    if (strcmp(func, "ask-from-threads") == 0) {
        return ask_from_threads(out, out_len);
    }
    if (strcmp(func, "cancelled") == 0) {
        return answer_number(host->cancelled(host->ctx), out, out_len);
    }
    if (strcmp(func, "until-cancelled") == 0) {
        wait_until_cancelled(NULL);
        return PLUGIN_E_CANCELLED;
    }
    if (strcmp(func, "thread-until-cancelled") == 0) {
        pthread_t thread;
        pthread_create(&thread, NULL, wait_until_cancelled, NULL);
        pthread_join(thread, NULL);
        return PLUGIN_E_CANCELLED;
    }
    if (strcmp(func, "spin") == 0) {
        host->log(host->ctx, PLUGIN_LOG_INFO, "spinning", 8);
        for (;;) {
        }
    }
    /* the process */
    if (strcmp(func, "print") == 0) {
        fwrite(in, 1, in_len, stdout);
        return PLUGIN_OK;
    }
    if (strcmp(func, "write-1") == 0) {
        write_to(1, strtol(text, NULL, 10));
        return PLUGIN_OK;
    }
    if (strcmp(func, "write-2") == 0) {
        write_to(2, strtol(text, NULL, 10));
        return PLUGIN_OK;
    }
    if (strcmp(func, "broken-pipe") == 0) {
        int ends[2];
        if (pipe(ends) != 0 || close(ends[0]) != 0) {
            return PLUGIN_E_FAIL;
        }
        return answer_text(write(ends[1], "x", 1) < 0 ? strerror(errno) : "written", out, out_len);
    }
    if (strcmp(func, "hold-stdout") == 0) {
        pthread_t thread;
        pthread_barrier_init(&barrier, NULL, 2);
        pthread_create(&thread, NULL, hold_stdout, NULL);
        pthread_barrier_wait(&barrier);
        return PLUGIN_OK;
    }
    if (strcmp(func, "stdin") == 0) {
        return answer_number(read(0, text, 1), out, out_len);
    }
    if (strcmp(func, "env") == 0) {
        const char *value = getenv(text);
        return answer_text(value == NULL ? "(unset)" : value, out, out_len);
    }
    if (strcmp(func, "has-open") == 0) {
        return answer_text(has_open(text), out, out_len);
    }
    if (strcmp(func, "ignore-term") == 0) {
        signal(SIGTERM, SIG_IGN);
        return PLUGIN_OK;
    }
    if (strcmp(func, "identity") == 0) {
        snprintf(text, sizeof text, "uid %d/%d gid %d/%d groups %d", getuid(), geteuid(), getgid(), getegid(),
                 getgroups(0, NULL));
        return answer_text(text, out, out_len);
    }
    if (strcmp(func, "executable-memory") == 0) {
        void *memory = mmap(NULL, 4096, PROT_READ | PROT_WRITE | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
        return answer_text(memory == MAP_FAILED ? "refused" : "given", out, out_len);
    }
    if (strcmp(func, "close-all") == 0) {
        int fd;
        for (fd = 0; fd < 1024; fd++) {
            close(fd);
        }
        return PLUGIN_OK;
    }
    if (strcmp(func, "garbage") == 0) {
        int fd;
        memset(text, 0xfe, sizeof text);
        for (fd = 0; fd < 1024; fd++) {
            fcntl(fd, F_SETFL, fcntl(fd, F_GETFL) | O_NONBLOCK);
            if (write(fd, text, sizeof text) < 0) {
                continue;
            }
        }
        return PLUGIN_OK;
    }
    return PLUGIN_E_NOFUNC;
}
