package org.circleosd.pluginmanager.worker.linux;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/** Runs the filters over system calls, on both machines, without the kernel. */
class FiltersTest {

    private static final int SELF = 4711;
    private static final int ALLOW = 0x7fff_0000;
    private static final int KILL = 0x8000_0000;
    private static final int EPERM = 0x0005_0001;
    private static final int ENOSYS = 0x0005_0026;

    private static final int FIRST_X32 = 0x4000_0000;
    private static final int AUDIT_I386 = 0x4000_0003;
    private static final int AUDIT_ARM = 0x4000_0028;

    private static final List<String> PROGRAMS = List.of("base", "jvm", "jvm+net", "c", "c+net");

    static Stream<Object[]> programs() {
        return Arrays.stream(Machine.values())
                .flatMap(machine -> PROGRAMS.stream().map(program -> new Object[] {program, machine}));
    }

    private static BpfMachine filter(String program, Machine machine) {
        return new BpfMachine(
                switch (program) {
                    case "base" -> Filters.base(machine);
                    case "jvm" -> Filters.lockdown(Lockdown.JVM, machine, SELF, false);
                    case "jvm+net" -> Filters.lockdown(Lockdown.JVM, machine, SELF, true);
                    case "c" -> Filters.lockdown(Lockdown.C, machine, SELF, false);
                    case "c+net" -> Filters.lockdown(Lockdown.C, machine, SELF, true);
                    default -> throw new IllegalArgumentException(program);
                });
    }

    @ParameterizedTest
    @MethodSource("programs")
    void callsOfAnotherMachine_endTheProcess(String program, Machine machine) {
        BpfMachine filter = filter(program, machine);
        List<Integer> others = new ArrayList<>(List.of(AUDIT_I386, AUDIT_ARM, 0));
        for (Machine other : Machine.values()) {
            if (other != machine) {
                others.add(other.auditNumber());
            }
        }
        for (int other : others) {
            for (int number = 0; number < 600; number++) {
                assertThat(filter.run(other, number)).isEqualTo(KILL);
            }
        }
    }

    @ParameterizedTest
    @MethodSource("programs")
    void numbersOfNoCall_areAbsent(String program, Machine machine) {
        BpfMachine filter = filter(program, machine);
        List<Integer> known = callsOf(machine).map(machine::number).toList();
        for (int number = 0; number < 5000; number++) {
            if (!known.contains(number)) {
                assertThat(filter.run(machine.auditNumber(), number))
                        .as("%d", number)
                        .isEqualTo(ENOSYS);
            }
        }
    }

    @ParameterizedTest
    @MethodSource("programs")
    void numbersWithTheBitOfX32_endTheProcessOnX86Only(String program, Machine machine) {
        BpfMachine filter = filter(program, machine);
        int expected = machine == Machine.X86_64 ? KILL : ENOSYS;
        for (int number : new int[] {FIRST_X32, FIRST_X32 + 1, FIRST_X32 + 520, Integer.MAX_VALUE, -1}) {
            assertThat(filter.run(machine.auditNumber(), number))
                    .as("%d", number)
                    .isEqualTo(expected);
        }
    }

    @ParameterizedTest
    @MethodSource("programs")
    void anyCallWithAnyArguments_isAllowedOrFailsInFewSteps(String program, Machine machine) {
        BpfMachine filter = filter(program, machine);
        long[] values = {0, 1, 2, 9, 22, SELF, -1L, 0x1_0000, 0x203, 1L << 32, 0xdead_beef_dead_beefL};
        for (Syscall call : callsOf(machine).toList()) {
            for (long value : values) {
                int answer = filter.run(machine.auditNumber(), machine.number(call), value, value, value, value, value);
                assertThat(answer == ALLOW || answer >>> 16 == 5 && (answer & 0xffff) != 0)
                        .as("%s(%x...) -> %x", call, value, answer)
                        .isTrue();
                assertThat(filter.steps()).as("%s", call).isLessThan(40);
            }
        }
        filter.run(machine.auditNumber(), machine.number(Syscall.READ));
        assertThat(filter.steps()).as("instructions for read").isLessThanOrEqualTo(13);
    }

    // Calls that each side of the table has to know by name; "self" is the worker's pid, "daemon" another one.
    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            # call, arguments                        | base  | jvm    | jvm+net | c      | c+net
            READ                                     | ok    | ok     | ok      | ok     | ok
            WRITE                                    | ok    | ok     | ok      | ok     | ok
            FUTEX                                    | ok    | ok     | ok      | ok     | ok
            EXIT_GROUP                               | ok    | ok     | ok      | ok     | ok
            RT_SIGRETURN                             | ok    | ok     | ok      | ok     | ok
            MPROTECT                                 | ok    | ok     | ok      | ok     | ok
            MADVISE                                  | ok    | ok     | ok      | ok     | ok
            GETRANDOM                                | ok    | ok     | ok      | ok     | ok
            GETDENTS64                               | ok    | ok     | ok      | ok     | ok
            RENAMEAT2                                | ok    | ok     | ok      | ok     | ok
            UNLINKAT                                 | ok    | ok     | ok      | ok     | ok
            MKDIRAT                                  | ok    | ok     | ok      | ok     | ok
            STATX                                    | ok    | ok     | ok      | ok     | ok
            FTRUNCATE                                | ok    | ok     | ok      | ok     | ok
            FSYNC                                    | ok    | ok     | ok      | ok     | ok
            SCHED_GETAFFINITY                        | ok    | ok     | ok      | ok     | ok
            RSEQ                                     | ok    | ok     | ok      | ok     | ok
            EPOLL_PWAIT                              | ok    | ok     | ok      | ok     | ok
            SIGALTSTACK                              | ok    | ok     | ok      | ok     | ok
            # what a worker confines itself with
            SETRESUID                                | ok    | EPERM  | EPERM   | EPERM  | EPERM
            SETRESGID                                | ok    | EPERM  | EPERM   | EPERM  | EPERM
            SETGROUPS                                | ok    | EPERM  | EPERM   | EPERM  | EPERM
            SECCOMP                                  | ok    | ok     | ok      | EPERM  | EPERM
            PRCTL 1 9                                | ok    | EPERM  | EPERM   | EPERM  | EPERM
            PRCTL 65 1                               | ok    | EPERM  | EPERM   | EPERM  | EPERM
            PRCTL 4 1                                | ok    | EPERM  | EPERM   | EPERM  | EPERM
            PRCTL 38 1                               | ok    | ok     | ok      | ok     | ok
            PRCTL 15                                 | ok    | ok     | ok      | ok     | ok
            # programs and processes
            EXECVE                                   | ok    | EPERM  | EPERM   | EPERM  | EPERM
            EXECVEAT                                 | ok    | EPERM  | EPERM   | EPERM  | EPERM
            CLONE 0x3d0f00                           | ok    | ok     | ok      | ok     | ok
            CLONE 0x11                               | ok    | EPERM  | EPERM   | EPERM  | EPERM
            CLONE 0x4111                             | ok    | EPERM  | EPERM   | EPERM  | EPERM
            CLONE 0x103d0f00                         | ok    | EPERM  | EPERM   | EPERM  | EPERM
            CLONE 0x3d2f00                           | ok    | EPERM  | EPERM   | EPERM  | EPERM
            CLONE3                                   | ok    | ENOSYS | ENOSYS  | ENOSYS | ENOSYS
            # other processes
            KILL self 9                              | ok    | ok     | ok      | ok     | ok
            KILL daemon 9                            | ok    | EPERM  | EPERM   | EPERM  | EPERM
            KILL 0 9                                 | ok    | EPERM  | EPERM   | EPERM  | EPERM
            KILL -1 9                                | ok    | EPERM  | EPERM   | EPERM  | EPERM
            TGKILL self 9 9                          | ok    | ok     | ok      | ok     | ok
            TGKILL daemon 9 9                        | ok    | EPERM  | EPERM   | EPERM  | EPERM
            TKILL self                               | ok    | EPERM  | EPERM   | EPERM  | EPERM
            RT_SIGQUEUEINFO daemon                   | EPERM | EPERM  | EPERM   | EPERM  | EPERM
            RT_TGSIGQUEUEINFO daemon                 | EPERM | EPERM  | EPERM   | EPERM  | EPERM
            PIDFD_OPEN daemon                        | EPERM | EPERM  | EPERM   | EPERM  | EPERM
            PIDFD_SEND_SIGNAL                        | EPERM | EPERM  | EPERM   | EPERM  | EPERM
            PTRACE                                   | EPERM | EPERM  | EPERM   | EPERM  | EPERM
            PROCESS_VM_READV                         | EPERM | EPERM  | EPERM   | EPERM  | EPERM
            PROCESS_VM_WRITEV                        | EPERM | EPERM  | EPERM   | EPERM  | EPERM
            FCNTL 3 1                                | ok    | ok     | ok      | ok     | ok
            FCNTL 3 8                                | ok    | EPERM  | EPERM   | EPERM  | EPERM
            FCNTL 3 10                               | ok    | EPERM  | EPERM   | EPERM  | EPERM
            FCNTL 3 15                               | ok    | EPERM  | EPERM   | EPERM  | EPERM
            FCNTL 3 1024                             | ok    | EPERM  | EPERM   | EPERM  | EPERM
            FCNTL 3 1030                             | ok    | ok     | ok      | ok     | ok
            IOCTL 0 0x5401                           | ok    | ok     | ok      | ok     | ok
            IOCTL 0 0x5412                           | ok    | ENOTTY | ENOTTY  | ENOTTY | ENOTTY
            IOCTL 0 0x8901                           | ok    | ENOTTY | ENOTTY  | ENOTTY | ENOTTY
            SETPRIORITY 0 daemon                     | ok    | EPERM  | EPERM   | EPERM  | EPERM
            SCHED_SETAFFINITY 0                      | ok    | ok     | ok      | ok     | ok
            SCHED_SETAFFINITY daemon                 | ok    | EPERM  | EPERM   | EPERM  | EPERM
            SCHED_SETSCHEDULER 0                     | ok    | EPERM  | EPERM   | EPERM  | EPERM
            IOPRIO_SET                               | EPERM | EPERM  | EPERM   | EPERM  | EPERM
            PRLIMIT64 0 7 0 0x7fff0000               | ok    | ok     | ok      | ok     | ok
            PRLIMIT64 self 7 0 0x7fff0000            | ok    | ok     | ok      | ok     | ok
            PRLIMIT64 0 7 0x7fff0000 0               | ok    | EPERM  | EPERM   | EPERM  | EPERM
            PRLIMIT64 0 7 0x7f0000000000 0           | ok    | EPERM  | EPERM   | EPERM  | EPERM
            PRLIMIT64 daemon 7 0 0                   | ok    | EPERM  | EPERM   | EPERM  | EPERM
            SETRLIMIT                                | ok    | EPERM  | EPERM   | EPERM  | EPERM
            # the network
            SOCKET 2 1                               | ok    | EACCES | ok      | EACCES | ok
            SOCKET 10 0x80802                        | ok    | EACCES | ok      | EACCES | ok
            SOCKET 2 3                               | ok    | EACCES | EACCES  | EACCES | EACCES
            SOCKET 1 1                               | ok    | EACCES | EACCES  | EACCES | EACCES
            SOCKET 16 3                              | ok    | EACCES | EACCES  | EACCES | EACCES
            SOCKET 17 3                              | ok    | EACCES | EACCES  | EACCES | EACCES
            SOCKET 40 1                              | ok    | EACCES | EACCES  | EACCES | EACCES
            SOCKETPAIR 1 1                           | ok    | EACCES | EACCES  | EACCES | EACCES
            CONNECT                                  | ok    | EACCES | ok      | EACCES | ok
            BIND                                     | ok    | EACCES | ok      | EACCES | ok
            SENDTO                                   | ok    | ok     | ok      | EPERM  | ok
            # memory
            MMAP 0 4096 3 0x22                       | ok    | ok     | ok      | ok     | ok
            MMAP 0 4096 3 0x20022                    | ok    | ok     | ok      | ok     | ok
            MMAP 0 4096 1 0x1                        | ok    | ok     | ok      | ok     | ok
            MMAP 0 4096 3 0x21                       | ok    | ENOMEM | ENOMEM  | ENOMEM | ENOMEM
            MMAP 0 4096 3 0x23                       | ok    | ENOMEM | ENOMEM  | ENOMEM | ENOMEM
            MMAP 0 4096 3 0x122                      | ok    | ENOMEM | ENOMEM  | ENOMEM | ENOMEM
            MEMFD_CREATE                             | ok    | EPERM  | EPERM   | EPERM  | EPERM
            SHMGET                                   | EPERM | EPERM  | EPERM   | EPERM  | EPERM
            MAP_SHADOW_STACK                         | ok    | ENOSYS | ENOSYS  | ENOSYS | ENOSYS
            # files
            OPENAT 0 0 0                             | ok    | ok     | ok      | ok     | ok
            OPENAT 0 0 0x241                         | ok    | ok     | ok      | ok     | ok
            OPENAT 0 0 0x200                         | ok    | EACCES | EACCES  | EACCES | EACCES
            OPENAT2                                  | ok    | ENOSYS | ENOSYS  | ENOSYS | ENOSYS
            TRUNCATE                                 | ok    | EPERM  | EPERM   | EPERM  | EPERM
            FCHMOD                                   | EPERM | EPERM  | EPERM   | EPERM  | EPERM
            FCHMODAT                                 | EPERM | EPERM  | EPERM   | EPERM  | EPERM
            FCHMODAT2                                | EPERM | EPERM  | EPERM   | EPERM  | EPERM
            FCHOWNAT                                 | EPERM | EPERM  | EPERM   | EPERM  | EPERM
            UTIMENSAT                                | EPERM | EPERM  | EPERM   | EPERM  | EPERM
            SETXATTR                                 | EPERM | EPERM  | EPERM   | EPERM  | EPERM
            FILE_SETATTR                             | EPERM | EPERM  | EPERM   | EPERM  | EPERM
            LINKAT                                   | ok    | EPERM  | EPERM   | EPERM  | EPERM
            SYMLINKAT                                | ok    | EPERM  | EPERM   | EPERM  | EPERM
            CHDIR                                    | ok    | EPERM  | EPERM   | EPERM  | EPERM
            MOUNT                                    | EPERM | EPERM  | EPERM   | EPERM  | EPERM
            OPEN_BY_HANDLE_AT                        | EPERM | EPERM  | EPERM   | EPERM  | EPERM
            FANOTIFY_INIT                            | EPERM | EPERM  | EPERM   | EPERM  | EPERM
            # the kernel
            IO_URING_SETUP                           | EPERM | EPERM  | EPERM   | EPERM  | EPERM
            BPF                                      | EPERM | EPERM  | EPERM   | EPERM  | EPERM
            PERF_EVENT_OPEN                          | EPERM | EPERM  | EPERM   | EPERM  | EPERM
            USERFAULTFD                              | EPERM | EPERM  | EPERM   | EPERM  | EPERM
            KEYCTL                                   | EPERM | EPERM  | EPERM   | EPERM  | EPERM
            UNSHARE                                  | EPERM | EPERM  | EPERM   | EPERM  | EPERM
            SETNS                                    | EPERM | EPERM  | EPERM   | EPERM  | EPERM
            REBOOT                                   | EPERM | EPERM  | EPERM   | EPERM  | EPERM
            INIT_MODULE                              | EPERM | EPERM  | EPERM   | EPERM  | EPERM
            CLOCK_SETTIME                            | EPERM | EPERM  | EPERM   | EPERM  | EPERM
            PERSONALITY                              | EPERM | EPERM  | EPERM   | EPERM  | EPERM
            # of x86-64 alone
            FORK                                     | ok    | EPERM  | EPERM   | EPERM  | EPERM
            VFORK                                    | ok    | EPERM  | EPERM   | EPERM  | EPERM
            OPEN 0 0x200                             | ok    | EACCES | EACCES  | EACCES | EACCES
            OPEN 0 0x241                             | ok    | ok     | ok      | ok     | ok
            CHMOD                                    | EPERM | EPERM  | EPERM   | EPERM  | EPERM
            MODIFY_LDT                               | EPERM | EPERM  | EPERM   | EPERM  | EPERM
            IOPL                                     | EPERM | EPERM  | EPERM   | EPERM  | EPERM
            ARCH_PRCTL                               | ok    | ok     | ok      | EPERM  | EPERM
            """)
    void callWithArguments_isAnsweredAsTheTableSays(
            String line, String base, String jvm, String jvmNetwork, String c, String cNetwork) {
        List<String> words = List.of(line.split(" +"));
        Syscall call = Syscall.valueOf(words.get(0));
        long[] arguments =
                words.stream().skip(1).mapToLong(FiltersTest::argument).toArray();
        List<String> expected = List.of(base, jvm, jvmNetwork, c, cNetwork);
        for (Machine machine : Machine.values()) {
            if (!machine.has(call)) {
                continue;
            }
            for (int i = 0; i < PROGRAMS.size(); i++) {
                int answer =
                        filter(PROGRAMS.get(i), machine).run(machine.auditNumber(), machine.number(call), arguments);
                assertThat(text(answer))
                        .as("%s on %s", PROGRAMS.get(i), machine)
                        .isEqualTo(expected.get(i));
            }
        }
    }

    @ParameterizedTest
    @EnumSource(Machine.class)
    void whatTheBaseRefuses_bothLockdownsRefuseToo(Machine machine) {
        List<Syscall> refused = callsOf(machine)
                .filter(call -> answer("base", machine, call) == EPERM)
                .toList();
        for (String lockdown : PROGRAMS.subList(1, PROGRAMS.size())) {
            assertThat(refused).as(lockdown).noneMatch(call -> answer(lockdown, machine, call) == ALLOW);
        }
    }

    private static Stream<Syscall> callsOf(Machine machine) {
        return Arrays.stream(Syscall.values()).filter(machine::has);
    }

    private static int answer(String program, Machine machine, Syscall call) {
        return filter(program, machine).run(machine.auditNumber(), machine.number(call));
    }

    private static long argument(String word) {
        return switch (word) {
            case "self" -> SELF;
            case "daemon" -> SELF - 1;
            default -> Long.decode(word);
        };
    }

    private static String text(int answer) {
        return switch (answer) {
            case ALLOW -> "ok";
            case EPERM -> "EPERM";
            case ENOSYS -> "ENOSYS";
            case 0x0005_000d -> "EACCES";
            case 0x0005_0019 -> "ENOTTY";
            case 0x0005_000c -> "ENOMEM";
            default -> Integer.toHexString(answer);
        };
    }
}
