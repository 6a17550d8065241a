/* Attacks on other processes, and by other processes. */
#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <linux/kcmp.h>
#include <linux/sched.h>
#include <sched.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>

#include "attack.h"

/* No child of an attack outlives this. */
#define CHILD_SECONDS 20

static void idle_child(void) {
    alarm(CHILD_SECONDS);
    for (;;) {
        pause();
    }
}

static void end_child(pid_t child) {
    kill(child, SIGKILL);
    waitpid(child, NULL, 0);
}

static void forks(char **arguments) {
    int wanted = atoi(arguments[0]);
    pid_t *children = calloc((size_t)wanted, sizeof *children);
    int made = 0;
    pid_t child = 0;
    while (made < wanted && (child = fork()) >= 0) {
        if (child == 0) {
            idle_child();
        }
        children[made++] = child;
    }
    attempt("fork", child);
    if (made > 0) {
        note("%d children", made);
    }
    while (made > 0) {
        end_child(children[--made]);
    }
    free(children);
}

static long raw_clone(unsigned long flags) {
    long child = syscall(SYS_clone, flags | SIGCHLD, NULL, NULL, NULL, NULL);
    if (child == 0) {
        _exit(0);
    }
    if (child > 0) {
        waitpid((pid_t)child, NULL, 0);
    }
    return child;
}

static long raw_clone3(uint64_t flags) {
    struct clone_args how;
    long child;
    memset(&how, 0, sizeof how);
    how.flags = flags;
    how.exit_signal = SIGCHLD;
    child = syscall(SYS_clone3, &how, sizeof how);
    if (child == 0) {
        _exit(0);
    }
    if (child > 0) {
        waitpid((pid_t)child, NULL, 0);
    }
    return child;
}

static void other_forks(char **arguments) {
    pid_t child;
    (void)arguments;
    attempt("clone", raw_clone(0));
    attempt("clone3", raw_clone3(0));
    child = vfork();
    if (child == 0) {
        _exit(0);
    }
    attempt("vfork", child);
}

/* Its own user namespace would give it every capability in there. */
static void user_namespace(char **arguments) {
    (void)arguments;
    attempt("clone", raw_clone(CLONE_NEWUSER));
    attempt("clone3", raw_clone3(CLONE_NEWUSER));
}

static void namespaces(char **arguments) {
    (void)arguments;
    attempt("network", unshare(CLONE_NEWNET));
    attempt("mounts", unshare(CLONE_NEWNS));
    attempt("ipc", unshare(CLONE_NEWIPC));
}

static void join_namespace(char **arguments) {
    int process = (int)syscall(SYS_pidfd_open, atoi(arguments[0]), 0);
    attempt("setns", process < 0 ? process : setns(process, CLONE_NEWNET));
}

/* Runs a program that ends with the status 42: in a child, or in place of this process where there is no child. */
static void report_program(const char *what, long (*replace)(const char *), const char *program) {
    pid_t child = fork();
    int status = 0;
    if (child < 0) {
        attempt(what, replace(program));
        return;
    }
    if (child == 0) {
        replace(program);
        _exit(errno);
    }
    waitpid(child, &status, 0);
    errno = WEXITSTATUS(status);
    attempt(what, WIFEXITED(status) && errno == 42 ? 0 : -1);
}

static long by_execve(const char *program) {
    char *const words[] = {"sh", "-c", "exit 42", NULL};
    return execve(program, words, NULL);
}

static long by_execveat(const char *program) {
    char *const words[] = {"sh", "-c", "exit 42", NULL};
    return syscall(SYS_execveat, AT_FDCWD, program, words, NULL, 0);
}

/* The shell's bytes, copied to where no path leads. */
static long by_memory(const char *program) {
    char *const words[] = {"sh", "-c", "exit 42", NULL};
    static char bytes[4 << 20];
    int from = open(program, O_RDONLY);
    int to = memfd_create("program", MFD_CLOEXEC);
    ssize_t length = from < 0 ? 0 : read(from, bytes, sizeof bytes);
    if (to < 0 || write(to, bytes, (size_t)length) < 0) {
        return -1;
    }
    return syscall(SYS_execveat, to, "", words, NULL, AT_EMPTY_PATH);
}

static void shell(char **arguments) {
    (void)arguments;
    report_program("execve", by_execve, "/bin/sh");
    report_program("execveat", by_execveat, "/bin/sh");
    report_program("execveat of memory", by_memory, "/bin/sh");
}

static long queue(int number, pid_t target) {
    siginfo_t value;
    memset(&value, 0, sizeof value);
    value.si_signo = SIGURG;
    value.si_code = SI_QUEUE;
    value.si_pid = getpid();
    value.si_uid = getuid();
    return number == SYS_rt_sigqueueinfo ? syscall(number, target, SIGURG, &value)
                                         : syscall(number, target, target, SIGURG, &value);
}

/* Signals that do no harm where they arrive. */
static void signals(char **arguments) {
    pid_t target = atoi(arguments[0]);
    int process = (int)syscall(SYS_pidfd_open, target, 0);
    attempt("kill 0", kill(target, 0));
    attempt("kill SIGCONT", kill(target, SIGCONT));
    attempt("kill SIGURG", kill(target, SIGURG));
    attempt("tkill", syscall(SYS_tkill, target, SIGURG));
    attempt("tgkill", syscall(SYS_tgkill, target, target, SIGURG));
    attempt("rt_sigqueueinfo", queue(SYS_rt_sigqueueinfo, target));
    attempt("rt_tgsigqueueinfo", queue(SYS_rt_tgsigqueueinfo, target));
    attempt("pidfd_send_signal", process < 0 ? process : syscall(SYS_pidfd_send_signal, process, SIGURG, NULL, 0));
}

static void signal_everybody(char **arguments) {
    (void)arguments;
    attempt("group", kill(0, 0));
    attempt("all", kill(-1, 0));
}

/* Lets the kernel send a deadly signal when a pipe becomes readable. */
static void signal_by_pipe(char **arguments) {
    int ends[2];
    int owned;
    if (pipe(ends) < 0) {
        attempt("pipe", -1);
        return;
    }
    owned = fcntl(ends[0], F_SETOWN, atoi(arguments[0]));
    attempt("F_SETOWN", owned);
    if (owned == 0) {
        attempt("F_SETSIG", fcntl(ends[0], F_SETSIG, SIGKILL));
        attempt("O_ASYNC", fcntl(ends[0], F_SETFL, O_ASYNC));
        attempt("write", write(ends[1], "x", 1));
    }
    close(ends[0]);
    close(ends[1]);
}

static void trace(char **arguments) {
    pid_t target = atoi(arguments[0]);
    long seized = ptrace(PTRACE_SEIZE, target, NULL, NULL);
    attempt("ptrace", seized);
    if (seized == 0) {
        ptrace(PTRACE_INTERRUPT, target, NULL, NULL);
        waitpid(target, NULL, __WALL);
        ptrace(PTRACE_DETACH, target, NULL, NULL);
    }
}

/* An address that is not there is found out only by who may look. */
static void memory_of(char **arguments) {
    pid_t target = atoi(arguments[0]);
    char byte = 'x';
    struct iovec here = {&byte, 1};
    struct iovec there = {(void *)8, 1};
    attempt_or("process_vm_readv", process_vm_readv(target, &here, 1, &there, 1, 0), EFAULT);
    attempt_or("process_vm_writev", process_vm_writev(target, &here, 1, &there, 1, 0), EFAULT);
}

static void descriptors_of(char **arguments) {
    pid_t target = atoi(arguments[0]);
    int process = (int)syscall(SYS_pidfd_open, target, 0);
    attempt("pidfd_getfd", process < 0 ? process : syscall(SYS_pidfd_getfd, process, 0, 0));
    attempt("kcmp", syscall(SYS_kcmp, target, getpid(), KCMP_VM, 0, 0));
}

static void limits_of(char **arguments) {
    pid_t target = atoi(arguments[0]);
    struct rlimit limit;
    int known = prlimit(target, RLIMIT_NOFILE, NULL, &limit);
    attempt("look at limits", known);
    attempt("set limits", known < 0 ? known : prlimit(target, RLIMIT_NOFILE, &limit, NULL));
}

/* Sets what is set already: who may do that may set anything. */
static void schedule_of(char **arguments) {
    pid_t target = atoi(arguments[0]);
    cpu_set_t processors;
    struct sched_param priority = {0};
    uint32_t attributes[14] = {sizeof attributes};
    CPU_ZERO(&processors);
    CPU_SET(0, &processors);
    CPU_SET(1, &processors);
    attempt("setpriority", setpriority(PRIO_PROCESS, (id_t)target, 0));
    attempt("sched_setaffinity", sched_setaffinity(target, sizeof processors, &processors));
    attempt("sched_setscheduler", sched_setscheduler(target, SCHED_OTHER, &priority));
    attempt("sched_setparam", sched_setparam(target, &priority));
    attempt("sched_setattr", syscall(SYS_sched_setattr, target, attributes, 0));
    attempt("ioprio_set", syscall(SYS_ioprio_set, 1, target, 0));
}

static void pages_of(char **arguments) {
    pid_t target = atoi(arguments[0]);
    void *page = (void *)4096;
    int status;
    attempt("move_pages", syscall(SYS_move_pages, target, 1, &page, NULL, &status, 0));
}

static void realtime(char **arguments) {
    struct sched_param high = {1};
    struct sched_param none = {0};
    int set = sched_setscheduler(0, SCHED_FIFO, &high);
    (void)arguments;
    attempt("sched_setscheduler", set);
    if (set == 0) {
        sched_setscheduler(0, SCHED_OTHER, &none);
    }
    attempt("setpriority", setpriority(PRIO_PROCESS, 0, -1));
}

static void parent_death(char **arguments) {
    (void)arguments;
    attempt("prctl", prctl(PR_SET_PDEATHSIG, 0));
}

static void root(char **arguments) {
    (void)arguments;
    attempt("setuid", syscall(SYS_setuid, 0));
    attempt("setresuid", syscall(SYS_setresuid, 0, 0, 0));
    attempt("setgid", syscall(SYS_setgid, 0));
    attempt("setgroups", syscall(SYS_setgroups, 0, NULL));
}

static void capabilities(char **arguments) {
    struct __user_cap_header_struct head = {_LINUX_CAPABILITY_VERSION_3, 0};
    struct __user_cap_data_struct all[2];
    (void)arguments;
    memset(all, 0, sizeof all);
    all[0].permitted = all[0].effective = 1u << CAP_SYS_PTRACE;
    attempt("capset", syscall(SYS_capset, &head, all));
}

/* Each limit that can be set above 0 again lets it write a core or a file, or take memory. */
static void raise_limits(char **arguments) {
    struct rlimit limit = {RLIM_INFINITY, RLIM_INFINITY};
    (void)arguments;
    attempt("core", setrlimit(RLIMIT_CORE, &limit));
    attempt("data", setrlimit(RLIMIT_DATA, &limit));
    attempt("file size", setrlimit(RLIMIT_FSIZE, &limit));
}

const struct attack process_attacks[] = {{"forks", forks},
                                         {"other_forks", other_forks},
                                         {"user_namespace", user_namespace},
                                         {"namespaces", namespaces},
                                         {"join_namespace", join_namespace},
                                         {"shell", shell},
                                         {"signals", signals},
                                         {"signal_everybody", signal_everybody},
                                         {"signal_by_pipe", signal_by_pipe},
                                         {"trace", trace},
                                         {"memory_of", memory_of},
                                         {"descriptors_of", descriptors_of},
                                         {"limits_of", limits_of},
                                         {"schedule_of", schedule_of},
                                         {"pages_of", pages_of},
                                         {"realtime", realtime},
                                         {"parent_death", parent_death},
                                         {"root", root},
                                         {"capabilities", capabilities},
                                         {"raise_limits", raise_limits},
                                         {NULL, NULL}};
