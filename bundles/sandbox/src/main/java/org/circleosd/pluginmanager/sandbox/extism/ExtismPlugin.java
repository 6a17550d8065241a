package org.circleosd.pluginmanager.sandbox.extism;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.circleosd.pluginmanager.api.CapabilityGrant;
import org.circleosd.pluginmanager.api.ErrorCode;
import org.circleosd.pluginmanager.api.PluginException;
import org.circleosd.pluginmanager.api.PluginManifest;
import org.circleosd.pluginmanager.api.runtime.InvocationLimits;
import org.circleosd.pluginmanager.api.runtime.KeyValues;
import org.circleosd.pluginmanager.sandbox.wasi.CallLog;
import org.jspecify.annotations.Nullable;

/** What the guests of one plugin share: its settings, its variables and what it may ask of the host. Thread-safe. */
public final class ExtismPlugin {

    private static final long DEFAULT_VAR_BYTES = 1 << 20;
    private static final long DEFAULT_RESPONSE_BYTES = 50 << 20;

    private final Map<String, byte[]> config = new HashMap<>();
    private final VariableStore variables;
    private final AllowedHosts hosts;
    private final LogLevel level;
    private final long memoryBytes;
    private final long responseBytes;
    private final MemoryAllowance allowance;
    private final WebClient web;

    /**
     * Prepares what a plugin's manifest says.
     *
     * @param values keep its variables, with a quota of their own; null: they are kept in memory
     * @param level what is less important is not logged
     * @throws PluginException {@link ErrorCode#MANIFEST_INVALID} if a grant cannot be read
     */
    public ExtismPlugin(
            PluginManifest manifest,
            List<CapabilityGrant> grants,
            InvocationLimits limits,
            @Nullable KeyValues values,
            LogLevel level,
            MemoryAllowance allowance,
            WebClient web) {
        manifest.config().forEach((name, value) -> config.put(key(name.getBytes(UTF_8)), value.getBytes(UTF_8)));
        this.memoryBytes = limits.memoryBytes();
        // Neither has a cap of the operator's, so that for memory holds for both.
        long varBytes = Math.min(memoryBytes, manifest.limits().varBytes().orElse(DEFAULT_VAR_BYTES));
        this.variables = values == null || varBytes == 0 ? new Variables(varBytes) : new KeptVariables(values);
        this.responseBytes = manifest.limits().httpResponseBytes().orElse(DEFAULT_RESPONSE_BYTES);
        this.hosts = AllowedHosts.of(grants);
        this.level = level;
        this.allowance = allowance;
        this.web = web;
    }

    /** Makes what one guest sees of its host. */
    public ExtismGuest newGuest(CallLog log) {
        return new ExtismGuest(this, new Blocks(memoryBytes, allowance), log);
    }

    LogLevel level() {
        return level;
    }

    VariableStore variables() {
        return variables;
    }

    byte @Nullable [] config(String key) {
        return config.get(key);
    }

    /** Sends an HTTP request; the answer is at most as long as the plugin may have it and as there is room for it. */
    WebResponse send(WebRequest request, byte[] body, long room) {
        return web.send(request, body, hosts, Math.min(responseBytes, room), allowance);
    }

    /** Makes a name of bytes; different bytes give different names, whatever they mean. */
    static String key(byte[] name) {
        return new String(name, ISO_8859_1);
    }
}
