/** What Android has no word for: the device a program uses, and data read in place. */
package io.github.binder4j;
