/* Calls another plugin through handles, and keeps variables. */
#include "extism.h"

#define USER(name) __attribute__((import_module("extism:host/user"), import_name(name)))

USER("plugin_call") handle plugin_call(handle plugin, handle function, handle payload);
USER("plugin_call_error") handle plugin_call_error(void);

/* Answers what the other plugin does, or its error behind an exclamation mark. */
EXPORT("call") int32_t call(void) {
    handle result = plugin_call(x_text("other"), x_text("handle"), x_input_offset());
    handle error = plugin_call_error();
    if (error != 0) {
        x_error_set(error);
        return 1;
    }
    if (result != 0) {
        x_output(result);
    }
    return 0;
}

EXPORT("set") int32_t set(void) {
    handle value = x_alloc(x_input_length());
    for (uint64_t i = 0; i < x_input_length(); i++) {
        x_store_u8(value + i, x_input_load_u8(i));
    }
    x_var_set(x_text("v"), value);
    return 0;
}

EXPORT("remove") int32_t remove_variable(void) {
    x_var_set(x_text("v"), 0);
    return 0;
}

EXPORT("get") int32_t get(void) {
    handle value = x_var_get(x_text("v"));
    if (value != 0) {
        x_output(value);
    }
    return 0;
}

EXPORT("odd_name") int32_t odd_name(void) {
    x_var_set(x_text("\xff"), x_text("v"));
    return 0;
}
