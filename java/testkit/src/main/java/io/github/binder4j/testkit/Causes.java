package io.github.binder4j.testkit;

import java.util.Objects;
import java.util.Optional;
import java.util.stream.Stream;

/** A throwable and its causes. */
final class Causes {

    private Causes() {}

    static Stream<Throwable> stream(Throwable failure) {
        return Stream.iterate(failure, Objects::nonNull, Throwable::getCause);
    }

    static <T extends Throwable> Optional<T> find(Throwable failure, Class<T> type) {
        return stream(failure).filter(type::isInstance).map(type::cast).findFirst();
    }
}
