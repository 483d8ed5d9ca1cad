package enrich

import (
	"context"
	"errors"
	"fmt"

	"github.com/go-json-experiment/json"
	"github.com/nats-io/nats.go/jetstream"

	"github.com/npiflow/npiflow/internal/record"
)

type kvStore struct{ kv jetstream.KeyValue }

// NewKVStore keeps shared answers in a JetStream key-value bucket: the key is
// the NPI's ten digits, the value the entry as JSON. What cannot be read as the
// entry of its key is a miss, so a bucket written by another version does no
// harm.
func NewKVStore(kv jetstream.KeyValue) Store { return kvStore{kv} }

func (s kvStore) Get(ctx context.Context, npi record.NPI) (*record.Entry, error) {
	value, err := s.kv.Get(ctx, npi.String())
	if errors.Is(err, jetstream.ErrKeyNotFound) || errors.Is(err, jetstream.ErrKeyDeleted) {
		return nil, ErrMiss
	}
	if err != nil {
		return nil, fmt.Errorf("read a shared answer: %w", err)
	}
	return decodeEntry(npi, value.Value())
}

func (s kvStore) Put(ctx context.Context, e *record.Entry) error {
	value, err := json.Marshal(e)
	if err != nil {
		return fmt.Errorf("write a shared answer: %w", err)
	}
	if _, err := s.kv.Put(ctx, e.NPI.String(), value); err != nil {
		return fmt.Errorf("write a shared answer: %w", err)
	}
	return nil
}

// decodeEntry gives ErrMiss for everything that is not npi's entry.
func decodeEntry(npi record.NPI, value []byte) (*record.Entry, error) {
	e := new(record.Entry)
	if json.Unmarshal(value, e) != nil || e.NPI != npi {
		return nil, ErrMiss
	}
	e.Summarize() // one stored by a version before that had not
	return e, nil
}
