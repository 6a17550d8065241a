package org.circleosd.pluginmanager.nativeloader;

import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.circleosd.pluginmanager.nativeloader.process.ProcessSettings;
import org.circleosd.pluginmanager.nativeloader.process.RestartPolicy;
import org.circleosd.pluginmanager.nativeloader.process.WorkerLimits;

/**
 * The settings of the native loader, checked.
 *
 * @param inProcessAllowed whether plugins that ask for it run in the daemon
 */
record NativeSettings(boolean inProcessAllowed, Duration shutdownBound, ProcessSettings processes) {

    private static final System.Logger LOG = System.getLogger(NativeSettings.class.getName());
    private static final Pattern RANGE = Pattern.compile("([0-9]{1,9})-([0-9]{1,9})");

    static NativeSettings of(NativeRuntime.Config config) {
        oneOf("isolation", config.isolation(), List.of("process", "in-process"));
        oneOf("worker", config.worker(), List.of("auto", "c", "jvm"));
        oneOf("confinement", config.confinement(), List.of("required", "best-effort", "off"));
        Duration shutdownBound = Duration.ofMillis(within("shutdown.ms", config.shutdown_ms(), 1, 60_000));
        Matcher users = RANGE.matcher(config.users());
        if (!users.matches()) {
            throw refusal("users = " + config.users() + ": expected two numbers, as 65000-65499");
        }
        return new NativeSettings(
                config.isolation().equals("in-process"),
                shutdownBound,
                new ProcessSettings(
                        config.worker(),
                        (int) within("spares", config.spares(), 0, 4),
                        ProcessSettings.Confinement.valueOf(
                                config.confinement().replace('-', '_').toUpperCase(Locale.ROOT)),
                        user(users.group(1)),
                        user(users.group(2)),
                        new WorkerLimits(
                                1,
                                (int) within("max.threads", config.max_threads(), 1, 10_000),
                                (int) within("max.open.files", config.max_open_files(), 32, 100_000),
                                within("max.file.bytes", config.max_file_bytes(), 1, Long.MAX_VALUE)),
                        new RestartPolicy.Settings(
                                Duration.ofMillis(within("restart.ms", config.restart_ms(), 1, 60_000)),
                                (int) within("crash.limit", config.crash_limit(), 1, 1_000_000),
                                Duration.ofMillis(within("crash.window.ms", config.crash_window_ms(), 1, 86_400_000))),
                        shutdownBound));
    }

    /** Says it in one line: what the framework logs of a failed activation is a stack trace. */
    static IllegalArgumentException refusal(String why) {
        String line = "org.circleosd.pluginmanager.nativeloader.cfg: " + why + "; native plugins stay off";
        LOG.log(System.Logger.Level.ERROR, line);
        return new IllegalArgumentException(line);
    }

    private static int user(String number) {
        return (int) within("users", Long.parseLong(number), 1, Integer.MAX_VALUE);
    }

    private static void oneOf(String key, String value, List<String> words) {
        if (!words.contains(value)) {
            throw refusal(key + " = " + value + ": expected '" + String.join("' or '", words) + "'");
        }
    }

    private static long within(String key, long value, long least, long most) {
        if (value < least || value > most) {
            throw refusal(key + " = " + value + ": expected " + least + " to " + most);
        }
        return value;
    }
}
