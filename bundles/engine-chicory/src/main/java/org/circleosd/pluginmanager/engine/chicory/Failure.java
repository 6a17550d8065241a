package org.circleosd.pluginmanager.engine.chicory;

import com.dylibso.chicory.runtime.ChicoryInterruptedException;
import com.dylibso.chicory.runtime.WasmException;
import com.dylibso.chicory.wasm.ChicoryException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import org.circleosd.pluginmanager.api.ErrorCode;
import org.circleosd.pluginmanager.api.PluginException;
import org.jspecify.annotations.Nullable;

/** What the engine throws, turned into what crosses a service boundary: a code and one line of text. */
final class Failure {

    private static final Logger LOG = System.getLogger(Failure.class.getName());
    private static final int LONGEST_TEXT = 300;

    private Failure() {}

    /**
     * Says why guest code stopped. Clears the thread's interrupt flag if that was the reason.
     *
     * @param where what ran, as in "function 'handle'"
     */
    static PluginException ofCall(String where, Throwable thrown) {
        if (thrown instanceof PluginException ours) {
            return ours;
        }
        if (thrown instanceof ChicoryInterruptedException) {
            // Chicory leaves the flag set: the thread's next blocking call would fail for a reason long gone.
            Thread.interrupted();
            return new PluginException(ErrorCode.CANCELLED, where + " was stopped: its thread was interrupted");
        }
        if (thrown instanceof OutOfMemoryError) {
            return new PluginException(
                    ErrorCode.OUT_OF_MEMORY, where + " was stopped: the Java heap is exhausted; see -Xmx");
        }
        if (thrown instanceof StackOverflowError) {
            return trap(where, "call stack exhausted");
        }
        if (thrown instanceof WasmException) {
            return trap(where, "uncaught exception");
        }
        if (thrown instanceof ChicoryException) {
            return trap(where, words(oneLine(thrown.getMessage())));
        }
        LOG.log(Level.WARNING, "the engine failed while " + where + " ran", thrown);
        return new PluginException(
                ErrorCode.INTERNAL,
                where + " was stopped: the engine failed with " + describe(thrown)
                        + "; the daemon's log has the trace");
    }

    private static PluginException trap(String where, String kind) {
        return new PluginException(ErrorCode.PLUGIN_TRAP, where + " trapped: " + kind);
    }

    private static String words(String message) {
        if (message.startsWith("Trapped on unreachable")) {
            return "unreachable";
        }
        // Chicory words these as the specification's tests do, which say nothing about what the guest did.
        if (message.equals("undefined element")) {
            return "indirect call: index outside of the table";
        }
        if (message.startsWith("uninitialized element")) {
            return "indirect call: empty table slot" + message.substring("uninitialized element".length());
        }
        return message;
    }

    /** The class of a throwable of no meaning to users, and its message. */
    static String describe(Throwable thrown) {
        String message = oneLine(thrown.getMessage());
        return thrown.getClass().getSimpleName() + (message.isEmpty() ? "" : ": " + message);
    }

    /** A library's text holds names that the guest chose: no control characters, no end of its own. */
    static String oneLine(@Nullable String text) {
        if (text == null) {
            return "";
        }
        String line = text.replaceAll("[\\p{Cntrl}\\p{Cf}]+", " ").strip();
        return line.length() <= LONGEST_TEXT ? line : line.substring(0, LONGEST_TEXT) + "...";
    }
}
