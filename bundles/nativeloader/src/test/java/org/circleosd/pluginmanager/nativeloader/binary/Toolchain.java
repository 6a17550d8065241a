package org.circleosd.pluginmanager.nativeloader.binary;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Builds libraries: with the machine's own compiler, and with clang and lld those of other machines and systems. */
record Toolchain(Path folder) {

    /** Builds a library of this machine. */
    byte[] library(String source, String... options) throws Exception {
        Path library = folder.resolve("native.so");
        List<String> command =
                new ArrayList<>(List.of("cc", "-shared", "-fPIC", "-o", library.toString(), write("native.c", source)));
        command.addAll(List.of(options));
        run(command);
        return Files.readAllBytes(library);
    }

    /** Builds an ELF library of another machine, without a C library. */
    byte[] elf(String target, String source, String... options) throws Exception {
        Path library = folder.resolve("foreign.so");
        run("ld.lld", List.of("-shared", "-o", library.toString(), object(target, source)), options);
        return Files.readAllBytes(library);
    }

    /** Builds a DLL. */
    byte[] dll(String target, String source, String... options) throws Exception {
        Path library = folder.resolve("plugin.dll");
        run("lld-link", List.of("/dll", "/nodefaultlib", "/out:" + library, object(target, source)), options);
        return Files.readAllBytes(library);
    }

    /** Builds what a DLL is linked with to import from another, and returns its path. */
    String importsFrom(String dll, String source, String... options) throws Exception {
        Path imports = folder.resolve(dll + ".lib");
        run(
                "lld-link",
                List.of(
                        "/dll",
                        "/nodefaultlib",
                        "/noentry",
                        "/out:" + folder.resolve(dll),
                        "/implib:" + imports,
                        object("x86_64-windows-msvc", source)),
                options);
        return imports.toString();
    }

    /** Builds a library of macOS; the architecture as its linker names it. */
    byte[] dylib(String target, String architecture, String source, String... options) throws Exception {
        Path library = folder.resolve("plugin.dylib");
        run(
                "lld",
                List.of(
                        "-flavor",
                        "darwin",
                        "-arch",
                        architecture,
                        "-platform_version",
                        "macos",
                        "11.0",
                        "11.0",
                        "-undefined",
                        "dynamic_lookup",
                        "-o",
                        library.toString(),
                        object(target, source)),
                options);
        return Files.readAllBytes(library);
    }

    String object(String target, String source) throws Exception {
        Path object = folder.resolve(target + ".o");
        run(List.of(
                "clang",
                "--target=" + target,
                "-O1",
                "-ffreestanding",
                target.contains("windows") ? "-fno-pic" : "-fPIC",
                "-c",
                "-o",
                object.toString(),
                write("foreign.c", source)));
        return object.toString();
    }

    String write(String name, String text) throws IOException {
        return Files.writeString(folder.resolve(name), text).toString();
    }

    private static void run(String program, List<String> arguments, String... more) throws Exception {
        List<String> command = new ArrayList<>(List.of(program));
        command.addAll(arguments);
        command.addAll(List.of(more));
        run(command);
    }

    static void run(List<String> command) throws IOException, InterruptedException {
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor()).as("%s: %s", command, output).isZero();
    }
}
