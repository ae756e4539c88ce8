package io.github.binder4j.testkit;

import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Inherited;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * Runs the tests of a class inside a container, in a JVM of their own, on a real binder driver.
 *
 * <p>Maven and IDEs on the host see ordinary JUnit tests: each passes, fails (with the exception thrown in the container
 * and its stack trace), is aborted or is skipped there as it was in the container. The container runs the whole class
 * once, also when a single method is selected on the host, and lives from the class's first test to its last.
 *
 * <p>What the class prints goes to the host's standard output, each line after the class's name. Parameterized, repeated
 * and {@code @Nested} tests and parameterized classes work; {@code @TestFactory} is refused. The annotation belongs on a
 * top-level or static class.
 *
 * <p>On the host, constructors, field initialisers, lifecycle methods and test methods of the class are not executed.
 * Static initialisers, argument sources, conditions and other extensions are, and so are
 * {@code @BeforeParameterizedClassInvocation} methods and their counterparts, on both sides: they must not need binder.
 * Instance fields with {@code @RegisterExtension} do not work, because they are never initialised on the host.
 *
 * <p>When argument sources or conditions differ between the two sides, no failure is lost: the class fails with what
 * failed in the container in a method or nested class that the host skipped, or in an invocation that the host does not
 * have. A method that was not selected on the host does not count, but any invocation of one that was does. Only what a
 * condition declared before this annotation skips goes unnoticed.
 *
 * <p>The container gets the host JVM's class path, its jars first and then its directories, without Testcontainers and
 * docker-java, so a class with this annotation cannot use them. A resource that is both in a jar and in a directory is that of
 * the jar there. Its tests run as root. System properties whose name starts with {@code binder4j.} are passed on.
 */
@Documented
@Inherited
@Target(ElementType.TYPE)
@Retention(RetentionPolicy.RUNTIME)
@ExtendWith(BinderTestExtension.class)
public @interface BinderTest {

    /**
     * Names the binderfs instance to use, which all with this name share; empty (the default) is an instance of this
     * class's own. Letters, digits, {@code _}, {@code .} and {@code -}.
     *
     * @return the name, or an empty string
     */
    String instance() default "";

    /**
     * Whether a service manager is running before the first test starts. It is a process in the same container, and needs
     * {@code binder4j-servicemanager} on the test class path.
     *
     * @return true to start one
     */
    boolean serviceManager() default false;

    /**
     * Whether the container has the network of the engine's machine, instead of none: for what the kernel tells the initial
     * network namespace alone, as the binder driver its reports of failed transactions.
     *
     * @return true to share it
     */
    boolean hostNetwork() default false;

    /**
     * Time limit for the whole class, from the start of its first test. When it passes, the test that is running fails
     * with a thread dump of the container's JVM, and those after it fail too.
     *
     * @return seconds, more than 0
     */
    int timeoutSeconds() default 300;

    /**
     * Options for the container's JVM, such as {@code -Xmx64m}.
     *
     * @return the options, each one argument
     */
    String[] jvmOptions() default {};

    /**
     * Whether the container's root may do what the machine's may, such as mounting: for tests of binderfs itself, and of
     * what is open to a privileged process only.
     *
     * @return true for a privileged container
     */
    boolean privileged() default false;
}
