#include "worker.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define READER_STACK_BYTES (64u << 10)
/* Threads that a plugin left behind may print without end; a call's answer does not wait for them. */
#define MAX_DRAINED_BYTES (1u << 20)

/* Descriptor 1 belongs to the process: one call at a time is captured. */
static pthread_mutex_t turn = PTHREAD_MUTEX_INITIALIZER;
/* Who holds it reads the pipe. */
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static struct printed *current;
static bool has_reader;
static int in = -1;
static int out = -1;
static int log_descriptor;

void capture_open(int log) {
    int ends[2];
    log_descriptor = log;
    if (pipe(ends) != 0) {
        broken("no pipe for what plugins print: %s", strerror(errno));
    }
    in = fcntl(ends[0], F_DUPFD_CLOEXEC, log + 1);
    out = fcntl(ends[1], F_DUPFD_CLOEXEC, log + 1);
    close(ends[0]);
    close(ends[1]);
    if (in < 0 || out < 0 || fcntl(in, F_SETFL, O_NONBLOCK) != 0) {
        broken("no pipe for what plugins print: %s", strerror(errno));
    }
}

static void keep(struct printed *printed, const uint8_t *bytes, size_t length) {
    printed->total += length;
    uint64_t room = printed->most - printed->kept;
    size_t taken = length < room ? length : (size_t)room;
    /* Beyond the limit the length is all that will be told. */
    if (printed->total > printed->most || printed->no_memory || taken == 0) {
        return;
    }
    /* Doubled each time it is full, at a power of two. */
    uint64_t size = printed->kept + taken;
    uint64_t doubled = 4096;
    while (doubled < size) {
        doubled *= 2;
    }
    uint8_t *grown = realloc(printed->bytes, doubled);
    if (grown == NULL) {
        printed->no_memory = true;
        return;
    }
    memcpy(grown + printed->kept, bytes, taken);
    printed->bytes = grown;
    printed->kept += taken;
}

/* Takes what is in the pipe now. The lock is held. */
static void drain(void) {
    static uint8_t bytes[64 << 10];
    size_t drained = 0;
    while (drained < MAX_DRAINED_BYTES) {
        ssize_t count = read(in, bytes, sizeof bytes);
        if (count <= 0) {
            return;
        }
        drained += (size_t)count;
        if (current != NULL) {
            keep(current, bytes, (size_t)count);
        }
    }
}

static _Noreturn void closed_by_plugin(void) {
    broken("a plugin closed the worker's descriptors");
}

/* Fails only if a plugin closed what stdout is to become: to go on would lose what calls print, or take more for it. */
static void put_stdout_at(int descriptor) {
    if (dup2(descriptor, STDOUT_FILENO) < 0) {
        closed_by_plugin();
    }
}

/* A pipe holds 64 KiB: without a reader a plugin that prints more would stop inside its own call. */
static void *read_on(void *unused) {
    (void)unused;
    struct pollfd readable = {.fd = in, .events = POLLIN};
    for (;;) {
        if (poll(&readable, 1, -1) < 0 && errno != EINTR) {
            broken("what a plugin prints cannot be read: %s", strerror(errno));
        }
        if (readable.revents & (POLLNVAL | POLLERR | POLLHUP)) {
            closed_by_plugin();
        }
        pthread_mutex_lock(&lock);
        drain();
        pthread_mutex_unlock(&lock);
    }
}

static bool start_reader(void) {
    pthread_attr_t attributes;
    pthread_t thread;
    if (has_reader) {
        return true;
    }
    pthread_attr_init(&attributes);
    pthread_attr_setstacksize(&attributes, READER_STACK_BYTES);
    pthread_attr_setdetachstate(&attributes, PTHREAD_CREATE_DETACHED);
    has_reader = pthread_create(&thread, &attributes, read_on, NULL) == 0;
    pthread_attr_destroy(&attributes);
    return has_reader;
}

bool capture_begin(struct printed *printed, uint64_t most) {
    *printed = (struct printed){.most = most};
    pthread_mutex_lock(&turn);
    if (!start_reader()) {
        pthread_mutex_unlock(&turn);
        return false;
    }
    /* What was printed before belongs to the log. */
    flush_stdout();
    pthread_mutex_lock(&lock);
    drain();
    current = printed;
    pthread_mutex_unlock(&lock);
    put_stdout_at(out);
    return true;
}

void capture_end(void) {
    flush_stdout();
    put_stdout_at(log_descriptor);
    pthread_mutex_lock(&lock);
    drain();
    current = NULL;
    pthread_mutex_unlock(&lock);
    pthread_mutex_unlock(&turn);
}
