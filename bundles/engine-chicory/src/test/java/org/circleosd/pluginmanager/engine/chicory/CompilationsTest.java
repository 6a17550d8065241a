package org.circleosd.pluginmanager.engine.chicory;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;
import static org.circleosd.pluginmanager.engine.chicory.Modules.failure;

import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import org.circleosd.pluginmanager.api.ErrorCode;
import org.circleosd.pluginmanager.api.PluginException;
import org.circleosd.pluginmanager.api.Sha256;
import org.circleosd.pluginmanager.api.engine.CompileProgress;
import org.circleosd.pluginmanager.engine.chicory.store.CodeImage;
import org.circleosd.pluginmanager.engine.chicory.store.CodeStore;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What happens once, however often it is asked for. */
@Timeout(60)
class CompilationsTest {

    private static final byte[] WASM = ManyFunctions.module(3);
    private static final Sha256 DIGEST = Sha256.of(WASM);

    private final AtomicInteger made = new AtomicInteger();
    private final ExecutorService others = Executors.newCachedThreadPool();

    @AfterEach
    void stop() {
        others.shutdownNow();
    }

    private CodeImage compile(byte[] wasm, CompileProgress progress) {
        made.incrementAndGet();
        return ModuleCompiler.compile(wasm, progress);
    }

    private static CompiledCode code(Compilations compilations) {
        return compilations.code(WASM, DIGEST, CompileProgress.UNSEEN);
    }

    @Test
    void sameModule_isSharedWhileItIsInUse() {
        Compilations compilations = new Compilations(Optional.empty(), this::compile);

        CompiledCode first = code(compilations);
        CompiledCode second = code(compilations);

        assertThat(second).isSameAs(first);
        assertThat(made).hasValue(1);
    }

    @Test
    void twoAtOnce_compileOnceAndBothSeeTheProgress() throws Exception {
        CountDownLatch begun = new CountDownLatch(1);
        CountDownLatch joined = new CountDownLatch(1);
        Compilations compilations = new Compilations(Optional.empty(), (wasm, progress) -> {
            begun.countDown();
            while (joined.getCount() > 0) {
                progress.compiled(0, 3); // until the second one sees it
                Thread.onSpinWait();
            }
            return compile(wasm, progress);
        });

        CompletableFuture<CompiledCode> first = CompletableFuture.supplyAsync(() -> code(compilations), others);
        begun.await();
        CompiledCode second = compilations.code(WASM, DIGEST, (compiled, of) -> joined.countDown());

        assertThat(second).isSameAs(first.get());
        assertThat(made).hasValue(1);
    }

    @Test
    void firstOfTwoIsInterrupted_theSecondCompilesForItself() throws Exception {
        CountDownLatch begun = new CountDownLatch(1);
        CountDownLatch joined = new CountDownLatch(1);
        Compilations compilations = new Compilations(Optional.empty(), (wasm, progress) -> {
            if (made.getAndIncrement() > 0) {
                return ModuleCompiler.compile(wasm, progress);
            }
            begun.countDown();
            while (joined.getCount() > 0) {
                progress.compiled(0, 3);
                Thread.onSpinWait();
            }
            throw new PluginException(ErrorCode.CANCELLED, "interrupted");
        });

        CompletableFuture<PluginException> first =
                CompletableFuture.supplyAsync(() -> failure(ErrorCode.CANCELLED, () -> code(compilations)), others);
        begun.await();
        CompiledCode second = compilations.code(WASM, DIGEST, (compiled, of) -> joined.countDown());

        assertThat(second.interpreted()).isZero();
        assertThat(first.get()).hasMessage("interrupted");
        assertThat(made).hasValue(2);
    }

    @Test
    void defectOfTheEngine_leavesNobodyWaiting() {
        Compilations compilations = new Compilations(Optional.empty(), (wasm, progress) -> {
            if (made.getAndIncrement() == 0) {
                throw new IllegalStateException("a defect");
            }
            return ModuleCompiler.compile(wasm, progress);
        });

        assertThat(catchThrowable(() -> code(compilations))).hasMessage("a defect");
        assertThat(code(compilations).interpreted()).isZero();
    }

    @Test
    void refusalForWantOfResources_holdsUntilTheNextStart(@TempDir Path state) {
        Compilations.Compiling refusing = (wasm, progress) -> {
            made.incrementAndGet();
            throw new PluginException(ErrorCode.LIMIT_EXCEEDED, "too much");
        };
        for (int start = 1; start <= 2; start++) {
            Compilations compilations = new Compilations(
                    CodeStore.open(state.resolve("aot"), state.resolve("key"), 1 << 20, "test"), refusing);

            failure(ErrorCode.LIMIT_EXCEEDED, () -> code(compilations));
            failure(ErrorCode.LIMIT_EXCEEDED, () -> code(compilations));

            assertThat(made).as("start %d", start).hasValue(start);
        }
    }

    @Test
    void interruptedWaiter_isCancelled() throws Exception {
        CountDownLatch begun = new CountDownLatch(1);
        CountDownLatch end = new CountDownLatch(1);
        Compilations compilations = new Compilations(Optional.empty(), (wasm, progress) -> {
            begun.countDown();
            while (end.getCount() > 0) {
                Thread.onSpinWait();
            }
            return compile(wasm, progress);
        });
        CompletableFuture<CompiledCode> first = CompletableFuture.supplyAsync(() -> code(compilations), others);
        begun.await();

        Thread.currentThread().interrupt();
        failure(ErrorCode.CANCELLED, () -> code(compilations));

        assertThat(Thread.currentThread().isInterrupted()).isFalse();
        end.countDown();
        assertThat(first.get()).isNotNull();
    }
}
