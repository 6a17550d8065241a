package org.circleosd.pluginmanager.sandbox;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import org.circleosd.pluginmanager.api.ErrorCode;
import org.circleosd.pluginmanager.api.ServiceGate;
import org.circleosd.pluginmanager.api.engine.GuestMemory;
import org.circleosd.pluginmanager.api.engine.WasmFunctionType;
import org.circleosd.pluginmanager.api.engine.WasmType;
import org.circleosd.pluginmanager.api.runtime.HostCall;
import org.circleosd.pluginmanager.api.runtime.HostFunction;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class HostFunctionsTest {

    private static final WasmFunctionType HANDLE_TO_HANDLE =
            new WasmFunctionType(List.of(WasmType.I64), List.of(WasmType.I64));
    private static final WasmFunctionType NOTHING = new WasmFunctionType(List.of(), List.of());
    private static final String USER = HostFunction.EXTISM_USER;

    private final HostFunctions functions = new HostFunctions(Duration.ZERO, Duration.ofSeconds(30));

    @Test
    void function_isFoundWhileItIsOffered() {
        Constant one = new Constant("f", HANDLE_TO_HANDLE, 1);
        assertThat(functions.type(USER, "f", HANDLE_TO_HANDLE)).isEmpty();
        functions.add(one, 0);
        assertThat(functions.type(USER, "f", HANDLE_TO_HANDLE)).contains(HANDLE_TO_HANDLE);
        assertThat(functions.type("other", "f", HANDLE_TO_HANDLE)).isEmpty();
        functions.remove(one);
        assertThat(functions.type(USER, "f", HANDLE_TO_HANDLE)).isEmpty();
    }

    @Test
    void functionThatComesSoonAfterTheStart_isWaitedFor() throws Exception {
        HostFunctions young = new HostFunctions(Duration.ofSeconds(30), Duration.ZERO);
        CompletableFuture<Optional<WasmFunctionType>> waiting =
                CompletableFuture.supplyAsync(() -> young.await(USER, "f", NOTHING));
        young.add(new Constant("other", NOTHING, 1), 0);
        assertThat(waiting.isDone()).isFalse();
        young.add(new Constant("f", NOTHING, 1), 0);
        assertThat(waiting.get()).contains(NOTHING);
    }

    @Test
    void functionThatDoesNotComeLaterOn_isNotWaitedFor() {
        assertThat(functions.await(USER, "f", NOTHING)).isEmpty();
    }

    @Test
    void otherType_isTold() {
        functions.add(new Constant("f", HANDLE_TO_HANDLE, 1), 0);
        assertThat(functions.type(USER, "f", NOTHING)).contains(HANDLE_TO_HANDLE);
        functions.add(new Constant("f", NOTHING, 1), 0);
        assertThat(functions.type(USER, "f", NOTHING)).contains(NOTHING);
    }

    @Test
    void callsGoToTheHighestRanking() {
        ServiceGate<HostFunction> gate = functions.gate(USER, "f", NOTHING);
        Constant high = new Constant("f", NOTHING, 2);
        functions.add(high, 10);
        functions.add(new Constant("f", NOTHING, 1), 0);
        assertThat(call(gate)).isEqualTo(2);
        functions.remove(high);
        assertThat(call(gate)).isEqualTo(1);
    }

    @Test
    void callOnAFunctionThatLeft_waitsForTheNext() {
        ServiceGate<HostFunction> gate = functions.gate(USER, "f", NOTHING);
        Constant old = new Constant("f", NOTHING, 1);
        functions.add(old, 0);
        functions.remove(old);
        CompletableFuture<Long> waiting = CompletableFuture.supplyAsync(() -> call(gate));
        assertThat(waiting).isNotDone();
        functions.add(new Constant("f", NOTHING, 2), 0);
        assertThat(waiting.join()).isEqualTo(2);
    }

    @Test
    void callOnAFunctionThatStaysAway_isUnavailableAndNamesIt() {
        ServiceGate<HostFunction> gate = new HostFunctions(Duration.ZERO, Duration.ZERO).gate(USER, "f", NOTHING);
        Failures.assertFails(ErrorCode.UNAVAILABLE, () -> call(gate)).contains("host function extism:host/user.f");
    }

    @Test
    void leavingFunction_waitsForItsCalls() throws InterruptedException {
        CountDownLatch inside = new CountDownLatch(1);
        CountDownLatch leave = new CountDownLatch(1);
        HostFunction slow = new Constant("f", NOTHING, 1) {
            @Override
            public long call(HostCall call, long[] args) {
                inside.countDown();
                try {
                    leave.await();
                } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                }
                return super.call(call, args);
            }
        };
        functions.add(slow, 0);
        CompletableFuture<Long> call = CompletableFuture.supplyAsync(() -> call(functions.gate(USER, "f", NOTHING)));
        inside.await();
        CompletableFuture<Void> removal = CompletableFuture.runAsync(() -> functions.remove(slow));
        assertThat(removal).isNotDone();
        leave.countDown();
        removal.join();
        assertThat(call.join()).isEqualTo(1);
    }

    @Test
    void functionThatBreaksARule_isLeftOut() {
        functions.add(new Constant("f", new WasmFunctionType(List.of(), List.of(WasmType.I32, WasmType.I32)), 1), 0);
        functions.add(
                new Constant("f", NOTHING, 1) {
                    @Override
                    public WasmFunctionType type() {
                        throw new IllegalStateException("not yet");
                    }
                },
                0);
        functions.add(
                new Constant("fd_write", NOTHING, 1) {
                    @Override
                    public String namespace() {
                        return "wasi_snapshot_preview1";
                    }
                },
                0);
        functions.add(new Constant("plugin_call", NOTHING, 1), 0);
        assertThat(functions.type(USER, "plugin_call", NOTHING)).isEmpty();
        assertThat(functions.type(USER, "f", NOTHING)).isEmpty();
        assertThat(functions.type("wasi_snapshot_preview1", "fd_write", NOTHING))
                .isEmpty();
    }

    private static long call(ServiceGate<HostFunction> gate) {
        return gate.call(function -> function.call(new NoCall(), new long[0]));
    }

    /** Of a plugin without a memory. */
    private static final class NoCall implements HostCall {

        @Override
        public String plugin() {
            return "test";
        }

        @Override
        public GuestMemory memory() {
            throw new IllegalStateException("not asked for here");
        }

        @Override
        public byte[] read(long handle) {
            return new byte[0];
        }

        @Override
        public long write(byte[] bytes) {
            return 0;
        }
    }

    private static class Constant implements HostFunction {

        private final String name;
        private final WasmFunctionType type;
        private final long value;

        Constant(String name, WasmFunctionType type, long value) {
            this.name = name;
            this.type = type;
            this.value = value;
        }

        @Override
        public String name() {
            return name;
        }

        @Override
        public WasmFunctionType type() {
            return type;
        }

        @Override
        public long call(HostCall call, long[] args) {
            return value;
        }
    }
}
