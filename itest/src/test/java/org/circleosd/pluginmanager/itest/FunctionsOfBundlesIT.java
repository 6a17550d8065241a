package org.circleosd.pluginmanager.itest;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.List;
import java.util.jar.Attributes;
import java.util.jar.JarEntry;
import java.util.jar.JarOutputStream;
import java.util.jar.Manifest;
import java.util.stream.Stream;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A bundle is dropped in that offers functions to plugins; it is replaced, and taken away. */
@Timeout(300)
class FunctionsOfBundlesIT {

    private static final List<String> CLASSES = List.of("Greeting", "Adding");

    @TempDir
    private Path dir;

    @Test
    void bundleThatOffersFunctions_isUsedByPluginsAtOnce() throws IOException {
        try (Daemon daemon = Home.in(dir).start()) {
            String load = Client.load(TestPlugins.sandbox("extism/user.wasm"));
            assertThat(daemon.ask(load)).contains("plugin_invalid", "calculator.add", "extism:host/user.greet");

            Path jar = drop(daemon, "Hello", "1.0.0");
            Poll.until(Duration.ofSeconds(60), "the functions are offered", () -> daemon.ask(load)
                    .contains("\"ok\":true"));
            assertThat(daemon.ask(Client.invoke("user", "hello", "Ada"))).contains("\"resp\":\"Hello, Ada!\"");
            assertThat(daemon.ask(Client.invoke("user", "sum", ""))).contains("\"resp\":\"42\"");

            drop(daemon, "Goodbye", "1.0.1");
            Poll.until(Duration.ofSeconds(60), "the new bundle answers", () -> {
                String reply = daemon.ask(Client.invoke("user", "hello", "Ada"));
                assertThat(reply).contains("\"ok\":true");
                return reply.contains("Goodbye, Ada!");
            });

            Files.delete(jar);
            Poll.until(Duration.ofSeconds(60), "the function is gone", () -> {
                String reply = daemon.ask(Client.invoke("user", "hello", "Ada"));
                return reply.contains("\"code\":\"unavailable\"")
                        && reply.contains("host function extism:host/user.greet");
            });
        }
    }

    /** Compiles the bundle and puts it into the folder of bundles. */
    private Path drop(Daemon daemon, String word, String version) throws IOException {
        Path sources = Files.createDirectories(dir.resolve("sources"));
        Path classes = Files.createDirectories(dir.resolve("classes"));
        for (String name : CLASSES) {
            String source =
                    Files.readString(Daemon.PROJECT.resolve("itest/src/test/bundles/greeting/" + name + ".java"));
            Files.writeString(sources.resolve(name + ".java"), source.replace("WORD", word));
        }
        int status = ToolProvider.getSystemJavaCompiler()
                .run(
                        null,
                        null,
                        null,
                        "--release",
                        "17",
                        "-cp",
                        api().toString(),
                        "-d",
                        classes.toString(),
                        sources.resolve("Greeting.java").toString(),
                        sources.resolve("Adding.java").toString());
        assertThat(status).isZero();
        Path made = dir.resolve("greeting.tmp");
        write(made, classes, version);
        return Files.move(
                made,
                daemon.home().bundles().resolve("greeting.jar"),
                StandardCopyOption.REPLACE_EXISTING,
                StandardCopyOption.ATOMIC_MOVE);
    }

    private static Path api() throws IOException {
        try (Stream<Path> jars = Files.list(Daemon.DISTRIBUTION.resolve("system/01"))) {
            return jars.filter(jar -> jar.getFileName().toString().startsWith("api-"))
                    .findFirst()
                    .orElseThrow();
        }
    }

    private static void write(Path jar, Path classes, String version) throws IOException {
        Manifest manifest = new Manifest();
        Attributes headers = manifest.getMainAttributes();
        headers.put(Attributes.Name.MANIFEST_VERSION, "1.0");
        headers.putValue("Bundle-ManifestVersion", "2");
        headers.putValue("Bundle-SymbolicName", "example.greeting");
        headers.putValue("Bundle-Version", version);
        headers.putValue(
                "Import-Package",
                "org.circleosd.pluginmanager.api.engine;version=\"[1,2)\","
                        + "org.circleosd.pluginmanager.api.runtime;version=\"[1,2)\"");
        headers.putValue("Service-Component", "OSGI-INF/Greeting.xml,OSGI-INF/Adding.xml");
        try (OutputStream file = Files.newOutputStream(jar);
                JarOutputStream out = new JarOutputStream(file, manifest)) {
            for (String name : CLASSES) {
                put(out, "OSGI-INF/" + name + ".xml", component(name).getBytes(UTF_8));
                String path = "example/greeting/" + name + ".class";
                put(out, path, Files.readAllBytes(classes.resolve(path)));
            }
        }
    }

    private static void put(JarOutputStream out, String name, byte[] bytes) throws IOException {
        out.putNextEntry(new JarEntry(name));
        out.write(bytes);
        out.closeEntry();
    }

    private static String component(String name) {
        return "<scr:component xmlns:scr=\"http://www.osgi.org/xmlns/scr/v1.3.0\" name=\"example.greeting." + name
                + "\"><implementation class=\"example.greeting." + name
                + "\"/><service><provide interface=\"org.circleosd.pluginmanager.api.runtime.HostFunction\"/>"
                + "</service></scr:component>";
    }
}
