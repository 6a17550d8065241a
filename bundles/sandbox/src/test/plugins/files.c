// Looks at WASI's files from inside. The function names a group of checks; the folder is the first that was granted.
// Prints each check that fails, and in the end "ok" or how many failed.
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>
#include <wasi/api.h>

#define READ __WASI_RIGHTS_FD_READ
#define WRITE __WASI_RIGHTS_FD_WRITE
#define FOLLOW __WASI_LOOKUPFLAGS_SYMLINK_FOLLOW
#define CREAT __WASI_OFLAGS_CREAT
#define EXCL __WASI_OFLAGS_EXCL
#define TRUNC __WASI_OFLAGS_TRUNC
#define DIRECTORY __WASI_OFLAGS_DIRECTORY
#define IS(what, wanted) check(__LINE__, #what, (long long)(what), (long long)(wanted))

enum { FOLDER = 3 };

static int failed;
static __wasi_filestat_t st;
static __wasi_fdstat_t fs;

static void check(int line, const char *what, long long found, long long wanted) {
    if (found != wanted) {
        failed++;
        printf("files.c:%d: %s is %lld, not %lld\n", line, what, found, wanted);
    }
}

// Opens a path; the descriptor comes negated if it is an error.
static int opened(int dir, int follow, const char *path, int flags, __wasi_rights_t rights, int fdflags) {
    __wasi_fd_t fd = 0;
    int error = __wasi_path_open(dir, follow, path, flags, rights, rights, fdflags, &fd);
    return error ? -error : (int)fd;
}

static int opens(int dir, int follow, const char *path, int flags, __wasi_rights_t rights) {
    int fd = opened(dir, follow, path, flags, rights, 0);
    return fd < 0 ? -fd : __wasi_fd_close(fd);
}

static int created(const char *path) { return opens(FOLDER, 0, path, CREAT, 0); }
static int unlinked(const char *path) { return __wasi_path_unlink_file(FOLDER, path); }
static int made(const char *path) { return __wasi_path_create_directory(FOLDER, path); }
static int removed(const char *path) { return __wasi_path_remove_directory(FOLDER, path); }
static int linked(const char *text, const char *path) { return __wasi_path_symlink(text, FOLDER, path); }
static int renamed(const char *from, const char *to) { return __wasi_path_rename(FOLDER, from, FOLDER, to); }
static int stated(int follow, const char *path) { return __wasi_path_filestat_get(FOLDER, follow, path, &st); }

static int hard(const char *from, const char *to) { return __wasi_path_link(FOLDER, 0, from, FOLDER, to); }

static long long put(int fd, const char *text) {
    __wasi_ciovec_t vector = {(const uint8_t *)text, strlen(text)};
    __wasi_size_t count = 0;
    int error = __wasi_fd_write(fd, &vector, 1, &count);
    return error ? -error : (long long)count;
}

static long long get(int fd, char *into, size_t room) {
    __wasi_iovec_t vector = {(uint8_t *)into, room};
    __wasi_size_t count = 0;
    memset(into, 0, room);
    int error = __wasi_fd_read(fd, &vector, 1, &count);
    return error ? -error : (long long)count;
}

static long long moved(int fd, long long offset, int whence) {
    __wasi_filesize_t at = 0;
    int error = __wasi_fd_seek(fd, offset, whence, &at);
    return error ? -error : (long long)at;
}

static __wasi_rights_t base_rights(int fd) {
    IS(__wasi_fd_fdstat_get(fd, &fs), 0);
    return fs.fs_rights_base;
}

#define FILE_RIGHTS                                                                                                    \
    (READ | WRITE | __WASI_RIGHTS_FD_SEEK | __WASI_RIGHTS_FD_TELL | __WASI_RIGHTS_FD_FDSTAT_SET_FLAGS |                \
     __WASI_RIGHTS_FD_FILESTAT_GET | __WASI_RIGHTS_FD_FILESTAT_SET_SIZE | __WASI_RIGHTS_FD_FILESTAT_SET_TIMES |        \
     __WASI_RIGHTS_FD_ALLOCATE | __WASI_RIGHTS_FD_ADVISE | __WASI_RIGHTS_FD_SYNC | __WASI_RIGHTS_FD_DATASYNC |         \
     __WASI_RIGHTS_POLL_FD_READWRITE)

static void test_open(void) {
    IS(opens(FOLDER, 0, "none", 0, 0), __WASI_ERRNO_NOENT);
    IS(created("file"), 0);
    IS(created("file"), 0);
    IS(opens(FOLDER, 0, "file", CREAT | EXCL, 0), __WASI_ERRNO_EXIST);
    IS(opens(FOLDER, 0, "file", DIRECTORY, 0), __WASI_ERRNO_NOTDIR);
    IS(opens(FOLDER, 0, "file/", 0, 0), __WASI_ERRNO_NOTDIR);
    IS(opens(FOLDER, 0, "file///", 0, 0), __WASI_ERRNO_NOTDIR);
    IS(opens(FOLDER, 0, "file/below", 0, 0), __WASI_ERRNO_NOTDIR);
    IS(opens(FOLDER, 0, "new/", CREAT, 0), __WASI_ERRNO_ISDIR);
    IS(opens(FOLDER, 0, "new/file", CREAT, 0), __WASI_ERRNO_NOENT);
    IS(opens(FOLDER, 0, "file", DIRECTORY | CREAT, 0), __WASI_ERRNO_INVAL);
    IS(opens(FOLDER, 0, "file", 64, 0), __WASI_ERRNO_INVAL);
    IS(opens(FOLDER, 0, "file", 0, 0), 0);
    int file = opened(FOLDER, 0, "file", 0, FILE_RIGHTS, 0);
    IS(opens(file, 0, "below", CREAT, 0), __WASI_ERRNO_NOTDIR);
    IS(opens(99, 0, "file", 0, 0), __WASI_ERRNO_BADF);
    IS(isatty(file), 0);
    IS(__wasi_fd_close(file), 0);
    IS(__wasi_fd_close(file), __WASI_ERRNO_BADF);
    IS(opens(FOLDER, 0, ".", 0, 0), 0);
    IS(opens(FOLDER, 0, ".", DIRECTORY, READ), 0);
    IS(opens(FOLDER, 0, ".", DIRECTORY, READ | WRITE), __WASI_ERRNO_ISDIR);
    IS(opens(FOLDER, 0, ".", CREAT, 0), __WASI_ERRNO_ISDIR);
    IS(opened(FOLDER, 0, ".", 0, 0, __WASI_FDFLAGS_NONBLOCK) > FOLDER, 1);
    // A file that is open goes on when its name is gone.
    file = opened(FOLDER, 0, "file", 0, FILE_RIGHTS, 0);
    IS(put(file, "still"), 5);
    IS(unlinked("file"), 0);
    IS(put(file, "here"), 4);
    char text[16];
    IS(moved(file, 0, __WASI_WHENCE_SET), 0);
    IS(get(file, text, sizeof text), 9);
    IS(strcmp(text, "stillhere"), 0);
    IS(__wasi_fd_filestat_get(file, &st), 0);
    IS(st.size, 9);
    IS(opens(FOLDER, 0, "file", 0, 0), __WASI_ERRNO_NOENT);
    IS(__wasi_fd_close(file), 0);
}

static void test_paths(void) {
    IS(made("dir"), 0);
    IS(made("dir"), __WASI_ERRNO_EXIST);
    IS(made("dir/nested/"), 0);
    IS(made("."), __WASI_ERRNO_EXIST);
    IS(made("dir/.."), __WASI_ERRNO_EXIST);
    IS(created("dir/nested/file"), 0);
    IS(opens(FOLDER, 0, "/dir/nested/file", 0, 0), __WASI_ERRNO_PERM);
    IS(opens(FOLDER, 0, "dir/.//nested/../../dir/nested/../nested///./file", 0, 0), 0);
    IS(opens(FOLDER, 0, "dir/nested/file/..", 0, 0), __WASI_ERRNO_NOTDIR);
    IS(opens(FOLDER, 0, "dir/nested///", 0, 0), 0);
    IS(opens(FOLDER, 0, "..", 0, 0), __WASI_ERRNO_PERM);
    IS(opens(FOLDER, 0, "../data/dir", 0, 0), __WASI_ERRNO_PERM);
    IS(opens(FOLDER, 0, "dir/nested/../../../data/dir", 0, 0), __WASI_ERRNO_PERM);
    // A descriptor of a folder below is a wall as well.
    int below = opened(FOLDER, 0, "dir", DIRECTORY, ~0ULL & ~(READ | WRITE), 0);
    IS(below > FOLDER, 1);
    IS(opens(below, 0, "nested/file", 0, 0), 0);
    IS(opens(below, 0, "../dir", 0, 0), __WASI_ERRNO_PERM);
    char name[300];
    memset(name, 'x', sizeof name);
    name[256] = 0;
    IS(created(name), __WASI_ERRNO_NAMETOOLONG);
    name[255] = 0;
    IS(created(name), 0);
    IS(unlinked(name), 0);
    IS(opens(FOLDER, 0, "bad\xffutf", 0, 0), __WASI_ERRNO_ILSEQ);
    IS(created("gr\xc3\xbc\xc3\x9f" "e"), 0);
    IS(unlinked("gr\xc3\xbc\xc3\x9f" "e"), 0);
    // Removing.
    IS(removed("dir"), __WASI_ERRNO_NOTEMPTY);
    IS(removed("dir/nested/file"), __WASI_ERRNO_NOTDIR);
    IS(removed("dir/nested/file/"), __WASI_ERRNO_NOTDIR);
    IS(removed("dir/nested/."), __WASI_ERRNO_NOTEMPTY);
    IS(unlinked("dir"), __WASI_ERRNO_ISDIR);
    IS(unlinked("dir/"), __WASI_ERRNO_ISDIR);
    IS(unlinked("dir/nested/file/"), __WASI_ERRNO_NOTDIR);
    IS(unlinked("none"), __WASI_ERRNO_NOENT);
    IS(removed("none"), __WASI_ERRNO_NOENT);
    IS(unlinked("dir/nested/file"), 0);
    IS(removed("dir/nested/"), 0);
    IS(removed("."), __WASI_ERRNO_INVAL);
    // A folder whose name is gone takes nothing new.
    IS(removed("dir"), 0);
    IS(opens(below, 0, "late", CREAT, 0), __WASI_ERRNO_NOENT);
    IS(__wasi_fd_close(below), 0);
    IS(made("dir"), 0);
    IS(removed("dir"), 0);
}

static void test_append(void) {
    int fd = opened(FOLDER, 0, "log", CREAT, FILE_RIGHTS, __WASI_FDFLAGS_APPEND | __WASI_FDFLAGS_SYNC);
    IS(__wasi_fd_fdstat_get(fd, &fs), 0);
    IS(fs.fs_flags, __WASI_FDFLAGS_APPEND | __WASI_FDFLAGS_SYNC);
    IS(put(fd, "one"), 3);
    IS(moved(fd, 0, __WASI_WHENCE_SET), 0);
    IS(put(fd, "two"), 3);
    IS(moved(fd, 0, __WASI_WHENCE_CUR), 6);
    __wasi_ciovec_t vector = {(const uint8_t *)"three", 5};
    __wasi_size_t count = 0;
    IS(__wasi_fd_pwrite(fd, &vector, 1, 0, &count), 0);
    IS(moved(fd, 0, __WASI_WHENCE_CUR), 6);
    IS(moved(fd, 0, __WASI_WHENCE_END), 11);
    IS(__wasi_fd_fdstat_set_flags(fd, 0), 0);
    IS(moved(fd, 0, __WASI_WHENCE_SET), 0);
    IS(put(fd, "ONE"), 3);
    IS(__wasi_fd_fdstat_set_flags(fd, 0x100), __WASI_ERRNO_INVAL);
    IS(__wasi_fd_fdstat_set_flags(fd, __WASI_FDFLAGS_DSYNC), 0);
    char text[16];
    IS(get(fd, text, sizeof text), 8);
    IS(strcmp(text, "twothree"), 0);
    IS(moved(fd, -20, __WASI_WHENCE_CUR), -__WASI_ERRNO_INVAL);
    IS(moved(fd, 0, 7), -__WASI_ERRNO_INVAL);
    IS(moved(fd, 1000, __WASI_WHENCE_END), 1011);
    IS(get(fd, text, sizeof text), 0);
    IS(__wasi_fd_close(fd), 0);
    IS(unlinked("log"), 0);
}

static void test_rename(void) {
    IS(renamed("none", "target"), __WASI_ERRNO_NOENT);
    IS(made("source"), 0);
    IS(renamed("source/", "target"), 0);
    IS(renamed("target", "source/"), 0);
    IS(renamed("source/", "target/"), 0);
    IS(opens(FOLDER, 0, "source", DIRECTORY, 0), __WASI_ERRNO_NOENT);
    IS(made("source"), 0);
    IS(renamed("source", "target"), 0);
    IS(made("source"), 0);
    IS(created("target/file"), 0);
    IS(renamed("source", "target"), __WASI_ERRNO_NOTEMPTY);
    IS(renamed("source", "target/file"), __WASI_ERRNO_NOTDIR);
    IS(renamed("target", "target/below"), __WASI_ERRNO_INVAL);
    IS(renamed("target/file", "source"), __WASI_ERRNO_ISDIR);
    IS(renamed("target/file", "new/"), __WASI_ERRNO_NOTDIR);
    IS(renamed("target/file/", "new"), __WASI_ERRNO_NOTDIR);
    IS(renamed(".", "new"), __WASI_ERRNO_BUSY);
    IS(renamed("source", "."), __WASI_ERRNO_BUSY);
    IS(renamed("target/file", "target/file"), 0);
    IS(renamed("target/file", "source/other"), 0);
    IS(created("target/file"), 0);
    IS(renamed("source/other", "target/file"), 0);
    IS(opens(FOLDER, 0, "source/other", 0, 0), __WASI_ERRNO_NOENT);
    // The folder stays open under its new name.
    int fd = opened(FOLDER, 0, "target", DIRECTORY, ~0ULL & ~(READ | WRITE), 0);
    IS(renamed("target", "elsewhere"), 0);
    IS(opens(fd, 0, "file", 0, 0), 0);
    IS(opens(fd, 0, "more", CREAT, 0), 0);
    IS(__wasi_path_create_directory(fd, "sub"), 0);
    IS(stated(0, "elsewhere/sub"), 0);
    IS(removed("elsewhere/sub"), 0);
    IS(unlinked("elsewhere/more"), 0);
    IS(__wasi_path_unlink_file(fd, "file"), 0);
    IS(__wasi_fd_close(fd), 0);
    IS(removed("elsewhere"), 0);
    IS(removed("source"), 0);
}

static void test_symlinks(void) {
    char text[16];
    __wasi_size_t used = 0;
    IS(linked("target", "link"), 0);
    IS(linked("target", "link"), __WASI_ERRNO_EXIST);
    IS(opens(FOLDER, 0, "link", 0, 0), __WASI_ERRNO_LOOP);
    IS(opens(FOLDER, 0, "link", DIRECTORY, 0), __WASI_ERRNO_LOOP);
    IS(opens(FOLDER, FOLLOW, "link", 0, 0), __WASI_ERRNO_NOENT);
    IS(opens(FOLDER, 0, "link", CREAT | EXCL, 0), __WASI_ERRNO_EXIST);
    IS(opens(FOLDER, FOLLOW, "link", CREAT | EXCL, 0), __WASI_ERRNO_EXIST);
    memset(text, 0, sizeof text);
    IS(__wasi_path_readlink(FOLDER, "link", (uint8_t *)text, 10, &used), 0);
    IS(used, 6);
    IS(strcmp(text, "target"), 0);
    memset(text, 0, sizeof text);
    IS(__wasi_path_readlink(FOLDER, "link", (uint8_t *)text, 4, &used), 0);
    IS(used, 4);
    IS(strcmp(text, "targ"), 0);
    // Created through a link.
    IS(opens(FOLDER, FOLLOW, "link", CREAT, 0), 0);
    IS(stated(0, "target"), 0);
    IS(__wasi_path_readlink(FOLDER, "target", (uint8_t *)text, 10, &used), __WASI_ERRNO_INVAL);
    IS(stated(0, "link"), 0);
    IS(st.filetype, __WASI_FILETYPE_SYMBOLIC_LINK);
    IS(st.size, 6);
    IS(stated(FOLLOW, "link"), 0);
    IS(st.filetype, __WASI_FILETYPE_REGULAR_FILE);
    IS(opens(FOLDER, FOLLOW, "link", DIRECTORY, 0), __WASI_ERRNO_NOTDIR);
    IS(unlinked("target"), 0);
    IS(made("target"), 0);
    IS(opens(FOLDER, FOLLOW, "link", DIRECTORY, 0), 0);
    IS(opens(FOLDER, 0, "link/", DIRECTORY, 0), 0);
    IS(created("link/file"), 0);
    IS(stated(0, "target/file"), 0);
    IS(opens(FOLDER, 0, "link/../link/./file", 0, 0), 0);
    IS(removed("link"), __WASI_ERRNO_NOTDIR);
    IS(removed("link/"), __WASI_ERRNO_NOTDIR);
    IS(unlinked("target/file"), 0);
    // Renaming a link moves the link.
    IS(renamed("link", "other"), 0);
    IS(unlinked("other"), 0);
    IS(removed("target"), 0);
    // What leads away.
    IS(linked("/etc/passwd", "link"), __WASI_ERRNO_PERM);
    IS(linked("/", "link"), __WASI_ERRNO_PERM);
    IS(linked("../outside", "link"), 0);
    IS(opens(FOLDER, FOLLOW, "link", 0, 0), __WASI_ERRNO_PERM);
    IS(opens(FOLDER, FOLLOW, "link", CREAT, 0), __WASI_ERRNO_PERM);
    IS(opens(FOLDER, 0, "link/file", 0, 0), __WASI_ERRNO_PERM);
    IS(stated(FOLLOW, "link"), __WASI_ERRNO_PERM);
    IS(unlinked("link"), 0);
    // Loops.
    IS(linked("link", "link"), 0);
    IS(opens(FOLDER, 0, "link", 0, 0), __WASI_ERRNO_LOOP);
    IS(opens(FOLDER, FOLLOW, "link", 0, 0), __WASI_ERRNO_LOOP);
    IS(opens(FOLDER, 0, "link/file", 0, 0), __WASI_ERRNO_LOOP);
    IS(unlinked("link"), 0);
    // Trailing slashes.
    IS(linked("source", "link/"), __WASI_ERRNO_NOENT);
    IS(made("link"), 0);
    IS(linked("source", "link/"), __WASI_ERRNO_EXIST);
    IS(removed("link"), 0);
    IS(created("link"), 0);
    IS(linked("source", "link/"), __WASI_ERRNO_EXIST);
    IS(unlinked("link"), 0);
    IS(linked("", "link"), __WASI_ERRNO_NOENT);
    // 40 links are followed, 41 are not.
    char name[8], next[8];
    for (int i = 0; i <= 40; i++) {
        sprintf(name, "l%d", i);
        sprintf(next, "l%d", i + 1);
        IS(linked(next, name), 0);
    }
    IS(created("l41"), 0);
    IS(opens(FOLDER, FOLLOW, "l1", 0, 0), 0);
    IS(opens(FOLDER, FOLLOW, "l0", 0, 0), __WASI_ERRNO_LOOP);
    for (int i = 0; i <= 41; i++) {
        sprintf(name, "l%d", i);
        IS(unlinked(name), 0);
    }
}

static void test_hardlinks(void) {
    int fd = opened(FOLDER, 0, "file", CREAT, FILE_RIGHTS, 0);
    IS(put(fd, "shared"), 6);
    IS(hard("file", "link"), 0);
    IS(hard("file", "link"), __WASI_ERRNO_EXIST);
    IS(hard("file", "file"), __WASI_ERRNO_EXIST);
    IS(__wasi_fd_filestat_get(fd, &st), 0);
    __wasi_filestat_t one = st;
    IS(stated(0, "link"), 0);
    IS(st.ino, one.ino);
    IS(st.dev, one.dev);
    IS(st.nlink, 2);
    IS(one.nlink, 2);
    IS(st.size, 6);
    IS(renamed("file", "link"), 0);
    IS(stated(0, "file"), 0);
    IS(made("sub"), 0);
    IS(hard("file", "sub/link"), 0);
    IS(unlinked("sub/link"), 0);
    IS(hard("file", "sub"), __WASI_ERRNO_EXIST);
    IS(hard("sub", "dirlink"), __WASI_ERRNO_PERM);
    IS(hard("file", "new/"), __WASI_ERRNO_NOENT);
    IS(hard("file/", "new"), __WASI_ERRNO_NOTDIR);
    IS(hard("none", "new"), __WASI_ERRNO_NOENT);
    IS(hard("file", "../new"), __WASI_ERRNO_PERM);
    IS(linked("none", "symlink"), 0);
    IS(hard("symlink", "second"), 0);
    IS(stated(0, "second"), 0);
    IS(st.filetype, __WASI_FILETYPE_SYMBOLIC_LINK);
    IS(unlinked("second"), 0);
    IS(hard("file", "symlink"), __WASI_ERRNO_EXIST);
    IS(__wasi_path_link(FOLDER, FOLLOW, "symlink", FOLDER, "new"), __WASI_ERRNO_INVAL);
    IS(unlinked("symlink"), 0);
    IS(unlinked("link"), 0);
    IS(stated(0, "file"), 0);
    IS(st.nlink, 1);
    IS(removed("sub"), 0);
    IS(unlinked("file"), 0);
    IS(__wasi_fd_close(fd), 0);
}

static void test_rights(void) {
    IS(created("file"), 0);
    int fd = opened(FOLDER, 0, "file", 0, READ, 0);
    IS(base_rights(fd), READ);
    IS(put(fd, "x"), -__WASI_ERRNO_BADF);
    char text[8];
    IS(get(fd, text, sizeof text), 0);
    IS(moved(fd, 0, __WASI_WHENCE_SET), -__WASI_ERRNO_NOTCAPABLE);
    IS(__wasi_fd_filestat_set_size(fd, 0), __WASI_ERRNO_NOTCAPABLE);
    IS(__wasi_fd_filestat_get(fd, &st), __WASI_ERRNO_NOTCAPABLE);
    IS(__wasi_fd_close(fd), 0);
    fd = opened(FOLDER, 0, "file", 0, WRITE, 0);
    IS(base_rights(fd), WRITE);
    IS(get(fd, text, sizeof text), -__WASI_ERRNO_BADF);
    IS(put(fd, "text"), 4);
    IS(__wasi_fd_close(fd), 0);
    fd = opened(FOLDER, 0, "file", 0, READ | WRITE | __WASI_RIGHTS_FD_SEEK, 0);
    IS(__wasi_fd_fdstat_set_rights(fd, __WASI_RIGHTS_FD_SEEK, 0), 0);
    IS(get(fd, text, sizeof text), -__WASI_ERRNO_BADF);
    IS(put(fd, "x"), -__WASI_ERRNO_BADF);
    IS(moved(fd, 0, __WASI_WHENCE_END), 4);
    IS(__wasi_fd_fdstat_set_rights(fd, READ | __WASI_RIGHTS_FD_SEEK, 0), __WASI_ERRNO_NOTCAPABLE);
    IS(__wasi_fd_close(fd), 0);
    // What a folder does not hand on, what is opened in it does not have.
    __wasi_rights_t base = base_rights(FOLDER), inheriting = fs.fs_rights_inheriting;
    IS(base & (READ | WRITE | __WASI_RIGHTS_FD_SEEK | __WASI_RIGHTS_FD_FILESTAT_SET_SIZE), 0);
    __wasi_fd_t dir;
    IS(__wasi_path_open(FOLDER, 0, ".", DIRECTORY, base | __WASI_RIGHTS_FD_SEEK, inheriting & ~WRITE, 0, &dir), 0);
    IS(base_rights(dir), base);
    IS(opens(dir, 0, "file", 0, WRITE), __WASI_ERRNO_NOTCAPABLE);
    IS(opens(dir, 0, "file", 0, READ), 0);
    // To cut a file is a right of its own.
    IS(opens(dir, 0, "file", TRUNC, 0), 0);
    IS(stated(0, "file"), 0);
    IS(st.size, 0);
    IS(__wasi_fd_fdstat_set_rights(dir, base & ~__WASI_RIGHTS_PATH_FILESTAT_SET_SIZE, 0), 0);
    IS(opens(dir, 0, "file", TRUNC, 0), __WASI_ERRNO_NOTCAPABLE);
    IS(__wasi_fd_fdstat_set_rights(dir, __WASI_RIGHTS_PATH_OPEN, 0), 0);
    IS(opens(dir, 0, "new", CREAT, 0), __WASI_ERRNO_NOTCAPABLE);
    IS(__wasi_path_unlink_file(dir, "file"), __WASI_ERRNO_NOTCAPABLE);
    IS(__wasi_path_rename(dir, "file", FOLDER, "new"), __WASI_ERRNO_NOTCAPABLE);
    IS(__wasi_path_rename(FOLDER, "file", dir, "new"), __WASI_ERRNO_NOTCAPABLE);
    IS(__wasi_path_link(dir, 0, "file", FOLDER, "new"), __WASI_ERRNO_NOTCAPABLE);
    IS(__wasi_path_symlink("file", dir, "new"), __WASI_ERRNO_NOTCAPABLE);
    IS(__wasi_path_create_directory(dir, "new"), __WASI_ERRNO_NOTCAPABLE);
    IS(__wasi_path_filestat_get(dir, 0, "file", &st), __WASI_ERRNO_NOTCAPABLE);
    IS(__wasi_path_filestat_set_times(dir, 0, "file", 0, 0, __WASI_FSTFLAGS_MTIM), __WASI_ERRNO_NOTCAPABLE);
    IS(opens(dir, 0, "file", 0, 0), 0);
    IS(__wasi_fd_close(dir), 0);
    IS(unlinked("file"), 0);
}

static void test_sizes(void) {
    int fd = opened(FOLDER, 0, "file", CREAT, FILE_RIGHTS, 0);
    IS(__wasi_fd_allocate(fd, 0, 100), 0);
    IS(__wasi_fd_allocate(fd, 10, 10), 0);
    IS(__wasi_fd_filestat_get(fd, &st), 0);
    IS(st.size, 100);
    IS(__wasi_fd_allocate(fd, 90, 20), 0);
    IS(__wasi_fd_filestat_get(fd, &st), 0);
    IS(st.size, 110);
    IS(__wasi_fd_allocate(fd, 90, 0), __WASI_ERRNO_INVAL);
    IS(__wasi_fd_allocate(fd, -1, 5), __WASI_ERRNO_INVAL);
    IS(__wasi_fd_advise(fd, 10, 50, __WASI_ADVICE_WILLNEED), 0);
    IS(__wasi_fd_advise(fd, 10, 50, 9), __WASI_ERRNO_INVAL);
    IS(__wasi_fd_filestat_set_size(fd, 10000), 0);
    IS(moved(fd, 9998, __WASI_WHENCE_SET), 9998);
    IS(put(fd, "end"), 3);
    IS(__wasi_fd_filestat_set_size(fd, 9999), 0);
    IS(__wasi_fd_filestat_set_size(fd, 10001), 0);
    char text[8];
    IS(moved(fd, 9997, __WASI_WHENCE_SET), 9997);
    IS(get(fd, text, sizeof text), 4);
    IS(memcmp(text, "\0e\0\0", 4), 0);
    IS(__wasi_fd_filestat_set_size(fd, -1), __WASI_ERRNO_INVAL);
    IS(__wasi_fd_sync(fd), 0);
    IS(__wasi_fd_datasync(fd), 0);
    // Past 4 GiB, without using them.
    long long far = 5LL << 30;
    __wasi_ciovec_t vector = {(const uint8_t *)"far", 3};
    __wasi_size_t count = 0;
    IS(__wasi_fd_pwrite(fd, &vector, 1, far, &count), 0);
    IS(count, 3);
    IS(moved(fd, 0, __WASI_WHENCE_END), far + 3);
    IS(moved(fd, -4, __WASI_WHENCE_CUR), far - 1);
    IS(get(fd, text, sizeof text), 4);
    IS(memcmp(text, "\0far", 4), 0);
    __wasi_iovec_t into = {(uint8_t *)text, 2};
    IS(__wasi_fd_pread(fd, &into, 1, far + 1, &count), 0);
    IS(count, 2);
    IS(memcmp(text, "ar", 2), 0);
    IS(__wasi_fd_pread(fd, &into, 1, -1, &count), __WASI_ERRNO_INVAL);
    IS(__wasi_fd_filestat_get(fd, &st), 0);
    IS(st.size, far + 3);
    IS(__wasi_fd_close(fd), 0);
    IS(unlinked("file"), 0);
    // A folder is no file.
    IS(made("dir"), 0);
    fd = opened(FOLDER, 0, "dir", 0, ~0ULL & ~(READ | WRITE), 0);
    IS(get(fd, text, sizeof text), -__WASI_ERRNO_ISDIR);
    IS(put(fd, "x"), -__WASI_ERRNO_ISDIR);
    IS(moved(fd, 0, __WASI_WHENCE_CUR), -__WASI_ERRNO_ISDIR);
    IS(__wasi_fd_filestat_set_size(fd, 0), __WASI_ERRNO_ISDIR);
    IS(__wasi_fd_allocate(fd, 0, 1), __WASI_ERRNO_ISDIR);
    IS(__wasi_fd_close(fd), 0);
    IS(removed("dir"), 0);
}

static void test_readdir(void) {
    enum { COUNT = 300 };
    char name[16];
    IS(made("many"), 0);
    for (int i = 0; i < COUNT; i++) {
        sprintf(name, "many/f%d", i);
        IS(created(name), 0);
    }
    int fd = opened(FOLDER, 0, "many", DIRECTORY, ~0ULL & ~(READ | WRITE), 0);
    IS(__wasi_fd_filestat_get(fd, &st), 0);
    unsigned char seen[COUNT] = {0};
    int dots = 0;
    __wasi_dircookie_t cookie = 0;
    for (int more = 1; more;) {
        uint8_t room[256];
        __wasi_size_t used = 0;
        IS(__wasi_fd_readdir(fd, room, sizeof room, cookie, &used), 0);
        more = used == sizeof room;
        for (size_t at = 0; at + sizeof(__wasi_dirent_t) <= used;) {
            __wasi_dirent_t entry;
            memcpy(&entry, room + at, sizeof entry);
            at += sizeof entry;
            if (at + entry.d_namlen > used) {
                break;
            }
            snprintf(name, sizeof name, "%.*s", (int)entry.d_namlen, (char *)room + at);
            at += entry.d_namlen;
            cookie = entry.d_next;
            if (name[0] == '.') {
                dots++;
                IS(entry.d_type, __WASI_FILETYPE_DIRECTORY);
                IS(name[1] || entry.d_ino == st.ino, 1);
            } else {
                seen[atoi(name + 1)]++;
                IS(entry.d_type, __WASI_FILETYPE_REGULAR_FILE);
                // What was listed may go while the listing goes on.
                IS(__wasi_path_unlink_file(fd, name), 0);
            }
        }
    }
    IS(dots, 2);
    for (int i = 0; i < COUNT; i++) {
        IS(seen[i], 1);
    }
    uint8_t room[256];
    __wasi_size_t used = 0;
    IS(__wasi_fd_readdir(fd, room, sizeof room, 0, &used), 0);
    IS(used, 2 * sizeof(__wasi_dirent_t) + 3);
    IS(__wasi_fd_readdir(fd, room, sizeof room, 1 << 20, &used), 0);
    IS(used, 0);
    IS(__wasi_fd_close(fd), 0);
    IS(removed("many"), 0);
    fd = opened(FOLDER, 0, "file", CREAT, FILE_RIGHTS, 0);
    IS(__wasi_fd_readdir(fd, room, sizeof room, 0, &used), __WASI_ERRNO_NOTDIR);
    IS(__wasi_fd_close(fd), 0);
    IS(unlinked("file"), 0);
}

static void test_times(void) {
    int fd = opened(FOLDER, 0, "file", CREAT, FILE_RIGHTS, 0);
    IS(__wasi_fd_filestat_get(fd, &st), 0);
    __wasi_timestamp_t accessed = st.atim, modified = st.mtim - 1000000;
    IS(__wasi_fd_filestat_set_times(fd, 5, modified, __WASI_FSTFLAGS_MTIM), 0);
    IS(__wasi_fd_filestat_get(fd, &st), 0);
    IS(st.mtim, modified);
    IS(st.atim, accessed);
    IS(__wasi_fd_filestat_set_times(fd, 1234567891, 0, __WASI_FSTFLAGS_ATIM), 0);
    IS(stated(0, "file"), 0);
    IS(st.mtim, modified);
    IS(st.atim, 1234567891);
    IS(__wasi_fd_filestat_set_times(fd, 1, 2, __WASI_FSTFLAGS_MTIM | __WASI_FSTFLAGS_MTIM_NOW), __WASI_ERRNO_INVAL);
    IS(__wasi_fd_filestat_set_times(fd, 1, 2, __WASI_FSTFLAGS_ATIM | __WASI_FSTFLAGS_ATIM_NOW), __WASI_ERRNO_INVAL);
    IS(__wasi_path_filestat_set_times(FOLDER, 0, "file", 0, 7654321, __WASI_FSTFLAGS_MTIM), 0);
    IS(stated(0, "file"), 0);
    IS(st.mtim, 7654321);
    IS(__wasi_path_filestat_set_times(FOLDER, 0, "file", 0, 0, __WASI_FSTFLAGS_MTIM_NOW), 0);
    IS(stated(0, "file"), 0);
    IS(st.mtim > accessed - 60000000000LL, 1);
    // A link has times of its own; microseconds are what every Java can set.
    IS(linked("file", "link"), 0);
    __wasi_timestamp_t before = st.mtim;
    IS(__wasi_path_filestat_set_times(FOLDER, 0, "link", 0, 3000, __WASI_FSTFLAGS_MTIM), 0);
    IS(stated(0, "link"), 0);
    IS(st.mtim, 3000);
    IS(stated(FOLLOW, "link"), 0);
    IS(st.mtim, before);
    IS(__wasi_path_filestat_set_times(FOLDER, FOLLOW, "link", 0, 4004, __WASI_FSTFLAGS_MTIM), 0);
    IS(stated(0, "file"), 0);
    IS(st.mtim, 4004);
    IS(unlinked("link"), 0);
    IS(made("dir"), 0);
    IS(__wasi_path_filestat_set_times(FOLDER, 0, "dir", 0, 5000, __WASI_FSTFLAGS_MTIM), 0);
    IS(stated(0, "dir"), 0);
    IS(st.mtim, 5000);
    IS(removed("dir"), 0);
    IS(__wasi_fd_close(fd), 0);
    IS(unlinked("file"), 0);
}

static void test_renumber(void) {
    int one = opened(FOLDER, 0, "one", CREAT, FILE_RIGHTS, 0);
    int two = opened(FOLDER, 0, "two", CREAT, FILE_RIGHTS, 0);
    IS(put(one, "first"), 5);
    IS(__wasi_fd_renumber(one, two), 0);
    IS(__wasi_fd_close(one), __WASI_ERRNO_BADF);
    IS(moved(two, 0, __WASI_WHENCE_CUR), 5);
    IS(__wasi_fd_renumber(two, one), __WASI_ERRNO_BADF);
    IS(__wasi_fd_renumber(one, two), __WASI_ERRNO_BADF);
    IS(__wasi_fd_renumber(two, two), 0);
    // A standard stream over a file, a file over a standard stream, a folder over the granted one.
    one = opened(FOLDER, 0, "one", 0, FILE_RIGHTS, 0);
    IS(__wasi_fd_renumber(0, one), 0);
    IS(__wasi_fd_fdstat_get(0, &fs), __WASI_ERRNO_BADF);
    IS(__wasi_fd_fdstat_get(one, &fs), 0);
    IS(__wasi_fd_renumber(two, 2), 0);
    IS(put(2, "!"), 1);
    IS(stated(0, "one"), 0);
    IS(st.size, 6);
    IS(unlinked("one"), 0);
    IS(unlinked("two"), 0);
    IS(made("dir"), 0);
    int dir = opened(FOLDER, 0, "dir", DIRECTORY, ~0ULL & ~(READ | WRITE), 0);
    IS(stated(0, "dir"), 0);
    __wasi_inode_t inode = st.ino;
    IS(removed("dir"), 0);
    __wasi_prestat_t prestat;
    IS(__wasi_fd_prestat_get(FOLDER, &prestat), 0);
    IS(prestat.u.dir.pr_name_len, 5);
    uint8_t name[8] = {0};
    IS(__wasi_fd_prestat_dir_name(FOLDER, name, 4), __WASI_ERRNO_NAMETOOLONG);
    IS(__wasi_fd_prestat_dir_name(FOLDER, name, 8), 0);
    IS(strcmp((char *)name, "/data"), 0);
    IS(__wasi_fd_renumber(dir, FOLDER), 0);
    IS(__wasi_fd_filestat_get(FOLDER, &st), 0);
    IS(st.ino, inode);
    IS(__wasi_fd_prestat_get(FOLDER, &prestat), __WASI_ERRNO_BADF);
    IS(__wasi_fd_close(FOLDER), 0);
    IS(__wasi_fd_fdstat_get(FOLDER, &fs), __WASI_ERRNO_BADF);
}

static void test_poll(void) {
    int fd = opened(FOLDER, 0, "file", CREAT, FILE_RIGHTS, 0);
    IS(put(fd, "bytes"), 5);
    IS(moved(fd, 1, __WASI_WHENCE_SET), 1);
    __wasi_subscription_t in[4] = {0};
    __wasi_event_t out[4];
    __wasi_size_t count = 0;
    in[0].userdata = 10;
    in[0].u.tag = __WASI_EVENTTYPE_CLOCK;
    in[0].u.u.clock.id = __WASI_CLOCKID_MONOTONIC;
    in[0].u.u.clock.timeout = 3600LL * 1000000000;
    in[1].userdata = 11;
    in[1].u.tag = __WASI_EVENTTYPE_FD_READ;
    in[1].u.u.fd_read.file_descriptor = fd;
    in[2].userdata = 12;
    in[2].u.tag = __WASI_EVENTTYPE_FD_WRITE;
    in[2].u.u.fd_write.file_descriptor = 1;
    in[3].userdata = 13;
    in[3].u.tag = __WASI_EVENTTYPE_FD_READ;
    in[3].u.u.fd_read.file_descriptor = 55;
    IS(__wasi_poll_oneoff(in, out, 4, &count), 0);
    IS(count, 3);
    IS(out[0].userdata, 11);
    IS(out[0].error, 0);
    IS(out[0].fd_readwrite.nbytes, 4);
    IS(out[1].userdata, 12);
    IS(out[1].type, __WASI_EVENTTYPE_FD_WRITE);
    IS(out[2].error, __WASI_ERRNO_BADF);
    // Two clocks: the nearer one comes alone, not before its time. One is absolute.
    __wasi_timestamp_t before = 0, after = 0;
    IS(__wasi_clock_time_get(__WASI_CLOCKID_MONOTONIC, 0, &before), 0);
    in[1].userdata = 14;
    in[1].u.tag = __WASI_EVENTTYPE_CLOCK;
    in[1].u.u.clock.id = __WASI_CLOCKID_MONOTONIC;
    in[1].u.u.clock.timeout = before + 5000000;
    in[1].u.u.clock.flags = __WASI_SUBCLOCKFLAGS_SUBSCRIPTION_CLOCK_ABSTIME;
    IS(__wasi_poll_oneoff(in, out, 2, &count), 0);
    IS(__wasi_clock_time_get(__WASI_CLOCKID_MONOTONIC, 0, &after), 0);
    IS(count, 1);
    IS(out[0].userdata, 14);
    IS(out[0].type, __WASI_EVENTTYPE_CLOCK);
    IS(after - before >= 5000000, 1);
    IS(__wasi_fd_close(fd), 0);
    IS(unlinked("file"), 0);
    // CPU time passes when the guest computes.
    IS(__wasi_clock_time_get(__WASI_CLOCKID_PROCESS_CPUTIME_ID, 0, &before), 0);
    for (volatile int i = 0; i < 5000000; i++) {
    }
    IS(__wasi_clock_time_get(__WASI_CLOCKID_PROCESS_CPUTIME_ID, 0, &after), 0);
    IS(after > before, 1);
}

static void test_descriptors(void) {
    IS(created("file"), 0);
    int last = 0, count = 0;
    for (int fd = opened(FOLDER, 0, "file", 0, 0, 0); fd > 0; fd = opened(FOLDER, 0, "file", 0, 0, 0)) {
        last = fd;
        count++;
    }
    IS(last, 63);
    IS(opened(FOLDER, 0, "file", 0, 0, 0), -__WASI_ERRNO_MFILE);
    IS(opened(FOLDER, 0, "new", CREAT, 0, 0), -__WASI_ERRNO_MFILE);
    IS(stated(0, "new"), __WASI_ERRNO_NOENT);
    IS(__wasi_fd_close(20), 0);
    IS(opened(FOLDER, 0, "file", 0, 0, 0), 20);
    // The call ends with all of them open.
    IS(count >= 58, 1);
    IS(unlinked("file"), 0);
}

// The C library finds the folders by their names.
static void test_library(void) {
    char text[64] = {0};
    FILE *file = fopen("/data/notes.txt", "w");
    IS(file != NULL, 1);
    if (file == NULL) {
        return;
    }
    IS(fputs("first line\nsecond line\n", file) >= 0, 1);
    IS(fclose(file), 0);
    file = fopen("/data/notes.txt", "a+");
    IS(fputs("third\n", file) >= 0, 1);
    rewind(file);
    int lines = 0;
    while (fgets(text, sizeof text, file)) {
        lines++;
    }
    IS(lines, 3);
    IS(strcmp(text, "third\n"), 0);
    IS(fclose(file), 0);
    struct stat stat_of;
    IS(stat("/data/notes.txt", &stat_of), 0);
    IS(stat_of.st_size, 29);
    IS(S_ISREG(stat_of.st_mode), 1);
    IS(mkdir("/data/dir", 0700), 0);
    IS(rename("/data/notes.txt", "/data/dir/notes.txt"), 0);
    DIR *dir = opendir("/data/dir");
    int entries = 0;
    for (struct dirent *entry = readdir(dir); entry; entry = readdir(dir)) {
        entries += strcmp(entry->d_name, "notes.txt") == 0;
    }
    IS(entries, 1);
    IS(closedir(dir), 0);
    IS(unlink("/data/dir/notes.txt"), 0);
    IS(rmdir("/data/dir"), 0);
    IS(open("/etc/passwd", O_RDONLY), -1);
    IS(open("/data/../etc/passwd", O_RDONLY), -1);
}

// A folder that is granted for reading, with file "file" and folder "dir" in it.
static void test_readonly(void) {
    char text[64];
    IS(base_rights(FOLDER) & (__WASI_RIGHTS_PATH_CREATE_FILE | __WASI_RIGHTS_PATH_UNLINK_FILE), 0);
    int fd = opened(FOLDER, 0, "file", 0, FILE_RIGHTS & ~WRITE, 0);
    IS(get(fd, text, sizeof text), 7);
    IS(put(fd, "x"), -__WASI_ERRNO_BADF);
    IS(__wasi_fd_filestat_set_size(fd, 0), __WASI_ERRNO_ROFS);
    IS(__wasi_fd_allocate(fd, 0, 100), __WASI_ERRNO_ROFS);
    IS(__wasi_fd_filestat_set_times(fd, 1, 1, __WASI_FSTFLAGS_MTIM), __WASI_ERRNO_ROFS);
    IS(__wasi_fd_close(fd), 0);
    IS(opens(FOLDER, 0, "file", 0, WRITE), __WASI_ERRNO_ROFS);
    IS(opens(FOLDER, 0, "file", TRUNC, 0), __WASI_ERRNO_ROFS);
    IS(opens(FOLDER, 0, "file", TRUNC, READ), __WASI_ERRNO_ROFS);
    IS(opens(FOLDER, 0, "new", CREAT, 0), __WASI_ERRNO_ROFS);
    IS(made("new"), __WASI_ERRNO_ROFS);
    IS(removed("dir"), __WASI_ERRNO_ROFS);
    IS(unlinked("file"), __WASI_ERRNO_ROFS);
    IS(renamed("file", "new"), __WASI_ERRNO_ROFS);
    IS(hard("file", "new"), __WASI_ERRNO_ROFS);
    IS(linked("file", "new"), __WASI_ERRNO_ROFS);
    IS(__wasi_path_filestat_set_times(FOLDER, 0, "file", 1, 1, __WASI_FSTFLAGS_MTIM), __WASI_ERRNO_ROFS);
    // To and from the second folder, which may be written.
    IS(__wasi_path_rename(FOLDER, "file", FOLDER + 1, "new"), __WASI_ERRNO_ROFS);
    IS(__wasi_path_rename(FOLDER + 1, "other", FOLDER, "new"), __WASI_ERRNO_ROFS);
    IS(__wasi_path_link(FOLDER, 0, "file", FOLDER + 1, "new"), __WASI_ERRNO_ROFS);
    IS(__wasi_path_link(FOLDER + 1, 0, "other", FOLDER, "new"), __WASI_ERRNO_ROFS);
    FILE *file = fopen("/data/file", "r");
    IS(file != NULL, 1);
    IS(fread(text, 1, sizeof text, file), 7);
    IS(fclose(file), 0);
    IS(fopen("/data/file", "r+") == NULL && errno == EROFS, 1);
}

// Writes until there is no room, then makes room again.
static void test_quota(void) {
    enum { BLOCK = 4096 };
    static char block[BLOCK];
    int fd = opened(FOLDER, 0, "big", CREAT, FILE_RIGHTS, 0);
    __wasi_ciovec_t vector = {(const uint8_t *)block, BLOCK};
    __wasi_size_t count = 0;
    int error = 0, blocks = 0;
    while (!error && blocks < 1000) {
        error = __wasi_fd_write(fd, &vector, 1, &count);
        blocks++;
    }
    IS(error, __WASI_ERRNO_DQUOT);
    IS(blocks > 10 && blocks <= 17, 1);
    IS(__wasi_fd_filestat_get(fd, &st), 0);
    IS(st.size, (blocks - 1) * BLOCK);
    IS(__wasi_fd_filestat_set_size(fd, 0), 0);
    IS(__wasi_fd_write(fd, &vector, 1, &count) == 0 || moved(fd, 0, __WASI_WHENCE_SET) == 0, 1);
    IS(__wasi_fd_close(fd), 0);
    IS(unlinked("big"), 0);
    char name[16];
    int files = 0;
    do {
        sprintf(name, "f%d", files++);
        error = created(name);
    } while (!error && files < 1000);
    IS(error, __WASI_ERRNO_DQUOT);
    for (int i = 0; i < files - 1; i++) {
        sprintf(name, "f%d", i);
        IS(unlinked(name), 0);
    }
    IS(created("again"), 0);
    IS(unlinked("again"), 0);
}

// Leaves traces for the next call to look for.
static void test_leave(void) {
    int fd = opened(FOLDER, 0, "trace", CREAT, FILE_RIGHTS, 0);
    IS(fd, FOLDER + 1);
    IS(put(fd, "here"), 4);
}

static void test_find(void) {
    IS(__wasi_fd_fdstat_get(FOLDER + 1, &fs), __WASI_ERRNO_BADF);
    IS(stated(0, "trace"), __WASI_ERRNO_NOENT);
}

// Reads 1 MiB in pieces of 64 KiB, 16 times, and sums it up.
static void test_speed(void) {
    static char block[1 << 16];
    int fd = opened(FOLDER, 0, "mib", CREAT, FILE_RIGHTS, 0);
    for (int i = 0; i < 16; i++) {
        memset(block, i, sizeof block);
        __wasi_ciovec_t vector = {(const uint8_t *)block, sizeof block};
        __wasi_size_t count = 0;
        IS(__wasi_fd_write(fd, &vector, 1, &count), 0);
        IS(count, sizeof block);
    }
    for (int round = 0; round < 16; round++) {
        IS(moved(fd, 0, __WASI_WHENCE_SET), 0);
        for (int i = 0; i < 16; i++) {
            IS(get(fd, block, sizeof block), sizeof block);
            IS(block[i], i);
        }
    }
    IS(__wasi_fd_close(fd), 0);
    IS(unlinked("mib"), 0);
}

static void test_environment(void) {
    extern char **environ;
    for (char **variable = environ; *variable; variable++) {
        puts(*variable);
    }
}

int main(int argc, char *argv[]) {
    const struct {
        const char *name;
        void (*run)(void);
    } tests[] = {
        {"open", test_open},           {"paths", test_paths},         {"append", test_append},
        {"rename", test_rename},       {"symlinks", test_symlinks},   {"hardlinks", test_hardlinks},
        {"rights", test_rights},       {"sizes", test_sizes},         {"readdir", test_readdir},
        {"times", test_times},         {"renumber", test_renumber},   {"poll", test_poll},
        {"descriptors", test_descriptors}, {"library", test_library}, {"readonly", test_readonly},
        {"quota", test_quota},         {"leave", test_leave},         {"find", test_find},
        {"speed", test_speed},         {"environment", test_environment},
    };
    for (size_t i = 0; argc > 1 && i < sizeof tests / sizeof *tests; i++) {
        if (strcmp(tests[i].name, argv[1]) == 0) {
            tests[i].run();
            if (failed) {
                printf("%d checks failed\n", failed);
            } else {
                puts("ok");
            }
            return 0;
        }
    }
    puts("no such function");
    return 2;
}
