/*
 * What the host does for wasm plugins of any ABI, as imports of the module "plugin_manager": values that a plugin keeps,
 * and calls of other plugins. docs/plugins.md explains them. For native plugins there is plugin.h.
 *
 * A range outside of the plugin's memory is a trap. Everything else that goes wrong is one of the negative codes.
 */
#ifndef PLUGIN_WASM_H
#define PLUGIN_WASM_H

#include <stddef.h>
#include <stdint.h>

#define PLUGIN_IMPORT(name) __attribute__((import_module("plugin_manager"), import_name(name)))

#define PLUGIN_OK 0
#define PLUGIN_E_FAIL (-1)
#define PLUGIN_E_NOFUNC (-2)
#define PLUGIN_E_BADARG (-3)
#define PLUGIN_E_NOMEM (-4)
#define PLUGIN_E_DENIED (-6)
#define PLUGIN_E_NOTFOUND (-7)
#define PLUGIN_E_CANCELLED (-8)
#define PLUGIN_E_TIMEOUT (-9)
#define PLUGIN_E_AGAIN (-10)

#ifdef __cplusplus
extern "C" {
#endif

/* Copies the value of a key into the room, as far as it fits; returns its whole length, or a code. */
PLUGIN_IMPORT("kv_get") int64_t plugin_kv_get(const void *key, size_t key_length, void *room, size_t room_length);

/* Keeps a value, durably; a value at NULL deletes. Returns PLUGIN_OK or a code. */
PLUGIN_IMPORT("kv_put")
int32_t plugin_kv_put(const void *key, size_t key_length, const void *value, size_t value_length);

/*
 * Calls a function of a plugin that this one depends on. Returns the length of what it answered, or a code; either way
 * plugin_call_result has the rest.
 */
PLUGIN_IMPORT("call")
int64_t plugin_call(const char *plugin, size_t plugin_length, const char *function, size_t function_length,
                    const void *payload, size_t payload_length);

/*
 * Copies what the last call answered into the room, as far as it fits, or, if it failed, the reason as "code: text".
 * Returns the whole length. It is there until the next call, or until this plugin has answered.
 */
PLUGIN_IMPORT("call_result") int64_t plugin_call_result(void *room, size_t room_length);

#ifdef __cplusplus
}
#endif

#endif
