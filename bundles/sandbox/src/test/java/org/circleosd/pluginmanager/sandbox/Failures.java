package org.circleosd.pluginmanager.sandbox;

import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import org.assertj.core.api.AbstractStringAssert;
import org.assertj.core.api.InstanceOfAssertFactories;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.circleosd.pluginmanager.api.ErrorCode;
import org.circleosd.pluginmanager.api.PluginException;

/** Says how something must fail. */
public final class Failures {

    private Failures() {}

    /** Runs code that must fail with this code; returns its message for more checks. */
    public static AbstractStringAssert<?> assertFails(ErrorCode code, ThrowingCallable work) {
        var failure = assertThatExceptionOfType(PluginException.class).isThrownBy(work);
        failure.extracting(PluginException::code).isEqualTo(code);
        return failure.extracting(PluginException::getMessage, InstanceOfAssertFactories.STRING);
    }
}
