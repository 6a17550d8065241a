package org.circleosd.pluginmanager.sandbox.extism;

import java.io.IOException;
import java.net.URI;
import java.net.URISyntaxException;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.circleosd.pluginmanager.api.ErrorCode;
import org.circleosd.pluginmanager.api.NamedThreads;
import org.circleosd.pluginmanager.api.PluginException;
import org.jspecify.annotations.Nullable;

/**
 * Sends the HTTP requests of all plugins. Each request, and each one that a redirect leads to, goes to allowed hosts
 * only. An interrupt of the calling thread ends the exchange. Thread-safe.
 */
public final class WebClient implements AutoCloseable {

    private static final int MAX_REDIRECTS = 10;
    /** For threads that may do a TLS handshake, in bytes. */
    private static final long STACK = 1L << 20;

    private static final Set<Integer> REDIRECTS = Set.of(301, 302, 303, 307, 308);
    /** After these the body and the method are sent again. */
    private static final Set<Integer> REPEATING = Set.of(307, 308);
    /** Meant for one host only, so they do not follow a redirect to another. */
    private static final Set<String> SECRETS = Set.of("authorization", "cookie", "proxy-authorization");

    /** Made by the first request: most plugins never send one. Guarded by this. */
    private @Nullable HttpClient client;

    private @Nullable ExecutorService threads;
    private boolean closed;

    /**
     * Sends a request and waits for the answer.
     *
     * @param limit longest body of the answer, in bytes
     * @throws PluginException {@link ErrorCode#CAPABILITY_DENIED} for a host that is not allowed,
     *     {@link ErrorCode#TOO_LARGE} for an answer beyond the limit, {@link ErrorCode#CANCELLED} if the thread was
     *     interrupted, else {@link ErrorCode#PLUGIN_ERROR}
     */
    WebResponse send(WebRequest request, byte[] body, AllowedHosts hosts, long limit, MemoryAllowance allowance) {
        String method = request.method();
        byte[] content = body;
        Map<String, String> headers = new TreeMap<>(String.CASE_INSENSITIVE_ORDER);
        headers.putAll(request.headers());
        URI target = target(request.url());
        for (int redirects = 0; ; redirects++) {
            checkAllowed(target, request, hosts);
            WebResponse response = exchange(target, method, headers, content, limit, allowance);
            Optional<String> location = response.headers().firstValue("location");
            if (!REDIRECTS.contains(response.status()) || location.isEmpty()) {
                return response;
            }
            if (redirects == MAX_REDIRECTS) {
                throw failed(target, "more than " + MAX_REDIRECTS + " redirects");
            }
            URI next = next(target, location.get());
            if (!REPEATING.contains(response.status()) && !method.equals("HEAD")) {
                method = "GET";
                content = new byte[0];
            }
            if (!next.getHost().equalsIgnoreCase(target.getHost()) || next.getPort() != target.getPort()) {
                headers.keySet().removeIf(name -> SECRETS.contains(name.toLowerCase(Locale.ROOT)));
            }
            target = next;
        }
    }

    /** Ends the exchanges that are under way; takes no more. */
    @Override
    public synchronized void close() {
        closed = true;
        // The client has no close in Java 17: its thread ends when nobody refers to it any more.
        client = null;
        if (threads != null) {
            threads.shutdownNow();
            threads = null;
        }
    }

    private WebResponse exchange(
            URI target,
            String method,
            Map<String, String> headers,
            byte[] body,
            long limit,
            MemoryAllowance allowance) {
        HttpRequest request = request(target, method, headers, body);
        BoundedBody bounded = new BoundedBody(limit, allowance);
        try {
            HttpResponse<byte[]> response = client().send(request, info -> bounded);
            return new WebResponse(response.statusCode(), response.headers(), response.body());
        } catch (InterruptedException e) {
            throw new PluginException(ErrorCode.CANCELLED, "cancelled during an HTTP request to " + target);
        } catch (IOException e) {
            if (e instanceof BoundedBody.TooLong || e.getCause() instanceof BoundedBody.TooLong) {
                throw new PluginException(
                        ErrorCode.TOO_LARGE,
                        "HTTP response exceeds the configured maximum number of bytes: " + limit + " from " + target
                                + " (limits.http_response_bytes, and no more than limits.memory_bytes leaves)");
            }
            throw failed(target, e.getMessage() == null ? e.getClass().getSimpleName() : e.getMessage());
        } finally {
            bounded.release();
        }
    }

    private static HttpRequest request(URI target, String method, Map<String, String> headers, byte[] body) {
        try {
            HttpRequest.Builder builder = HttpRequest.newBuilder(target)
                    .method(method, body.length == 0 ? BodyPublishers.noBody() : BodyPublishers.ofByteArray(body));
            if (target.getScheme().equalsIgnoreCase("http")) {
                // Without TLS an upgrade to HTTP/2 would have to be asked for, which confuses old servers.
                builder.version(HttpClient.Version.HTTP_1_1);
            }
            headers.forEach(builder::header);
            return builder.build();
        } catch (IllegalArgumentException e) {
            throw failed(target, e.getMessage() + "; a plugin cannot set this");
        }
    }

    private synchronized HttpClient client() {
        if (closed) {
            throw new PluginException(ErrorCode.UNAVAILABLE, "the wasm sandbox is being replaced; try again");
        }
        HttpClient present = client;
        if (present == null) {
            threads = Executors.newCachedThreadPool(new NamedThreads("sandbox-http", STACK));
            present = HttpClient.newBuilder()
                    .executor(threads)
                    .followRedirects(HttpClient.Redirect.NEVER)
                    .build();
            client = present;
        }
        return present;
    }

    private static void checkAllowed(URI target, WebRequest request, AllowedHosts hosts) {
        if (!hosts.allows(target)) {
            String from = target(request.url()).equals(target) ? "" : " (a redirect from " + request.url() + ")";
            String granted = hosts.patterns().isEmpty() ? "no host" : String.join(", ", hosts.patterns());
            throw new PluginException(
                    ErrorCode.CAPABILITY_DENIED,
                    "HTTP request to " + (from.isEmpty() ? request.url() : target.toString()) + from
                            + " is not allowed: the plugin was granted " + granted + "; ask for \"net\":[\""
                            + target.getHost() + "\"] in the manifest's capabilities, and have the operator grant it");
        }
    }

    private static URI next(URI target, String location) {
        URI next;
        try {
            next = withPort(target.resolve(new URI(location)));
        } catch (URISyntaxException | IllegalArgumentException e) {
            throw failed(target, "it redirects to '" + location + "', which is no URL");
        }
        if (target.getScheme().equals("https") && !next.getScheme().equals("https")) {
            throw failed(target, "it redirects to " + next + ", which is not encrypted");
        }
        return next;
    }

    private static URI target(String url) {
        try {
            return withPort(new URI(url));
        } catch (URISyntaxException e) {
            throw new PluginException(
                    ErrorCode.PLUGIN_ERROR, "Invalid URL: '" + url + "': " + e.getReason() + " at " + e.getIndex());
        }
    }

    /** Names the port and writes the scheme in lower case, so that equal targets look equal. */
    private static URI withPort(URI url) throws URISyntaxException {
        String scheme = url.getScheme() == null ? "" : url.getScheme().toLowerCase(Locale.ROOT);
        if (!scheme.equals("http") && !scheme.equals("https")) {
            throw new PluginException(
                    ErrorCode.PLUGIN_ERROR, "Invalid URL: '" + url + "'; expected http://... or https://...");
        }
        if (url.getHost() == null || url.getUserInfo() != null) {
            throw new PluginException(
                    ErrorCode.PLUGIN_ERROR,
                    "Invalid URL: '" + url + "'; expected a host name behind the slashes, and no user name");
        }
        int port = url.getPort() >= 0 ? url.getPort() : scheme.equals("https") ? 443 : 80;
        String path = url.getRawPath() == null || url.getRawPath().isEmpty() ? "/" : url.getRawPath();
        String query = url.getRawQuery() == null ? "" : "?" + url.getRawQuery();
        return new URI(scheme + "://" + url.getHost() + ":" + port + path + query);
    }

    private static PluginException failed(URI target, @Nullable String why) {
        return new PluginException(ErrorCode.PLUGIN_ERROR, "HTTP request to " + target + " failed: " + why);
    }
}
