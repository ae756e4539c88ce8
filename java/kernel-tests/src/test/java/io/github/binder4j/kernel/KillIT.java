package io.github.binder4j.kernel;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import android.os.DeadObjectException;
import android.os.IBinder;
import android.os.RemoteException;
import android.os.ServiceManager;
import io.github.binder4j.BinderDevice;
import io.github.binder4j.testkit.BinderTest;
import io.github.binder4j.testkit.JavaProcess;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Queue;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * Processes killed at any instant, {@code binder4j.stress.kills} of them: every call of the survivors ends, every obituary
 * comes once, nothing of the dead is left, and the survivors serve on.
 */
@Tag("binderfs")
@Tag("stress")
@BinderTest(timeoutSeconds = 7200)
class KillIT {
    private static final int KILLS = Integer.getInteger("binder4j.stress.kills", 100);
    private static final int KILLS_PER_MANAGER = 20;
    private static final int READY_VICTIMS = 7;
    private static final int CALLERS = 2;
    private static final int OBJECTS_PER_CALL = 200;
    private static final int LONGEST_LIFE_MS = 60;
    private static final int PEER = -1;

    /** A call that has not ended by then never will. */
    private static final Duration WATCHDOG = Duration.ofMinutes(5);

    private static final List<String> OPTIONS =
            List.of("-Xmx32m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-Xshare:auto");

    private static final KillSurvivor survivor = new KillSurvivor();
    private static final List<Mourner> mourners = new ArrayList<>();
    private static final Queue<JavaProcess> victims = new ArrayDeque<>();
    private static BinderLogs ownLog;
    private static BinderLogs peerLog;
    private static JavaProcess manager;
    private static JavaProcess peerProcess;
    private static IBinder peer;
    private static int started;

    /** What a victim does when it is killed; most do several of these. */
    private enum Role {
        SERVES,
        WAITS,
        FLOODS,
        IS_IN_THE_MIDDLE,
        HOLDS_OBJECTS
    }

    /** A call, and another like it, until one fails. */
    private interface Load {
        void call() throws Exception;
    }

    private static final class Mourner implements IBinder.DeathRecipient {
        final AtomicInteger told = new AtomicInteger();
        final String whom;

        Mourner(IBinder whom) throws RemoteException {
            this.whom = whom.toString();
            whom.linkToDeath(this, 0);
            synchronized (mourners) {
                mourners.add(this);
            }
        }

        @Override
        public void binderDied() {
            told.incrementAndGet();
        }

        @Override
        public String toString() {
            return whom + " died " + told + " times";
        }
    }

    @BeforeAll
    static void start() throws Exception {
        ownLog = BinderLogs.ofThisProcess();
        startManager();
        peerLog = BinderLogs.of(() -> {
            peerProcess = startVictim(PEER);
            peer = join(PEER);
        });
        survivor.forget(PEER);
    }

    private static void startManager() throws Exception {
        manager = JavaProcess.start(OPTIONS, "io.github.binder4j.servicemanager.Main");
        manager.awaitLine("servicemanager: ready", WATCHDOG);
        ServiceManager.addService(KillSurvivor.NAME, survivor);
    }

    private static JavaProcess startVictim(int number) {
        return JavaProcess.start(OPTIONS, KillVictim.class.getName(), "" + number);
    }

    private static IBinder join(int number) {
        try {
            return survivor.guest(number).node.get(WATCHDOG.toSeconds(), TimeUnit.SECONDS);
        } catch (Exception e) {
            throw new AssertionError("process " + number + " has not joined: " + e, e);
        }
    }

    @AfterAll
    static void end() {
        victims.forEach(JavaProcess::close);
        peerProcess.close();
        manager.close();
    }

    @Test
    void shouldSurviveTheDeathOfAnyOther() throws Exception {
        long seed = Long.getLong("binder4j.stress.seed", System.nanoTime());
        System.out.println("kill: seed " + seed + ", " + KILLS + " kills");
        Random random = new Random(seed);
        List<Integer> ownBefore = ownLog.counts();
        List<Integer> peerBefore = peerLog.counts();
        Live before = Live.here();

        for (int i = 0; i < KILLS; i++) {
            if (i % KILLS_PER_MANAGER == 0) {
                System.out.println("kill: " + i + " done");
            }
            if (i % KILLS_PER_MANAGER == KILLS_PER_MANAGER - 1) {
                killManager();
            } else {
                killVictim(roles(i, random), random.nextInt(LONGEST_LIFE_MS));
            }
        }

        victims.forEach(JavaProcess::close); // started ahead, and not needed

        Await.until(() -> misinformed().isEmpty(), KillIT::misinformed);
        Await.gcUntil(() -> isAtRest(Live.here(), before), () -> Live.here() + ", before " + before);
        Await.until(() -> ownLog.counts().equals(ownBefore), () -> ownBefore + " before, now " + ownLog.counts());
        Await.gcUntil(() -> isPeerAtRest(peerBefore), () -> peerBefore + " before, now " + peerLog.counts());
        assertEquals(0, BinderDevice.getDefault().leakedBuffers());
        assertEquals(7, KillVictim.visit(peer, survivor, null, 7));
        assertEquals(List.of(), misinformed(), "nobody was told again");
    }

    private static List<Mourner> misinformed() {
        synchronized (mourners) {
            return mourners.stream().filter(one -> one.told.get() != 1).toList();
        }
    }

    private static boolean isAtRest(Live now, Live before) {
        survivor.forgetAll(); // a call that a victim made last may be served only now
        return now.nodes() == before.nodes()
                && now.proxies() == before.proxies()
                && now.buffers() == before.buffers()
                && now.descriptors() == before.descriptors();
    }

    private static boolean isPeerAtRest(List<Integer> before) throws RemoteException {
        Calls.call(peer, KillVictim.LIVE, Calls.NOTHING); // collects garbage
        return peerLog.counts().equals(before);
    }

    private static void killManager() throws Exception {
        Mourner mourner = new Mourner(BinderDevice.getDefault().contextManager());
        manager.kill9();
        manager.close();
        Await.until(() -> mourner.told.get() == 1, () -> mourner);
        startManager();
        assertEquals(survivor, ServiceManager.getService(KillSurvivor.NAME));
    }

    /** Each role has its turn, in any company. */
    private static Set<Role> roles(int turn, Random random) {
        Set<Role> roles = EnumSet.of(Role.values()[turn % Role.values().length]);
        for (Role role : Role.values()) {
            if (random.nextInt(3) == 0) {
                roles.add(role);
            }
        }
        return roles;
    }

    private static void killVictim(Set<Role> roles, int lifeMs) throws Exception {
        while (victims.size() < READY_VICTIMS && (victims.isEmpty() || started < KILLS)) {
            victims.add(startVictim(started++));
        }
        JavaProcess process = victims.remove();
        int number = started - victims.size() - 1;
        KillSurvivor.Guest guest = survivor.guest(number);
        IBinder node = join(number);
        Mourner mourner = new Mourner(node);
        AtomicBoolean killed = new AtomicBoolean();
        List<FutureTask<Void>> loads = new ArrayList<>();
        for (Role role : roles) {
            loads.addAll(begin(role, guest, node, killed));
        }

        LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(lifeMs)); // for nothing: any instant will do
        killed.set(true);
        process.kill9();
        guest.release.countDown();

        for (FutureTask<Void> load : loads) {
            load.get(WATCHDOG.toSeconds(), TimeUnit.SECONDS);
        }
        Await.until(() -> mourner.told.get() == 1, () -> roles + ": " + mourner);
        survivor.forget(number);
        process.close();
    }

    /** Has the victim do what its role is; when this returns it does. */
    private static List<FutureTask<Void>> begin(Role role, KillSurvivor.Guest guest, IBinder node, AtomicBoolean killed)
            throws Exception {
        return switch (role) {
            case SERVES -> load(killed, () -> assertEquals(5, KillVictim.echo(node, 5)));
            case WAITS -> tell(guest.waits, node, KillVictim.WAIT);
            case FLOODS -> tell(guest.floods, node, KillVictim.FLOOD);
            case IS_IN_THE_MIDDLE ->
                load(killed, () -> {
                    assertEquals(6, KillVictim.visit(node, peer, survivor, 6));
                    assertEquals(8, KillVictim.visit(peer, node, survivor, 8));
                });
            case HOLDS_OBJECTS -> {
                List<IBinder> held = new ArrayList<>();
                yield load(killed, () -> exchange(node, held));
            }
        };
    }

    private static List<FutureTask<Void>> tell(CountDownLatch called, IBinder node, int code) throws Exception {
        Calls.call(node, code, Calls.NOTHING);
        assertTrue(called.await(WATCHDOG.toSeconds(), TimeUnit.SECONDS));
        return List.of();
    }

    private static void exchange(IBinder node, List<IBinder> held) throws RemoteException {
        List<IBinder> got = KillVictim.exchange(node, OBJECTS_PER_CALL);
        new Mourner(got.get(0));
        synchronized (held) {
            held.addAll(got);
        }
    }

    /** Several threads, each of which has had one call answered; each ends when the victim is dead. */
    private static List<FutureTask<Void>> load(AtomicBoolean killed, Load load) throws Exception {
        CountDownLatch called = new CountDownLatch(CALLERS);
        List<FutureTask<Void>> tasks = new ArrayList<>();
        for (int i = 0; i < CALLERS; i++) {
            FutureTask<Void> task = new FutureTask<>(() -> {
                callUntilDeath(killed, load, called);
                return null;
            });
            tasks.add(task);
            new Thread(task, "load-" + i).start();
        }
        assertTrue(called.await(WATCHDOG.toSeconds(), TimeUnit.SECONDS));
        return tasks;
    }

    /** A death further on in a chain is told by its caller with an exception of its own. */
    private static void callUntilDeath(AtomicBoolean killed, Load load, CountDownLatch called) throws Exception {
        try {
            while (true) {
                load.call();
                called.countDown();
            }
        } catch (DeadObjectException e) {
            assertTrue(killed.get(), () -> "dead before it was killed: " + e);
        } catch (IllegalStateException e) {
            if (!killed.get() || !e.getMessage().contains(KillVictim.NEXT_IS_DEAD)) {
                throw e;
            }
        }
    }
}
