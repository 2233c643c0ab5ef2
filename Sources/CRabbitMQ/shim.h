// librabbitmq for Swift: its headers, and what Swift cannot call by itself (variadic functions, eventfd).
#ifndef UPLOAD_WORKER_CRABBITMQ_SHIM_H
#define UPLOAD_WORKER_CRABBITMQ_SHIM_H

#include <amqp.h>
#include <amqp_framing.h>
#include <amqp_ssl_socket.h>
#include <amqp_tcp_socket.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/eventfd.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/time.h>

/// amqp_login_with_properties is variadic; this is its PLAIN form.
static inline amqp_rpc_reply_t crabbitmq_login(amqp_connection_state_t connection, const char *virtual_host,
                                               int channel_max, int frame_max, int heartbeat,
                                               const amqp_table_t *properties, const char *user,
                                               const char *password) {
    return amqp_login_with_properties(connection, virtual_host, channel_max, frame_max, heartbeat, properties,
                                      AMQP_SASL_METHOD_PLAIN, user, password);
}

static inline int crabbitmq_eventfd(void) { return eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK); }

/// How long sent bytes may stay unacknowledged before the kernel gives the connection up.
static inline int crabbitmq_set_user_timeout(int socket, unsigned int milliseconds) {
    return setsockopt(socket, IPPROTO_TCP, TCP_USER_TIMEOUT, &milliseconds, sizeof milliseconds);
}

/// The calling thread's name, as shown by top and gdb; 15 bytes are kept.
static inline void crabbitmq_name_thread(const char *name) { prctl(PR_SET_NAME, name, 0, 0, 0); }

#endif
