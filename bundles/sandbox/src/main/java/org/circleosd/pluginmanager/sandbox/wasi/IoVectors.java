package org.circleosd.pluginmanager.sandbox.wasi;

import org.circleosd.pluginmanager.api.engine.GuestMemory;

/**
 * The buffers that a read or write names. They are copied out of the guest's memory and checked before any of them is
 * used: a read could change the list while it fills the first buffer.
 *
 * @see <a href="https://github.com/WebAssembly/WASI/blob/wasi-0.1/preview1/docs.md#iovec">iovec</a>
 */
final class IoVectors {

    /** Most buffers that one call may name: POSIX's IOV_MAX, so that the host's own work stays short. */
    private static final int MAX_COUNT = 1024;

    private static final int SIZE = 8;
    private static final int[] NONE = {};

    private final int error;
    private final int[] addresses;
    private final int[] lengths;

    private IoVectors(int error, int[] addresses, int[] lengths) {
        this.error = error;
        this.addresses = addresses;
        this.lengths = lengths;
    }

    /** Copies the list and checks that every buffer lies inside the memory and that the guest can be told their sum. */
    static IoVectors read(GuestMemory memory, int address, int count) {
        if (count < 0 || count > MAX_COUNT) {
            return failed(WasiErrno.INVAL);
        }
        if (!Wasi.fits(memory, address, (long) count * SIZE)) {
            return failed(WasiErrno.FAULT);
        }
        int[] addresses = new int[count];
        int[] lengths = new int[count];
        long sum = 0;
        for (int i = 0; i < count; i++) {
            addresses[i] = memory.readInt(address + i * SIZE);
            lengths[i] = memory.readInt(address + i * SIZE + 4);
            long length = Integer.toUnsignedLong(lengths[i]);
            if (!Wasi.fits(memory, addresses[i], length)) {
                return failed(WasiErrno.FAULT);
            }
            sum += length;
        }
        return sum > Integer.MAX_VALUE ? failed(WasiErrno.INVAL) : new IoVectors(WasiErrno.SUCCESS, addresses, lengths);
    }

    /** Returns a {@link WasiErrno}; the list is empty unless it is {@link WasiErrno#SUCCESS}. */
    int error() {
        return error;
    }

    int count() {
        return addresses.length;
    }

    int address(int i) {
        return addresses[i];
    }

    /** Returns a length that is not negative. */
    int length(int i) {
        return lengths[i];
    }

    private static IoVectors failed(int error) {
        return new IoVectors(error, NONE, NONE);
    }
}
