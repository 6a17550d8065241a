package org.circleosd.pluginmanager.protocol;

import static org.osgi.service.component.annotations.ReferenceCardinality.MULTIPLE;
import static org.osgi.service.component.annotations.ReferenceCardinality.OPTIONAL;
import static org.osgi.service.component.annotations.ReferencePolicy.DYNAMIC;
import static org.osgi.service.component.annotations.ReferencePolicyOption.GREEDY;

import java.time.Duration;
import java.util.Map;
import org.circleosd.pluginmanager.api.Caller;
import org.circleosd.pluginmanager.api.ErrorCode;
import org.circleosd.pluginmanager.api.PluginException;
import org.circleosd.pluginmanager.api.PluginHost;
import org.circleosd.pluginmanager.api.ServiceGate;
import org.circleosd.pluginmanager.api.action.Action;
import org.circleosd.pluginmanager.api.action.RequestHandler;
import org.jspecify.annotations.Nullable;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Reference;

/** Answers JSON lines: {@code docs/protocol.md}. Keeps no state between requests. */
@Component(service = RequestHandler.class, immediate = true, configurationPid = "org.circleosd.pluginmanager.protocol")
public final class JsonProtocol implements RequestHandler {

    @interface Config {
        /** How long a request waits for a part that is being replaced, in milliseconds; 0 to 600,000. */
        int wait_ms() default 5_000;

        /** How long a part that leaves waits for the requests on it, in milliseconds; 0 to 600,000. */
        int drain_ms() default 10_000;
    }

    private static final System.Logger LOG = System.getLogger(JsonProtocol.class.getName());

    private static final int MAX_MS = 600_000;
    private static final String SERVICE_RANKING = "service.ranking";

    private final ServiceGate<PluginHost> host;
    private final ActionTable actions;

    /** Makes a handler that waits for its host. */
    @Activate
    public JsonProtocol(Config config) {
        this(milliseconds("wait.ms", config.wait_ms()), milliseconds("drain.ms", config.drain_ms()));
    }

    JsonProtocol(Duration wait, Duration drain) {
        host = new ServiceGate<>("plugin host", wait, drain);
        actions = new ActionTable(wait, drain);
        actions.addBase(ListAction.NAME, new ListAction(host));
        actions.addBase(LoadAction.NAME, new LoadAction(host));
        actions.addBase(InvokeAction.NAME, new InvokeAction(host));
        actions.addBase(UnloadAction.NAME, new UnloadAction(host));
        actions.addBase(UpgradeAction.NAME, new UpgradeAction(host));
        actions.addBase("rollback", new ChangeAction(host, "rolled back", PluginHost::rollback));
        actions.addBase("reload", new ChangeAction(host, "reloaded", PluginHost::reload));
        actions.addBase("enable", new ChangeAction(host, "enabled", PluginHost::enable));
        actions.addBase("disable", new ChangeAction(host, "disabled", PluginHost::disable));
        actions.addBase(EventsAction.NAME, new EventsAction(host));
    }

    @Reference(cardinality = OPTIONAL, policy = DYNAMIC, policyOption = GREEDY)
    void bindHost(PluginHost service) {
        host.bind(service);
    }

    void unbindHost(PluginHost service) {
        host.unbind(service);
    }

    @Reference(cardinality = MULTIPLE, policy = DYNAMIC)
    void bindAction(Action action, Map<String, Object> properties) {
        int ranking = properties.get(SERVICE_RANKING) instanceof Integer number ? number : 0;
        actions.add(properties.get(Action.NAME), action, ranking);
    }

    void unbindAction(Action action, Map<String, Object> properties) {
        actions.remove(properties.get(Action.NAME), action);
    }

    @Override
    public void handle(byte[] line, Caller caller, Replies replies) {
        if (!isBlank(line)) {
            replies.send(answer(line, caller));
        }
    }

    @Override
    public byte[] tooLarge(int limitBytes) {
        return ReplyLine.failure(
                ErrorCode.TOO_LARGE,
                "invalid request: the line is longer than " + limitBytes
                        + " bytes; send less, or raise max.request.bytes of the socket");
    }

    private byte[] answer(byte[] line, Caller caller) {
        String action = null;
        try {
            JsonRequest request = RequestLine.read(line, caller);
            action = request.string("action");
            return ReplyLine.success(actions.perform(action, request));
        } catch (PluginException e) {
            return ReplyLine.failure(e.code(), prefix(action, e.code()) + e.getMessage());
        } catch (OutOfMemoryError e) {
            LOG.log(System.Logger.Level.ERROR, "the heap was exhausted by a request", e);
            return ReplyLine.failure(
                    ErrorCode.OUT_OF_MEMORY,
                    prefix(action, ErrorCode.OUT_OF_MEMORY)
                            + "the daemon ran out of memory; try again, or give it more with -Xmx");
        } catch (RuntimeException | Error e) {
            // The outermost place of a request: whatever happened, the client gets its reply and the connection lives.
            LOG.log(System.Logger.Level.ERROR, "a request failed unexpectedly", e);
            return ReplyLine.failure(
                    ErrorCode.INTERNAL,
                    prefix(action, ErrorCode.INTERNAL) + "a defect of the daemon ("
                            + e.getClass().getSimpleName() + "); its log has the trace");
        }
    }

    /** Says what failed: the action, unless the request itself is at fault. */
    private static String prefix(@Nullable String action, ErrorCode code) {
        boolean isRequestAtFault = action == null || code == ErrorCode.BAD_REQUEST || code == ErrorCode.UNKNOWN_ACTION;
        return isRequestAtFault ? "invalid request: " : action + " failed: ";
    }

    private static boolean isBlank(byte[] line) {
        for (byte b : line) {
            if (!JsonBytes.isBlank(b)) {
                return false;
            }
        }
        return true;
    }

    static Duration milliseconds(String key, int value) {
        if (value < 0 || value > MAX_MS) {
            throw new IllegalArgumentException(key + " is " + value + "; expected 0 to " + MAX_MS + " milliseconds");
        }
        return Duration.ofMillis(value);
    }
}
