package io.github.binder4j;

import java.util.Map;

/**
 * What has happened on a device since it was opened, and what there is at the moment. See {@link BinderDevice#statistics}.
 *
 * @param calls synchronous calls made
 * @param onewayCalls oneway calls made
 * @param servedCalls synchronous calls served
 * @param servedOnewayCalls oneway calls served
 * @param bytesSent bytes of data in calls and replies sent
 * @param bytesReceived bytes of data in calls and replies received
 * @param failures calls made that failed, by kind
 * @param repliesFailed replies the driver refused; of one that it cannot deliver only the caller hears
 * @param servedFailures calls served that failed without their caller being told why: see {@link
 *     DeviceListener#onServedCallFailed}
 * @param onewaySpamSuspects oneway calls after which the driver suspected this process of flooding their receiver
 * @param pendingFrozen oneway calls that wait in a frozen process
 * @param obituaries deaths of others that the driver reported
 * @param starvations how often all threads of the pool were busy for more than 100 ms
 * @param unknownReturns commands of the driver this library does not know
 * @param leakedBuffers received parcels dropped without {@code recycle()}, and views kept and dropped without {@code
 *     close()}, whose buffers the collector gave back
 * @param liveNodes objects of this process that others hold, or may hold
 * @param liveProxies objects of others that this process holds
 * @param proxiesByUid the same, by the user they came from
 * @param liveBuffers received buffers the driver has not been given back
 * @param liveBufferBytes bytes of data in them
 * @param loopers threads that serve or wait to
 * @param busyLoopers threads of these that are serving
 */
public record DeviceStatistics(
        long calls,
        long onewayCalls,
        long servedCalls,
        long servedOnewayCalls,
        long bytesSent,
        long bytesReceived,
        Map<Failure, Long> failures,
        long repliesFailed,
        long servedFailures,
        long onewaySpamSuspects,
        long pendingFrozen,
        long obituaries,
        long starvations,
        long unknownReturns,
        long leakedBuffers,
        int liveNodes,
        int liveProxies,
        Map<Integer, Integer> proxiesByUid,
        long liveBuffers,
        long liveBufferBytes,
        int loopers,
        int busyLoopers) {

    /** How a call can fail. */
    public enum Failure {
        /** BR_DEAD_REPLY: the process is gone, or ended before it replied. */
        DEAD,
        /** BR_FROZEN_REPLY: the process is frozen. */
        FROZEN,
        /** BR_FAILED_REPLY because a receive buffer had no room for the call or its reply. */
        NO_ROOM,
        /** BR_FAILED_REPLY or BR_ERROR for another reason. */
        FAILED,
        /** The callee answered with a status in place of a reply; an unknown code is that too. */
        STATUS
    }
}
