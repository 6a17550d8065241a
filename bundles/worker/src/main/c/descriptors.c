#include "worker.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

/* Above what a plugin gets for its files, so that one that closes a wrong number hits nothing of ours. */
#define HIGH 200
/* Where descriptors cannot be closed as a range; nobody starts a worker with more. */
#define CLOSED_ONE_BY_ONE 4096

static int move_high(int descriptor) {
    int moved = fcntl(descriptor, F_DUPFD_CLOEXEC, HIGH);
    if (moved < 0 && errno == EINVAL) {
        moved = fcntl(descriptor, F_DUPFD_CLOEXEC, 3);
    }
    if (moved < 0) {
        broken("descriptor %d cannot be moved: %s", descriptor, strerror(errno));
    }
    return moved;
}

static void put(int descriptor, int at) {
    if (dup2(descriptor, at) < 0) {
        broken("descriptor %d cannot be put at %d: %s", descriptor, at, strerror(errno));
    }
}

static void close_between(unsigned first, unsigned last) {
    if (first > last) {
        return;
    }
#ifdef SYS_close_range
    if (syscall(SYS_close_range, first, last, 0) == 0) {
        return;
    }
#endif
    for (unsigned descriptor = first; descriptor <= last && descriptor < CLOSED_ONE_BY_ONE; descriptor++) {
        close((int)descriptor);
    }
}

struct pipes descriptors_take(void) {
    struct pipes pipes = {.requests = move_high(0), .replies = move_high(1), .log = move_high(2)};
    put(pipes.log, 1);
    int null = open("/dev/null", O_RDWR | O_CLOEXEC);
    put(null < 0 ? pipes.log : null, 0);
    /* They were moved in this order, so the numbers rise. */
    unsigned low = (unsigned)pipes.requests;
    unsigned middle = (unsigned)pipes.replies;
    unsigned high = (unsigned)pipes.log;
    close_between(3, low - 1);
    close_between(low + 1, middle - 1);
    close_between(middle + 1, high - 1);
    close_between(high + 1, ~0u);
    return pipes;
}
