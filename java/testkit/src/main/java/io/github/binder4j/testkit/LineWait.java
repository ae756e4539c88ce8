package io.github.binder4j.testkit;

import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.testcontainers.containers.output.FrameConsumerResultCallback;
import org.testcontainers.containers.output.OutputFrame;
import org.testcontainers.containers.output.OutputFrame.OutputType;
import org.testcontainers.containers.wait.strategy.AbstractWaitStrategy;

/** Waits for a line of output. Unlike Testcontainers' own, it does not go on waiting when the container has ended. */
final class LineWait extends AbstractWaitStrategy {

    private final String prefix;

    LineWait(String prefix, Duration patience) {
        this.prefix = prefix;
        withStartupTimeout(patience);
    }

    @Override
    protected void waitUntilReady() {
        CompletableFuture<Boolean> seen = new CompletableFuture<>();
        FrameConsumerResultCallback output = new FrameConsumerResultCallback();
        output.addConsumer(OutputType.STDOUT, frame -> look(frame, seen));
        output.addConsumer(OutputType.STDERR, frame -> look(frame, seen));
        try (output) {
            Engine.client()
                    .logContainerCmd(waitStrategyTarget.getContainerId())
                    .withStdOut(true)
                    .withStdErr(true)
                    .withFollowStream(true)
                    .exec(output);
            if (!seen.get(startupTimeout.toSeconds(), TimeUnit.SECONDS)) {
                throw new IllegalStateException("it ended without printing '" + prefix + "…'");
            }
        } catch (TimeoutException e) {
            throw new IllegalStateException(
                    "it did not print '" + prefix + "…' in " + startupTimeout.toSeconds() + " s", e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted", e);
        } catch (ExecutionException | IOException e) {
            throw new IllegalStateException("its output cannot be read", e);
        }
    }

    private void look(OutputFrame frame, CompletableFuture<Boolean> seen) {
        if (frame.getType() == OutputType.END) {
            seen.complete(false);
        } else if (frame.getUtf8String().startsWith(prefix)) {
            seen.complete(true);
        }
    }
}
