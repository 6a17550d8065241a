package org.circleosd.pluginmanager.shell;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.InputStream;
import java.io.OutputStream;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.apache.felix.gogo.runtime.CommandProcessorImpl;
import org.apache.felix.service.command.CommandSession;
import org.apache.felix.service.command.Function;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.osgi.framework.Bundle;
import org.osgi.framework.BundleEvent;
import org.osgi.framework.launch.Framework;

@Timeout(60)
class BundleOperationsTest {

    private final BundleOperations operations = new BundleOperations();
    private final CommandProcessorImpl processor = new CommandProcessorImpl();
    private final CommandSession session = processor.createSession(
            InputStream.nullInputStream(), OutputStream.nullOutputStream(), OutputStream.nullOutputStream());
    private final ExecutorService caller = Executors.newSingleThreadExecutor();
    private final CountDownLatch begun = new CountDownLatch(1);
    private final CountDownLatch go = new CountDownLatch(1);

    @AfterEach
    void stop() {
        caller.shutdownNow();
        processor.stop();
    }

    @Test
    void ordinaryCommand_isInterrupted() throws Exception {
        Future<Object> result = start(() -> null);

        assertThat(operations.isInterruptible(session)).isTrue();
        operations.interrupt(session);

        // Without the interrupt it would wait for ever.
        assertThat(result).failsWithin(30, TimeUnit.SECONDS);
    }

    @Test
    void commandThatReplacesABundle_isNot() throws Exception {
        Future<Object> result = start(() -> {
            operations.bundleChanged(stopping());
            return null;
        });

        assertThat(operations.isInterruptible(session)).isFalse();
        operations.interrupt(session);
        go.countDown();

        assertThat(result.get(30, TimeUnit.SECONDS)).isEqualTo("done");
    }

    @Test
    void interruptJustBeforeABundleStops_isForgotten() throws Exception {
        go.countDown();
        Future<Object> result = start(() -> {
            Thread.currentThread().interrupt();
            operations.bundleChanged(stopping());
            return null;
        });

        assertThat(result.get(30, TimeUnit.SECONDS)).isEqualTo("done");
    }

    @Test
    void bundleThatChangesOutsideOfCommands_isNoConcernOfOurs() {
        operations.bundleChanged(stopping());

        assertThat(operations.isInterruptible(session)).isTrue();
    }

    private Future<Object> start(Callable<Void> first) throws InterruptedException {
        session.put("work", (Function) (asking, arguments) -> {
            first.call();
            begun.countDown();
            go.await();
            return "done";
        });
        Future<Object> result = caller.submit(() -> session.execute("work"));
        assertThat(begun.await(30, TimeUnit.SECONDS)).isTrue();
        return result;
    }

    private static BundleEvent stopping() {
        Framework anyBundle = new org.apache.felix.framework.FrameworkFactory().newFramework(java.util.Map.of());
        return new BundleEvent(BundleEvent.STOPPING, (Bundle) anyBundle);
    }
}
