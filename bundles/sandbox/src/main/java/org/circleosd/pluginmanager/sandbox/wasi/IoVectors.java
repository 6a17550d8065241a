package org.circleosd.pluginmanager.sandbox.wasi;

import org.circleosd.pluginmanager.api.engine.GuestMemory;
import org.circleosd.pluginmanager.sandbox.wasi.tree.TreeFailure;
import org.circleosd.pluginmanager.sandbox.wasi.tree.WasiErrno;

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
    private final int[] addresses;
    private final int[] lengths;

    private IoVectors(int[] addresses, int[] lengths) {
        this.addresses = addresses;
        this.lengths = lengths;
    }

    /**
     * Copies the list and checks that every buffer lies inside the memory and that the guest can be told their sum.
     *
     * @throws TreeFailure {@link WasiErrno#FAULT} or {@link WasiErrno#INVAL}
     */
    static IoVectors read(GuestMemory memory, int address, int count) {
        if (count < 0 || count > MAX_COUNT) {
            throw TreeFailure.of(WasiErrno.INVAL);
        }
        if (!Wasi.fits(memory, address, (long) count * SIZE)) {
            throw TreeFailure.of(WasiErrno.FAULT);
        }
        int[] addresses = new int[count];
        int[] lengths = new int[count];
        long sum = 0;
        for (int i = 0; i < count; i++) {
            addresses[i] = memory.readInt(address + i * SIZE);
            lengths[i] = memory.readInt(address + i * SIZE + 4);
            long length = Integer.toUnsignedLong(lengths[i]);
            if (!Wasi.fits(memory, addresses[i], length)) {
                throw TreeFailure.of(WasiErrno.FAULT);
            }
            sum += length;
        }
        if (sum > Integer.MAX_VALUE) {
            throw TreeFailure.of(WasiErrno.INVAL);
        }
        return new IoVectors(addresses, lengths);
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

    /** Returns the longest buffer's length, or the bound if that is less. */
    int largest(int bound) {
        int largest = 0;
        for (int length : lengths) {
            largest = Math.max(largest, length);
        }
        return Math.min(largest, bound);
    }
}
