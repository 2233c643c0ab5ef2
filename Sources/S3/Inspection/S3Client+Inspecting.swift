internal import FoundationEssentials

/// What only a look at the store from outside needs.
extension S3Client {
    /// Asks once for open uploads under the prefix: whatever comes back tells of the bucket, its region and the clock.
    package func inspectBucket(prefix: String) async -> BucketAnswer {
        let request = S3Request(
            operation: .listMultipartUploads,
            method: .get,
            key: nil,
            query: [("max-uploads", "1"), ("prefix", prefix), ("uploads", "")]
        )
        let sent = Date()
        do throws(S3Error) {
            let response = try await self.sendOnce(request)
            return self.answer(response, to: request, at: sent.addingTimeInterval(Date().timeIntervalSince(sent) / 2))
        } catch {
            return BucketAnswer(error: error, date: sent)
        }
    }

    private func answer(_ response: HTTPResponse, to request: S3Request, at date: Date) -> BucketAnswer {
        var answer = BucketAnswer(date: date)
        answer.serverDate = response.headers["date"].flatMap(HTTPDate.date)
        let named = try? XMLReader.read(response.body)["Region"]
        answer.region = (response.headers["x-amz-bucket-region"] ?? named).flatMap(S3Error.token)
        do throws(S3Error) {
            _ = try S3Response(response, to: request, region: self.configuration.region)
        } catch {
            answer.error = error
        }
        return answer
    }

    /// The bucket's CORS rules; none where it has no such configuration.
    package func corsRules() async throws(S3Error) -> [CORSRule] {
        let request = S3Request(operation: .getBucketCors, method: .get, key: nil, query: [("cors", "")])
        do throws(S3Error) {
            return try await self.call(request) { response throws(S3Error) in
                try response.root(named: "CORSConfiguration").children(named: "CORSRule").map(CORSRule.init)
            }
        } catch {
            guard error.code == "NoSuchCORSConfiguration" else { throw error }
            return []
        }
    }

    /// The bucket's rules that abort uploads; none where it has no lifecycle configuration.
    package func abortRules() async throws(S3Error) -> [AbortRule] {
        let request = S3Request(operation: .getBucketLifecycle, method: .get, key: nil, query: [("lifecycle", "")])
        do throws(S3Error) {
            return try await self.call(request) { response throws(S3Error) in
                try response.root(named: "LifecycleConfiguration").children(named: "Rule").compactMap(AbortRule.init)
            }
        } catch {
            guard error.code == "NoSuchLifecycleConfiguration" else { throw error }
            return []
        }
    }
}
