package org.circleosd.pluginmanager.launcher;

import java.io.IOException;
import java.io.InputStream;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.logging.Handler;
import java.util.logging.LogManager;
import java.util.logging.LogRecord;
import java.util.logging.Logger;

/** Sends every log record to one stream. */
final class Logs {

    private Logs() {}

    /** Chooses our log manager; before anything asks for a logger. */
    static void prepare() {
        System.setProperty("java.util.logging.manager", KeptLogManager.class.getName());
    }

    /**
     * Starts to log.
     *
     * @param levels file of lines like {@code .level = INFO}; may be missing
     */
    static void start(Path levels, PrintStream stream) throws StartException {
        LogManager manager = LogManager.getLogManager();
        try (InputStream in = Files.exists(levels) ? Files.newInputStream(levels) : InputStream.nullInputStream()) {
            manager.readConfiguration(in);
        } catch (IOException e) {
            throw new StartException(levels + " cannot be read: " + e, "correct it or remove it");
        }
        Logger.getLogger("").addHandler(new StreamHandler(stream));
        if (manager instanceof KeptLogManager ours) {
            ours.keep();
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
