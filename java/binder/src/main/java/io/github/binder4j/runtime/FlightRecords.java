package io.github.binder4j.runtime;

import io.github.binder4j.driver.Commands;
import io.github.binder4j.parcel.ParcelData;
import jdk.jfr.Category;
import jdk.jfr.DataAmount;
import jdk.jfr.Description;
import jdk.jfr.Event;
import jdk.jfr.EventType;
import jdk.jfr.FlightRecorder;
import jdk.jfr.Label;
import jdk.jfr.Name;
import jdk.jfr.StackTrace;
import jdk.jfr.Timespan;

/**
 * Events for JDK Flight Recorder.
 *
 * <p>While nobody records, asking whether to make one is a read of a field or two: no object is made, and neither the
 * recorder nor the event classes are initialised. A runtime without the module {@code jdk.jfr} has no events.
 */
final class FlightRecords {
    private static final boolean PRESENT =
            ModuleLayer.boot().findModule("jdk.jfr").isPresent();

    private FlightRecords() {}

    private static boolean isRecording() {
        return PRESENT && FlightRecorder.isInitialized();
    }

    /** A begun event for a call of this thread, or null. */
    static Call beginCall() {
        if (!isRecording() || !Call.TYPE.isEnabled()) {
            return null;
        }
        Call event = new Call();
        event.begin();
        return event;
    }

    /** A begun event for a call that this thread serves, or null. */
    static Served beginServed() {
        if (!isRecording() || !Served.TYPE.isEnabled()) {
            return null;
        }
        Served event = new Served();
        event.begin();
        return event;
    }

    static void obituary(RemoteObject object) {
        if (isRecording() && Obituary.TYPE.isEnabled()) {
            Obituary event = new Obituary();
            event.device = object.process().path().toString();
            event.handle = object.handle();
            event.peerPid = object.ownerPid();
            event.commit();
        }
    }

    static void starvation(ProcessState process, int threads, long starvedMs) {
        if (isRecording() && Starvation.TYPE.isEnabled()) {
            Starvation event = new Starvation();
            event.device = process.path().toString();
            event.threads = threads;
            event.starved = starvedMs;
            event.commit();
        }
    }

    static void servedCallFailed(
            ProcessState process, String interfaceName, int code, int peerUid, int peerPid, Throwable e) {
        if (isRecording() && ServedFailed.TYPE.isEnabled()) {
            ServedFailed event = new ServedFailed();
            event.device = process.path().toString();
            event.peerPid = peerPid;
            event.peerUid = peerUid;
            event.interfaceName = interfaceName;
            event.code = code;
            event.exception = e.toString();
            event.commit();
        }
    }

    static void carrierLimit(ProcessState process, int threads) {
        if (isRecording() && CarrierLimit.TYPE.isEnabled()) {
            CarrierLimit event = new CarrierLimit();
            event.device = process.path().toString();
            event.threads = threads;
            event.commit();
        }
    }

    static void onewaySpam(RemoteObject target, String interfaceName, int code) {
        if (isRecording() && OnewaySpam.TYPE.isEnabled()) {
            OnewaySpam event = new OnewaySpam();
            event.device = target.process().path().toString();
            event.handle = target.handle();
            event.peerPid = target.ownerPid();
            event.interfaceName = interfaceName;
            event.code = code;
            event.commit();
        }
    }

    @Name("binder4j.ClientCall")
    @Label("Binder Call")
    @Category("Binder")
    @Description("A call of this process to an object of another")
    static final class Call extends Event {
        static final EventType TYPE = EventType.getEventType(Call.class);

        @Label("Device")
        String device;

        @Label("Handle")
        int handle;

        @Label("Peer Process")
        @Description("0 if not known")
        int peerPid;

        @Label("Interface")
        String interfaceName;

        @Label("Code")
        int code;

        @Label("Flags")
        int flags;

        @Label("Data Size")
        @DataAmount
        long dataSize;

        @Label("Reply Size")
        @DataAmount
        long replySize;

        @Label("Outcome")
        @Description("What the driver said")
        String outcome;

        /** Ends and writes the event; {@code outcome} is the driver's word, 0 if there was none. */
        void end(RemoteObject target, int code, int flags, ParcelData data, ParcelData reply, int outcome) {
            end();
            if (shouldCommit()) {
                this.device = target.process().path().toString();
                this.handle = target.handle();
                this.peerPid = target.ownerPid();
                this.interfaceName = data.interfaceName();
                this.code = code;
                this.flags = flags;
                this.dataSize = data.dataSize();
                this.replySize = reply == null ? 0 : reply.dataSize();
                this.outcome = outcome == 0 ? "none" : Commands.name(outcome);
                commit();
            }
        }
    }

    @Name("binder4j.ServedCall")
    @Label("Served Binder Call")
    @Category("Binder")
    @Description("A call of another process to an object of this one")
    @StackTrace(false)
    static final class Served extends Event {
        static final EventType TYPE = EventType.getEventType(Served.class);

        @Label("Device")
        String device;

        @Label("Node")
        long node;

        @Label("Caller Process")
        @Description("0 for a oneway call, and for a process that is not visible here")
        int peerPid;

        @Label("Caller User")
        int peerUid;

        @Label("Interface")
        String interfaceName;

        @Label("Code")
        int code;

        @Label("Flags")
        int flags;

        @Label("Data Size")
        @DataAmount
        long dataSize;

        @Label("Reply Size")
        @DataAmount
        long replySize;

        @Label("Status")
        @Description("What the caller was told in place of a reply; 0 if it got one")
        int status;

        /** Ends and writes the event, whose peer and data size were set when it began. */
        void end(ProcessState process, long ptr, int code, int flags, long replySize, int status) {
            end();
            if (shouldCommit()) {
                LocalObject target = process.findLocal(ptr);
                this.device = process.path().toString();
                this.node = ptr;
                this.interfaceName = target == null ? null : target.interfaceName();
                this.code = code;
                this.flags = flags;
                this.replySize = replySize;
                this.status = status;
                commit();
            }
        }
    }

    @Name("binder4j.ServedCallFailed")
    @Label("Served Binder Call Failed")
    @Category("Binder")
    @Description("A call of another process to an object of this one failed, and its caller is not told why")
    @StackTrace(false)
    static final class ServedFailed extends Event {
        static final EventType TYPE = EventType.getEventType(ServedFailed.class);

        @Label("Device")
        String device;

        @Label("Caller Process")
        @Description("0 for a oneway call, and for a process that is not visible here")
        int peerPid;

        @Label("Caller User")
        int peerUid;

        @Label("Interface")
        String interfaceName;

        @Label("Code")
        int code;

        @Label("Exception")
        String exception;
    }

    @Name("binder4j.Obituary")
    @Label("Binder Obituary")
    @Category("Binder")
    @Description("The driver told of the death of an object of another process")
    @StackTrace(false)
    static final class Obituary extends Event {
        static final EventType TYPE = EventType.getEventType(Obituary.class);

        @Label("Device")
        String device;

        @Label("Handle")
        int handle;

        @Label("Peer Process")
        @Description("0 if not known")
        int peerPid;
    }

    @Name("binder4j.Starvation")
    @Label("Binder Starvation")
    @Category("Binder")
    @Description("All threads of the pool were serving for more than 100 ms")
    @StackTrace(false)
    static final class Starvation extends Event {
        static final EventType TYPE = EventType.getEventType(Starvation.class);

        @Label("Device")
        String device;

        @Label("Threads")
        int threads;

        @Label("Starved")
        @Timespan(Timespan.MILLISECONDS)
        long starved;
    }

    @Name("binder4j.CarrierLimit")
    @Label("Binder Carrier Limit")
    @Category("Binder")
    @Description("A call of a virtual thread waited for one of the platform threads that may carry such calls")
    @StackTrace(false)
    static final class CarrierLimit extends Event {
        static final EventType TYPE = EventType.getEventType(CarrierLimit.class);

        @Label("Device")
        String device;

        @Label("Threads")
        int threads;
    }

    @Name("binder4j.OnewaySpam")
    @Label("Oneway Spam Suspect")
    @Category("Binder")
    @Description("The driver suspects this process of flooding a receiver with oneway calls")
    static final class OnewaySpam extends Event {
        static final EventType TYPE = EventType.getEventType(OnewaySpam.class);

        @Label("Device")
        String device;

        @Label("Handle")
        int handle;

        @Label("Peer Process")
        @Description("0 if not known")
        int peerPid;

        @Label("Interface")
        String interfaceName;

        @Label("Code")
        int code;
    }
}
