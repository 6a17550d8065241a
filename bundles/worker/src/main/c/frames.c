#include "worker.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define INBOX_BYTES (64 << 10)
#define MAX_PARTS 6

static int requests;
static int replies;
static pthread_mutex_t reply_lock = PTHREAD_MUTEX_INITIALIZER;

/* Read ahead, so that a small frame costs one system call. Used by the thread whose turn it is. */
static uint8_t inbox[INBOX_BYTES];
static size_t inbox_at;
static size_t inbox_end;

int64_t now_millis(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static void say_arguments(const char *format, va_list arguments) {
    char line[1024];
    size_t length = (size_t)snprintf(line, sizeof line, "worker: ");
    int more = vsnprintf(line + length, sizeof line - length - 1, format, arguments);
    length += more < 0 ? 0 : (size_t)more;
    if (length > sizeof line - 2) {
        length = sizeof line - 2;
    }
    line[length] = '\n';
    /* There is nobody to tell that the log is gone. */
    if (write(STDERR_FILENO, line, length + 1) < 0) {
        return;
    }
}

void say(const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    say_arguments(format, arguments);
    va_end(arguments);
}

void broken(const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    say_arguments(format, arguments);
    va_end(arguments);
    _exit(EXIT_BROKEN);
}

void frames_open(int from_daemon, int to_daemon) {
    requests = from_daemon;
    replies = to_daemon;
}

static uint32_t u32_at(const uint8_t *at) {
    return (uint32_t)at[0] << 24 | (uint32_t)at[1] << 16 | (uint32_t)at[2] << 8 | at[3];
}

void put_u32(uint8_t *at, uint32_t value) {
    at[0] = (uint8_t)(value >> 24);
    at[1] = (uint8_t)(value >> 16);
    at[2] = (uint8_t)(value >> 8);
    at[3] = (uint8_t)value;
}

/* Reads at least one byte. The end of the requests is the end: no lock is taken and nothing is run down, because
 * plugins may compute for ever and hold any lock. */
static size_t read_some(uint8_t *to, size_t most) {
    for (;;) {
        ssize_t count = read(requests, to, most);
        if (count > 0) {
            return (size_t)count;
        }
        if (count == 0) {
            _exit(0);
        }
        if (errno != EINTR) {
            broken("the requests cannot be read: %s", strerror(errno));
        }
    }
}

static void read_bytes(uint8_t *to, size_t length) {
    size_t there = inbox_end - inbox_at;
    if (there > length) {
        there = length;
    }
    memcpy(to, inbox + inbox_at, there);
    inbox_at += there;
    while (there < length) {
        there += read_some(to + there, length - there);
    }
}

static void skip_bytes(size_t length) {
    while (length > 0) {
        size_t some = length < 4096 ? length : 4096;
        uint8_t scratch[4096];
        read_bytes(scratch, some);
        length -= some;
    }
}

/* Answers what cannot be taken, so that the caller need not wait for its deadline. */
static void refuse_for_memory(uint32_t id, uint32_t kind, uint32_t length) {
    skip_bytes(length);
    if (kind != FRAME_INVOKE && kind != FRAME_RUN) {
        broken("no memory for a frame of kind %u and %u bytes", kind, length);
    }
    send_result(id, STATUS_NO_MEMORY, 0, NULL, 0);
}

struct frame *read_frame(void) {
    for (;;) {
        while (inbox_end - inbox_at < FRAME_HEAD_BYTES) {
            memmove(inbox, inbox + inbox_at, inbox_end - inbox_at);
            inbox_end -= inbox_at;
            inbox_at = 0;
            inbox_end += read_some(inbox + inbox_end, sizeof inbox - inbox_end);
        }
        const uint8_t *head = inbox + inbox_at;
        uint32_t length = u32_at(head);
        uint32_t id = u32_at(head + 4);
        uint32_t kind = u32_at(head + 8);
        inbox_at += FRAME_HEAD_BYTES;
        if (kind < FRAME_CONFINE || kind > FRAME_PING) {
            broken("a frame of the unknown kind %u came", kind);
        }
        if (length > MAX_REQUEST_BYTES) {
            broken("a frame of %u bytes came; the most is %u", length, MAX_REQUEST_BYTES);
        }
        struct frame *frame = malloc(sizeof *frame + length);
        if (frame == NULL) {
            refuse_for_memory(id, kind, length);
            continue;
        }
        *frame = (struct frame){.id = id, .kind = kind, .length = length};
        read_bytes(frame->body, length);
        frame->arrived = now_millis();
        return frame;
    }
}

static void write_all(struct iovec *parts, int count) {
    while (count > 0) {
        ssize_t written = writev(replies, parts, count);
        if (written < 0) {
            if (errno == EINTR) {
                continue;
            }
            if (errno == EPIPE) {
                _exit(0);
            }
            broken(errno == EFAULT ? "the plugin gave a result, a key or a text at an address that cannot be read"
                                   : "a reply cannot be written: %s",
                   strerror(errno));
        }
        size_t left = (size_t)written;
        while (count > 0 && left >= parts->iov_len) {
            left -= parts->iov_len;
            parts++;
            count--;
        }
        if (count > 0) {
            parts->iov_base = (uint8_t *)parts->iov_base + left;
            parts->iov_len -= left;
        }
    }
}

void send_frame(uint32_t id, uint32_t kind, const struct iovec *parts, int count) {
    uint8_t head[FRAME_HEAD_BYTES];
    struct iovec all[1 + MAX_PARTS];
    size_t length = 0;
    all[0] = (struct iovec){head, sizeof head};
    for (int i = 0; i < count; i++) {
        all[1 + i] = parts[i];
        length += parts[i].iov_len;
    }
    put_u32(head, (uint32_t)length);
    put_u32(head + 4, id);
    put_u32(head + 8, kind);
    pthread_mutex_lock(&reply_lock);
    write_all(all, 1 + count);
    pthread_mutex_unlock(&reply_lock);
}

void send_result(uint32_t id, uint32_t status, int32_t code, const void *bytes, size_t length) {
    uint8_t fields[8];
    put_u32(fields, status);
    put_u32(fields + 4, (uint32_t)code);
    struct iovec parts[] = {{fields, sizeof fields}, {(void *)(uintptr_t)bytes, length}};
    send_frame(id, FRAME_RESULT, parts, 2);
}

struct body body_of(struct frame *frame) {
    return (struct body){frame->body, frame->length};
}

static uint8_t *take(struct body *body, size_t length) {
    if (body->left < length) {
        broken("a frame's body is too short for what it holds");
    }
    uint8_t *taken = body->at;
    body->at += length;
    body->left -= length;
    return taken;
}

uint32_t take_u32(struct body *body) {
    return u32_at(take(body, 4));
}

uint64_t take_u64(struct body *body) {
    uint64_t high = take_u32(body);
    return high << 32 | take_u32(body);
}

/* Moves the text one byte down, over its length: that makes room for the NUL. */
struct text take_text(struct body *body) {
    uint32_t length = take_u32(body);
    uint8_t *bytes = take(body, length);
    char *start = (char *)memmove(bytes - 1, bytes, length);
    start[length] = 0;
    return (struct text){start, length};
}
