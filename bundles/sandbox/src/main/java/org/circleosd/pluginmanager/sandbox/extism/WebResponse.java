package org.circleosd.pluginmanager.sandbox.extism;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.http.HttpHeaders;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** What a server answered. */
final class WebResponse {

    private static final JsonFactory JSON = new JsonFactory();

    private final int status;
    private final HttpHeaders headers;
    private final byte[] body;

    WebResponse(int status, HttpHeaders headers, byte[] body) {
        this.status = status;
        this.headers = headers;
        this.body = body;
    }

    int status() {
        return status;
    }

    HttpHeaders headers() {
        return headers;
    }

    /** Returns the body; nobody changes it. */
    byte[] body() {
        return body;
    }

    /** Writes the headers as a JSON object with lower-case names; several values of a name are joined. */
    byte[] headersAsJson() {
        ByteArrayOutputStream json = new ByteArrayOutputStream();
        try (JsonGenerator generator = JSON.createGenerator(json)) {
            generator.writeStartObject();
            for (Map.Entry<String, List<String>> header : headers.map().entrySet()) {
                // The pseudo-header of HTTP/2 is the status, which a plugin asks for otherwise.
                if (!header.getKey().startsWith(":")) {
                    generator.writeStringField(
                            header.getKey().toLowerCase(Locale.ROOT), String.join(", ", header.getValue()));
                }
            }
            generator.writeEndObject();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return json.toByteArray();
    }
}
