package io.github.binder4j.runtime;

import java.util.ArrayList;
import java.util.List;

/**
 * The dead objects of one device whose reference is not given back yet.
 *
 * <p>The driver gives a handle to another object as soon as nobody refers to it, so the number of a dead one must not be in
 * anybody's hands any more when its reference goes:
 *
 * <ul>
 *   <li>a call that has read it and is not taken by the driver yet. Each thread says which object it calls before it asks
 *       whether that is dead ({@link ThreadState#isCalling}); death is written before the threads are looked through.
 *   <li>a parcel that is being sent, a freeze notification that is being asked for, a parcel that brought it and whose buffer has
 *       not gone back: {@link RemoteObject#hold}.
 *   <li>a call that this process serves and that may have found the object where the program keeps it, in the instant before the
 *       program's death recipients took it from there: it may yet put it into its reply. So the calls that are being served when
 *       the recipients have returned are waited for.
 * </ul>
 *
 * <p>Mostly there is none of this, and the reference goes with the answer to the obituary. Else the janitor looks again, and who
 * waits for it waits for a tenth of a second more.
 */
final class Departures {
    private final ProcessState process;
    private final List<Departure> waiting = new ArrayList<>();

    Departures(ProcessState process) {
        this.process = process;
    }

    /** One dead object, whose recipients have been told, and the calls that were being served then. */
    private static final class Departure {
        private final RemoteObject object;
        private final List<ThreadState> servers = new ArrayList<>(0);
        private final List<Integer> services = new ArrayList<>(0);

        Departure(RemoteObject object) {
            this.object = object;
            for (ThreadState thread : object.process().threads()) {
                int service = thread.service();
                if (ThreadState.isServing(service)) {
                    servers.add(thread);
                    services.add(service);
                }
            }
        }

        boolean mayGo() {
            for (int i = 0; i < servers.size(); i++) {
                if (servers.get(i).service() == services.get(i)) {
                    return false;
                }
            }
            return true;
        }
    }

    /** The recipients of {@code object} have been told: its reference goes back, now if that may be. */
    void begin(RemoteObject object) {
        Departure departure = new Departure(object);
        if (!departure.mayGo() || !object.giveBack()) {
            synchronized (waiting) {
                waiting.add(departure);
            }
            process.janitor().arm();
        }
    }

    /** Gives back what may go by now; tells whether some must wait still. Called by the janitor. */
    boolean goOn() {
        synchronized (waiting) {
            if (waiting.isEmpty()) {
                return false;
            }
            waiting.removeIf(departure -> departure.mayGo() && departure.object.giveBack());
            return !waiting.isEmpty();
        }
    }
}
