package io.github.binder4j.runtime;

import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;

/**
 * How many objects of others this process holds, by the user they came from, and whether that is too many.
 *
 * <p>An object counts for the user on whose behalf the thread that received it was acting: the caller of the call that
 * brought it, or this process if it came in a reply. From a high watermark on the user is reported, once until the count
 * has fallen to the low one.
 */
final class ProxyCounts {
    private static final class Count {
        private int live;
        private boolean reported;
    }

    /** Both at once, so that nobody sees one of the old and one of the new. */
    private record Watermarks(int high, int low) {}

    private final DeviceEvents events;
    private final Map<Integer, Count> counts = new ConcurrentHashMap<>();
    private volatile Watermarks watermarks = new Watermarks(Integer.MAX_VALUE, Integer.MAX_VALUE - 1);

    ProxyCounts(DeviceEvents events) {
        this.events = events;
    }

    void setWatermarks(int high, int low) {
        if (low < 0 || high <= low) {
            throw new IllegalArgumentException(
                    "proxy watermarks high=" + high + " low=" + low + ": low is 0 or more, and high is more than low");
        }
        watermarks = new Watermarks(high, low);
    }

    void added(int uid) {
        counts.compute(uid, (key, known) -> {
            Count count = known == null ? new Count() : known;
            count.live++;
            if (count.live >= watermarks.high && !count.reported) {
                count.reported = true;
                int live = count.live;
                events.publish(listener -> listener.onProxyLimit(uid, live));
            }
            return count;
        });
    }

    void removed(int uid) {
        counts.computeIfPresent(uid, (key, count) -> {
            count.live--;
            if (count.live <= watermarks.low) {
                count.reported = false;
            }
            return count.live == 0 ? null : count;
        });
    }

    Map<Integer, Integer> byUid() {
        Map<Integer, Integer> result = new TreeMap<>();
        counts.forEach((uid, count) -> result.put(uid, count.live));
        return result;
    }
}
