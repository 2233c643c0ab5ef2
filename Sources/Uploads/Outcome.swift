/// How the handling of a request went.
package enum Outcome: Equatable, Sendable {
    /// Served, or refused for good.
    case answered(UploadResult)
    /// The store could not be asked; later it may.
    case passing(UploadFailure)
    /// The store refuses, and will again.
    case permanent(UploadFailure)
}
