extension UploadResult {
    /// The id of the message that answers a request: the same whenever the same request is answered the same way.
    ///
    /// The requester's message id, its kind and its file say which request it is; without such an id, the properties
    /// that a request keeps when it comes again, and its body. Another request may then look the same (a start, after its
    /// upload was aborted), so that the upload counts too: who drops what he has seen must hear of the second one.
    package func messageID(for request: RequestIdentity) -> String {
        var name = NameBasedUUID(namespace: Self.namespace)
        name.append(self.type)
        name.append(request.kind.rawValue)
        name.append(request.file?.userID.rawValue.utf8)
        name.append(request.file?.fileID.rawValue.utf8)
        if let messageID = request.messageID, !messageID.isEmpty {
            name.append("message_id")
            name.append(messageID)
        } else {
            name.append("properties")
            name.append(request.correlationID)
            name.append(request.replyTo)
            name.append(request.timestamp.map { String($0).utf8 })
            name.append(request.body)
            if let uploadID = self.uploadID { name.append(uploadID.rawValue) }
        }
        return name.text
    }

    private var uploadID: UploadID? {
        switch self {
        case .started(let grant), .resumed(let grant, _): grant.session.uploadID
        case .completed(let session, _), .aborted(let session), .expired(let session): session.uploadID
        case .failed(let failed): failed.subject.uploadID
        }
    }

    /// b64f9d1d-8596-4fd2-9b54-1003b83b3e47, drawn once: what every name here begins with.
    fileprivate static let namespace: [UInt8] = [
        0xB6, 0x4F, 0x9D, 0x1D, 0x85, 0x96, 0x4F, 0xD2, 0x9B, 0x54, 0x10, 0x03, 0xB8, 0x3B, 0x3E, 0x47,
    ]
}

extension Session {
    /// The id of the message that tells of the session's expiry: the same from every worker that expires the upload.
    package var expiryMessageID: String {
        var name = NameBasedUUID(namespace: UploadResult.namespace)
        name.append(UploadResult.expired(self).type)
        name.append(self.file.userID.rawValue)
        name.append(self.file.fileID.rawValue)
        name.append(self.uploadID.rawValue)
        return name.text
    }
}
