package org.circleosd.pluginmanager.sandbox;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.math.BigInteger;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import org.circleosd.pluginmanager.api.ErrorCode;
import org.circleosd.pluginmanager.api.PluginException;
import org.circleosd.pluginmanager.api.engine.WasmType;

/**
 * Numbers of a guest as JSON. Arguments are an array, or nothing at all for none; one result is a number, several are
 * an array, none is an empty array. Integers may be given signed or unsigned and come back signed. What JSON has no
 * number for travels as the texts "NaN", "Infinity" and "-Infinity".
 */
final class JsonNumbers {

    private static final JsonFactory JSON = new JsonFactory();

    private JsonNumbers() {}

    /**
     * Reads a function's arguments.
     *
     * @throws PluginException {@link ErrorCode#BAD_REQUEST} that says what was expected
     */
    static long[] parse(String function, List<WasmType> params, byte[] payload) {
        long[] args = new long[params.size()];
        if (params.isEmpty() && payload.length == 0) {
            return args;
        }
        try (JsonParser json = JSON.createParser(payload)) {
            if (json.nextToken() != JsonToken.START_ARRAY) {
                throw bad(function, params, "no JSON array");
            }
            int count = 0;
            while (json.nextToken() != JsonToken.END_ARRAY) {
                if (count == args.length) {
                    throw bad(function, params, "more than " + args.length);
                }
                args[count] = argument(function, params, count, json);
                count++;
            }
            if (count < args.length) {
                throw bad(function, params, "only " + count);
            }
            if (json.nextToken() != null) {
                throw bad(function, params, "text after the array");
            }
            return args;
        } catch (IOException e) {
            throw bad(function, params, "text that is not JSON");
        }
    }

    /** Writes a function's results. */
    static byte[] write(List<WasmType> types, long[] values) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (JsonGenerator json = JSON.createGenerator(bytes)) {
            if (types.size() != 1) {
                json.writeStartArray();
            }
            for (int i = 0; i < types.size(); i++) {
                write(json, types.get(i), values[i]);
            }
            if (types.size() != 1) {
                json.writeEndArray();
            }
        } catch (IOException e) {
            throw new UncheckedIOException("cannot write to an array", e);
        }
        return bytes.toByteArray();
    }

    private static void write(JsonGenerator json, WasmType type, long value) throws IOException {
        switch (type) {
            case I32 -> json.writeNumber((int) value);
            case I64 -> json.writeNumber(value);
            // Jackson quotes the three values that are no JSON numbers.
            case F32 -> json.writeNumber(Float.intBitsToFloat((int) value));
            case F64 -> json.writeNumber(Double.longBitsToDouble(value));
            case OTHER -> throw new IllegalStateException("a reference cannot be a result here");
        }
    }

    private static long argument(String function, List<WasmType> params, int index, JsonParser json)
            throws IOException {
        return switch (params.get(index)) {
            case I32 -> integer(function, params, index, json, 32);
            case I64 -> integer(function, params, index, json, 64);
            case F32 -> {
                double value = real(function, params, index, json);
                if (Double.isFinite(value) && Float.isInfinite((float) value)) {
                    throw bad(function, params, "argument " + (index + 1) + " outside the range of f32");
                }
                yield Integer.toUnsignedLong(Float.floatToRawIntBits((float) value));
            }
            case F64 -> Double.doubleToRawLongBits(real(function, params, index, json));
            case OTHER -> throw new IllegalStateException("a reference cannot be an argument here");
        };
    }

    private static long integer(String function, List<WasmType> params, int index, JsonParser json, int bits)
            throws IOException {
        if (json.currentToken() != JsonToken.VALUE_NUMBER_INT) {
            throw bad(function, params, "argument " + (index + 1) + " that is no integer");
        }
        BigInteger value = json.getBigIntegerValue();
        boolean signed = value.bitLength() < bits;
        boolean unsigned = value.signum() >= 0 && value.bitLength() <= bits;
        if (!signed && !unsigned) {
            throw bad(function, params, "argument " + (index + 1) + " outside the range of i" + bits);
        }
        return value.longValue();
    }

    private static double real(String function, List<WasmType> params, int index, JsonParser json) throws IOException {
        JsonToken token = json.currentToken();
        if (token == JsonToken.VALUE_STRING) {
            return switch (json.getText()) {
                case "NaN" -> Double.NaN;
                case "Infinity" -> Double.POSITIVE_INFINITY;
                case "-Infinity" -> Double.NEGATIVE_INFINITY;
                default -> throw bad(function, params, "argument " + (index + 1) + " that is no number");
            };
        }
        if (token != JsonToken.VALUE_NUMBER_INT && token != JsonToken.VALUE_NUMBER_FLOAT) {
            throw bad(function, params, "argument " + (index + 1) + " that is no number");
        }
        double value = json.getDoubleValue();
        if (Double.isInfinite(value)) {
            throw bad(function, params, "argument " + (index + 1) + " outside the range of f64");
        }
        return value;
    }

    private static PluginException bad(String function, List<WasmType> params, String found) {
        String types = params.stream()
                .map(type -> type.name().toLowerCase(Locale.ROOT))
                .collect(Collectors.joining(", "));
        String expected = params.isEmpty()
                ? "an empty payload or []"
                : "a JSON array of " + params.size() + (params.size() == 1 ? " number: [" : " numbers: [") + types
                        + "]";
        return new PluginException(ErrorCode.BAD_REQUEST, function + " takes " + expected + "; found " + found);
    }
}
