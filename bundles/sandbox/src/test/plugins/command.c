/* WASI command: argv[1] says what to try. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

extern char **environ;

static int flood(int fd) {
    char block[4096];
    memset(block, 'x', sizeof block);
    for (int i = 0; i < 1024; i++) {
        if (write(fd, block, sizeof block) < 0) {
            return 9;
        }
    }
    return 0;
}

static int probe(int argc, char *argv[]) {
    struct timespec real, start, now;
    unsigned char random[16] = {0};
    int random_bits = 0;
    clock_gettime(CLOCK_REALTIME, &real);
    clock_gettime(CLOCK_MONOTONIC, &start);
    clock_gettime(CLOCK_MONOTONIC, &now);
    getentropy(random, sizeof random);
    for (size_t i = 0; i < sizeof random; i++) {
        random_bits |= random[i];
    }
    printf("args=%d %s %s\n", argc, argv[0], argv[1]);
    printf("environment=%s\n", environ == 0 || environ[0] == 0 ? "empty" : environ[0]);
    printf("real=%s\n", real.tv_sec > 1700000000 ? "now" : "past");
    printf("monotonic=%s\n", now.tv_sec >= start.tv_sec ? "ok" : "backwards");
    printf("random=%s\n", random_bits != 0 ? "ok" : "zero");
    return 0;
}

static int open_file(const char *path, int flags) {
    int fd = open(path, flags, 0600);
    printf("%s\n", fd >= 0 ? "opened" : strerror(errno));
    return 0;
}

static int echo(void) {
    char block[512];
    ssize_t got;
    while ((got = read(0, block, sizeof block)) > 0) {
        write(1, block, (size_t)got);
    }
    return got == 0 ? 0 : 9;
}

int main(int argc, char *argv[]) {
    const char *what = argc > 1 ? argv[1] : "";
    if (strcmp(what, "echo") == 0) {
        return echo();
    } else if (strcmp(what, "loop") == 0) {
        for (volatile unsigned i = 0;; i++) {
        }
    } else if (strcmp(what, "flood") == 0) {
        return flood(1);
    } else if (strcmp(what, "flood_log") == 0) {
        return flood(2);
    } else if (strcmp(what, "fail") == 0) {
        fputs("reading the input\nno such colour: mauve\n", stderr);
        exit(3);
    } else if (strcmp(what, "exit0") == 0) {
        puts("done early");
        exit(0);
    } else if (strcmp(what, "abort") == 0) {
        abort();
    } else if (strcmp(what, "probe") == 0) {
        return probe(argc, argv);
    } else if (strcmp(what, "passwd") == 0) {
        return open_file("/etc/passwd", O_RDONLY);
    } else if (strcmp(what, "create") == 0) {
        return open_file("created", O_WRONLY | O_CREAT);
    } else if (strcmp(what, "nap") == 0) {
        usleep(20000);
        puts("rested");
        return 0;
    } else if (strcmp(what, "sleep") == 0) {
        sleep(3600);
        return 0;
    }
    fprintf(stderr, "no such function: %s\n", what);
    return 2;
}
