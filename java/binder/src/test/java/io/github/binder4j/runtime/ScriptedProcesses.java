package io.github.binder4j.runtime;

import io.github.binder4j.driver.ScriptedDriver;

/** Opens scripted devices for the tests of other packages. */
public final class ScriptedProcesses {
    private ScriptedProcesses() {}

    public static ProcessState on(ScriptedDriver driver) {
        return new ProcessState(driver.device());
    }
}
