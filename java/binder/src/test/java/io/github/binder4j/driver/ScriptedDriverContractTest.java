package io.github.binder4j.driver;

import static io.github.binder4j.driver.Commands.*;

import io.github.binder4j.driver.ScriptedDriver.Returns;
import java.util.function.Consumer;

/** The contract, with what is expected for a script. */
class ScriptedDriverContractTest extends DriverContract {
    private static final class Scripted extends DriverParty {
        private final ScriptedDriver driver;

        Scripted(ScriptedDriver driver) {
            super(driver.device(), driver.rules());
            this.driver = driver;
        }

        @Override
        protected void says(Consumer<Returns> expected) {
            driver.answer(expected);
        }

        @Override
        protected void read() {
            thread.writeRead();
        }

        @Override
        protected void takes(int bytes) {
            driver.consumeOnly(bytes);
        }

        @Override
        protected void refuses(int word) {
            driver.refuse(word);
        }

        @Override
        protected void failedBecause(int param) {
            driver.extendedErrorIs(param);
        }

        @Override
        protected void answersToTheClaimOfHandle0(int result) {
            driver.becomeContextManagerReturns(result);
        }
    }

    @Override
    protected DriverParty open(int mappingSize) {
        return new Scripted(new ScriptedDriver());
    }

    @Override
    protected void offer(DriverParty server) {
        server.calls(0, 0, new Block(flatBinder(NODE), 0));
        server.reads(returns -> returns.object(BR_INCREFS, NODE)
                .object(BR_ACQUIRE, NODE)
                .complete()
                .reply(new byte[0]));
        server.outcomes();
        server.freesNow();
    }

    @Override
    protected void find(DriverParty server, DriverParty client, int handle) {
        client.calls(0, 0, new Block(new byte[0]));
        client.reads(returns -> returns.complete().reply(flatHandle(handle), 0));
        client.outcomes();
        client.thread.acquire(handle);
        client.freesNow();
    }

    @Override
    protected void freeze(DriverParty any, boolean frozen) {
        // What comes of it is in the script.
    }

    @Override
    protected boolean tellsOfFreezing() {
        return true;
    }
}
