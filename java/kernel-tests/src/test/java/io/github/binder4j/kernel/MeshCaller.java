package io.github.binder4j.kernel;

import android.os.Binder;
import android.os.IBinder;
import android.os.Parcel;
import android.os.RemoteException;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Random;

/** A thread of a {@link MeshNode} that calls the others at random, and checks every answer. */
final class MeshCaller {
    private static final int PAYLOAD_LIMIT = 64 << 10;
    private static final int NOTE_LIMIT = 64;
    private static final int BURST = 20;
    private static final int KINDS = 4;
    static final int LEAST_OF_A_KIND = 10;
    private static final int DEPTH = 3;

    private final MeshNode own;
    private final int sender;
    private final Random random;
    private final IBinder[] nodes;

    /** Calls made of {@link MeshNode#ECHO}. */
    long echoes;
    /** Oneway calls made to each. */
    final int[] notes;

    MeshCaller(MeshNode own, int number, long seed) {
        this.own = own;
        this.sender = own.index * MeshNode.CALLERS + number;
        this.random = new Random(seed);
        this.nodes = own.nodes.clone();
        this.notes = new int[nodes.length];
    }

    /** Until the time is over, however slow the machine not before each kind of call was made often enough. */
    Void callUntil(long end) throws RemoteException {
        for (int i = 0; i < KINDS * LEAST_OF_A_KIND || System.nanoTime() - end < 0; i++) {
            int target = another();
            switch (i < KINDS * LEAST_OF_A_KIND ? i % KINDS : random.nextInt(KINDS)) {
                case 0 -> echo(target);
                case 1 -> relay(target);
                case 2 -> pass(target);
                default -> burst(target);
            }
        }
        return null;
    }

    private int another() {
        return (own.index + 1 + random.nextInt(nodes.length - 1)) % nodes.length;
    }

    private byte[] payload(int limit) {
        byte[] payload = new byte[random.nextInt(limit + 1)];
        random.nextBytes(payload);
        return payload;
    }

    private void echo(int target) throws RemoteException {
        byte[] payload = payload(PAYLOAD_LIMIT);
        long checksum = Values.crc(ByteBuffer.wrap(payload));
        echoes++;
        Calls.call(
                nodes[target],
                MeshNode.ECHO,
                data -> {
                    data.writeInt(target);
                    data.writeLong(checksum);
                    data.writeByteArray(payload);
                },
                reply -> {
                    check(reply.readInt() == target, "the answer is another process's than " + target);
                    check(reply.readLong() == checksum, "the answer is to another call");
                    check(Arrays.equals(reply.createByteArray(), payload), "the answer is damaged");
                    return null;
                });
    }

    private static void check(boolean right, String complaint) {
        if (!right) {
            throw new IllegalStateException(complaint);
        }
    }

    /** Through up to three processes and back to this thread. */
    private void relay(int target) throws RemoteException {
        long number = (random.nextLong() >>> 1) / 1000 * 1000 + sender;
        own.expect(number);
        MeshNode.relay(nodes[target], random.nextInt(DEPTH), own.index, number);
        own.expectNoMore(number);
    }

    /** A new object, this process's own node, or another process's; what is passed is called there and comes back as itself. */
    private void pass(int target) throws RemoteException {
        int what = random.nextInt(3);
        int third = another();
        Token token = new Token(random.nextLong());
        switch (what) {
            case 0 -> pass(target, token, token.number);
            case 1 -> pass(target, own, own.index);
            default -> pass(target, nodes[third], third);
        }
    }

    private void pass(int target, IBinder object, long who) throws RemoteException {
        IBinder back = Calls.call(
                nodes[target],
                MeshNode.CALL_AND_RETURN,
                data -> {
                    data.writeStrongBinder(object);
                    data.writeLong(who);
                },
                Parcel::readStrongBinder);
        check(back == object, object + " came back as " + back);
    }

    private static final class Token extends Binder {
        final long number;

        Token(long number) {
            this.number = number;
        }

        @Override
        protected boolean onTransact(int code, Parcel data, Parcel reply, int flags) {
            reply.writeNoException();
            reply.writeLong(number);
            return code == MeshNode.WHO;
        }
    }

    /** Oneway calls in a row, if those before have nearly all been served: the receiver's buffer must not overflow. */
    private void burst(int target) throws RemoteException {
        if (MeshNode.received(nodes[target], sender) < notes[target] - BURST) {
            return;
        }
        for (int left = random.nextInt(BURST) + 1; left > 0; left--) {
            byte[] payload = payload(NOTE_LIMIT);
            int number = notes[target]++;
            Calls.oneway(nodes[target], MeshNode.NOTE, data -> {
                data.writeInt(sender);
                data.writeInt(number);
                data.writeLong(Values.crc(ByteBuffer.wrap(payload)));
                data.writeByteArray(payload);
            });
        }
    }
}
