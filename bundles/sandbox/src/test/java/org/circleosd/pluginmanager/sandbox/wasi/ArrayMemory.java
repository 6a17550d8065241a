package org.circleosd.pluginmanager.sandbox.wasi;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import org.circleosd.pluginmanager.api.ErrorCode;
import org.circleosd.pluginmanager.api.PluginException;
import org.circleosd.pluginmanager.api.engine.GuestMemory;

/** A guest's memory without a guest; fails as the contract says. */
final class ArrayMemory implements GuestMemory {

    private final ByteBuffer bytes;

    ArrayMemory(int size) {
        bytes = ByteBuffer.allocate(size).order(ByteOrder.LITTLE_ENDIAN);
    }

    @Override
    public long size() {
        return bytes.capacity();
    }

    @Override
    public byte[] read(int address, int length) {
        byte[] copy = new byte[check(address, length)];
        bytes.get(address, copy);
        return copy;
    }

    @Override
    public void write(int address, byte[] source, int offset, int length) {
        check(address, length);
        bytes.put(address, source, offset, length);
    }

    @Override
    public int readByte(int address) {
        check(address, 1);
        return bytes.get(address) & 0xff;
    }

    @Override
    public int readInt(int address) {
        check(address, 4);
        return bytes.getInt(address);
    }

    @Override
    public void writeInt(int address, int value) {
        check(address, 4);
        bytes.putInt(address, value);
    }

    @Override
    public void writeLong(int address, long value) {
        check(address, 8);
        bytes.putLong(address, value);
    }

    private int check(int address, int length) {
        if (address < 0 || length < 0 || length > bytes.capacity() - address) {
            throw new PluginException(ErrorCode.PLUGIN_TRAP, length + " bytes at " + address + " are outside");
        }
        return length;
    }
}
