// Uploads a file through upload-worker: start, every part by PUT to its presigned URL, complete.
//
//	go mod init upload && go get github.com/rabbitmq/amqp091-go && go build -o upload .
//	AMQP_URL=amqp://… ./upload FILE USER_ID [FILE_ID [CONTENT_TYPE]]
//
// or, with Debian's packages golang-go and golang-github-rabbitmq-amqp091-go-dev and nothing else:
//
//	GO111MODULE=off GOPATH=/usr/share/gocode go build -o upload main.go requests.go
//
// `make run` prints its AMQP_URL; TOPOLOGY_PREFIX is `uploads`, ANSWER_TIMEOUT 30 s where they are not set. Prints the
// result of complete. Status: 0 done; 1 failed for good; 64 wrong arguments; 75 no answer, or a failure that passes: run
// it again with the same FILE_ID.
package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math/rand"
	"net/http"
	"os"
	"time"
)

const (
	usualPart = 8 << 20 // S3 wants at least 5 MiB in each part but the last
	mostParts = 20
	tries     = 4
)

// PartFailed is what the store answered to a part's PUT. A signed URL is a secret: no message names it.
type PartFailed struct {
	Number  int
	Reason  string
	CanPass bool
}

func (e *PartFailed) Error() string { return fmt.Sprintf("part %d: %s", e.Number, e.Reason) }

var store = &http.Client{Timeout: 10 * time.Minute}

// put sends one part, once, and gives its ETag.
func put(file *os.File, number int, offset, size int64, url string) (string, error) {
	var body io.Reader = io.NewSectionReader(file, offset, size)
	if size == 0 {
		body = http.NoBody
	}
	request, err := http.NewRequest(http.MethodPut, url, body)
	if err != nil {
		return "", &PartFailed{number, "its URL is none", false}
	}
	request.ContentLength = size
	response, err := store.Do(request)
	if err != nil {
		return "", &PartFailed{number, "the store does not answer", true}
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusOK {
		canPass := response.StatusCode >= 500 || response.StatusCode == 408 || response.StatusCode == 429
		return "", &PartFailed{number, fmt.Sprintf("the store answered %d", response.StatusCode), canPass}
	}
	return response.Header.Get("ETag"), nil
}

func putWithRetries(file *os.File, number int, offset, size int64, url string) (string, error) {
	for attempt := 1; ; attempt++ {
		etag, err := put(file, number, offset, size, url)
		if err == nil || attempt == tries || !canPass(err) {
			return etag, err
		}
		time.Sleep(time.Duration(rand.Int63n(int64(time.Second) << attempt)))
	}
}

func upload(requests *Requests, path, userID, fileID string, contentType *string, timeout time.Duration) (Result, error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	info, err := file.Stat()
	if err != nil {
		return nil, err
	}
	size := info.Size()
	partSize := (size + mostParts - 1) / mostParts
	if partSize < usualPart {
		partSize = usualPart
	}
	partCount := (size + partSize - 1) / partSize
	if partCount == 0 {
		partCount = 1
	}

	ask := func(kind string, body map[string]any) (Result, error) {
		ctx, cancel := context.WithTimeout(context.Background(), timeout)
		defer cancel()
		body["file_id"], body["user_id"] = fileID, userID
		return requests.Ask(ctx, kind, body)
	}
	result, err := ask("start", map[string]any{"part_count": partCount, "content_type": contentType})
	if err != nil {
		return nil, err
	}
	var started struct {
		UploadID      string   `json:"upload_id"`
		PresignedURLs []string `json:"presigned_urls"`
	}
	if err := json.Unmarshal(result, &started); err != nil {
		return nil, err
	}
	var parts []map[string]any
	for index, url := range started.PresignedURLs {
		offset := int64(index) * partSize
		length := partSize
		if size-offset < length {
			length = size - offset
		}
		etag, err := putWithRetries(file, index+1, offset, length, url)
		if err != nil {
			return nil, err
		}
		parts = append(parts, map[string]any{"part_number": index + 1, "etag": etag})
	}
	return ask("complete", map[string]any{"upload_id": started.UploadID, "parts": parts})
}

func canPass(err error) bool {
	var failed *UploadFailed
	var part *PartFailed
	switch {
	case errors.As(err, &failed):
		return failed.Failure.Retryable
	case errors.As(err, &part):
		return part.CanPass
	default:
		return errors.Is(err, ErrNoAnswer)
	}
}

func setting(name, otherwise string) string {
	if value := os.Getenv(name); value != "" {
		return value
	}
	return otherwise
}

func main() {
	timeout, err := time.ParseDuration(setting("ANSWER_TIMEOUT", "30") + "s")
	if len(os.Args) < 3 || len(os.Args) > 5 || os.Getenv("AMQP_URL") == "" || err != nil {
		fmt.Fprintln(os.Stderr, "usage: AMQP_URL=amqp://… upload FILE USER_ID [FILE_ID [CONTENT_TYPE]]")
		os.Exit(64)
	}
	fileID := newID()
	if len(os.Args) > 3 && os.Args[3] != "" {
		fileID = os.Args[3]
	}
	var contentType *string
	if len(os.Args) > 4 {
		contentType = &os.Args[4]
	}
	requests := &Requests{URL: os.Getenv("AMQP_URL"), Exchange: setting("TOPOLOGY_PREFIX", "uploads")}
	result, err := upload(requests, os.Args[1], os.Args[2], fileID, contentType, timeout)
	requests.Close()
	switch {
	case err == nil:
		fmt.Println(string(result))
	case canPass(err):
		fmt.Fprintf(os.Stderr, "error: %v\nrun it again with the file id %s\n", err, fileID)
		os.Exit(75)
	default:
		fmt.Fprintf(os.Stderr, "error: %v\n", err)
		os.Exit(1)
	}
}
