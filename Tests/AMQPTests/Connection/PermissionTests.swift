import CRabbitMQ
import Testing

@testable import AMQP

@Suite("A missing permission")
struct PermissionTests {
    @Test(
        "is named after what the broker refused",
        arguments: [
            (AMQP_EXCHANGE_DECLARE_METHOD, "exchange 'e'", Permission.configure),
            (AMQP_QUEUE_DECLARE_METHOD, "queue 'q'", .configure),
            (AMQP_QUEUE_DECLARE_METHOD, "exchange 'dead'", .write),
            (AMQP_QUEUE_BIND_METHOD, "queue 'q'", .write), (AMQP_QUEUE_BIND_METHOD, "exchange 'e'", .read),
            (AMQP_BASIC_PUBLISH_METHOD, "exchange 'amq.default'", .write),
            (AMQP_BASIC_CONSUME_METHOD, "queue 'q'", .read), (AMQP_BASIC_GET_METHOD, "queue 'q'", .read),
            (AMQP_CONFIRM_SELECT_METHOD, "queue 'q'", nil),
        ] as [(amqp_method_number_t, String, Permission?)]
    )
    func named(method: amqp_method_number_t, entity: String, expected: Permission?) {
        let text = "ACCESS_REFUSED - access to \(entity) in vhost '/' refused for user 'u'"
        #expect(Permission(method: method, refusedEntity: text) == expected)
    }
}
