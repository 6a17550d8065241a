package org.circleosd.pluginmanager.itest;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Stream;

/**
 * How native plugins are run in a test.
 *
 * @param runner the daemon's user
 * @param worker the program that the plugins run in: c or jvm
 */
record NativeSetting(Runner runner, String worker) {

    /** All that can be tested here. */
    static Stream<NativeSetting> all() {
        return Runner.possible().flatMap(NativeSetting::of);
    }

    /** Those with a daemon of the same user as the test. */
    static Stream<NativeSetting> ofThisUser() {
        return Runner.possible().limit(1).flatMap(NativeSetting::of);
    }

    private static Stream<NativeSetting> of(Runner runner) {
        return Stream.of(new NativeSetting(runner, "c"), new NativeSetting(runner, "jvm"));
    }

    /**
     * Starts a daemon in a new folder.
     *
     * @param settings of the native loader, besides the worker
     */
    Daemon start(Path dir, Map<String, String> settings) throws IOException {
        Path folder = Files.createDirectory(dir);
        Home home = Home.in(Files.createDirectory(folder.resolve("home")), runner.distribution(folder));
        home.set("nativeloader", "worker", worker);
        for (Map.Entry<String, String> setting : settings.entrySet()) {
            home.set("nativeloader", setting.getKey(), setting.getValue());
        }
        runner.own(home.dir());
        return home.start(runner.command(home.daemonCommand()));
    }

    @Override
    public String toString() {
        return runner.name().toLowerCase(Locale.ROOT) + "-" + worker;
    }
}
