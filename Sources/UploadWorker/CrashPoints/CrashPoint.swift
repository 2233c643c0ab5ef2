/// A place at which `make torture` kills the process, and counts that it was reached.
///
/// In a release build passing one does nothing: see `CRASH_POINTS` in Package.swift.
enum CrashPoint {
    // Effects: before it begins, after it is done. `Done` is not passed where the effect failed.
    case deliveryReceived
    case sessionsReadDone
    case insertBegins, insertDone, extendBegins, extendDone, endBegins, endDone
    case strayNoteBegins, strayNoteDone, strayForgetBegins, strayForgetDone, forgetDone
    case createBegins, createDone, completeBegins, completeDone, abortBegins, abortDone
    case listPartsBegins, listPartsDone, listUploadsBegins, listUploadsDone, headObjectBegins, headObjectDone
    case headBucketBegins, headBucketDone
    case answerBegins, answerConfirmed, retryBegins, retryConfirmed, deadLetterBegins, deadLetterConfirmed
    case expiryBegins, expiryConfirmed
    case acknowledgeBegins, acknowledgePosted, rejectPosted, releasePosted

    // Branches that handle a failure.
    case requestRefused, requestPutBack, requestHeld, databaseFailed
    case addressReturned, addressRefused, publicationCancelled
    case redeclared, redeclarationFailed
    case storeFailed, storeContradicted, storeBrokeRule
    case outcomePassing, outcomePermanent, outcomeCancelled
    case adoptionRefused, adoptionOvertaken
    case completeFailed, completeCancelled, completeFoundObject, completeRefused, completeUploadGone
    case completeUploadStays, completePartRefused, completePartsGone
    case objectMissing, adoptedObject, objectWithoutETag, listedUploadGone
    case resumeUploadGone, resumeFoundObject
    case abortFoundObject, abortOvertaken, abortUploadGone, abortPartsLeft, abortPartsKeepComing
    case createMayHaveTwin, openOvertaken, openOvertakenAndEnded, extendOvertaken
    case presignFailed, presignFoundObject, presignReopens
    case uploadsNotListed, strayIsSession
    case outageBegan, databaseStillDown, storeStillDown
    case sweepPutOff, expiryOvertaken, expiryFoundObject, expiryPutOff
    case stopped, stoppedAtOnce
}

#if CRASH_POINTS
    extension CrashPoint: CaseIterable {
        var name: String { String(describing: self) }

        func pass() { CrashPointWatch.shared.pass(self) }
    }
#else
    extension CrashPoint {
        @inline(__always)
        func pass() {}
    }
#endif
