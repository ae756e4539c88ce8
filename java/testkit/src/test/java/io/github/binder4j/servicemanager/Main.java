package io.github.binder4j.servicemanager;

/** Stands in for the real service manager, which the test kit does not depend on: says that it serves, and stays. */
final class Main {

    private Main() {}

    public static void main(String[] args) throws InterruptedException {
        System.out.println("servicemanager: ready");
        Thread.currentThread().join();
    }
}
