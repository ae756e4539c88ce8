/**
 * The payload of a transaction and its object table, in the encoding of libbinder's Parcel (Android 13 and later for
 * binders, 11 and later for the interface token).
 *
 * <p>Knows no threads and no ioctl.
 */
package io.github.binder4j.parcel;
