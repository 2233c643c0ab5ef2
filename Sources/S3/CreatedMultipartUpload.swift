/// An upload that the store has opened.
package struct CreatedMultipartUpload: Sendable, Equatable {
    package let uploadID: String
    /// Whether an earlier try of the same call, whose answer was lost, may have opened another.
    package let mayHaveTwin: Bool

    package init(uploadID: String, mayHaveTwin: Bool) {
        self.uploadID = uploadID
        self.mayHaveTwin = mayHaveTwin
    }
}
