package org.circleosd.pluginmanager.sandbox.module;

import org.circleosd.pluginmanager.api.ErrorCode;
import org.circleosd.pluginmanager.api.PluginException;
import org.jspecify.annotations.Nullable;

/**
 * Checks a module before an engine sees a byte of it: the binary format, the types of all code, and limits to what a
 * small file may claim. Engines are written for the output of compilers; some parsers believe a file of 47 bytes that
 * claims two gigabytes, or need minutes for blocks within blocks.
 *
 * <p>Accepts WebAssembly 1.0 with mutable globals, sign extension, saturating conversions, several results, bulk memory,
 * reference types and extended constant expressions. Reads the file once, in time proportional to its length, without
 * recursion.
 *
 * @see <a href="https://webassembly.github.io/spec/core/valid/index.html">validation</a>
 */
public final class ModuleCheck {

    private final ModuleInput in;
    private final ModuleSpace space;
    private final Declarations declarations;
    private final Segments segments;
    private final FunctionBody body;
    private @Nullable SectionKind last;
    private int bodies;
    private int largestBody;
    private int dataSegments;

    private ModuleCheck(byte[] wasm) {
        in = new ModuleInput(wasm, FileHeader.LENGTH);
        space = new ModuleSpace(wasm);
        ConstantExpression constant = new ConstantExpression(in, space);
        declarations = new Declarations(in, space, constant);
        segments = new Segments(in, space, constant);
        body = new FunctionBody(in, space);
    }

    /**
     * Checks a module.
     *
     * @throws PluginException {@link ErrorCode#PLUGIN_INVALID} if it is damaged or uses what this host does not run,
     *     {@link ErrorCode#INCOMPATIBLE} for a component, {@link ErrorCode#LIMIT_EXCEEDED} if it goes beyond a limit;
     *     the message names the place and the reason
     */
    public static ModuleFigures check(byte[] wasm) {
        FileHeader.check(wasm);
        return new ModuleCheck(wasm).check();
    }

    private ModuleFigures check() {
        while (in.left() > 0) {
            readSection();
        }
        int declared = space.functions() - space.importedFunctions();
        if (bodies != declared) {
            throw in.invalid(in.position(), declared + " functions are declared, but " + bodies + " have a body");
        }
        if (space.dataCount() >= 0 && dataSegments != space.dataCount()) {
            throw in.invalid(
                    in.position(), space.dataCount() + " data segments are announced, but there are " + dataSegments);
        }
        return new ModuleFigures(
                bodies,
                largestBody,
                body.mostLocals(),
                body.localsOfModule(),
                body.deepestNesting(),
                body.mostOperands(),
                body.branchTargets());
    }

    private void readSection() {
        int start = in.position();
        int id = in.readByte("the id of a section");
        long length = in.readUnsigned("the length of a section");
        SectionKind kind = SectionKind.of(id);
        String words = kind == null ? "the custom section" : kind.words();
        if (kind == null && id != SectionKind.CUSTOM) {
            throw id == SectionKind.TAG
                    ? in.unsupported(start, Feature.EXCEPTIONS)
                    : in.invalid(start, "there is no section with the id " + id);
        }
        int bodyStart = in.position();
        in.skip(length, words);
        int end = in.position();
        in.goBackTo(bodyStart);
        in.enterSection(end, words);
        if (kind == null) {
            in.readName("the name of a custom section");
            in.skip(in.left(), words);
        } else {
            checkOrder(start, kind);
            readBody(kind);
        }
        in.leaveSection(words);
    }

    private void checkOrder(int start, SectionKind kind) {
        SectionKind before = last;
        if (before == kind) {
            throw in.invalid(start, kind.words() + " is there twice");
        }
        if (before != null && before.compareTo(kind) > 0) {
            throw in.invalid(start, kind.words() + " comes after " + before.words());
        }
        last = kind;
    }

    private void readBody(SectionKind kind) {
        int start = in.position();
        if (kind == SectionKind.START) {
            declarations.readStart();
            return;
        }
        if (kind == SectionKind.DATA_COUNT) {
            space.setDataCount(in.readWithin("the number of data segments", SectionKind.DATA.limit()));
            return;
        }
        int count = in.readCount("the number of entries of " + kind.words(), kind.limit());
        switch (kind) {
            case TYPE -> declarations.readTypes(count);
            case IMPORT -> declarations.readImports(count);
            case FUNCTION -> declarations.readFunctions(count);
            case TABLE -> declarations.readTables(count);
            case MEMORY -> declarations.readMemories(count);
            case GLOBAL -> declarations.readGlobals(count);
            case EXPORT -> declarations.readExports(count);
            case ELEMENT -> segments.readElements(count);
            case CODE -> readBodies(start, count);
            case DATA -> {
                segments.readData(count);
                dataSegments = count;
            }
            case START, DATA_COUNT -> throw new IllegalStateException(kind.words() + " has no entries");
        }
    }

    private void readBodies(int start, int count) {
        int imported = space.importedFunctions();
        if (count != space.functions() - imported) {
            throw in.invalid(
                    start, (space.functions() - imported) + " functions are declared, but " + count + " have a body");
        }
        for (int i = 0; i < count; i++) {
            int place = in.position();
            long length = in.readUnsigned("the length of a function body");
            int bodyStart = in.position();
            in.skip(length, "a function body");
            if (length > ModuleLimits.BODY_BYTES) {
                throw in.overLimit(
                        place, "function " + (imported + i) + " has " + length + " bytes", ModuleLimits.BODY_BYTES);
            }
            int end = in.position();
            in.goBackTo(bodyStart);
            int outer = in.enterFunction(end, imported + i);
            body.check(space.typeOfFunction(imported + i));
            in.leaveFunction(outer);
            largestBody = Math.max(largestBody, (int) length);
            bodies++;
        }
    }
}
