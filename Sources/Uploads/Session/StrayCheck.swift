import FoundationEssentials

/// A file under whose key the store may have an upload that no session names, to be looked for later: a Create whose
/// answer was lost, or whose worker was killed before it saved the session, leaves one.
///
/// Such an upload may also be the session of a worker with another database, or still be on its way to the store, so it
/// is looked for only when all URLs that it was opened with have ended. A session whose end that other worker has put off
/// since is left alone as long as parts come.
package struct StrayCheck: Hashable, Sendable {
    package let file: FileReference
    package let key: ObjectKey
    package let notedAt: Date

    package init(file: FileReference, key: ObjectKey, notedAt: Date) {
        self.file = file
        self.key = key
        self.notedAt = notedAt
    }
}
