package org.circleosd.pluginmanager.worker.linux;

import com.sun.jna.Memory;
import com.sun.jna.Pointer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * The Landlock of this kernel. All rights that it knows are taken away, and given back below some paths.
 *
 * @param machine whose calls are made
 * @param version of its interface, 1 or higher
 * @see <a href="https://docs.kernel.org/userspace-api/landlock.html">Landlock</a>
 */
record Landlock(Machine machine, int version) {

    private static final int CREATE_RULESET_VERSION = 1;
    private static final int RULE_PATH_BENEATH = 1;
    private static final int PATH_RULE_BYTES = 12;

    private static final long EXECUTE = 1;
    private static final long WRITE_FILE = 1 << 1;
    private static final long READ_FILE = 1 << 2;
    private static final long READ_DIR = 1 << 3;
    private static final long REMOVE_DIR = 1 << 4;
    private static final long REMOVE_FILE = 1 << 5;
    private static final long MAKE_DIR = 1 << 7;
    private static final long MAKE_REG = 1 << 8;
    private static final long REFER = 1 << 13;
    private static final long TRUNCATE = 1 << 14;
    private static final long IOCTL_DEV = 1 << 15;

    /** The rights of the first version: the bits 0 to 12. */
    private static final long FIRST_RIGHTS = (1 << 13) - 1;
    /** Of a file that is no folder, a rule may name only these. */
    private static final long FILE_RIGHTS = EXECUTE | WRITE_FILE | READ_FILE | TRUNCATE | IOCTL_DEV;

    private static final long RUN = EXECUTE | READ_FILE | READ_DIR;
    private static final long READ = READ_FILE | READ_DIR;
    /** Everything with files and folders, but no devices, sockets, pipes or symbolic links. */
    private static final long CHANGE =
            READ | WRITE_FILE | REMOVE_DIR | REMOVE_FILE | MAKE_DIR | MAKE_REG | REFER | TRUNCATE;

    private static final long TCP_BIND_AND_CONNECT = 3;
    private static final long ABSTRACT_SOCKETS_AND_SIGNALS = 3;

    private static final List<Path> RANDOM = List.of(Path.of("/dev/urandom"), Path.of("/dev/random"));
    /** What name resolution and TLS read. */
    private static final List<Path> NETWORK_FILES = List.of(
            Path.of("/etc/resolv.conf"),
            Path.of("/etc/hosts"),
            Path.of("/etc/host.conf"),
            Path.of("/etc/nsswitch.conf"),
            Path.of("/etc/gai.conf"),
            Path.of("/etc/services"),
            Path.of("/etc/protocols"),
            Path.of("/etc/ssl"),
            Path.of("/usr/share/ca-certificates"));

    /** These lead to the memory of other processes and to the machine. */
    private static final List<Path> NEVER_GRANTED = List.of(Path.of("/proc"), Path.of("/sys"), Path.of("/dev"));

    /**
     * Asks the kernel for its version.
     *
     * @throws IOException if it has no Landlock
     */
    static Landlock ofKernel(Machine machine) throws IOException {
        int version = Libc.SYSCALL.call(machine.number(Syscall.LANDLOCK_CREATE_RULESET), 0, 0, CREATE_RULESET_VERSION);
        if (version < 1) {
            throw new IOException("this kernel has no Landlock, or it was started with that switched off: "
                    + Errno.text(CFunction.errno()));
        }
        return new Landlock(machine, version);
    }

    /**
     * Makes the rules of a process.
     *
     * @return a descriptor that the caller closes
     * @throws IOException if a grant does not exist, or is one that is never given
     */
    Descriptor rules(ProcessPlan plan) throws IOException {
        Descriptor rules = ruleset(plan.network());
        try {
            for (Path path : plan.readable()) {
                allowIfExists(rules, path, RUN);
            }
            allowIfExists(rules, plan.directory(), READ);
            allowIfExists(rules, Path.of("/dev/null"), READ_FILE | WRITE_FILE | TRUNCATE);
            for (Path path : RANDOM) {
                allowIfExists(rules, path, READ_FILE);
            }
            if (plan.network()) {
                for (Path path : NETWORK_FILES) {
                    allowIfExists(rules, path, READ);
                }
            }
            for (ProcessPlan.Grant grant : plan.grants()) {
                allowGrant(rules, grant);
            }
            return rules;
        } catch (IOException | RuntimeException | Error e) {
            rules.close();
            throw e;
        }
    }

    /** Puts together the call that takes all but these rights from a thread and what it starts. */
    PreparedCall enter(Descriptor rules) {
        return Libc.SYSCALL.prepare(machine.number(Syscall.LANDLOCK_RESTRICT_SELF), rules.number(), 0);
    }

    private long handled() {
        return FIRST_RIGHTS
                | (version >= 2 ? REFER : 0)
                | (version >= 3 ? TRUNCATE : 0)
                | (version >= 5 ? IOCTL_DEV : 0);
    }

    private Descriptor ruleset(boolean network) throws IOException {
        int bytes = version >= 6 ? 3 * Long.BYTES : version >= 4 ? 2 * Long.BYTES : Long.BYTES;
        try (Memory attributes = new Memory(3L * Long.BYTES)) {
            attributes.setLong(0, handled());
            attributes.setLong(Long.BYTES, network ? 0 : TCP_BIND_AND_CONNECT);
            attributes.setLong(2L * Long.BYTES, ABSTRACT_SOCKETS_AND_SIGNALS);
            return Descriptor.of(
                    Libc.SYSCALL.call(
                            machine.number(Syscall.LANDLOCK_CREATE_RULESET), Pointer.nativeValue(attributes), bytes, 0),
                    "make Landlock rules");
        }
    }

    private void allowIfExists(Descriptor rules, Path path, long rights) throws IOException {
        if (Files.exists(path)) {
            try (Descriptor opened = Descriptor.open(path, Libc.O_PATH)) {
                allow(rules, opened, path, rights);
            }
        }
    }

    private void allowGrant(Descriptor rules, ProcessPlan.Grant grant) throws IOException {
        try (Descriptor opened = Descriptor.open(grant.path(), Libc.O_PATH)) {
            Path real = opened.path();
            if (real.getParent() == null || NEVER_GRANTED.stream().anyMatch(real::startsWith)) {
                throw new IOException("cannot grant " + grant.path() + " to a native plugin: " + real
                        + " leads to the memory of other processes; grant a folder of data");
            }
            allow(rules, opened, grant.path(), grant.writable() ? CHANGE : READ);
        }
    }

    private void allow(Descriptor rules, Descriptor opened, Path path, long rights) throws IOException {
        long known = rights & handled();
        if (addRule(rules, opened, known) == 0) {
            return;
        }
        // Folder rights on what is no folder are EINVAL; to ask before what it is would be a race.
        if (CFunction.errno() != Errno.EINVAL || addRule(rules, opened, known & FILE_RIGHTS) != 0) {
            throw new IOException("cannot make a Landlock rule for " + path + ": " + Errno.text(CFunction.errno()));
        }
    }

    private int addRule(Descriptor rules, Descriptor opened, long rights) {
        try (Memory rule = new Memory(PATH_RULE_BYTES)) {
            rule.setLong(0, rights);
            rule.setInt(Long.BYTES, opened.number());
            return Libc.SYSCALL.call(
                    machine.number(Syscall.LANDLOCK_ADD_RULE),
                    rules.number(),
                    RULE_PATH_BENEATH,
                    Pointer.nativeValue(rule),
                    0);
        }
    }
}
