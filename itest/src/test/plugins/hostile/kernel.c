/* Attacks on the kernel's less used doors. */
#include <asm/ldt.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/bpf.h>
#include <linux/io_uring.h>
#include <linux/keyctl.h>
#include <linux/perf_event.h>
#include <linux/userfaultfd.h>
#include <mqueue.h>
#include <stdio.h>
#include <string.h>
#include <sys/ipc.h>
#include <sys/klog.h>
#include <sys/msg.h>
#include <sys/sem.h>
#include <sys/shm.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "attack.h"

static void io_uring(char **arguments) {
    struct io_uring_params how;
    (void)arguments;
    memset(&how, 0, sizeof how);
    attempt("io_uring_setup", syscall(SYS_io_uring_setup, 1, &how));
}

static void fault_handler(char **arguments) {
    (void)arguments;
    attempt("userfaultfd", syscall(SYS_userfaultfd, UFFD_USER_MODE_ONLY));
}

static void bpf(char **arguments) {
    union bpf_attr map;
    (void)arguments;
    memset(&map, 0, sizeof map);
    map.map_type = BPF_MAP_TYPE_ARRAY;
    map.key_size = 4;
    map.value_size = 8;
    map.max_entries = 1;
    attempt("bpf", syscall(SYS_bpf, BPF_MAP_CREATE, &map, sizeof map));
}

static void perf(char **arguments) {
    struct perf_event_attr event;
    (void)arguments;
    memset(&event, 0, sizeof event);
    event.type = PERF_TYPE_SOFTWARE;
    event.size = sizeof event;
    event.config = PERF_COUNT_SW_CPU_CLOCK;
    event.exclude_kernel = 1;
    attempt("perf_event_open", syscall(SYS_perf_event_open, &event, 0, -1, -1, 0));
}

static void keys(char **arguments) {
    (void)arguments;
    attempt("add_key", syscall(SYS_add_key, "user", "hostile", "x", 1, KEY_SPEC_THREAD_KEYRING));
    attempt("keyctl", syscall(SYS_keyctl, KEYCTL_GET_KEYRING_ID, KEY_SPEC_THREAD_KEYRING, 1));
}

/* What is made here would stay when the process is gone. */
static void system_v(char **arguments) {
    int memory = shmget(IPC_PRIVATE, 4096, IPC_CREAT | 0600);
    int messages;
    int semaphores;
    (void)arguments;
    attempt("shmget", memory);
    messages = msgget(IPC_PRIVATE, IPC_CREAT | 0600);
    attempt("msgget", messages);
    semaphores = semget(IPC_PRIVATE, 1, IPC_CREAT | 0600);
    attempt("semget", semaphores);
    if (memory >= 0) {
        shmctl(memory, IPC_RMID, NULL);
    }
    if (messages >= 0) {
        msgctl(messages, IPC_RMID, NULL);
    }
    if (semaphores >= 0) {
        semctl(semaphores, 0, IPC_RMID);
    }
}

static void message_queue(char **arguments) {
    (void)arguments;
    attempt("mq_open", mq_open("/hostile", O_CREAT | O_RDWR, 0600, NULL));
    mq_unlink("/hostile");
}

static void kernel_log(char **arguments) {
    char text[64];
    (void)arguments;
    attempt("syslog", klogctl(3 /* read all */, text, sizeof text));
}

static void host_name(char **arguments) {
    char name[256];
    (void)arguments;
    if (gethostname(name, sizeof name) == 0) {
        attempt("sethostname", sethostname(name, strlen(name)));
    }
}

/* Segments of 16 bits are a door to old code of the kernel. */
static void segments(char **arguments) {
    struct user_desc segment;
    (void)arguments;
    memset(&segment, 0, sizeof segment);
    segment.seg_not_present = 1;
    segment.read_exec_only = 1;
    attempt("modify_ldt", syscall(SYS_modify_ldt, 1, &segment, sizeof segment));
}

#if defined(__x86_64__)
/* getpid by the numbers of 32-bit programs, which a filter has to know apart. */
static void call_as_32_bit(char **arguments) {
    long result = 20;
    (void)arguments;
    __asm__ volatile("int $0x80" : "+a"(result) : : "r8", "r9", "r10", "r11", "memory");
    note("int 0x80: %s", result == getpid() ? "DONE" : "nothing");
}

static void call_as_x32(char **arguments) {
    (void)arguments;
    attempt("x32", syscall(0x40000000 | SYS_getpid));
}
#endif

const struct attack kernel_attacks[] = {{"io_uring", io_uring},
                                        {"userfaultfd", fault_handler},
                                        {"bpf", bpf},
                                        {"perf", perf},
                                        {"keys", keys},
                                        {"system_v", system_v},
                                        {"message_queue", message_queue},
                                        {"kernel_log", kernel_log},
                                        {"host_name", host_name},
                                        {"segments", segments},
#if defined(__x86_64__)
                                        {"call_as_32_bit", call_as_32_bit},
                                        {"call_as_x32", call_as_x32},
#endif
                                        {NULL, NULL}};
