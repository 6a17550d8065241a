package org.circleosd.pluginmanager.worker;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedInputStream;
import java.io.InputStream;
import java.io.OutputStream;
import java.lang.ProcessBuilder.Redirect;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.circleosd.pluginmanager.worker.wire.AbiSymbol;
import org.circleosd.pluginmanager.worker.wire.Frame;
import org.circleosd.pluginmanager.worker.wire.FrameBytes;
import org.circleosd.pluginmanager.worker.wire.FrameKind;
import org.circleosd.pluginmanager.worker.wire.ResultStatus;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What is special about the worker that is a JVM; what all workers do is in {@code WorkerProtocolTest}. */
@Timeout(60)
class WorkerProgramTest {

    private static final Path HEADERS =
            Path.of("..", "..", "plugins", "include").toAbsolutePath();

    @TempDir
    private Path folder;

    private Process worker;
    private InputStream replies;
    private OutputStream requests;
    private int lastId;

    @BeforeEach
    void start() throws Exception {
        worker = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "--enable-native-access=ALL-UNNAMED",
                        "-Xlog:cds=off",
                        "-cp",
                        System.getProperty("java.class.path"),
                        WorkerProgram.class.getName())
                .directory(folder.toFile())
                .redirectError(Redirect.to(folder.resolve("log").toFile()))
                .start();
        replies = new BufferedInputStream(worker.getInputStream());
        requests = worker.getOutputStream();
        Frame ready = Frame.read(replies, 1000);
        assertThat(ready.kind()).isEqualTo(FrameKind.READY);
        assertThat(ready.body().u32()).isEqualTo(FrameKind.PROTOCOL_VERSION);
        assertThat(ready.body().u32()).isEqualTo((int) worker.pid());
        assertThat(ready.body().text()).isEqualTo("jvm");
    }

    @AfterEach
    void stop() throws Exception {
        worker.destroyForcibly().waitFor();
    }

    @Test
    void plugin_isLoadedCalledAndEnded() throws Exception {
        compile("p", """
                #include <stdio.h>
                #include <stdlib.h>
                #include <string.h>
                #include "plugin.h"
                static const plugin_host *host;
                void hello(void) { printf("hello"); }
                int32_t plugin_attach(const plugin_host *given) { host = given; return PLUGIN_OK; }
                void plugin_free(void *p, size_t n) { (void)n; free(p); }
                int32_t plugin_invoke(const char *f, const uint8_t *in, size_t n, uint8_t **out, size_t *m) {
                    if (strcmp(f, "echo") != 0) { return PLUGIN_E_NOFUNC; }
                    puts("called");
                    *out = malloc(n + 1); memcpy(*out, in, n); *m = n; return PLUGIN_OK;
                }
                void plugin_shutdown(void) { host->log(host->ctx, 2, "over", 4); }
                """);
        int symbols =
                AbiSymbol.mask(List.of("plugin_attach", "plugin_free", "plugin_invoke", "plugin_shutdown")::contains);
        Frame loaded = ask(load(symbols));
        assertThat(loaded.kind()).isEqualTo(FrameKind.LOADED);
        assertThat(loaded.body().u32()).isEqualTo(1);

        byte[] payload = new byte[200_000];
        payload[100_000] = 7;
        Frame result = ask(begin(FrameKind.INVOKE).u32(1).u32(1000).text("echo").rest(payload));
        assertThat(result.body().u32()).isEqualTo(ResultStatus.RETURNED.number());
        assertThat(result.body().u32()).isZero();
        assertThat(result.body().rest()).isEqualTo(payload);

        Frame printed = ask(begin(FrameKind.RUN).u32(1).u32(1000).text("hello"));
        assertThat(printed.body().u64()).isZero();
        assertThat(printed.body().rest()).asString().isEqualTo("hello");

        send(begin(FrameKind.UNLOAD).u32(1));
        Frame log = read();
        assertThat(log.kind()).isEqualTo(FrameKind.LOG);
        assertThat(log.body().u64()).isEqualTo(1L << 32 | 2);
        assertThat(log.body().rest()).asString().isEqualTo("over");
        assertThat(read().kind()).isEqualTo(FrameKind.UNLOADED);
        assertThat(folder.resolve("log")).content().isEqualTo("called\n");
    }

    @Test
    void endOfRequests_endsTheProcess() throws Exception {
        requests.close();
        assertThat(worker.waitFor(30, TimeUnit.SECONDS)).isTrue();
        assertThat(worker.exitValue()).isZero();
    }

    /** What the JVM's own threads do, only more often: they look at the limits of their control group, say. */
    @Test
    void filesOpenedByOtherThreads_doNotGetInTheWay() throws Exception {
        for (int round = 0; round < 3; round++) {
            try (RunningWorker busy = RunningWorker.start(
                    List.of(
                            Path.of(System.getProperty("java.home"), "bin", "java")
                                    .toString(),
                            "-cp",
                            System.getProperty("java.class.path"),
                            BusyWorker.class.getName()),
                    folder)) {
                assertThat(busy.reply(busy.send(busy.request(FrameKind.PING)), FrameKind.PONG))
                        .isNotNull();
            }
        }
    }

    private void compile(String name, String source) throws Exception {
        Path file = Files.writeString(folder.resolve(name + ".c"), source);
        Process cc = new ProcessBuilder(
                        "cc", "-shared", "-fPIC", "-I", HEADERS.toString(), "-o", name + ".so", file.toString())
                .directory(folder.toFile())
                .inheritIO()
                .start();
        assertThat(cc.waitFor()).isZero();
    }

    private FrameBytes load(int symbols) {
        return begin(FrameKind.LOAD)
                .u32(1)
                .text("./p.so")
                .text("")
                .u32(symbols)
                .u64(1 << 20)
                .u32(10_000)
                .u32(0)
                .u32(0);
    }

    private FrameBytes begin(FrameKind kind) {
        return new FrameBytes(++lastId, kind);
    }

    private Frame ask(FrameBytes request) throws Exception {
        send(request);
        Frame reply = read();
        assertThat(reply.id()).isEqualTo(lastId);
        return reply;
    }

    private void send(FrameBytes request) throws Exception {
        requests.write(request.toBytes());
        requests.flush();
    }

    private Frame read() throws Exception {
        return Frame.read(replies, 1 << 20);
    }
}
