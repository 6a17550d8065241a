package org.circleosd.pluginmanager.worker.linux;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Collection;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;

/**
 * Makes a seccomp filter of rules. The filter finds the rule of a call by halving the range of numbers, in about seven
 * comparisons. Calls of another machine, and on x86-64 those of x32, end the process: their numbers mean something else.
 * Numbers that no call here has get ENOSYS: what is newer than this filter was not judged, and libraries then use what
 * is older.
 */
final class FilterBuilder {

    private static final int NUMBER_OFFSET = 0;
    private static final int MACHINE_OFFSET = 4;
    private static final int ARGUMENTS_OFFSET = 16;
    private static final int FIRST_X32 = 0x4000_0000;

    private final Machine machine;
    private final Map<Syscall, Rule> rules = new EnumMap<>(Syscall.class);

    /**
     * Begins a filter.
     *
     * @param usual rule of all calls that get no other
     */
    FilterBuilder(Machine machine, Rule usual) {
        this.machine = machine;
        for (Syscall call : Syscall.values()) {
            rules.put(call, usual);
        }
    }

    /** Sets the rule of some calls; the last one counts. */
    FilterBuilder on(Rule rule, Collection<Syscall> calls) {
        calls.forEach(call -> rules.put(call, rule));
        return this;
    }

    /** Sets the rule of some calls; the last one counts. */
    FilterBuilder on(Rule rule, Syscall... calls) {
        return on(rule, List.of(calls));
    }

    /** Returns the filter as an array of {@code struct sock_filter}. */
    byte[] toBytes() {
        List<Instruction> program = new ArrayList<>();
        program.add(Instruction.load(MACHINE_OFFSET));
        program.add(Instruction.ifEqual(machine.auditNumber(), 1, 0));
        program.addAll(of(Rule.KILL));
        program.add(Instruction.load(NUMBER_OFFSET));
        program.addAll(choice(ranges()));
        ByteBuffer bytes = ByteBuffer.allocate(program.size() * FilterMemory.INSTRUCTION_BYTES)
                .order(ByteOrder.LITTLE_ENDIAN);
        for (Instruction one : program) {
            bytes.putShort((short) one.code())
                    .put((byte) one.ifTrue())
                    .put((byte) one.ifFalse())
                    .putInt(one.value());
        }
        return bytes.array();
    }

    private List<Range> ranges() {
        NavigableMap<Integer, Rule> byNumber = new TreeMap<>();
        rules.forEach((call, rule) -> {
            if (machine.has(call)) {
                byNumber.put(machine.number(call), rule);
            }
        });
        Rule unknown = Rule.errno(Errno.ENOSYS);
        int last = byNumber.lastKey();
        List<Range> ranges = new ArrayList<>();
        for (int number = 0; number <= last + 1; number++) {
            Rule rule = byNumber.getOrDefault(number, unknown);
            if (ranges.isEmpty() || !ranges.get(ranges.size() - 1).rule().equals(rule)) {
                ranges.add(new Range(number, rule));
            }
        }
        if (machine == Machine.X86_64) {
            ranges.add(new Range(FIRST_X32, Rule.KILL));
        }
        return ranges;
    }

    private static List<Instruction> choice(List<Range> ranges) {
        if (ranges.size() == 1) {
            return of(ranges.get(0).rule());
        }
        int middle = ranges.size() / 2;
        List<Instruction> lower = choice(ranges.subList(0, middle));
        List<Instruction> upper = choice(ranges.subList(middle, ranges.size()));
        int firstOfUpper = ranges.get(middle).first();
        List<Instruction> both = new ArrayList<>();
        if (Instruction.canSkip(lower.size())) {
            both.add(Instruction.ifAtLeast(firstOfUpper, lower.size(), 0));
        } else {
            both.add(Instruction.ifAtLeast(firstOfUpper, 0, 1));
            both.add(Instruction.jump(lower.size()));
        }
        both.addAll(lower);
        both.addAll(upper);
        return both;
    }

    private static List<Instruction> of(Rule rule) {
        if (rule instanceof Rule.Answer answer) {
            return List.of(Instruction.answer(answer.value()));
        }
        Rule.Test test = (Rule.Test) rule;
        List<Instruction> other = of(test.other());
        List<Instruction> all = new ArrayList<>();
        all.add(Instruction.load(ARGUMENTS_OFFSET + test.argument() * Long.BYTES + (test.upper() ? Integer.BYTES : 0)));
        if (test.mask() != -1) {
            all.add(Instruction.and(test.mask()));
        }
        int left = test.values().size();
        for (int value : test.values()) {
            left--;
            all.add(Instruction.ifEqual(value, left + other.size(), 0));
        }
        all.addAll(other);
        all.addAll(of(test.matching()));
        return all;
    }

    /** System calls with one rule, up to the first of the next range. */
    private record Range(int first, Rule rule) {}
}
