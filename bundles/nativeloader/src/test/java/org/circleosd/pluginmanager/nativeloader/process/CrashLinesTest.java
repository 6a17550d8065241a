package org.circleosd.pluginmanager.nativeloader.process;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.circleosd.pluginmanager.nativeloader.process.WorkerProcess.Death;
import org.junit.jupiter.api.Test;

class CrashLinesTest {

    private static final List<String> OF_JVM = List.of(
            "the plugin said this",
            "#",
            "# A fatal error has been detected by the Java Runtime Environment:",
            "#",
            "#  SIGSEGV (0xb) at pc=0x00007f0a, pid=7, tid=8",
            "#",
            "# Problematic frame:",
            "# C  [libfoo.so+0x1139]  crash_now+0x9",
            "#",
            "---------------  T H R E A D  ---------------",
            "Native frames: (J=compiled Java code, C=native code)",
            "C  [libfoo.so+0x1139]  crash_now+0x9",
            "C  [libfoo.so+0x1150]  plugin_invoke+0x10",
            "",
            "Java frames: (J=compiled Java code)",
            "j  com.sun.jna.Native.invokeInt");

    private static final List<String> FILES = List.of("libfoo.so");

    private static final List<String> OF_C = List.of(
            "worker: signal 11 (SIGSEGV) at 0x8 in libfoo.so+0x1227 (crash_now)",
            "worker:   #1 libfoo.so+0x169f (plugin_invoke)");

    @Test
    void crashOfAJavaMachine_isItsPluginsSignal() {
        assertThat(CrashLines.reason(new Death(6, 0), OF_JVM, FILES)).isEqualTo("signal 11 in libfoo.so (crash_now)");
        assertThat(CrashLines.reason(new Death(0, 1), OF_JVM, FILES)).isEqualTo("signal 11 in libfoo.so (crash_now)");
        assertThat(CrashLines.report(OF_JVM))
                .contains("the plugin said this", "C  [libfoo.so+0x1150]  plugin_invoke+0x10")
                .doesNotContain("com.sun.jna");
    }

    @Test
    void crashOfTheCWorker_isNamedByItsFirstLine() {
        assertThat(CrashLines.reason(new Death(11, 0), OF_C, FILES)).isEqualTo("signal 11 in libfoo.so (crash_now)");
        assertThat(CrashLines.report(OF_C)).contains("#1 libfoo.so+0x169f (plugin_invoke)");
    }

    @Test
    void crashInALibraryOfTheSystem_isToldByThePluginThatCalledIt() {
        List<String> ofC = List.of(
                "worker: signal 6 (SIGABRT) sent by itself in libc.so.6+0x8aeec",
                "worker:   #1 libc.so.6+0x3bfb2 (raise)",
                "worker:   #2 libfoo.so+0x1139 (give_up)");
        List<String> ofJvm = List.of(
                "#  SIGABRT (0x6) at pc=0x00007f0a, pid=7, tid=8",
                "# C  [libc.so.6+0x8aeec]",
                "C  [libc.so.6+0x8aeec]",
                "C  [libfoo.so+0x1139]  give_up+0x9");

        assertThat(CrashLines.reason(new Death(6, 0), ofC, FILES)).isEqualTo("signal 6 in libfoo.so (give_up)");
        assertThat(CrashLines.reason(new Death(6, 0), ofJvm, FILES)).isEqualTo("signal 6 in libfoo.so (give_up)");
        assertThat(CrashLines.reason(new Death(6, 0), ofC, List.of())).isEqualTo("signal 6 in libc.so.6");
    }

    @Test
    void silentDeath_isItsSignalOrStatus() {
        assertThat(CrashLines.reason(new Death(9, 0), List.of("hello"), FILES)).isEqualTo("signal 9");
        assertThat(CrashLines.reason(new Death(0, 3), List.of(), FILES)).isEqualTo("exit status 3");
        assertThat(CrashLines.reason(new Death(0, 0), List.of("worker: the plugin called exit(0)"), FILES))
                .isEqualTo("the plugin called exit, status 0");
        assertThat(CrashLines.report(List.of())).isEqualTo("it printed nothing");
    }
}
