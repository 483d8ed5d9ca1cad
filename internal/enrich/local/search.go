package local

import (
	"context"
	"errors"

	"github.com/npiflow/npiflow/internal/record"
)

// Query is what to search for.
type Query struct{}

// ErrNoIndex says that a registry was imported without its search indexes.
var ErrNoIndex = errors.New("search the local registry: it was imported without --search; import the monthly file again with it")

// Search finds providers.
func (s *Store) Search(ctx context.Context, q Query, skip, limit int) ([]*record.Entry, error) {
	return nil, ErrNoIndex
}
