package org.circleosd.pluginmanager.protocol;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.Supplier;
import org.circleosd.pluginmanager.api.ErrorCode;
import org.circleosd.pluginmanager.api.PluginException;
import org.circleosd.pluginmanager.api.action.Action;
import org.circleosd.pluginmanager.api.action.ActionResult;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(60)
class JsonProtocolTest {

    private static final String ECHO = "{\"action\":\"echo\"}";

    private final ProtocolFixture fixture = new ProtocolFixture();
    private final JsonProtocol protocol = fixture.protocol;

    @Test
    void actionOfAnotherBundle_answersWhileItIsThere() {
        assertThat(fixture.reply(ECHO)).contains("unknown_action");
        Action echo = request ->
                new ActionResult("echoed", request.optionalString("text").orElse(null));
        protocol.bindAction(echo, named("echo"));

        assertThat(fixture.reply("{\"action\":\"echo\",\"text\":\"hi\"}"))
                .isEqualTo("{\"ok\":true,\"message\":\"echoed\",\"data\":\"hi\"}");
        assertThat(fixture.reply("{\"action\":\"fly\"}"))
                .contains(
                        "expected one of disable, echo, enable, events, invoke, list, load, reload, rollback, unload, upgrade");

        protocol.unbindAction(echo, named("echo"));
        assertThat(fixture.reply(ECHO)).containsPattern("unavailable|unknown_action");
    }

    @Test
    void actionThatComesBack_isWaitedFor() throws Exception {
        JsonProtocol patient = new JsonProtocol(Duration.ofSeconds(50), Duration.ofSeconds(10));
        Action old = request -> new ActionResult("old", null);
        patient.bindAction(old, named("echo"));
        patient.unbindAction(old, named("echo"));
        ExecutorService client = Executors.newSingleThreadExecutor();
        List<byte[]> replies = new ArrayList<>();
        Future<?> call = client.submit(() -> patient.handle(ECHO.getBytes(), ProtocolFixture.CALLER, replies::add));
        patient.bindAction(request -> new ActionResult("new", null), named("echo"));
        call.get();
        client.shutdown();

        assertThat(new String(replies.get(0))).isEqualTo("{\"ok\":true,\"message\":\"new\",\"data\":null}\n");
    }

    @Test
    void actionThatStaysAway_isUnknownAgain() {
        JsonProtocol impatient = new JsonProtocol(Duration.ZERO, Duration.ofSeconds(10));
        Action echo = request -> new ActionResult("echoed", null);
        impatient.bindAction(echo, named("echo"));
        impatient.unbindAction(echo, named("echo"));
        List<byte[]> replies = new ArrayList<>();
        impatient.handle(ECHO.getBytes(), ProtocolFixture.CALLER, replies::add);

        assertThat(new String(replies.get(0))).contains("\"unknown_action\"").doesNotContain("one of echo");
    }

    @ParameterizedTest
    @ValueSource(ints = {-1, 0})
    void baseAction_keepsItsNameAgainstAnEqualRanking(int ranking) {
        Action thief = request -> new ActionResult("stolen", null);
        protocol.bindAction(thief, Map.of(Action.NAME, "unload", "service.ranking", ranking));
        String unload = "{\"action\":\"unload\",\"id\":\"example\"}";

        assertThat(fixture.reply(unload)).contains("\"unloaded\"");
        protocol.unbindAction(thief, named("unload"));
        assertThat(fixture.reply(unload)).contains("\"unloaded\"");
    }

    @Test
    void higherRanking_takesABaseActionOverUntilItGoes() {
        Action better = request -> new ActionResult("better", null);
        protocol.bindAction(better, Map.of(Action.NAME, "list", "service.ranking", 1));
        assertThat(fixture.reply("{\"action\":\"list\"}")).contains("\"better\"");

        protocol.unbindAction(better, named("list"));
        assertThat(fixture.reply("{\"action\":\"list\"}")).contains("\"example\"");
    }

    @Test
    void actionWithoutAProperName_isIgnored() {
        for (Map<String, Object> properties : List.<Map<String, Object>>of(
                Map.of(), named(""), named("Echo"), named("a b"), Map.of(Action.NAME, 1))) {
            Action action = request -> new ActionResult("echoed", null);
            protocol.bindAction(action, properties);
            protocol.unbindAction(action, properties);
        }

        assertThat(fixture.reply("{\"action\":\"fly\"}"))
                .contains(
                        "expected one of disable, enable, events, invoke, list, load, reload, rollback, unload, upgrade\"");
    }

    @Test
    void dataOfAnAction_isWrittenAsJson() {
        Map<String, Object> data = new LinkedHashMap<>();
        data.put("z\"", List.of(1, Long.MIN_VALUE, -2.5, true));
        data.put("hidden", "\u202e\u001b\u0085\n\ud800é😀\u007f/");
        data.put("empty", Arrays.asList(null, List.of(), Map.of(), ""));
        protocol.bindAction(request -> new ActionResult(null, data), named("echo"));

        assertThat(fixture.reply(ECHO))
                .isEqualTo("{\"ok\":true,\"message\":null,\"data\":{\"z\\\"\":[1,-9223372036854775808,-2.5,true],"
                        + "\"hidden\":\"\\u202e\\u001b\\u0085\\n\\ud800é😀\\u007f/\","
                        + "\"empty\":[null,[],{},\"\"]}}");
    }

    static List<Supplier<ActionResult>> defects() {
        return List.of(
                () -> {
                    throw new IllegalStateException("secret");
                },
                () -> {
                    throw new NullPointerException();
                },
                () -> {
                    throw new NoClassDefFoundError("gone/Bundle");
                },
                () -> {
                    throw new AssertionError("broken");
                },
                JsonProtocolTest::recurse,
                () -> null,
                () -> new ActionResult(null, new Object()),
                () -> new ActionResult(null, Double.NaN),
                () -> new ActionResult(null, Map.of(1, 2)),
                () -> new ActionResult(null, containsItself()));
    }

    @ParameterizedTest
    @MethodSource("defects")
    void defect_isAnsweredAsInternalAndTheNextRequestServed(Supplier<ActionResult> defect) {
        protocol.bindAction(request -> defect.get(), named("echo"));

        assertThat(fixture.reply(ECHO))
                .matches(
                        "\\{\"ok\":false,\"message\":\"echo failed: a defect of the daemon \\(\\w+\\); its log has the "
                                + "trace\",\"data\":null,\"code\":\"internal\"}")
                .doesNotContain("secret");
        assertThat(fixture.reply("{\"action\":\"list\"}")).startsWith("{\"ok\":true");
    }

    @Test
    void exhaustedHeap_isOutOfMemory() {
        protocol.bindAction(
                request -> {
                    throw new OutOfMemoryError("Java heap space");
                },
                named("echo"));

        assertThat(fixture.reply(ECHO))
                .isEqualTo(
                        "{\"ok\":false,\"message\":\"echo failed: the daemon ran out of memory; try again, or give it "
                                + "more with -Xmx\",\"data\":null,\"code\":\"out_of_memory\"}");
    }

    @Test
    void longMessage_isCut() {
        protocol.bindAction(request -> new ActionResult("x".repeat(5000), null), named("echo"));
        fixture.host.function = call -> {
            throw new PluginException(ErrorCode.PLUGIN_ERROR, "y".repeat(1 << 20));
        };

        assertThat(fixture.reply("{\"action\":\"invoke\",\"id\":\"example\",\"func\":\"f\"}"))
                .endsWith("yyy...\",\"data\":null,\"code\":\"plugin_error\"}")
                .hasSizeLessThan(2100);
    }

    @Test
    void requestWithoutAHost_waitsForIt() throws Exception {
        JsonProtocol patient = new JsonProtocol(Duration.ofSeconds(50), Duration.ofSeconds(10));
        ExecutorService client = Executors.newSingleThreadExecutor();
        List<byte[]> replies = new ArrayList<>();
        Future<?> call = client.submit(
                () -> patient.handle("{\"action\":\"list\"}".getBytes(), ProtocolFixture.CALLER, replies::add));
        patient.bindHost(fixture.host);
        call.get();
        client.shutdown();

        assertThat(new String(replies.get(0))).startsWith("{\"ok\":true");
    }

    @Test
    void hostThatStaysAway_isUnavailable() {
        protocol.unbindHost(fixture.host);

        assertThat(fixture.reply("{\"action\":\"list\"}"))
                .isEqualTo(
                        "{\"ok\":false,\"message\":\"list failed: the plugin host is being replaced and was not back "
                                + "after 20 ms; try again\",\"data\":null,\"code\":\"unavailable\",\"retry\":true}");
    }

    @Test
    void hostThatLeaves_waitsForItsCalls() throws Exception {
        CountDownLatch inCall = new CountDownLatch(1);
        CountDownLatch leaving = new CountDownLatch(1);
        fixture.host.function = call -> {
            inCall.countDown();
            try {
                leaving.await();
            } catch (InterruptedException e) {
                throw new IllegalStateException(e);
            }
            return new byte[] {'x'};
        };
        ExecutorService threads = Executors.newFixedThreadPool(2);
        Future<String> call =
                threads.submit(() -> fixture.reply("{\"action\":\"invoke\",\"id\":\"example\",\"func\":\"f\"}"));
        inCall.await();
        Future<?> unbinding = threads.submit(() -> protocol.unbindHost(fixture.host));
        assertThat(unbinding).isNotDone();
        leaving.countDown();
        unbinding.get();

        assertThat(call.get()).isEqualTo("{\"ok\":true,\"message\":null,\"data\":{\"resp\":\"x\"}}");
        threads.shutdown();
    }

    @Test
    void settingOutsideItsRange_isRefusedByName() {
        assertThat(JsonProtocol.milliseconds("wait.ms", 600_000)).isEqualTo(Duration.ofMinutes(10));
        for (int value : new int[] {-1, 600_001}) {
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> JsonProtocol.milliseconds("wait.ms", value))
                    .withMessage("wait.ms is " + value + "; expected 0 to 600000 milliseconds");
        }
    }

    private static ActionResult recurse() {
        ActionResult deeper = recurse();
        return new ActionResult(deeper.message(), deeper);
    }

    private static List<Object> containsItself() {
        List<Object> list = new ArrayList<>();
        list.add(list);
        return list;
    }

    private static Map<String, Object> named(String action) {
        return Map.of(Action.NAME, action);
    }
}
