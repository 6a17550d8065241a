package org.circleosd.pluginmanager.launcher;

import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.lang.ProcessBuilder.Redirect;
import java.lang.reflect.InvocationHandler;
import java.lang.reflect.Proxy;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The terminal on standard input, handled by {@code stty}: the JDK has nothing for it. */
final class RawTerminal {

    private static final System.Logger LOG = System.getLogger(RawTerminal.class.getName());

    /** Columns and rows; 0 is unknown. */
    record Size(int columns, int rows) {

        static final Size UNKNOWN = new Size(0, 0);

        private static final Pattern STTY = Pattern.compile("\\s*(\\d{1,5}) (\\d{1,5})\\s*");

        /** Reads what {@code stty size} prints: rows first. */
        static Size parse(String text) {
            Matcher matcher = STTY.matcher(text);
            return matcher.matches()
                    ? new Size(Integer.parseInt(matcher.group(2)), Integer.parseInt(matcher.group(1)))
                    : UNKNOWN;
        }
    }

    /** What {@code stty} needs to give the terminal its settings back. */
    private final String settings;

    private RawTerminal(String settings) {
        this.settings = settings;
    }

    /** Finds the terminal; empty if standard input is none. */
    static Optional<RawTerminal> ofStandardInput() throws IOException {
        return stty("-g").map(text -> new RawTerminal(text.strip()));
    }

    /** Finds the size of the terminal on standard output; unknown if there is none. */
    static Size sizeOfOutput() throws IOException {
        ProcessBuilder asking = new ProcessBuilder("sh", "-c", "test -t 1 && stty size <&1 >&2")
                .redirectInput(Redirect.INHERIT)
                .redirectOutput(Redirect.INHERIT);
        Process process = asking.start();
        return output(process, process.getErrorStream()).map(Size::parse).orElse(Size.UNKNOWN);
    }

    Size size() throws IOException {
        return stty("size").map(Size::parse).orElse(Size.UNKNOWN);
    }

    /**
     * Hands every key over as it is typed, also Ctrl-C, and shows none. A read waits for a tenth of a second at most, so
     * that whoever reads can stop without swallowing a key.
     *
     * @return gives the terminal its settings back; that also happens when the process is ended by a signal
     */
    Closeable enterRaw() throws IOException {
        Thread restoring = new Thread(this::restore, "restore-terminal");
        Runtime.getRuntime().addShutdownHook(restoring);
        if (stty("raw", "-echo", "min", "0", "time", "1").isEmpty()) {
            throw new IOException("stty cannot put the terminal into raw mode");
        }
        return () -> {
            restore();
            try {
                Runtime.getRuntime().removeShutdownHook(restoring);
            } catch (IllegalStateException e) {
                LOG.log(System.Logger.Level.DEBUG, "the process is ending: its hook has restored the terminal too");
            }
        };
    }

    /**
     * Calls back when the window's size has changed. The signal is in a package that the compiler does not let us name
     * without a warning, but that every JDK has; where it is missing the size stays as it was.
     */
    static void onResize(Runnable action) {
        try {
            Class<?> signal = Class.forName("sun.misc.Signal");
            Class<?> handler = Class.forName("sun.misc.SignalHandler");
            InvocationHandler calling = (proxy, method, arguments) -> {
                if (method.getName().equals("handle")) {
                    action.run();
                    return null;
                }
                return method.getName().equals("equals")
                        ? (Object) (arguments[0] == proxy)
                        : System.identityHashCode(proxy);
            };
            Object proxy = Proxy.newProxyInstance(handler.getClassLoader(), new Class<?>[] {handler}, calling);
            signal.getMethod("handle", signal, handler)
                    .invoke(null, signal.getConstructor(String.class).newInstance("WINCH"), proxy);
        } catch (ReflectiveOperationException e) {
            LOG.log(System.Logger.Level.DEBUG, "this machine does not tell when the window changes: {0}", e.toString());
        }
    }

    private void restore() {
        try {
            stty(settings);
        } catch (IOException e) {
            LOG.log(System.Logger.Level.WARNING, "the terminal did not get its settings back: {0}", e.getMessage());
        }
    }

    /** Runs it on our standard input. Empty if it fails, which it does if that is no terminal. */
    private static Optional<String> stty(String... arguments) throws IOException {
        String[] command = new String[arguments.length + 1];
        command[0] = "stty";
        System.arraycopy(arguments, 0, command, 1, arguments.length);
        Process process = new ProcessBuilder(command)
                .redirectInput(Redirect.INHERIT)
                .redirectError(Redirect.DISCARD)
                .start();
        return output(process, process.getInputStream());
    }

    private static Optional<String> output(Process process, InputStream from) throws IOException {
        String text = new String(from.readAllBytes(), StandardCharsets.UTF_8);
        try {
            return process.waitFor() == 0 ? Optional.of(text) : Optional.empty();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted while asking for the terminal", e);
        }
    }
}
