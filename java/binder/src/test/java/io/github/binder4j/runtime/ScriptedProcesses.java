package io.github.binder4j.runtime;

import io.github.binder4j.driver.ScriptedDriver;
import java.util.ArrayList;
import java.util.List;

/** Opens scripted devices for the tests of other packages. */
public final class ScriptedProcesses {
    private ScriptedProcesses() {}

    public static ProcessState on(ScriptedDriver driver) {
        return new ProcessState(driver.device());
    }

    /** The stand-in for a handle that has arrived, with a reference of its own. */
    public static RemoteObject remoteObject(ProcessState process, int handle) {
        List<RemoteObject> unacquired = new ArrayList<>();
        RemoteObject arrived = process.remoteObject(handle, 0, unacquired);
        process.acquireAll(unacquired);
        return arrived;
    }
}
