package org.circleosd.pluginmanager.engine.chicory;

import com.dylibso.chicory.wasm.types.MemoryLimits;
import org.circleosd.pluginmanager.api.ErrorCode;
import org.circleosd.pluginmanager.api.PluginException;
import org.circleosd.pluginmanager.api.engine.GuestMemory;

/** What the host sees of a {@link FlatMemory}: the same bytes, with our exception for a range outside of them. */
final class LinearMemory implements GuestMemory {

    /** Has no bytes, so everybody can have it at once. */
    private static final LinearMemory EMPTY =
            new LinearMemory(new FlatMemory(new MemoryLimits(0, 0), new MemoryBudget(0)));

    private final FlatMemory memory;

    LinearMemory(FlatMemory memory) {
        this.memory = memory;
    }

    /** What host functions get if the module has no memory. */
    static LinearMemory empty() {
        return EMPTY;
    }

    @Override
    public long size() {
        return memory.size();
    }

    @Override
    public byte[] read(int address, int length) {
        check(address, length);
        return memory.readBytes(address, length);
    }

    @Override
    public void write(int address, byte[] source, int offset, int length) {
        check(address, length);
        memory.write(address, source, offset, length);
    }

    @Override
    public int readByte(int address) {
        check(address, 1);
        return memory.read(address) & 0xff;
    }

    @Override
    public int readInt(int address) {
        check(address, 4);
        return memory.readInt(address);
    }

    @Override
    public void writeInt(int address, int value) {
        check(address, 4);
        memory.writeI32(address, value);
    }

    @Override
    public void writeLong(int address, long value) {
        check(address, 8);
        memory.writeLong(address, value);
    }

    /** Unsigned: the memory ends below 2 GiB, so a number that is negative as an int is always outside. */
    private void check(int address, int length) {
        if (Integer.toUnsignedLong(address) + Integer.toUnsignedLong(length) > memory.size()) {
            throw new PluginException(ErrorCode.PLUGIN_TRAP, memory.describeOutOfBounds(address, length));
        }
    }
}
