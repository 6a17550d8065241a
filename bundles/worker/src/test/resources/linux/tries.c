/* Tries what a hostile plugin would, and prints what came of it: one line for each command that it reads from stdin.
 * A worker's side of a confined start, as small as possible: no JVM, no plugin. */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <dirent.h>
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/shm.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <sys/xattr.h>
#include <unistd.h>


static char *word(void) { return strtok(NULL, " \n"); }
static long number(void) { char *w = word(); return w ? atol(w) : 0; }

static void say(const char *what, long result) {
    if (result < 0)
        printf("%s errno %d\n", what, errno);
    else
        printf("%s ok\n", what);
    fflush(stdout);
}

static int opened(const char *path, int flags) {
    int fd = open(path, flags | O_CLOEXEC, 0600);
    int saved = errno;
    if (fd >= 0)
        close(fd);
    errno = saved;
    return fd;
}

/* confine UID MDWE FILTERFILE: what a worker does at CONFINE. The file is opened by its relative path. */
static long confine(void) {
    long uid = number(), mdwe = number();
    int fd = open(word(), O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return -1;
    static struct sock_filter code[4096];
    ssize_t bytes = read(fd, code, sizeof code);
    close(fd);
    if (uid > 0 && (setgroups(0, NULL) || setresgid(uid, uid, uid) || setresuid(uid, uid, uid)))
        return -1;
    if (prctl(PR_SET_PDEATHSIG, SIGKILL))
        return -1;
    if (mdwe && prctl(65, 1, 0, 0, 0))
        return -1;
    struct sock_fprog program = {(unsigned short)(bytes / sizeof *code), code};
    return bytes > 0 ? syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, SECCOMP_FILTER_FLAG_TSYNC, &program) : 0;
}

static void *idle(void *unused) {
    for (;;)
        pause();
    return unused;
}

static long threads(long most) {
    pthread_attr_t small;
    pthread_attr_init(&small);
    pthread_attr_setstacksize(&small, 64 << 10);
    for (long i = 0; i < most; i++) {
        pthread_t thread;
        int error = pthread_create(&thread, &small, idle, NULL);
        if (error) {
            printf("made %ld ", i);
            errno = error;
            return -1;
        }
    }
    return 0;
}

static long allocate(long megabytes, int flags) {
    for (long i = 0; i < megabytes; i++) {
        char *memory = mmap(NULL, 1 << 20, PROT_READ | PROT_WRITE, flags | MAP_ANONYMOUS, -1, 0);
        if (memory == MAP_FAILED) {
            printf("got %ld ", i);
            return -1;
        }
        memset(memory, 1, 1 << 20);
    }
    return 0;
}

static long connected(int port) {
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd < 0)
        return -1;
    struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons((uint16_t)port)};
    to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    int result = connect(fd, (struct sockaddr *)&to, sizeof to), saved = errno;
    close(fd);
    errno = saved;
    return result;
}

static long connected_to(const char *path) {
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd < 0)
        return -1;
    struct sockaddr_un to = {.sun_family = AF_UNIX};
    strncpy(to.sun_path, path, sizeof to.sun_path - 1);
    int result = connect(fd, (struct sockaddr *)&to, sizeof to), saved = errno;
    close(fd);
    errno = saved;
    return result;
}

static long written_into(pid_t pid) {
    char byte = 0, there;
    struct iovec mine = {&byte, 1}, other = {&there, 1};
    return process_vm_writev(pid, &mine, 1, &other, 1, 0);
}

static long forked(void) {
    pid_t pid = fork();
    if (pid == 0)
        _exit(0);
    if (pid > 0)
        waitpid(pid, NULL, 0);
    return pid;
}

/* Has the kernel send the signal: a file says to whom. */
static long signalled_by_file(pid_t pid) {
    int ends[2];
    if (pipe2(ends, O_CLOEXEC))
        return -1;
    if (fcntl(ends[0], F_SETOWN, pid) || fcntl(ends[0], F_SETSIG, SIGKILL))
        return -1;
    if (fcntl(ends[0], F_SETFL, O_ASYNC))
        return -1;
    return write(ends[1], "x", 1);
}

/* Writes to a file until that fails. */
static long fill(const char *path) {
    static char block[64 << 10];
    signal(SIGXFSZ, SIG_IGN);
    int fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
    if (fd < 0)
        return -1;
    ssize_t written;
    while ((written = write(fd, block, sizeof block)) > 0)
        ;
    int saved = errno;
    close(fd);
    errno = saved;
    return written;
}

static long files(long most) {
    for (long i = 0; i < most; i++)
        if (open("/dev/null", O_RDONLY | O_CLOEXEC) < 0)
            return -1;
    return 0;
}

static long list_descriptors(void) {
    int open = 0;
    for (int fd = 0; fd < 4096; fd++)
        if (fcntl(fd, F_GETFD) >= 0)
            open++;
    printf("%d ", open);
    return 0;
}

static long signals_blocked(void) {
    sigset_t now;
    int count = 0;
    sigprocmask(SIG_BLOCK, NULL, &now);
    for (int i = 1; i < 32; i++) {
        struct sigaction action;
        sigaction(i, NULL, &action);
        count += sigismember(&now, i) == 1 || action.sa_handler != SIG_DFL;
    }
    printf("%d ", count);
    return 0;
}

static long try(const char *what) {
    if (!strcmp(what, "confine")) return confine();
    if (!strcmp(what, "read")) return opened(word(), O_RDONLY);
    if (!strcmp(what, "write")) return opened(word(), O_WRONLY);
    if (!strcmp(what, "create")) return opened(word(), O_WRONLY | O_CREAT);
    if (!strcmp(what, "cut")) return opened(word(), O_RDONLY | O_TRUNC);
    if (!strcmp(what, "truncate")) return truncate(word(), 0);
    if (!strcmp(what, "mkdir")) return mkdir(word(), 0700);
    if (!strcmp(what, "unlink")) return unlink(word());
    if (!strcmp(what, "rename")) { char *from = word(); return rename(from, word()); }
    if (!strcmp(what, "symlink")) { char *from = word(); return symlink(from, word()); }
    if (!strcmp(what, "link")) { char *from = word(); return link(from, word()); }
    if (!strcmp(what, "chmod")) return chmod(word(), 0777);
    if (!strcmp(what, "utime")) return utimensat(AT_FDCWD, word(), NULL, 0);
    if (!strcmp(what, "xattr")) return setxattr(word(), "user.test", "x", 1, 0);
    if (!strcmp(what, "stat")) { struct stat s; return stat(word(), &s); }
    if (!strcmp(what, "cwd")) { char path[4096]; long r = getcwd(path, sizeof path) ? 0 : -1; printf("%s ", path); return r; }
    if (!strcmp(what, "env")) { extern char **environ; for (char **e = environ; *e; e++) printf("%s ", *e); return 0; }
    if (!strcmp(what, "ids")) { printf("%d %d %d ", getuid(), getgid(), getgroups(0, NULL)); return 0; }
    if (!strcmp(what, "session")) { printf("%s ", getsid(0) == getpid() ? "own" : "shared"); return 0; }
    if (!strcmp(what, "descriptors")) return list_descriptors();
    if (!strcmp(what, "signals")) return signals_blocked();
    if (!strcmp(what, "fork")) return forked();
    if (!strcmp(what, "vfork")) { pid_t pid = vfork(); if (pid == 0) _exit(0); return pid; }
    if (!strcmp(what, "exec")) { execl("/bin/sh", "sh", "-c", "exit 0", (char *)NULL); return -1; }
    if (!strcmp(what, "kill")) return kill((pid_t)number(), 0);
    if (!strcmp(what, "tgkill")) { long pid = number(); return syscall(SYS_tgkill, pid, number(), 0); }
    if (!strcmp(what, "tkill")) return syscall(SYS_tkill, number(), 0);
    if (!strcmp(what, "sigio")) return signalled_by_file((pid_t)number());
    if (!strcmp(what, "ptrace")) return ptrace(PTRACE_ATTACH, (pid_t)number(), NULL, NULL);
    if (!strcmp(what, "vmwrite")) return written_into((pid_t)number());
    if (!strcmp(what, "pidfd")) return syscall(SYS_pidfd_open, number(), 0);
    if (!strcmp(what, "nice")) return setpriority(PRIO_PROCESS, (id_t)number(), 19);
    if (!strcmp(what, "affinity")) { cpu_set_t set; CPU_ZERO(&set); CPU_SET(0, &set); return sched_setaffinity((pid_t)number(), sizeof set, &set); }
    if (!strcmp(what, "prlimit")) { struct rlimit l = {1, 1}; return prlimit((pid_t)number(), RLIMIT_NOFILE, &l, NULL); }
    if (!strcmp(what, "raise")) { struct rlimit l = {RLIM_INFINITY, RLIM_INFINITY}; return setrlimit(RLIMIT_DATA, &l); }
    if (!strcmp(what, "uring")) return syscall(425, 8, calloc(1, 256));
    if (!strcmp(what, "deathsig")) return prctl(PR_SET_PDEATHSIG, 0);
    if (!strcmp(what, "name")) return prctl(PR_SET_NAME, "renamed");
    if (!strcmp(what, "unshare")) return unshare(CLONE_NEWUSER);
    if (!strcmp(what, "shm")) return shmget(IPC_PRIVATE, 4096, 0600);
    if (!strcmp(what, "memfd")) return memfd_create("x", MFD_CLOEXEC);
    if (!strcmp(what, "rwx")) return mmap(NULL, 4096, PROT_READ | PROT_WRITE | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0) == MAP_FAILED ? -1 : 0;
    if (!strcmp(what, "socketpair")) { int ends[2]; return socketpair(AF_UNIX, SOCK_STREAM, 0, ends); }
    if (!strcmp(what, "packet")) return socket(AF_PACKET, SOCK_RAW, 0);
    if (!strcmp(what, "connect")) return connected((int)number());
    if (!strcmp(what, "unix")) return connected_to(word());
    if (!strcmp(what, "threads")) return threads(number());
    if (!strcmp(what, "allocate")) return allocate(number(), MAP_PRIVATE);
    if (!strcmp(what, "shared")) return allocate(number(), MAP_SHARED);
    if (!strcmp(what, "reserve")) { return mmap(NULL, (size_t)number() << 30, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0) == MAP_FAILED ? -1 : 0; }
    if (!strcmp(what, "growing")) return mmap(NULL, 1L << 30, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_GROWSDOWN, -1, 0) == MAP_FAILED ? -1 : 0;
    if (!strcmp(what, "dlopen")) { void *l = dlopen(word(), RTLD_NOW | RTLD_LOCAL); if (!l) printf("%s ", dlerror()); return l ? 0 : -1; }
    if (!strcmp(what, "exit")) exit((int)number());
    if (!strcmp(what, "abort")) abort();
    if (!strcmp(what, "hold")) { printf("holding\n"); fflush(stdout); idle(NULL); }
    if (!strcmp(what, "fill")) return fill(word());
    if (!strcmp(what, "files")) return files(number());
    if (!strcmp(what, "signal")) return raise((int)number());
    if (!strcmp(what, "ignore")) return signal(SIGTERM, SIG_IGN) == SIG_ERR ? -1 : 0;
    errno = 9999;
    return -1;
}

int main(void) {
    char line[8192];
    while (fgets(line, sizeof line, stdin)) {
        char *what = strtok(line, " \n");
        if (what)
            say(what, try(what));
    }
    return 0;
}
