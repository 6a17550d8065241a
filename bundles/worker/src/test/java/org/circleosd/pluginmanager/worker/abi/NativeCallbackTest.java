package org.circleosd.pluginmanager.worker.abi;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.jna.Function;
import java.lang.ref.WeakReference;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class NativeCallbackTest {

    private static final int MOST_COLLECTIONS = 200;

    private final List<Throwable> failures = new ArrayList<>();

    @Test
    void closedCallback_answersItsFailureAndItsBodyCanBeCollected() {
        Object[] held = {new Object()};
        HostFunction.Body body = bodyThatHolds(held[0]);
        NativeCallback callback = new NativeCallback(failures::add, int.class, -1, body, long.class);
        Function function = Function.getFunction(callback.address());
        assertThat(function.invokeInt(new Object[] {7L})).isEqualTo(7);

        callback.close();
        WeakReference<Object> reference = new WeakReference<>(held[0]);
        held[0] = null;
        body = null;
        assertThat(isCollected(reference)).isTrue();
        assertThat(function.invokeInt(new Object[] {7L})).isEqualTo(-1);
        assertThat(failures).isEmpty();
    }

    @Test
    void callbackThatThrows_answersItsFailureAndTellsIt() {
        NativeCallback callback = new NativeCallback(
                failures::add,
                long.class,
                -1L,
                arguments -> {
                    throw new IllegalStateException("on purpose");
                },
                long.class);
        assertThat(Function.getFunction(callback.address()).invokeLong(new Object[] {7L}))
                .isEqualTo(-1L);
        assertThat(failures).singleElement().asString().contains("on purpose");
    }

    private static HostFunction.Body bodyThatHolds(Object held) {
        return arguments -> held.hashCode() == 0 ? 0 : ((Long) arguments[0]).intValue();
    }

    private static boolean isCollected(WeakReference<?> reference) {
        // Cleared references take a few rounds.
        for (int i = 0; i < MOST_COLLECTIONS && reference.get() != null; i++) {
            System.gc();
            Thread.onSpinWait();
        }
        return reference.get() == null;
    }
}
