package org.circleosd.pluginmanager.host;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.circleosd.pluginmanager.api.Caller;
import org.circleosd.pluginmanager.api.CapabilityGrant;
import org.circleosd.pluginmanager.api.ErrorCode;
import org.circleosd.pluginmanager.api.Invocation;
import org.circleosd.pluginmanager.api.LoadRequest;
import org.circleosd.pluginmanager.api.PluginException;
import org.circleosd.pluginmanager.api.PluginId;
import org.circleosd.pluginmanager.api.PluginImage;
import org.circleosd.pluginmanager.api.PluginManifest;
import org.circleosd.pluginmanager.api.PluginState;
import org.circleosd.pluginmanager.api.PluginType;
import org.circleosd.pluginmanager.api.runtime.InvocationLimits;
import org.circleosd.pluginmanager.api.runtime.LoadedPlugin;
import org.circleosd.pluginmanager.api.runtime.PluginContext;
import org.circleosd.pluginmanager.api.runtime.PluginRuntime;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
class PluginCallsTest {

    @TempDir
    Path dir;

    @AutoClose
    private TestHost host;

    /** Where a call that was told to wait is. */
    private final CountDownLatch inside = new CountDownLatch(1);

    private final CountDownLatch go = new CountDownLatch(1);
    private final AtomicReference<ErrorCode> seen = new AtomicReference<>();
    private final PluginRuntime runtime = new Calling("r1");

    @BeforeEach
    void open() throws IOException {
        host = new TestHost(dir);
        host.plugins.bindState(host.state);
        host.plugins.bindRuntime(PluginType.WASM, runtime, 0);
        host.trust.grants = List.of(new CapabilityGrant("call", "[\"b\",\"c\"]"));
    }

    private void load(String name, String... lines) throws IOException {
        Files.writeString(dir.resolve(name + ".json"), name + "\n" + String.join("\n", lines));
        host.plugins.load(LoadRequest.of(host.file(name + ".wasm")));
    }

    private String invoke(String id, String payload) {
        Invocation call = new Invocation("f", payload.getBytes(UTF_8), Caller.local("test"));
        return new String(host.plugins.set().get(new PluginId(id)).invoke(call), UTF_8);
    }

    @Test
    void granted_isCalledOnAThreadOfItsOwn() throws IOException {
        load("b");
        load("a", "needs b 1");

        assertThat(invoke("a", "call b thread")).isEqualTo("plugin-call-1 by plugin");
        assertThat(invoke("a", "thread")).isEqualTo(Thread.currentThread().getName() + " by test");
    }

    @Test
    void notDependedOnOrNotGranted_isDenied() throws IOException {
        load("b");
        load("c");
        load("d");
        load("a", "needs b 1", "needs d 1");

        TestHost.assertCode(ErrorCode.CAPABILITY_DENIED, () -> invoke("a", "call c x"));
        TestHost.assertCode(ErrorCode.CAPABILITY_DENIED, () -> invoke("a", "call d x"));
        host.trust.grants = List.of();
        TestHost.assertCode(ErrorCode.CAPABILITY_DENIED, () -> {
            load("e", "needs b 1");
            invoke("e", "call b x");
        });
    }

    @Test
    void failure_reachesTheCaller() throws IOException {
        load("b");
        load("a", "needs b 1");

        TestHost.assertCode(ErrorCode.PLUGIN_TRAP, () -> invoke("a", "call b trap"));
        TestHost.assertCode(ErrorCode.INTERNAL, () -> invoke("a", "call b defect"));
    }

    @Test
    void ninthCallWithinEachOther_isRefused() throws IOException {
        String chain = "bcdefghij";
        host.trust.grants = List.of(new CapabilityGrant("call", "[\"" + String.join("\",\"", chain.split("")) + "\"]"));
        for (int at = chain.length() - 1; at >= 0; at--) {
            String[] needs =
                    at + 1 < chain.length() ? new String[] {"needs " + chain.charAt(at + 1) + " 1"} : new String[0];
            load(chain.substring(at, at + 1), needs);
        }
        load("a", "needs b 1");

        assertThat(invoke("a", "call b call c call d call e call f call g call h call i deep"))
                .isEqualTo("deep");
        TestHost.assertCode(
                ErrorCode.LIMIT_EXCEEDED,
                () -> invoke("a", "call b call c call d call e call f call g call h call i call j deep"));
    }

    @Test
    void interruptedCaller_cancelsTheCall() throws Exception {
        load("b");
        load("a", "needs b 1");
        FutureTask<String> call = new FutureTask<>(() -> invoke("a", "call b wait x"));
        Thread thread = new Thread(call);
        thread.start();
        assertThat(inside.await(30, TimeUnit.SECONDS)).isTrue();

        thread.interrupt();

        thread.join();
        assertThat(call).isDone();
        while (seen.get() == null) {
            assertThat(Thread.currentThread().isInterrupted()).isFalse();
            Thread.onSpinWait();
        }
        assertThat(seen).hasValue(ErrorCode.CANCELLED);
    }

    /** Both are closed with their runtime, and the call in flight still needs the other plugin. */
    @Test
    void runtimeThatLeaves_letsCallsInFlightCallOthers() throws Exception {
        load("a-needed");
        load("b");
        load("a", "needs b 1");
        FutureTask<String> call = TestHost.started(() -> invoke("a", "wait call b still there"));
        assertThat(inside.await(30, TimeUnit.SECONDS)).isTrue();
        FutureTask<Boolean> leave = TestHost.started(() -> {
            host.plugins.unbindRuntime(PluginType.WASM, runtime);
            return true;
        });
        await("a", PluginState.SUSPENDED);
        await("a-needed", PluginState.SUSPENDED);
        assertThat(host.plugins.set().get(new PluginId("b")).status().state()).isEqualTo(PluginState.ACTIVE);

        go.countDown();

        assertThat(call.get(30, TimeUnit.SECONDS)).isEqualTo("still there");
        assertThat(leave.get(30, TimeUnit.SECONDS)).isTrue();
        await("b", PluginState.SUSPENDED);
        host.plugins.bindRuntime(PluginType.WASM, new Calling("r2"), 0);
        assertThat(invoke("a", "call b again")).isEqualTo("again");
    }

    @Test
    void calledPluginThatIsUpgradedMeanwhile_answersFromTheNewContent() throws Exception {
        load("b");
        load("a", "needs b 1");
        FutureTask<String> call = TestHost.started(() -> invoke("a", "wait call b answered"));
        assertThat(inside.await(30, TimeUnit.SECONDS)).isTrue();

        Path next = host.file("b2.wasm");
        host.plugins.change(
                new PluginId("b"), slot -> host.plugins.upgrades().upgrade(slot, LoadRequest.of(next), true));
        go.countDown();

        assertThat(call.get(30, TimeUnit.SECONDS)).isEqualTo("answered");
    }

    @Test
    void calledPluginThatIsUnloadedByForce_isNotFound() throws Exception {
        load("b");
        load("a", "needs b 1");
        FutureTask<String> call = TestHost.started(() -> {
            TestHost.assertCode(ErrorCode.PLUGIN_NOT_FOUND, () -> invoke("a", "wait call b answered"));
            return "refused";
        });
        assertThat(inside.await(30, TimeUnit.SECONDS)).isTrue();

        host.plugins.unload(new PluginId("b"), true);
        go.countDown();

        assertThat(call.get(30, TimeUnit.SECONDS)).isEqualTo("refused");
    }

    private void await(String id, PluginState state) {
        while (host.plugins.set().get(new PluginId(id)).status().state() != state) {
            assertThat(Thread.currentThread().isInterrupted()).as("%s", id).isFalse();
            Thread.onSpinWait();
        }
    }

    /** Its plugins do what the payload says: {@code call PLUGIN ...}, {@code wait ...}, or answer with it. */
    private final class Calling implements PluginRuntime {

        private final String name;

        Calling(String name) {
            this.name = name;
        }

        @Override
        public LoadedPlugin load(
                PluginImage image,
                PluginManifest manifest,
                List<CapabilityGrant> grants,
                InvocationLimits limits,
                PluginContext context) {
            return new LoadedPlugin() {
                @Override
                public String abi() {
                    return name;
                }

                @Override
                public List<String> functions() {
                    return List.of("f");
                }

                @Override
                public List<String> isolation() {
                    return List.of();
                }

                @Override
                public byte[] invoke(Invocation invocation) {
                    return act(new String(invocation.payload(), UTF_8), invocation.caller(), context);
                }

                @Override
                public void close() {}
            };
        }

        private byte[] act(String todo, Caller caller, PluginContext context) {
            if (todo.startsWith("call ")) {
                String[] words = todo.split(" ", 3);
                return context.call(new PluginId(words[1]), "f", words[2].getBytes(UTF_8));
            }
            if (todo.startsWith("wait")) {
                await(go);
                return act(todo.substring("wait ".length()), caller, context);
            }
            return switch (todo) {
                case "trap" -> throw new PluginException(ErrorCode.PLUGIN_TRAP, "on purpose");
                case "defect" -> throw new IllegalStateException("on purpose");
                case "thread" -> (Thread.currentThread().getName() + " by " + caller.kind()).getBytes(UTF_8);
                default -> todo.getBytes(UTF_8);
            };
        }

        private void await(CountDownLatch latch) {
            inside.countDown();
            try {
                assertThat(latch.await(30, TimeUnit.SECONDS)).isTrue();
            } catch (InterruptedException e) {
                seen.set(ErrorCode.CANCELLED);
                throw new PluginException(ErrorCode.CANCELLED, "interrupted");
            }
        }
    }
}
