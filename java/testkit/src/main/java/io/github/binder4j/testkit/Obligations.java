package io.github.binder4j.testkit;

import java.util.Collection;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;
import java.util.regex.Pattern;

/**
 * Which failures of a container the host must show, and which it has shown.
 *
 * <p>The rule: the host answers for every class, method and test template that it came to, whether it then executed or
 * skipped it, and for all that lies below a class it skipped. A test template or parameterized class stands for each of
 * its invocations, also for those that the host does not have or that were not selected there. The host does not answer
 * for what it never came to, such as the other methods of a class of which one was selected.
 *
 * <p>Ids are those of the container.
 */
final class Obligations {

    private static final Pattern INVOCATION = Pattern.compile("/\\[(class|test)-template-invocation:[^/]*]");

    private final Set<String> reached = ConcurrentHashMap.newKeySet();
    private final Set<String> entered = ConcurrentHashMap.newKeySet();
    private final Set<String> shown = ConcurrentHashMap.newKeySet();

    /** The host is about to decide whether to skip this. */
    void reach(String id) {
        reached.add(withoutInvocations(id));
    }

    /** The host did not skip this class, so what it executes of it will be reached by itself. */
    void enter(String classId) {
        reach(classId);
        entered.add(withoutInvocations(classId));
    }

    /** Something on the host fails with this failure; false if something already has. */
    boolean show(String id) {
        return shown.add(id);
    }

    /**
     * Throws what should have been shown and was not: the first, with the others suppressed.
     *
     * @param failures all that failed in the container
     * @param original what was thrown there
     */
    void check(Collection<TestFrame> failures, Function<TestFrame, Throwable> original) {
        failures.stream()
                .filter(failure -> isDue(failure.id()) && !shown.contains(failure.id()))
                .map(failure -> new AssertionError(
                        "failed in the container, and no test on the host showed it: " + failure.id(),
                        original.apply(failure)))
                .reduce((first, other) -> {
                    first.addSuppressed(other);
                    return first;
                })
                .ifPresent(error -> {
                    throw error;
                });
    }

    private boolean isDue(String id) {
        String plain = withoutInvocations(id);
        return reached.contains(plain)
                || reached.stream().anyMatch(above -> !entered.contains(above) && plain.startsWith(above + "/"));
    }

    private static String withoutInvocations(String id) {
        return INVOCATION.matcher(id).replaceAll("");
    }
}
