package io.github.binder4j.runtime;

/**
 * The one strong reference that a {@link RemoteObject} owns on its handle. It is given back once, by whoever comes first: the
 * obituary, or the collector, for whom this is the object's last trace and does not refer to it.
 */
final class HandleReference implements Runnable {
    private final ProcessState process;
    private final int handle;
    /** The user for whom the object counts. */
    private final int uid;

    private boolean taken;

    HandleReference(ProcessState process, int handle, int uid) {
        this.process = process;
        this.handle = handle;
        this.uid = uid;
    }

    /** Whether the caller is the one to give it back. */
    synchronized boolean take() {
        if (taken) {
            return false;
        }
        taken = true;
        process.proxyCounts().removed(uid);
        return true;
    }

    /** The object was collected, or has given its reference back, or is of a closed device, which has no references. */
    @Override
    public void run() {
        if (take() && !process.isClosed()) {
            process.janitor().submit(() -> process.commandNow(io -> io.release(handle)));
        }
    }
}
