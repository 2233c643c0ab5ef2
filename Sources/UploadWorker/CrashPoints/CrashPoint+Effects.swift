import Uploads

/// Puts crash points around every effect of the worker; in a release build gives back what it was given.
enum CrashPoints {
    #if CRASH_POINTS
        static func around(_ store: any MultipartStore) -> any MultipartStore {
            InterceptedStore(store: store, interceptor: StoreCrashing())
        }
        static func around(_ sessions: any SessionStore) -> any SessionStore {
            InterceptedSessions(sessions: sessions, interceptor: SessionCrashing())
        }
        static func around(_ settler: any DeliverySettler) -> any DeliverySettler { CrashingSettler(settler: settler) }
        static func around(_ publisher: any MessagePublisher, _ names: TopologyNames) -> any MessagePublisher {
            CrashingPublisher(publisher: publisher, names: names)
        }
    #else
        static func around(_ store: any MultipartStore) -> any MultipartStore { store }
        static func around(_ sessions: any SessionStore) -> any SessionStore { sessions }
        static func around(_ settler: any DeliverySettler) -> any DeliverySettler { settler }
        static func around(_ publisher: any MessagePublisher, _ names: TopologyNames) -> any MessagePublisher {
            publisher
        }
    #endif
}

#if CRASH_POINTS
    extension CrashPoint {
        static func around<Value, Failure: Error>(
            _ begins: CrashPoint,
            _ done: CrashPoint,
            _ effect: () async throws(Failure) -> Value
        ) async throws(Failure) -> Value {
            begins.pass()
            let value = try await effect()
            done.pass()
            return value
        }
    }
#endif
