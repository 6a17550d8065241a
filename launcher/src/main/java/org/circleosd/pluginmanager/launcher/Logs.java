package org.circleosd.pluginmanager.launcher;

import java.io.IOException;
import java.io.InputStream;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.logging.Handler;
import java.util.logging.LogManager;
import java.util.logging.LogRecord;

/** Sends every log record to one stream. Must be the first in the process to touch {@code java.util.logging}. */
public final class Logs extends LogManager {

    private boolean kept;

    /** Made by {@code java.util.logging} itself, which wants it public. */
    public Logs() {}

    /**
     * Starts to log.
     *
     * @param levels file of lines like {@code .level = INFO}; may be missing
     */
    static void start(Path levels, PrintStream stream) throws StartException {
        System.setProperty("java.util.logging.manager", Logs.class.getName());
        LogManager manager = LogManager.getLogManager();
        try (InputStream in = Files.exists(levels) ? Files.newInputStream(levels) : InputStream.nullInputStream()) {
            manager.readConfiguration(in);
        } catch (IOException e) {
            throw new StartException(levels + " cannot be read: " + e, "correct it or remove it");
        }
        java.util.logging.Logger.getLogger("").addHandler(new StreamHandler(stream));
        if (manager instanceof Logs logs) {
            logs.keep();
        }
    }

    private synchronized void keep() {
        kept = true;
    }

    /** Does nothing once it logs: the JDK's own shutdown hook would drop what is logged while the daemon stops. */
    @Override
    public synchronized void reset() {
        if (!kept) {
            super.reset();
        }
    }

    /** Writes whole records, each in one piece. */
    private static final class StreamHandler extends Handler {

        private final PrintStream stream;

        StreamHandler(PrintStream stream) {
            this.stream = stream;
            setFormatter(new LineFormatter());
        }

        @Override
        public void publish(LogRecord record) {
            if (isLoggable(record)) {
                stream.print(getFormatter().format(record));
            }
        }

        @Override
        public void flush() {
            stream.flush();
        }

        @Override
        public void close() {
            flush();
        }
    }
}
