package org.circleosd.pluginmanager.itest;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Somebody starts it without what it needs, and is told in one line what to install. */
@Timeout(60)
class MissingToolsIT {

    @TempDir
    private Path dir;

    private Path tools;

    @BeforeEach
    void makeEmptyFolders() throws IOException {
        tools = Files.createDirectories(dir.resolve("tools"));
        Files.createDirectories(dir.resolve("clone"));
        Files.copy(Daemon.PROJECT.resolve("plugin-manager"), dir.resolve("clone/plugin-manager"));
    }

    @Test
    void cloneWithoutAJdk_saysWhatToInstall() throws IOException {
        assertThat(start("JAVA_HOME", dir.resolve("nothing").toString())).contains("install a JDK 17 or later");
    }

    @Test
    void cloneWithAnOldJdk_saysWhatItFound() throws IOException {
        tool("javac", "echo 'javac 11.0.2'");
        assertThat(start("JAVA_HOME", "")).contains("is version 11.0.2; install a JDK 17 or later");
    }

    @Test
    void cloneWithAnOldMaven_saysWhatItFound() throws IOException {
        tool("javac", "echo 'javac 17.0.1'");
        tool("mvn", "echo 'Apache Maven 3.6.3 (abc)'");
        assertThat(start("JAVA_HOME", "")).contains("mvn is version 3.6.3; install Maven 3.8 or later");
    }

    @Test
    void distributionWithAnOldJava_saysWhatItFound() throws IOException {
        Path home = Files.createDirectories(dir.resolve("jdk11/bin")).getParent();
        Files.copy(tool("java", "exit 9"), home.resolve("bin/java"));
        assertThat(home.resolve("bin/java").toFile().setExecutable(true)).isTrue();
        Files.writeString(home.resolve("release"), "JAVA_VERSION=\"11.0.2\"\n");
        ProcessBuilder command = new ProcessBuilder(
                Daemon.DISTRIBUTION.resolve("bin/plugin-manager").toString());
        command.environment().put("JAVA_HOME", home.toString());
        assertOneLine(Commands.run(command), "is version 11; install a JDK 17 or later");
    }

    private String start(String variable, String value) throws IOException {
        ProcessBuilder command =
                new ProcessBuilder(dir.resolve("clone/plugin-manager").toString());
        command.environment().put("PATH", tools + ":/usr/bin:/bin");
        command.environment().put(variable, value);
        Commands.Result result = Commands.run(command);
        assertOneLine(result, "install");
        return result.err();
    }

    private static void assertOneLine(Commands.Result result, String part) {
        assertThat(result.status()).as(result.text()).isEqualTo(1);
        assertThat(result.out()).isEmpty();
        assertThat(result.err()).startsWith("plugin-manager: ").contains(part).hasLineCount(1);
    }

    private Path tool(String name, String script) throws IOException {
        Path tool = Files.writeString(tools.resolve(name), "#!/bin/sh\n" + script + "\n");
        assertThat(tool.toFile().setExecutable(true)).isTrue();
        return tool;
    }
}
