/* Attacks on files. */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/fanotify.h>
#include <sys/inotify.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/xattr.h>
#include <unistd.h>
#include <utime.h>

#include "attack.h"

#ifndef SYS_fchmodat2
#define SYS_fchmodat2 452
#endif

static void open_to_read(char **arguments) {
    attempt("open to read", open(arguments[0], O_RDONLY | O_NONBLOCK));
}

static void open_to_write(char **arguments) {
    attempt("open to write", open(arguments[0], O_WRONLY | O_NONBLOCK));
}

static void list_folder(char **arguments) {
    attempt("open folder", open(arguments[0], O_RDONLY | O_DIRECTORY));
}

static void overwrite(char **arguments) {
    int file = open(arguments[0], O_WRONLY);
    attempt("overwrite", file < 0 ? file : write(file, "x", 1));
}

static void cut(char **arguments) {
    attempt("truncate", truncate(arguments[0], 0));
    attempt("open and truncate", open(arguments[0], O_WRONLY | O_TRUNC));
}

static void change_mode(char **arguments) {
    attempt("chmod", chmod(arguments[0], 0777));
    attempt("fchmodat", fchmodat(AT_FDCWD, arguments[0], 0777, 0));
    attempt("fchmodat2", syscall(SYS_fchmodat2, AT_FDCWD, arguments[0], 0777, 0));
}

static void change_owner(char **arguments) {
    attempt("chown", chown(arguments[0], getuid(), getgid()));
    attempt("lchown", lchown(arguments[0], getuid(), getgid()));
    attempt("fchownat", fchownat(AT_FDCWD, arguments[0], getuid(), getgid(), 0));
}

static void touch(char **arguments) {
    struct timespec times[2] = {{1, 0}, {1, 0}};
    attempt("utimensat", utimensat(AT_FDCWD, arguments[0], times, 0));
#if defined(__x86_64__)
    attempt("utimes", syscall(SYS_utimes, arguments[0], times));
    attempt("utime", syscall(SYS_utime, arguments[0], NULL));
    attempt("futimesat", syscall(SYS_futimesat, AT_FDCWD, arguments[0], times));
#endif
}

static void attributes(char **arguments) {
    attempt("setxattr", setxattr(arguments[0], "user.hostile", "x", 1, 0));
    attempt("lsetxattr", lsetxattr(arguments[0], "user.hostile", "x", 1, 0));
    attempt("removexattr", removexattr(arguments[0], "user.hostile"));
}

static void delete(char **arguments) {
    attempt("unlink", unlink(arguments[0]));
}

static void delete_at(char **arguments) {
    attempt("unlinkat", unlinkat(AT_FDCWD, arguments[0], 0));
}

static void move(char **arguments) {
    attempt("rename", rename(arguments[0], arguments[1]));
}

static void exchange(char **arguments) {
    attempt("renameat2", syscall(SYS_renameat2, AT_FDCWD, arguments[0], AT_FDCWD, arguments[1], RENAME_EXCHANGE));
}

static void create(char **arguments) {
    char path[PATH_MAX];
    snprintf(path, sizeof path, "%s/file", arguments[0]);
    attempt("new file", open(path, O_CREAT | O_EXCL | O_WRONLY, 0600));
    attempt("unnamed file", open(arguments[0], O_TMPFILE | O_RDWR, 0600));
    snprintf(path, sizeof path, "%s/folder", arguments[0]);
    attempt("new folder", mkdir(path, 0700));
    snprintf(path, sizeof path, "%s/node", arguments[0]);
    attempt("mknod", mknod(path, S_IFREG | 0600, 0));
    snprintf(path, sizeof path, "%s/fifo", arguments[0]);
    attempt("mkfifo", mkfifo(path, 0600));
}

/* Makes a link at the second argument to the first, and opens what it leads to. */
static void hard_link(char **arguments) {
    int made = link(arguments[0], arguments[1]);
    attempt("link", made);
    if (made == 0) {
        attempt("open the link", open(arguments[1], O_RDONLY));
    }
}

static void symbolic_link(char **arguments) {
    int made = symlink(arguments[0], arguments[1]);
    attempt("symlink", made);
    if (made == 0) {
        attempt("open the link", open(arguments[1], O_RDONLY));
    }
}

static void watch(char **arguments) {
    int events = inotify_init1(IN_CLOEXEC);
    attempt("inotify", events < 0 ? events : inotify_add_watch(events, arguments[0], IN_ALL_EVENTS));
}

static void watch_all(char **arguments) {
    int events = fanotify_init(FAN_CLASS_NOTIF | FAN_REPORT_FID, O_RDONLY);
    attempt("fanotify", events < 0 ? events : fanotify_mark(events, FAN_MARK_ADD, FAN_OPEN, AT_FDCWD, arguments[0]));
}

/* Opens a file by its inode's number, past the folders above it. */
static void open_by_handle(char **arguments) {
    union {
        struct file_handle handle;
        char room[sizeof(struct file_handle) + MAX_HANDLE_SZ];
    } name;
    int mount_id;
    int above = open("/", O_RDONLY | O_DIRECTORY);
    name.handle.handle_bytes = MAX_HANDLE_SZ;
    if (above < 0) {
        above = AT_FDCWD;
    }
    if (name_to_handle_at(AT_FDCWD, arguments[0], &name.handle, &mount_id, 0) < 0) {
        attempt("name_to_handle_at", -1);
        return;
    }
    attempt("open_by_handle_at", open_by_handle_at(above, &name.handle, O_RDONLY));
}

static void mount_here(char **arguments) {
    int mounted = mount("none", arguments[0], "tmpfs", 0, NULL);
    attempt("mount", mounted);
    if (mounted == 0) {
        umount2(arguments[0], MNT_DETACH);
    }
    attempt("fsopen", syscall(SYS_fsopen, "tmpfs", 0));
    attempt("open_tree", syscall(SYS_open_tree, AT_FDCWD, "/", 1 /* OPEN_TREE_CLONE */));
}

static void change_root(char **arguments) {
    (void)arguments;
    attempt("chroot", chroot("."));
}

const struct attack file_attacks[] = {{"open_to_read", open_to_read},
                                      {"open_to_write", open_to_write},
                                      {"list_folder", list_folder},
                                      {"overwrite", overwrite},
                                      {"truncate", cut},
                                      {"chmod", change_mode},
                                      {"chown", change_owner},
                                      {"touch", touch},
                                      {"setxattr", attributes},
                                      {"unlink", delete},
                                      {"unlinkat", delete_at},
                                      {"rename", move},
                                      {"exchange", exchange},
                                      {"create", create},
                                      {"link", hard_link},
                                      {"symlink", symbolic_link},
                                      {"inotify", watch},
                                      {"fanotify", watch_all},
                                      {"open_by_handle", open_by_handle},
                                      {"mount", mount_here},
                                      {"chroot", change_root},
                                      {NULL, NULL}};
