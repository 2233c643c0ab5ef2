extension S3Client { package func location(ofKey key: String) -> String { "" } }
