package org.circleosd.pluginmanager.launcher;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import java.util.logging.Level;
import java.util.logging.LogRecord;
import org.junit.jupiter.api.Test;

class LineFormatterTest {

    @Test
    void record_isOneLineWithTimeLevelLoggerMessage() {
        assertThat(format("org.circleosd.pluginmanager.host.Plugins", Level.WARNING, "plugin hello is slow"))
                .isEqualTo("2026-11-23T01:02:03.000Z WARN  host.Plugins: plugin hello is slow\n");
    }

    @Test
    void foreignLogger_keepsItsName() {
        assertThat(format("fileinstall", Level.SEVERE, "x"))
                .isEqualTo("2026-11-23T01:02:03.000Z ERROR fileinstall: x\n");
    }

    @Test
    void controlCharacters_cannotMakeAnotherRecord() {
        assertThat(format("l", Level.INFO, "a\n2026 ERROR b\r\u001b[31mc\u0085d"))
                .isEqualTo("2026-11-23T01:02:03.000Z INFO  l: a\\n2026 ERROR b\\u000d\\u001b[31mc\\u0085d\n");
    }

    @Test
    void throwable_followsIndented() {
        LogRecord record = record("l", Level.SEVERE, "broke");
        record.setThrown(new IllegalStateException("why\nnot"));
        assertThat(new LineFormatter().format(record).lines())
                .hasSizeGreaterThan(2)
                .startsWith("2026-11-23T01:02:03.000Z ERROR l: broke", "\tjava.lang.IllegalStateException: why")
                .allMatch(line -> line.startsWith("2026") || line.startsWith("\t"));
    }

    private static String format(String logger, Level level, String message) {
        return new LineFormatter().format(record(logger, level, message));
    }

    private static LogRecord record(String logger, Level level, String message) {
        LogRecord record = new LogRecord(level, message);
        record.setLoggerName(logger);
        record.setInstant(Instant.parse("2026-11-23T01:02:03Z"));
        return record;
    }
}
