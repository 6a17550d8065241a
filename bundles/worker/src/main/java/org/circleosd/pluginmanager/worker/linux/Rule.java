package org.circleosd.pluginmanager.worker.linux;

import java.util.List;

/** What a seccomp filter does with a system call. */
sealed interface Rule {

    /** Lets the call through. */
    Answer ALLOW = new Answer(0x7fff_0000);

    /** Ends the process. */
    Answer KILL = new Answer(0x8000_0000);

    /** Lets the call fail. */
    static Rule errno(int errno) {
        return new Answer(0x0005_0000 | errno);
    }

    /** Looks at the lower 32 bits of an argument, all that the kernel reads of an {@code int}. */
    static Rule whenArgument(int index, List<Integer> values, Rule matching, Rule other) {
        return new Test(index, false, -1, values, matching, other);
    }

    /** Looks at some of the lower 32 bits of an argument. */
    static Rule whenMasked(int index, int mask, int value, Rule matching, Rule other) {
        return new Test(index, false, mask, List.of(value), matching, other);
    }

    /** Looks at all 64 bits of an argument, as a pointer has them. */
    static Rule whenNull(int index, Rule matching, Rule other) {
        Rule upper = new Test(index, true, -1, List.of(0), matching, other);
        return new Test(index, false, -1, List.of(0), upper, other);
    }

    /**
     * The same for every call.
     *
     * @param value {@code SECCOMP_RET_...} of {@code linux/seccomp.h}
     */
    record Answer(int value) implements Rule {}

    /**
     * One of two rules, depending on half an argument.
     *
     * @param argument its index, 0 to 5
     * @param upper whether to look at the upper 32 bits
     * @param mask the bits to look at
     * @param values those that match
     */
    record Test(int argument, boolean upper, int mask, List<Integer> values, Rule matching, Rule other)
            implements Rule {

        public Test {
            values = List.copyOf(values);
        }
    }
}
