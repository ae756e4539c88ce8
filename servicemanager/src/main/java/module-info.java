/** The service manager daemon. */
module io.github.binder4j.servicemanager {
    requires io.github.binder4j;
}
