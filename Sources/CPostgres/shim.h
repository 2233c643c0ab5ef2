// libpq for Swift: its header, and the names of an error's fields, which are macros of character constants.
#ifndef UPLOAD_WORKER_CPOSTGRES_SHIM_H
#define UPLOAD_WORKER_CPOSTGRES_SHIM_H

#include <libpq-fe.h>

static inline const char *cpostgres_sqlstate(const PGresult *result) {
    return PQresultErrorField(result, PG_DIAG_SQLSTATE);
}

static inline const char *cpostgres_message(const PGresult *result) {
    return PQresultErrorField(result, PG_DIAG_MESSAGE_PRIMARY);
}

#endif
