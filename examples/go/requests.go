package main

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	amqp "github.com/rabbitmq/amqp091-go"
)

// Result is the JSON of a result, which a backend can pass on as it is.
type Result = json.RawMessage

// ErrNoAnswer: no result in time. Whether the request took effect is unknown; asking the same again is safe.
var ErrNoAnswer = errors.New("no result in time; does a worker run?")

var errUnroutable = fmt.Errorf("%w (no queue takes it; run `upload-worker setup`)", ErrNoAnswer)

// UploadFailed is the worker's answer that a request has failed: `upload.failed`.
type UploadFailed struct {
	Request string `json:"request"`
	Failure struct {
		Status    int    `json:"status"`
		Code      string `json:"code"`
		Message   string `json:"message"`
		Retryable bool   `json:"retryable"`
	} `json:"error"`
}

func (e *UploadFailed) Error() string {
	return fmt.Sprintf("%s: %s (%d): %s", e.Request, e.Failure.Code, e.Failure.Status, e.Failure.Message)
}

// Requests sends requests, one at a time, and sends one without an answer again after a lost connection. A service that
// asks from several goroutines takes one each, or reads the results of all in one and hands them out by correlation id.
type Requests struct {
	URL      string
	Exchange string

	connection *amqp.Connection
	channel    *amqp.Channel
	replyTo    string
	results    <-chan amqp.Delivery
	returned   <-chan amqp.Return
	closed     <-chan *amqp.Error
}

// Ask gives the result of a `start`, `complete`, `resume` or `abort`: *UploadFailed where the worker says so, ErrNoAnswer
// where the context ends first.
func (r *Requests) Ask(ctx context.Context, kind string, body any) (Result, error) {
	data, err := json.Marshal(body)
	if err != nil {
		return nil, err
	}
	id := newID() // the same each time it is sent: it is the same request
	for {
		result, err := r.try(ctx, kind, id, data)
		switch {
		case err == nil:
			return answered(result)
		case errors.Is(err, errUnroutable):
			return nil, fmt.Errorf("%s: %w", kind, err)
		}
		r.Close()
		select {
		case <-ctx.Done():
			return nil, noAnswer(kind, err)
		case <-time.After(time.Second):
		}
	}
}

// noAnswer names the broker's own complaint alone: other errors may hold the URL, and so the password.
func noAnswer(kind string, cause error) error {
	var complaint *amqp.Error
	if errors.As(cause, &complaint) {
		return fmt.Errorf("%s: %w (%s)", kind, ErrNoAnswer, complaint.Reason)
	}
	return fmt.Errorf("%s: %w", kind, ErrNoAnswer)
}

func answered(result Result) (Result, error) {
	var head struct {
		Type string `json:"type"`
	}
	if err := json.Unmarshal(result, &head); err != nil {
		return nil, err
	}
	if head.Type != "upload.failed" {
		return result, nil
	}
	failed := &UploadFailed{}
	if err := json.Unmarshal(result, failed); err != nil {
		return nil, err
	}
	return nil, failed
}

// try sends the request over the connection there is, or a new one, and reads until its own result comes.
func (r *Requests) try(ctx context.Context, kind, id string, body []byte) (Result, error) {
	if err := r.connect(); err != nil {
		return nil, err
	}
	message := amqp.Publishing{
		ContentType:   "application/json",
		DeliveryMode:  amqp.Persistent,
		MessageId:     id,
		CorrelationId: id,
		ReplyTo:       r.replyTo,
		Body:          body,
	}
	confirm, err := r.channel.PublishWithDeferredConfirmWithContext(ctx, r.Exchange, kind, true, false, message)
	if err != nil {
		return nil, err
	}
	if !confirm.Wait() {
		return nil, r.reason()
	}
	for {
		select {
		case <-ctx.Done():
			return nil, ctx.Err()
		case <-r.returned:
			return nil, errUnroutable
		case delivery, isOpen := <-r.results:
			if !isOpen {
				return nil, r.reason()
			}
			if delivery.CorrelationId == id {
				return delivery.Body, nil
			}
			// Seen before (results may come twice), or the answer to a request that was given up.
		}
	}
}

// reason is why the channel has closed, in the broker's words where it said any.
func (r *Requests) reason() error {
	select {
	case complaint := <-r.closed:
		if complaint != nil {
			return complaint
		}
	default:
	}
	return amqp.ErrClosed
}

func (r *Requests) connect() error {
	if r.connection != nil && !r.connection.IsClosed() && !r.channel.IsClosed() {
		return nil
	}
	r.Close()
	var err error
	if r.connection, err = amqp.Dial(r.URL); err != nil {
		return err
	}
	if r.channel, err = r.connection.Channel(); err != nil {
		return err
	}
	if err = r.channel.Confirm(false); err != nil {
		return err
	}
	r.returned = r.channel.NotifyReturn(make(chan amqp.Return, 1))
	r.closed = r.channel.NotifyClose(make(chan *amqp.Error, 1))
	r.replyTo = "upload-results-" + newID() // a name of one's own: the worker answers to no `amq.gen-…`
	if _, err = r.channel.QueueDeclare(r.replyTo, false, true, true, false, nil); err != nil {
		return err
	}
	r.results, err = r.channel.Consume(r.replyTo, "", true, true, false, false, nil)
	return err
}

// Close ends the connection, and the reply queue with it.
func (r *Requests) Close() {
	if r.connection != nil {
		r.connection.Close() // one that is lost already has nothing left to close
	}
	r.connection, r.channel = nil, nil
}

func newID() string {
	var bytes [16]byte
	if _, err := rand.Read(bytes[:]); err != nil {
		panic(err)
	}
	return fmt.Sprintf("%x-%x-%x-%x-%x", bytes[:4], bytes[4:6], bytes[6:8], bytes[8:10], bytes[10:])
}
