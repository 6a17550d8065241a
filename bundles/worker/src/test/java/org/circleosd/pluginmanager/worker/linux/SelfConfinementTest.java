package org.circleosd.pluginmanager.worker.linux;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.jna.Native;
import com.sun.jna.Platform;
import java.io.BufferedReader;
import java.io.DataOutputStream;
import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A JVM confines itself, and goes on to be a JVM. */
@Timeout(120)
class SelfConfinementTest {

    @TempDir
    private Path folder;

    @Test
    void jvmInAllLayers_livesButReachesNothing() throws Exception {
        Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwxr-xr-x"));
        try (ConfinedProcesses processes = ConfinedProcesses.prepare(ConfinementSettings.DEFAULT);
                ConfinedProcess jvm = processes.start(plan())) {
            BufferedReader lines = new BufferedReader(new InputStreamReader(jvm.replies(), StandardCharsets.UTF_8));
            assertThat(lines.readLine())
                    .as(() -> log(jvm))
                    .isEqualTo("up true " + ProcessHandle.current().pid());
            jvm.own(Files.createDirectory(folder.resolve("owned")));
            jvm.limit(new ResourceLimits(256 << 20, 1 << 20, 128, 64));
            send(jvm);
            String steps = lines.readLine();
            assertThat(steps).contains("PARENT_DEATH=0", "FILTER=0").doesNotContainPattern("=[1-9]");
            jvm.confirmed(Tries.ALL_DONE);
            for (ConfinementLayer layer : ConfinementLayer.values()) {
                boolean expected = !processes.missing().containsKey(layer) && layer != ConfinementLayer.EXACT_MEMORY;
                assertThat(jvm.isActive(layer))
                        .as("%s: %s", layer, jvm.unenforced())
                        .isEqualTo(expected);
            }
            List<String> answers = new ArrayList<>();
            for (String line = lines.readLine(); line != null && !line.equals("end"); line = lines.readLine()) {
                answers.add(line);
            }
            assertThat(answers)
                    .as(() -> log(jvm))
                    .containsExactly(
                            "threads: ok",
                            "memory: ok",
                            "random: ok",
                            "class: ok",
                            "implicit null check: ok",
                            "file: FileNotFoundException",
                            "program: IOException",
                            "socket: IOException",
                            "socket of an older thread: IOException",
                            "file of an older thread: IOException");
            jvm.requests().close();
            assertThat(lines.readLine()).isEqualTo("requests ended");
            assertThat(jvm.awaitDeath(Duration.ofSeconds(60)).orElseThrow()).hasToString("exit 0");
        }
    }

    @Test
    void brokenFilter_isRefusedWithAnErrno() {
        for (byte[] broken : List.of(new byte[7], new byte[4097 * 8])) {
            assertThat(SelfConfinement.install(broken)).isEqualTo(Errno.EINVAL);
        }
    }

    private static void send(ConfinedProcess jvm) throws IOException {
        ConfineRequest request = jvm.request();
        DataOutputStream out = new DataOutputStream(jvm.requests());
        out.writeInt(request.uid());
        out.writeInt(request.gid());
        out.writeBoolean((request.flags() & ConfineRequest.EXACT_MEMORY) != 0);
        out.writeInt(request.filter().length);
        out.write(request.filter());
        out.flush();
    }

    private static String log(ConfinedProcess jvm) {
        jvm.kill();
        try {
            return new String(jvm.log().readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            return e.toString();
        }
    }

    private ProcessPlan plan() throws Exception {
        Path jvm = Path.of(System.getProperty("java.home")).toRealPath();
        // The worker's user cannot come to the folders of whoever runs the tests.
        List<String> classPath = new ArrayList<>();
        for (Class<?> one : List.of(SelfConfinement.class, LockedJvm.class, Native.class)) {
            classPath.add(copy(Path.of(
                    one.getProtectionDomain().getCodeSource().getLocation().toURI())));
        }
        String library = System.mapLibraryName("jnidispatch");
        try (InputStream in = Native.class.getResourceAsStream(Platform.RESOURCE_PREFIX + "/" + library)) {
            Files.write(folder.resolve(library), in.readAllBytes());
        }
        List<Path> readable = new ArrayList<>(ProcessPlan.LIBRARIES);
        readable.add(folder);
        readable.add(jvm);
        // Debian keeps the JDK's configuration elsewhere and links to it.
        try (Stream<Path> conf = Files.walk(jvm.resolve("conf"))) {
            for (Path file : conf.toList()) {
                readable.add(file.toRealPath());
            }
        }
        List<String> command = List.of(
                jvm.resolve("bin/java").toString(),
                "-XX:+UseSerialGC",
                "-XX:TieredStopAtLevel=1",
                "-XX:-UsePerfData",
                "-Xmx64m",
                "-Djna.boot.library.path=" + folder,
                "-Djna.nounpack=true",
                "-Djna.nosys=true",
                "-cp",
                String.join(File.pathSeparator, classPath),
                LockedJvm.class.getName());
        return new ProcessPlan(command, Map.of(), folder, readable, List.of(), false, Lockdown.JVM);
    }

    private String copy(Path source) throws Exception {
        Path copy = folder.resolve(String.valueOf(source.getFileName()));
        Tries.run(List.of("cp", "-r", source.toString(), copy.toString()));
        Tries.run(List.of("chmod", "-R", "a+rX", copy.toString()));
        return copy.toString();
    }
}
