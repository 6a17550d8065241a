/* A plugin of level 0: functions without parameters that print. */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

int data = 5;

static void write_text(const char *text) {
    if (write(1, text, strlen(text)) < 0) {
        perror("write");
    }
}

void plugin_init(void) {
    puts("initialised");
    fflush(stdout);
}

void say_hello(void) {
    printf("hello");
}

void write_hello(void) {
    write_text("raw hello");
}

void print_and_write(void) {
    printf("one ");
    fflush(stdout);
    write_text("two ");
    fprintf(stderr, "to the log\n");
    printf("three");
}

void silent(void) {
}

/* Far more than a pipe holds. */
void megabyte(void) {
    int i;
    for (i = 0; i < 1 << 15; i++) {
        puts("0123456789012345678901234567890");
    }
}

void more_than_a_megabyte(void) {
    megabyte();
    putchar('x');
}

/* The third of the worker's own descriptors, which begin at 200: where stdout leads between calls. */
void close_log(void) {
    close(202);
}
