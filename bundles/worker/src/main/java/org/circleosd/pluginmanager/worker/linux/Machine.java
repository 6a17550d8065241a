package org.circleosd.pluginmanager.worker.linux;

import org.jspecify.annotations.Nullable;

/** A processor whose system calls we know; both have their bytes in little-endian order. */
enum Machine {
    /** x86-64, without the x32 calls. */
    X86_64(0xC000_003E),
    /** 64-bit ARM. */
    AARCH64(0xC000_00B7);

    /** Stands for the number of a system call that a machine does not have. */
    static final int NO_CALL = -1;

    private final int auditNumber;

    Machine(int auditNumber) {
        this.auditNumber = auditNumber;
    }

    /** Returns {@code AUDIT_ARCH_...} of {@code linux/audit.h}, which a filter sees. */
    int auditNumber() {
        return auditNumber;
    }

    /** Says whether the machine has a call. */
    boolean has(Syscall call) {
        return slot(call) != NO_CALL;
    }

    /**
     * Returns the number of a call.
     *
     * @throws IllegalStateException if the machine does not have this call
     */
    int number(Syscall call) {
        int number = slot(call);
        if (number == NO_CALL) {
            throw new IllegalStateException(call + " is no system call of " + this);
        }
        return number;
    }

    private int slot(Syscall call) {
        return switch (this) {
            case X86_64 -> call.x86Number;
            case AARCH64 -> call.armNumber;
        };
    }

    /** Returns the machine that runs this JVM; null if it is another one. */
    static @Nullable Machine current() {
        return of(System.getProperty("os.arch", ""));
    }

    static @Nullable Machine of(String name) {
        return switch (name) {
            case "amd64", "x86_64" -> X86_64;
            case "aarch64" -> AARCH64;
            default -> null;
        };
    }
}
