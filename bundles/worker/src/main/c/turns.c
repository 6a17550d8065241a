/* Whose turn it is to read the requests.
 *
 * A call that one thread reads and another one runs costs two wake-ups, which is more than all the rest of it. So the
 * thread of a serial plugin reads for itself while it is idle, runs what it read, and comes back. The main thread is
 * there for all other times: it takes the turn when a plugin computes for a while, at once when a plugin waits for an
 * answer of the daemon, and always if no plugin reads for itself. It gives it back as soon as a plugin is idle.
 */
#include "worker.h"

#include <time.h>

/* How long a plugin may compute until the main thread reads: a PING waits no longer than twice this. */
#define PATIENCE_NANOS 1000000

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t for_main;
static bool taken;
static uint64_t rounds; /* how often it was taken */
static unsigned readers; /* plugins that read for themselves */
static struct plugin *wanting; /* one that would read if the turn were free */
static bool urgent;
static bool asleep; /* the main thread waits without a limit */

void turns_open(void) {
    pthread_condattr_t attributes;
    pthread_condattr_init(&attributes);
#ifdef __linux__
    pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
#endif
    pthread_cond_init(&for_main, &attributes);
}

static void wait_a_while(void) {
    struct timespec until;
#ifdef __linux__
    clock_gettime(CLOCK_MONOTONIC, &until);
#else
    clock_gettime(CLOCK_REALTIME, &until);
#endif
    until.tv_nsec += PATIENCE_NANOS;
    if (until.tv_nsec >= 1000000000) {
        until.tv_nsec -= 1000000000;
        until.tv_sec++;
    }
    pthread_cond_timedwait(&for_main, &lock, &until);
}

void turns_take_main(void) {
    bool idle = false;
    pthread_mutex_lock(&lock);
    for (;;) {
        uint64_t seen = rounds;
        bool was_free = !taken;
        if (was_free && (urgent || readers == 0)) {
            break;
        }
        if (idle) {
            asleep = true;
            pthread_cond_wait(&for_main, &lock);
            asleep = false;
        } else {
            wait_a_while();
            if (was_free && !taken && rounds == seen) {
                break;
            }
        }
        /* While plugins take turns this looks from time to time, which is cheaper than to be woken by each. */
        idle = taken && rounds == seen;
    }
    taken = true;
    urgent = false;
    rounds++;
    pthread_mutex_unlock(&lock);
}

/* Tells the main thread to look; the lock is held. */
static void wake_main(void) {
    pthread_cond_signal(&for_main);
}

bool turns_yield_main(void) {
    pthread_mutex_lock(&lock);
    struct plugin *next = wanting;
    if (next != NULL) {
        wanting = NULL;
        taken = false;
    }
    pthread_mutex_unlock(&lock);
    if (next != NULL) {
        plugins_wake(next);
    }
    return next != NULL;
}

bool turns_take(struct plugin *plugin) {
    pthread_mutex_lock(&lock);
    bool mine = !taken;
    if (mine) {
        taken = true;
        rounds++;
    } else {
        wanting = plugin;
    }
    pthread_mutex_unlock(&lock);
    return mine;
}

void turns_release(void) {
    pthread_mutex_lock(&lock);
    taken = false;
    if (asleep || urgent || readers == 0) {
        wake_main();
    }
    pthread_mutex_unlock(&lock);
}

void turns_need_answer(void) {
    pthread_mutex_lock(&lock);
    if (!taken) {
        urgent = true;
        wake_main();
    }
    pthread_mutex_unlock(&lock);
}

void turns_reader(struct plugin *plugin, bool reads) {
    pthread_mutex_lock(&lock);
    readers = reads ? readers + 1 : readers - 1;
    if (!reads && wanting == plugin) {
        wanting = NULL;
    }
    if (readers == 0) {
        wake_main();
    }
    pthread_mutex_unlock(&lock);
}
