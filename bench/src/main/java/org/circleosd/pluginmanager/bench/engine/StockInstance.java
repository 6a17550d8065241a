package org.circleosd.pluginmanager.bench.engine;

import com.dylibso.chicory.runtime.ExportFunction;
import com.dylibso.chicory.runtime.Instance;
import com.dylibso.chicory.runtime.Memory;
import java.util.Optional;
import org.circleosd.pluginmanager.api.engine.GuestMemory;
import org.circleosd.pluginmanager.api.engine.WasmFunction;
import org.circleosd.pluginmanager.api.engine.WasmFunctionType;
import org.circleosd.pluginmanager.api.engine.WasmInstance;
import org.jspecify.annotations.Nullable;

/** An instance of the peer, as far as the benchmarks use one. */
record StockInstance(Instance instance) implements WasmInstance {

    private static final long[] NOTHING = {};

    @Override
    public Optional<WasmFunction> function(String name) {
        ExportFunction function = instance.export(name);
        return Optional.of(new WasmFunction() {

            @Override
            public WasmFunctionType type() {
                throw new IllegalStateException("no benchmark asks for it");
            }

            @Override
            public long[] call(long... args) {
                long @Nullable [] results = function.apply(args);
                return results == null ? NOTHING : results;
            }
        });
    }

    @Override
    public Optional<GuestMemory> memory() {
        return Optional.of(memory(instance));
    }

    static GuestMemory memory(Instance instance) {
        return new StockMemory(instance.memory());
    }

    @Override
    public void capture() {}

    /** It has nothing of the kind: a caller makes a new instance. */
    @Override
    public boolean restore() {
        return false;
    }

    @Override
    public void close() {}

    private record StockMemory(Memory memory) implements GuestMemory {

        @Override
        public long size() {
            return (long) memory.pages() * Memory.PAGE_SIZE;
        }

        @Override
        public byte[] read(int address, int length) {
            return memory.readBytes(address, length);
        }

        @Override
        public void write(int address, byte[] source, int offset, int length) {
            memory.write(address, source, offset, length);
        }

        @Override
        public int readByte(int address) {
            return memory.read(address) & 0xff;
        }

        @Override
        public int readInt(int address) {
            return memory.readInt(address);
        }

        @Override
        public void writeInt(int address, int value) {
            memory.writeI32(address, value);
        }

        @Override
        public void writeLong(int address, long value) {
            memory.writeLong(address, value);
        }
    }
}
