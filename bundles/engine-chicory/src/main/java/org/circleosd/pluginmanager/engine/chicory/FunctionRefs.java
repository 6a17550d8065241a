package org.circleosd.pluginmanager.engine.chicory;

import static java.util.Objects.requireNonNull;

import com.dylibso.chicory.runtime.Instance;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * How one instance sees functions. To Chicory a function reference is an index, and the same index means another
 * function in another instance. So only the instance's own functions are indices here; those of others, met in a shared
 * table, get numbers from {@value #FOREIGN} up.
 */
final class FunctionRefs {

    /** A function, wherever it is. */
    record Target(Instance owner, int index) {}

    private static final int FOREIGN = 1 << 30;

    private final List<Target> foreign = new ArrayList<>();
    private final Map<Target, Integer> numbers = new HashMap<>();
    private @Nullable Instance self;
    private @Nullable ForeignCalls calls;

    /** Must come before the instance makes its tables. */
    void of(Instance instance) {
        self = instance;
    }

    private Instance self() {
        return requireNonNull(self, "the instance makes tables before its machine");
    }

    boolean isOwn(Instance owner) {
        return owner == self();
    }

    int number(Target target) {
        if (isOwn(target.owner())) {
            return target.index();
        }
        return numbers.computeIfAbsent(target, unknown -> {
            foreign.add(unknown);
            return FOREIGN + foreign.size() - 1;
        });
    }

    Target target(int number) {
        int at = number - FOREIGN;
        return at >= 0 && at < foreign.size() ? foreign.get(at) : new Target(self(), number);
    }

    ForeignCalls calls() {
        if (calls == null) {
            calls = new ForeignCalls(self());
        }
        return calls;
    }
}
