package org.circleosd.pluginmanager.api;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.UnaryOperator;

/**
 * What a plugin says of itself, checked. The base five members are name, version, description, type and entry; a
 * manifest with only these stays valid for ever.
 *
 * @param name for people; 1 to 128 characters, no control characters
 * @param version lenient: "0.1" is fine; 1 to 64 characters
 * @param description for people; may be empty
 * @param type what the plugin file is made of
 * @param entry wasm: name of the plugin file, or empty; native: name of the init symbol, or empty for
 *     {@code plugin_init}
 * @param id the id that the manifest asks for; empty: made of the name
 * @param abi the ABI that overrides what the plugin file shows; empty: found from the file
 * @param hostRange the versions of this product that the plugin works with, in OSGi range syntax; empty: any
 * @param functions what the manifest says of the plugin's functions
 * @param capabilities what the plugin asks for beyond computing
 * @param limits what the plugin asks to use
 * @param config settings handed to the plugin
 * @param dependencies the plugins that it needs, and in which versions
 * @param errorBudget what it may get wrong after an upgrade; empty: as the host has it
 * @param instances how the plugin's instances live; empty: as its ABI has it. Native plugins ignore it
 * @param selftest a call whose answer is known; empty: none
 * @param warmup a call that is made in the background until its code is fast; empty: the selftest
 * @param modules what the plugin file imports from besides the host, each under its name; names differ. Native plugins
 *     have none
 * @param isolation where a native plugin asks to run; empty: in a process. Wasm plugins ignore it
 * @param group native plugins of the same group, signer and folder share a process; 1 to 63 characters as of a
 *     {@link PluginId}; empty: a process of its own. Wasm plugins ignore it
 * @param sha256 digest that the plugin file must have; empty: any
 */
public record PluginManifest(
        String name,
        String version,
        String description,
        PluginType type,
        String entry,
        Optional<PluginId> id,
        Optional<String> abi,
        Optional<String> hostRange,
        List<FunctionDescription> functions,
        List<Capability> capabilities,
        ManifestLimits limits,
        Map<String, String> config,
        Map<PluginId, PluginVersionRange> dependencies,
        Optional<ErrorBudget> errorBudget,
        Optional<InstancePolicy> instances,
        Optional<SelfTest> selftest,
        Optional<WarmUp> warmup,
        List<LinkedModule> modules,
        Optional<PluginIsolation> isolation,
        Optional<String> group,
        Optional<Sha256> sha256) {

    /** Copies the collections. */
    public PluginManifest {
        functions = List.copyOf(functions);
        capabilities = List.copyOf(capabilities);
        config = Map.copyOf(config);
        dependencies = Map.copyOf(dependencies);
        modules = List.copyOf(modules);
    }

    /** Makes a manifest of the base five members. */
    public static PluginManifest ofBase(
            String name, String version, String description, PluginType type, String entry) {
        return new PluginManifestBuilder(name, version, description, type, entry).build();
    }

    /** Returns the id under which the plugin is loaded unless the client chooses one. */
    public PluginId defaultId() {
        return id.orElseGet(() -> PluginId.ofName(name));
    }

    /**
     * What may go wrong after an upgrade before it is undone: more failures than {@code errors} within the first
     * {@code calls} calls and the first {@code time}, whichever ends first. A failure is one that is the plugin's fault.
     *
     * @param errors not negative
     * @param calls positive
     * @param time positive
     */
    public record ErrorBudget(int errors, int calls, Duration time) {}

    /**
     * A call whose answer is known.
     *
     * @param func the function
     * @param payload handed to it: a text as its UTF-8 bytes, any other JSON value as its compact text
     * @param expect the answer's bytes, made in the same way; empty: any answer that is no error
     */
    @SuppressWarnings("ArrayRecordComponent") // the bytes are not changed by anyone
    public record SelfTest(String func, byte[] payload, Optional<byte[]> expect) {

        private static final int LONGEST_SHOWN = 200;

        /**
         * Makes the call and looks at the answer.
         *
         * @param call makes of the payload the answer of {@code func}
         * @throws PluginException {@link ErrorCode#PLUGIN_FAILED} for another answer than {@code expect}, or the code of what
         *     the call throws; the message names the selftest
         */
        public void check(UnaryOperator<byte[]> call) {
            byte[] answer;
            try {
                answer = call.apply(payload);
            } catch (PluginException e) {
                throw new PluginException(e.code(), "the manifest's selftest '" + func + "': " + e.getMessage());
            }
            if (expect.isPresent() && !Arrays.equals(answer, expect.get())) {
                throw new PluginException(
                        ErrorCode.PLUGIN_FAILED,
                        "the manifest's selftest '" + func + "' answered " + shown(answer) + "; expected "
                                + shown(expect.get()));
            }
        }

        /** Returns text in quotes: shortened, in one line, without control characters. */
        private static String shown(byte[] bytes) {
            int length = Math.min(bytes.length, LONGEST_SHOWN);
            String text = new String(bytes, 0, length, StandardCharsets.UTF_8).replaceAll("[\\p{Cntrl}\\p{Cf}]", "?");
            return "'" + text + (bytes.length > LONGEST_SHOWN ? "...' (" + bytes.length + " bytes)" : "'");
        }
    }

    /**
     * A call that is made in the background, on an instance of its own, until its code is fast.
     *
     * @param func the function
     * @param payload handed to it: a text as its UTF-8 bytes, any other JSON value as its compact text
     * @param calls most calls; 1 to 1,000,000
     */
    @SuppressWarnings("ArrayRecordComponent") // the bytes are not changed by anyone
    public record WarmUp(String func, byte[] payload, int calls) {}

    /**
     * A wasm module that the plugin file imports from, or that another such module does.
     *
     * @param name under which it is imported; 1 to 255 bytes of UTF-8
     * @param source where its bytes are
     * @param sha256 digest that they must have; empty: any
     */
    public record LinkedModule(String name, Source source, Optional<Sha256> sha256) {}

    /** Where the bytes of a module are. */
    public sealed interface Source {

        /**
         * In a file.
         *
         * @param path absolute, or relative to the folder of the manifest
         */
        record File(String path) implements Source {}

        /**
         * In the manifest.
         *
         * @param bytes not changed by anyone
         */
        @SuppressWarnings("ArrayRecordComponent")
        record Inline(byte[] bytes) implements Source {}
    }
}
