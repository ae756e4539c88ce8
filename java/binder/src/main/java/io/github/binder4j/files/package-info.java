/** File descriptors: their numbers, and who closes them. */
package io.github.binder4j.files;
