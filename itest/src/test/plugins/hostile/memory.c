/* Attacks that take memory, threads and descriptors, or run code that was written by the process itself. */
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/personality.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "attack.h"

#define PIECE (8 << 20)

/* Takes pieces up to so many megabytes and gives all of them back. */
static void take(const char *what, int megabytes, int flags) {
    int wanted = megabytes / (PIECE >> 20);
    void **pieces = calloc((size_t)wanted, sizeof *pieces);
    int taken = 0;
    int failure = 0;
    if (pieces == NULL) {
        attempt(what, -1);
        return;
    }
    while (taken < wanted) {
        void *piece = mmap(NULL, PIECE, PROT_READ | PROT_WRITE, flags | MAP_ANONYMOUS, -1, 0);
        if (piece == MAP_FAILED) {
            failure = errno;
            break;
        }
        memset(piece, 1, PIECE);
        pieces[taken++] = piece;
    }
    note("%d MiB", taken * (PIECE >> 20));
    errno = failure;
    attempt(what, failure == 0 ? 0 : -1);
    while (taken > 0) {
        munmap(pieces[--taken], PIECE);
    }
    free(pieces);
}

static void take_private(char **arguments) {
    take("private", atoi(arguments[0]), MAP_PRIVATE);
}

/* Shared memory does not count as data. */
static void take_shared(char **arguments) {
    take("shared", atoi(arguments[0]), MAP_SHARED);
}

/* Files that are only in memory count nowhere. */
static void take_files(char **arguments) {
    int wanted = atoi(arguments[0]) / (PIECE >> 20);
    int *files = calloc((size_t)wanted, sizeof *files);
    int taken = 0;
    int failure = 0;
    while (taken < wanted) {
        int file = memfd_create("hostile", MFD_CLOEXEC);
        if (file < 0 || posix_fallocate(file, 0, PIECE) != 0) {
            failure = file < 0 ? errno : ENOSPC;
            break;
        }
        files[taken++] = file;
    }
    note("%d MiB", taken * (PIECE >> 20));
    errno = failure;
    attempt("files", failure == 0 ? 0 : -1);
    while (taken > 0) {
        close(files[--taken]);
    }
    free(files);
}

static void take_heap(char **arguments) {
    long wanted = atol(arguments[0]) << 20;
    char *start = sbrk(0);
    long taken = 0;
    int failure = 0;
    while (taken < wanted) {
        if (sbrk(PIECE) == (void *)-1) {
            failure = errno;
            break;
        }
        memset(start + taken, 1, PIECE);
        taken += PIECE;
    }
    note("%ld MiB", taken >> 20);
    errno = failure;
    attempt("brk", failure == 0 ? 0 : -1);
    brk(start);
}

/* Memory that is only read holds nothing, but the tables that lead to it take 4 KiB for each 2 MiB. */
static void take_tables(char **arguments) {
    size_t length = (size_t)atol(arguments[0]) << 29;
    size_t done;
    volatile char *start = mmap(NULL, length, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (start == MAP_FAILED) {
        note("0 MiB");
        attempt("tables", -1);
        return;
    }
    madvise((void *)start, length, MADV_NOHUGEPAGE);
    for (done = 0; done < length; done += 2 << 20) {
        (void)start[done];
    }
    note("%ld MiB", (long)(length >> 29));
    attempt("tables", 0);
    munmap((void *)start, length);
}

static pthread_mutex_t gate = PTHREAD_MUTEX_INITIALIZER;

static void *wait_at_gate(void *nothing) {
    pthread_mutex_lock(&gate);
    pthread_mutex_unlock(&gate);
    return nothing;
}

static void threads(char **arguments) {
    int wanted = atoi(arguments[0]);
    pthread_t *made = calloc((size_t)wanted, sizeof *made);
    pthread_attr_t small;
    int count = 0;
    int failure = 0;
    pthread_attr_init(&small);
    pthread_attr_setstacksize(&small, 16 << 10);
    pthread_mutex_lock(&gate);
    while (count < wanted && (failure = pthread_create(&made[count], &small, wait_at_gate, NULL)) == 0) {
        count++;
    }
    pthread_mutex_unlock(&gate);
    note("%d threads", count);
    errno = failure;
    attempt("pthread_create", failure == 0 ? 0 : -1);
    while (count > 0) {
        pthread_join(made[--count], NULL);
    }
    pthread_attr_destroy(&small);
    free(made);
}

static void *compute(void *nothing) {
    volatile unsigned long rounds = 0;
    for (;;) {
        rounds++;
    }
    return nothing;
}

/* Takes all the time that it can get. */
static void busy_threads(char **arguments) {
    int wanted = atoi(arguments[0]);
    pthread_t thread;
    while (wanted > 0 && pthread_create(&thread, NULL, compute, NULL) == 0) {
        wanted--;
    }
    compute(NULL);
}

static void descriptors(char **arguments) {
    int wanted = atoi(arguments[0]);
    int *made = calloc((size_t)wanted, sizeof *made);
    int count = 0;
    int failure = 0;
    while (count < wanted && failure == 0) {
        made[count] = dup(2);
        if (made[count] < 0) {
            failure = errno;
        } else {
            count++;
        }
    }
    note("%d descriptors", count);
    errno = failure;
    attempt("dup", failure == 0 ? 0 : -1);
    while (count > 0) {
        close(made[--count]);
    }
    free(made);
}

/* mov $42, %eax; ret, or the same for the machine at hand. */
#if defined(__x86_64__)
static const unsigned char forty_two[] = {0xb8, 42, 0, 0, 0, 0xc3};
#elif defined(__aarch64__)
static const unsigned char forty_two[] = {0x40, 0x05, 0x80, 0x52, 0xc0, 0x03, 0x5f, 0xd6};
#endif

static void run_code(const char *what, void *code) {
    int result = ((int (*)(void))code)();
    note("%s: %s", what, result == 42 ? "DONE" : "nothing");
}

static void written_code(char **arguments) {
    void *code = mmap(NULL, 4096, PROT_READ | PROT_WRITE | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    (void)arguments;
    if (code == MAP_FAILED) {
        attempt("mmap", -1);
    } else {
        memcpy(code, forty_two, sizeof forty_two);
        run_code("mmap", code);
    }
    code = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (code == MAP_FAILED) {
        attempt("plain mmap", -1);
        return;
    }
    memcpy(code, forty_two, sizeof forty_two);
    if (mprotect(code, 4096, PROT_READ | PROT_EXEC) < 0) {
        attempt("mprotect", -1);
    } else {
        run_code("mprotect", code);
    }
}

/* A process can ask that all that is readable be executable. */
static void executable_data(char **arguments) {
    int old = personality(READ_IMPLIES_EXEC);
    (void)arguments;
    attempt("personality", old);
    if (old >= 0) {
        personality((unsigned long)old);
    }
}

const struct attack memory_attacks[] = {{"take_private", take_private},
                                        {"take_shared", take_shared},
                                        {"take_files", take_files},
                                        {"take_heap", take_heap},
                                        {"take_tables", take_tables},
                                        {"threads", threads},
                                        {"busy_threads", busy_threads},
                                        {"descriptors", descriptors},
                                        {"written_code", written_code},
                                        {"executable_data", executable_data},
                                        {NULL, NULL}};
