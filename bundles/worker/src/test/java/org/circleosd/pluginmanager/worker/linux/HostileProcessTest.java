package org.circleosd.pluginmanager.worker.linux;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.ServerSocket;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.EnumMap;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A process in all layers tries what a hostile plugin would, under the filter for each kind of worker. */
@Timeout(120)
class HostileProcessTest {

    @TempDir
    private static Path folder;

    private static ConfinedProcesses processes;
    private static Path victim;
    private static Path socket;
    private static ServerSocketChannel listening;
    private static ServerSocket port;
    private static Tries sibling;
    private static final Map<Lockdown, Tries> LOCKED = new EnumMap<>(Lockdown.class);

    @BeforeAll
    static void start() throws Exception {
        Path program = Tries.compile(folder);
        victim = Files.writeString(folder.resolve("victim"), "unchanged");
        socket = folder.resolve("socket");
        listening = ServerSocketChannel.open(StandardProtocolFamily.UNIX).bind(UnixDomainSocketAddress.of(socket));
        port = new ServerSocket(0);
        processes = ConfinedProcesses.prepare(ConfinementSettings.DEFAULT);
        sibling = Tries.startLocked(processes, program, Tries.Plan.C);
        LOCKED.put(Lockdown.C, Tries.startLocked(processes, program, Tries.Plan.C));
        LOCKED.put(Lockdown.JVM, Tries.startLocked(processes, program, Tries.Plan.JVM));
    }

    @AfterAll
    static void stop() throws IOException {
        for (Tries tries : LOCKED.values()) {
            tries.close();
        }
        sibling.close();
        processes.close();
        listening.close();
        port.close();
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            read /etc/shadow            | read errno 13
            read VICTIM                 | read errno 13
            write VICTIM                | write errno 13
            cut VICTIM                  | cut errno 13
            truncate VICTIM             | truncate errno 1
            unlink VICTIM               | unlink errno 13
            rename VICTIM NEW       | rename errno 13
            chmod VICTIM                | chmod errno 1
            utime VICTIM                | utime errno 1
            xattr VICTIM                | xattr errno 1
            link VICTIM NEW         | link errno 1
            symlink VICTIM NEW      | symlink errno 1
            create NEW              | create errno 13
            create ./inside             | create errno 13
            mkdir ./inside              | mkdir errno 13
            create /tmp/circleosd-test  | create errno 13
            create /dev/shm/circleosd   | create errno 13
            write /dev/null             | write ok
            read /proc/DAEMON/mem       | read errno 13
            read /proc/DAEMON/environ   | read errno 13
            write /proc/DAEMON/mem      | write errno 13
            read /proc/self/mem         | read errno 13
            connect PORT                | connect errno 13
            unix SOCKET                 | unix errno 13
            socketpair                  | socketpair errno 13
            packet                      | packet errno 13
            fork                        | fork errno 1
            vfork                       | vfork errno 1
            exec                        | exec errno 1
            kill DAEMON                 | kill errno 1
            kill SIBLING                | kill errno 1
            kill -1                     | kill errno 1
            kill 0                      | kill errno 1
            tgkill DAEMON DAEMON        | tgkill errno 1
            tkill DAEMON                | tkill errno 1
            sigio DAEMON                | sigio errno 1
            ptrace DAEMON               | ptrace errno 1
            ptrace SIBLING              | ptrace errno 1
            vmwrite DAEMON              | vmwrite errno 1
            vmwrite SIBLING             | vmwrite errno 1
            pidfd DAEMON                | pidfd errno 1
            nice DAEMON                 | nice errno 1
            affinity DAEMON             | affinity errno 1
            prlimit DAEMON              | prlimit errno 1
            raise                       | raise errno 1
            uring                       | uring errno 1
            deathsig                    | deathsig errno 1
            unshare                     | unshare errno 1
            shm                         | shm errno 1
            memfd                       | memfd errno 1
            growing                     | growing errno 12
            shared 1                    | got 0 shared errno 12
            """)
    void attack_isRefused(String command, String answer) throws IOException {
        String asked = command.replace("VICTIM", victim.toString())
                .replace("NEW", folder.resolve("new").toString())
                .replace("DAEMON", Long.toString(ProcessHandle.current().pid()))
                .replace("SIBLING", Integer.toString(sibling.process.pid()))
                .replace("PORT", Integer.toString(port.getLocalPort()))
                .replace("SOCKET", socket.toString());
        for (Map.Entry<Lockdown, Tries> locked : LOCKED.entrySet()) {
            assertThat(locked.getValue().ask(asked)).as("%s", locked.getKey()).isEqualTo(answer);
        }
        assertThat(victim).hasContent("unchanged");
        assertThat(folder.resolve("new")).doesNotExist();
    }
}
