package org.circleosd.pluginmanager.protocol;

/**
 * What a plugin's function returned, as the reply's data: UTF-8 as {@code resp}, anything else as {@code resp_b64}. The
 * bytes go to the line without a detour over a String.
 */
@SuppressWarnings("ArrayRecordComponent")
record InvokeResult(byte[] bytes) {}
