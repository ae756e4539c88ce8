package io.github.binder4j.testkit;

import java.lang.reflect.Constructor;
import java.lang.reflect.Method;
import org.junit.jupiter.api.extension.AfterAllCallback;
import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.ConditionEvaluationResult;
import org.junit.jupiter.api.extension.ExecutionCondition;
import org.junit.jupiter.api.extension.ExtensionConfigurationException;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ExtensionContext.Namespace;
import org.junit.jupiter.api.extension.InvocationInterceptor;
import org.junit.jupiter.api.extension.ReflectiveInvocationContext;

/**
 * On the host, replays in place of each test what became of it in the container, and executes nothing of the class.
 * In the container, where the same class is run for real, does nothing.
 *
 * <p>This class is loaded in the container too, so it names no class that needs Testcontainers in its signatures.
 */
final class BinderTestExtension
        implements ExecutionCondition, BeforeAllCallback, AfterEachCallback, AfterAllCallback, InvocationInterceptor {

    private static final Namespace NAMESPACE = Namespace.create(BinderTestExtension.class);
    private static final boolean INSIDE = Boolean.getBoolean(ContainerTestRunner.INSIDE);

    /** Enables everything; takes note of what the host comes to. */
    @Override
    public ConditionEvaluationResult evaluateExecutionCondition(ExtensionContext context) {
        ContainerRun run = run(context);
        if (run != null) {
            run.reach(context.getUniqueId());
        }
        return ConditionEvaluationResult.enabled("not for @BinderTest to decide");
    }

    @Override
    public void beforeAll(ExtensionContext context) {
        if (INSIDE) {
            return;
        }
        if (isOutermost(context)) {
            Class<?> testClass = context.getRequiredTestClass();
            context.getStore(NAMESPACE).put(ContainerRun.class, ContainerRun.start(testClass));
        }
        run(context).enter(context.getUniqueId());
    }

    @Override
    public void afterEach(ExtensionContext context) {
        if (!INSIDE && context.getExecutionException().isPresent()) {
            run(context).show(context.getUniqueId());
        }
    }

    @Override
    public void afterAll(ExtensionContext context) throws Exception {
        ContainerRun run = run(context);
        if (INSIDE || run == null) {
            return;
        }
        run.replayClass(context.getUniqueId());
        if (isOutermost(context)) {
            run.replayRest();
            run.awaitExit();
        }
    }

    /** A nested class runs in the container of the class around it. */
    private static boolean isOutermost(ExtensionContext context) {
        boolean outermost =
                context.getParent().flatMap(ExtensionContext::getTestClass).isEmpty();
        if (!outermost && run(context) == null) {
            throw new ExtensionConfigurationException("@BinderTest on the nested " + context.getRequiredTestClass()
                    + ": put it on the outermost class instead");
        }
        return outermost;
    }

    private static ContainerRun run(ExtensionContext context) {
        return context.getStore(NAMESPACE).get(ContainerRun.class, ContainerRun.class);
    }

    @Override
    public <T> T interceptTestClassConstructor(
            Invocation<T> invocation,
            ReflectiveInvocationContext<Constructor<T>> invocationContext,
            ExtensionContext context)
            throws Throwable {
        if (INSIDE) {
            return invocation.proceed();
        }
        invocation.skip();
        return Unconstructed.instanceOf(invocationContext.getExecutable().getDeclaringClass());
    }

    @Override
    public void interceptTestMethod(
            Invocation<Void> invocation, ReflectiveInvocationContext<Method> method, ExtensionContext context)
            throws Throwable {
        executeOrReplay(invocation, context);
    }

    @Override
    public void interceptTestTemplateMethod(
            Invocation<Void> invocation, ReflectiveInvocationContext<Method> method, ExtensionContext context)
            throws Throwable {
        executeOrReplay(invocation, context);
    }

    private static void executeOrReplay(Invocation<Void> invocation, ExtensionContext context) throws Throwable {
        if (INSIDE) {
            invocation.proceed();
        } else {
            invocation.skip();
            run(context).replay(context.getUniqueId());
        }
    }

    @Override
    public <T> T interceptTestFactoryMethod(
            Invocation<T> invocation, ReflectiveInvocationContext<Method> method, ExtensionContext context) {
        invocation.skip();
        throw new ExtensionConfigurationException("@TestFactory does not work in a @BinderTest, because the host cannot"
                + " know its tests: make " + method.getExecutable() + " a @ParameterizedTest");
    }

    @Override
    public void interceptBeforeAllMethod(
            Invocation<Void> invocation, ReflectiveInvocationContext<Method> method, ExtensionContext context)
            throws Throwable {
        executeInside(invocation);
    }

    @Override
    public void interceptBeforeEachMethod(
            Invocation<Void> invocation, ReflectiveInvocationContext<Method> method, ExtensionContext context)
            throws Throwable {
        executeInside(invocation);
    }

    @Override
    public void interceptAfterEachMethod(
            Invocation<Void> invocation, ReflectiveInvocationContext<Method> method, ExtensionContext context)
            throws Throwable {
        executeInside(invocation);
    }

    @Override
    public void interceptAfterAllMethod(
            Invocation<Void> invocation, ReflectiveInvocationContext<Method> method, ExtensionContext context)
            throws Throwable {
        executeInside(invocation);
    }

    private static void executeInside(Invocation<Void> invocation) throws Throwable {
        if (INSIDE) {
            invocation.proceed();
        } else {
            invocation.skip();
        }
    }
}
