#if PostgreSQL
    /// A statement that each connection prepares once, under its name; one without a name, anew each time.
    package struct Statement: Sendable {
        package let name: String
        package let sql: String

        package init(_ name: String, _ sql: String) {
            self.name = name
            self.sql = sql
        }
    }

    /// What a statement gave, copied out of libpq's memory; values in PostgreSQL's text form.
    package struct Rows: Sendable {
        package var values: [[String?]] = []
        /// How many rows it wrote, or read.
        package var affected = 0
    }
#endif
