package org.circleosd.pluginmanager.sandbox;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.List;
import java.util.OptionalLong;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import org.circleosd.pluginmanager.api.Caller;
import org.circleosd.pluginmanager.api.ErrorCode;
import org.circleosd.pluginmanager.api.Invocation;
import org.circleosd.pluginmanager.api.runtime.LoadedPlugin;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** HTTP requests of an Extism plugin to a server on the loopback. */
@Timeout(120)
class ExtismHttpTest {

    private static final String CALLS = "extism/calls";

    private final Plugins plugins = new Plugins();
    private final ExecutorService threads = Executors.newCachedThreadPool();
    private final CountDownLatch end = new CountDownLatch(1);
    private final AtomicInteger requests = new AtomicInteger();
    private final List<String> seen = new CopyOnWriteArrayList<>();
    private HttpServer server;
    private int port;

    @BeforeEach
    void serve() throws IOException {
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        port = server.getAddress().getPort();
        server.createContext("/", this::answer);
        server.setExecutor(threads);
        server.start();
    }

    @AfterEach
    void close() {
        end.countDown();
        plugins.close();
        server.stop(0);
        threads.shutdownNow();
    }

    private void answer(HttpExchange exchange) throws IOException {
        requests.incrementAndGet();
        String body = new String(exchange.getRequestBody().readAllBytes(), UTF_8);
        seen.add(exchange.getRequestMethod() + " " + exchange.getRequestURI() + " "
                + exchange.getRequestHeaders().getFirst("X-Test") + " "
                + exchange.getRequestHeaders().getFirst("Authorization") + " " + body);
        exchange.getResponseHeaders().set("X-Answer", "yes");
        switch (exchange.getRequestURI().getPath()) {
            case "/hello" -> send(exchange, 200, "hello".getBytes(UTF_8));
            case "/bytes" -> send(exchange, 200, new byte[] {(byte) 0xff, 0, (byte) 0xfe});
            case "/missing" -> send(exchange, 404, "not here".getBytes(UTF_8));
            case "/empty" -> send(exchange, 204, new byte[0]);
            case "/large" -> send(exchange, 200, new byte[100_000]);
            case "/endless" -> endless(exchange);
            case "/slow" -> slow(exchange);
            case "/silent" -> await();
            case "/there" -> redirect(exchange, 302, "/hello");
            case "/repeat" -> redirect(exchange, 307, "/hello");
            case "/circle" -> redirect(exchange, 301, "/circle");
            case "/elsewhere" -> redirect(exchange, 302, "http://localhost:" + port + "/hello");
            case "/nowhere" -> redirect(exchange, 302, "ftp://127.0.0.1/");
            default -> send(exchange, 500, new byte[0]);
        }
    }

    private static void send(HttpExchange exchange, int status, byte[] body) throws IOException {
        exchange.sendResponseHeaders(status, body.length == 0 ? -1 : body.length);
        exchange.getResponseBody().write(body);
        exchange.close();
    }

    private static void redirect(HttpExchange exchange, int status, String target) throws IOException {
        exchange.getResponseHeaders().set("Location", target);
        send(exchange, status, new byte[0]);
    }

    /** Without a length, so that only what arrives can be counted. */
    private static void endless(HttpExchange exchange) {
        try {
            exchange.sendResponseHeaders(200, 0);
            while (true) {
                exchange.getResponseBody().write(new byte[8192]);
            }
        } catch (IOException e) {
            exchange.close();
        }
    }

    private void slow(HttpExchange exchange) throws IOException {
        exchange.sendResponseHeaders(200, 0);
        exchange.getResponseBody().write('x');
        exchange.getResponseBody().flush();
        await();
    }

    private void await() {
        try {
            end.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private String request(String path) {
        return "{\"url\":\"http://127.0.0.1:" + port + path + "\",\"headers\":{\"X-Test\":\"1\"}}";
    }

    private LoadedPlugin granted() {
        return plugins.granting("net", "[\"127.0.0.1\"]").load(CALLS);
    }

    @Test
    void answer_reachesThePlugin() {
        String answer = Plugins.text(granted(), "fetch", request("/hello"));
        assertThat(answer).startsWith("200 {").endsWith("}\nhello");
        assertThat(answer).contains("\"x-answer\":\"yes\"", "\"content-length\":\"5\"");
        assertThat(seen).containsExactly("GET /hello 1 null ");
    }

    @Test
    void body_isSentWithItsMethod() {
        String request = request("/hello").replace("{\"url\"", "{\"method\":\"PUT\",\"url\"");
        assertThat(Plugins.text(granted(), "post", request)).isEqualTo("hello");
        assertThat(seen).containsExactly("PUT /hello 1 null the body");
    }

    @Test
    void bytesThatAreNoText_arriveAsTheyAre() {
        byte[] answer =
                granted().invoke(new Invocation("fetch", request("/bytes").getBytes(UTF_8), Caller.local("test")));
        assertThat(answer).endsWith('}', '\n', 0xff, 0, 0xfe);
    }

    @ParameterizedTest
    @CsvSource({"/missing, 404, not here", "/empty, 204, ''"})
    void statusOfAFailure_isAnAnswer(String path, String status, String body) {
        assertThat(Plugins.text(granted(), "fetch", request(path)))
                .startsWith(status + " {")
                .endsWith("}\n" + body);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "[\"127.0.0.1\"]           | true",
                "[\"*\"]                   | true",
                "[\"example.org\",\"127.*.1\"] | true",
                "[\"127.0.0.1:PORT\"]      | true",
                "[\"*:PORT\"]              | true",
                "[\"127.0.0.1:1\"]         | false",
                "[\"127.0.0\"]             | false",
                "[\"*.127.0.0.1\"]         | false",
                "[\"example.org\"]         | false",
                "[]                        | false",
            })
    void request_goesToGrantedHostsOnly(String scope, boolean allowed) {
        LoadedPlugin plugin =
                plugins.granting("net", scope.replace("PORT", "" + port)).load(CALLS);
        if (allowed) {
            assertThat(Plugins.text(plugin, "fetch", request("/hello"))).startsWith("200 ");
        } else {
            Failures.assertFails(ErrorCode.CAPABILITY_DENIED, () -> Plugins.text(plugin, "fetch", request("/hello")))
                    .startsWith("HTTP request to http://127.0.0.1:" + port + "/hello is not allowed: ")
                    .contains("ask for \"net\":[\"127.0.0.1\"] in the manifest's capabilities");
            assertThat(requests).hasValue(0);
        }
    }

    @Test
    void withoutAGrant_nothingIsSent() {
        LoadedPlugin plugin = plugins.load(CALLS);
        Failures.assertFails(ErrorCode.CAPABILITY_DENIED, () -> Plugins.text(plugin, "fetch", request("/hello")))
                .contains("the plugin was granted no host");
        assertThat(requests).hasValue(0);
    }

    @Test
    void redirect_isFollowed() {
        LoadedPlugin plugin = granted();
        assertThat(Plugins.text(plugin, "fetch", request("/there")))
                .startsWith("200 ")
                .endsWith("\nhello");
        String put = request("/repeat").replace("{\"url\"", "{\"method\":\"PUT\",\"url\"");
        assertThat(Plugins.text(plugin, "post", put)).isEqualTo("hello");
        assertThat(seen)
                .containsExactly(
                        "GET /there 1 null ",
                        "GET /hello 1 null ",
                        "PUT /repeat 1 null the body",
                        "PUT /hello 1 null the body");
    }

    @Test
    void redirectToAnotherHost_isAsRefusedAsARequest() {
        LoadedPlugin plugin = granted();
        Failures.assertFails(ErrorCode.CAPABILITY_DENIED, () -> Plugins.text(plugin, "fetch", request("/elsewhere")))
                .contains("HTTP request to http://localhost:" + port + "/hello (a redirect from http://127.0.0.1:"
                        + port + "/elsewhere) is not allowed");
        assertThat(requests).hasValue(1);
    }

    @Test
    void redirectToAnotherGrantedHost_losesTheSecrets() {
        LoadedPlugin plugin =
                plugins.granting("net", "[\"127.0.0.1\",\"localhost\"]").load(CALLS);
        String request = request("/elsewhere").replace("\"X-Test\"", "\"authorization\":\"key\",\"X-Test\"");
        assertThat(Plugins.text(plugin, "fetch", request)).startsWith("200 ");
        assertThat(seen).containsExactly("GET /elsewhere 1 key ", "GET /hello 1 null ");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "/circle  | more than 10 redirects",
                "/nowhere | Invalid URL: 'ftp://127.0.0.1/'; expected http://... or https://...",
            })
    void badRedirect_fails(String path, String message) {
        Failures.assertFails(ErrorCode.PLUGIN_ERROR, () -> Plugins.text(granted(), "fetch", request(path)))
                .contains(message);
    }

    @ParameterizedTest
    @CsvSource({"/large", "/endless"})
    void answerBeyondTheLimit_isTooLarge(String path) {
        LoadedPlugin plugin = plugins.asking(OptionalLong.empty(), OptionalLong.of(99_999))
                .granting("net", "[\"*\"]")
                .load(CALLS);
        Failures.assertFails(ErrorCode.TOO_LARGE, () -> Plugins.text(plugin, "fetch", request(path)))
                .contains("HTTP response exceeds the configured maximum number of bytes: 99999");
        assertThat(Plugins.text(plugin, "fetch", request("/hello"))).startsWith("200 ");
        assertThat(plugins.runtime.extismBytes()).isZero();
    }

    @Test
    void answerBeyondThePluginsMemory_isTooLarge() {
        LoadedPlugin plugin =
                plugins.memoryBytes(2 * 65536).granting("net", "[\"*\"]").load(CALLS);
        Failures.assertFails(ErrorCode.TOO_LARGE, () -> Plugins.text(plugin, "fetch", request("/endless")))
                .contains("limits.memory_bytes");
    }

    @ParameterizedTest
    @CsvSource({"/slow", "/silent"})
    void serverThatIsTooSlow_timesTheCallOut(String path) {
        LoadedPlugin plugin = plugins.timeout(Duration.ofMillis(500))
                .granting("net", "[\"*\"]")
                .load(CALLS);
        Failures.assertFails(ErrorCode.TIMEOUT, () -> Plugins.text(plugin, "fetch", request(path)));
        assertThat(plugins.runtime.extismBytes()).isZero();
    }

    @Test
    void deadServer_isTheCallsFailure() {
        server.stop(0);
        Failures.assertFails(ErrorCode.PLUGIN_ERROR, () -> Plugins.text(granted(), "fetch", request("/hello")))
                .startsWith("HTTP request to http://127.0.0.1:" + port + "/hello failed: ");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "no json | cannot be read, it is no JSON",
                "[1] | cannot be read, it is no object",
                "{} | cannot be read, it has no url",
                "{\"url\":7} | its url is no text",
                "{\"url\":\"http://127.0.0.1/\",\"headers\":[]} | its headers are no object",
                "{\"url\":\"file:///etc/passwd\"} | Invalid URL: 'file:///etc/passwd'; expected http",
                "{\"url\":\"http://user@127.0.0.1/\"} | no user name",
                "{\"url\":\"http:///x\"} | Invalid URL",
                "{\"url\":\"http://127.0.0.1/ x\"} | Invalid URL",
                "{\"url\":\"http://127.0.0.1/\",\"headers\":{\"Host\":\"other\"}} | restricted header name",
                "{\"url\":\"http://127.0.0.1/\",\"headers\":{\"A\":\"b\\r\\nC: d\"}} | invalid header value",
                "{\"url\":\"http://127.0.0.1/\",\"headers\":{\"A b\":\"c\"}} | invalid header name",
                "{\"url\":\"http://127.0.0.1/\",\"method\":\"GET / HTTP\"} | illegal method",
            })
    void badRequest_fails(String request, String message) {
        Failures.assertFails(ErrorCode.PLUGIN_ERROR, () -> Plugins.text(granted(), "fetch", request))
                .contains(message);
    }
}
