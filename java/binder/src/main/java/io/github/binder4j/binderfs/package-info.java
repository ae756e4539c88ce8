/** What the driver offers besides its devices: binderfs, its logs, and its reports of failed transactions. */
package io.github.binder4j.binderfs;
