package io.github.binder4j.driver;

import io.github.binder4j.natives.BinderNative;
import io.github.binder4j.natives.NativeMemory;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.function.Consumer;

/**
 * Every word between this process and its drivers, as lines for people: what goes to the driver when the system call begins,
 * what comes from it when that returns.
 *
 * <pre>
 *   1234.567890123 4711/4712 main binder &gt; BC_TRANSACTION handle=0 code=0x5 flags=0x10 data=84 objects=1 …
 *   time           process   |    |      |
 *                  /thread   |    |      to (&gt;) or from (&lt;) the driver, or an ioctl (=)
 *                       its name  device
 * </pre>
 *
 * <p>The time is CLOCK_MONOTONIC's in seconds, which all processes of a kernel share. Costs a volatile read per system call
 * when off. Lines of one thread are in order; the consumer is called by several threads.
 */
public final class CommandTrace {
    /** Bytes of an interface token before the name: strict mode, work source, header. */
    private static final int TOKEN_HEADER = 12;

    private static final int TOKEN_MARK = 0x53595354;
    private static final int LONGEST_NAME = 500;

    private static final System.Logger LOG = System.getLogger(CommandTrace.class.getName());

    private static volatile Consumer<String> sink;

    private CommandTrace() {}

    /** Sends every line to {@code lines} from now on, and to nobody else. */
    public static synchronized void start(Consumer<String> lines) {
        sink = lines;
    }

    /** Sends no more lines to {@code lines}; no effect if another has its place. */
    public static synchronized void stop(Consumer<String> lines) {
        if (sink == lines) {
            sink = null;
        }
    }

    static boolean isOn() {
        return sink != null;
    }

    /** An ioctl or other system call that carries no commands. */
    static void call(Descriptor descriptor, String what) {
        Consumer<String> lines = sink;
        if (lines == null) {
            return;
        }
        try {
            lines.accept(line(descriptor, '=', what));
        } catch (Throwable e) {
            fail(lines, e);
        }
    }

    /** The commands between {@code from} and {@code to} of a write buffer that is about to go to the driver. */
    static void toDriver(Descriptor descriptor, ByteBuffer bytes, int from, int to) {
        lines(descriptor, '>', bytes, from, to);
    }

    /** The commands between {@code from} and {@code to} of a read buffer that came from the driver. */
    static void fromDriver(Descriptor descriptor, ByteBuffer bytes, int from, int to) {
        lines(descriptor, '<', bytes, from, to);
    }

    private static void lines(Descriptor descriptor, char direction, ByteBuffer bytes, int from, int to) {
        Consumer<String> lines = sink;
        if (lines == null) {
            return;
        }
        try {
            int at = from;
            while (at + Integer.BYTES <= to) {
                int word = bytes.getInt(at);
                int payload = at + Integer.BYTES;
                at = payload + Commands.payloadSize(word);
                lines.accept(line(descriptor, direction, describe(word, bytes, payload)));
            }
        } catch (Throwable e) {
            fail(lines, e);
        }
    }

    private static String line(Descriptor descriptor, char direction, String what) {
        long now = System.nanoTime();
        return String.format(
                Locale.ROOT,
                "%d.%09d %d/%d %s %s %c %s",
                now / 1_000_000_000,
                now % 1_000_000_000,
                BinderNative.pid(),
                BinderNative.tid(),
                Thread.currentThread().getName().replace(' ', '_'),
                descriptor.path.getFileName(),
                direction,
                what);
    }

    /** A trace that cannot be written ends, and the exchange with the driver goes on. */
    private static void fail(Consumer<String> lines, Throwable cause) {
        stop(lines);
        try {
            LOG.log(System.Logger.Level.WARNING, "the protocol trace ends: a line could not be written", cause);
        } catch (Throwable e) {
            return; // there may be no memory for that
        }
    }

    // One command

    /** The name and fields of the command {@code word} whose payload begins at {@code at}. */
    static String describe(int word, ByteBuffer bytes, int at) {
        String name = Commands.name(word);
        int size = Commands.payloadSize(word);
        if (name.startsWith("0x")) {
            return name + " with " + size + " bytes";
        }
        String fields = switch (size) {
            case 0 -> "";
            case 4 -> " handle=" + bytes.getInt(at);
            case 8 -> (name.equals("BC_FREE_BUFFER") ? " buffer=" : " cookie=") + hex(bytes.getLong(at));
            case 12 -> " handle=" + bytes.getInt(at) + " cookie=" + hex(bytes.getLong(at + 4));
            case 16 ->
                name.equals("BR_FROZEN_BINDER")
                        ? " cookie=" + hex(bytes.getLong(at)) + " frozen=" + bytes.getInt(at + 8)
                        : " ptr=" + hex(bytes.getLong(at));
            default -> transaction(name, bytes, at);
        };
        return name + fields;
    }

    private static String transaction(String name, ByteBuffer bytes, int at) {
        StringBuilder fields = new StringBuilder();
        boolean incoming = name.startsWith("BR_");
        boolean reply = name.contains("REPLY");
        if (!reply) {
            fields.append(incoming ? " ptr=" + hex(bytes.getLong(at)) : " handle=" + bytes.getInt(at));
            fields.append(" code=").append(hex(bytes.getInt(at + 16)));
        }
        int flags = bytes.getInt(at + 20);
        fields.append(" flags=").append(hex(flags));
        if (incoming && !reply) {
            fields.append(" pid=")
                    .append(bytes.getInt(at + 24))
                    .append(" euid=")
                    .append(bytes.getInt(at + 28));
        }
        long size = bytes.getLong(at + 32);
        long buffer = bytes.getLong(at + 48);
        fields.append(" data=").append(size).append(" objects=").append(bytes.getLong(at + 40) / Long.BYTES);
        if (incoming) {
            fields.append(" buffer=").append(hex(buffer));
        }
        if ((flags & Commands.TF_STATUS_CODE) != 0 && size >= Integer.BYTES) {
            fields.append(" status=").append(memory(buffer, Integer.BYTES).getInt(0));
        } else if (!reply) {
            fields.append(interfaceToken(buffer, size));
        }
        return fields.toString();
    }

    /** The interface a call says it is meant for, if its data begins with libbinder's token. */
    private static String interfaceToken(long buffer, long size) {
        if (size < TOKEN_HEADER + Integer.BYTES || size > Integer.MAX_VALUE) {
            return "";
        }
        ByteBuffer data = memory(buffer, (int) size);
        int units = data.getInt(TOKEN_HEADER);
        int start = TOKEN_HEADER + Integer.BYTES;
        if (data.getInt(TOKEN_HEADER - Integer.BYTES) != TOKEN_MARK
                || units < 0
                || units > LONGEST_NAME
                || start + units * Character.BYTES > size) {
            return "";
        }
        byte[] name = new byte[units * Character.BYTES];
        data.get(start, name);
        return " interface=" + new String(name, StandardCharsets.UTF_16LE).replaceAll("[^!-~]", "?");
    }

    private static ByteBuffer memory(long address, int size) {
        return NativeMemory.directBuffer(address, size).order(ByteOrder.LITTLE_ENDIAN);
    }

    private static String hex(long value) {
        return "0x" + Long.toHexString(value);
    }

    private static String hex(int value) {
        return "0x" + Integer.toHexString(value);
    }
}
