/* The smallest native plugin: one function, run once when the plugin is loaded. What it prints is its log. */
#include <stdio.h>

#include "plugin.h"

void plugin_init(void) {
    printf("seed-native has started\n");
}
