/*
 * binderfs counts references to IPC namespaces by two names that some kernels (6.1) do not export to modules. The same
 * two things by ways that are exported. Included before the driver's sources where Module.symvers lacks the names.
 */
#include <linux/ipc_namespace.h>
#include <linux/nsproxy.h>
#include <linux/proc_ns.h>
#include <linux/sched/task.h>

#define init_ipc_ns (*init_task.nsproxy->ipc_ns)
#define put_ipc_ns(namespace) ((namespace)->ns.ops->put(&(namespace)->ns))
