/// A retry: how long to hold the request, and what it then carries.
package struct RetryStep: Hashable, Sendable {
    package let delayMilliseconds: Int
    package let attempts: Attempts

    package init(delayMilliseconds: Int, attempts: Attempts) {
        self.delayMilliseconds = delayMilliseconds
        self.attempts = attempts
    }
}
