/// How the handling of a request went.
package enum Outcome: Equatable, Sendable {
    /// Served, or refused for good, after the store was asked.
    case answered(UploadResult)
    /// Served or refused by what is known here; says nothing of the store.
    case answeredWithoutStore(UploadResult)
    /// The store could not be asked; later it may.
    case passing(UploadFailure)
    /// The store refuses, and will again.
    case permanent(UploadFailure)
}
