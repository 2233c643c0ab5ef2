/// Refusals that depend on the upload session or on what the store holds.
extension UploadFailure {
    package static var uploadNotFound: Self {
        Self(
            .uploadNotFound,
            "there is no such upload of this user and file; start the file again, or check user_id, file_id, upload_id"
        )
    }

    /// The session is open, but the store has lost its upload.
    package static var uploadGone: Self {
        Self(
            .uploadNotFound,
            "the store no longer has this upload; abort it, then start the file again"
        )
    }

    package static var fileConflict: Self {
        Self(
            .fileConflict,
            "the file has an open upload with another part_count or content_type; "
                + "repeat its start request unchanged, or abort that upload first"
        )
    }

    package static var uploadConflict: Self {
        Self(
            .uploadConflict,
            "upload_id is not that of the file's upload; use the one that the latest start request's result gave"
        )
    }

    package static var alreadyCompleted: Self {
        Self(.alreadyCompleted, "the file is complete already; upload another under a new file_id")
    }

    package static var uploadAborted: Self {
        Self(.uploadAborted, "the upload was aborted; start the file again to get a new upload_id")
    }

    package static var uploadExpired: Self {
        Self(.uploadExpired, "the upload has expired; start the file again to get a new upload_id")
    }

    package static var partMismatch: Self {
        Self(
            .partMismatch,
            "the store does not have a part with the number and ETag given; put the part again, "
                + "and send the ETag that the store answers with"
        )
    }

    package static var partTooSmall: Self {
        Self(.partTooSmall, "every part but the last must be at least 5 MiB; put the small ones again, larger")
    }

    /// The store refuses for good; `reason` is its own code or words, without secrets.
    package static func storageRejected(_ reason: String) -> Self {
        Self(.storageRejected, "the store refuses the request, and will again: \(self.storesWords(reason))")
    }

    /// The store could not be asked; `reason` is its own code or words, without secrets.
    package static func storageUnavailable(_ reason: String) -> Self {
        let message =
            "the store could not be reached or was too busy; send the request again: \(self.storesWords(reason))"
        return Self(.storageUnavailable, message)
    }

    /// The store is not to blame: the broker took no result, or the database stored nothing.
    package static func notSettled(inDeliveries count: Int) -> Self {
        let message =
            "the session could not be saved, or the result not be published, in \(count) deliveries; send the request again"
        return Self(.storageUnavailable, message)
    }

    /// Short and printable: a message becomes a header of the dead letter too.
    private static func storesWords(_ reason: String) -> String {
        Glimpse.printable(reason, maxLength: 256)
    }
}
