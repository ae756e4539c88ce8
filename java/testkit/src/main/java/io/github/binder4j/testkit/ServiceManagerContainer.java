package io.github.binder4j.testkit;

/** A service manager: the context manager of a mount's binder device. It has started when it serves. */
@SuppressWarnings("this-escape") // configured in its constructor, as containers are
public class ServiceManagerContainer extends BinderContainer {

    static final String MAIN_CLASS = "io.github.binder4j.servicemanager.Main";
    static final String READY_LINE = "servicemanager: ready";

    /**
     * A service manager from this JVM's class path, which must have {@code binder4j-servicemanager}.
     *
     * @param mount the devices; they stay the caller's to close
     */
    public ServiceManagerContainer(BinderMount mount) {
        super(mount);
        withMainClass(MAIN_CLASS);
        waitingForLine(READY_LINE);
    }
}
