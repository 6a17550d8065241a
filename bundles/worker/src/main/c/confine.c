#include "worker.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define STAY 0xffffffffu
#define FLAG_EXACT_MEMORY 1u

static int become(uint32_t uid, uint32_t gid);
static int arm(void);
static int exact_memory(void);
static int filter(const uint8_t *program, size_t length);

struct report {
    uint8_t bytes[4 + 4 * 8];
    uint32_t steps;
};

static void add(struct report *report, uint32_t step, int error) {
    put_u32(report->bytes + 4 + 8 * report->steps, step);
    put_u32(report->bytes + 8 + 8 * report->steps, (uint32_t)error);
    put_u32(report->bytes, ++report->steps);
}

void confine(struct frame *frame) {
    struct body body = body_of(frame);
    uint32_t uid = take_u32(&body);
    uint32_t gid = take_u32(&body);
    uint32_t flags = take_u32(&body);
    uint32_t length = take_u32(&body);
    if (length > body.left) {
        broken("a frame's body is too short for what it holds");
    }
    struct report report = {.steps = 0};
    if (uid != STAY || gid != STAY) {
        add(&report, STEP_USER, become(uid, gid));
    }
    /* Also if the user stays: the change of it is not all that clears the signal. */
    add(&report, STEP_PARENT_DEATH, arm());
    if (flags & FLAG_EXACT_MEMORY) {
        add(&report, STEP_EXACT_MEMORY, exact_memory());
    }
    if (length > 0) {
        add(&report, STEP_FILTER, filter(body.at, length));
    }
    struct iovec part = {report.bytes, 4 + 8 * report.steps};
    send_frame(frame->id, FRAME_CONFINED, &part, 1);
    free(frame);
}

void arm_parent_death(void) {
    int error = arm();
    if (error != 0 && error != ENOSYS) {
        say("the parent-death signal is not armed: %s", strerror(error));
    }
}

#ifdef __linux__

#include <grp.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/syscall.h>

#ifndef PR_SET_MDWE
#define PR_SET_MDWE 65
#define PR_MDWE_REFUSE_EXEC_GAIN 1
#endif

static int errno_of(long result) {
    return result == 0 ? 0 : errno;
}

/* glibc's calls, not the bare system calls: those would change this thread only. */
static int become(uint32_t uid, uint32_t gid) {
    if (setgroups(0, NULL) != 0 || (gid != STAY && setresgid(gid, gid, gid) != 0)) {
        return errno;
    }
    return uid == STAY ? 0 : errno_of(setresuid(uid, uid, uid));
}

static int arm(void) {
    return errno_of(prctl(PR_SET_PDEATHSIG, SIGKILL));
}

static int exact_memory(void) {
    return errno_of(prctl(PR_SET_MDWE, PR_MDWE_REFUSE_EXEC_GAIN, 0, 0, 0));
}

static int filter(const uint8_t *program, size_t length) {
    if (length % sizeof(struct sock_filter) != 0 || length / sizeof(struct sock_filter) > BPF_MAXINSNS) {
        return EINVAL;
    }
    struct sock_filter *steps = malloc(length);
    if (steps == NULL) {
        return ENOMEM;
    }
    memcpy(steps, program, length);
    struct sock_fprog all = {(unsigned short)(length / sizeof *steps), steps};
    int error = errno_of(prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0));
    if (error == 0) {
        long result = syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, SECCOMP_FILTER_FLAG_TSYNC, &all);
        /* A thread's number: that one has another filter and could not be taken along. */
        error = result > 0 ? EBUSY : errno_of(result);
    }
    free(steps);
    return error;
}

#else

static int become(uint32_t uid, uint32_t gid) {
    (void)uid;
    (void)gid;
    return ENOSYS;
}

static int arm(void) {
    return ENOSYS;
}

static int exact_memory(void) {
    return ENOSYS;
}

static int filter(const uint8_t *program, size_t length) {
    (void)program;
    (void)length;
    return ENOSYS;
}

#endif
