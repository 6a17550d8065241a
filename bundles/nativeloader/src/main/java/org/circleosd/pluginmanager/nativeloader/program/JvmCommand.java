package org.circleosd.pluginmanager.nativeloader.program;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** How a JVM is started as a worker: as small as it can be, and with everything it says in the log. */
final class JvmCommand {

    private static final int ASKS_FOR_NATIVE_ACCESS = 24;

    private static final List<String> FLAGS = List.of(
            // One plugin, a few short-lived arrays for each call: room for those of a call with a MiB.
            "-XX:+UseSerialGC",
            "-Xms12m",
            "-Xmn6m",
            "-Xmx64m",
            "-XX:TieredStopAtLevel=1",
            "-XX:ReservedCodeCacheSize=8m",
            "-XX:CICompilerCount=1",
            // No files in /tmp, which it may not enter.
            "-XX:-UsePerfData",
            "-XX:+DisableAttachMechanism",
            // The daemon keeps the end of the log as the report of a crash.
            "-XX:+ErrorFileToStderr",
            "-XX:-CreateCoredumpOnCrash",
            // Descriptor 1 carries frames until the program has moved it.
            "-XX:+DisplayVMOutputToStderr",
            "-Xlog:disable",
            "-Xlog:all=error:stderr",
            // SIGTERM ends it at once: a plugin's process has nothing to tidy up.
            "-Xrs",
            "-Xshare:auto");

    private final Path java;
    private final Path jar;
    private final Path libraries;
    private final String mainClass;

    /**
     * Takes what it runs.
     *
     * @param jar all classes
     * @param libraries folder of JNA's own library
     * @throws IOException if this Java has no program
     */
    JvmCommand(Path jar, Path libraries, String mainClass) throws IOException {
        this.java = javaProgram();
        this.jar = jar;
        this.libraries = libraries;
        this.mainClass = mainClass;
    }

    /** Returns the home of the Java that runs this process. */
    static Path javaHome() {
        return Path.of(System.getProperty("java.home"));
    }

    /**
     * Returns the command.
     *
     * @param archive of classes, null for none
     */
    List<String> with(@Nullable Path archive) {
        List<String> flags = archive == null ? List.of() : List.of("-XX:SharedArchiveFile=" + archive);
        return command(flags);
    }

    /** Returns a command that writes an archive of classes when it ends. */
    List<String> writing(Path archive) {
        return command(List.of("-XX:ArchiveClassesAtExit=" + archive));
    }

    private List<String> command(List<String> more) {
        List<String> command = new ArrayList<>();
        command.add(java.toString());
        command.addAll(FLAGS);
        command.addAll(more);
        if (Runtime.version().feature() >= ASKS_FOR_NATIVE_ACCESS) {
            command.add("--enable-native-access=ALL-UNNAMED");
            // That the JDK's own archive of classes was made without that is no news for the plugin's log.
            command.add("-Xlog:cds=off:stderr");
        }
        // JNA neither unpacks its library nor asks ldconfig, another process, for folders.
        command.add("-Djna.boot.library.path=" + libraries);
        command.add("-Djna.platform.library.path=" + libraries);
        command.add("-Djna.nounpack=true");
        command.add("-Djna.nosys=true");
        command.add("-Djna.noclasspath=true");
        command.add("-cp");
        command.add(jar.toString());
        command.add(mainClass);
        return command;
    }

    private static Path javaProgram() throws IOException {
        for (String name : List.of("java", "java.exe")) {
            Path program = javaHome().resolve("bin").resolve(name);
            if (Files.isExecutable(program)) {
                return program;
            }
        }
        throw new IOException("the Java in " + javaHome() + " has no program bin/java");
    }
}
