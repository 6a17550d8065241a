package org.circleosd.pluginmanager.bench;

import java.io.File;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/** An engine in a JVM of its own. */
enum Engine {
    /** The daemon's, with the daemon's flags: see bin/plugin-manager. */
    OURS(
            "ours",
            "-XX:+UseSerialGC -Xms32m -Xmx512m -Xss1m -XX:-DontCompileHugeMethods -XX:Tier3InvocationThreshold=1000"
                    + " -XX:Tier3MinInvocationThreshold=500 -XX:Tier3CompileThreshold=5000"
                    + " -XX:Tier4InvocationThreshold=20000 -XX:Tier4MinInvocationThreshold=5000"
                    + " -XX:Tier4CompileThreshold=40000"),
    /** Chicory out of the box, on a JVM out of the box. */
    STOCK("stock", ""),
    /** The same with its cache of compiled classes. */
    CACHED("cached", "");

    private final String taskName;
    private final String flags;

    Engine(String taskName, String flags) {
        this.taskName = taskName;
        this.flags = flags;
    }

    /**
     * Runs a task.
     *
     * @param store folder where the engine may keep code
     * @param task its name, its module and what else it takes
     */
    Figures run(Path project, Path store, Object... task) throws IOException {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        Stream.of(flags.split(" ", -1)).filter(flag -> !flag.isEmpty()).forEach(command::add);
        command.add("-cp");
        command.add(project.resolve("bench/target/classes") + File.pathSeparator + project.resolve("bench/target/lib")
                + File.separator + "*");
        command.add("org.circleosd.pluginmanager.bench.engine.EngineTask");
        command.add(taskName);
        command.add(store.toString());
        for (Object word : task) {
            command.add(word.toString());
        }
        return Figures.of(command);
    }
}
