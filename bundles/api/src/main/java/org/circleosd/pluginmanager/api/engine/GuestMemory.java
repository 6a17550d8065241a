package org.circleosd.pluginmanager.api.engine;

import org.circleosd.pluginmanager.api.ErrorCode;
import org.circleosd.pluginmanager.api.PluginException;
import org.osgi.annotation.versioning.ConsumerType;

/**
 * A linear memory. Addresses and lengths are unsigned 32-bit numbers, given as {@code int}. Every access is checked.
 * All methods throw {@link PluginException} {@link ErrorCode#PLUGIN_TRAP} for a range outside the memory.
 */
@ConsumerType
public interface GuestMemory {

    /** Returns the present size in bytes; a multiple of 65,536. */
    long size();

    /** Copies bytes out of the memory into a new array. */
    byte[] read(int address, int length);

    /** Copies bytes into the memory. */
    void write(int address, byte[] source, int offset, int length);

    /** Reads one byte; 0 to 255. */
    int readByte(int address);

    /** Reads a little-endian 32-bit number. */
    int readInt(int address);

    /** Writes a little-endian 32-bit number. */
    void writeInt(int address, int value);

    /** Writes a little-endian 64-bit number. */
    void writeLong(int address, long value);
}
