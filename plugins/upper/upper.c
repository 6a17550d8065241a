/* Upper-cases ASCII. A WASI command: argv is the plugin's name and the function, stdin the payload, stdout the result,
 * exit code 0 means success, and what goes to stderr becomes the plugin's log. Each call gets a fresh instance. */
#include <ctype.h>
#include <stdio.h>
#include <string.h>

int main(int argc, char *argv[]) {
    if (argc != 2 || strcmp(argv[1], "handle") != 0) {
        fputs("this plugin has one function: handle\n", stderr);
        return 2;
    }
    int c;
    while ((c = getchar()) != EOF) {
        putchar(c < 128 ? toupper(c) : c);
    }
    return fflush(stdout) == 0 ? 0 : 1;
}
