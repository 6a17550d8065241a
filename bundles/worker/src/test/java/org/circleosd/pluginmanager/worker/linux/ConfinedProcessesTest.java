package org.circleosd.pluginmanager.worker.linux;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIOException;

import java.io.IOException;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(120)
class ConfinedProcessesTest {

    @TempDir
    private static Path folder;

    private static Path program;
    private static ConfinedProcesses processes;

    @BeforeAll
    static void prepare() throws Exception {
        program = Tries.compile(folder);
        processes = ConfinedProcesses.prepare(ConfinementSettings.DEFAULT);
    }

    @AfterAll
    static void close() {
        processes.close();
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            env         | ONLY=this env ok
            descriptors | 3 descriptors ok
            signals     | 0 signals ok
            session     | own session ok
            """)
    void newProcess_hasNothingFromTheDaemon(String question, String answer) throws IOException {
        try (Tries tries = Tries.start(processes, program, Tries.Plan.C)) {
            assertThat(tries.ask(question)).isEqualTo(answer);
        }
    }

    @Test
    void newProcess_beginsInItsDirectoryAndMayReadThereOnly() throws IOException {
        try (Tries tries = Tries.start(processes, program, Tries.Plan.C)) {
            Files.writeString(tries.directory().resolve("text"), "text");
            assertThat(tries.ask("cwd")).isEqualTo(tries.directory() + " cwd ok");
            assertThat(tries.ask("read ./text")).isEqualTo("read ok");
            assertThat(tries.ask("write ./text")).isEqualTo("write errno 13");
            assertThat(tries.ask("read ..")).isEqualTo("read errno 13");
        }
    }

    @ParameterizedTest
    @EnumSource(Lockdown.class)
    void lockedProcess_hasEveryLayerThatIsNotMissing(Lockdown lockdown) throws IOException {
        try (Tries tries = Tries.startLocked(processes, program, new Tries.Plan(lockdown, false, List.of()))) {
            for (ConfinementLayer layer : ConfinementLayer.values()) {
                boolean expected = !processes.missing().containsKey(layer)
                        && (layer != ConfinementLayer.EXACT_MEMORY || lockdown == Lockdown.C);
                assertThat(tries.process.isActive(layer)).as("%s", layer).isEqualTo(expected);
            }
            assertThat(tries.process.layers()).first().isEqualTo("process");
            assertThat(tries.process.layers()).allMatch(layer -> layer.matches("[a-z]+(:[0-9]+)?"));
            processes.missing().forEach((layer, reason) -> assertThat(tries.process.unenforced())
                    .contains(layer.label() + ": " + reason));
            assertThat(tries.ask("rwx")).isEqualTo(expectedOfWritableCode(tries));
        }
    }

    private static String expectedOfWritableCode(Tries tries) {
        return tries.process.isActive(ConfinementLayer.EXACT_MEMORY) ? "rwx errno 13" : "rwx ok";
    }

    @Test
    void rootsProcesses_runAsDifferentUsersWithoutGroups_othersAsTheDaemonsUser() throws IOException {
        boolean users = !processes.missing().containsKey(ConfinementLayer.USER);
        try (Tries one = Tries.startLocked(processes, program, Tries.Plan.C);
                Tries other = Tries.startLocked(processes, program, Tries.Plan.C)) {
            int first = one.process.request().uid();
            int second = other.process.request().uid();
            Object owner = Files.getAttribute(one.directory(), "unix:uid");
            if (users) {
                assertThat(first).isBetween(65_000, 65_499).isNotEqualTo(second);
                assertThat(one.ask("ids")).isEqualTo(first + " " + first + " 0 ids ok");
                assertThat(owner).isEqualTo(first);
            } else {
                assertThat(List.of(first, second)).containsOnly(SelfConfinement.SAME_USER);
                assertThat(owner).isEqualTo(Files.getAttribute(folder, "unix:uid"));
                assertThat(one.ask("ids")).startsWith(owner + " ");
            }
        }
    }

    @Test
    void grants_openTheseFoldersAndNoMore() throws IOException {
        Path readable = open(Files.createDirectory(folder.resolve("readable")));
        Path writable = open(Files.createDirectory(folder.resolve("writable")));
        open(folder);
        Files.writeString(readable.resolve("text"), "text");
        Tries.Plan plan = new Tries.Plan(
                Lockdown.C,
                false,
                List.of(new ProcessPlan.Grant(readable, false), new ProcessPlan.Grant(writable, true)));
        try (Tries tries = Tries.startLocked(processes, program, plan)) {
            assertThat(tries.ask("read " + readable.resolve("text"))).isEqualTo("read ok");
            assertThat(tries.ask("write " + readable.resolve("text"))).isEqualTo("write errno 13");
            assertThat(tries.ask("create " + readable.resolve("new"))).isEqualTo("create errno 13");
            assertThat(tries.ask("create " + writable.resolve("new"))).isEqualTo("create ok");
            assertThat(tries.ask("write " + writable.resolve("new"))).isEqualTo("write ok");
            assertThat(tries.ask("mkdir " + writable.resolve("inner"))).isEqualTo("mkdir ok");
            assertThat(tries.ask("rename " + writable.resolve("new") + " " + writable.resolve("inner/new")))
                    .isEqualTo("rename ok");
            assertThat(tries.ask("unlink " + writable.resolve("inner/new"))).isEqualTo("unlink ok");
            assertThat(tries.ask("symlink /etc/shadow " + writable.resolve("link")))
                    .isEqualTo("symlink errno 1");
            assertThat(tries.ask("fill " + writable.resolve("big"))).isEqualTo("fill errno 27");
            assertThat(writable.resolve("big")).hasSize(1 << 20);
        }
    }

    // Another user of the worker's has to come here as well.
    private static Path open(Path granted) throws IOException {
        Files.setPosixFilePermissions(granted, PosixFilePermissions.fromString("rwxrwxrwx"));
        return granted;
    }

    @ParameterizedTest
    @ValueSource(strings = {"/", "/proc", "/proc/self", "/sys", "/dev"})
    void grantThatLeadsToOtherProcesses_isRefused(String path) throws IOException {
        Path link = Files.createTempDirectory(folder, "link").resolve("link");
        Files.createSymbolicLink(link, Path.of(path));
        for (Path granted : List.of(Path.of(path), link)) {
            Tries.Plan plan = new Tries.Plan(Lockdown.C, false, List.of(new ProcessPlan.Grant(granted, false)));
            assertThatIOException()
                    .isThrownBy(() -> Tries.start(processes, program, plan))
                    .withMessageContaining("cannot grant " + granted);
        }
        Files.delete(link);
    }

    @Test
    void grantedNetwork_opensTheInternetAndNothingElse() throws IOException {
        Tries.Plan plan = new Tries.Plan(Lockdown.C, true, List.of());
        try (ServerSocket server = new ServerSocket(0);
                Tries tries = Tries.startLocked(processes, program, plan)) {
            assertThat(tries.ask("connect " + server.getLocalPort())).isEqualTo("connect ok");
            assertThat(tries.ask("unix /run/any")).isEqualTo("unix errno 13");
            assertThat(tries.ask("packet")).isEqualTo("packet errno 13");
            assertThat(tries.process.layers()).doesNotContain("netns");
        }
    }

    @Test
    void memoryThreadsAndDescriptors_areLimited() throws IOException {
        try (Tries tries = Tries.startLocked(processes, program, Tries.Plan.C)) {
            assertThat(tries.ask("files 100")).isEqualTo("files errno 24");
            assertThat(tries.ask("threads 5000")).endsWith("threads errno 11");
            assertThat(tries.ask("allocate 500")).matches("got [0-9]{1,2} allocate errno 12");
        }
    }

    /** The page tables of memory that is only read count nowhere else. */
    @Test
    void addresses_areLimitedToMoreThanARuntimeReserves() throws IOException {
        try (Tries tries = Tries.startLocked(processes, program, Tries.Plan.C)) {
            assertThat(tries.ask("reserve 16")).isEqualTo("reserve ok");
            assertThat(tries.ask("reserve 64")).isEqualTo("reserve errno 12");
        }
    }

    @ParameterizedTest
    @CsvSource({"exit 0, exit 0", "exit 7, exit 7", "signal 11, signal 11", "abort, signal 6", "signal 9, signal 9"})
    void death_isSeenWithItsReason(String command, String reason) throws Exception {
        try (Tries tries = Tries.startLocked(processes, program, Tries.Plan.C)) {
            assertThat(tries.ask(command)).isEqualTo("null");
            assertThat(tries.awaitDeath()).hasToString(reason);
        }
    }

    @Test
    void terminatedProcess_mayIgnoreThatButNotTheKill() throws Exception {
        try (Tries tries = Tries.startLocked(processes, program, Tries.Plan.C)) {
            assertThat(tries.ask("ignore")).isEqualTo("ignore ok");
            tries.process.terminate();
            assertThat(tries.ask("session")).isEqualTo("own session ok");
            assertThat(tries.process.awaitDeath(Duration.ofMillis(1))).isEmpty();
            tries.process.kill();
            assertThat(tries.awaitDeath()).hasToString("signal 9");
        }
    }

    @Test
    void closedProcess_canBeClosedAndSignalledAgain() throws Exception {
        Tries tries = Tries.start(processes, program, Tries.Plan.C);
        tries.process.close();
        tries.process.close();
        tries.process.kill();
        tries.process.terminate();
        assertThat(tries.awaitDeath()).hasToString("signal 9");
        assertThat(Path.of("/proc/" + tries.process.pid())).doesNotExist();
    }

    @Test
    void endOfItsRequests_endsAProgramThatReadsThem() throws Exception {
        try (Tries tries = Tries.start(processes, program, Tries.Plan.C)) {
            tries.process.requests().close();
            assertThat(tries.awaitDeath()).hasToString("exit 0");
            assertThat(tries.process.replies().read()).isEqualTo(-1);
            assertThat(tries.process.log().read()).isEqualTo(-1);
        }
    }

    @Test
    void log_isDescriptor2() throws Exception {
        Path script = Files.writeString(folder.resolve("script"), "echo out; echo err >&2");
        ProcessPlan plan = new ProcessPlan(
                List.of("/bin/sh", script.toString()),
                Map.of(),
                folder,
                List.of(Path.of("/bin"), Path.of("/usr/bin"), Path.of("/lib"), Path.of("/lib64"), Path.of("/usr/lib")),
                List.of(),
                false,
                Lockdown.JVM);
        try (ConfinedProcess process = processes.start(plan)) {
            assertThat(new String(process.log().readAllBytes(), StandardCharsets.UTF_8))
                    .isEqualTo("err\n");
            assertThat(new String(process.replies().readAllBytes(), StandardCharsets.UTF_8))
                    .isEqualTo("out\n");
        }
    }

    @ParameterizedTest
    @CsvSource({"/no/such/program, no such file", "/etc/passwd, access denied"})
    void programThatCannotBeStarted_isRefusedWithTheReason(String path, String reason) {
        ProcessPlan plan =
                new ProcessPlan(List.of(path), Map.of(), folder, ProcessPlan.LIBRARIES, List.of(), false, Lockdown.C);
        assertThatIOException().isThrownBy(() -> processes.start(plan)).withMessageContaining(reason);
    }

    @Test
    void missingGrant_isRefusedWithItsPath() {
        Path missing = folder.resolve("missing");
        Tries.Plan plan = new Tries.Plan(Lockdown.C, false, List.of(new ProcessPlan.Grant(missing, true)));
        assertThatIOException()
                .isThrownBy(() -> Tries.start(processes, program, plan))
                .withMessageContaining(missing.toString());
    }

    @Test
    void withoutLandlock_theOtherLayersAreThereAndTheReasonIsTold() throws IOException {
        ConfinedProcesses some = ConfinedProcesses.prepare(
                ConfinementSettings.DEFAULT, WorkerUsers.LOCKS, Set.of(ConfinementLayer.LANDLOCK));
        try (some;
                Tries tries = Tries.startLocked(some, program, Tries.Plan.C)) {
            assertThat(tries.process.layers()).noneMatch(layer -> layer.startsWith("landlock"));
            assertThat(tries.process.unenforced()).contains("landlock: switched off by the configuration");
            assertThat(tries.ask("fork")).isEqualTo("fork errno 1");
            assertThat(tries.ask("read /etc/passwd")).isEqualTo("read ok");
        }
    }

    @Test
    void withoutSeccomp_theOtherLayersAreThereAndTheReasonIsTold() throws IOException {
        ConfinedProcesses some = ConfinedProcesses.prepare(
                ConfinementSettings.DEFAULT, WorkerUsers.LOCKS, Set.of(ConfinementLayer.SECCOMP));
        try (some;
                Tries tries = Tries.start(some, program, Tries.Plan.C)) {
            assertThat(tries.process.request().filter()).isEmpty();
            assertThat(tries.process.unenforced()).contains("seccomp: switched off by the configuration");
            assertThat(tries.ask("fork")).isEqualTo("fork ok");
            assertThat(tries.ask("read /etc/passwd")).isEqualTo("read errno 13");
        }
    }

    @Test
    void confinementThatIsOff_startsAProcessOnly() throws IOException {
        try (ConfinedProcesses plain = ConfinedProcesses.prepare(new ConfinementSettings(false, 65_000, 65_499));
                Tries tries = Tries.start(plain, program, Tries.Plan.C)) {
            tries.process.limit(new ResourceLimits(1 << 20, 1, 1, 1));
            assertThat(tries.process.layers()).containsExactly("process");
            assertThat(tries.process.unenforced()).hasSize(ConfinementLayer.values().length - 1);
            assertThat(tries.process.request().filter()).isEmpty();
            assertThat(tries.ask("read /etc/passwd")).isEqualTo("read ok");
        }
    }

    @Test
    void stepThatTheProcessDidNotTake_isNotEnforced() throws IOException {
        try (Tries tries = Tries.start(processes, program, Tries.Plan.C)) {
            tries.process.confirmed(Map.of());
            assertThat(tries.process.layers()).doesNotContain("seccomp", "uid", "mdwe");
            assertThat(tries.process.unenforced()).contains("seccomp: the worker did not carry it out");
        }
    }

    @Test
    void stepThatTheProcessOnlyClaims_isNotEnforced() throws IOException {
        try (Tries tries = Tries.start(processes, program, Tries.Plan.C)) {
            tries.process.confirmed(Tries.ALL_DONE);
            assertThat(tries.process.layers()).doesNotContain("seccomp", "uid");
            assertThat(tries.process.unenforced()).contains("seccomp: not on all threads of the worker");
        }
    }
}
