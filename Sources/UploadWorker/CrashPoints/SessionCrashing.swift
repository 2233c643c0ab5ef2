#if CRASH_POINTS
    /// Puts crash points around every call to the session store that matters to a request.
    struct SessionCrashing: SessionInterceptor {
        func around<Value>(_ call: SessionCall, _ body: () async throws -> Value) async throws -> Value {
            let (begins, done) = Self.points(around: call)
            begins?.pass()
            let value = try await body()
            done?.pass()
            return value
        }

        private static func points(around call: SessionCall) -> (begins: CrashPoint?, done: CrashPoint?) {
            switch call {
            case .sessions: (nil, .sessionsReadDone)
            case .insert: (.insertBegins, .insertDone)
            case .extend: (.extendBegins, .extendDone)
            case .end: (.endBegins, .endDone)
            case .note: (.strayNoteBegins, .strayNoteDone)
            case .forgetCheck: (.strayForgetBegins, .strayForgetDone)
            case .forgetEnded: (nil, .forgetDone)
            case .beginExpiry, .overdue, .strayChecks, .counts, .proveWritable: (nil, nil)
            }
        }
    }
#endif
