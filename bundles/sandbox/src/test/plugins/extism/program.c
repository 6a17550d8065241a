/* A program whose main is one of the functions to call. It must not run when it is loaded. */
#include "extism.h"
#include <stdio.h>
#include <stdlib.h>

static int runs;

int main(void) {
    runs++;
    x_output_number(runs);
    return 0;
}

EXPORT("runs") int32_t count_runs(void) {
    x_output_number(runs++);
    return 0;
}
