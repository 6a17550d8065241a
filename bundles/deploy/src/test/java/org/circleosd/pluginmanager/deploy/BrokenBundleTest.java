package org.circleosd.pluginmanager.deploy;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.stream.Stream;
import org.circleosd.pluginmanager.api.Sha256;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.osgi.framework.Bundle;

/** A version that does not come up is undone. */
@Timeout(60)
class BrokenBundleTest {

    private static final String RUNNABLE = "<service><provide interface='java.lang.Runnable'/></service>";

    @TempDir
    Path temp;

    @AutoClose
    private RunningFolder running;

    @BeforeEach
    void start() throws Exception {
        running = new RunningFolder(temp);
    }

    static Stream<Arguments> brokenVersions() throws IOException {
        return Stream.of(
                Arguments.of("nobody.has.it", broken("2.0").header("Import-Package", "nobody.has.it")),
                Arguments.of("no wind", broken("2.0").activator(TestParts.FailingActivator.class)),
                Arguments.of(
                        "its component Failing fails: java.lang.IllegalStateException: no sails",
                        broken("2.0").component(TestParts.Failing.class, "immediate='true'", RUNNABLE)),
                Arguments.of(
                        "its component Failing fails", broken("2.0").component(TestParts.Failing.class, "", RUNNABLE)),
                Arguments.of(
                        "its component Fine is not satisfied: nobody offers java.util.List with (colour=blue)",
                        broken("2.0")
                                .component(
                                        TestParts.Fine.class,
                                        "immediate='true'",
                                        RUNNABLE + "<reference interface='java.util.List' target='(colour=blue)'/>")),
                Arguments.of(
                        "its component Fine is not satisfied: there is no configuration not.there",
                        broken("2.0")
                                .component(
                                        TestParts.Fine.class,
                                        "configuration-policy='require' configuration-pid='not.there'",
                                        RUNNABLE)),
                Arguments.of("it does not offer java.lang.Runnable any more", broken("2.0")));
    }

    @ParameterizedTest
    @MethodSource("brokenVersions")
    void brokenVersionBesideTheGoodOne_isUndone(String why, TestJar broken) throws IOException {
        running.write("a-1.jar", good());
        running.settle();
        running.write("a-2.jar", broken);
        running.settle();

        assertGoodRuns();
        assertThat(running.host.done)
                .singleElement()
                .asString()
                .startsWith("rolled_back a: 2.0.0 of ")
                .contains(why);
        long updated = running.bundle("a").getLastModified();
        running.settle();
        assertThat(running.bundle("a").getLastModified()).as("not tried again").isEqualTo(updated);
    }

    @ParameterizedTest
    @MethodSource("brokenVersions")
    void brokenVersionThatOverwritesTheGoodOne_isUndone_alsoAfterARestart(String why, TestJar broken)
            throws IOException {
        running.write("a.jar", good());
        running.settle();
        running.write("a.jar", broken);
        running.settle();
        assertGoodRuns();
        assertThat(running.host.done).hasSize(1);

        long updated = running.bundle("a").getLastModified();
        running.restart();
        running.settle();
        assertGoodRuns();
        assertThat(running.bundle("a").getLastModified()).as("not tried again").isEqualTo(updated);
        assertThat(running.host.done).hasSize(1);
    }

    @ParameterizedTest
    @MethodSource("unreadable")
    void fileThatIsNoJar_leavesTheBundle_alsoAfterARestart(byte[] content) throws IOException {
        running.write("a.jar", good());
        running.settle();
        running.write("a.jar", content);
        running.settle();
        assertGoodRuns();
        assertThat(running.host.done)
                .singleElement()
                .asString()
                .startsWith("rolled_back a: ")
                .contains("a.jar cannot be read as a jar");

        running.restart();
        running.settle();
        assertGoodRuns();
        assertThat(running.host.done).hasSize(1);
    }

    @Test
    void twoFilesThatAreDamagedInTheSameWay_areToldEachOnce() throws IOException {
        running.write("a.jar", good());
        running.write("b.jar", TestJar.bundle("b", "1.0", "one"));
        running.settle();
        byte[] damaged = "no zip".getBytes(StandardCharsets.UTF_8);
        running.write("a.jar", damaged);
        running.write("b.jar", damaged);
        running.settle();
        running.settle();
        assertThat(running.host.done).hasSize(2);
        assertThat(running.host.done)
                .extracting(event -> event.substring(0, 13))
                .contains("rolled_back a", "rolled_back b");
    }

    static Stream<byte[]> unreadable() throws IOException {
        byte[] whole = good().bytes();
        return Stream.of(
                "no zip at all".getBytes(StandardCharsets.UTF_8), new byte[0], Arrays.copyOf(whole, whole.length / 2));
    }

    @Test
    void repairedVersion_isTaken_alsoIfItsVersionIsLower() throws IOException {
        running.write("a.jar", good());
        running.settle();
        running.write("a.jar", broken("2.0"));
        running.settle();
        running.write("a.jar", good("0.9", "repaired"));
        running.settle();
        assertThat(running.variant("a")).isEqualTo("repaired");
        assertThat(running.host.done).hasSize(2).last().asString().startsWith("upgraded a: 0.9.0 of ");
        assertThat(running.kept().withheld()).isEmpty();
    }

    @Test
    void brokenVersionThatGoes_leavesTheGoodOne_andIsTriedAgainWhenItComesBack() throws IOException {
        running.write("a.jar", good());
        running.settle();
        running.write("a.jar", broken("2.0"));
        running.settle();
        running.delete("a.jar");
        running.settle();
        running.restart();
        running.settle();
        assertGoodRuns();
        running.write("a.jar", broken("2.0"));
        running.settle();
        assertGoodRuns();
        assertThat(running.host.done).hasSize(2).allMatch(event -> event.startsWith("rolled_back a: 2.0.0 of "));
    }

    @Test
    void olderJarInTheFolder_doesNotTakeThePlaceOfTheOneThatRan() throws IOException {
        running.write("a-0.jar", good("0.5", "old"));
        running.write("a.jar", good());
        running.settle();
        running.write("a.jar", broken("2.0"));
        running.settle();
        assertGoodRuns();
    }

    @Test
    void versionsThatNeedEachOther_comeUpTogether() throws IOException {
        running.write("a.jar", good());
        running.write("b.jar", TestJar.bundle("b", "1.0", "one"));
        running.settle();
        running.write("a.jar", good("2.0", "two").header("Import-Package", "new.one"));
        running.write("b.jar", TestJar.bundle("b", "2.0", "two").header("Export-Package", "new.one"));
        running.settle();
        assertThat(running.variant("a")).isEqualTo("two");
        assertThat(running.variant("b")).isEqualTo("two");
        assertThat(running.host.done).hasSize(2).allMatch(event -> event.startsWith("upgraded "));
    }

    @Test
    void brokenUpdateByHand_isUndone() throws Exception {
        running.write("a.jar", good());
        running.settle();
        running.updateByHand(
                "a", broken("2.0").header("Import-Package", "nobody.has.it").bytes());
        running.settle();
        assertGoodRuns();
        assertThat(running.host.done)
                .singleElement()
                .asString()
                .startsWith("rolled_back a: 2.0.0 of an update by hand does not come up");
    }

    @Test
    void goodUpdateByHand_isWhatTheNextBrokenOneGoesBackTo() throws Exception {
        running.write("a.jar", good());
        running.settle();
        running.updateByHand("a", good("1.5", "by hand").bytes());
        running.settle();
        running.write("a.jar", broken("2.0"));
        running.settle();
        assertThat(running.variant("a")).isEqualTo("by hand");
        assertThat(running.bundle("a").getState()).isEqualTo(Bundle.ACTIVE);
    }

    @Test
    void bundleThatSomebodyStopped_isNotJudged() throws Exception {
        running.write("a.jar", good());
        running.settle();
        running.bundle("a").stop();
        running.updateByHand("a", broken("2.0").bytes());
        running.settle();
        assertThat(running.variant("a")).isEqualTo("broken");
        assertThat(running.host.done).isEmpty();
    }

    @Test
    void tryThatWasCutShort_isRepeatedOnce() throws IOException {
        running.write("a.jar", good());
        running.settle();
        byte[] next = good("2.0", "two").bytes();
        running.kept().withhold(Sha256.of(next), new Withheld(Withheld.Standing.TRIED, "a", ""));
        running.restart();
        running.write("a.jar", next);
        running.settle();
        assertThat(running.variant("a")).isEqualTo("two");
        assertThat(running.kept().withheld()).isEmpty();
    }

    @Test
    void tryThatWasCutShortTwice_isNotRepeated() throws IOException {
        running.write("a.jar", good());
        running.settle();
        byte[] next = good("2.0", "two").bytes();
        running.kept().withhold(Sha256.of(next), new Withheld(Withheld.Standing.TRIED_AGAIN, "a", ""));
        running.restart();
        running.write("a.jar", next);
        running.settle();
        assertGoodRuns();
        assertThat(running.host.done).singleElement().asString().endsWith("the daemon ended twice while it was tried");
        assertThat(running.kept().withheld().get(Sha256.of(next)).standing()).isEqualTo(Withheld.Standing.BAD);
    }

    /** The launcher must not start it: nobody knows yet whether it can. */
    @Test
    void newBundle_isWithheldUntilItCameUp() throws IOException {
        running.write("user.jar", TestJar.bundle("user", "1.0", "one").header("Import-Package", "lib"));
        running.settle();
        assertThat(running.kept().withheld().values())
                .containsExactly(new Withheld(Withheld.Standing.WAITING, "user", ""));
        running.write("lib.jar", TestJar.bundle("lib", "1.0", "one").header("Export-Package", "lib"));
        running.settle();
        assertThat(running.kept().withheld()).isEmpty();
        assertThat(running.kept().kept()).containsOnlyKeys("user", "lib");
    }

    private void assertGoodRuns() {
        assertThat(running.variant("a")).isEqualTo("good");
        assertThat(running.bundle("a").getState()).isEqualTo(Bundle.ACTIVE);
        assertThat(running.bundle("a").getRegisteredServices()).hasSize(1);
    }

    private static TestJar good() throws IOException {
        return good("1.0", "good");
    }

    private static TestJar good(String version, String variant) throws IOException {
        return TestJar.bundle("a", version, variant).component(TestParts.Fine.class, "immediate='true'", RUNNABLE);
    }

    private static TestJar broken(String version) {
        return TestJar.bundle("a", version, "broken");
    }
}
