import Foundation

/// The content type that a file's ending stands for, among those that workers take by default.
enum ContentTypeByEnding {
    private static let types = [
        "jpg": "image/jpeg", "jpeg": "image/jpeg", "png": "image/png", "mp4": "video/mp4", "heif": "image/heif",
        "heic": "image/heic", "mov": "video/quicktime", "qt": "video/quicktime", "webp": "image/webp",
        "3gp": "video/3gpp", "webm": "video/webm", "gif": "image/gif", "m4v": "video/x-m4v", "bmp": "image/bmp",
    ]

    /// Nil where the ending is unknown: the object then becomes `application/octet-stream`.
    static func contentType(ofPath path: String) -> String? {
        self.types[URL(fileURLWithPath: path).pathExtension.lowercased()]
    }
}
