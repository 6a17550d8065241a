package org.circleosd.pluginmanager.worker.linux;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

class SyscallTest {

    private static final Pattern DEFINITION = Pattern.compile("#define __NR_(\\w+) (\\d+)");
    /** Numbers of no call in the header of the newer machines. */
    private static final Set<String> NO_CALLS = Set.of("SYSCALLS", "ARCH_SPECIFIC_SYSCALL");

    // From syscall_64.tbl and asm-generic/unistd.h.
    @ParameterizedTest
    @CsvSource({
        "READ, 0, 63",
        "WRITE, 1, 64",
        "OPENAT, 257, 56",
        "CLOSE, 3, 57",
        "MMAP, 9, 222",
        "MPROTECT, 10, 226",
        "IOCTL, 16, 29",
        "FCNTL, 72, 25",
        "CLONE, 56, 220",
        "EXECVE, 59, 221",
        "EXIT_GROUP, 231, 94",
        "KILL, 62, 129",
        "TKILL, 200, 130",
        "TGKILL, 234, 131",
        "RT_SIGQUEUEINFO, 129, 138",
        "SETRESUID, 117, 147",
        "SETRESGID, 119, 149",
        "SETGROUPS, 116, 159",
        "PRCTL, 157, 167",
        "GETPID, 39, 172",
        "PTRACE, 101, 117",
        "SOCKET, 41, 198",
        "CONNECT, 42, 203",
        "FUTEX, 202, 98",
        "UNSHARE, 272, 97",
        "SETNS, 308, 268",
        "MOUNT, 165, 40",
        "FCHMODAT, 268, 53",
        "PRLIMIT64, 302, 261",
        "PROCESS_VM_WRITEV, 311, 271",
        "SECCOMP, 317, 277",
        "MEMFD_CREATE, 319, 279",
        "BPF, 321, 280",
        "EXECVEAT, 322, 281",
        "IO_URING_SETUP, 425, 425",
        "CLONE3, 435, 435",
        "LANDLOCK_RESTRICT_SELF, 446, 446",
        "FCHMODAT2, 452, 452",
        "FILE_SETATTR, 469, 469"
    })
    void number_isTheKernelsOnBothMachines(Syscall call, int x86, int arm) {
        assertThat(Machine.X86_64.number(call)).isEqualTo(x86);
        assertThat(Machine.AARCH64.number(call)).isEqualTo(arm);
    }

    @ParameterizedTest
    @EnumSource(
            value = Syscall.class,
            names = {"OPEN", "FORK", "VFORK", "CHMOD", "ARCH_PRCTL", "EPOLL_WAIT", "IOPL"})
    void olderCall_isNotOnTheNewerMachine(Syscall call) {
        assertThat(Machine.X86_64.has(call)).isTrue();
        assertThat(Machine.AARCH64.has(call)).isFalse();
        assertThatIllegalStateException()
                .isThrownBy(() -> Machine.AARCH64.number(call))
                .withMessageContaining("AARCH64");
    }

    @ParameterizedTest
    @EnumSource(Machine.class)
    void number_standsForOneCall(Machine machine) {
        Map<Integer, Syscall> calls = new HashMap<>();
        for (Syscall call : Syscall.values()) {
            if (machine.has(call)) {
                assertThat(calls.put(machine.number(call), call)).as("%s", call).isNull();
            }
        }
    }

    @Test
    void everyCallOfTheSystemsHeader_isKnown() throws Exception {
        Machine machine = Objects.requireNonNull(Machine.current());
        Matcher matcher = DEFINITION.matcher(header());
        int found = 0;
        while (matcher.find()) {
            String name = matcher.group(1).toUpperCase(Locale.ROOT).replaceFirst("^_", "");
            if (NO_CALLS.contains(name)) {
                continue;
            }
            assertThat(machine.number(Syscall.valueOf(name))).as(name).isEqualTo(Integer.parseInt(matcher.group(2)));
            found++;
        }
        assertThat(found).isGreaterThan(machine == Machine.X86_64 ? 300 : 250);
    }

    /** Returns the definitions of this machine, wherever the C compiler has them. */
    private static String header() throws Exception {
        Process cc = new ProcessBuilder("cc", "-E", "-dM", "-include", "asm/unistd.h", "-x", "c", "/dev/null")
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        String definitions = new String(cc.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(cc.waitFor()).isZero();
        return definitions;
    }

    @ParameterizedTest
    @CsvSource({"amd64, X86_64", "x86_64, X86_64", "aarch64, AARCH64"})
    void machine_isFoundByTheNameThatTheJvmHas(String name, Machine machine) {
        assertThat(Machine.of(name)).isEqualTo(machine);
    }

    @Test
    void otherMachine_isNone() {
        assertThat(Machine.of("riscv64")).isNull();
    }
}
