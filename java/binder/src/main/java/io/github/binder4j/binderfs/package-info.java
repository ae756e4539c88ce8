/**
 * What the driver offers besides its devices: binderfs instances, the driver's logs as typed values, and its reports of failed
 * transactions.
 *
 * <p>{@link io.github.binder4j.binderfs.Binderfs} mounts and changes instances, for which one must be root. {@link
 * io.github.binder4j.binderfs.BinderLogs} reads the driver's logs, also where there is no binderfs. What it returns is immutable. Nothing here
 * opens a device.
 */
package io.github.binder4j.binderfs;
