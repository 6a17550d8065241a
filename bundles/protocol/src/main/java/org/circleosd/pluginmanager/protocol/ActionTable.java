package org.circleosd.pluginmanager.protocol;

import java.time.Duration;
import java.util.Map;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import java.util.regex.Pattern;
import org.circleosd.pluginmanager.api.ErrorCode;
import org.circleosd.pluginmanager.api.PluginException;
import org.circleosd.pluginmanager.api.ServiceGate;
import org.circleosd.pluginmanager.api.action.Action;
import org.circleosd.pluginmanager.api.action.ActionRequest;
import org.circleosd.pluginmanager.api.action.ActionResult;
import org.jspecify.annotations.Nullable;

/**
 * The actions by name. Among several of one name the highest ranking answers. An action that goes is waited for, as its
 * bundle may be replaced; when it stays away, its name is unknown again.
 */
final class ActionTable {

    private static final System.Logger LOG = System.getLogger(ActionTable.class.getName());

    private static final Pattern SYNTAX = Pattern.compile("[a-z][a-z0-9_]{0,63}");
    private static final int MAX_NAME_CHARS = 128;

    private final Map<String, Entry> entries = new ConcurrentHashMap<>();
    private final Duration wait;
    private final Duration drain;

    ActionTable(Duration wait, Duration drain) {
        this.wait = wait;
        this.drain = drain;
    }

    /** Adds an action of this bundle. Only a service with a ranking above 0 takes its name over. */
    void addBase(String name, Action action) {
        Entry entry = new Entry(gate(name), true);
        entry.gate.bind(action);
        entries.put(name, entry);
    }

    /** Adds an action of another bundle. */
    void add(@Nullable Object name, Action action, int ranking) {
        if (!(name instanceof String text) || !SYNTAX.matcher(text).matches()) {
            LOG.log(
                    System.Logger.Level.WARNING,
                    "ignored an action whose {0} is {1}; expected a String like {2}",
                    Action.NAME,
                    VisibleText.quoted(String.valueOf(name)),
                    SYNTAX);
            return;
        }
        Entry entry = entries.computeIfAbsent(text, key -> new Entry(gate(key), false));
        if (entry.base && ranking <= 0) {
            LOG.log(
                    System.Logger.Level.WARNING,
                    "ignored an action ''{0}'' of {1}: the base action keeps its name unless service.ranking is above 0",
                    text,
                    action.getClass().getName());
            return;
        }
        entry.gate.bind(action, ranking);
    }

    /** Removes an action and waits, bounded, until the calls on it have ended. */
    void remove(@Nullable Object name, Action action) {
        Entry entry = name instanceof String text ? entries.get(text) : null;
        if (entry != null) {
            entry.emptySince = System.nanoTime();
            entry.gate.unbind(action);
        }
    }

    /**
     * Performs an action.
     *
     * @throws PluginException {@link ErrorCode#UNKNOWN_ACTION}, or {@link ErrorCode#BAD_REQUEST} if the name can be none;
     *     {@link ErrorCode#UNAVAILABLE}, or what the action says
     */
    ActionResult perform(String name, ActionRequest request) {
        Entry entry = entries.get(name);
        if (entry == null || !isPresent(entry)) {
            throw unknown(name);
        }
        return entry.gate.call(action -> action.perform(request));
    }

    private boolean isPresent(Entry entry) {
        return entry.gate.isBound() || System.nanoTime() - entry.emptySince < wait.toNanos();
    }

    private PluginException unknown(String name) {
        if (name.length() > MAX_NAME_CHARS || name.chars().anyMatch(Character::isISOControl)) {
            return new PluginException(
                    ErrorCode.BAD_REQUEST,
                    "member 'action' is " + VisibleText.quoted(name) + "; expected the name of an action");
        }
        TreeSet<String> known = new TreeSet<>();
        entries.forEach((other, entry) -> {
            if (isPresent(entry)) {
                known.add(other);
            }
        });
        return new PluginException(
                ErrorCode.UNKNOWN_ACTION,
                "unknown action " + VisibleText.quoted(name) + "; expected one of " + String.join(", ", known));
    }

    private ServiceGate<Action> gate(String name) {
        return new ServiceGate<>("action '" + name + "'", wait, drain);
    }

    private static final class Entry {

        final ServiceGate<Action> gate;
        final boolean base;
        /** When an action last went, of {@link System#nanoTime}; means something only while the gate is empty. */
        volatile long emptySince = System.nanoTime();

        Entry(ServiceGate<Action> gate, boolean base) {
            this.gate = gate;
            this.base = base;
        }
    }
}
