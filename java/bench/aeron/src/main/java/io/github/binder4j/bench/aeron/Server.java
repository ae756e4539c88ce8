package io.github.binder4j.bench.aeron;

import static java.nio.ByteOrder.LITTLE_ENDIAN;

import io.aeron.Aeron;
import io.aeron.ExclusivePublication;
import io.aeron.FragmentAssembler;
import io.aeron.Image;
import io.aeron.Subscription;
import io.aeron.logbuffer.Header;
import io.github.binder4j.bench.worker.Message;
import org.agrona.DirectBuffer;
import org.agrona.MutableDirectBuffer;
import org.agrona.collections.Int2ObjectHashMap;
import org.agrona.concurrent.IdleStrategy;
import org.agrona.concurrent.UnsafeBuffer;

/** Reads the messages of all connections, and answers them. One thread. */
final class Server {
    private final Aeron aeron;
    private final Subscription requests;
    /** Most messages it passes on where they lie; of those that are longer than a fragment it makes copies. */
    private final FragmentAssembler assembler = new FragmentAssembler(this::take);

    private final Int2ObjectHashMap<Peer> peers = new Int2ObjectHashMap<>();
    private final MutableDirectBuffer answer = new UnsafeBuffer(Message.of(Message.CALL, 0));
    private final IdleStrategy waiting = Logs.idleStrategy();
    private final IdleStrategy waitingForRoom = Logs.idleStrategy();

    Server(Aeron aeron) {
        this.aeron = aeron;
        this.requests = aeron.addSubscription(Logs.IPC, Logs.REQUESTS);
    }

    /** Never returns, but throws if a message is not what it should be. */
    void serve() {
        while (true) {
            waiting.idle(requests.poll(assembler, Logs.FRAGMENTS_AT_ONCE));
        }
    }

    /** A session of the requests. */
    private static final class Peer {
        private final ExclusivePublication answers;
        private long oneways;

        Peer(ExclusivePublication answers) {
            this.answers = answers;
        }
    }

    private void take(DirectBuffer buffer, int offset, int length, Header header) {
        Logs.check(buffer, offset, length);
        Peer peer = peers.get(header.sessionId());
        if (peer == null) {
            peer = welcome(header);
        }
        int kind = buffer.getInt(offset, LITTLE_ENDIAN);
        switch (kind) {
            case Message.ONEWAY -> peer.oneways++;
            case Message.ECHO -> Logs.write(peer.answers, buffer, offset, length, waitingForRoom);
            case Message.CALL -> answer(peer, kind, buffer.getLong(offset + Message.SEQUENCE_OFFSET, LITTLE_ENDIAN));
            case Message.FLUSH -> answer(peer, kind, peer.oneways);
            default -> throw new IllegalStateException("message of kind " + kind);
        }
    }

    private void answer(Peer peer, int kind, long sequence) {
        answer.putInt(0, kind, LITTLE_ENDIAN);
        answer.putLong(Message.SEQUENCE_OFFSET, sequence, LITTLE_ENDIAN);
        Logs.write(peer.answers, answer, 0, Message.HEADER_BYTES, waitingForRoom);
    }

    /** Opens the log of answers, which its reader waits for; those whose readers have gone are closed. */
    private Peer welcome(Header header) {
        peers.values().removeIf(Server::closeIfLeft);
        int session = header.sessionId();
        int termBytes = ((Image) header.context()).termBufferLength();
        ExclusivePublication answers = aeron.addExclusivePublication(Logs.channelOfTerm(termBytes), session);
        Logs.awaitReader(answers);
        Peer peer = new Peer(answers);
        peers.put(session, peer);
        return peer;
    }

    private static boolean closeIfLeft(Peer peer) {
        boolean left = !peer.answers.isConnected();
        if (left) {
            peer.answers.close();
        }
        return left;
    }
}
